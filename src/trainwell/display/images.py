"""Charts as SVG images for notebooks: a few kilobytes, without scripts, inside the page."""

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from math import ceil, cos, isfinite, log10, pi, sin
from typing import Any

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.core import short_text
from trainwell.display.canvas import GRID, INK, Figure
from trainwell.display.scales import nice_ticks
from trainwell.display.texts import short_label

WIDTH, HEIGHT = 720, 320  # pixels
MOST_CELLS = 32
"""Along each side of a surface whose contours are drawn."""
LETTER = 6.6  # approximate width of a letter of a 12-pixel font, in pixels
DASHES = {"dash": "7 4", "dot": "2 3"}
STAR = [(r * sin(k * pi / 5), -r * cos(k * pi / 5)) for k in range(10) for r in [1.3 if k % 2 == 0 else 0.55]]
FORMS: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    "diamond": [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
    "triangle-up": [(0, -1.1), (1, 0.7), (-1, 0.7)],
    "triangle-left": [(-1.1, 0), (0.7, -1), (0.7, 1)],
    "triangle-right": [(1.1, 0), (-0.7, -1), (-0.7, 1)],
    "star": STAR,
}
FORMS |= {"arrow-left": FORMS["triangle-left"], "arrow-right": FORMS["triangle-right"]}
STROKES = {"x": "M-.8-.8L.8.8M-.8.8L.8-.8", "cross": "M-1 0H1M0-1V1", "line-ns": "M0-1V1"}
ANCHORS = {"left": "start", "right": "end"}


def drawing(figure: Figure, words: str) -> str:
    """A chart as an HTML `<img>`; empty if it has other traces than lines, markers, texts and contours.

    Args:
        figure: the chart.
        words: alternative text of the image.
    """
    if not all(trace.type in ("scatter", "contour") for trace in figure.data):
        return ""
    image = b64encode(svg(figure).encode()).decode()
    return f'<img alt="{escape(words)}" style="max-width:100%" src="data:image/svg+xml;base64,{image}">'


def svg(figure: Figure) -> str:
    """A chart as an SVG file, without hover texts, buttons and legends."""
    layout = figure.layout
    height = int(layout.height or HEIGHT)
    names = dict.fromkeys(trace.xaxis or "x" for trace in figure.data) or ["x"]
    panels = {name: Panel.of(figure, name, height) for name in names}
    parts = [part for panel in panels.values() for part in panel.ground()]
    for trace in figure.data:
        panel = panels[trace.xaxis or "x"]
        body = "".join(_traced(trace, panel))
        clip = "" if trace.type == "scatter" and trace.cliponaxis is False else f' clip-path="url(#{panel.name})"'
        parts.append(f'<g opacity="{_short(1 if trace.opacity is None else trace.opacity)}"{clip}>{body}</g>')
    whole = Panel.of(figure, "", height)
    parts += [_shape(one, panels, whole) for one in layout.shapes or ()]
    parts += [_words(one, panels, whole) for one in layout.annotations or ()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}">{"".join(parts)}</svg>'
    )


@dataclass(frozen=True, eq=False)
class Axis:
    """An axis of the image.

    Attributes:
        settings: Plotly's settings of the axis.
        ends: values at both ends; exponents of ten if it is logarithmic.
        pixels: pixels of both ends.
    """

    settings: Any
    ends: tuple[float, float]
    pixels: tuple[float, float]

    @property
    def is_log(self) -> bool:
        """Whether the axis is logarithmic."""
        return bool(self.settings.type == "log")

    def at(self, values: ArrayLike) -> Float[np.ndarray, "..."]:
        """Pixels of values; NaN where there is none."""
        values = np.asarray(values, np.float64)
        if self.is_log:
            values = np.log10(values, out=np.full(values.shape, np.nan), where=values > 0)
        (low, high), (first, last) = self.ends, self.pixels
        return np.asarray(first + (values - low) / (high - low) * (last - first))

    def within(self, share: float) -> float:
        """The pixel at a share of the axis."""
        return self.pixels[0] + share * (self.pixels[1] - self.pixels[0])

    def ticks(self) -> list[tuple[float, str]]:
        """Pixels and labels of the ticks; labels are empty if the chart hides them."""
        if self.settings.visible is False:
            return []
        low, high = sorted(self.ends)
        if self.settings.tickvals is not None:
            values = list(self.settings.tickvals)
            texts = list(self.settings.ticktext or map(short_text, values))
        else:
            log = ((1,), (1, 2, 5)) if self.is_log else ()
            values = nice_ticks(*((10**low, 10**high) if self.is_log else (low, high)), log=log)
            is_share = str(self.settings.tickformat or "").endswith("%")
            texts = [f"{value:.0%}" if is_share else short_text(value) for value in values]
        shown = self.settings.showticklabels is not False
        first, last = sorted(self.pixels)
        found = zip(self.at(np.array(values)).tolist(), texts, strict=True)
        return [(pixel, _plain(text) * shown) for pixel, text in found if first - 0.5 <= pixel <= last + 0.5]


