"""What a statement of the lecture is, and what examining it finds: plain numbers that a table or a page can show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import ArrayLike

from trainwell.core import TrainwellError
from trainwell.lecture.contents import CONTENTS
from trainwell.statistics import Interval


class LectureError(TrainwellError, ValueError):
    """An ID that the lecture does not have, or a size of experiment that is none."""


Size: TypeAlias = Literal["full", "small"]
"""`full` for results to be told, within a minute; `small` for a first look, within seconds."""
Verdict: TypeAlias = Literal["holds", "holds in part", "does not hold", "not decided"]


@dataclass(frozen=True)
class Measured:
    """One measured number.

    Attributes:
        what: of what it is, with its unit.
        estimate: a median, mean, share, or a ratio of such.
        low: lower end of its 95% interval; equal to the estimate where nothing is drawn at random.
        high: upper end.
        n: number of starts, seeds or draws that it rests on.
    """

    what: str
    estimate: float
    low: float
    high: float
    n: int


def measured(what: str, interval: Interval) -> Measured:
    """An interval with what it is of; rounding aside, its ends enclose the estimate."""
    mean = interval.mean
    return Measured(what, mean, min(interval.low, mean), max(interval.high, mean), interval.n)


@dataclass(frozen=True)
class Curve:
    """Numbers over numbers, with intervals.

    Attributes:
        label: of the curve.
        x: places.
        y: estimates.
        low: lower ends of their 95% intervals; those of a closed form are the estimates.
        high: upper ends.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def curve(label: str, x: Sequence[float] | ArrayLike, points: Sequence[Measured | Interval]) -> Curve:
    """A curve through measured points."""
    y = [point.estimate if isinstance(point, Measured) else point.mean for point in points]
    places = tuple(np.asarray(x, np.float64).tolist())
    return Curve(label, places, tuple(y), tuple(point.low for point in points), tuple(point.high for point in points))


@dataclass(frozen=True)
class Chart:
    """What a chart of a part shows.

    Attributes:
        x_label: of the horizontal axis.
        y_label: of the vertical one.
        curves: what is drawn.
        log_x: whether the horizontal axis is logarithmic.
        log_y: whether the vertical one is.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False


@dataclass(frozen=True)
class Part:
    """One claim of a statement, and what was measured of it.

    Attributes:
        claim: in words that the numbers can contradict.
        holds: whether it does; None where the intervals leave it open.
        measured: the numbers that decide it first, then what else there is to know.
        chart: of it, where there is one.
        beyond: whether it is no part of the statement but a condition on it: it is told, and no verdict depends on it.
    """

    claim: str
    holds: bool | None
    measured: tuple[Measured, ...]
    chart: Chart | None = None
    beyond: bool = False


@dataclass(frozen=True)
class Statement:
    """A statement of the lecture.

    Attributes:
        id: of the lecture, such as `C-14`.
        run: measures its parts.
    """

    id: str
    run: Callable[[Size], tuple[Part, ...]]

    @property
    def text(self) -> str:
        """What it says."""
        return CONTENTS[self.id]


@dataclass(frozen=True)
class Finding:
    """What examining a statement found.

    Attributes:
        id: of the statement.
        verdict: whether it holds, by its parts.
        sentence: the verdict in words.
        parts: what was measured.
        seconds: that it took, compiling included.
    """

    id: str
    verdict: Verdict
    sentence: str
    parts: tuple[Part, ...]
    seconds: float


def verdict_of(parts: Sequence[Part]) -> Verdict:
    """The verdict on a statement: it holds if all of its parts do, those beyond it aside.

    Returns:
        `holds` if all do, `does not hold` if none does, `not decided` where those that are decided do not settle
        which of both it is; otherwise `holds in part`.

    Raises:
        ValueError: there is no part of the statement itself.
    """
    held = [part.holds for part in parts if not part.beyond]
    if not held:
        raise ValueError("a statement needs at least one part that is not beyond it")
    if all(held):
        return "holds"
    if True in held and False in held:
        return "holds in part"
    return "not decided" if None in held else "does not hold"


def sentence_of(parts: Sequence[Part]) -> str:
    """What was found, in words: which claims of the statement hold, which do not, and which were left open."""
    said = []
    for holds, words in ((True, "It holds that"), (False, "It does not hold that"), (None, "Left open is whether")):
        claims = [part.claim for part in parts if part.holds is holds and not part.beyond]
        if claims:
            said.append(f"{words} {'; that '.join(claims) if holds is not None else '; whether '.join(claims)}.")
    return " ".join(said)
