"""Styles that distinguish curves (colours and markers, also for colour-blind readers), and buttons that switch them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

# Okabe & Ito (2008), "Color universal design", without black and yellow, which are invisible on dark or light pages,
# and with a lighter blue, since theirs is faint on dark pages.
COLORS = ("#1F86D1", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("", "diamond", "square", "triangle-up")
GREY = "#8C8C8C"
MAX_STYLES = 10
"""Number of different styles. If there are more curves, only the best have their own style."""


@dataclass(frozen=True)
class Style:
    """How a recipe or contender is drawn.

    Attributes:
        color: of its lines.
        symbol: Plotly's name of the marker on its lines; empty for none.
        own: whether no other recipe or contender has this style.
    """

    color: str
    symbol: str
    own: bool

    def fill(self, opacity: float) -> str:
        """The colour with an opacity from 0 to 1, as CSS."""
        return f"rgba({','.join(map(str, _parts(self.color)))},{opacity})"


def styles(order: Sequence[int]) -> list[Style]:
    """One style per recipe or contender. The best `MAX_STYLES` have their own; all others are grey.

    Args:
        order: indices of all recipes or contenders, best first.

    Returns:
        The styles, by index.
    """
    found = [Style(GREY, "", False)] * len(order)
    for k, i in enumerate(sorted(order[:MAX_STYLES])):
        found[i] = Style(COLORS[k % len(COLORS)], SYMBOLS[k // len(COLORS)], True)
    return found


def grey_first(styles: Sequence[Style]) -> list[int]:
    """Indices in the order of drawing: grey ones first, so that the others are drawn on top."""
    return sorted(range(len(styles)), key=lambda k: styles[k].own)


def shade(share: float) -> str:
    """A colour between faint grey (0) and strong orange (1), as CSS.

    Example:
        >>> shade(0.0), shade(1.0)
        ('rgba(140,140,140,0.45)', 'rgba(213,94,0,1)')
    """
    mixed = [round(a + (b - a) * share) for a, b in zip(_parts(GREY), _parts(COLORS[1]), strict=True)]
    return f"rgba({','.join(map(str, mixed))},{0.45 + 0.55 * share:.3g})"


def _parts(color: str) -> list[int]:
    """Red, green and blue from 0 to 255."""
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


@dataclass(frozen=True)
class Chip:
    """A button of a page's legend, which shows or hides traces.

    Attributes:
        key: group key or kind of the traces that it switches, see `meta`.
        text: its text.
        color: its colour.
        symbol: its marker; empty for none.
        on: whether it is on at first.
    """

    key: str
    text: str
    color: str
    symbol: str = ""
    on: bool = True


def chips(labels: Sequence[str], styles: Sequence[Style], noun: str = "") -> list[Chip]:
    """One button for each recipe or contender with its own style, and one for all others.

    Args:
        labels: of the recipes or contenders.
        styles: of the recipes or contenders.
        noun: a noun for the others, with a leading space; empty for "the other 5".
    """
    found = [
        Chip(str(k), label, style.color, style.symbol)
        for k, (label, style) in enumerate(zip(labels, styles, strict=True))
        if style.own
    ]
    rest = len(labels) - len(found)
    return [*found, *([Chip("rest", f"the other {rest}{noun}", GREY)] if rest else [])]


OTHER_STARTS = "others"
"""Key of the button for paths that are not from the first start."""


def meta(label: str, kind: str, group: str = "all", *start: str) -> dict[str, Any]:
    """The `meta` of a trace, for a page's buttons and hover texts: label, kind, group key, `OTHER_STARTS` if so."""
    return {"meta": [escape(label), kind, group, *start]}


@dataclass(frozen=True, eq=False)
class Drawn:
    """A recipe or a contender in a chart.

    Attributes:
        index: its index among all of them.
        label: its name.
        style: its style.
    """

    index: int
    label: str
    style: Style

    def common(self, kind: str) -> dict[str, Any]:
        """The attributes that all its traces of a kind share."""
        return {"type": "scatter", **meta(self.label, kind, group_key(self.index, self.style))}


def group_key(index: int, style: Style) -> str:
    """Key of the button that switches a recipe or contender: its index, or `rest` for all grey ones."""
    return str(index) if style.own else "rest"
