"""What went on inside the networks: histograms of activations and gradients per layer over training, and a table."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, isfinite
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display import COLORS, NONE, Cell, Figure, Head, Row, Table, layer_histograms
from trainwell.report.frame.page import Chart
from trainwell.training import LayerSpreads

BINS = 30
BOUNDED = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
WITHIN = 0.005  # share of the numbers that may lie beyond each end of the axis
DECADES = 10  # of gradients that are shown, the largest ones
PER_DECADE = 3  # bins
CAPTIONS = (
    "What leaves each layer: mean ± standard deviation, and the share that is exactly 0 (not drawn)",
    "Gradients by each layer’s weights, their sizes on a logarithmic axis: standard deviation",
)


def layer_charts(layers: Sequence[LayerSpreads], facts: Mapping[str, Any], activation: str) -> list[Chart]:
    """Activations and gradients of all networks together, as histograms at every moment.

    Args:
        layers: spreads of the layers, one entry per network of one recipe.
        facts: `layer_facts` of them, for what stands above the histograms.
        activation: activation function of the hidden layers.
    """
    moments = [
        f"epoch {one['epoch']:.4g} (update {one['step']:,})" if one["step"] else "before training"
        for one in facts["moments"]
    ]
    drawn = (_activations(layers, facts, moments, activation), _gradients(layers, facts, moments))
    return [
        Chart(name, caption, figure)
        for name, caption, figure in zip(("activations", "gradients"), CAPTIONS, drawn, strict=True)
    ]


def layer_table(facts: Mapping[str, Any]) -> Table:
    """Each layer before training and at the last moment, means over networks."""
    first, last = facts["moments"][0], facts["moments"][-1]
    heads = ("Layer", "Activations before", f"after epoch {last['epoch']:.4g}", "Gradients before", "after")
    count, rows = len(first["gradient"]["stds"]), []
    for i in range(count):
        seen = [_spread(moment["activation"], i) for moment in (first, last)]
        sizes = [_size(moment["gradient"]["stds"][i], ".2g") for moment in (first, last)]
        rows.append(Row((f"{i + 1} (output)" if i == count - 1 else str(i + 1), *seen, *sizes)))
    return Table((Head(heads[0], "free"), *map(Head, heads[1:])), tuple(rows))


def _spread(seen: Mapping[str, Sequence[float]], layer: int) -> Cell:
    """Mean and standard deviation of a layer's activations; none are looked at of an output layer behind others."""
    if layer >= len(seen["means"]) or not isfinite(seen["means"][layer]):
        return Cell(NONE)
    mean, std, zeros = (seen[name][layer] for name in ("means", "stds", "zeros"))
    return Cell(f"{_short(mean)} ± {_short(std)}", f"{zeros:.0%} zero" if zeros >= WITHIN else "")


def _size(std: float, form: str) -> str:
    return f"± {std:{form}}" if isfinite(std) else NONE


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 100 else f"{value:.2g}"


def _pooled(layers: Sequence[LayerSpreads], name: str) -> list[list[np.ndarray]]:
    """The pooled numbers of all networks, for each moment and layer that they reached."""
    most = max(len(one.steps) for one in layers)
    there = [np.concatenate([one.numbers[name][t] for one in layers if t < len(one.steps)], 1) for t in range(most)]
    return [list(moment) for moment in there]


def _activations(
    layers: Sequence[LayerSpreads], facts: Mapping[str, Any], moments: Sequence[str], activation: str
) -> Figure:
    numbers = _pooled(layers, "activation")
    everything = np.concatenate([values for moment in numbers for values in moment])
    shown = everything[np.isfinite(everything) & (everything != 0)]
    if activation in BOUNDED:
        low, high = BOUNDED[activation]
    else:
        low, high = np.quantile(shown, (WITHIN, 1 - WITHIN)).tolist() if len(shown) else (0.0, 1.0)
        low = min(low, 0.0)
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    heights = np.array([[_shares(values, values != 0, edges) for values in moment] for moment in numbers])
    titles = [
        [f"{i + 1}: {_spread(one['activation'], i).text}{_zeros(one, i)}" for i in range(len(numbers[0]))]
        for one in facts["moments"]
    ]
    return layer_histograms(edges, heights, titles, "Activation", "share of all", moments=moments)


def _zeros(moment: Mapping[str, Any], layer: int) -> str:
    small = _spread(moment["activation"], layer).small
    return f", {small}" if small else ""


def _gradients(layers: Sequence[LayerSpreads], facts: Mapping[str, Any], moments: Sequence[str]) -> Figure:
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = [[np.log10(np.abs(values)) for values in moment] for moment in _pooled(layers, "gradient")]
    everything = np.concatenate([values for moment in powers for values in moment])
    shown = everything[np.isfinite(everything)]
    high = ceil(shown.max()) if len(shown) else 0
    low = min(max(floor(np.quantile(shown, WITHIN)), high - DECADES), high - 1) if len(shown) else -1
    edges = np.linspace(low, high, (high - low) * PER_DECADE + 1)
    heights = np.array([[_shares(values, np.isfinite(values), edges) for values in moment] for moment in powers])
    last = len(powers[0]) - 1
    titles = [
        [
            f"{i + 1}{' (output)' if i == last else ''}: {_size(std, '.1e')}"
            for i, std in enumerate(one["gradient"]["stds"])
        ]
        for one in facts["moments"]
    ]
    x, y = "Size of the gradient", "share of all"
    return layer_histograms(edges, heights, titles, x, y, moments=moments, powers=True, color=COLORS[2])


def _shares(
    values: Float[np.ndarray, " N"], counted: np.ndarray, edges: Float[np.ndarray, " K+1"]
) -> Float[np.ndarray, " K"]:
    """The share of all numbers in each bin; the outermost bins hold what lies beyond, too."""
    inside = np.clip(values[counted & np.isfinite(values)], edges[0], edges[-1])
    return np.asarray(np.histogram(inside, edges)[0] / max(len(values), 1))
