"""Diagrams: networks with their actual weights, and computational graphs (boxes joined by arrows)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import hypot
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from trainwell.display.canvas import INK, Figure, frame
from trainwell.display.palette import COLORS, meta
from trainwell.display.panels import Panels, panel_axes

WIRING_COLUMNS = ((0, 1), (560, 3))
WIRING_HEIGHT, WIRING_GAP = 250, 70
LEVELS = 5
"""Number of line widths for the sizes of weights."""
WIDEST, LARGEST = 3.2, 13.0
"""Maximum width of a line and maximum size of a unit, in pixels."""
GAP = 3
"""Pixels between an arrow and the box it points at, or its text."""
HIDDEN_AXIS = {"visible": False, "fixedrange": True}


@dataclass(frozen=True, eq=False)
class Wiring:
    """A network, drawn layer by layer with one line per weight.

    Attributes:
        title: of the panel.
        weights: of each layer except the inputs, `[H, D]` for H units with D inputs.
        layers: name of each layer.
        texts: hover text of each unit of each layer.
        off: mask of the dropped units of each layer, which are crossed out and have no lines; empty for none.
    """

    title: str
    weights: Sequence[Float[np.ndarray, "H D"]]
    layers: Sequence[str]
    texts: Sequence[Sequence[str]]
    off: Sequence[Bool[np.ndarray, " H"]] = ()


def wiring_chart(
    wirings: Sequence[Wiring], *, columns: Sequence[tuple[int, int]] = WIRING_COLUMNS, height: int = WIRING_HEIGHT
) -> Figure:
    """Networks side by side: positive weights are blue, negative ones orange; lines are wider for larger weights.

    All networks have the same scale of widths.

    Args:
        wirings: the networks.
        columns: see `Panels`.
        height: of each panel, in pixels.

    Example:
        >>> one = Wiring("a unit", [np.array([[1.0, -0.5]])], ["2 inputs", "unit"], [["1", "2"], ["3"]])
        >>> [trace.meta[1] for trace in wiring_chart([one]).data]
        ['weights', 'weights', 'units']

    Source: F-6-12, F-6-22.
    """
    largest = max((float(np.abs(w).max(initial=0)) for one in wirings for w in one.weights), default=1.0) or 1.0
    axes = []
    for one in wirings:
        ticks = {"tickvals": list(range(len(one.layers))), "ticktext": [escape(name) for name in one.layers]}
        last = len(one.layers) - 1
        across = {"range": [-0.35, last + 0.35], **ticks, "showgrid": False, "fixedrange": True, "tickangle": 0}
        axes.append((across, {"range": [-0.56, 0.56], **HIDDEN_AXIS}))
    panels = Panels([one.title for one in wirings], height, WIRING_GAP, columns, shared=False)
    figure = panels.figure(axes)
    for panel, one in enumerate(wirings):
        heights = [_heights(len(texts)) for texts in one.texts]
        off = one.off or [np.zeros(len(texts), bool) for texts in one.texts]
        for trace in _lines(one, heights, off, largest):
            figure.add_trace({**trace, **panel_axes(panel)})
        figure.add_trace({**_units(one, heights, off, height), **panel_axes(panel)})
    return figure


def _heights(count: int) -> Float[np.ndarray, " H"]:
    """Vertical positions of a layer's units from top to bottom, within ±0.5; few units are closer together."""
    spread = min(1.0, 0.25 * (count - 1))
    return np.linspace(spread / 2, -spread / 2, count)


def _lines(
    one: Wiring, heights: Sequence[Float[np.ndarray, " H"]], off: Sequence[Bool[np.ndarray, " H"]], largest: float
) -> list[dict[str, Any]]:
    """The lines of the weights, one trace per sign and width."""
    segments: dict[tuple[bool, int], tuple[list[float | None], list[float | None]]] = {}
    for layer, weights in enumerate(one.weights):
        for (unit, source), weight in np.ndenumerate(weights):
            if off[layer][source] or off[layer + 1][unit]:
                continue
            level = min(int(LEVELS * abs(weight) / largest), LEVELS - 1)
            x, y = segments.setdefault((bool(weight < 0), level), ([], []))
            x += [layer, layer + 1, None]
            y += [round(float(heights[layer][source]), 3), round(float(heights[layer + 1][unit]), 3), None]
    return [
        {
            "type": "scatter",
            **meta(one.title, "weights"),
            "x": x,
            "y": y,
            "mode": "lines",
            "line": {"color": COLORS[int(negative)], "width": WIDEST * (level + 0.5) / LEVELS},
            "opacity": 0.75,
            "hoverinfo": "skip",
        }
        for (negative, level), (x, y) in sorted(segments.items())
    ]


