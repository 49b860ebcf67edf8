"""Lines with bands, in one chart or in small multiples. Most figures of `trainwell lecture` use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import MOST_DECADES, Figure, band, frame, logarithmic
from trainwell.display.palette import Drawn, group_key
from trainwell.display.panels import Panels, panel_axes

PANEL_HEIGHT, PANEL_GAP = 150, 58
MOST_ACROSS = 4
"""Maximum number of labels on a horizontal logarithmic axis."""
PANEL_COLUMNS = ((0, 2), (560, 3), (800, 4), (1050, 5))


@dataclass(frozen=True, eq=False)
class Line(Drawn):
    """A line of a chart.

    Attributes:
        x: horizontal coordinates.
        y: vertical coordinates; NaN leaves a gap.
        low: lower end of a band at each point; None for no band.
        high: upper end.
        kind: key of the button that switches lines of this kind; also shown in the hover text.
        dash: `solid`, `dash` or `dot`.
        panel: index of its panel in small multiples.
        markers: whether points have markers.
        joined: whether a line joins the points. If not, they have markers.
    """

    x: Float[np.ndarray, " T"]
    y: Float[np.ndarray, " T"]
    low: Float[np.ndarray, " T"] | None = None
    high: Float[np.ndarray, " T"] | None = None
    kind: str = "line"
    dash: str = "solid"
    panel: int = 0
    markers: bool = False
    joined: bool = True


def lines_chart(
    lines: Sequence[Line],
    x_title: str,
    y_title: str,
    *,
    panels: Sequence[str] = (),
    log_x: bool = False,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    x_range: tuple[float, float] | None = None,
    columns: Sequence[tuple[int, int]] = PANEL_COLUMNS,
    height: int = PANEL_HEIGHT,
) -> Figure:
    """Lines with their bands.

    Args:
        lines: the lines; later ones are drawn on top.
        x_title: title of the horizontal axis.
        y_title: title of the vertical axis.
        panels: titles of small multiples, which share their axes; empty for one chart.
        log_x: whether the horizontal axis is logarithmic.
        log_y: whether the vertical axis is logarithmic.
        y_range: range of the vertical axis in the units of the values, also if it is logarithmic; None fits it.
        x_range: the same for the horizontal axis.
        columns: columns of small multiples, see `Panels`.
        height: of each panel, in pixels.
    """
    own_x = _axis([line.x for line in lines], log=log_x, ends=x_range, most=MOST_ACROSS)
    own_y = _axis([line.y for line in lines], log=log_y, ends=y_range)
    if panels:
        shared_y = {**own_y} if y_range else {**own_y, "range": _ends([line.y for line in lines], log=log_y)}
        fixed = {"fixedrange": True}  # without zoom, whose buttons would cover the last panel's title
        figure = Panels(panels, height, PANEL_GAP, columns, shared=True).figure(
            [({**own_x, **fixed}, {**shared_y, **fixed})] * len(panels), x_title
        )
        figure.update_layout(yaxis_title_text=y_title)
    else:
        figure = frame(x_title, y_title).update_xaxes(own_x).update_yaxes(own_y)
    for line in lines:
        axes = panel_axes(line.panel) if panels else {}
        if line.low is not None and line.high is not None:
            known = np.isfinite(line.low) & np.isfinite(line.high)
            outline = band(line.x[known], line.low[known], line.high[known])
            figure.add_trace({**outline, "fillcolor": line.style.fill(0.18), **_common(line), **axes})
        figure.add_trace({**_trace(line), **axes})
    return figure


def _common(line: Line) -> dict[str, Any]:
    return {**line.common(line.kind), "legendgroup": group_key(line.index, line.style), "showlegend": False}


def _trace(line: Line) -> dict[str, Any]:
    prefix = "" if line.kind == "line" else f"{line.kind}, "
    marked = line.markers or line.style.symbol or len(line.x) == 1
    return {
        **_common(line),
        "x": line.x,
        "y": line.y,
        "mode": "markers" if not line.joined else "lines+markers" if marked else "lines",
        "line": {"color": line.style.color, "width": 2.2 if line.dash == "solid" else 1.7, "dash": line.dash},
        "marker": {
            "symbol": line.style.symbol or "circle",
            "size": 7,
            **({} if line.markers or not line.joined else {"maxdisplayed": 8}),
        },
        "name": line.label,
        "hovertemplate": f"%{{meta[0]}}<br>{prefix}at %{{x:.4~g}}: %{{y:.4~g}}<extra></extra>",
    }


def _axis(
    positions: Sequence[Float[np.ndarray, " T"]],
    *,
    log: bool,
    ends: tuple[float, float] | None,
    most: int = MOST_DECADES,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if log:
        low, high = map(float, np.log10(ends)) if ends else _ends(positions, log=True)
        found = logarithmic(high - low, most)
    if ends:
        found["range"] = [low, high] if log else list(ends)
    return found


def _ends(heights: Sequence[Float[np.ndarray, " T"]], *, log: bool) -> list[float]:
    """The common range of all panels: from the lowest to the highest value, with a margin."""
    joined = np.concatenate([*heights, np.empty(0)])
    finite = joined[np.isfinite(joined) & ((joined > 0) | (not log))]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if log:
        low, high = float(np.log10(low)), float(np.log10(high))
    margin = 0.05 * (high - low) or 0.05
    return [low - margin, high + margin]
