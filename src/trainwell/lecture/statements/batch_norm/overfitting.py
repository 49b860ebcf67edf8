"""C-13: what batch norm does to the gap between training and test accuracy, by the number of training images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.lecture.book import BOOK, BookData
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import (
    at_places,
    best_rate,
    chosen,
    ends,
    evaluated,
    first_places,
    mean,
    over_time,
    paired_difference,
    rates,
    sizes_there,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement, seeds_enough
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

WITH, WITHOUT = "batch norm", "no batch norm"  # F-6-18's contenders
SIZES = (100, 300, 1_000, 3_000)
LOSS = 0.1
POINT = 0.01
HALF_WIDTH = POINT / 2
STEPS, EVERY = 300, 10
TUNING = 1_000  # the first seed of those that rates are tuned on
AS_GOOD = 0.005  # validation accuracies within half a point are taken as equal when rates are chosen


DESIGN = Design(
    varied="batch norm before each activation, or none; the number of training images",
    fixed="F-6-18's network (5 hidden layers of 100 ReLU units, He's weights), batches of 100, 300 updates of SGD at "
    "every size; the rate of each contender and size is the best of one grid by accuracy on training images that are "
    "not trained on, with other seeds",
    measured="training accuracy less test accuracy (the gap), on the first 2,000 test images, which nothing is chosen "
    "on: after 300 updates, and when the training loss first is 0.1, read on a line between two observations, of which "
    "there is one every 10 updates (until the first full run it was the later of the two, at which the faster of both "
    "had a lower loss)",
    criterion="with batch norm the gap is narrower by at least one point of accuracy: a judgement, less would not "
    "matter in practice. At equal updates, and again at equal training loss, so that neither contender is better for "
    "having learned less. A rate at the end of its grid leaves it open",
    conditions="100, 300, 1,000 and 3,000 training images",
    precision="seeds, paired, are added from 10 on until all intervals are at most half a point to either side, which "
    "tells a gap that is the same from one that is a point narrower, or there are 40 (the first full run had 20, and "
    "intervals of up to 1.1 points left most of it open); means with Student's intervals, which say what other seeds "
    "would give with the same images; 2 other seeds tune. Seeds in which either does not get to the loss, or diverges, "
    "are left out there, and n says so",
    untested="smaller batches, whose noise is said to regularize; longer training; batch norm together with other "
    "regularization",
)


@dataclass(frozen=True, eq=False)
class Course:
    """How contenders learn from some number of images: of each, one row per seed.

    Attributes:
        training: accuracy on the training images at each observation.
        unseen: on images that are not trained on.
        losses: on the training images.
    """

    training: Mapping[str, Float[np.ndarray, "S T"]]
    unseen: Mapping[str, Float[np.ndarray, "S T"]]
    losses: Mapping[str, Float[np.ndarray, "S T"]]


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-13."""
    sizes = sizes_there(setup.data, setup.of(SIZES, SIZES[:2]))
    grid = [*rates(0.01, 2.0, setup.of(6, 3)), *setup.of((6.0, 17.0), (17.0,))]
    best = tuned_rates(setup, sizes, grid, setup.of(2, 1))
    courses = {size: {label: best[size, label][0] for label in (WITH, WITHOUT)} for size in sizes}
    wanted = {
        (size, label): (
            evaluated(setup.data, size, "test"),
            contenders(setup.data, size)[label].evolve(learning_rate=rate),
        )
        for size, own in courses.items()
        for label, rate in own.items()
    }
    doubts = {
        size: next((best[size, label][1] for label in (WITH, WITHOUT) if best[size, label][1]), "") for size in sizes
    }
    numbers = [chosen(f"rate chosen, {label}, {size:,} images", rate) for (size, label), (rate, _) in best.items()]

    def measure(seeds: range) -> tuple[Part, ...]:
        found = setup.train_all(wanted, seeds)
        return parts(
            {size: course({label: found[size, label] for label in (WITH, WITHOUT)}) for size in sizes}, doubts, numbers
        )

    return seeds_enough(measure, precise, *setup.of((10, 40), (6, 6)))


def precise(found: Sequence[Part]) -> bool:
    """Whether all intervals that a verdict depends on are as narrow as they are to be."""
    deciding = [one.number for part in found if not part.beyond for one in part.criteria]
    return all((one.high - one.low) / 2 <= HALF_WIDTH for one in deciding)


STATEMENT = Statement(
    "C-13",
    DESIGN,
    "Take batch norm for faster and steadier training. Against overfitting look at the validation accuracy of your own "
    "data first: more data, weight decay or dropout may do more.",
    examined,
    trains=True,
)


def contenders(data: BookData, size: int) -> dict[str, Recipe]:
    """F-6-18's networks for some number of images."""
    changes = {"steps": STEPS, "observe_first": EVERY, "observe_every": EVERY}
    return {run.label: run.recipe.evolve(**changes) for run in BOOK["F-6-18"].runs(data.part(size, "none"))}


