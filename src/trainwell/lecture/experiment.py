"""Claims about training, the criteria that decide them, and findings: the measured numbers with their verdicts."""

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
    """An unknown ID of the lecture, or an unknown size of experiment."""


Size: TypeAlias = Literal["full", "small"]
"""`full` for results to report; `small` for a first look: fewer seeds and shorter training."""
Verdict: TypeAlias = Literal["holds", "holds under conditions", "does not hold", "undecided"]


@dataclass(frozen=True)
class Measured:
    """One measured number.

    Attributes:
        what: name of the quantity, with its unit.
        estimate: a median, mean, share, or ratio of these.
        low: lower end of the 95% interval; equal to the estimate if nothing is random.
        high: upper end.
        n: number of starts, seeds or draws.
    """

    what: str
    estimate: float
    low: float
    high: float
    n: int

    @property
    def ends(self) -> str:
        """The interval as text."""
        return f"[{number_text(self.low)}, {number_text(self.high)}]"


def measured(what: str, interval: Interval) -> Measured:
    """Name an interval. Its ends are moved to the estimate where rounding put them beyond it."""
    mean = interval.mean
    return Measured(what, mean, min(interval.low, mean), max(interval.high, mean), interval.n)


@dataclass(frozen=True)
class Curve:
    """A curve with 95% intervals.

    Attributes:
        label: of the curve.
        x: horizontal coordinates.
        y: estimates.
        low: lower ends of the intervals; equal to the estimates for a closed form.
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
    at = tuple(np.asarray(x, np.float64).tolist())
    return Curve(label, at, tuple(y), tuple(point.low for point in points), tuple(point.high for point in points))


@dataclass(frozen=True)
class Chart:
    """A chart of a claim.

    Attributes:
        x_label: of the horizontal axis.
        y_label: of the vertical axis.
        curves: the curves.
        log_x: whether the horizontal axis is logarithmic.
        log_y: whether the vertical axis is logarithmic.
        bound: the criterion's bound, drawn as a horizontal line.
        marked: draw points without lines between them.
    """

    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    log_x: bool = False
    log_y: bool = False
    bound: float | None = None
    marked: bool = False

    def figure(self) -> Figure:
        """The drawn chart."""
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
    """The values, with NaN for what cannot be drawn: infinities and, on a logarithmic axis, 0 and below."""
    found = np.asarray(values, np.float64)
    return np.where(np.isfinite(found) & ((found > 0) | (not log)), found, np.nan)


@dataclass(frozen=True)
class Criterion:
    """A condition that decides a claim: the whole 95% interval of a number lies above, or below, a bound.

    Attributes:
        number: the measured number.
        side: the side of the bound on which the interval must lie.
        bound: the bound.
        where: the experimental condition, such as `at 5 layers`; empty if there is only one.
        doubt: why it stays undecided whatever the interval, such as a learning rate at the end of its grid; else empty.
    """

    number: Measured
    side: Literal["above", "below"]
    bound: float
    where: str = ""
    doubt: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether it is met; None (undecided) if the interval contains the bound or is NaN, or if there is a doubt."""
        if self.doubt:
            return None
        low, high, sign = self.number.low, self.number.high, 1.0
        if self.side == "below":
            low, high, sign = -high, -low, -1.0
        bound = sign * self.bound
        return True if low > bound else False if high <= bound else None

    @property
    def words(self) -> str:
        """Whether it is met, and its bound, as text.

        Example:
            >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 3.0, "at 5 layers").words
            'met: above 3, at 5 layers'
        """
        held = {True: "met", False: "not met", None: "open"}[self.holds]
        return f"{held}: {self.side} {self.bound:g}{f', {self.where}' if self.where else ''}"

    @property
    def is_judgement(self) -> bool:
        """Whether the bound is a choice: 0 for a difference and 1 for a ratio mean "equal" and are not chosen."""
        return self.bound not in (0.0, 1.0)


def above(number: Measured, bound: float, where: str = "", *, doubt: str = "") -> Criterion:
    """The criterion that a number is above a bound.

    Example:
        >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 3.0).holds
        True
        >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 4.5).holds is None
        True
    """
    return Criterion(number, "above", bound, where, doubt)


def below(number: Measured, bound: float, where: str = "", *, doubt: str = "") -> Criterion:
    """The criterion that a number is below a bound."""
    return Criterion(number, "below", bound, where, doubt)


