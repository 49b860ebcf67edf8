"""How a result is shown: as a sentence in a terminal; as a sentence, a table and a chart in a notebook."""

from html import escape

from trainwell.display.canvas import Figure
from trainwell.display.images import drawing
from trainwell.display.palette import MAX_STYLES
from trainwell.display.table import Cell, Row, Table

CELL = "padding:2px 10px;vertical-align:top"
LONGEST = 300
"""Maximum length of a result's `repr`, in characters."""


class Forms:
    """Base class of results. Subclasses define `headline`, `table` and `chart`.

    `repr` is the headline. A notebook shows all three without scripts, so it works offline and in untrusted notebooks.
    `chart()` returns the interactive Plotly figure.
    """

    @property
    def caption(self) -> str:
        """How to read the chart."""
        return ""

    @property
    def headline(self) -> str:
        """The result in one or two sentences."""
        raise NotImplementedError

    def table(self) -> Table:
        """The main numbers."""
        raise NotImplementedError

    def chart(self) -> Figure | None:
        """The main chart; None where there is none."""
        raise NotImplementedError

    def __repr__(self) -> str:
        text = self.headline
        return f"{type(self).__name__}: {text if len(text) <= LONGEST else f'{text[: LONGEST - 1]}…'}"

    def _repr_html_(self) -> str:
        text = escape(self.headline)
        chart = self.chart()
        image = "" if chart is None else drawing(chart, self.headline)
        caption = self.caption if image or chart is None else f"{self.caption} (chart() draws it)"
        caption = f"<p><small>{escape(caption)}</small></p>" if caption else ""
        table = self.table()
        legend = _legend(chart) if image and not any(row.color for row in table.rows) else ""
        return f"<div><p>{text}</p>{table_html(table)}{legend}{image}{caption}</div>"


def _legend(chart: Figure) -> str:
    """The names of a chart's lines with their colours, if there are several; rows of a table have them else."""
    drawn = [trace for trace in chart.data if trace.type == "scatter" and "lines" in (trace.mode or "")]
    colors = {trace.meta[0]: trace.line.color for trace in drawn if trace.meta and trace.meta[0]}
    names = (f'<span style="color:{color}">&#9632;</span> {name}' for name, color in colors.items())
    return f"<p><small>{'&emsp;'.join(names)}</small></p>" if 1 < len(colors) <= MAX_STYLES else ""


def table_html(table: Table) -> str:
    """A table as HTML with inline styles. A row that a chart shows has a square in the colour of its line."""
    sides = ["right" if head.kind == "number" else "left" for head in table.heads]
    heads = "".join(
        f'<th style="{CELL};text-align:{side}">{escape(head.text)}</th>'
        for head, side in zip(table.heads, sides, strict=True)
    )
    rows = "".join(f"<tr>{_cells(row, sides)}</tr>" for row in table.rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(row: Row, sides: list[str]) -> str:
    found = []
    for index, (cell, side) in enumerate(zip(row.cells, sides, strict=True)):
        text, small = (cell.text, cell.small) if isinstance(cell, Cell) else (cell, "")
        sign = f'<span style="color:{row.color}">&#9632;</span> ' if row.color and not index else ""
        weight = ";font-weight:bold" if row.chosen else ""
        more = f' <small style="font-weight:normal">{escape(small)}</small>' if small else ""
        found.append(f'<td style="{CELL};text-align:{side}{weight}">{sign}{escape(text)}{more}</td>')
    return "".join(found)