def tuned_rates(
    setup: Setup, sizes: Sequence[int], grid: Sequence[float], count: int
) -> dict[tuple[int, str], tuple[float, str]]:
    """By size and contender the rate with the best accuracy on images not trained on, and a doubt on it."""
    wanted = {
        (size, label, rate): (
            evaluated(setup.data, size, "unused"),
            recipe.evolve(learning_rate=rate, observe_first=STEPS, observe_every=STEPS),
        )
        for size in sizes
        for label, recipe in contenders(setup.data, size).items()
        for rate in grid
    }
    tried = setup.train_all(wanted, range(TUNING, TUNING + count))
    costs = {key: 1 - ends(runs)[:, 1] for key, runs in tried.items()}
    return {
        (size, label): best_rate({rate: costs[size, label, rate] for rate in grid}, AS_GOOD, np.mean)
        for size in sizes
        for label in (WITH, WITHOUT)
    }


def course(found: Mapping[str, Sequence[Runs]]) -> Course:
    """What was observed of both contenders."""
    names = ("accuracy/training", "accuracy/validation", "loss/training")
    return Course(*({label: over_time(runs, name) for label, runs in found.items()} for name in names))


def parts(courses: Mapping[int, Course], doubts: Mapping[int, str], numbers: Sequence[Measured]) -> tuple[Part, ...]:
    """The gap at equal updates and at equal training loss, and what becomes of the test accuracy."""
    last = {size: {label: _at_the_end(one, label) for label in (WITH, WITHOUT)} for size, one in courses.items()}
    alike = {size: {label: _at_the_loss(one, label) for label in (WITH, WITHOUT)} for size, one in courses.items()}
    sizes = list(courses)
    gaps = [
        curve(f"{label}, {when}", sizes, [mean_interval(gap(own[size][label])) for size in sizes])
        for when, own in (("after 300 updates", last), ("at a training loss of 0.1", alike))
        for label in (WITH, WITHOUT)
    ]
    chart = Chart("training images", "training less test accuracy", tuple(gaps), log_x=True)
    narrower = [
        _narrower(own, when) for own, when in ((last, "after 300 updates"), (alike, "at a training loss of 0.1"))
    ]
    wheres = {size: f"with {size:,} images" for size in sizes}
    better = {
        size: paired_difference(
            f"test accuracy with batch norm less without, {size:,} images",
            last[size][WITH][:, 1],
            last[size][WITHOUT][:, 1],
        )
        for size in sizes
    }
    return (
        Part(
            "after equally many updates the gap between training and test accuracy is narrower with batch norm by at "
            "least one point",
            tuple(below(narrower[0][size], -POINT, wheres[size], doubt=doubts[size]) for size in sizes),
            (*_levels(last, "after 300 updates"), *numbers),
            chart,
        ),
        Part(
            "where the training loss first is 0.1, that gap is narrower with batch norm by at least one point",
            tuple(below(narrower[1][size], -POINT, wheres[size], doubt=doubts[size]) for size in sizes),
            _levels(alike, "at a training loss of 0.1"),
            chart,
        ),
        Part(
            "after equally many updates the test accuracy is higher with batch norm",
            tuple(above(better[size], 0.0, wheres[size], doubt=doubts[size]) for size in sizes),
            beyond=True,
        ),
    )


Accuracies = Float[np.ndarray, "S 2"]
"""Training and test accuracy of each seed; NaN where the loss was not reached."""


def gap(accuracies: Accuracies) -> Float[np.ndarray, " S"]:
    """Training less test accuracy."""
    return np.asarray(accuracies[:, 0] - accuracies[:, 1])


def _at_the_end(one: Course, label: str) -> Accuracies:
    return np.stack([one.training[label][:, -1], one.unseen[label][:, -1]], axis=1)


def _at_the_loss(one: Course, label: str) -> Accuracies:
    """Where the training loss first is low enough."""
    places = first_places(one.losses[label], LOSS, larger_is_better=False)
    return np.stack([at_places(own[label], places) for own in (one.training, one.unseen)], axis=1)


def _narrower(own: Mapping[int, Mapping[str, Accuracies]], when: str) -> dict[int, Measured]:
    return {
        size: paired_difference(f"gap with less without, {when}, {size:,} images", gap(both[WITH]), gap(both[WITHOUT]))
        for size, both in own.items()
    }


def _levels(own: Mapping[int, Mapping[str, Accuracies]], when: str) -> tuple[Measured, ...]:
    found = [
        mean(f"{name} accuracy {when}, {label}, {size:,} images", column, within=(0, 1))
        for size, both in own.items()
        for label, values in both.items()
        for name, column in zip(("training", "test"), values.T, strict=True)
    ]
    return tuple(one for one in found if one.n > 0)
