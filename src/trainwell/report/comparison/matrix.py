"""Every pair in a square: the contender of the row against that of the column."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

from trainwell.comparison import Across, Comparison, Pair
from trainwell.report.comparison.labels import chart_labels
from trainwell.report.comparison.leading import advantage
from trainwell.report.comparison.numbers import half, signed
from trainwell.report.palette import COLORS as RECIPE_COLORS, GREY

Kind = Literal["better", "small", "equal", "open"]
COLORS: dict[Kind, str] = {
    "better": RECIPE_COLORS[0],
    "small": RECIPE_COLORS[5],
    "equal": RECIPE_COLORS[2],
    "open": GREY,
}
SYMBOLS: dict[Kind, str] = {"better": "▲", "small": "△", "equal": "≈", "open": "?"}
WORSE: dict[Kind, str] = {"better": "▼", "small": "▽"}
LONGEST = 34  # characters of a row's name
MOST_NUMBERS, MOST_NAMES = 12, 8
"""Contenders whose cells have numbers, and whose columns have names, beside symbols and ranks."""


@dataclass(frozen=True)
class Cell:
    """What a square says: how it looks, its symbol, its number, and all of it in words."""

    look: str
    symbol: str = ""
    text: str = ""
    words: str = ""


@dataclass(frozen=True)
class Matrix:
    """Squares of pairs.

    Attributes:
        heads: of the columns: the place in the ranking, and the name where there is room.
        rows: names, and one cell per column.
        signs: what the symbols mean: look, symbol, words.
    """

    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    signs: tuple[tuple[str, str, str], ...]


def kind_of(pair: Pair) -> Kind:
    """How a verdict is drawn: a difference, one below the margin, equal within it, or undecided."""
    if pair.outcome == "differs":
        return "small" if pair.decision.equivalent else "better"
    return "equal" if pair.outcome == "equivalent" else "open"


def symbol(pair: Pair) -> str:
    """The sign of a verdict, seen from the one that is better."""
    return SYMBOLS[kind_of(pair)]


def pairs_matrix(part: Comparison) -> Matrix:
    """All contenders against all, best first; with a reference all others against it.

    A cell is the row's advantage over the column with the same seeds, above 0 where the row is better; also of a loss.
    """
    order = part.ranking()
    columns = order if part.terms.reference is None else [part.labels.index(part.terms.reference)]
    rows = [k for k in order if [k] != columns]
    labels = chart_labels(part.contenders, LONGEST)
    cells = [(k, tuple(_cell(part, k, other, len(columns)) for other in columns)) for k in rows]
    signs = (
        ("better", "▲", "the row is better than the column"),
        ("worse", "▼", "the row is worse"),
        ("small", "△ ▽", "the same, but by less than the margin"),
        ("equal", "≈", "no difference larger than the margin"),
        ("open", "?", "undecided"),
    )
    looks = {cell.look for _, own in cells for cell in own}
    return Matrix(
        _heads(labels, order, columns),
        tuple((f"{order.index(k) + 1}. {labels[k]}", own) for k, own in cells),
        tuple(one for one in signs if one[0] in {look.removesuffix("-worse") for look in looks}),
    )


def _heads(labels: Sequence[str], order: Sequence[int], columns: Sequence[int]) -> tuple[tuple[str, str], ...]:
    named = len(columns) <= MOST_NAMES
    return tuple((f"{order.index(k) + 1}.", labels[k] if named else "") for k in columns)


def _cell(part: Comparison, k: int, other: int, columns: int) -> Cell:
    pair = part.pair(k, other)
    if pair is None:
        return Cell("self" if k == other else "")
    kind = kind_of(pair)
    worse = pair.better == other
    look = f"{'worse' if kind == 'better' else 'small-worse'}" if worse else kind
    ahead = advantage(part, pair, k)
    shown = signed(ahead.mean, part.metric, half(ahead)) if columns <= MOST_NUMBERS else ""
    return Cell(look, WORSE[kind] if worse else SYMBOLS[kind], shown, pair.words)


def improvement_matrix(across: Across, labels: Sequence[str], order: Sequence[int]) -> Matrix:
    """The chance that the row's contender is better than the column's, mean over data sets.

    Args:
        across: all data sets together.
        labels: of the contenders, as short as charts need them.
        order: best first.
    """
    rows = tuple(
        (f"{place}. {labels[k]}", tuple(_chance(across, k, other, len(order)) for other in order))
        for place, k in enumerate(order, 1)
    )
    signs = (
        ("better", "▲", "the row is better more often than not: its interval lies above 50%"),
        ("worse", "▼", "less often: its interval lies below 50%"),
        ("open", "?", "the interval holds 50%"),
    )
    looks = {cell.look for _, cells in rows for cell in cells}
    return Matrix(_heads(labels, order, order), rows, tuple(one for one in signs if one[0] in looks))


def _chance(across: Across, k: int, other: int, count: int) -> Cell:
    if k == other:
        return Cell("self")
    mean, low, high = (
        float(a[k, other]) for a in (across.improvement, across.improvement_low, across.improvement_high)
    )
    ends = "" if isnan(low) else f"[{low:.0%}, {high:.0%}]"
    look, sign = ("better", "▲") if low > 0.5 else ("worse", "▼") if high < 0.5 else ("open", "?")
    whole = f"{mean:.0%} {ends}".strip()
    shown = whole if count <= MOST_NAMES else f"{mean:.0%}" if count <= MOST_NUMBERS else ""
    return Cell(look, sign, shown, whole)
