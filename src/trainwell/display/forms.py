"""Forms of a result: a sentence in a terminal; sentence, table and chart in a notebook."""

from html import escape

from trainwell.display.canvas import Figure
from trainwell.display.images import drawing
from trainwell.display.table import Cell, Row, Table

CELL = "padding:2px 10px;vertical-align:top"
LONGEST = 300
"""Characters of a result in a terminal."""


class Forms:
    """A result that shows itself: of its `headline`, `table` and `chart` the rest is made.

    `repr` is the headline. A notebook shows all three: nothing in it is a script, so that it needs no connection and
    stands in trusted and untrusted notebooks alike. `chart()` alone is Plotly's figure, to zoom in and to point at.
    """

    caption = ""
    """How to read the chart."""

    @property
    def headline(self) -> str:
        """What came out, in a sentence or two."""
        raise NotImplementedError

    def table(self) -> Table:
        """The main numbers."""
        raise NotImplementedError

    def chart(self) -> Figure:
        """The main chart."""
        raise NotImplementedError

    def __repr__(self) -> str:
        said = self.headline
        return f"{type(self).__name__}: {said if len(said) <= LONGEST else f'{said[: LONGEST - 1]}…'}"

    def _repr_html_(self) -> str:
        said = escape(self.headline)
        image = drawing(self.chart(), self.headline)
        caption = f"<p><small>{escape(self.caption)}</small></p>" if image and self.caption else ""
        return f"<div><p>{said}</p>{table_html(self.table())}{image}{caption}</div>"


def table_html(table: Table) -> str:
    """A table of results in HTML that brings its own looks; a row that a chart draws has the colour of its line."""
    sides = ["right" if head.kind == "number" else "left" for head in table.heads]
    heads = "".join(
        f'<th style="{CELL};text-align:{side}">{escape(head.text)}</th>'
        for head, side in zip(table.heads, sides, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, sides)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(row: Row, sides: list[str]) -> str:
    found = []
    for place, (cell, side) in enumerate(zip(row.cells, sides, strict=True)):
        text, small = (cell.text, cell.small) if isinstance(cell, Cell) else (cell, "")
        sign = f'<span style="color:{row.color}">&#9632;</span> ' if row.color and not place else ""
        weight = ";font-weight:bold" if row.chosen else ""
        more = f' <small style="font-weight:normal">{escape(small)}</small>' if small else ""
        found.append(f'<td style="{CELL};text-align:{side}{weight}">{sign}{escape(text)}{more}</td>')
    return "".join(found)
