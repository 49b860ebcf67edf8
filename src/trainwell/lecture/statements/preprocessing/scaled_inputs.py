"""C-10: inputs that are not of mean 0 and variance 1: how sensitive the loss is, and how much harder it is to train."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float, Int
from sklearn.linear_model import LogisticRegression

from trainwell.core import stream
from trainwell.data import Dataset, Split, load_data
from trainwell.lecture.book import HE
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import chosen, doubt, final, median, over_time, paired_ratio, points_of, rates
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import first_reached
from trainwell.training import Recipe, Runs

TABLES = ("breast_cancer", "wine", "iris", "digits")
CHANGE = 0.01
"""Size of a change of the weights, as a share of theirs."""
DIRECTIONS = 16
SHIFTS, SPREADS = (1.0, 3.0, 10.0), (3.0, 10.0, 30.0)
"""Means of all inputs, in standard deviations; and their units, up to so many times larger or smaller than 1."""
MANY = "at least ten times"
LEVEL = 0.3  # training loss to be reached
HIDDEN, BATCH, ROWS = 50, 100, 1_000
EVERY = 5  # updates between two observations


DESIGN = Design(
    varied="the mean and scale of the inputs: as measured; all shifted from mean 0 by up to 10 standard deviations; "
    "each multiplied by a factor of its own, of 1/30 to 30",
    fixed="for sensitivity, the outputs of a linear classifier: it is trained on inputs of mean 0 and variance 1, and "
    "its weights and biases are then converted. For training, the network, its initial weights (He's), batches, number "
    "of updates, and the tuning of the learning rate, for each condition on other seeds: 13 rates of 1e-5 to 10, then "
    "4 more between the neighbours of the best, a factor of 1.5 apart",
    measured="the rise of the loss after a change of the weights of 1% of their size in a random direction and its "
    "opposite, mean over 16 directions; updates of SGD until the training loss is 0.3",
    criterion="far more sensitive: the loss rises at least ten times as much as with inputs of mean 0 and variance 1. "
    "Harder to train: at least twice the updates, or the loss is not reached. Both bounds are judgement calls: an "
    "order of magnitude, and a noticeable cost",
    conditions="four tables in the units they were measured in; shifts of 1, 3 and 10 standard deviations; factors up "
    "to 3, 10 and 30; training on unchanged inputs, for MNIST fractions of 255",
    precision="20 random halves of each table and 10 seeds of the network; medians with order-statistic intervals, "
    "which cover other halves, directions and seeds, not other tables",
    untested="optimizers other than SGD; batch norm, which normalizes inside the network",
)


@dataclass(frozen=True)
class Units:
    """Inputs z of mean 0 and variance 1 as z · factor + offset.

    Attributes:
        factor: of each input, above 0.
        offset: of each input.
    """

    factor: Float[np.ndarray, " D"]
    offset: Float[np.ndarray, " D"]


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-10."""
    tables, halves = setup.of((TABLES, 20), (TABLES[:3], 8))
    found = {name: table_of(name) for name in tables}
    swept = found[TABLES[0]][0].shape[1]
    shifts = {f"mean {s:g} std from 0": shifted(s, swept) for s in SHIFTS}
    spreads = {f"units {r:g} times larger or smaller": spread(r, swept) for r in SPREADS}
    return (
        as_measured({name: rises(x, y, {"own units": units}, halves) for name, (x, y, units) in found.items()}),
        *swept_units(rises(*found[TABLES[0]][:2], shifts, halves), rises(*found[TABLES[0]][:2], spreads, halves)),
        in_proportion(rises(*found[TABLES[0]][:2], spreads, halves, each=True)),
        training(setup),
    )


STATEMENT = Statement(
    "C-10",
    DESIGN,
    "Scale inputs to mean 0 and variance 1, with statistics of the training split. If you cannot, expect to need "
    "another learning rate, and more updates.",
    examined,
    trains=True,
)

Rows: TypeAlias = tuple[Float[np.ndarray, "N D"], Int[np.ndarray, " N"], Units]


def table_of(name: str) -> Rows:
    """A table's inputs at mean 0 and variance 1, its classes, and the units that it was measured in."""
    data = load_data(name)
    raw = np.asarray(data.training.flat, np.float64)
    varies = raw.std(0) > 0
    mean, std = raw.mean(0)[varies], raw.std(0)[varies]
    return (raw[:, varies] - mean) / std, np.asarray(data.training.targets), Units(std, mean)


def shifted(by: float, inputs: int) -> Units:
    """All inputs shifted by so many standard deviations."""
    return Units(np.ones(inputs), np.full(inputs, by))


def spread(factor: float, inputs: int) -> Units:
    """Factors of the inputs from 1/factor to factor, evenly spread in their logarithms, in random order."""
    order = stream(0, "units of inputs").permutation(inputs)
    return Units(np.geomspace(1 / factor, factor, inputs)[order], np.zeros(inputs))


Rises: TypeAlias = Mapping[str, Float[np.ndarray, " S"]]
"""By condition: how many times as much the loss rises as on inputs of mean 0 and variance 1; one number per half."""


