"""C-23: momentum, AdaGrad and Adam against SGD, as the book runs them and with every rate tuned."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.landscape import LECTURE, LECTURE_STEPS, Descents, Surface, descend, surface
from trainwell.lecture.book import BOOK, Setting
from trainwell.lecture.experiment import Chart, Measured, Part, below, curve
from trainwell.lecture.measuring import (
    Fields,
    best_settings,
    chosen,
    doubt,
    final,
    grid,
    over_time,
    paired_ratio,
    rate_within,
    rates,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement

SETTING = BOOK["F-6-9"]
SGD = "SGD"
BOWL: Mapping[str, Fields] = {"momentum" if label == "Momentum" else label: own for label, own in LECTURE.items()}
BOWL_LENGTHS = (LECTURE_STEPS, 10, 100)  # the book's first
LENGTHS = (1_000, 300, 100)  # of the book's 2,000
WINDOW = 50  # updates whose batch losses are averaged
TUNED_LENGTHS = (300, 50)
MIDDLES = {SGD: 0.1, "momentum": 0.03, "AdaGrad": 0.03, "Adam": 0.003}
"""Of the rates that are tried on MNIST, half decades from each other."""
GRIDS = {SGD: (0.3, 0.99), "momentum": (0.01, 1.9), "AdaGrad": (0.3, 600.0), "Adam": (0.03, 10.0)}
"""Lowest and highest rate that are tried on the bowl."""
FRICTIONS = (0.2, 0.4, 0.6, 0.9)
CONDITION = 20.0  # of the bowl
TUNING_SEEDS = 1_000  # the first of them


DESIGN = Design(
    varied="the optimizer: SGD, momentum, AdaGrad or Adam; the number of updates",
    fixed="starts on the bowl x²/20 + y²; on MNIST the book's network (F-6-9), its initial weights and batches; other "
    "hyperparameters are the book's (friction 0.9, β 0.9 and 0.999). Rates are the book's, or the best of equally many "
    "for each optimizer and number of updates, chosen by the same loss from other starts or with other seeds",
    measured="the loss after a number of updates, over SGD's from the same start or with the same seed: on the bowl "
    "its height; on MNIST, as the book runs it, the mean loss on the last 50 batches, each after its update; with "
    "tuned rates the training loss of 2,000 images",
    criterion="faster means a lower loss after equally many updates: the whole interval of the ratio is below 1, for "
    "each of the three optimizers",
    conditions="after 10, 29 (the book's) and 100 updates on the bowl; after 100, 300 and 1,000 on MNIST (the first "
    "half of the book's 2,000), 50 and 300 with tuned rates. Not counted in the verdict: momentum with its friction "
    "tuned as well, and AdaGrad on a rotated bowl",
    precision="1,000 starts; 10 seeds, paired; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-23."""
    made, (starts, tried, seeds, shorter) = surface("bowl"), setup.of((1_000, 12, 10, 1), (200, 8, 6, 10))
    lengths, tuned_lengths = ([length // shorter for length in some] for some in (LENGTHS, TUNED_LENGTHS))
    window, tuning = setup.of((WINDOW, 7), (5, 3))
    grids = {label: grid(BOWL[label]["optimizer"], learning_rate=rates(*ends, tried)) for label, ends in GRIDS.items()}
    return (
        on_mnist(setup, SETTING, lengths, window, seeds),
        tuned_on_mnist(setup, SETTING, tuned_lengths, tuning, seeds, setup.of(2, 1)),
        on_the_bowl(made, BOWL, made.random_starts(starts), BOWL_LENGTHS),
        tuned_on_the_bowl(
            made,
            grids,
            starts,
            BOWL_LENGTHS,
            "with every rate tuned they still descend the bowl faster than SGD",
            "on the bowl, rates tuned",
        ),
        *_beyond(made, grids, starts),
    )


STATEMENT = Statement(
    "C-23",
    DESIGN,
    "Tune the learning rate before you change the optimizer: many differences between optimizers at given rates come "
    "from the rates.",
    examined,
    trains=True,
)

Losses: TypeAlias = Mapping[str, Mapping[int, Float[np.ndarray, " S"]]]
"""By optimizer and number of updates, one loss per start or seed."""


def _part(
    claim: str,
    where: str,
    losses: Losses,
    lengths: Sequence[int],
    doubts: Mapping[tuple[str, int], str],
    more: Sequence[Measured],
) -> Part:
    """Criteria at the lengths given; the chart has all that there are."""
    ratios = {
        (label, length): paired_ratio(
            f"loss over SGD's, {label}, after {length:,} updates {where}", own[length], losses[SGD][length]
        )
        for label, own in losses.items()
        if label != SGD
        for length in own
    }
    drawn = {label: sorted(losses[label]) for label, _ in ratios}
    return Part(
        claim,
        tuple(
            below(
                ratios[label, length], 1.0, f"{label}, after {length:,} updates", doubt=doubts.get((label, length), "")
            )
            for label in drawn
            for length in lengths
        ),
        tuple(more),
        Chart(
            "updates",
            "loss over SGD's",
            tuple(curve(label, own, [ratios[label, length] for length in own]) for label, own in drawn.items()),
            log_x=True,
            log_y=True,
            bound=1.0,
        ),
    )


def on_mnist(setup: Setup, setting: Setting, lengths: Sequence[int], window: int, seeds: int) -> Part:
    """As the book runs it: the losses on the last batches."""
    setting = replace(setting, points=max(lengths))
    dataset = setting.data(setup.data)
    contenders = {run.label: run.recipe for run in setting.runs(dataset)}
    seen = {
        label: over_time(runs, "loss/last_batch")
        for label, runs in setup.train_each(dataset, contenders, range(seeds)).items()
    }
    drawn = sorted({*lengths, *(length // 2 for length in lengths)})
    losses = {label: {n: own[:, max(0, n - window) : n].mean(1) for n in drawn} for label, own in seen.items()}
    return _part(
        "at the book's rates momentum, AdaGrad and Adam learn faster than SGD on MNIST: after as many updates the loss "
        "is lower",
        f"on {setup.data.title}",
        losses,
        lengths,
        {},
        [chosen(f"rate of the book, {label}", float(one.learning_rate or 0)) for label, one in contenders.items()],
    )


def tuned_on_mnist(setup: Setup, setting: Setting, lengths: Sequence[int], tried: int, seeds: int, tuning: int) -> Part:
    """With the best of equally many rates for each optimizer and length, chosen with other seeds."""
    dataset = setting.data(setup.data)
    common = {
        run.label: run.recipe.evolve(observe_first=None, observe_batch=False, observe_training=2_000)
        for run in setting.runs(dataset)
    }
    exponents = np.arange(tried) / 2 - (tried - 1) / 4
    grids = {label: [float(MIDDLES[label] * 10**exponent) for exponent in exponents] for label in common}
    every = int(np.gcd.reduce(lengths))
    trials = {
        f"{label} {rate}": common[label].evolve(learning_rate=rate, steps=max(lengths), observe_every=every)
        for label, own in grids.items()
        for rate in own
    }
    found = setup.train_each(dataset, trials, range(TUNING_SEEDS, TUNING_SEEDS + tuning))
    best: dict[tuple[str, int], float] = {}
    within, more = {}, []
    for length in lengths:
        for label, own in grids.items():
            costs = [_after(over_time(found[f"{label} {rate}"], "loss/training"), length // every - 1) for rate in own]
            place = int(np.argmin(costs))
            best[label, length] = own[place]
            within[label, length] = 0 < place < len(own) - 1
            more.append(chosen(f"best rate, {label}, for {length:,} updates on {setup.data.title}", own[place]))
    judged = {
        f"{label} {length}": common[label].evolve(learning_rate=rate, steps=length, observe_every=length)
        for (label, length), rate in best.items()
    }
    runs = setup.train_each(dataset, judged, range(seeds))
    losses = {
        label: {length: final(runs[f"{label} {length}"], "loss/training", diverged=np.inf) for length in lengths}
        for label in common
    }
    return _part(
        "with every rate tuned they still learn faster than SGD on MNIST",
        f"on {setup.data.title}, rates tuned",
        losses,
        lengths,
        _doubts(within),
        more,
    )


def _after(seen: Float[np.ndarray, "S T"], place: int) -> float:
    """The mean loss at an index; Inf where a network diverged."""
    return float(np.nan_to_num(seen[:, place], nan=np.inf).mean())


def on_the_bowl(
    made: Surface, contenders: Mapping[str, Fields], starts: Float[np.ndarray, "S D"], lengths: Sequence[int]
) -> Part:
    """The book's optimizers, from many starts."""
    found = descend(made, contenders, starts, max(lengths), paths=True)
    drawn = sorted({*lengths, *(2 * length for length in lengths if 2 * length < max(lengths))})
    return _part(
        "at the book's rates they descend the bowl x²/20 + y² faster than SGD",
        "on the bowl",
        {label: {n: _heights(found, n)[i] for n in drawn} for i, label in enumerate(found.labels)},
        lengths,
        {},
        (),
    )


def _beyond(made: Surface, grids: Mapping[str, Sequence[Fields]], starts: int) -> tuple[Part, Part]:
    """What decides who is faster on the bowl: momentum's friction, and that its axes are those of the parameters."""
    tried = [one["learning_rate"] for one in grids["momentum"]]
    own = {SGD: grids[SGD], "momentum": grid("momentum", learning_rate=tried, momentum=FRICTIONS)}
    turned = surface("quadratic", condition=CONDITION, rotation=1)
    doubled = [{**one, "learning_rate": 2 * one["learning_rate"]} for one in grids[SGD]]  # it is half as steep
    claims = (
        "with its friction tuned as well momentum descends the bowl faster than SGD",
        "on a bowl whose axes are not those of the parameters AdaGrad, its rate tuned, is still faster than SGD",
    )
    parts = (
        tuned_on_the_bowl(made, own, starts, BOWL_LENGTHS, claims[0], "on the bowl, friction tuned"),
        tuned_on_the_bowl(
            turned, {SGD: doubled, "AdaGrad": grids["AdaGrad"]}, starts, BOWL_LENGTHS, claims[1], "on the turned bowl"
        ),
    )
    friction, axes = (replace(part, beyond=True) for part in parts)
    return friction, axes


def tuned_on_the_bowl(
    made: Surface, grids: Mapping[str, Sequence[Fields]], starts: int, lengths: Sequence[int], claim: str, where: str
) -> Part:
    """With the best settings of each optimizer and length, chosen from other starts."""
    losses: dict[str, dict[int, Float[np.ndarray, " S"]]] = {label: {} for label in grids}
    within: dict[tuple[str, int], bool] = {}
    more = []
    learn, judge = made.random_starts(200, seed=1), made.random_starts(starts)
    for length in lengths:
        tuned = {
            label: best_settings(made, own, learn, length, cost=_last_heights, paths=True)
            for label, own in grids.items()
        }
        within |= {(label, length): rate_within(grids[label], one) for label, one in tuned.items()}
        found = descend(made, tuned, judge, length, paths=True)
        for i, label in enumerate(found.labels):
            losses[label][length] = _heights(found, length)[i]
            more.append(chosen(f"best rate, {label}, for {length} updates {where}", tuned[label]["learning_rate"]))
            if "momentum" in tuned[label]:
                more.append(chosen(f"friction, {label}, for {length} updates {where}", tuned[label]["momentum"]))
    return _part(
        claim,
        where,
        losses,
        lengths,
        _doubts(within),
        more,
    )


def _doubts(within: Mapping[tuple[str, int], bool]) -> dict[tuple[str, int], str]:
    """Of each optimizer and length, whether its rate or SGD's was at the end of its grid."""
    return {(label, length): doubt(one and within[SGD, length]) for (label, length), one in within.items()}


def _heights(found: Descents, length: int) -> Float[np.ndarray, "C S"]:
    """Values after so many updates; Inf after a descent has left."""
    assert found.path_values is not None
    return np.nan_to_num(np.asarray(found.path_values[..., length], np.float64), nan=np.inf)


def _last_heights(found: Descents) -> Float[np.ndarray, "C S"]:
    return _heights(found, found.steps)
