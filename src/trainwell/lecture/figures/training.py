"""Charts of training curves: mean over seeds with a 95% band, and a table of final values."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from trainwell.display import Chip, Head, Line, Row, Style, Table, chips, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Given, Series
from trainwell.lecture.measuring import points_of
from trainwell.statistics import mean_interval, mean_intervals
from trainwell.training import Runs

SHARE, LOSS = (0.0, 1.0), (0.0, float("inf"))
"""Ranges of accuracies and losses."""
KAISER = np.kaiser(11, 2)
"""Weights of the moving average with which the book smooths losses."""
MOST_POINTS = 500
"""Most points drawn of a smoothed curve."""
DASHES = ("solid", "dash", "dot")
DASH_SYMBOLS = ("", "dash", "dot")
"""Their names in legends."""


def observed(given: Given, shown: Mapping[str, str], *, updates: bool = False) -> list[Series]:
    """The curves of every contender, labelled `CONTENDER: CURVE`, or `CURVE` if there is one contender.

    Args:
        given: the figure's networks.
        shown: curve label -> name in the trace.
        updates: whether x is updates; otherwise epochs, from 0 on.
    """
    found = []
    for label, runs in given.runs.items():
        for what, name in shown.items():
            named = what if len(given.runs) == 1 else f"{label}: {what}"
            found.append(_series(named, runs, name, updates=updates))
    return found


def _series(label: str, runs: Sequence[Runs], name: str, *, updates: bool) -> Series:
    """A quantity of the trace, one row per seed; a loss is NaN after a seed diverged.

    The accuracy is then that of always predicting the first class: the argmax of NaN outputs in the book's code. (The
    trace counts these predictions as wrong.)
    """
    points = max((points_of(one) for one in runs), key=len)
    seeds = np.full((len(runs), len(points)), np.nan)
    for row, one in zip(seeds, runs, strict=True):
        values = one.trace[name][0]
        row[: len(values)] = values
        metric, split = name.split("/")
        if metric == "accuracy" and one.statuses == ("diverged",):
            targets = getattr(one.dataset, split).targets
            row[len(np.trim_zeros(values, "b")) :] = (targets == 0).mean()
    x = points if updates else np.arange(len(points))
    return Series(label, np.asarray(x, np.float64), seeds)


def lines_of(
    series: Sequence[Series],
    contenders: Sequence[str],
    shown: Sequence[str],
    drawn: Sequence[Style],
    panels: Sequence[int] = (),
    *,
    within: tuple[float, float],
) -> list[Line]:
    """One line per series in the order of `observed`: a color per contender, a dash per kind of curve.

    Args:
        series: sorted by contender, then by kind of curve.
        contenders: labels.
        shown: kinds of curves.
        drawn: style of each contender.
        panels: panel of each contender, for small multiples.
        within: range of values, to which bands are clipped.
    """
    lines = []
    for i, one in enumerate(series):
        c, w = divmod(i, len(shown))
        middle, low, high = mean_and_band(one.seeds, within)
        lines.append(
            Line(
                c,
                contenders[c],
                drawn[c],
                one.x,
                middle,
                low,
                high,
                shown[w],
                DASHES[w],
                panels[c] if panels else 0,
            )
        )
    return lines


def mean_and_band(
    seeds: Float[np.ndarray, "S T"], within: tuple[float, float]
) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"] | None, Float[np.ndarray, " T"] | None]:
    """The mean over seeds at each point and its 95% interval; no band for a single seed."""
    if len(seeds) == 1:
        return seeds[0], None, None
    found = mean_intervals(seeds, within=within)
    return found.mean, found.low, found.high


def end_table(series: Sequence[Series], within: tuple[float, float], what: str = "at the end") -> Table:
    """Final values: mean over seeds, its 95% interval, and the number of seeds."""
    rows = []
    for one in series:
        last = one.seeds[:, -1]
        finite = last[np.isfinite(last)]
        if len(finite) == 0:
            rows.append(Row((one.label, "diverged", "", f"0 of {len(last)}")))
            continue
        found = mean_interval(finite)
        low, high = max(found.low, within[0]), min(found.high, within[1])
        interval = f"[{low:.4g}, {high:.4g}]" if len(finite) > 1 else ""
        count = f"{len(finite)}" if len(finite) == len(last) else f"{len(finite)} of {len(last)}"
        rows.append(Row((one.label, f"{found.mean:.4g}", interval, count)))
    return Table((Head("curve", "long"), Head(what), Head("95% interval"), Head("seeds")), tuple(rows))


def training_content(
    given: Given,
    shown: Mapping[str, str],
    y_title: str,
    within: tuple[float, float],
    *,
    updates: bool = False,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    smoothing: Float[np.ndarray, " W"] | None = None,
) -> Content:
    """One chart of all contenders, and a table of final values.

    Args:
        given: the figure's networks.
        shown: curve label -> name in the trace.
        y_title: of the vertical axis.
        within: range of values.
        updates: whether the horizontal axis counts updates; otherwise epochs.
        log_y: whether the vertical axis is logarithmic.
        y_range: its ends.
        smoothing: weights of a moving average, drawn with at most `MOST_POINTS` points; numbers are not smoothed.
    """
    series, contenders = observed(given, shown, updates=updates), list(given.runs)
    seen = series if smoothing is None else [_smooth(one, smoothing) for one in series]
    drawn = styles(range(len(contenders)))
    lines = lines_of(seen, contenders, list(shown), drawn, within=within)
    chart = lines_chart(lines, "updates" if updates else "epochs", y_title, log_y=log_y, y_range=y_range)
    return Content(
        [Drawing("curves", y_title.capitalize(), chart, ends_said(series), *legend(contenders, drawn, list(shown)))],
        series,
        {"Final values": end_table(series, within)},
        diverged_notes(given),
    )


def legend(
    contenders: Sequence[str], drawn: Sequence[Style], shown: Sequence[str]
) -> tuple[Sequence[Chip], Sequence[Chip]]:
    """Buttons for contenders and for kinds of curves, each if there are several."""
    kinds = [Chip(what, what, "currentColor", DASH_SYMBOLS[i]) for i, what in enumerate(shown)]
    return (
        chips(contenders, drawn) if len(contenders) > 1 else (),
        kinds if len(kinds) > 1 else (),
    )


def ends_said(series: Sequence[Series]) -> str:
    """A sentence with the final values; of more than 8 curves the lowest and the highest."""
    ends = {one.label: float(np.nanmean(one.seeds[:, -1])) for one in series if np.isfinite(one.seeds[:, -1]).any()}
    if not ends:
        return "All networks diverged."
    if len(ends) > 8:
        low, high = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
        lowest, highest = f"{low} at {ends[low]:.3g}", f"{high} at {ends[high]:.3g}"
        return f"{len(ends)} curves; at the end the lowest is {lowest}, the highest {highest}."
    return f"At the end: {', '.join(f'{label} {value:.3g}' for label, value in ends.items())}."


def diverged_notes(given: Given) -> list[str]:
    """A sentence per contender with diverged seeds."""
    found = []
    for label, runs in given.runs.items():
        lost = [str(one.members[0].seed) for one in runs if one.statuses[0] == "diverged"]
        if lost:
            found.append(
                f"{label}: seed {', '.join(lost)} diverged. The loss curve ends there; the accuracy is then that of "
                "always predicting the first class, as in the book's code."
            )
    return found


def _smooth(series: Series, weights: Float[np.ndarray, " W"]) -> Series:
    """The moving average of a curve, thinned to keep pages small."""
    at = np.unique(np.linspace(0, len(series.x) - 1, MOST_POINTS).round().astype(int))
    return Series(series.label, series.x[at], smoothed(series.seeds, weights)[:, at])


def smoothed(values: Float[np.ndarray, "S T"], weights: Float[np.ndarray, " W"]) -> Float[np.ndarray, "S T"]:
    """A moving average along each row, the ends mirrored, as the book smooths its losses."""
    side = len(weights) // 2
    padded = np.concatenate([values[:, side:0:-1], values, values[:, -2 : -side - 2 : -1]], axis=1)
    return np.stack([np.convolve(row, weights / weights.sum(), mode="valid") for row in padded])