@dataclass(frozen=True, eq=False)
class Panel:
    """The part of the image with one pair of axes."""

    name: str
    x: Axis
    y: Axis

    @classmethod
    def of(cls, figure: Figure, name: str, height: int) -> "Panel":
        """The panel of a horizontal axis such as `x2`; with an empty name the whole plotting area, from 0 to 1."""
        number = name[1:]
        x, y = figure.layout[f"xaxis{number}"], figure.layout[f"yaxis{number}"]
        traces = [trace for trace in figure.data if (trace.xaxis or "x") == name]
        labels = [str(text) for text in y.ticktext or ("0.0001",)]
        left = 26 + min(LETTER * max(map(len, map(_plain, labels))), WIDTH / 2.5)
        area = ((left, WIDTH - 18.0), (height - 44.0, 14.0 if len(figure.layout.annotations or ()) == 0 else 24.0))
        ends = [(0.0, 1.0)] * 2
        if name:
            ends = [_ends(x, [trace.x for trace in traces]), _ends(y, [trace.y for trace in traces])]
        found = []
        for axis, own, pixels in zip((x, y), ends, area, strict=True):
            first, last = axis.domain if name and axis.domain else (0.0, 1.0)
            wide = pixels[1] - pixels[0]
            found.append(Axis(axis, own, (pixels[0] + first * wide, pixels[0] + last * wide)))
        return cls(name, *found)

    def ground(self) -> Iterator[str]:
        """Grid, tick labels and titles."""
        (left, right), (bottom, top) = self.x.pixels, self.y.pixels
        box = f'x="{_short(left)}" y="{_short(top)}" width="{_short(right - left)}" height="{_short(bottom - top)}"'
        yield f'<clipPath id="{self.name}"><rect {box}/></clipPath>'
        lines = []
        for pixel, text in self.x.ticks():
            lines.append(f"M{_short(pixel)} {_short(top)}V{_short(bottom)}")
            yield _text(text, pixel, bottom + 16, "middle")
        for pixel, text in self.y.ticks():
            lines.append(f"M{_short(left)} {_short(pixel)}H{_short(right)}")
            yield _text(text, left - 6, pixel + 4, "end")
        yield f'<path d="{"".join(lines)}" fill="none" stroke="{GRID}"/>'
        titles = ((axis.settings.visible is not False and axis.settings.title.text) or "" for axis in (self.x, self.y))
        across, up = map(_plain, titles)
        yield _text(across, (left + right) / 2, bottom + 36, "middle")
        if up:
            turned = f"translate(13 {_short((top + bottom) / 2)}) rotate(-90)"
            short = short_label(up, int((bottom - top) / LETTER))
            yield f'<g transform="{turned}">{_text(short, 0, 0, "middle")}</g>'


def _ends(axis: Any, coordinates: Sequence[Any]) -> tuple[float, float]:
    """The range of an axis as set in the figure, otherwise around all coordinates."""
    if axis.range is not None:
        return float(axis.range[0]), float(axis.range[1])
    values = np.concatenate([np.empty(0), *(np.asarray(one, np.float64) for one in coordinates if one is not None)])
    values = values[np.isfinite(values) & ((values > 0) | (axis.type != "log"))]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    low, high = (log10(low), log10(high)) if axis.type == "log" else (low, high)
    room = 0.05 * (high - low) or 0.5
    return low - room, high + room


