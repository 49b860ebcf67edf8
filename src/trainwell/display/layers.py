"""How the numbers inside a network spread, layer beside layer: activations, gradients, weights."""

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
ROOM = 0.05  # above the highest bar, as a share of it
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
    """A panel per layer with its histogram; all have the same bins and the same heights.

    Of several moments of time the last is drawn; all are in `layout.meta`, from where a page's slider draws them.

    Args:
        edges: of the bins, ascending.
        heights: of the bars, such as counts or shares, at each moment.
        titles: of the panels at each moment, such as "layer 1: 0.50 ± 0.31": short, since panels are narrow.
        x_title: what the numbers are, below all panels.
        y_title: what a bar's height is, for those who point at it.
        moments: what each moment is called.
        powers: whether the edges are exponents of ten.
        top: where the vertical axis ends; higher bars are cut off. By default above the highest bar of all moments.
        color: of the bars.

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
    """The axis of the numbers."""
    first, last = float(edges[0]), float(edges[-1])
    ticks = nice_ticks(first, last, MOST_TICKS)
    if powers:  # none at the end, where it would touch the next panel's first
        ticks = np.arange(ceil(first), last, max(ceil((last - first) / (MOST_TICKS - 1)), 1)).tolist()
    texts = [f"10<sup>{tick:.0f}</sup>" if powers else f"{tick:g}" for tick in ticks]
    ticked = {"tickvals": ticks, "ticktext": texts, "tickangle": 0}
    # Not to be zoomed: the buttons for it would cover the last panel's title.
    return {"range": [first, last], **ticked, "title": {"text": ""}, "fixedrange": True}
