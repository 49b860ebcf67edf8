"""How far every contender is above the minimum, and how steep it is where it stands, update by update."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from trainwell.display import INK, frame
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.report.race.axes import logarithmic_axis
from trainwell.report.race.traces import Drawn, drawn_paths

if TYPE_CHECKING:
    from trainwell.landscape import Descents, Race, Surface

LARGEST = 1e38
"""What is larger is left out: float32 ends soon above."""
ABOVE = 100.0
"""How far above the highest start a logarithmic axis goes."""
BELOW = 1e-3
"""How far below the tolerance the axis of gradients goes."""


def height_chart(race: "Race", styles: Sequence[Style]) -> go.Figure:
    """The height above the lowest known minimum, on a logarithmic axis; the value itself where none is known.

    Of several starts every path is drawn thin and their median thick.

    Args:
        race: with paths.
        styles: of the contenders.
    """
    drawn = drawn_paths(race)
    bottom = lowest_known(race.descents.surface)
    if bottom is None:
        figure = _curves(race, drawn, drawn.values, styles, frame("Updates", "Value"), "value")
        return figure.update_yaxes(range=_plain_range(race.descents.surface, drawn))
    floor = resolution(race.descents, bottom)
    heights = np.maximum(np.asarray(drawn.values, np.float64) - bottom, floor)  # NaN stays
    figure = _curves(race, drawn, heights, styles, frame("Updates", "Height above the minimum"), "height")
    return _logarithmic(figure, heights, floor)


def slope_chart(race: "Race", styles: Sequence[Style]) -> go.Figure:
    """The norm of the gradient, without noise, on a logarithmic axis, beside the tolerance.

    Args:
        race: with paths.
        styles: of the contenders.
    """
    drawn, tolerance = drawn_paths(race), race.descents.tolerance
    slopes = np.maximum(slopes_of(race.descents.surface, drawn.points), 1e-30)
    figure = _curves(race, drawn, slopes, styles, frame("Updates", "Norm of the gradient"), "gradient's norm")
    figure = _logarithmic(figure, slopes, BELOW * tolerance if tolerance else 1e-12)
    if tolerance:
        figure.add_hline(y=tolerance, line={"color": INK, "width": 1, "dash": "dash"})
    return figure


def lowest_known(surface: "Surface") -> float | None:
    """The value of the lowest known minimum, if it is a global one."""
    return min((one.value for one in surface.minima if one.is_global), default=None)


def resolution(descents: "Descents", bottom: float) -> float:
    """The smallest height that the descents' precision tells from 0."""
    eps = float(np.finfo(descents.values.dtype).eps)
    return max(eps * abs(bottom), 1e-14 if bottom == 0 else 0.0)


def slopes_of(surface: "Surface", points: Float[np.ndarray, "*N D"]) -> Float[np.ndarray, " *N"]:
    """The gradient's norm at many points."""
    import jax  # heavy, and the landscape has it loaded by now

    gradients = jax.jit(jax.vmap(jax.grad(surface.function)))(points.reshape(-1, surface.dimension))
    with np.errstate(over="ignore", invalid="ignore"):
        norms = np.linalg.norm(np.asarray(gradients, np.float64), axis=-1)
    return np.asarray(np.where(np.isfinite(norms), norms, np.nan).reshape(points.shape[:-1]))


def _curves(
    race: "Race",
    drawn: Drawn,
    heights: Float[np.ndarray, "C P U"],
    styles: Sequence[Style],
    figure: go.Figure,
    name: str,
) -> go.Figure:
    for k in sorted(range(len(styles)), key=lambda k: styles[k].own):
        common: dict[str, Any] = {
            "mode": "lines",
            "meta": [escape(race.descents.labels[k]), "curve", group_key(k, styles[k])],
            "hovertemplate": f"%{{meta[0]}}<br>update %{{x}}: {name} %{{y:.4g}}<extra></extra>",
            "opacity": 1 if styles[k].own else 0.45,
        }
        own = np.asarray(heights[k], np.float64)
        own = np.where(abs(own) < LARGEST, own, np.nan)
        if len(own) > 1:
            gap = np.full((len(own), 1), np.nan)
            thin = {**common, "line": {"color": styles[k].fill(0.28), "width": 0.8}, "hoverinfo": "skip"}
            thin.pop("hovertemplate")
            x = np.tile(np.append(drawn.updates, -1), len(own))
            figure.add_scatter(x=x, y=np.concatenate([own, gap], 1).ravel().astype(np.float32), **thin)
        middle = own[0] if len(own) == 1 else _medians(own)
        line = {"color": styles[k].color, "width": 2.2 if styles[k].own else 1}
        marker = {"symbol": styles[k].symbol or "circle", "size": 6, "maxdisplayed": 8}
        mode = "lines+markers" if styles[k].symbol else "lines"
        figure.add_scatter(x=drawn.updates, y=middle, **{**common, "mode": mode}, line=line, marker=marker)
    return figure


def _medians(heights: Float[np.ndarray, "P U"]) -> Float[np.ndarray, " U"]:
    """The median over paths at every update; one that has left counts as higher than all."""
    middle = np.median(np.where(np.isnan(heights), np.inf, heights), 0)
    return np.where(np.isfinite(middle), middle, np.nan)


def _logarithmic(figure: go.Figure, heights: Float[np.ndarray, "C P U"], floor: float) -> go.Figure:
    """A logarithmic axis from the lowest height, or the floor, to not far above the starts'."""
    finite = heights[np.isfinite(heights)]
    starts = heights[:, :, 0]
    high = min(float(finite.max(initial=1.0)), ABOVE * max(float(np.nanmax(starts)), floor))
    low = max(float(finite.min(initial=high)), floor)
    return logarithmic_axis(figure, low, max(high, 10 * low))


def _plain_range(surface: "Surface", drawn: Drawn) -> list[float]:
    """From the lowest to the highest value of the points within the domain."""
    there = drawn.values[surface.inside(np.nan_to_num(drawn.points, nan=np.inf)) & np.isfinite(drawn.values)]
    low, high = float(there.min()), float(there.max())
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]
