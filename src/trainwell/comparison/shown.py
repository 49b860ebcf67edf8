"""Showing a comparison: ranked contenders in a table and a chart, and the formatting of their numbers."""

from collections.abc import Iterable, Sequence
from math import isfinite, isnan, nan
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from trainwell.comparison.words import ranks_can_differ
from trainwell.core import METRICS, MetricName, score_text
from trainwell.display import (
    MAX_LABEL_LENGTH,
    Cell,
    Figure,
    Head,
    Results,
    Style,
    Table,
    chart_labels,
    ranks_chart,
    row_chart,
    row_of,
    seconds_text,
    time_cell,
)
from trainwell.statistics import Interval

if TYPE_CHECKING:
    from trainwell.comparison.result import Across, Comparison, Comparisons

FAR = 8.0  # a contender is far behind if its gap to the best mean is more than 8 median gaps


def ranking_table(part: "Comparison", styles: Sequence[Style]) -> Table:
    """Contenders by mean score, best first; the best ones are highlighted."""
    heads = (
        Head("Contender", ""),
        Head("Seeds"),
        Head(METRICS[part.metric].head),
        Head("Standard deviation"),
        Head("Interquartile mean"),
        Head("Diverged"),
        Head("Epochs to target"),
        Head("Updates to target"),
        Head("Time per network"),
    )
    rows, step, metric = [], value_step((one.mean for one in part.summaries), part.metric), METRICS[part.metric]
    ahead = leaders(part)
    for rank, k in enumerate(part.ranking(), 1):
        one = part.summaries[k]
        cells = (
            str(one.n),
            mean_cell(one.mean, part.metric, step),
            metric.amount(one.sd, step),
            mean_cell(one.iqm, part.metric, step),
            str(one.diverged),
            time_cell(one.epochs_to_target),
            time_cell(one.steps_to_target).text,
            seconds_text(one.seconds),
        )
        rows.append(row_of(styles[k], f"{rank}. {part.labels[k]}", *cells, chosen=k in ahead))
    return Table(heads, tuple(rows))


def leaders(part: "Comparison") -> set[int]:
    """The contenders that no other beat significantly (none, if these are all); with a reference those that beat it."""
    if part.terms.reference is not None:
        at = part.labels.index(part.terms.reference)
        return {pair.better for pair in part.pairs if pair.better is not None} - {at}
    return set(part.best) if len(part.best) < len(part.summaries) else set()


def short_names(part: "Comparison", most: int = MAX_LABEL_LENGTH) -> tuple[str, ...]:
    """The contenders' names, shortened for charts."""
    return chart_labels(part.labels, [one.varied for one in part.contenders], most)


def ranking_chart(part: "Comparison", styles: Sequence[Style], *, whole: bool = False) -> Figure:
    """The score of every final run, and each contender's mean with its interval, best on top.

    Diverged runs are crosses at the score they count as. The axis spans the finished runs and the intervals, except
    those of contenders far behind the others, and except intervals that diverged runs make wide.

    Args:
        part: the comparison.
        styles: one per contender.
        whole: whether the axis spans all runs and all means instead, however far behind they are.
    """
    metric, order, names = METRICS[part.metric], part.ranking(), short_names(part)
    rows = []
    for rank, k in enumerate(order, 1):
        summary, lost = part.summaries[k], _diverged(part, k)
        texts = [
            f"seed {part.runs.members[m].seed}: {'diverged, counts as ' if bad else ''}{metric.amount(value)}"
            for m, value, bad in zip(part.runs.by_recipe()[k], summary.values.tolist(), lost, strict=True)
        ]
        values, own = metric.scale * summary.values, scaled(summary.mean, metric.scale)
        said, name = mean_cell(summary.mean, part.metric).line, f"{rank}. {names[k]}"
        rows.append(Results(k, part.labels[k], styles[k], name, values, lost, texts, own, said))
    bottom, top = _ends(part, whole=whole)
    margin = 0.06 * (top - bottom) or 0.01 * max(abs(top), 1.0)
    return row_chart(rows, metric.head, (bottom - margin, top + margin))


def is_spread_out(part: "Comparison") -> bool:
    """Whether some results are so far behind that the others are only seen apart if the chart is enlarged."""
    (bottom, top), (lowest, highest) = _ends(part, whole=False), _ends(part, whole=True)
    return highest - lowest > 2 * (top - bottom)