def _units(
    one: Wiring, heights: Sequence[Float[np.ndarray, " H"]], off: Sequence[Bool[np.ndarray, " H"]], height: int
) -> dict[str, Any]:
    dropped = np.concatenate(list(off))
    return {
        "type": "scatter",
        **meta(one.title, "units"),
        "x": np.repeat(np.arange(len(heights)), [len(own) for own in heights]),
        "y": np.concatenate(list(heights)),
        "mode": "markers",
        "marker": {
            "size": min(LARGEST, 0.7 * height / max(map(len, heights))),
            "color": INK,
            "opacity": 1,
            "symbol": ["x-thin" if gone else "circle" for gone in dropped],
            "line": {"color": INK, "width": [2.0 if gone else 0.0 for gone in dropped]},
        },
        "text": [escape(text) for own in one.texts for text in own],
        "hovertemplate": "%{text}<extra></extra>",
    }


@dataclass(frozen=True)
class Box:
    """A node of a graph: an operation or a quantity.

    Attributes:
        text: its text, of one or several lines.
        column: position in the direction of the flow.
        row: position across the flow.
        color: of its outline.
        size: width and height in pixels.
        round: whether it is a circle.
        hover_text: its hover text; empty for none.
    """

    text: str
    column: float
    row: float
    color: str = INK
    size: tuple[float, float] = (36, 36)
    round: bool = True
    hover_text: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow from one box to another, with the values of the forward and the backward pass.

    Attributes:
        source: index of the box where it starts.
        target: index of the box where it ends.
        forward: text above the arrow, or left of a vertical one.
        backward: text below the arrow, or right of a vertical one, in another colour.
        via: column and row of a corner; None for a straight arrow.
        at: position of the texts on its last straight part, from 0 to 1.
    """

    source: int
    target: int
    forward: str = ""
    backward: str = ""
    via: tuple[float, float] | None = None
    at: float = 0.5


@dataclass(frozen=True)
class Flow:
    """The layout of a graph for a range of page widths.

    Attributes:
        min_width: the smallest page width of this layout, in pixels.
        down: whether the flow is from top to bottom; otherwise from left to right.
        step: vertical distance of two positions, in pixels.
        margin: space around the outermost positions: at the sides in positions, above and below in pixels.
    """

    min_width: int
    down: bool
    step: float
    margin: tuple[float, float]


Position: TypeAlias = tuple[float, float]
Settings: TypeAlias = dict[str, Any]


def flow_chart(boxes: Sequence[Box], arrows: Sequence[Arrow], flows: Sequence[Flow]) -> Figure:
    """Boxes joined by arrows, in the layout that fits the page's width.

    Args:
        boxes: the boxes.
        arrows: the arrows between them.
        flows: layouts, narrowest first. Their heights must differ, since pages use them to identify the layout.

    Example:
        >>> figure = flow_chart([Box("a", 0, 0), Box("b", 1, 0)], [Arrow(0, 1, "2")], [Flow(0, True, 80, (1, 40))])
        >>> [one.text for one in figure.layout.annotations]
        ['', '2', 'a', 'b']

    Source: F-6-16, F-6-17.
    """
    looks, outlines = _looks(boxes, arrows), [_outline(box) for box in boxes]
    placed = [_placed(boxes, arrows, flow) for flow in flows]
    layout, texts, shapes = placed[-1]
    figure = frame("").update_xaxes(HIDDEN_AXIS).update_yaxes(HIDDEN_AXIS)
    figure.update_layout({name.replace(".", "_"): value for name, value in layout.items()})
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=[{**look, **one} for look, one in zip(looks, texts, strict=True)],
        shapes=[{**outline, **one} for outline, one in zip(outlines, shapes, strict=True)],
        meta={"layouts": [(flow.min_width, _flat(*one)) for flow, one in zip(flows, placed, strict=True)]},
    )


def _looks(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> list[Settings]:
    """Settings of arrows, their texts and the texts of boxes, without positions."""
    part: Settings = {"text": "", "showarrow": True, "arrowwidth": 1.4, "arrowcolor": INK, "axref": "x", "ayref": "y"}
    found: list[Settings] = []
    for arrow in arrows:
        found += [{**part, "arrowhead": 0}] if arrow.via else []
        found.append({**part, "arrowhead": 2})
        for text, font in ((arrow.forward, {"size": 11}), (arrow.backward, {"size": 11, "color": COLORS[1]})):
            found += [{"showarrow": False, "text": _markup(text), "font": font}] if text else []
    for box in boxes:
        hover = {"hovertext": escape(box.hover_text), "captureevents": True} if box.hover_text else {}
        found.append({"showarrow": False, "text": _markup(box.text), "font": {"size": 12}, **hover})
    return found


def _markup(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _outline(box: Box) -> Settings:
    """Settings of a box's outline, without its position."""
    width, height = box.size
    kind = {"type": "circle" if box.round else "rect", "xsizemode": "pixel", "ysizemode": "pixel"}
    ends = {"x0": -width / 2, "x1": width / 2, "y0": -height / 2, "y1": height / 2}
    return {**kind, **ends, "line": {"color": box.color, "width": 1.6}}