@dataclass(frozen=True)
class Part:
    """One claim of a statement, and its measurements.

    Attributes:
        claim: a sentence that the numbers can contradict.
        criteria: decide the claim. It holds under a condition if all criteria of that condition are met.
        measured: further numbers to report.
        chart: a chart, or None.
        beyond: reported, but not counted in the verdict.
    """

    claim: str
    criteria: tuple[Criterion, ...]
    measured: tuple[Measured, ...] = ()
    chart: Chart | None = None
    beyond: bool = False

    @property
    def conditions(self) -> dict[str, bool | None]:
        """Condition -> whether the claim holds under it; None is undecided. A single condition has the empty name.

        A claim without criteria is undecided.
        """
        held: dict[str, list[bool | None]] = {}
        for one in self.criteria:
            held.setdefault(one.where, []).append(one.holds)
        found = {where: False if False in own else None if None in own else True for where, own in held.items()}
        return found or {"": None}

    @property
    def verdict(self) -> Verdict:
        """Whether it holds under all, some or no conditions; `undecided` if open conditions could change that."""
        return _verdict(list(self.conditions.values()))

    @property
    def half_width(self) -> float:
        """Half the width of the widest interval among those that decide it; NaN if any is unknown."""
        return float(np.max([(one.number.high - one.number.low) / 2 for one in self.criteria]))

    @property
    def rows(self) -> list[tuple[Measured, str]]:
        """The numbers that decide it with their criteria as text, then the further numbers."""
        deciding = [(one.number, one.words) for one in self.criteria]
        known = {number for number, _ in deciding}
        return deciding + [(number, "") for number in dict.fromkeys(self.measured) if number not in known]

    def table(self) -> Table:
        """The same as a table."""
        heads = (Head("measured", "word"), Head("estimate"), Head("95% interval"), Head("n"), Head("criterion", "word"))
        rows = (Row((one.what, number_text(one.estimate), one.ends, f"{one.n:,}", words)) for one, words in self.rows)
        return Table(heads, tuple(rows))


def _verdict(held: Sequence[bool | None]) -> Verdict:
    if True in held and False in held:
        return "holds under conditions"
    if None in held or not held:
        return "undecided"
    return "holds" if True in held else "does not hold"


def verdict_of(parts: Sequence[Part]) -> Verdict:
    """The verdict on a statement, from those of its claims that count.

    Returns:
        `holds` if all claims hold, `does not hold` if none does, `holds under conditions` if some claims or conditions
        hold and others do not, `undecided` if open claims could still change which of these it is.

    Raises:
        ValueError: no part counts in the verdict.
    """
    own = [part for part in parts if not part.beyond]
    if not own:
        raise ValueError("a statement needs at least one part that counts in its verdict (beyond=False)")
    return _verdict([held for part in own for held in part.conditions.values()])


def sentence_of(parts: Sequence[Part]) -> str:
    """The result in sentences: which claims hold and under which conditions, which do not, and which are undecided."""
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
    """The conditions under which a claim holds, does not hold, or is undecided."""
    if len(set(part.conditions.values())) == 1:
        return ""
    said = []
    for held, word in ((True, "yes"), (False, "no"), (None, "open")):
        if own := [where for where, one in part.conditions.items() if one is held]:
            said.append(f"{word} {', '.join(own)}")
    return f" ({'; '.join(said)})"


@dataclass(frozen=True, repr=False)
class Finding(Forms):
    """The result of examining a statement.

    Attributes:
        id: of the statement.
        parts: the claims with their measurements; the first criterion's number is the statement's effect.
        seconds: wall-clock time, compiling included.
        size: `full` or `small`.
        data: description of the training data; empty if the statement uses none that the user can choose.
    """

    id: str
    parts: tuple[Part, ...]
    seconds: float
    size: Size = "full"
    data: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the statement holds."""
        return verdict_of(self.parts)

    @property
    def sentence(self) -> str:
        """The verdict in sentences."""
        return sentence_of(self.parts)

    @property
    def effect(self) -> Measured:
        """The number of the first criterion; NaN if there is none."""
        deciding = (one.number for part in self.parts if not part.beyond for one in part.criteria)
        return next(deciding, Measured("nothing was measured", nan, nan, nan, 0))

    @property
    def headline(self) -> str:
        """The statement, its verdict, and the reasons."""
        return f"{self.id}: {CONTENTS[self.id]}: {self.verdict}. {self.sentence}"

    def to_json(self) -> dict[str, Any]:
        """All numbers, as in `results.json` of `trainwell lecture`: NaN is null, infinity is the text `inf`."""
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
        """The first claim's chart, or None."""
        return next((part.chart.figure() for part in self.parts if part.chart), None)
