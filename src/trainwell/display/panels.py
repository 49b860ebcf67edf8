"""Small multiples: many small charts in one figure. The number of columns depends on the page's width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from trainwell.display.canvas import EDGE, Figure, figure_of, frame

TOP, BOTTOM = 46, 40  # pixels above the first row (for buttons and titles) and below the last row (for ticks)
LEFT, NARROWEST = 36, 360  # pixels left of the first column (for ticks), and of a whole figure on a phone
LETTER = 6.5  # pixels of a letter of a title, on average


@dataclass(frozen=True)
class Panels:
    """The layout of small multiples.

    Attributes:
        titles: one per panel.
        height: of a panel's plotting area, in pixels.
        gap: between two rows of panels, for ticks and titles, in pixels.
        columns: pairs of a minimum width in pixels and the number of columns from this width on, ascending.
        shared: whether all panels have the same axes, so that only the outer ones need tick labels.
    """

    titles: Sequence[str]
    height: int
    gap: int
    columns: Sequence[tuple[int, int]]
    shared: bool

    def figure(self, axes: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], x_title: str = "") -> Figure:
        """An empty figure with the axes of all panels, in the layout with the most columns.

        All layouts are stored in `layout.meta`, from which a page chooses by its width.

        Args:
            axes: settings of each panel's x and y axis.
            x_title: title below all panels.
        """
        empty = frame("").layout.to_plotly_json()
        layout = {**empty, "margin": {"l": LEFT, "r": EDGE, "t": TOP, "b": BOTTOM}}
        above = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
        annotations: list[dict[str, Any]] = [{**above, "text": escape(title)} for title in self.titles]
        for panel, (own_x, own_y) in enumerate(axes):
            (x, y), reference = axis_names(panel), panel_axes(panel)
            layout[x] = {**empty["xaxis"], **own_x, "anchor": reference["yaxis"]}
            layout[y] = {**empty["yaxis"], **own_y, "anchor": reference["xaxis"]}
        layouts = [(width, self.layout(columns, width)) for width, columns in self.columns]
        for path, value in layouts[-1][1].items():
            name, _, key = path.partition(".")
            if name.startswith("annotations"):
                annotations[int(name[12:-1])][key] = value
            elif key:
                layout[name][key] = value
        if x_title:
            middle = {**above, "xanchor": "center", "x": 0.5, "y": 0, "yshift": -BOTTOM}
            annotations.append({**middle, "text": x_title})
        layout |= {"annotations": annotations, "height": layouts[-1][1]["height"], "meta": {"layouts": layouts}}
        return figure_of(layout)

    def layout(self, columns: int, width: int) -> dict[str, Any]:
        """Positions of panels and titles for a width in pixels, for Plotly's `relayout`.

        Args:
            columns: number of columns; fewer are used if titles would run into each other.
            width: smallest width of the figure that this is for.
        """
        count = len(self.titles)
        room, longest = max(width, NARROWEST) - LEFT - EDGE, max(map(len, self.titles), default=0) * LETTER
        columns = max(min(columns, count, int(room / max(longest, 1))), 1)
        rows = -(-count // columns)
        inner = max(rows, 1) * self.height + max(rows - 1, 0) * self.gap
        between = (22 if self.shared else 44) / max(width, NARROWEST)
        wide = (1 - between * (columns - 1)) / columns
        found: dict[str, Any] = {"height": inner + TOP + BOTTOM}
        for i in range(count):
            row, column = divmod(i, columns)
            left, top = column * (wide + between), 1 - row * (self.height + self.gap) / inner
            x, y = axis_names(i)
            found[f"{x}.domain"] = [left, min(left + wide, 1.0)]
            found[f"{y}.domain"] = [max(top - self.height / inner, 0.0), top]
            found |= {f"annotations[{i}].x": left, f"annotations[{i}].y": top}
            if self.shared:
                found |= {f"{x}.showticklabels": i + columns >= count, f"{y}.showticklabels": column == 0}
        return found


def axis_names(panel: int) -> tuple[str, str]:
    """Plotly's names of a panel's two axes.

    Example:
        >>> axis_names(0), axis_names(2)
        (('xaxis', 'yaxis'), ('xaxis3', 'yaxis3'))
    """
    number = "" if panel == 0 else str(panel + 1)
    return f"xaxis{number}", f"yaxis{number}"


def panel_axes(panel: int) -> dict[str, str]:
    """The attributes of a trace that put it into a panel."""
    number = "" if panel == 0 else str(panel + 1)
    return {"xaxis": f"x{number}", "yaxis": f"y{number}"}
