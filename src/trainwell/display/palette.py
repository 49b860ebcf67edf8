"""How curves are told apart: colours and markers, also for colour-blind readers, and buttons that switch them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

# Okabe & Ito (2008), "Color universal design", without black and yellow, which are unseen on dark or on light ground,
# and with a lighter blue: theirs is faint on dark.
COLORS = ("#1F86D1", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("", "diamond", "square", "triangle-up")
GREY = "#8C8C8C"
MOST = 10
"""As many get a colour of their own; of more, the best do."""


@dataclass(frozen=True)
class Style:
    """How a recipe or contender is drawn.

    Attributes:
        color: of its lines.
        symbol: Plotly's name of the marker on its lines; empty for none.
        own: whether no other is drawn the same way.
    """

    color: str
    symbol: str
    own: bool

    def fill(self, opacity: float) -> str:
        """The colour with an opacity, as CSS."""
        return f"rgba({','.join(map(str, _parts(self.color)))},{opacity})"


def styles(order: Sequence[int]) -> list[Style]:
    """A style for each: up to `MOST` their own, in the order of their indices; of more, the rest share grey.

    Args:
        order: indices of all that is drawn, best first.
    """
    found = [Style(GREY, "", False)] * len(order)
    for k, i in enumerate(sorted(order[:MOST])):
        found[i] = Style(COLORS[k % len(COLORS)], SYMBOLS[k // len(COLORS)], True)
    return found


def grey_first(styles: Sequence[Style]) -> list[int]:
    """Indices in the order of drawing: grey lies below the others."""
    return sorted(range(len(styles)), key=lambda k: styles[k].own)


def shade(share: float) -> str:
    """The colour between grey (0) and the strongest (1), as CSS; weaker is fainter, too.

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
    """A button: what it switches, its text, how it looks, and whether it is on at first."""

    key: str
    text: str
    color: str
    symbol: str = ""
    on: bool = True


def chips(labels: Sequence[str], styles: Sequence[Style], noun: str = "") -> list[Chip]:
    """One button for each that has a style of its own, and one for all others.

    Args:
        labels: of what is drawn.
        styles: of the same.
        noun: what the others are called; empty where their number says enough.
    """
    found = [
        Chip(str(k), label, style.color, style.symbol)
        for k, (label, style) in enumerate(zip(labels, styles, strict=True))
        if style.own
    ]
    rest = len(labels) - len(found)
    return [*found, *([Chip("rest", f"the other {rest}{noun}", GREY)] if rest else [])]


def meta(label: str, kind: str, group: str = "all") -> dict[str, Any]:
    """What a page's buttons and hover texts read of a trace: its label, its kind, and the key of its button."""
    return {"meta": [escape(label), kind, group]}


@dataclass(frozen=True, eq=False)
class Drawn:
    """What has a name and a style in a chart: a recipe or a contender.

    Attributes:
        index: among all.
        label: its name.
        style: how it is drawn.
    """

    index: int
    label: str
    style: Style

    def common(self, kind: str) -> dict[str, Any]:
        """What its traces of a kind share."""
        return {"type": "scatter", **meta(self.label, kind, group_key(self.index, self.style))}


def group_key(index: int, style: Style) -> str:
    """Key of the button that switches what has an index: its own, or that of all which share grey."""
    return str(index) if style.own else "rest"
