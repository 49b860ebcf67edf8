"""What a statement of the lecture is, and what examining it finds: plain numbers that a table or a page can show."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.core import TrainwellError
from trainwell.display import Figure, Forms, Head, Line, Row, Table, lines_chart, number_text, styles
from trainwell.lecture.contents import CONTENTS
from trainwell.statistics import Interval

if TYPE_CHECKING:
    import polars as pl


class LectureError(TrainwellError, ValueError):
    """An ID that the lecture does not have, or a size of experiment that is none."""


Size: TypeAlias = Literal["full", "small"]
"""`full` for results to be told, within a minute; `small` for a first look, within seconds."""
Verdict: TypeAlias = Literal["holds", "holds under conditions", "does not hold", "undecided"]


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

    @property
    def ends(self) -> str:
        """The interval as text."""
        return f"{number_text(self.low)} – {number_text(self.high)}"


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
        bound: where a criterion of the part draws the line, in the units of the vertical axis.
        marked: curves whose points are no sequence are drawn as points alone.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False
    bound: float | None = None
    marked: bool = False

    def figure(self) -> Figure:
        """The chart, drawn."""
        lines = []
        for i, (one, style) in enumerate(zip(self.curves, styles(range(len(self.curves))), strict=True)):
            middle, low, high = (_heights(values, log=self.log_y) for values in (one.y, one.low, one.high))
            x, joined = np.asarray(one.x), not self.marked
            lines.append(Line(i, one.label, style, x, middle, low, high, markers=True, joined=joined))
        figure = lines_chart(lines, self.x_label, self.y_label, log_x=self.log_x, log_y=self.log_y)
        if self.bound is not None:
            figure.add_hline(self.bound, line={"dash": "dot", "width": 1.5, "color": "#8a8a8a"})
        return figure


def _heights(values: Sequence[float], *, log: bool) -> Float[np.ndarray, " T"]:
    """What can be drawn: neither what was never reached nor, on a logarithmic axis, 0."""
    found = np.asarray(values, np.float64)
    return np.where(np.isfinite(found) & ((found > 0) | (not log)), found, np.nan)


@dataclass(frozen=True)
class Criterion:
    """What decides a claim: a number on this side of a bound, its whole 95% interval included.

    Attributes:
        number: what was measured.
        side: where it must be.
        bound: of it.
        where: under which condition of those swept, such as `at 5 layers`; empty where there is one condition.
        doubt: why it is left open, whatever the interval is; such as that a rate was at the end of its grid.
    """

    number: Measured
    side: Literal["above", "below"]
    bound: float
    where: str = ""
    doubt: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether it is met; None where the interval has the bound within, where there is none, or in doubt."""
        if self.doubt:
            return None
        low, high, sign = self.number.low, self.number.high, 1.0
        if self.side == "below":
            low, high, sign = -high, -low, -1.0
        bound = sign * self.bound
        return True if low > bound else False if high <= bound else None

    @property
    def words(self) -> str:
        """Whether it is met, and what it asks for.

        Example:
            >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 3.0, "at 5 layers").words
            'met: above 3, at 5 layers'
        """
        held = {True: "met", False: "not met", None: "open"}[self.holds]
        return f"{held}: {self.side} {self.bound:g}{f', {self.where}' if self.where else ''}"

    @property
    def is_judgement(self) -> bool:
        """Whether another bound could be defended: 0 of a difference and 1 of a ratio are no judgements."""
        return self.bound not in (0.0, 1.0)


def above(number: Measured, bound: float, where: str = "", *, doubt: str = "") -> Criterion:
    """That a number is above a bound.

    Example:
        >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 3.0).holds
        True
        >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 4.5).holds is None
        True
    """
    return Criterion(number, "above", bound, where, doubt)


def below(number: Measured, bound: float, where: str = "", *, doubt: str = "") -> Criterion:
    """That a number is below a bound."""
    return Criterion(number, "below", bound, where, doubt)


@dataclass(frozen=True)
class Part:
    """One claim of a statement, and what was measured of it.

    Attributes:
        claim: in words that the numbers can contradict.
        criteria: what decides it. Under each condition all of that condition must be met.
        measured: further numbers to know.
        chart: of it, where there is one.
        beyond: whether it is no part of the statement but a condition on it: it is told, and no verdict depends on it.
    """

    claim: str
    criteria: tuple[Criterion, ...]
    measured: tuple[Measured, ...] = ()
    chart: Chart | None = None
    beyond: bool = False

    @property
    def conditions(self) -> dict[str, bool | None]:
        """Condition -> whether the claim holds there; of the one without a name where nothing is swept.

        A claim without criteria is open.
        """
        held: dict[str, list[bool | None]] = {}
        for one in self.criteria:
            held.setdefault(one.where, []).append(one.holds)
        found = {where: False if False in own else None if None in own else True for where, own in held.items()}
        return found or {"": None}

    @property
    def verdict(self) -> Verdict:
        """Whether it holds everywhere, here and not there, or nowhere; undecided where what is open may tell."""
        return _verdict(list(self.conditions.values()))

    @property
    def rows(self) -> list[tuple[Measured, str]]:
        """The numbers that decide it with their criteria in words, then what else there is to know."""
        deciding = [(one.number, one.words) for one in self.criteria]
        known = {number for number, _ in deciding}
        return deciding + [(number, "") for number in dict.fromkeys(self.measured) if number not in known]

    def table(self) -> Table:
        """The numbers that decide it, then what else there is to know."""
        heads = (Head("measured", "free"), Head("estimate"), Head("95% interval"), Head("n"), Head("criterion", "word"))
        rows = (Row((one.what, number_text(one.estimate), one.ends, f"{one.n:,}", words)) for one, words in self.rows)
        return Table(heads, tuple(rows))


