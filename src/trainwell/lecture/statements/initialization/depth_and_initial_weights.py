"""C-08: how much initial weights matter, by the number of layers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import INITIALIZATIONS, WIDTH, Fields
from trainwell.lecture.experiment import Chart, Measured, Part, above, curve, measured
from trainwell.lecture.measuring import chosen, doubt, final, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

DEPTHS = (1, 2, 4, 8)
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
COMMON = 0.1
"""The one learning rate of those that are not tuned."""
BATCH, STEPS, ROWS = 100, 250, 1_000
MATTERS = 0.01  # of accuracy: a point
FLAT = 0.01
"""Where the loss at an end of the grid is nearer to the next one than this share, no rate beyond is looked for."""
TUNED, GIVEN = "rates tuned", f"rate {COMMON:g} for all"


DESIGN = Design(
    varied="hidden layers; initial weights: the lecture's three, of standard deviation 0.01, Xavier's and He's",
    fixed="hidden layers of 100 ReLU units, SGD, batches of 100, 250 updates; the same draws for all three. Each "
    "initialization at each depth has its own learning rate, the best of six on other seeds by training loss; and "
    "again all have the same",
    measured="accuracy on rows that are not trained on, after the last update; the difference between the best and the "
    "worst initialization, which are chosen on the other seeds, since the largest minus the smallest of three is above "
    "0 by chance alone; and the difference between He's and Xavier's",
    criterion="with more than one hidden layer these differences are larger than with one, by more than a point "
    "(0.01), a judgement call; from 4 to 8 layers they grow as well",
    conditions="2, 4 and 8 hidden layers against 1; 8 against 4; learning rates tuned, or 0.1 for all; all three "
    "initializations, or Xavier's and He's alone",
    precision="10 seeds, paired; on MNIST 2,000 rows for validation, the same for all",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-08."""
    depths, seeds, others, tried, steps = setup.of((DEPTHS, 10, 2, RATES, STEPS), ((1, 4), 6, 1, RATES[1:], 70))
    data = rows_of(setup)
    recipes = {key: one.evolve(steps=steps) for key, one in recipes_of(data, depths, INITIALIZATIONS).items()}
    tuned = tuned_on(setup, data, recipes, tried, range(100, 100 + others))
    contenders = {
        f"{when}, {key}": recipe.evolve(learning_rate=tuned[key].rate if when == TUNED else COMMON)
        for when in (TUNED, GIVEN)
        for key, recipe in recipes.items()
    }
    trained = setup.train_each(data, contenders, range(seeds))
    found = {when: {key: accuracies(trained[f"{when}, {key}"], data) for key in recipes} for when in (TUNED, GIVEN)}
    return (
        matters(found[TUNED], depths, TUNED, tuned),
        matters(found[GIVEN], depths, GIVEN),
        he_over_xavier(found[TUNED], depths, tuned),
    )


STATEMENT = Statement(
    "C-08",
    DESIGN,
    "Use the initialization made for the activation function, whatever the depth: it costs nothing. If a deep network "
    "does not learn at any learning rate, check its initial weights.",
    examined,
    trains=True,
)


def rows_of(setup: Setup) -> Dataset:
    """All rows but some for validation."""
    data = setup.data.part(None, "unused")
    kept = np.arange(min(2 * ROWS, len(data.validation)))
    return replace(data, name=f"{data.name}, of which {len(kept):,}", validation=data.validation.at(kept))


def _key(label: str, depth: int) -> str:
    return f"{label}, {depth} hidden"


def recipes_of(data: Dataset, depths: Sequence[int], schemes: Mapping[str, Fields]) -> dict[str, Recipe]:
    """A network for each initialization and depth."""
    scaled = {"inputs": "none" if data.training.inputs.dtype == np.uint8 else "standardize"}
    return {
        _key(label, depth): Recipe(
            **{**fields, "learning_rate": COMMON}, **scaled, hidden=(WIDTH,) * depth, batch_size=BATCH,
            batches="replacement", steps=STEPS, observe_every=STEPS, observe_training=ROWS,
        )
        for depth, (label, fields) in product(depths, schemes.items())
    }  # fmt: skip


@dataclass(frozen=True)
class Tuned:
    """The best rate of a grid, and whether no better one is likely beyond its ends."""

    rate: float
    within: bool


def tuned_on(
    setup: Setup, data: Dataset, recipes: Mapping[str, Recipe], tried: Sequence[float], seeds: range
) -> dict[str, Tuned]:
    """The rate with the lowest training loss, mean over seeds, for each recipe."""
    contenders = {f"{key}, {rate:g}": one.evolve(learning_rate=rate) for key, one in recipes.items() for rate in tried}
    trained = setup.train_each(data, contenders, seeds)
    return {
        key: best_of(
            tried,
            [float(np.mean(final(trained[f"{key}, {rate:g}"], "loss/training", diverged=np.inf))) for rate in tried],
        )
        for key in recipes
    }