def rises(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, " N"],
    units: Mapping[str, Units],
    halves: int,
    *,
    each: bool = False,
) -> Rises:
    """Rise of the loss after small changes of the weights of the same classifier, in each units over none.

    Args:
        x: inputs of mean 0 and variance 1.
        y: classes.
        units: what the inputs are converted to, and the classifier with them.
        halves: how many random halves of the rows the classifier is fitted on, and its loss is measured on.
        each: whether every weight is changed in proportion to itself, instead of all in proportion to all of them.
    """
    found: dict[str, list[float]] = {label: [] for label in units}
    for seed in range(halves):
        rows = stream(seed, "halves").permutation(len(x))[: len(x) // 2]
        fitted = LogisticRegression(max_iter=1000).fit(x[rows], y[rows])
        weights, biases = fitted.coef_, fitted.intercept_
        if len(weights) == 1:  # of two classes
            weights, biases = np.concatenate([-weights, weights]) / 2, np.concatenate([-biases, biases]) / 2
        places = np.searchsorted(fitted.classes_, y[rows])
        draws = stream(seed, "directions").standard_normal((DIRECTIONS, *weights.shape))
        plain = rise(x[rows], places, weights, biases, draws, each=each)
        for label, own in units.items():
            converted = weights / own.factor
            moved = biases - converted @ own.offset
            found[label].append(
                rise(x[rows] * own.factor + own.offset, places, converted, moved, draws, each=each) / plain
            )
    return {label: np.array(own) for label, own in found.items()}


def rise(
    x: Float[np.ndarray, "N D"],
    y: Int[np.ndarray, " N"],
    weights: Float[np.ndarray, "C D"],
    biases: Float[np.ndarray, " C"],
    draws: Float[np.ndarray, "K C D"],
    *,
    each: bool = False,
) -> float:
    """Mean rise of the cross-entropy after a small change of the weights in each direction and its opposite."""

    def loss(changed: Float[np.ndarray, "C D"]) -> float:
        logits = x @ changed.T + biases
        logits -= logits.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(logits).sum(1)) - logits[np.arange(len(y)), y]))

    begun, size = loss(weights), np.linalg.norm(weights)
    changes = [CHANGE * (weights * d if each else size * d / np.linalg.norm(d)) for d in draws]
    return float(np.mean([loss(weights + change) + loss(weights - change) for change in changes]) / 2 - begun)


def _times(what: str, values: Float[np.ndarray, " S"]) -> Measured:
    return median(f"rise of the loss / rise with scaled inputs, {what}", values)


def as_measured(found: Mapping[str, Rises]) -> Part:
    """Tables in their original units."""
    numbers = {name.replace("_", " "): _times(name.replace("_", " "), own["own units"]) for name, own in found.items()}
    return Part(
        f"in the units they were measured in, small changes of a linear classifier's weights raise its loss {MANY} as "
        "much as with inputs of mean 0 and variance 1",
        tuple(above(number, 10.0, name) for name, number in numbers.items()),
    )


def swept_units(shifts: Rises, spreads: Rises) -> tuple[Part, Part]:
    """The same on one table, against shift and units."""

    def part(claim: str, found: Rises, x_label: str, x: Sequence[float]) -> Part:
        numbers = {label: _times(label, own) for label, own in found.items()}
        return Part(
            claim,
            tuple(above(number, 10.0, label) for label, number in numbers.items()),
            (),
            Chart(
                x_label,
                "rise of the loss / rise with scaled inputs",
                (curve(TABLES[0].replace("_", " "), x, list(numbers.values())),),
                log_x=True,
                log_y=True,
                bound=10.0,
            ),
        )

    return (
        part(
            f"where only the mean of the inputs is off, the loss rises {MANY} as much",
            shifts,
            "mean of the inputs, in standard deviations",
            SHIFTS,
        ),
        part(
            f"where only the variance of the inputs is off, the loss rises {MANY} as much",
            spreads,
            "units of the inputs, times larger or smaller",
            SPREADS,
        ),
    )


def in_proportion(found: Rises) -> Part:
    """Changes of every weight in proportion to itself."""
    numbers = {
        label: _times(f"each weight changed in proportion to itself, {label}", own) for label, own in found.items()
    }
    return Part(
        "where every weight is changed in proportion to itself, the inputs' units make no difference",
        tuple(one for label, n in numbers.items() for one in (above(n, 0.99, label), below(n, 1.01, label))),
        beyond=True,
    )


def training(setup: Setup) -> Part:
    """Updates of a small network until a loss is reached, by the preparation of its inputs."""
    steps, seeds, others, tried, between = setup.of((300, 10, 2, 13, 5), (80, 6, 1, 7, 1))
    variants = variants_of(setup.data.part(ROWS, "none"), setup.of((SHIFTS, SPREADS), (SHIFTS[1:2], SPREADS[1:2])))
    recipe = Recipe(
        **HE, hidden=(HIDDEN,), optimizer="sgd", inputs="none", batch_size=BATCH, batches="replacement",
        steps=steps, observe_first=EVERY, observe_every=EVERY, observe_training=ROWS,
    )  # fmt: skip
    grid = rates(1e-5, 10.0, tried)
    other = range(100, 100 + others)
    coarse = {label: fastest_rate(setup.train_each, data, recipe, grid, other) for label, data in variants.items()}
    best = {
        label: fastest_rate(setup.train_each, data, recipe, finer(coarse[label], grid, between), other)
        for label, data in variants.items()
    }
    found = {
        label: updates_to_the_level(
            setup.train_each(data, {label: recipe.evolve(learning_rate=best[label])}, range(seeds))[label]
        )
        for label, data in variants.items()
    }
    return harder(found, best, {label: min(grid) < rate < max(grid) for label, rate in coarse.items()})


