"""Numbers and pairs of a comparison: accuracies in percent, differences in points, the one that is ahead first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

from trainwell.comparison import Across, Comparison, Pair, half
from trainwell.core import METRICS, MetricName
from trainwell.display import PAIR_STYLES, Cell, Head, Kind, Row, Table
from trainwell.statistics import Interval

WORSE: dict[Kind, str] = {"better": "▼", "small": "▽"}
LONGEST = 34  # characters of a row's name
MOST_NUMBERS, MOST_NAMES = 12, 8
"""Contenders whose cells have numbers, and whose columns have names, beside symbols and ranks."""
SIGNS = (
    ("better", "▲", "the row is better than the column"),
    ("worse", "▼", "the row is worse"),
    ("small", "△ ▽", "the same, but by less than the margin"),
    ("equal", "≈", "no difference larger than the margin"),
    ("open", "?", "undecided"),
)
CHANCES = (
    ("better", "▲", "the row is better more often than not: its interval lies above 50%"),
    ("worse", "▼", "less often: its interval lies below 50%"),
    ("open", "?", "the interval holds 50%"),
)


def signed(value: float, metric: MetricName, step: float = nan) -> str:
    """A difference with its sign."""
    text = METRICS[metric].amount(value, step)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


@dataclass(frozen=True)
class Leading:
    """A pair seen from the contender that is ahead: everywhere on the page it stands first.

    Attributes:
        pair: the verdict.
        ahead: index of the contender with the better mean difference; with equal ones the first.
        behind: index of the other.
        advantage: by how much the one ahead is better, so that its mean is at least 0; a loss is lower by it.
        improvement: chance that the one ahead is better with the same seed.
    """

    pair: Pair
    ahead: int
    behind: int
    advantage: Interval
    improvement: Interval


def leading(part: Comparison, pair: Pair) -> Leading:
    """The pair with the contender that is ahead first.

    Args:
        part: the comparison.
        pair: one of its pairs.
    """
    found = Leading(pair, pair.first, pair.second, advantage(part, pair, pair.first), pair.improvement)
    if found.advantage.mean >= 0:
        return found
    chance = pair.improvement
    turned = replace(chance, mean=1 - chance.mean, low=1 - chance.high, high=1 - chance.low)
    return Leading(pair, pair.second, pair.first, advantage(part, pair, pair.second), turned)


def advantage(part: Comparison, pair: Pair, of: int) -> Interval:
    """By how much one of a pair is better than the other, negative where it is worse, with the interval.

    Args:
        part: the comparison, for whether larger is better.
        pair: one of its pairs.
        of: index of the contender.
    """
    one = pair.decision
    if (part.sign > 0) == (of == pair.first):
        return Interval(one.difference, one.low, one.high, one.n)
    return Interval(0.0 - one.difference, 0.0 - one.high, 0.0 - one.low, one.n)


def kind_of(pair: Pair) -> Kind:
    """How a verdict is drawn: a difference, one below the margin, equal within it, or undecided."""
    if pair.outcome == "differs":
        return "small" if pair.decision.equivalent else "better"
    return "equal" if pair.outcome == "equivalent" else "open"


def pairs_table(part: Comparison, names: Sequence[str]) -> Table:
    """All contenders against all, best first; with a reference all others against it.

    A cell is the row's advantage over the column with the same seeds, above 0 where the row is better; also of a loss.

    Args:
        part: the comparison.
        names: names of the contenders, as short as needed.
    """
    order = part.ranking()
    columns = order if part.terms.reference is None else [part.labels.index(part.terms.reference)]
    cells = {k: [_cell(part, k, other, len(columns)) for other in columns] for k in order if [k] != columns}
    return _square(names, order, columns, cells)


def _cell(part: Comparison, k: int, other: int, columns: int) -> Cell:
    pair = part.pair(k, other)
    if pair is None:
        return Cell("", look="self" if k == other else "")
    kind = kind_of(pair)
    worse = pair.better == other
    look = ("worse" if kind == "better" else "small-worse") if worse else kind
    ahead = advantage(part, pair, k)
    shown = signed(ahead.mean, part.metric, half(ahead)) if columns <= MOST_NUMBERS else ""
    return Cell(WORSE[kind] if worse else PAIR_STYLES[kind][0], shown, look, pair.words)


def improvement_table(across: Across, names: Sequence[str], order: Sequence[int]) -> Table:
    """The chance that the row's contender is better than the column's, mean over data sets.

    Args:
        across: all data sets together.
        names: names of the contenders, as short as charts need them.
        order: best first.
    """
    cells = {k: [_chance(across, k, other, len(order)) for other in order] for k in order}
    return _square(names, order, order, cells)


def _chance(across: Across, k: int, other: int, count: int) -> Cell:
    if k == other:
        return Cell("", look="self")
    mean, low, high = (
        float(a[k, other]) for a in (across.improvement, across.improvement_low, across.improvement_high)
    )
    ends = "" if isnan(low) else f"[{low:.0%}, {high:.0%}]"
    look, sign = ("better", "▲") if low > 0.5 else ("worse", "▼") if high < 0.5 else ("open", "?")
    whole = f"{mean:.0%} {ends}".strip()
    shown = whole if count <= MOST_NAMES else f"{mean:.0%}" if count <= MOST_NUMBERS else ""
    return Cell(sign, shown, look, whole)


def _square(names: Sequence[str], order: Sequence[int], columns: Sequence[int], cells: dict[int, list[Cell]]) -> Table:
    """Rows and columns with their places in the ranking, columns with names where there is room."""
    named = len(columns) <= MOST_NAMES
    heads = [Head(f"{order.index(k) + 1}.{f' {names[k]}' * named}", "") for k in columns]
    rows = [Row((f"{order.index(k) + 1}. {names[k]}", *own)) for k, own in cells.items()]
    return Table((Head("", "corner"), *heads), tuple(rows), "matrix dense" if len(columns) > MOST_NUMBERS else "matrix")


def signs_in(table: Table, signs: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The legend of the symbols that occur in a square: look, symbol, words."""
    looks = {cell.look.removesuffix("-worse") for row in table.rows for cell in row.cells if isinstance(cell, Cell)}
    return [one for one in signs if one[0] in looks]
