"""A figure of the lecture: what it trains, how it is drawn, and its description."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.display import Chip, Figure as Drawn, Table
from trainwell.lecture.book import Setting
from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.experiment import Size
from trainwell.training import Recipe, Runs

Section: TypeAlias = Literal[
    "optimization", "initialization", "preprocessing", "batch_norm", "regularization", "hyperparameters", "babysitting"
]
"""The lecture's sections, in its order."""


@dataclass(frozen=True, eq=False)
class Series:
    """The numbers of a curve.

    Attributes:
        label: `CONTENDER: training accuracy`, or `training accuracy` if there is one contender.
        x: horizontal coordinates.
        seeds: one row per seed; NaN after a seed diverged.
    """

    label: str
    x: Float[np.ndarray, " T"]
    seeds: Float[np.ndarray, "S T"]

    def to_json(self) -> dict[str, Any]:
        """As JSON values with 7 digits, the precision of float32; None where a number is not finite."""
        return {"label": self.label, "x": _digits(self.x), "seeds": [_digits(row) for row in self.seeds]}


def _digits(values: Float[np.ndarray, " T"]) -> list[float | None]:
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart of a figure.

    Attributes:
        name: unique within the figure.
        caption: of the chart.
        chart: the chart.
        said: text alternative: one or two sentences with the main numbers.
        contenders: buttons that show and hide contenders.
        kinds: buttons that show and hide kinds of lines, such as training and test accuracy.
    """

    name: str
    caption: str
    chart: Drawn
    said: str
    contenders: Sequence[Chip] = ()
    kinds: Sequence[Chip] = ()


@dataclass(frozen=True, eq=False)
class Content:
    """The content of a figure.

    Attributes:
        drawings: at least one chart.
        series: its numbers.
        tables: heading -> table.
        notes: sentences, such as which seed diverged.
    """

    drawings: Sequence[Drawing]
    series: Sequence[Series]
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Given:
    """The input of a figure's `draw`.

    Attributes:
        runs: label -> one population of one network per seed; empty if nothing is trained.
        seeds: at least one.
        size: `full` or `small`.
    """

    runs: Mapping[str, Sequence[Runs]]
    seeds: Sequence[int]
    size: Size = "full"


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A figure of the lecture.

    Attributes:
        id: ID in the lecture, such as `F-6-9`.
        section: of the lecture.
        text: what one sees, in two plain sentences.
        draw: draws it.
        setting: the networks to train; None if there are none.
        contenders: label -> recipe, for a figure of descents on a surface; else empty.
        untuned: a sentence why contenders are not shown with tuned learning rates; empty if they are.
        statements: IDs of the statements that it illustrates.
        errors: numbers of the documents' errors whose correct form it shows.
        python: Python code that computes its numbers; empty for the default code.
    """

    id: str
    section: Section
    text: str
    draw: Callable[[Given], Content]
    setting: Setting | None = None
    contenders: Mapping[str, Recipe] = field(default_factory=dict)
    untuned: str = ""
    statements: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    python: str = ""

    def __repr__(self) -> str:
        return f"{self.id}: {self.title}"

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return CONTENTS[self.id]