def best_of(tried: Sequence[float], losses: Sequence[float]) -> Tuned:
    """The rate with the lowest loss; at an end of the grid it is within if its neighbour's loss is the same.

    Example:
        >>> best_of([0.1, 1.0, 10.0], [0.5, 0.3, 0.4]), best_of([0.1, 1.0, 10.0], [0.5, 0.4, 0.3]).within
        (Tuned(rate=1.0, within=True), False)
        >>> best_of([0.1, 1.0, 10.0], [2.3, 2.301, 2.302]).within
        True
    """
    best = int(np.argmin(losses))
    inner = losses[1] if best == 0 else losses[best - 1]
    is_flat = inner - losses[best] <= FLAT * losses[best]
    return Tuned(tried[best], 0 < best < len(tried) - 1 or bool(is_flat))


def accuracies(runs: Sequence[Runs], data: Dataset) -> Float[np.ndarray, " S"]:
    """After the last update; what diverged is as good as guessing."""
    return final(runs, "accuracy/validation", diverged=1 / data.num_outputs)


Found = Mapping[str, Float[np.ndarray, " S"]]
"""Accuracies by initialization and depth."""


def apart(found: Found, depth: int) -> Float[np.ndarray, " S"]:
    """Best minus worst initialization, seed by seed: the best and the worst by the mean of the other seeds.

    Chosen on the seed itself they would be apart by chance, and farther where networks are less alike.
    """
    own = np.array([found[_key(label, depth)] for label in INITIALIZATIONS])
    others, seeds = own.sum(1, keepdims=True) - own, np.arange(own.shape[1])
    return np.asarray(own[others.argmax(0), seeds] - own[others.argmin(0), seeds])


def _within(tuned: Mapping[str, Tuned], depths: Sequence[int]) -> bool:
    return all(one.within for key, one in tuned.items() if any(key.endswith(f", {depth} hidden") for depth in depths))


def matters(found: Found, depths: Sequence[int], when: str, tuned: Mapping[str, Tuned] | None = None) -> Part:
    """How far initializations are apart, by depth."""
    known = tuned or {}
    grown = {
        (few, many): paired_difference(
            f"accuracy, best minus worst initialization, with {many} hidden layers minus with {few}, {when}",
            apart(found, many),
            apart(found, few),
        )
        for few, many in _pairs(depths)
    }
    spreads = [
        measured(f"accuracy, best minus worst, {depth} hidden, {when}", mean_interval(apart(found, depth)))
        for depth in depths
    ]
    rated = [chosen(f"rate chosen, {key}", one.rate) for key, one in known.items()]
    return Part(
        "the deeper the network, the farther the three initializations are apart in accuracy, by more than a point, "
        f"with {'the learning rate of each tuned' if when == TUNED else f'the learning rate {COMMON:g} for all'}",
        tuple(
            above(number, MATTERS, f"{many} layers against {few}", doubt=doubt(_within(known, pair)))
            for pair, number in grown.items()
            for few, many in [pair]
        ),
        (*spreads, *rated),
        _chart(found, depths, when),
    )


def _pairs(depths: Sequence[int]) -> list[tuple[int, int]]:
    """The deepest first against one hidden layer, then the others, and the deepest against the one before it."""
    pairs = [(depths[0], depth) for depth in reversed(depths[1:])]
    return [*pairs, (depths[-2], depths[-1])] if len(depths) > 2 else pairs


def _chart(found: Found, depths: Sequence[int], when: str) -> Chart:
    curves = [
        curve(label, depths, [_accuracy(found, label, depth, when) for depth in depths]) for label in INITIALIZATIONS
    ]
    return Chart("hidden layers", f"accuracy, {when}", tuple(curves), log_x=True)


def _accuracy(found: Found, label: str, depth: int, when: str) -> Measured:
    return measured(f"accuracy, {label}, {depth} hidden, {when}", mean_interval(found[_key(label, depth)]))


def he_over_xavier(found: Found, depths: Sequence[int], tuned: Mapping[str, Tuned]) -> Part:
    """He's accuracy minus Xavier's, by depth."""
    ahead = {depth: found[_key("He", depth)] - found[_key("Xavier", depth)] for depth in depths}
    known = {key: one for key, one in tuned.items() if not key.startswith("std")}
    numbers = {
        pair: paired_difference(
            f"accuracy by which He's lead over Xavier's is larger with {pair[1]} hidden layers than with {pair[0]}",
            ahead[pair[1]],
            ahead[pair[0]],
        )
        for pair in _pairs(depths)
    }
    leads = [measured(f"accuracy, He minus Xavier, {depth} hidden", mean_interval(own)) for depth, own in ahead.items()]
    return Part(
        "He's lead over Xavier's, too, is larger the deeper the network, by more than a point, with the learning rate "
        "of each tuned",
        tuple(
            above(number, MATTERS, f"{pair[1]} layers against {pair[0]}", doubt=doubt(_within(known, pair)))
            for pair, number in numbers.items()
        ),
        tuple(leads),
        Chart(
            "hidden layers",
            "He's accuracy minus Xavier's",
            (curve("He minus Xavier", depths, leads),),
            log_x=True,
            bound=0.0,
        ),
    )