def _verdict(held: Sequence[bool | None]) -> Verdict:
    if True in held and False in held:
        return "holds under conditions"
    if None in held or not held:
        return "undecided"
    return "holds" if True in held else "does not hold"


def verdict_of(parts: Sequence[Part]) -> Verdict:
    """The verdict on a statement, by its claims; those beyond it aside.

    Returns:
        `holds` if all claims do, `does not hold` if none does; `holds under conditions` where some claims or conditions
        hold and others do not; `undecided` where what is decided does not settle which of these it is.

    Raises:
        ValueError: there is no part of the statement itself.
    """
    own = [part for part in parts if not part.beyond]
    if not own:
        raise ValueError("a statement needs at least one part that is not beyond it")
    return _verdict([held for part in own for held in part.conditions.values()])


def sentence_of(parts: Sequence[Part]) -> str:
    """What was found, in words: which claims of the statement hold and where, which do not, which were left open."""
    own, said = [part for part in parts if not part.beyond], []
    openings: dict[Verdict, tuple[str, str]] = {
        "holds": ("It holds that", "that"),
        "holds under conditions": ("Under conditions it holds that", "that"),
        "does not hold": ("It does not hold that", "that"),
        "undecided": ("Left open is whether", "whether"),
    }
    for verdict, (opening, joint) in openings.items():
        claims = [f"{part.claim}{_where(part)}" for part in own if part.verdict == verdict]
        if claims:
            said.append(f"{opening} {f'; {joint} '.join(claims)}.")
    return " ".join(said)


def _where(part: Part) -> str:
    """Where a claim holds, where it does not, and where that is open."""
    if len(set(part.conditions.values())) == 1:
        return ""
    said = []
    for held, word in ((True, "yes"), (False, "no"), (None, "open")):
        if own := [where for where, one in part.conditions.items() if one is held]:
            said.append(f"{word} {', '.join(own)}")
    return f" ({'; '.join(said)})"


@dataclass(frozen=True, repr=False)
class Finding(Forms):
    """What examining a statement found.

    Attributes:
        id: of the statement.
        parts: what was measured; the first criterion's number is the statement's effect.
        seconds: that it took, compiling included.
        size: how much was computed.
        data: what was trained on, in words; empty where it is no data set of the reader's choice.
    """

    id: str
    parts: tuple[Part, ...]
    seconds: float
    size: Size = "full"
    data: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the statement holds, by its parts."""
        return verdict_of(self.parts)

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        return sentence_of(self.parts)

    @property
    def effect(self) -> Measured:
        """The number that the first claim is decided by; NaN where nothing decides any."""
        deciding = (one.number for part in self.parts if not part.beyond for one in part.criteria)
        return next(deciding, Measured("nothing was measured", nan, nan, nan, 0))

    @property
    def headline(self) -> str:
        """The statement, its verdict, and why."""
        return f"{self.id}: {CONTENTS[self.id]}: {self.verdict}. {self.sentence}"

    def to_json(self) -> dict[str, Any]:
        """All numbers, as in the `results.json` of `trainwell lecture`: NaN is null, infinity the text `inf`."""
        from trainwell.lecture.findings import finding_json

        return finding_json(self)

    def to_frame(self) -> "pl.DataFrame":
        """One row per number.

        Returns:
            Columns claim, verdict (of the claim), measured, estimate, low, high, n, criterion (empty where none).
        """
        import polars as pl

        return pl.DataFrame(
            {"claim": part.claim, "verdict": part.verdict, "measured": one.what, "estimate": one.estimate}
            | {"low": one.low, "high": one.high, "n": one.n, "criterion": words}
            for part in self.parts
            for one, words in part.rows
        )

    def table(self) -> Table:
        """The numbers of all claims."""
        tables = [part.table() for part in self.parts]
        return Table(tables[0].heads, tuple(row for table in tables for row in table.rows))

    def chart(self) -> Figure | None:
        """Of the first claim that has one."""
        return next((part.chart.figure() for part in self.parts if part.chart), None)
