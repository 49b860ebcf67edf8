"""An error of the documents, and a chart of its result beside the right one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.display import Chip, Line, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Series

Curves: TypeAlias = Mapping[str, tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]]
"""Label -> x and y. Labels that begin with `as written` are dashed."""
WRITTEN = "as written"
FEW = 10
"""Curves with at most so many points have markers."""
KEYS = 100
"""Keys of an error's buttons begin at this times its number."""


@dataclass(frozen=True, eq=False)
class DocumentError:
    """An error of the documents.

    Attributes:
        number: in the list of errors.
        title: its subject.
        written: the error, in a sentence.
        right: the correction, in a sentence.
        draw: computes and draws both forms.
    """

    number: int
    title: str
    written: str
    right: str
    draw: Callable[[], Content]

    @property
    def words(self) -> str:
        """The error and its correction."""
        return f"{self.written} {self.right}"

    @cached_property
    def content(self) -> Content:
        """The chart of both forms, computed once."""
        return self.draw()


def beside(
    number: int, name: str, caption: str, curves: Curves, titles: tuple[str, str], said: str, **axes: Any
) -> tuple[Drawing, list[Series]]:
    """A chart of curves, and their numbers.

    Args:
        number: of the error.
        name: of the chart among those of the error.
        caption: of the chart.
        curves: in the same order in all charts of an error, which share buttons.
        titles: of the axes.
        said: text alternative.
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
