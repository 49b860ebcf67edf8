"""How figures of training are drawn: the mean over seeds with its band, and the numbers at the end."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from trainwell.display import Chip, Head, Line, Row, Style, Table, chips, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Given, Series
from trainwell.lecture.measuring import points_of
from trainwell.statistics import mean_interval, mean_intervals
from trainwell.training import Runs

SHARE, LOSS = (0.0, 1.0), (0.0, float("inf"))
"""What accuracies and losses can be."""
KAISER = np.kaiser(11, 2)
"""The book's smoothing of losses."""
MOST_POINTS = 500
"""Of a smoothed curve that are drawn."""
DASHES = ("solid", "dash", "dot")
DASH_SYMBOLS = ("", "dash", "dot")
"""Their names in legends."""


def observed(given: Given, shown: Mapping[str, str], *, updates: bool = False) -> list[Series]:
    """What a figure shows of every contender: labelled `CONTENDER: what`, or `what` where there is one contender.

    Args:
        given: the figure's networks.
        shown: what a curve shows -> its name in the trace.
        updates: whether x is updates; otherwise epochs, from 0 on.
    """
    found = []
    for label, runs in given.runs.items():
        for what, name in shown.items():
            named = what if len(given.runs) == 1 else f"{label}: {what}"
            found.append(_series(named, runs, name, updates=updates))
    return found


def _series(label: str, runs: Sequence[Runs], name: str, *, updates: bool) -> Series:
    """What was observed under a name of the trace, one row per seed; a loss is NaN after a seed diverged.

    The accuracy is then that of the first class said of everything: so the book's code takes outputs that are no
    numbers. Observations count them as wrong.
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
    """Lines of series in the order of `observed`: colours tell contenders apart, dashes what is shown.

    Args:
        series: contender by contender, in that what is shown by what is shown.
        contenders: labels.
        shown: what is shown of each.
        drawn: style of each contender.
        panels: of small multiples, the panel of each contender.
        within: what values can be: bands end there.
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
    """The mean over seeds at each place and its 95% interval; no band of a single seed."""
    if len(seeds) == 1:
        return seeds[0], None, None
    found = mean_intervals(seeds, within=within)
    return found.mean, found.low, found.high


def end_table(series: Sequence[Series], within: tuple[float, float], what: str = "at the end") -> Table:
    """Where curves end: mean over seeds, its 95% interval, and how many seeds there are."""
    rows = []
    for one in series:
        last = one.seeds[:, -1]
        finite = last[np.isfinite(last)]
        if len(finite) == 0:
            rows.append(Row((one.label, "diverged", "", f"0 of {len(last)}")))
            continue
        found = mean_interval(finite)
        low, high = max(found.low, within[0]), min(found.high, within[1])
        interval = f"{low:.4g} – {high:.4g}" if len(finite) > 1 else ""
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
    """One chart of all contenders, and where their curves end.

    Args:
        given: the figure's networks.
        shown: what a curve shows -> its name in the trace.
        y_title: of the vertical axis.
        within: what values can be.
        updates: whether the horizontal axis counts updates; otherwise epochs.
        log_y: whether the vertical axis is logarithmic.
        y_range: its ends.
        smoothing: weights of a moving average that is drawn, at `MOST_POINTS` of its places at most; numbers are of the
            values themselves.
    """
    series, contenders = observed(given, shown, updates=updates), list(given.runs)
    seen = series if smoothing is None else [_smooth(one, smoothing) for one in series]
    drawn = styles(range(len(contenders)))
    lines = lines_of(seen, contenders, list(shown), drawn, within=within)
    chart = lines_chart(lines, "updates" if updates else "epochs", y_title, log_y=log_y, y_range=y_range)
    return Content(
        [Drawing("curves", y_title.capitalize(), chart, ends_said(series), *legend(contenders, drawn, list(shown)))],
        series,
        {"Where the curves end": end_table(series, within)},
        diverged_notes(given),
    )


def legend(
    contenders: Sequence[str], drawn: Sequence[Style], shown: Sequence[str]
) -> tuple[Sequence[Chip], Sequence[Chip]]:
    """Buttons of the contenders, and of what is shown of each, where there are several."""
    kinds = [Chip(what, what, "currentColor", DASH_SYMBOLS[i]) for i, what in enumerate(shown)]
    return (
        chips(contenders, drawn) if len(contenders) > 1 else (),
        kinds if len(kinds) > 1 else (),
    )


def ends_said(series: Sequence[Series]) -> str:
    """A sentence with where each curve ends, for those who do not see it; of many, the lowest and the highest."""
    ends = {one.label: float(np.nanmean(one.seeds[:, -1])) for one in series if np.isfinite(one.seeds[:, -1]).any()}
    if not ends:
        return "All networks diverged."
    if len(ends) > 8:
        low, high = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
        lowest, highest = f"{low} at {ends[low]:.3g}", f"{high} at {ends[high]:.3g}"
        return f"{len(ends)} curves; at the end the lowest is {lowest}, the highest {highest}."
    return f"At the end: {', '.join(f'{label} {value:.3g}' for label, value in ends.items())}."


def diverged_notes(given: Given) -> list[str]:
    """Which seeds diverged, in a sentence per contender."""
    found = []
    for label, runs in given.runs.items():
        lost = [str(one.members[0].seed) for one in runs if one.statuses[0] == "diverged"]
        if lost:
            found.append(
                f"{label}: seed {', '.join(lost)} diverged. A loss ends there; an accuracy is then that of the first "
                "class said of everything, as the book's code has it."
            )
    return found


def _smooth(series: Series, weights: Float[np.ndarray, " W"]) -> Series:
    """What is drawn of a curve: its moving average, at few enough places that pages stay small."""
    at = np.unique(np.linspace(0, len(series.x) - 1, MOST_POINTS).round().astype(int))
    return Series(series.label, series.x[at], smoothed(series.seeds, weights)[:, at])


def smoothed(values: Float[np.ndarray, "S T"], weights: Float[np.ndarray, " W"]) -> Float[np.ndarray, "S T"]:
    """A moving average along each row, the ends mirrored, as the book smooths its losses."""
    side = len(weights) // 2
    padded = np.concatenate([values[:, side:0:-1], values, values[:, -2 : -side - 2 : -1]], axis=1)
    return np.stack([np.convolve(row, weights / weights.sum(), mode="valid") for row in padded])
