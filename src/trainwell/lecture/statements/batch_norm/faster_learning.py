"""C-11: how many updates batch norm saves, in the book's setting and with every learning rate tuned."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, normal
from trainwell.lecture.experiment import Chart, Measured, Part, below, curve
from trainwell.lecture.measuring import best_rate, chosen, final, median, paired_ratio, points_of, rates, updates_to
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

WITH, WITHOUT = "batch norm", "no batch norm"  # F-6-18's contenders
AIM = 0.9
LEVELS = (AIM, 0.5, 0.99)
"""Training accuracies to be reached; the first is the one that other conditions are judged by."""
MARGIN = 0.9
STDS = (0.05, 0.2, 0.4)
"""Of the initial weights, beside He's; of 100 inputs He's is 0.14."""
TUNING = 1_000  # the first seed of those that rates are tuned on
JUDGING = 3_000  # and of those that judge, others than in earlier runs
SMALL_BATCH = 20


DESIGN = Design(
    varied="batch norm before each activation, or none; the learning rate; the initial weights' standard deviation, "
    "which the book does not give",
    fixed="F-6-18's network, first 1,000 images and batches of 100; batch norm with the book's constants; both "
    "contenders begin with the same draw of weights and see the same batches; 391 updates at the book's rate, 200 with "
    "rates tuned, 500 in batches of 20. Observed every third update; every tenth at the book's rate and in batches "
    "of 20",
    measured="the number of updates until the training accuracy, in inference mode on all 1,000 images, first reaches "
    "a level, on a straight line between two observations (until the first full run it was the later of both, which is "
    "coarse against the bound). The median over seeds of the ratio: updates with batch norm divided by updates "
    "without. Of a network that does not reach the level it is only known that it needs more updates than it had. The "
    "interval allows for every ratio that agrees with this, and for any ratio where neither reaches the level (at "
    "first these seeds were left out, and one network alone that did not reach it counted as needing infinitely many)",
    criterion="with batch norm at most nine tenths of the updates, a judgement: a smaller saving would hardly be "
    "noticed. First at the book's rate of 0.01; then each contender at the rate that reaches the level in the fewest "
    "updates with other seeds, from one grid for both. Where the best rate is at the end of the grid, or no rate of a "
    "contender reaches the level, it is left open",
    conditions="levels of 50%, 90% and 99%; at the book's rate initial standard deviations of 0.05, 0.2 and 0.4 beside "
    "He's; with rates tuned, from He's weights, batches of 20 and Adam in place of SGD. A condition under which "
    "neither contender reaches the level with any seed is shown as open (earlier runs left it out)",
    precision="10 seeds, from 3,000 on: the measure was changed after seeds from 0 on had been seen; medians with "
    "intervals of their order statistics; 6 other seeds tune SGD, 3 the others",
    untested="computing time: updates are counted, and one with batch norm takes longer; rates tuned from other "
    "initial weights than He's",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-11."""
    dataset = BOOK["F-6-18"].data(setup.data)
    both = {run.label: run.recipe for run in BOOK["F-6-18"].runs(dataset)}
    starts: dict[str, Mapping[str, Any]] = {"": {}}
    starts |= {f"from std {std:g}": normal(std) for std in setup.of(STDS, STDS[1:2])}
    seeds = range(JUDGING, JUDGING + setup.of(10, 6))
    return (
        as_given(setup, dataset, both, starts, seeds, steps=setup.of(391, 191)),
        with_tuned_rates(setup, dataset, both, ways(setup), seeds),
    )


STATEMENT = Statement(
    "C-11",
    DESIGN,
    "Tune the learning rate anew when you add batch norm or take it away: at one rate for both, either can look "
    "like the faster one.",
    examined,
    trains=True,
)


def as_given(
    setup: Setup,
    dataset: Dataset,
    both: Mapping[str, Recipe],
    starts: Mapping[str, Mapping[str, Any]],
    seeds: range,
    steps: int,
) -> Part:
    """Both contenders at the rate of their recipes, from several initial weights; the first are the recipes' own."""
    wanted = {
        (start, label): (dataset, recipe.evolve(**fields, steps=steps))
        for start, fields in starts.items()
        for label, recipe in both.items()
    }
    found = setup.train_all(wanted, seeds)
    criteria = []
    for start in starts:
        pair = found[start, WITH], found[start, WITHOUT]
        for level in LEVELS if start == "" else LEVELS[:1]:
            where = f"to {level:.0%} {start}".strip()
            criteria.append(below(_ratio(f"updates with batch norm / without, {where}", *pair, level), MARGIN, where))
    medians = {
        label: [_median(label, start or "from He's", found[start, label], AIM) for start in starts] for label in both
    }
    places = {start: float(fields["weight_std"]) for start, fields in starts.items() if start}
    guessing = 1 / dataset.num_outputs
    curves = [
        curve(
            label,
            list(places.values()),
            [
                mean_interval(final(found[start, label], "accuracy/training", diverged=guessing), within=(0, 1))
                for start in places
            ],
        )
        for label in both
        if places
    ]
    chart = Chart(
        "standard deviation of the initial weights",
        f"training accuracy after {steps} updates",
        tuple(curves),
        log_x=True,
        bound=AIM,
    )
    return Part(
        "in the book's setting, at a rate of 0.01, batch norm reaches a training accuracy in at most nine tenths of "
        "the updates",
        tuple(criteria),
        tuple(one for own in medians.values() for one in own),
        chart if curves else None,
    )


