"""C-31: grid against random search, where one of two hyperparameters matters and where both do."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import chosen, paired_difference, ratio_of_means
from trainwell.lecture.statements.hyperparameters.response import Response, rate_and_penalty, rate_and_std
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval

BUDGETS = (4, 9, 16, 25, 36, 64, 100)
"""Trials, square numbers: the grid has as many values of either hyperparameter."""
USUAL = 25
"""Trials of which the part on relevance tells, in the middle of the others."""
RELEVANCES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""What the second hyperparameter's share of the loss is weighted with; at 1 both matter alike."""
DIMENSIONS = (1, 2, 3, 6)
"""Hyperparameters of which one matters; 64 trials are a full grid of each."""
WIDE, INSIDE = 3.0, 0.5
"""Decades of the searched ranges, and the smallest distance of the best point from their ends."""
NOTICED = 0.005
"""Accuracy, half a percentage point: a smaller gain is no reason to prefer a method."""

DESIGN = Design(
    varied="the layout of the trials: a grid with as many values of either hyperparameter, each in the middle of its "
    "cell (its most even layout), or the same number of points drawn uniformly at random; on a logarithmic scale",
    fixed="the ranges searched, paired: in every repetition the same for both layouts, with the best point anywhere "
    "inside, since it is unknown when ranges are chosen",
    measured="validation accuracy of the chosen trial, of a real network trained for all points of a fine grid (400 "
    "images, two hidden layers of 32, SGD): learning rate and a penalty of at most 0.0001, which hardly matters, and "
    "learning rate and initial standard deviation, which both matter. Chosen by one seed, evaluated on the other nine. "
    "Also reported: the loss of the chosen trial where the loss is (x − a)² + w (y − b)²",
    criterion="where one matters, random search finds more accuracy, and leaves less loss, than the grid at the same "
    "number of trials: intervals of the paired difference above 0, of the ratio below 1; where both matter that is not "
    "so: no gain of half a percentage point (a judgement call) and no less loss",
    conditions="4 to 100 trials; how much the second one matters, from not at all to as much as the first; not counted "
    "in the verdict: one important hyperparameter of 1 to 6, and a grid that includes the ends of the ranges",
    precision="10 seeds of the trained networks; of each the mean over 200 repetitions, as one number, since "
    "repetitions that choose by one seed are not independent; 10,000 repetitions of the made-up loss",
    untested="other networks and data; layouts that are even and random at once (quasi-random)",
)
Points: TypeAlias = Float[np.ndarray, "R N D"]


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-31."""
    repetitions, draws = setup.of((2_000, 10_000), (300, 2_000))
    one, both = rate_and_penalty(setup), rate_and_std(setup)
    return (
        accuracies(one, repetitions, are_both=False),
        losses(draws),
        accuracies(both, repetitions, are_both=True),
        *relevance(draws),
        dimensions(draws),
    )


STATEMENT = Statement(
    "C-31",
    DESIGN,
    "If you do not know which hyperparameters matter, draw trials at random: a grid tries few values of each. If you "
    "know that all of them matter, and they are few, space the trials evenly.",
    examined,
    trains=True,
)


def grid(repetitions: int, trials: int, D: int) -> Points:
    """A grid on the unit cube with its points in the middles of cells, the same in every repetition."""
    levels = round(trials ** (1 / D))
    middles = (np.arange(levels) + 0.5) / levels
    points = np.stack(np.meshgrid(*[middles] * D, indexing="ij"), axis=-1).reshape(-1, D)
    return np.broadcast_to(points, (repetitions, *points.shape))


def with_ends(repetitions: int, trials: int, D: int) -> Points:
    """A grid that includes the ends of the ranges."""
    levels = round(trials ** (1 / D))
    places = np.stack(np.meshgrid(*[np.linspace(0, 1, levels)] * D, indexing="ij"), axis=-1).reshape(-1, D)
    return np.broadcast_to(places, (repetitions, *places.shape))


def at_random(repetitions: int, trials: int, D: int) -> Points:
    """Places drawn evenly in the unit cube."""
    return stream(0, "random search", trials, D).random((repetitions, trials, D))


def found_accuracy(response: Response, layout: Points, ranges: Float[np.ndarray, "R 2 2"]) -> Float[np.ndarray, " S"]:
    """Score of the trial chosen by one seed, evaluated on the other seeds: a mean per seed.

    Args:
        response: what is searched.
        layout: of trials, in shares of the ranges.
        ranges: low and high exponent of either hyperparameter.
    """
    low, high = ranges[:, None, :, 0], ranges[:, None, :, 1]
    points = low + layout * (high - low)
    found = np.empty(len(layout))
    for seed in range(len(response.scores)):
        mine = response.seed_of(np.arange(len(layout))) == seed
        seen = response.at(points[mine], response.chosen_by(seed))
        best = points[mine][np.arange(int(mine.sum())), seen.argmax(1)]
        found[mine] = response.at(best, response.judged_by(seed))
    return response.by_seed(found)


def drawn_ranges(response: Response, count: int) -> Float[np.ndarray, "R 2 2"]:
    """Ranges of 3 decades with the best point inside; for a hyperparameter that does not matter, its full range."""
    ranges = np.empty((count, 2, 2))
    for i, (axis, best) in enumerate(zip(response.axes, response.best, strict=True)):
        width = WIDE if np.ptp(axis) > WIDE + 1 else np.ptp(axis)
        low = best - INSIDE - (WIDE - 2 * INSIDE) * stream(0, "ranges", i).random(count)
        low = np.clip(low, axis[0], axis[-1] - width)
        ranges[:, i] = np.stack([low, low + width], axis=1)
    return ranges


def accuracies(response: Response, repetitions: int, *, are_both: bool) -> Part:
    """Random search against the grid on a trained network, with more and more trials."""
    ranges = drawn_ranges(response, repetitions)
    layouts = {"grid": grid, "random": at_random, "grid with ends": with_ends}
    found = {
        label: [found_accuracy(response, of(repetitions, trials, 2), ranges) for trials in BUDGETS]
        for label, of in layouts.items()
    }
    second = "the initial standard deviation" if are_both else "the penalty"
    gains = [
        paired_difference(f"accuracy gained by random search, {trials} trials", ours, theirs)
        for trials, ours, theirs in zip(BUDGETS, found["random"], found["grid"], strict=True)
    ]
    ends = [
        paired_difference(f"gained over a grid with its ends, {trials} trials", ours, theirs)
        for trials, ours, theirs in zip(BUDGETS, found["random"], found["grid with ends"], strict=True)
    ]
    facts = (
        chosen("accuracy at the best point", float(response.scores.mean(0).max())),
        chosen(f"difference of accuracy over {second} at the best rate", response.range_of(1)),
    )
    places = [f"at {trials} trials" for trials in BUDGETS]
    chart = Chart(
        "trials",
        "accuracy gained by random search over the grid",
        (curve(f"learning rate and {second}", BUDGETS, gains),),
        log_x=True,
        bound=NOTICED if are_both else 0.0,
    )
    reached = [
        measured(f"accuracy found, {label}, {USUAL} trials", mean_interval(own[BUDGETS.index(USUAL)]))
        for label, own in found.items()
    ]
    if are_both:
        return Part(
            "on a network of which both the learning rate and the initial standard deviation matter, random search "
            "gains less than half a percentage point over the grid",
            tuple(below(one, NOTICED, where) for one, where in zip(gains, places, strict=True)),
            (*reached, *ends, *facts),
            chart,
        )
    return Part(
        "on a network of which the learning rate matters and a small penalty does not, random search finds a higher "
        "accuracy than the grid",
        tuple(above(gains[i], 0.0, places[i]) for i in _usual_first()),
        (*reached, *ends, *facts),
        chart,
    )


def _usual_first() -> list[int]:
    """Budgets with the usual one first: its number is what tables show."""
    usual = BUDGETS.index(USUAL)
    return [usual, *(i for i in range(len(BUDGETS)) if i != usual)]


def left_loss(layout: Points, best: Float[np.ndarray, "R D"], weights: Sequence[float]) -> Float[np.ndarray, " R"]:
    """The smallest of Σ w (x − a)² over the trials of every repetition; its minimum is 0, at a."""
    return np.asarray((((layout - best[:, None]) ** 2) @ np.asarray(weights)).min(1))


def _best(draws: int, D: int) -> Float[np.ndarray, "R D"]:
    return stream(0, "best places", D).random((draws, D))


def _ratio(what: str, draws: int, trials: int, weights: Sequence[float]) -> Measured:
    D = len(weights)
    ours, theirs = (left_loss(of(draws, trials, D), _best(draws, D), weights) for of in (at_random, grid))
    return ratio_of_means(what, ours, theirs)


def losses(draws: int) -> Part:
    """The loss that is left where one of two matters, with more and more trials."""
    found = [
        _ratio(f"loss left by random search over the grid's, {trials} trials", draws, trials, (1.0, 0.0))
        for trials in BUDGETS
    ]
    return Part(
        "where the loss depends on one of two hyperparameters, random search leaves less of it than the grid",
        tuple(below(one, 1.0, f"at {trials} trials") for one, trials in zip(found, BUDGETS, strict=True)),
        (),
        Chart(
            "trials",
            "loss left by random search over the grid's",
            (curve("one of two matters", BUDGETS, found),),
            log_x=True,
            log_y=True,
            bound=1.0,
        ),
    )


def relevance(draws: int) -> tuple[Part, Part]:
    """How the advantage goes away as the second hyperparameter matters more."""
    weights = {trials: [(1.0, w) for w in RELEVANCES] for trials in (9, USUAL, 100)}
    found = {
        trials: [
            _ratio(f"loss left, random over grid, {trials} trials, weight {w[1]:g}", draws, trials, w) for w in own
        ]
        for trials, own in weights.items()
    }
    chart = Chart(
        "weight of the second hyperparameter in the loss",
        "loss left by random search over the grid's",
        tuple(curve(f"{trials} trials", RELEVANCES, own) for trials, own in found.items()),
        bound=1.0,
    )
    return (
        Part(
            "where the loss depends on both alike, random search leaves no less of it than the grid",
            tuple(above(own[-1], 1.0, f"at {trials} trials") for trials, own in found.items()),
            (),
            chart,
        ),
        Part(
            f"at {USUAL} trials random search is ahead as long as the second hyperparameter matters little",
            tuple(below(one, 1.0, f"at a weight of {w:g}") for one, w in zip(found[USUAL], RELEVANCES, strict=True)),
            (),
            chart,
            beyond=True,
        ),
    )


def dimensions(draws: int) -> Part:
    """One hyperparameter of several that matters, with the trials of a full grid of each."""
    found = [
        _ratio(f"loss left, random over grid, one of {D} matters, 64 trials", draws, 64, (1.0,) + (0.0,) * (D - 1))
        for D in DIMENSIONS
    ]
    return Part(
        "at 64 trials random search leaves less loss than the grid, if one of several hyperparameters matters",
        tuple(below(one, 1.0, f"for one of {D}") for one, D in zip(found, DIMENSIONS, strict=True)),
        (),
        Chart(
            "hyperparameters, one of which matters",
            "loss left by random search over the grid's",
            (curve("64 trials", DIMENSIONS, found),),
            log_y=True,
            bound=1.0,
        ),
        beyond=True,
    )
