"""The one table of pages: heads, and rows of cells; a page draws it with the macro `table`."""

from dataclasses import dataclass
from typing import NamedTuple

from trainwell.display.palette import Style


class Cell(NamedTuple):
    """What stands in a table.

    Attributes:
        text: the value.
        small: what is said in small print beside it.
        look: a style of its own, by its name.
        words: what is said to those who point at it.
    """

    text: str
    small: str = ""
    look: str = ""
    words: str = ""

    @property
    def line(self) -> str:
        """The value and the small print in one line."""
        return f"{self.text} {self.small}".rstrip()


@dataclass(frozen=True)
class Head:
    """A column's head, and the kind of what stands below it.

    `number`s are set to the right; `long` text, a `word` and what is `free` may wrap, `code` and others do not. A
    `corner` has no head.
    """

    text: str
    kind: str = "number"


@dataclass(frozen=True)
class Row:
    """A row, which its first cell names.

    Attributes:
        cells: one per column; a plain text is a cell without more.
        chosen: whether the row is set off.
        color: of the lines that the charts draw for it; empty where they draw none.
        symbol: of the markers on them.
    """

    cells: tuple[Cell | str, ...]
    chosen: bool = False
    color: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Table:
    """Heads and rows; `look` is a style of the whole table, by its name."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    look: str = ""


def row_of(style: Style, *cells: Cell | str, chosen: bool = False) -> Row:
    """The row of what charts draw in a style."""
    return Row(cells, chosen, style.color, style.symbol)
