"""What an error of the documents is, and a chart of what comes of it beside the right form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.display import Chip, Line, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Series

Curves: TypeAlias = Mapping[str, tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]]
"""Label -> places and heights. Labels that begin with `as written` are dashed."""
WRITTEN = "as written"
FEW = 10
"""Points of a curve that are marked."""
KEYS = 100
"""Buttons of an error have keys of their own: from so many times its number on."""


@dataclass(frozen=True, eq=False)
class DocumentError:
    """An error of the documents.

    Attributes:
        number: in the list of them.
        title: what it is about.
        written: what they say, in a sentence.
        right: what is right, in a sentence.
        draw: computes what comes of both.
    """

    number: int
    title: str
    written: str
    right: str
    draw: Callable[[], Content]

    @property
    def words(self) -> str:
        """What is wrong, and what is right."""
        return f"{self.written} {self.right}"

    @cached_property
    def content(self) -> Content:
        """What comes of both forms, computed once."""
        return self.draw()


def beside(
    number: int, name: str, caption: str, curves: Curves, titles: tuple[str, str], said: str, **axes: Any
) -> tuple[Drawing, list[Series]]:
    """A chart of curves, and their numbers.

    Args:
        number: of the error.
        name: of the chart among those of the error.
        caption: of it.
        curves: what is drawn; the same order of labels in all charts of an error, whose buttons are the same.
        titles: of the axes.
        said: what it shows, for those who do not see it.
        **axes: further arguments of `lines_chart`.
    """
    looks = styles(range(len(curves)))
    lines, buttons, series = [], [], []
    for i, (label, (x, y)) in enumerate(curves.items()):
        dash = "dash" if label.startswith(WRITTEN) else "solid"
        lines.append(Line(KEYS * number + i, label, looks[i], x, y, dash=dash, markers=len(x) <= FEW))
        buttons.append(
            Chip(str(KEYS * number + i), label, looks[i].color, looks[i].symbol or dash.replace("solid", ""))
        )
        series.append(Series(label, np.asarray(x, np.float64), np.asarray(y, np.float64)[None]))
    return Drawing(name, caption, lines_chart(lines, *titles, **axes), said, buttons), series