def _diverged(part: "Comparison", k: int) -> Bool[np.ndarray, " n"]:
    return np.array([part.runs.statuses[m] == "diverged" for m in part.runs.by_recipe()[k]])


def _ends(part: "Comparison", *, whole: bool) -> tuple[float, float]:
    """Lowest and highest number that the axis of the ranking must show."""
    scale, summaries = METRICS[part.metric].scale, [part.summaries[k] for k in part.ranking()]
    means = np.array([one.mean.mean for one in summaries])
    near = np.ones(len(means), bool) if whole else near_best(means)
    spans = [
        np.append(one.values[whole | ~_diverged(part, k)], [] if one.diverged else [one.mean.low, one.mean.high])
        for k, one in zip(part.ranking(), summaries, strict=True)
    ]
    shown = scale * np.concatenate([means[near], *(span for span, is_near in zip(spans, near, strict=True) if is_near)])
    shown = shown[np.isfinite(shown)]
    return float(shown.min()), float(shown.max())


def scaled(one: Interval, times: float) -> Interval:
    """An interval multiplied by a factor."""
    return Interval(times * one.mean, times * one.low, times * one.high, one.n)


def near_best(means: Float[np.ndarray, " C"]) -> Bool[np.ndarray, " C"]:
    """For each mean (best first), whether its gap to the best is at most `FAR` median gaps."""
    gaps = np.abs(means - means[0])
    return np.asarray(gaps <= (FAR * float(np.median(gaps)) or float(gaps.max())))


def half(interval: Interval) -> float:
    """Longer side of an interval (the other may be clipped); NaN if there is no interval."""
    found = max(interval.mean - interval.low, interval.high - interval.mean)
    return found if isfinite(found) else nan


def common_step(intervals: Iterable[Interval]) -> float:
    """The median half width of intervals, for the same number of decimals in a column; NaN without intervals."""
    known = [size for one in intervals if (size := half(one)) > 0]
    return median(known) if known else nan


def value_step(intervals: Iterable[Interval], metric: MetricName) -> float:
    """Like `common_step`, but so small that all values keep enough digits."""
    found = list(intervals)
    return METRICS[metric].fine(common_step(found), min((abs(one.mean) for one in found if one.mean), default=0.0))


def mean_cell(interval: Interval, metric: MetricName, step: float = nan) -> Cell:
    """A mean with its interval, with decimals that resolve steps of this size; by default half the interval."""
    own = METRICS[metric]
    step = own.fine(half(interval), interval.mean) if isnan(step) else step
    mean, low, high = (own.amount(value, step) for value in (interval.mean, interval.low, interval.high))
    return Cell(mean, "" if isnan(interval.low) else f"[{low}, {high}]")


def rank_order(across: "Across") -> list[int]:
    """Indices of contenders by mean rank, best first."""
    ranks = across.ranks.ranks
    return sorted(range(len(ranks)), key=lambda k: (ranks[k], k))


def across_chart(across: "Across", labels: Sequence[str], styles: Sequence[Style]) -> Figure:
    """Mean ranks over data sets, and groups of contenders that are not significantly different."""
    found = across.ranks
    difference = found.critical_difference if ranks_can_differ(across) else None
    return ranks_chart(found.ranks, found.groups, difference, labels, styles)


def across_table(comparisons: "Comparisons", styles: Sequence[Style]) -> Table:
    """Contenders over all data sets by mean rank, with their mean scores on each data set."""
    across, parts = comparisons.across, comparisons.parts
    assert across is not None  # only for several data sets
    heads = (
        Head("Contender", ""),
        Head("Mean rank"),
        Head("Normalised, interquartile mean"),
        *(Head(f"{part.dataset.name}: {METRICS[part.metric].head}") for part in parts),
    )
    steps = [value_step((one.mean for one in part.summaries), part.metric) for part in parts]
    rows = []
    for number, k in enumerate(rank_order(across), 1):
        name, rank = f"{number}. {parts[0].labels[k]}", f"{across.ranks.ranks[k]:.2f}"
        means = [mean_cell(part.summaries[k].mean, part.metric, step) for part, step in zip(parts, steps, strict=True)]
        rows.append(row_of(styles[k], name, rank, aggregate_cell(across.aggregates[k]), *means))
    return Table(heads, tuple(rows))


def aggregate_cell(interval: Interval) -> Cell:
    """An interquartile mean of normalised scores with its interval."""
    ends = "" if isnan(interval.low) else f"[{score_text(interval.low)}, {score_text(interval.high)}]"
    return Cell(score_text(interval.mean), ends)