def _placed(
    boxes: Sequence[Box], arrows: Sequence[Arrow], flow: Flow
) -> tuple[Settings, list[Settings], list[Settings]]:
    """Size and axes of a layout, and the positions of all texts and outlines."""

    def turned(column: float, row: float) -> Position:
        return (row, -column) if flow.down else (column, -row)

    positions = [turned(box.column, box.row) for box in boxes]
    texts: list[Settings] = []
    for arrow in arrows:
        begin, end = positions[arrow.source], positions[arrow.target]
        source: Box | None = boxes[arrow.source]
        if arrow.via:
            corner = turned(*arrow.via)
            texts.append(_part(begin, corner, source, None))
            begin, source = corner, None
        texts.append(_part(begin, end, source, boxes[arrow.target]))
        texts += [_beside(begin, end, arrow.at, back=False)] if arrow.forward else []
        texts += [_beside(begin, end, arrow.at, back=True)] if arrow.backward else []
    texts += [{"x": x, "y": y} for x, y in positions]
    xs, ys = zip(*positions, strict=True)
    sides, ends = flow.margin
    size = {
        "height": (max(ys) - min(ys)) * flow.step + 2 * ends,
        "xaxis.range": [min(xs) - sides, max(xs) + sides],
        "yaxis.range": [min(ys) - ends / flow.step, max(ys) + ends / flow.step],
    }
    return size, texts, [{"xanchor": x, "yanchor": y} for x, y in positions]


def _part(begin: Position, end: Position, source: Box | None, target: Box | None) -> Settings:
    """A straight part of an arrow, between the outlines of boxes (None for a corner)."""
    (x0, y0), (x1, y1) = begin, end
    gaps = {"startstandoff": _gap(begin, end, source), "standoff": _gap(begin, end, target)}
    return {"x": x1, "y": y1, "ax": x0, "ay": y0, **gaps}


def _gap(begin: Position, end: Position, box: Box | None) -> float:
    """Pixels from a box's middle to its outline in the direction of an arrow."""
    if box is None:
        return 0.0
    half = [side / 2 for side in box.size]
    if begin[1] == end[1]:
        return half[0] + GAP
    if begin[0] == end[0]:
        return half[1] + GAP
    return (max(half) if box.round else 0.9 * hypot(*half)) + GAP


def _beside(begin: Position, end: Position, at: float, *, back: bool) -> Settings:
    """Position of a text at an arrow: above or below a horizontal one, left or right of a vertical one."""
    (x0, y0), (x1, y1) = begin, end
    position = {"x": x0 + at * (x1 - x0), "y": y0 + at * (y1 - y0)}
    if y0 == y1:
        side = {"yanchor": "top", "yshift": -GAP} if back else {"yanchor": "bottom", "yshift": GAP}
        return {**position, **side, "xanchor": "center", "xshift": 0}
    side = {"xanchor": "left", "xshift": GAP} if back else {"xanchor": "right", "xshift": -GAP}
    return {**position, **side, "yanchor": "middle", "yshift": 0}


def _flat(size: Settings, texts: Sequence[Settings], shapes: Sequence[Settings]) -> Settings:
    """A layout as arguments of Plotly's `relayout`."""
    found = dict(size)
    for kind, ones in (("annotations", texts), ("shapes", shapes)):
        for i, one in enumerate(ones):
            found |= {f"{kind}[{i}].{name}": value for name, value in one.items()}
    return found
