"""Tables of pages: column heads and rows of cells. The template macro `table` draws them."""

from dataclasses import dataclass
from typing import NamedTuple

from trainwell.display.palette import Style


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        text: the value.
        small: additional text in small print.
        look: CSS class of the cell.
        words: hover text.
    """

    text: str
    small: str = ""
    look: str = ""
    words: str = ""

    @property
    def line(self) -> str:
        """The value and the small print as one text."""
        return f"{self.text} {self.small}".rstrip()


@dataclass(frozen=True)
class Head:
    """The head of a column.

    Attributes:
        text: the column's title.
        kind: how its cells are set. `number` is aligned to the right; `long`, `word` and `free` may wrap, `code` and
            others may not; `corner` has no title.
    """

    text: str
    kind: str = "number"


@dataclass(frozen=True)
class Row:
    """A row. Its first cell is its title.

    Attributes:
        cells: one per column; a plain string is a cell with only a text.
        chosen: whether the row is highlighted.
        color: colour of the row's lines in charts; empty if charts do not show it.
        symbol: marker on these lines.
    """

    cells: tuple[Cell | str, ...]
    chosen: bool = False
    color: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Table:
    """A table. `look` is its CSS class."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    look: str = ""


def row_of(style: Style, *cells: Cell | str, chosen: bool = False) -> Row:
    """A row whose colour and symbol are those of a style in charts."""
    return Row(cells, chosen, style.color, style.symbol)
