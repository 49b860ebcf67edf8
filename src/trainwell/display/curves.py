"""Learning curves: the mean of several networks with its interval, and separate curves of diverged networks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from trainwell.display.canvas import Figure, add_message, band, frame
from trainwell.display.palette import Drawn, group_key

DASHES = {"validation": "solid", "training": "dash", "batches": "dot"}
OPACITIES = {"validation": 0.18, "training": 0.09, "batches": 0.06}
MOST_POINTS, FEWEST_POINTS = 2400, 30
"""Largest number of points of all curves in a chart; but each may have 30."""


@dataclass(frozen=True, eq=False)
class Curve(Drawn):
    """One observed quantity of one recipe over time.

    Attributes:
        kind: `validation`, `training` or `batches`.
        epochs: passes over the training split at each point.
        mean: over the networks that are still training.
        low: lower end of the interval; NaN where there is none.
        high: upper end of the interval.
        texts: hover text of each point.
        lost: seed, epochs and values of each diverged network.
    """

    kind: str
    epochs: Float[np.ndarray, " T"]
    mean: Float[np.ndarray, " T"]
    low: Float[np.ndarray, " T"]
    high: Float[np.ndarray, " T"]
    texts: Sequence[str]
    lost: Sequence[tuple[int, Float[np.ndarray, " L"], Float[np.ndarray, " L"]]] = ()

    @property
    def traced(self) -> dict[str, Any]:
        """The attributes that all its traces share. Plotly's legend is off, since the page has its own."""
        return {**self.common(self.kind), "legendgroup": group_key(self.index, self.style), "showlegend": False}

    def thinned(self, most: int) -> "Curve":
        """The same curve with at most `most` of its points, evenly chosen: the first and the last are among them."""
        at = thinned(len(self.epochs), most)
        lost = [(seed, *(part[thinned(len(part), most)] for part in both)) for seed, *both in self.lost]
        short = {name: getattr(self, name)[at] for name in ("epochs", "mean", "low", "high")}
        return replace(self, **short, texts=[self.texts[i] for i in at], lost=lost)


def thinned(count: int, most: int) -> Int[np.ndarray, " K"]:
    """The indices of at most `most` of so many points, evenly spread from the first to the last.

    Example:
        >>> thinned(5, 9).tolist(), thinned(9, 5).tolist()
        ([0, 1, 2, 3, 4], [0, 2, 4, 6, 8])
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def curve_chart(curves: Sequence[Curve], title: str, *, logarithmic: bool) -> Figure:
    """Curves against epochs: validation solid, training dashed, batches dotted; intervals as bands.

    The vertical axis is chosen from means and bands, so that a very wide band or a diverged network does not flatten
    the other curves. Of many points some are drawn, evenly chosen, at most 2,400 of all curves (but 30 of each).

    Args:
        curves: later ones are drawn on top; grey ones are drawn below all others.
        title: of the vertical axis.
        logarithmic: whether the vertical axis is logarithmic.
    """
    number = sum(1 + len(curve.lost) for curve in curves)
    most = max(MOST_POINTS // max(number, 1), FEWEST_POINTS)
    drawn = [curve.thinned(most) for curve in sorted(curves, key=lambda curve: curve.style.own)]
    figure = frame("Epochs", title)
    span = _heights(drawn, logarithmic=logarithmic)
    for curve in drawn:
        if curve.style.own:
            figure.add_trace(_band(curve, span[0] if logarithmic and span else -np.inf))
        figure.add_trace(_line(curve))
    figure.add_traces([_lost(curve, *one) for curve in drawn for one in curve.lost])
    if not logarithmic:
        figure.update_yaxes(range=list(span or (0.0, 1.0)))
    else:
        narrow = span is not None and span[1] / span[0] < 30
        figure.update_yaxes(type="log", dtick="D2" if narrow else 1, tickformat="~g")
        if span is not None:
            figure.update_yaxes(range=[float(np.log10(end)) for end in span])
    if not any(np.isfinite(trace.y).any() for trace in figure.data):
        add_message(figure, f"no finite {title.lower()} was observed")
    return figure


def _heights(curves: Sequence[Curve], *, logarithmic: bool) -> tuple[float, float] | None:
    """The range of the vertical axis; None if nothing is finite.

    On a logarithmic axis a band may reach below 0. The axis then ends at half the lowest mean.
    """
    means = np.concatenate([np.empty(0), *(curve.mean for curve in curves)])
    ends = np.concatenate([means, *(end for curve in curves for end in (curve.low, curve.high))])
    means, ends = (part[np.isfinite(part) & ((part > 0) | (not logarithmic))] for part in (means, ends))
    if not len(ends):
        return None
    if logarithmic:
        low, high = max(ends.min(), means.min() / 2), min(ends.max(), means.max() * 2)
        return float(low / 1.1), float(high * 1.1)
    low, high = max(ends.min(), -1.0), ends.max()
    margin = 0.04 * (high - low) or 0.02
    return float(low - margin), float(high + margin)


def _band(curve: Curve, floor: float) -> dict[str, Any]:
    """The interval as a band, cut off at `floor`, since a logarithmic axis cannot show values of 0 or less."""
    known = np.isfinite(curve.low)
    outline = band(curve.epochs[known], np.maximum(curve.low[known], floor), curve.high[known])
    return {**outline, "fillcolor": curve.style.fill(OPACITIES[curve.kind]), **curve.traced}


def _line(curve: Curve) -> dict[str, Any]:
    style, main = curve.style, curve.kind == "validation"
    width = (2.4 if main else 1.6) if style.own else 1
    return {
        **curve.traced,
        "x": curve.epochs,
        "y": curve.mean,
        "mode": "lines+markers" if style.symbol or len(curve.epochs) == 1 else "lines",
        "line": {"color": style.color, "width": width, "dash": DASHES[curve.kind]},
        "marker": {"symbol": style.symbol or "circle", "size": 7, "maxdisplayed": 8},
        "opacity": 1 if style.own else 0.45,
        "text": curve.texts,
        "hovertemplate": f"%{{meta[0]}}<br>{curve.kind}, epoch %{{x:.4~g}}<br>%{{text}}<extra></extra>",
        "name": curve.traced["meta"][0],
        "showlegend": style.own and main,
    }


def _lost(curve: Curve, seed: int, epochs: Float[np.ndarray, " L"], values: Float[np.ndarray, " L"]) -> dict[str, Any]:
    """The curve of a diverged network up to its last finite value, which is marked by a cross."""
    return {
        **curve.traced,
        "x": epochs,
        "y": values,
        "mode": "lines+markers",
        "line": {"color": curve.style.color, "width": 1},
        "marker": {"symbol": "x", "size": [0] * (len(epochs) - 1) + [9]},
        "opacity": 0.8 if curve.style.own else 0.45,
        "hovertemplate": f"%{{meta[0]}}, seed {seed}<br>diverged after this<extra></extra>",
    }
