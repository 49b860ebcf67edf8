"""Measurements that statements share: tuned settings, and ratios, shares and times with 95% intervals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.core import configure_runtime
from trainwell.data import Dataset
from trainwell.landscape import Descents, Surface, descend
from trainwell.lecture.book import BookData, Evaluation
from trainwell.lecture.experiment import Criterion, Curve, Measured, above, curve, measured
from trainwell.statistics import Interval, mean_interval, median_interval, proportion_interval, wilson_ends
from trainwell.training import Points, Recipe, Runs

MOST_EVALUATED = 2_000
"""Most rows to evaluate on where a network is observed often, to save time."""
LEARNED = 0.5
"""Training accuracy from which a network has learned enough for its gap to be compared."""
MOST_HELD = 5_000
"""Most held-out rows in each of the two validation sets of `choosing_and_judging`."""

Fields: TypeAlias = Mapping[str, Any]
"""Fields of a recipe."""
Cost: TypeAlias = Callable[[Descents], Float[np.ndarray, "C S"]]
"""A cost for every contender and start, lower is better; Inf where the goal was not reached."""


def updates_to_converge(found: Descents) -> Float[np.ndarray, "C S"]:
    """Updates until the gradient stayed small at a minimum; Inf where it did not converge."""
    return np.where((found.outcomes == "converged") & (found.settled_after >= 0), found.settled_after, np.inf)


def rates(low: float, high: float, count: int) -> list[float]:
    """Log-spaced learning rates."""
    return [float(rate) for rate in np.geomspace(low, high, count)]


def grid(optimizer: str, **values: Sequence[float]) -> list[Fields]:
    """All combinations of an optimizer's hyperparameters.

    Example:
        >>> grid("sgd", learning_rate=[0.1, 0.2])[1]
        {'optimizer': 'sgd', 'learning_rate': 0.2}
    """
    return [{"optimizer": optimizer, **dict(zip(values, one, strict=True))} for one in product(*values.values())]


def tuned_settings(
    surface: Surface,
    grids: Mapping[str, Sequence[Fields]],
    starts: Float[np.ndarray, "S D"],
    steps: int,
    **how: Any,
) -> tuple[dict[str, Fields], bool]:
    """The best settings of each grid (see `best_settings`), and whether no best rate is at an end of its grid."""
    tuned = {label: best_settings(surface, settings, starts, steps, **how) for label, settings in grids.items()}
    return tuned, all(rate_within(settings, tuned[label]) for label, settings in grids.items())


def rate_within(settings: Sequence[Fields], chosen: Fields) -> bool:
    """Whether lower and higher rates than the chosen one were tried; else the best may be outside the grid."""
    tried = [one["learning_rate"] for one in settings]
    return bool(min(tried) < chosen["learning_rate"] < max(tried))


def doubt(within: bool, what: str = "rate") -> str:
    """Why a criterion on tuned settings stays undecided; empty if the best value is inside its grid."""
    return "" if within else f"the best {what} is at the end of its grid: a {what} beyond it may be better"


def best_settings(
    surface: Surface,
    settings: Sequence[Fields],
    starts: Float[np.ndarray, "S D"],
    steps: int,
    *,
    cost: Cost = updates_to_converge,
    **how: Any,
) -> Fields:
    """The settings with the lowest median cost; ties go to those that reached the goal more often.

    Args:
        surface: the function to minimize.
        settings: candidates.
        starts: starting points, other than those on which the chosen settings are compared later.
        steps: updates per descent.
        cost: the cost to minimize.
        **how: further arguments of `descend`.
    """
    found = descend(surface, {str(i): one for i, one in enumerate(settings)}, starts, steps, **how)
    costs = cost(found)
    kept = np.sort(costs, axis=1)
    middle = kept[:, kept.shape[1] // 2]
    order = np.lexsort((np.where(np.isfinite(costs), costs, 0).sum(1), -np.isfinite(costs).sum(1), middle))
    return settings[int(order[0])]


def along(found: Descents, axis: int) -> Float[np.ndarray, "C S T+1"]:
    """Coordinates of descents along a principal axis, starting points included."""
    assert found.paths is not None
    return np.asarray(np.asarray(found.paths, np.float64) @ found.axes[axis])


def rounding() -> float:
    """Machine epsilon of the runtime's precision."""
    return float(np.finfo(configure_runtime().precision).eps)


