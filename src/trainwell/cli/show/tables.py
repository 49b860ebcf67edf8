"""Results as tables a person can read."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from trainwell.core import TITLES

BEST = "bold cyan"
"""The style of what is looked for first."""


def new_table(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[RenderableType]],
    *,
    show_header: bool = True,
) -> Table:
    """A table in the style of all.

    Args:
        title: above it.
        columns: their headings and styles.
        rows: one cell per column.
        show_header: whether the headings are shown.
    """
    table = Table(
        *columns,
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_header=show_header,
    )
    for row in rows:
        table.add_row(*row)
    return table


def numbers(heading: str, style: str = "", *, no_wrap: bool = False) -> Column:
    """A column of numbers."""
    return Column(heading, justify="right", style=style, no_wrap=no_wrap)


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals; significant digits where it is large; a dash if there is none."""
    if value is None or isnan(value):
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.{digits}g}"


def ends(interval: Mapping[str, float | None], digits: int = 3) -> str:
    """An interval's ends."""
    if interval["low"] is None or interval["high"] is None:
        return "–"
    return f"{number(interval['low'], digits)} – {number(interval['high'], digits)}"


def on_test_split(test: Mapping[str, Any], what: str = "") -> str:
    """A model's score on the test split with its interval, or the error in the target's unit where R² is undefined.

    Args:
        test: `TestQuality.to_json()`.
        what: to follow the metric's name.
    """
    interval, rows = test["interval"], f"{test['n']:,} rows, read once"
    if why := interval.get("undefined"):
        return f"RMSE{what}: {number(test['scores']['rmse'], 4)} ({rows}; R² is undefined, {why})"
    return f"{TITLES[interval['name']]}{what}: {number(interval['mean'], 4)} (95% interval {ends(interval)}, {rows})"
