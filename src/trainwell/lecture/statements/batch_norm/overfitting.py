"""C-13: what batch norm does to the gap between training and test accuracy, by the number of training images."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, BookData
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import (
    at_places,
    best_rate,
    chosen,
    ends,
    evaluated,
    first_places,
    gap,
    mean,
    once,
    over_time,
    paired_difference,
    rates,
    sizes_there,
    updates_to,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement, seeds_enough
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

WITH, WITHOUT = "batch norm", "no batch norm"  # F-6-18's contenders
SIZES = (100, 300, 1_000, 3_000)
LEVEL = 0.97
POINT = 0.01
HALF_WIDTH = POINT / 2
STEPS = 300
LOOKS = 12
"""Observations in the time that a contender takes to the level."""
ROWS = 1_000  # that each observation on the way is of at most, of training and of test images each
TUNING = 1_000  # the first seed of those that rates are tuned on
JUDGING = 5_000  # and of those that judge, others than in earlier runs
AS_GOOD = 0.005  # validation accuracies within half a point are taken as equal when rates are chosen


DESIGN = Design(
    varied="batch norm before each activation, or none; the number of training images",
    fixed="F-6-18's network (5 hidden layers of 100 ReLU units, He's weights), batches of 100, 300 updates of SGD at "
    "every size; the rate of each contender and size is the best of one grid by accuracy on training images that are "
    "not trained on, with other seeds",
    measured="the gap: training accuracy minus test accuracy, on the first 2,000 test images, on which nothing is "
    "chosen. First after 300 updates. Then where the training accuracy first reaches 97%: there it is measured on at "
    "most 1,000 training images, even where 3,000 are trained on, and the test accuracy on the first 1,000 test "
    "images. Between two observations accuracies are read on a straight line, so each contender has twelve "
    "observations in the updates that it needs to that level with the tuning seeds. (Until the first full run the "
    "later of two observations was taken, then a line between two that were 10 updates apart, within which the faster "
    "contender learned nearly everything; and gaps were compared at a training loss of 0.1, where the training "
    "accuracies still differed by more than a point)",
    criterion="with batch norm the gap is narrower by at least one point of accuracy, a judgement: less would not "
    "matter in practice. It must be after equally many updates, and again at equal training accuracy, so that neither "
    "contender is better only because it has learned less. A best rate at the end of its grid leaves it open",
    conditions="100, 300, 1,000 and 3,000 training images",
    precision="paired seeds are added, from 10 to at most 40, until all intervals are at most half a point to either "
    "side, which distinguishes equal gaps from one that is a point narrower. The width of intervals alone decides when "
    "to stop. They are the seeds from 5,000 to 5,039, which no earlier run used. (Earlier runs judged with seeds from "
    "0 on, then from 3,000 on, and each time the largest number of seeds was raised, to 40 at last, after a verdict "
    "with fewer of the same seeds had been seen. In these runs 2 seeds chose the rates; at one of them a network of 40 "
    "never reached 97% with 3,000 images.) Means with Student's intervals, which say what other seeds would give with "
    "the same images; 5 other seeds tune. Seeds with which either contender does not reach the level, or diverges, are "
    "left out there, and n says so",
    untested="how the choice of a rate spreads: intervals are those at the chosen rates, and with rates that 2 seeds "
    "had chosen other numbers of images came out narrower (300 and 1,000 after equally many updates, none at 97%); "
    "smaller batches, whose noise is said to regularize; longer training; batch norm together with other "
    "regularization",
)

SPLITS = ("training", "test")
Accuracies = Float[np.ndarray, "S 2"]
"""Training and test accuracy of each seed; NaN where the level was not reached."""
Found = Mapping[int, Mapping[str, Accuracies]]
"""Accuracies by number of images and contender."""


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-13."""
    sizes = sizes_there(setup.data, setup.of(SIZES, SIZES[:2]))
    grid = [*rates(0.01, 2.0, setup.of(6, 3)), *setup.of((6.0, 17.0), (17.0,))]
    few = setup.of(5, 1)
    best = tuned_rates(setup, sizes, grid, few)
    tuned = {
        (size, label): contenders(setup.data, size)[label].evolve(learning_rate=rate)
        for (size, label), (rate, _) in best.items()
    }
    times = times_to_the_level(setup, tuned, few)
    wanted: dict[Any, tuple[Dataset, Recipe]] = {}
    for (size, label), recipe in tuned.items():
        data = evaluated(setup.data, size, "test")
        wanted["last", size, label] = data, recipe
        wanted["level", size, label] = fewer_rows(data), recipe.evolve(**looks(times[size, label]))
    doubts = {size: best[size, WITH][1] or best[size, WITHOUT][1] for size in sizes}
    numbers = [chosen(f"rate chosen, {label}, {size:,} images", rate) for (size, label), (rate, _) in best.items()]

    def measure(seeds: range) -> tuple[Part, ...]:
        found = setup.train_all(wanted, range(JUDGING, JUDGING + len(seeds)))
        last, level = (
            {size: {label: of(found[when, size, label]) for label in (WITH, WITHOUT)} for size in sizes}
            for when, of in (("last", ends), ("level", at_the_level))
        )
        return parts(last, level, doubts, numbers)

    return seeds_enough(measure, precise, *setup.of((10, 40), (6, 6)))