def _contours(trace: Any, panel: Panel) -> Iterator[str]:
    """The lines of equal height, through the triangles of a coarse grid."""
    z = np.asarray(trace.z, np.float64)
    step = max(1, ceil(max(z.shape) / MOST_CELLS))
    x, y = np.meshgrid(panel.x.at(trace.x)[::step], panel.y.at(trace.y)[::step])
    grid = np.stack([x, y, z[::step, ::step]])
    rows, columns = x.shape[0] - 1, x.shape[1] - 1
    at = {(i, j): grid[:, i : rows + i, j : columns + j].reshape(3, -1) for i in (0, 1) for j in (0, 1)}
    halves = [np.stack([at[corner], at[0, 1], at[1, 0]]) for corner in ((0, 0), (1, 1))]
    triangles = np.concatenate(halves, axis=2)  # [3 corners, 3 coordinates, N]
    triangles = triangles[:, :, np.isfinite(triangles).all((0, 1))]
    levels = trace.contours
    for level in np.arange(levels.start, levels.end + levels.size / 2, levels.size):
        above = triangles[:, 2] > level
        crossed = above.any(0) & ~above.all(0)
        odd = np.argmax(above != (above.sum(0) >= 2), axis=0)[crossed]  # the corner that is alone on its side
        own, place = triangles[:, :, crossed], np.arange(len(odd))
        first, *others = (own[(odd + k) % 3, :, place] for k in range(3))
        ends = []
        for other in others:
            share = (level - first[:, 2]) / (other[:, 2] - first[:, 2])
            ends.append(first[:, :2] + share[:, None] * (other[:, :2] - first[:, :2]))
        found = np.concatenate(ends, axis=1).tolist()
        path = "".join(f"M{_short(a)} {_short(b)}L{_short(c)} {_short(d)}" for a, b, c, d in found)
        yield f'<path d="{path}" stroke="{trace.line.color or GRID}" stroke-width="{trace.line.width or 1}"/>'


def _traced(trace: Any, panel: Panel) -> Iterator[str]:
    """SVG elements of a trace: area, line, error bars, markers and texts."""
    if trace.type == "contour":
        yield from _contours(trace, panel)
        return
    x, y = panel.x.at(trace.x), panel.y.at(trace.y)
    mode = trace.mode or "lines"
    if trace.fill == "toself":
        yield f'<path d="{_path(x, y)}" fill="{trace.fillcolor}"/>'
    if "lines" in mode:
        line = trace.line
        stroke = f'stroke="{line.color}" stroke-width="{line.width or 2}"'
        dash = f' stroke-dasharray="{DASHES[line.dash]}"' if line.dash in DASHES else ""
        yield f'<path d="{_path(x, y, steps=line.shape == "hv")}" fill="none" stroke-linejoin="round" {stroke}{dash}/>'
    if trace.error_x.array is not None:
        less, more = np.asarray(trace.error_x.arrayminus), np.asarray(trace.error_x.array)
        ends = zip(panel.x.at(trace.x - less), panel.x.at(trace.x + more), y, strict=True)
        bars = "".join(f"M{_short(a)} {_short(b)}H{_short(c)}" for a, c, b in ends)
        yield f'<path d="{bars}" stroke="{trace.error_x.color}" stroke-width="{trace.error_x.thickness or 2}"/>'
    if "markers" in mode:
        yield from _markers(trace, x, y)
    if "text" in mode:
        _, _, side = (trace.textposition or "middle center").rpartition(" ")
        anchor = {"right": "start", "left": "end"}.get(side, "middle")
        texts = [trace.text] * len(x) if isinstance(trace.text, str) else trace.text
        yield from (_text(_plain(text), a, b + 4, anchor) for text, a, b in zip(texts, x, y, strict=True))