def finer(best: float, grid: Sequence[float], count: int) -> list[float]:
    """Rates between the neighbours of a grid's best, itself in their middle.

    A grid whose rates are as far apart as the criterion's bound could decide it by where its rates happen to be.

    Example:
        >>> [round(rate, 3) for rate in finer(1.0, [0.1, 1.0, 10.0], 3)]
        [0.316, 1.0, 3.162]
    """
    step = grid[1] / grid[0]
    found = rates(best / step, best * step, count + 2)[1:-1]
    found[count // 2] = best  # as it was, so that it is not trained again for a rounding
    return found


STANDARD, READ = "mean 0 and variance 1", "as they come"


def variants_of(data: Dataset, swept: tuple[Sequence[float], Sequence[float]]) -> dict[str, Dataset]:
    """The same rows with inputs at mean 0 and variance 1, unchanged, shifted, and on different scales."""
    raw = np.asarray(data.training.flat, np.float64) / (255 if data.training.inputs.dtype == np.uint8 else 1)
    shift, scale = data.scaling("standardize")
    z = (raw - shift) * scale
    D = z.shape[1]
    found = {STANDARD: z, READ: raw}
    found |= {f"mean {s:g} std from 0": z + s for s in swept[0]}
    found |= {f"units {r:g} times larger or smaller": z * spread(r, D).factor for r in swept[1]}
    return {label: _with(data, x, label) for label, x in found.items()}


def _with(data: Dataset, x: Float[np.ndarray, "N D"], label: str) -> Dataset:
    rows = Split(x.astype(np.float32), data.training.targets, data.training.weights)
    empty = rows.at(np.arange(0))
    return replace(data, name=f"{data.name}, {label}", training=rows, validation=empty, _test=empty)


def updates_to_the_level(runs: Sequence[Runs]) -> Float[np.ndarray, " S"]:
    """Updates until the training loss is at the level; Inf where it never is."""
    losses = np.nan_to_num(over_time(runs, "loss/training"), nan=np.inf)
    times = np.broadcast_to(points_of(runs[0]), losses.shape)
    return np.asarray(first_reached(losses, times, LEVEL, larger_is_better=False), np.float64)


def fastest_rate(
    train: Callable[..., Mapping[str, list[Runs]]], data: Dataset, recipe: Recipe, grid: Sequence[float], seeds: range
) -> float:
    """The rate with the fewest updates to the level, median over seeds; where none reaches it, with the lowest loss."""
    found = train(data, {f"{rate:g}": recipe.evolve(learning_rate=rate) for rate in grid}, seeds)
    middle = [np.sort(updates_to_the_level(runs))[len(seeds) // 2] for runs in found.values()]
    ends = [np.median(final(runs, "loss/training", diverged=np.inf)) for runs in found.values()]
    return grid[int(np.lexsort((ends, middle))[0])]


def harder(found: Mapping[str, Float[np.ndarray, " S"]], best: Mapping[str, float], within: Mapping[str, bool]) -> Part:
    """Updates with inputs as they are over those with mean 0 and variance 1."""
    numbers = {
        label: paired_ratio(f"times as many updates to a training loss of {LEVEL:g}, {label}", own, found[STANDARD])
        for label, own in found.items()
        if label != STANDARD
    }
    known: list[Any] = [median(f"updates, {label}", own) for label, own in found.items()]
    known += [chosen(f"rate chosen, {label}", rate) for label, rate in best.items()]
    return Part(
        "without zero mean and unit variance optimization is harder: with tuned learning rates SGD takes at least "
        "twice the updates, or never reaches the loss",
        tuple(
            above(number, 2.0, label, doubt=doubt(within[label] and within[STANDARD]))
            for label, number in numbers.items()
        ),
        tuple(known),
        _chart(found),
    )


def _chart(found: Mapping[str, Float[np.ndarray, " S"]]) -> Chart:
    """Updates against the mean, and against the spread of scales."""
    curves = []
    for kind, at, unit in (("mean", 0.0, "std from 0"), ("units", 1.0, "times larger or smaller")):
        swept = {
            float(label.split()[1]): own
            for label, own in found.items()
            if label.startswith(f"{kind} ") and label != STANDARD
        }
        places = {at: found[STANDARD], **swept}
        curves.append(curve(f"{kind}, {unit}", list(places), [median("", own) for own in places.values()]))
    x_label = "mean of the inputs, in std, or units, so many times larger or smaller"
    return Chart(x_label, f"updates to a loss of {LEVEL:g}", tuple(curves), log_y=True)
