"""A page's own legend: buttons that switch what is drawn, for all charts together."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from trainwell.display.palette import GREY, Style


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


def group_key(index: int, style: Style) -> str:
    """Key of the button that switches what has an index: its own, or that of all which share grey."""
    return str(index) if style.own else "rest"
