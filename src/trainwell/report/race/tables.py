"""The tables of a race's page: what every contender came to, and the rules at a glance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from trainwell.core import loss_text
from trainwell.display import Head, Listing, ListingRow
from trainwell.report.numbers import NONE
from trainwell.report.palette import Style
from trainwell.report.race.outcomes import ways_of
from trainwell.report.race.settings import other_settings, settings_of
from trainwell.statistics import Interval, median_interval, proportion_interval

if TYPE_CHECKING:
    from trainwell.landscape import Descents

Cell = tuple[str, str]
SETTINGS = (Head("Contender", ""), Head("Settings", "word"), Head("Learning rate"))


def results_listing(descents: "Descents", styles: Sequence[Style], order: Sequence[int]) -> Listing:
    """What every contender came to from one start, best first.

    Args:
        descents: from one start.
        styles: of the contenders.
        order: of them.
    """
    heads = [*SETTINGS, Head("End", "word"), Head("Last value")]
    heads += [Head("Gradient’s norm"), Head("Updates to tolerance"), Head("Turns across"), Head("Overshoot")]
    heads += [Head("Path length"), Head("Evaluations")]
    rows = []
    for k in order:
        cells: list[Cell] = [
            *_settings(descents, k),
            (str(descents.outcomes[k, 0]), end_text(descents, k)),
            (value_text(descents.values[k, 0]), ""),
            (value_text(descents.gradient_norms[k, 0]), ""),
            (count_text(descents.settled[k, 0]), ""),
            (f"{descents.zigzags[k, 0]:,}", ""),
            (value_text(descents.overshoot[k, 0]), ""),
            (value_text(descents.lengths[k, 0]), ""),
            (f"{descents.evaluations[k, 0]:,}", ""),
        ]
        rows.append(ListingRow(tuple(cells), False, styles[k].color, styles[k].symbol))
    return Listing(tuple(heads), tuple(rows))


def ends_listing(
    descents: "Descents", ends: Sequence[dict[str, int]], styles: Sequence[Style], order: Sequence[int]
) -> Listing:
    """The share of starts from which each contender's descents ended in each way, with Wilson's intervals.

    Args:
        descents: from several starts.
        ends: see `ends_of`.
        styles: of the contenders.
        order: of them.
    """
    ways = ways_of(ends)
    heads = (*SETTINGS, *(Head(way.capitalize()) for way in ways))
    n = len(descents.starts)
    rows = (
        ListingRow(
            (
                *_settings(descents, k),
                *(share_cell(ends[k].get(way, 0), n) for way in ways),
            ),
            False,
            styles[k].color,
            styles[k].symbol,
        )
        for k in order
    )
    return Listing(heads, tuple(rows))


def medians_listing(descents: "Descents", styles: Sequence[Style], order: Sequence[int]) -> Listing:
    """Medians over starts with their intervals, best contender first.

    A descent that has left counts with a last value above all others, one that has not settled with infinitely many
    updates.

    Args:
        descents: from several starts.
        styles: of the contenders.
        order: of them.
    """
    heads = [Head("Contender", ""), Head("Last value"), Head("Gradient’s norm"), Head("Updates to tolerance")]
    heads += [Head("Turns across"), Head("Overshoot"), Head("Path length"), Head("Evaluations")]
    away = descents.left >= 0
    columns = [
        np.where(away, np.inf, descents.values),
        np.where(away, np.inf, descents.gradient_norms),
        np.where(descents.settled < 0, np.inf, descents.settled),
        descents.zigzags,
        descents.overshoot,
        descents.lengths,
        descents.evaluations,
    ]
    rows = []
    for k in order:
        cells = [
            median_cell(median_interval(column[k]), whole=place in (2, 3, 6)) for place, column in enumerate(columns)
        ]
        rows.append(ListingRow(((descents.labels[k], ""), *cells), False, styles[k].color, styles[k].symbol))
    return Listing(tuple(heads), tuple(rows))


def end_text(descents: "Descents", k: int, s: int = 0) -> str:
    """Where a descent ended, beside the word for how."""
    from trainwell.landscape import shown

    left, reached = int(descents.left[k, s]), int(descents.reached[k, s])
    if left >= 0:
        return f"left after {left:,} update{'s' * (left > 1)}"
    if reached < 0:
        return f"at {_unbroken(shown(_digits(descents, descents.points[k, s]), 3))}"
    one = descents.surface.critical[reached]
    kind = one.kind if one.kind != "minimum" else "global minimum" if one.is_global else "local minimum"
    return f"{kind} {_unbroken(shown(_digits(descents, one.point), 3))}"


def share_cell(count: int, n: int) -> Cell:
    """A share of n in percent with its interval."""
    found = proportion_interval(count, n)
    return f"{found.mean:.1%}", f"[{found.low:.1%}, {found.high:.1%}]"


def median_cell(interval: Interval, *, whole: bool = False) -> Cell:
    """A median with its interval; an infinite one is said to be never reached."""
    text = _count if whole else value_text
    if np.isnan(interval.mean):
        return NONE, ""
    ends = "" if np.isnan(interval.low) else f"[{text(interval.low)}, {text(interval.high)}]"
    return text(interval.mean), ends


def value_text(value: float) -> str:
    """A number with three digits; infinite ones as ∞."""
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    return loss_text(float(value)).replace("-", "−") if value < 0 else loss_text(float(value))


def count_text(updates: float) -> str:
    """A number of updates; below 0 never."""
    return "never" if updates < 0 else f"{int(updates):,}"


def _settings(descents: "Descents", k: int) -> tuple[Cell, Cell, Cell]:
    recipe = descents.recipes[descents.labels[k]]
    found, others, label = settings_of(recipe), other_settings(recipe), descents.labels[k]
    settings = (found["optimizer"], others) if found["optimizer"] != label else (others or NONE, "")
    return (label, ""), settings, (found["learning_rate"], "")


def _count(value: float) -> str:
    return "never" if np.isinf(value) else f"{value:,.6g}"


def _digits(descents: "Descents", point: np.ndarray) -> list[float]:
    """A point with three digits; next to nothing, for the size of the domain, is 0."""
    least = 1e-6 * np.diff(descents.surface.domain).max()
    return [float(f"{part:.3g}") if abs(part) > least else 0.0 for part in np.asarray(point, np.float64)]


def _unbroken(text: str) -> str:
    """A point that no line is broken in."""
    return text.replace(" ", "\u00a0").replace("-", "−")