def chosen(what: str, value: float, n: int = 1) -> Measured:
    """A number without an interval, such as a chosen learning rate."""
    return Measured(what, value, value, value, n)


def median(what: str, values: Float[np.ndarray, " S"]) -> Measured:
    """The median over starts, seeds or draws."""
    return measured(what, median_interval(values))


def median_curve(label: str, x: Sequence[float], values: Float[np.ndarray, "S T"]) -> Curve:
    """Medians over starts at every time."""
    return curve(label, x, [median_interval(now) for now in values.T])


def share(what: str, hits: Bool[np.ndarray, " S"]) -> Measured:
    """The share of True."""
    return measured(what, proportion_interval(int(hits.sum()), hits.size))


def crossings(x: Sequence[float], rows: Float[np.ndarray, "S T"], bound: float) -> Float[np.ndarray, " S"]:
    """The x at which each row first crosses a bound, interpolated in log x; Inf if it does not.

    Example:
        >>> crossings([1, 100], np.array([[0.0, 1.0], [0.0, 0.4]]), 0.5).round(6).tolist()
        [10.0, inf]
    """
    changes = np.diff(rows > bound, axis=1)
    first, at = changes.argmax(1), np.arange(len(rows))
    before, after, logs = rows[at, first], rows[at, first + 1], np.log(np.asarray(x, np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (bound - before) / (after - before)
    found = np.exp(logs[first] + share * (logs[first + 1] - logs[first]))
    return np.where(changes.any(1), found, np.inf)


def evaluated(data: BookData, images: int, evaluation: Evaluation) -> Dataset:
    """As `BookData.part`, with at most `MOST_EVALUATED` validation rows."""
    whole = data.part(images, evaluation)
    kept = np.arange(min(MOST_EVALUATED, len(whole.validation)))
    return replace(whole, name=f"{whole.name}, the first {len(kept):,} of them", validation=whole.validation.at(kept))


def choosing_and_judging(data: BookData, images: int | None) -> tuple[Dataset, Dataset]:
    """The same training images with two disjoint validation sets: one to choose settings, one to measure the choice."""
    whole = data.everything.training
    held = min(MOST_HELD, len(whole) // 6)
    left = len(whole) - 2 * held
    base = data.part(left if images is None else min(images, left), "none")
    parts = ((left, "others to choose by"), (left + held, "others to judge by"))
    choosing, judging = (
        replace(base, name=f"{base.name}, {words}", validation=whole.at(np.arange(at, at + held)))
        for at, words in parts
    )
    return choosing, judging


def sizes_there(data: BookData, sizes: Iterable[int]) -> list[int]:
    """Numbers of training images of a sweep, each at most as large as the data."""
    return sorted({min(size, len(data.everything.training)) for size in sizes})


def once(recipe: Recipe, steps: int | None = None) -> Recipe:
    """The recipe, observed at its end alone: after so many updates; without a number after its own."""
    steps = recipe.steps if steps is None else steps
    assert steps is not None, "the end is a number of updates"
    return recipe.evolve(steps=steps, observe_first=steps, observe_every=steps)


def ends(runs: Sequence[Runs]) -> Float[np.ndarray, "S 2"]:
    """Final training and validation accuracy of each network; 0 if it diverged."""
    return np.stack([final(runs, f"accuracy/{split}", diverged=0) for split in ("training", "validation")], axis=1)


def gap(accuracies: Float[np.ndarray, "S 2"]) -> Float[np.ndarray, " S"]:
    """Training minus test accuracy, from both as `ends` returns them."""
    return np.asarray(accuracies[:, 0] - accuracies[:, 1])


def narrower_by(number: Measured, bound: float, where: str, training: Float[np.ndarray, " S"]) -> Criterion:
    """The criterion that a gap is narrower by more than a bound.

    It is left open instead of met if the training accuracy of the network whose gap is narrower is not above a half.
    """
    found = above(number, bound, where)
    if not found.holds or mean_interval(training).low > LEARNED:
        return found
    return replace(
        found, doubt="the network has not learned half of its training images, and one that learns nothing has no gap"
    )


def mean(what: str, values: Float[np.ndarray, " S"], within: tuple[float, float] | None = None) -> Measured:
    """The mean over seeds, NaN left out; `within`: see `mean_interval`."""
    return measured(what, mean_interval(values, within=within))


def best_rate(
    costs: Mapping[float, Float[np.ndarray, " S"]],
    tolerance: float = 0.0,
    summary: Callable[[Float[np.ndarray, " S"]], float] = np.median,
    least: float = -np.inf,
) -> tuple[float, str]:
    """The learning rate with the lowest cost, and why a rate beyond the grid may be better (empty if none can).

    There is such a doubt if no rate reaches the goal, or if the lowest cost is at an end of the grid; not if all of at
    least three rates are equally good, or if no cost can be lower.

    Args:
        costs: rate -> one cost per seed; Inf where the goal was not reached.
        tolerance: rates whose cost exceeds the lowest by no more are equally good; the middle one is chosen.
        summary: over seeds: median, mean, or maximum if no seed may diverge.
        least: the lowest possible cost, such as −1 for a negated accuracy.

    Example:
        >>> best_rate({rate: np.array([cost]) for rate, cost in ((0.1, 3.0), (0.2, 1.0), (0.4, 0.5))})
        (0.4, 'the best rate is at the end of its grid: a rate beyond it may be better')
    """
    tried = sorted(costs)
    middles = np.array([np.nan_to_num(summary(costs[rate]), nan=np.inf, posinf=np.inf) for rate in tried])
    lowest = middles.min()
    as_good = np.flatnonzero(middles <= lowest + tolerance)
    chosen_rate = tried[int(as_good[(len(as_good) - 1) // 2])]
    if np.isinf(lowest):
        return chosen_rate, "no tried rate reaches the goal: a rate beyond the grid may"
    level = lowest <= least or len(as_good) == len(tried) > 2
    return chosen_rate, doubt(level or lowest not in middles[[0, -1]])


def updates_to(runs: Sequence[Runs], name: str, level: float, **how: bool) -> Float[np.ndarray, " S"]:
    """Updates until a quantity of the trace reaches a level, interpolated; see `first_places`."""
    points = points_of(runs[0])
    places = first_places(over_time(runs, name), level, **how)
    return np.where(np.isfinite(places), np.interp(places, np.arange(len(points)), points), np.inf)


def first_places(
    rows: Float[np.ndarray, "S T"], level: float, *, larger_is_better: bool = True
) -> Float[np.ndarray, " S"]:
    """The column at which each row first reaches a level, linearly interpolated; Inf if never.

    Example:
        >>> first_places(np.array([[0.0, 0.4, 0.8], [0.0, 0.1, 0.2]]), 0.6).round(6).tolist()
        [1.5, inf]
    """
    ahead = np.asarray(rows - level if larger_is_better else level - rows, np.float64)
    reached, at = ahead >= 0, np.arange(len(ahead))
    first = reached.argmax(1)
    before, after = ahead[at, np.maximum(first - 1, 0)], ahead[at, first]
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.where(first > 0, first - after / (after - before), 0.0)
    return np.where(reached.any(1), between, np.inf)


def at_places(rows: Float[np.ndarray, "S T"], places: Float[np.ndarray, " S"]) -> Float[np.ndarray, " S"]:
    """Each row's value at its own fractional column, linearly interpolated; NaN where the column is not finite."""
    columns = np.arange(rows.shape[1])
    found = [np.interp(place, columns, row) for place, row in zip(places, rows, strict=True)]
    return np.where(np.isfinite(places), found, np.nan)


def over_time(runs: Sequence[Runs], name: str) -> Float[np.ndarray, "S T"]:
    """A quantity of the trace, such as `loss/training`, of each network; NaN after it diverged."""
    rows = [one.trace[name][0] for one in runs]
    found = np.full((len(rows), max(len(points_of(one)) for one in runs)), np.nan)
    for own, row, one in zip(found, rows, runs, strict=True):
        own[: len(row)] = row
        if one.statuses == ("diverged",):
            own[len(row) - 1 :] = np.nan
    return found


def points_of(one: Runs) -> Int[np.ndarray, " T"]:
    """Updates after which a network is observed, including any after its end."""
    trace = one.trace
    # A network that diverged before its first observation has no epochs; with points in updates none are needed.
    per_epoch = round(trace.steps[0, -1] / trace.epochs[0, -1]) if trace.steps.size else 1
    return Points.of(one.members[0].recipe, per_epoch).steps


def final(runs: Sequence[Runs], name: str, *, diverged: float) -> Float[np.ndarray, " S"]:
    """The last value of a quantity of the trace for each network; `diverged` for those that diverged."""
    return np.array([diverged if one.statuses == ("diverged",) else one.trace[name][0, -1] for one in runs])


def paired_difference(what: str, ours: Float[np.ndarray, " S"], theirs: Float[np.ndarray, " S"]) -> Measured:
    """The mean paired difference over common seeds, ours minus theirs."""
    return measured(what, mean_interval(np.asarray(ours, np.float64) - np.asarray(theirs, np.float64)))


def paired_ratio(
    what: str, ours: Float[np.ndarray, " S"], theirs: Float[np.ndarray, " S"], within: float = np.inf
) -> Measured:
    """The median paired ratio over common starts, ours / theirs, with censored values.

    A value that was not reached is only known to be above `within`, so its ratio lies in a range. The interval's lower
    end uses the smallest possible ratios, its upper end the largest. If neither value was reached, or both are 0, the
    range is 0 to Inf. No start is left out.

    Args:
        what: name of the ratio.
        ours: one number per start; Inf where it was not reached.
        theirs: the same starts.
        within: the search limit, such as the number of updates; Inf if unreached values are truly infinite.

    Returns:
        The median of the ratios where at least one value was reached, with the interval of order statistics; n counts
        all starts, or is 0 if no ratio is known.

    Source: Manski (2003), "Partial identification of probability distributions", for the ranges.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios, lowest, highest = ours / theirs, np.minimum(ours, within) / theirs, ours / np.minimum(theirs, within)
    middle = median_interval(ratios)
    if middle.n == 0:
        return measured(what, middle)
    low = median_interval(np.where(np.isnan(lowest), 0.0, lowest)).low
    high = median_interval(np.where(np.isnan(highest), np.inf, highest)).high
    return measured(what, Interval(middle.mean, low, high, len(ratios)))


def ratio_of_means(what: str, ours: Float[np.ndarray, " S"], theirs: Float[np.ndarray, " S"]) -> Measured:
    """The ratio of two means over common starts, R = ā/b̄, with an interval by linearization, (a − R b)/b̄.

    Args:
        what: name of the ratio.
        ours: a, finite, one per start.
        theirs: b, the same starts, above 0.

    Source: Cochran (1977), "Sampling techniques", section 6.4.
    """
    ratio = ours.mean() / theirs.mean()
    around = mean_interval((ours - ratio * theirs) / theirs.mean())
    return Measured(what, float(ratio), ratio + around.low, ratio + around.high, around.n)


def clustered_share(what: str, counts: Int[np.ndarray, "F 2"]) -> Measured:
    """A share of clustered points, with Wilson's interval for the effective sample size n / d.

        d = Σ (hₖ − p nₖ)² · K/(K − 1) / (n p(1 − p)), between 1 and n/K

    The design effect d says how much more clusters differ than independent points would. If no point or all points hit,
    it is unknown, and each cluster counts as one point.

    Args:
        what: name of the share.
        counts: hits hₖ and points nₖ of each of K independent clusters.

    Returns:
        The share of all points; n is the number of points. The interval is NaN for fewer than 2 clusters.

    Source: Dean & Pagano (2015), "Evaluating confidence interval methods for binomial proportions in clustered
    surveys".
    """
    hits, points = np.asarray(counts, np.float64).T
    n, K = int(points.sum()), int((points > 0).sum())
    if n == 0 or K < 2:
        return measured(what, Interval(float(hits.sum() / n) if n else np.nan, np.nan, np.nan, n))
    p = hits.sum() / n
    by_chance, apart = n * p * (1 - p), float(((hits - p * points) ** 2).sum()) * K / (K - 1)
    worth = K if by_chance == 0 else n if apart <= by_chance else max(K, int(n * by_chance / apart))
    return measured(what, Interval(float(p), *wilson_ends(float(p), worth), n))
