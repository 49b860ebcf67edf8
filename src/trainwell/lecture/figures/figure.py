"""What a figure of the lecture is: what it trains, how that is drawn, and what one sees."""

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
        label: `CONTENDER: training accuracy`, or what it shows where there is one contender.
        x: where it is observed.
        seeds: one row per seed; NaN after a seed diverged.
    """

    label: str
    x: Float[np.ndarray, " T"]
    seeds: Float[np.ndarray, "S T"]

    def to_json(self) -> dict[str, Any]:
        """With seven digits, which are all that float32 has; None where a number is not finite."""
        return {"label": self.label, "x": _digits(self.x), "seeds": [_digits(row) for row in self.seeds]}


def _digits(values: Float[np.ndarray, " T"]) -> list[float | None]:
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A chart of a figure.

    Attributes:
        name: a word of its own among those of the figure.
        caption: what is drawn.
        chart: the chart.
        said: what it shows, for those who do not see it; one or two sentences with the numbers that matter.
        contenders: buttons that switch its lines.
        kinds: buttons that switch kinds of lines, such as training and test accuracy.
    """

    name: str
    caption: str
    chart: Drawn
    said: str
    contenders: Sequence[Chip] = ()
    kinds: Sequence[Chip] = ()


@dataclass(frozen=True, eq=False)
class Content:
    """What a figure shows.

    Attributes:
        drawings: at least one chart.
        series: its numbers.
        tables: further numbers, by their heading.
        notes: what a reader must know, in sentences, such as which seed diverged.
    """

    drawings: Sequence[Drawing]
    series: Sequence[Series]
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Given:
    """What a figure is drawn from.

    Attributes:
        runs: of each contender one population of one network per seed; empty where nothing is trained.
        seeds: to draw with, at least one.
        size: how much is computed.
    """

    runs: Mapping[str, Sequence[Runs]]
    seeds: Sequence[int]
    size: Size = "full"


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of the lecture.

    Attributes:
        id: of the lecture, such as `F-6-9`.
        section: where it stands in the lecture.
        text: what one sees, in two plain sentences.
        draw: draws it.
        setting: what it trains; None where it trains nothing.
        contenders: recipes by label of a figure that descends a surface; empty elsewhere.
        untuned: why contenders are not shown with tuned learning rates, in a sentence; empty if they are.
        statements: IDs of the statements that it illustrates.
        errors: numbers of the documents' errors that it shows the right form of.
        python: lines of Python that make its numbers; empty for those that any figure has.
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

    @property
    def title(self) -> str:
        """What it shows, in a line."""
        return CONTENTS[self.id]
