"""Arrows between points of a chart: gradients, velocities, steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display.palette import Drawn

HEAD = 13.0  # pixels


@dataclass(frozen=True, eq=False)
class Arrows(Drawn):
    """Arrows in one style.

    Attributes:
        starts: start points.
        ends: end points (the heads).
        texts: hover text of each arrow.
        heads: size of each head in pixels; None for the default.
        dash: `solid`, `dash` or `dot`.
        width: of the lines, in pixels.
    """

    starts: Float[np.ndarray, "N 2"]
    ends: Float[np.ndarray, "N 2"]
    texts: Sequence[str]
    heads: Float[np.ndarray, " N"] | None = None
    dash: str = "solid"
    width: float = 2.4


def arrows_trace(arrows: Arrows) -> dict[str, Any]:
    """Arrows as one Plotly trace: lines with gaps between them, and heads that turn when the axes are stretched."""
    count = len(arrows.starts)
    points = np.stack([arrows.starts, arrows.ends, np.full((count, 2), np.nan)], 1).reshape(-1, 2)
    heads = np.full(count, HEAD) if arrows.heads is None else arrows.heads
    sizes = np.stack([np.zeros(count), heads, np.zeros(count)], 1).ravel()
    return {
        **arrows.common("arrows"),
        "x": [None if np.isnan(x) else float(f"{x:.5g}") for x in points[:, 0]],
        "y": [None if np.isnan(y) else float(f"{y:.5g}") for y in points[:, 1]],
        "mode": "lines+markers",
        "line": {"color": arrows.style.color, "width": arrows.width, "dash": arrows.dash},
        "marker": {
            "symbol": "arrow",
            "angleref": "previous",
            "color": arrows.style.color,
            "size": [float(f"{size:.3g}") for size in sizes],
            "opacity": 1,
            "line": {"width": 0},
        },
        "customdata": [text for one in arrows.texts for text in (one, one, "")],
        "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>",
        "showlegend": False,
    }