def _markers(trace: Any, x: Float[np.ndarray, " N"], y: Float[np.ndarray, " N"]) -> Iterator[str]:
    marker, count = trace.marker, len(x)
    shown = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if marker.maxdisplayed and len(shown) > marker.maxdisplayed:
        shown = shown[np.linspace(0, len(shown) - 1, marker.maxdisplayed).round().astype(int)]
    colors = _each(marker.color or trace.line.color or INK, count)
    edges, widths = _each(marker.line.color, count), _each(marker.line.width, count)
    sizes, symbols = _each(6 if marker.size is None else marker.size, count), _each(marker.symbol or "circle", count)
    faint = "" if marker.opacity is None else f' opacity="{marker.opacity}"'
    for i in shown.tolist():
        half, name = sizes[i] / 2, str(symbols[i])
        if half <= 0:
            continue
        hollow, form = "open" in name or "thin" in name, name.removesuffix("-open").removesuffix("-thin")
        width = widths[i] or (1.5 if hollow or form in STROKES else 0)
        edge = edges[i] or colors[i]
        look = f'fill="{"none" if hollow else colors[i]}"' + (
            f' stroke="{edge}" stroke-width="{_short(width / half)}"' if width else ""
        )
        at = f'transform="translate({_short(x[i])} {_short(y[i])}) scale({_short(half)})"'
        if form in STROKES:
            yield f'<path d="{STROKES[form]}" {at} {look}{faint}/>'
        elif form in FORMS:
            points = " ".join(f"{_short(a)},{_short(b)}" for a, b in FORMS[form])
            yield f'<polygon points="{points}" {at} {look}{faint}/>'
        else:
            yield f'<circle r="1" {at} {look}{faint}/>'


def _each(value: Any, count: int) -> list[Any]:
    """A setting as a list with one value per point."""
    return [value] * count if value is None or isinstance(value, str | int | float) else list(value)


def _path(x: Float[np.ndarray, " N"], y: Float[np.ndarray, " N"], *, steps: bool = False) -> str:
    """Lines from point to point, with a gap where one is not finite."""
    parts, joined = [], False
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        known = isfinite(a) and isfinite(b)
        if known and steps and joined:
            parts.append(f"H{_short(a)}V{_short(b)}")
        elif known:
            parts.append(f"{'L' if joined else 'M'}{_short(a)} {_short(b)}")
        joined = known
    return "".join(parts)


def _axes(reference: str, panels: dict[str, Panel], whole: Panel) -> tuple[Panel, bool]:
    """The panel of a reference such as `x2`, `y domain` or `paper`, and whether coordinates are shares of it."""
    name, _, domain = reference.partition(" ")
    panel = panels.get(f"x{name[1:]}")
    return (whole, True) if name == "paper" or panel is None else (panel, bool(domain))


def _pixel(one: Any, key: str, panels: dict[str, Panel], whole: Panel) -> float:
    """The pixel of the coordinate `key` (such as `x` or `y0`) of a shape or an annotation."""
    panel, is_share = _axes(one[f"{key[0]}ref"] or key[0], panels, whole)
    axis = panel.x if key[0] == "x" else panel.y
    return axis.within(float(one[key])) if is_share else float(axis.at(one[key]))


def _shape(one: Any, panels: dict[str, Panel], whole: Panel) -> str:
    """A straight line or a rectangle."""
    x0, x1, y0, y1 = (_pixel(one, key, panels, whole) for key in ("x0", "x1", "y0", "y1"))
    if one.type == "rect":
        box = f'x="{_short(min(x0, x1))}" y="{_short(min(y0, y1))}" width="{_short(abs(x1 - x0))}"'
        return f'<rect {box} height="{_short(abs(y1 - y0))}" fill="{one.fillcolor}"/>'
    dash = f' stroke-dasharray="{DASHES[one.line.dash]}"' if one.line.dash in DASHES else ""
    ends = f"M{_short(x0)} {_short(y0)}L{_short(x1)} {_short(y1)}"
    return f'<path d="{ends}" stroke="{one.line.color}" stroke-width="{one.line.width or 1}"{dash}/>'


def _words(one: Any, panels: dict[str, Panel], whole: Panel) -> str:
    x, y = (_pixel(one, key, panels, whole) for key in ("x", "y"))
    down = {"top": 12, "bottom": -4}.get(one.yanchor or "", 4)
    return _text(_plain(one.text or ""), x, y + down - (one.yshift or 0), ANCHORS.get(one.xanchor or "", "middle"))


def _text(text: str, x: float, y: float, anchor: str) -> str:
    return f'<text x="{_short(x)}" y="{_short(y)}" text-anchor="{anchor}">{escape(text)}</text>' if text else ""


def _plain(text: Any) -> str:
    """A chart's text without its markup."""
    return "".join(c for c in unescape(re.sub(r"<[^>]*>", " ", str(text))) if c.isprintable()).strip()


def _short(number: float) -> str:
    """A number with one decimal, or with two significant digits if it is below 1."""
    return f"{number:.1f}".removesuffix(".0") if abs(number) >= 1 or number == 0 else f"{number:.2g}"
