"""Results as tables a person can read, in which intervals can be drawn with characters."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from trainwell.core import TITLES
from trainwell.data import TEST_SPLIT_USED

BEST = "bold cyan"
"""The style of what is looked for first."""


def new_table(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[RenderableType]],
    *,
    show_header: bool = True,
) -> Table:
    """A Rich table with a title on the left and a line below the headings, as every command prints it.

    Args:
        title: printed above the table.
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
    """A right-aligned column, for numbers."""
    return Column(heading, justify="right", style=style, no_wrap=no_wrap)


def number(value: float | None, digits: int) -> str:
    """A number with so many decimals; significant digits where it is large; a dash if there is none."""
    if value is None or isnan(value):
        return "–"
    return f"{value:.{digits}f}" if abs(value) < 1000 else f"{value:.{digits}g}"


def ends(interval: Mapping[str, float | None], digits: int = 3) -> str:
    """An interval's ends as `[low, high]`; a dash where one is unknown."""
    if interval["low"] is None or interval["high"] is None:
        return "–"
    return f"[{number(interval['low'], digits)}, {number(interval['high'], digits)}]"


def on_test_split(test: Mapping[str, Any] | None, what: str = "") -> str:
    """A model's score on the test split with its interval, or the error in the target's unit where R² is undefined.

    Args:
        test: `TestQuality.to_json()`; None where the test set is the validation split.
        what: to follow the metric's name.
    """
    if test is None:
        return TEST_SPLIT_USED
    interval, rows = test["interval"], f"{test['n']:,} rows, read once"
    if why := interval.get("undefined"):
        name = next(name for name in test["scores"] if name != interval["name"])
        undefined = f"{TITLES[interval['name']]} is undefined, {why}"
        return f"test {TITLES[name]}{what}: {number(test['scores'][name], 4)} ({rows}; {undefined})"
    return (
        f"test {TITLES[interval['name']]}{what}: {number(interval['mean'], 4)} (95% interval {ends(interval)}, {rows})"
    )


Ends = tuple[float | None, float | None, float | None]
"""Mean, low and high; None where unknown."""


def drawn_intervals(intervals: Sequence[Ends], width: int = 24) -> list[str]:
    """Each interval as a line with its mean as a dot.

    Args:
        intervals: mean, low and high of each row.
        width: characters per row; nothing is drawn in fewer than 3.

    Returns:
        One text of `width` characters per row; blank where there is no mean.

    Example:
        >>> drawn_intervals([(0.5, 0.0, 1.0), (1.0, None, None)], width=9)
        ['├───●───┤', '        ●']
    """
    if width < 3:
        return [""] * len(intervals)
    known = [value for ends in intervals for value in ends if value is not None and math.isfinite(value)]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)

    def at(value: float) -> int:
        return round((value - low) / (high - low) * (width - 1)) if high > low else width // 2

    return ["".join(_row(ends, at, width)) for ends in intervals]


def _row(ends: Ends, at: Callable[[float], int], width: int) -> list[str]:
    mean, low, high = ends
    cells = [" "] * width
    if mean is None:
        return cells
    if low is not None and high is not None:
        first, last = at(low), at(high)
        cells[first : last + 1] = ["─"] * (last - first + 1)
        cells[first], cells[last] = "├", "┤"
    cells[at(mean)] = "●"
    return cells