def ways(setup: Setup) -> dict[str, tuple[dict[str, Any], list[float], int]]:
    """How it is trained with tuned rates: fields of the recipe, the grid of rates, and on how many seeds to tune."""
    found: dict[str, tuple[dict[str, Any], list[float], int]] = {
        "": (
            {"steps": setup.of(200, 121), "observe_every": 3},
            rates(0.01, 4.0, 8)[1 : 7 : setup.of(1, 2)],
            setup.of(6, 2),
        )
    }
    if setup.size == "full":
        small = {"steps": 500, "observe_every": 10, "batch_size": SMALL_BATCH}
        adam = {"steps": 200, "observe_every": 3, "optimizer": "adam"}
        found["in batches of 20"] = (small, rates(0.003, 2.0, 7)[1:6], 3)
        found["by Adam"] = (adam, rates(0.0003, 0.1, 7)[1:6], 3)
    return found


def with_tuned_rates(
    setup: Setup,
    dataset: Dataset,
    both: Mapping[str, Recipe],
    trained: Mapping[str, tuple[Mapping[str, Any], Sequence[float], int]],
    seeds: range,
) -> Part:
    """Each contender at the rate that is best for it, chosen on other seeds; each level has its own."""
    tried = {
        (way, label, rate): (dataset, recipe.evolve(**fields, learning_rate=rate))
        for way, (fields, grid, _) in trained.items()
        for label, recipe in both.items()
        for rate in grid
    }
    tuning: dict[tuple[str, str, float], list[Runs]] = {}
    for count in {count for *_, count in trained.values()}:
        own = {key: one for key, one in tried.items() if trained[key[0]][2] == count}
        tuning |= setup.train_all(own, range(TUNING, TUNING + count))
    best = {
        (way, label, level): best_rate(
            {rate: _updates(tuning[way, label, rate], level) for rate in trained[way][1]}, tolerance=0.0
        )
        for way in trained
        for label in both
        for level in _levels(way)
    }
    judged = {(way, label, rate): tried[way, label, rate] for (way, label, _), (rate, _) in best.items()}
    found = setup.train_all(judged, seeds)
    criteria, numbers = [], []
    for way in trained:
        for level in _levels(way):
            chosen_rates = {label: best[way, label, level] for label in both}
            ours, theirs = (found[way, label, chosen_rates[label][0]] for label in (WITH, WITHOUT))
            where = f"to {level:.0%} {way}".strip()
            doubt = next((why for _, why in chosen_rates.values() if why), "")
            number = _ratio(f"updates with batch norm / without, rates tuned, {where}", ours, theirs, level)
            criteria.append(below(number, MARGIN, where, doubt=doubt))
            for label, runs in ((WITH, ours), (WITHOUT, theirs)):
                numbers.append(_median(label, f"rate tuned, {where}", runs, level))
                numbers.append(chosen(f"rate chosen, {label}, {where}", chosen_rates[label][0]))
    grid = trained[""][1]
    chart = Chart(
        "learning rate of SGD",
        f"updates to a training accuracy of {AIM:.0%}",
        tuple(
            curve(label, grid, [_median(label, f"{rate:g}", tuning["", label, rate], AIM) for rate in grid])
            for label in both
        ),
        log_x=True,
        log_y=True,
    )
    return Part(
        "from He's weights and with the learning rate of each tuned, batch norm reaches a training accuracy in at most "
        "nine tenths of the updates",
        tuple(criteria),
        tuple(numbers),
        chart,
    )


def _levels(way: str) -> tuple[float, ...]:
    return LEVELS[:1] if way else LEVELS


def _updates(runs: Sequence[Runs], level: float) -> Float[np.ndarray, " S"]:
    return updates_to(runs, "accuracy/training", level)


def _ratio(what: str, ours: Sequence[Runs], theirs: Sequence[Runs], level: float) -> Measured:
    return paired_ratio(what, _updates(ours, level), _updates(theirs, level), points_of(ours[0])[-1])


def _median(label: str, how: str, runs: Sequence[Runs], level: float) -> Measured:
    return median(f"updates to {level:.0%}, {label}, {how}", _updates(runs, level))
