"""Tables of a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Head:
    """A column's head, and the kind of what stands below it.

    `number`s are set to the right; `long` text and a `word` may wrap, others do not.
    """

    text: str
    kind: str = "number"


@dataclass(frozen=True)
class ListingRow:
    """Cells of a value with what is said in small print beside it; the first names the row.

    Attributes:
        cells: one per column.
        chosen: whether the row is set off.
        color: of the lines that the charts draw for it; empty where they draw none.
        symbol: of the markers on them.
    """

    cells: tuple[tuple[str, str], ...]
    chosen: bool = False
    color: str = ""
    symbol: str = ""


@dataclass(frozen=True)
class Listing:
    """A table."""

    heads: tuple[Head, ...]
    rows: tuple[ListingRow, ...]