def precise(found: Sequence[Part]) -> bool:
    """Whether all intervals that a verdict depends on are as narrow as they are to be."""
    return all(part.half_width <= HALF_WIDTH for part in found if not part.beyond)


STATEMENT = Statement(
    "C-13",
    DESIGN,
    "Take batch norm for faster and steadier training. Against overfitting look at the validation accuracy of your own "
    "data first: more data, weight decay or dropout may do more.",
    examined,
    trains=True,
)


def contenders(data: BookData, size: int) -> dict[str, Recipe]:
    """F-6-18's networks for some number of images, observed at the end alone."""
    return {run.label: once(run.recipe, STEPS) for run in BOOK["F-6-18"].runs(data.part(size, "none"))}


def tuned_rates(
    setup: Setup, sizes: Sequence[int], grid: Sequence[float], count: int
) -> dict[tuple[int, str], tuple[float, str]]:
    """By size and contender the rate with the best accuracy on images not trained on, and a doubt on it."""
    wanted = {
        (size, label, rate): (
            evaluated(setup.data, size, "unused"),
            recipe.evolve(learning_rate=rate),
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


def times_to_the_level(
    setup: Setup, tuned: Mapping[tuple[int, str], Recipe], count: int
) -> dict[tuple[int, str], float]:
    """By size and contender the median number of updates to the level, with the seeds that tuned; Inf if never."""
    often = {"observe_first": 3, "observe_every": 3, "observe_training": ROWS}
    wanted = {key: (setup.data.part(key[0], "none"), recipe.evolve(**often)) for key, recipe in tuned.items()}
    found = setup.train_all(wanted, range(TUNING, TUNING + count))
    return {key: float(np.median(updates_to(runs, "accuracy/training", LEVEL))) for key, runs in found.items()}


def looks(updates: float) -> dict[str, int]:
    """Fields of a recipe that is observed around a number of updates, from half of it to three times as many."""
    updates = min(updates, STEPS / 3)
    every, last = max(1, int(updates / LOOKS)), int(3 * updates)
    return {"observe_first": max(1, int(updates / 2)), "observe_every": every, "steps": last, "observe_training": ROWS}


def fewer_rows(data: Dataset) -> Dataset:
    """The same to train on, evaluated on fewer rows."""
    kept = np.arange(min(ROWS, len(data.validation)))
    return replace(data, name=f"{data.name}, the first {len(kept):,}", validation=data.validation.at(kept))


def at_the_level(runs: Sequence[Runs]) -> Accuracies:
    """Both accuracies where that on the training images first is high enough."""
    rows = [over_time(runs, f"accuracy/{split}") for split in ("training", "validation")]
    places = first_places(rows[0], LEVEL)
    return np.stack([at_places(own, places) for own in rows], axis=1)


def parts(last: Found, level: Found, doubts: Mapping[int, str], numbers: Sequence[Measured]) -> tuple[Part, ...]:
    """The gap at equal updates and at equal training accuracy, and what becomes of the test accuracy."""
    sizes = list(last)
    whens = {f"after {STEPS} updates": last, f"at a training accuracy of {LEVEL:.0%}": level}
    gaps = [
        curve(f"{label}, {when}", sizes, [mean_interval(gap(own[size][label])) for size in sizes])
        for when, own in whens.items()
        for label in (WITH, WITHOUT)
    ]
    chart = Chart("training images", "training minus test accuracy", tuple(gaps), log_x=True)
    at_last, at_level = (
        tuple(
            below(
                paired_difference(
                    f"gap with batch norm minus gap without, {when}, {size:,} images",
                    gap(own[size][WITH]),
                    gap(own[size][WITHOUT]),
                ),
                -POINT,
                f"with {size:,} images",
                doubt=doubts[size],
            )
            for size in sizes
        )
        for when, own in whens.items()
    )
    better = tuple(
        above(
            paired_difference(
                f"test accuracy with batch norm minus test accuracy without, {size:,} images",
                last[size][WITH][:, 1],
                last[size][WITHOUT][:, 1],
            ),
            0.0,
            f"with {size:,} images",
            doubt=doubts[size],
        )
        for size in sizes
    )
    at_last_said, at_level_said = whens
    return (
        Part(
            "after equally many updates the gap between training and test accuracy is narrower with batch norm by at "
            "least one point",
            at_last,
            (*_levels(last, at_last_said, SPLITS), *numbers),
            chart,
        ),
        Part(
            "that gap is narrower with batch norm by at least one point where both contenders first have a training "
            f"accuracy of {LEVEL:.0%}",
            at_level,
            _levels(level, at_level_said, SPLITS[1:]),
            chart,
        ),
        Part("after equally many updates the test accuracy is higher with batch norm", better, beyond=True),
    )


def _levels(own: Found, when: str, splits: Sequence[str]) -> tuple[Measured, ...]:
    found = [
        mean(f"{split} accuracy {when}, {label}, {size:,} images", values[:, SPLITS.index(split)], within=(0, 1))
        for size, both in own.items()
        for label, values in both.items()
        for split in splits
    ]
    return tuple(one for one in found if one.n > 0)
