"""Histograms of the numbers in each layer of a network: activations, gradients, weights."""

from collections.abc import Sequence
from html import escape
from math import ceil

import numpy as np
from jaxtyping import Float, Int

from trainwell.display.canvas import Figure
from trainwell.display.palette import COLORS, meta
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.scales import nice_ticks

COLUMNS = ((0, 2), (560, 3), (760, 5))
ROOM = 0.05  # space above the highest bar, as a share of its height
MOST_TICKS = 4


def layer_histograms(
    edges: Float[np.ndarray, " K+1"],
    heights: Float[np.ndarray, "T L K"] | Int[np.ndarray, "T L K"],
    titles: Sequence[Sequence[str]],
    x_title: str,
    y_title: str,
    *,
    moments: Sequence[str] = ("",),
    powers: bool = False,
    top: float | None = None,
    color: str = COLORS[0],
) -> Figure:
    """One panel per layer with its histogram. All panels have the same bins and the same vertical axis.

    Of several points in time, the last is drawn. All are stored in `layout.meta`, for the slider of a page.

    Args:
        edges: of the bins, ascending.
        heights: of the bars, such as counts or shares, at each point in time.
        titles: of the panels at each point in time, such as "layer 1: 0.50 ± 0.31"; short, since panels are narrow.
        x_title: title of the horizontal axis, below all panels.
        y_title: meaning of a bar's height, for the hover text.
        moments: name of each point in time.
        powers: whether the edges are exponents of ten.
        top: upper end of the vertical axis; higher bars are cut off. None ends it above the highest bar of all times.
        color: of the bars.

    Returns:
        The figure.

    Example:
        >>> figure = layer_histograms(np.linspace(0, 1, 4), np.ones((1, 2, 3)), [["layer 1", "layer 2"]], "", "values")
        >>> [trace.xaxis for trace in figure.data]
        ['x', 'x2']

    Source: F-6-10, F-6-11, F-6-13, F-6-14; T-BABY-3.
    """
    top = top or float(np.max(heights, initial=0)) * (1 + ROOM) or 1.0
    up = {"range": [0, top], "nticks": MOST_TICKS, "title": {"text": ""}, "fixedrange": True}
    panels = Panels(titles[-1], 130, 34, COLUMNS, shared=True)
    figure = panels.figure([(_across(edges, powers=powers), up)] * len(titles[-1]), escape(x_title))
    ends = np.stack([edges[:-1], edges[1:]], 1)
    for layer, bars in enumerate(heights[-1]):
        figure.add_bar(
            x=ends.mean(1),
            width=np.diff(edges),
            y=bars,
            marker={"color": color, "line": {"width": 0}},
            customdata=10**ends if powers else ends,
            hovertemplate="%{customdata[0]:.3~g} to %{customdata[1]:.3~g}<br>"
            f"{escape(y_title)}: %{{y:.3~g}}<extra></extra>",
            **panel_axes(layer),
            **meta(titles[-1][layer], "histogram"),
        )
    if len(moments) > 1:
        seen = {
            "texts": list(moments),
            "heights": np.round(np.asarray(heights, float), 6).tolist(),
            "titles": [[escape(title) for title in own] for own in titles],
        }
        figure.update_layout(meta={**figure.layout.meta, "moments": seen})
    return figure.update_layout(bargap=0, showlegend=False)


def _across(edges: Float[np.ndarray, " K+1"], *, powers: bool) -> dict[str, object]:
    """Settings of the horizontal axis."""
    first, last = float(edges[0]), float(edges[-1])
    ticks = nice_ticks(first, last, MOST_TICKS)
    if powers:  # without the last one, whose label would touch the first label of the next panel
        ticks = np.arange(ceil(first), last, max(ceil((last - first) / (MOST_TICKS - 1)), 1)).tolist()
    texts = [f"10<sup>{tick:.0f}</sup>" if powers else f"{tick:g}" for tick in ticks]
    ticked = {"tickvals": ticks, "ticktext": texts, "tickangle": 0}
    # Without zoom, whose buttons would cover the last panel's title.
    return {"range": [first, last], **ticked, "title": {"text": ""}, "fixedrange": True}
