"""F-C-2: loss curves of four learning rates."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from trainwell.display import Line, Style, lines_chart, styles
from trainwell.lecture.book import HE, Setting
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import (
    LOSS,
    diverged_notes,
    end_table,
    legend,
    mean_and_band,
    observed,
    smoothed,
)

RATES = {"too low": 0.001, "good": 0.1, "high": 0.6, "far too high": 1.5}
TOP = 4.0
"""Top of the chart; the loss of guessing is 2.3."""
WINDOW = np.ones(15)
SETTING = Setting(
    "F-C-2",
    4,
    128,
    None,
    "none",
    500,
    "updates",
    {f"{word} ({rate:g})": HE | {"optimizer": "sgd", "learning_rate": rate} for word, rate in RATES.items()},
    {"training loss": "loss/last_batch"},
)


def draw(given: Given) -> Content:
    """The mean over networks that finished, and each diverged network until its loss leaves the chart."""
    series, labels = observed(given, SETTING.shown, updates=True), list(given.runs)
    drawn, lines = styles(range(len(labels))), []
    for i, (label, one) in enumerate(zip(labels, series, strict=True)):
        whole = np.isfinite(one.seeds).all(1)
        if whole.any():
            middle, low, high = mean_and_band(smoothed(one.seeds[whole], WINDOW), LOSS)
            lines.append(Line(i, label, drawn[i], one.x, middle, low, high))
        lines += [part for seed in one.seeds[~whole] for part in _lost(Line(i, label, drawn[i], one.x, seed))]
    title = "loss on the last batch, after its update"
    chart = lines_chart(lines, "updates", title, y_range=(0.0, 1.05 * TOP))
    contenders, kinds = legend(labels, drawn, list(SETTING.shown))
    ends = [Series(one.label, one.x[-1:], _tail(one.seeds)) for one in series]
    return Content(
        [Drawing("losses", title.capitalize(), chart, _said(labels, ends, series), contenders, kinds)],
        series,
        {"Mean loss of the last tenth of the updates": end_table(ends, LOSS, "mean loss")},
        [
            f"Curves are moving averages over {len(WINDOW)} updates. Networks that diverge are not averaged; "
            "a cross marks where their loss leaves the chart.",
            *diverged_notes(given),
        ],
    )


def _lost(line: Line) -> list[Line]:
    """A diverged network: its losses until they pass the top of the chart, marked by a cross."""
    kept = line.y[: int(np.flatnonzero(np.isfinite(line.y)).max(initial=0)) + 1]
    beyond = np.flatnonzero(~(kept <= TOP))
    if len(beyond):
        kept = np.append(kept[: beyond[0]], TOP)
    x, cross = line.x[: len(kept)], Style(line.style.color, "x", own=True)
    return [replace(line, x=x, y=kept), replace(line, style=cross, x=x[-1:], y=kept[-1:], kind="diverged")]


def _tail(seeds: Float[np.ndarray, "S T"]) -> Float[np.ndarray, "S 1"]:
    """The mean of the last tenth of each row; NaN for a diverged network."""
    return np.asarray(seeds[:, -max(1, seeds.shape[1] // 10) :].mean(1, keepdims=True))


def _said(labels: Sequence[str], ends: Sequence[Series], series: Sequence[Series]) -> str:
    """A sentence on the result of each learning rate."""
    said = []
    for label, end, one in zip(labels, ends, series, strict=True):
        finite = end.seeds[np.isfinite(end.seeds)]
        lost = len(end.seeds) - len(finite)
        reached = f"{label} ends at a loss of {finite.mean():.2g}" if len(finite) else label
        gone = f"diverges within {int(np.isfinite(one.seeds).sum(1).min()) + 1} updates" if lost else ""
        if lost and lost < len(end.seeds):
            gone = f"with {lost} of {len(end.seeds)} seeds it {gone}"
        said.append(", ".join(part for part in (reached, gone) if part) if len(finite) else f"{reached} {gone}")
    return f"{'; '.join(said)}."


FIGURE = Figure(
    "F-C-2",
    "optimization",
    "The same network from the same weights, with four learning rates. The lowest learns slowly, the good one fast; "
    "the high one starts late and unsteadily, and with the highest the loss overflows within a few updates.",
    draw,
    SETTING,
    untuned="There is no view with tuned learning rates: the figure compares learning rates.",
    statements=("C-25",),
)
