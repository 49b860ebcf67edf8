"""The tables of a race's page: what every contender came to, and the rules at a glance."""

from collections.abc import Callable, Iterable, Sequence
from math import isinf, isnan

import numpy as np

from trainwell.core import value_text
from trainwell.display import NONE, Cell, Head, Row, Style, Table, row_of, share_cell, signed_text
from trainwell.landscape import Descents, shown
from trainwell.optim import HYPERPARAMETERS, RULES
from trainwell.report.race.charts import ways_of
from trainwell.statistics import median_interval, proportion_interval
from trainwell.training import OptimizerSettings, Recipe

SETTINGS = (Head("Contender", ""), Head("Settings", "word"), Head("Learning rate"))
MEASURES = {
    "Settled after": "number of updates after which the gradient’s norm stays at or below the tolerance",
    "Zigzags": "number of updates that go back along the steepest axis",
    "Overshoot": "largest distance past the minimum (where none was reached, past the last point), along any "
    "principal axis",
    "Path length": "sum of the lengths of all steps",
    "Evaluations": "number of evaluations of the surface with its gradient; a line search takes several an update",
}
"""What the columns of the tables are."""


def results_table(descents: Descents, styles: Sequence[Style], order: Sequence[int]) -> Table:
    """How each contender's descent from one start ended, best first.

    Args:
        descents: descents of all contenders from one start.
        styles: styles of the contenders.
        order: order of the contenders, as indices.
    """
    rows = []
    for k in order:
        settled = int(descents.settled_after[k, 0])
        cells = (
            *_settings(descents, k),
            Cell(str(descents.outcomes[k, 0]), end_text(descents, k)),
            signed_text(float(descents.values[k, 0])),
            signed_text(float(descents.gradient_norms[k, 0])),
            "never" if settled < 0 else f"{settled:,}",
            f"{descents.zigzags[k, 0]:,}",
            signed_text(float(descents.overshoot[k, 0])),
            signed_text(float(descents.lengths[k, 0])),
            f"{descents.evaluations[k, 0]:,}",
        )
        rows.append(row_of(styles[k], *cells))
    heads = (Head("End", "word"), *map(Head, ("Value", "Gradient norm", *MEASURES)))
    return Table((*SETTINGS, *heads), tuple(rows))


def ends_table(
    descents: Descents, ends: Sequence[dict[str, int]], styles: Sequence[Style], order: Sequence[int]
) -> Table:
    """The share of starts from which each contender's descents ended in each way, with Wilson's intervals.

    Args:
        descents: descents of all contenders from several starts.
        ends: see `ends_of`.
        styles: styles of the contenders.
        order: order of the contenders, as indices.
    """
    ways, n = ways_of(ends), len(descents.starts)
    rows = [
        row_of(
            styles[k],
            *_settings(descents, k),
            *(share_cell(proportion_interval(ends[k].get(way, 0), n), 1) for way in ways),
        )
        for k in order
    ]
    return Table((*SETTINGS, *(Head(way.capitalize()) for way in ways)), tuple(rows))


def medians_table(descents: Descents, styles: Sequence[Style], order: Sequence[int]) -> Table:
    """Medians over starts with their intervals, best contender first.

    A descent that has left counts with a last value above all others, one that has not settled with infinitely many
    updates.

    Args:
        descents: descents of all contenders from several starts.
        styles: styles of the contenders.
        order: order of the contenders, as indices.
    """
    away = descents.left_after >= 0
    columns = (
        (np.where(away, np.inf, descents.values), signed_text),
        (np.where(away, np.inf, descents.gradient_norms), signed_text),
        (np.where(descents.settled_after < 0, np.inf, descents.settled_after), _count),
        (descents.zigzags, _count),
        (descents.overshoot, signed_text),
        (descents.lengths, signed_text),
        (descents.evaluations, _count),
    )
    rows = [
        row_of(styles[k], descents.labels[k], *(_median(column[k], text) for column, text in columns)) for k in order
    ]
    heads = ("Value", "Gradient norm", *MEASURES)
    return Table((Head("Contender", ""), *map(Head, heads)), tuple(rows))


def _median(values: np.ndarray, text: Callable[[float], str]) -> Cell:
    """A median with its interval; an infinite median is written as never reached."""
    found = median_interval(values)
    if isnan(found.mean):
        return Cell(NONE)
    return Cell(text(found.mean), "" if isnan(found.low) else f"[{text(found.low)}, {text(found.high)}]")


def _count(value: float) -> str:
    return "never" if isinf(value) else f"{value:,.6g}"


def end_text(descents: Descents, k: int, s: int = 0) -> str:
    """Where a descent ended, which is shown beside its outcome."""
    left, reached = int(descents.left_after[k, s]), int(descents.critical_indices[k, s])
    if left >= 0:
        return f"left after {left:,} update{'s' * (left > 1)}"
    if reached < 0:
        return f"at {_place(descents, descents.points[k, s])}"
    one = descents.surface.critical[reached]
    return f"{one.title} {_place(descents, one.point)}"


def _place(descents: Descents, point: np.ndarray) -> str:
    """A point with three digits, which no line is broken in; next to nothing, for the size of the domain, is 0."""
    least = 1e-6 * np.diff(descents.surface.domain).max()
    digits = [float(f"{part:.3g}") if abs(part) > least else 0.0 for part in np.asarray(point, np.float64)]
    return shown(digits, 3).replace(" ", "\u00a0").replace("-", "−")


def _settings(descents: Descents, k: int) -> tuple[str, Cell, str]:
    """A contender's label, its numbers without the optimizer where that is the label, and the learning rate."""
    label = descents.labels[k]
    found = settings_of(descents.recipes[label])
    rule, rate = found.pop("optimizer"), found.pop("learning_rate")
    others = ", ".join(f"{name} {value}" for name, value in found.items())
    return label, Cell(rule, others) if rule != label else Cell(others or NONE), rate


def settings_of(recipe: Recipe) -> dict[str, str]:
    """The optimizer, its numbers, and what else a recipe sets of how updates are made, by name.

    Numbers of the optimizer that a recipe leaves open are its defaults.

    Args:
        recipe: recipe of a contender.

    Example:
        >>> settings_of(Recipe(optimizer="momentum", learning_rate=0.1))
        {'optimizer': 'momentum', 'learning_rate': '0.1', 'momentum': '0.9'}
        >>> settings_of(Recipe(optimizer="sgd", clip_norm=2))
        {'optimizer': 'sgd', 'learning_rate': '0.05', 'clip_norm': '2'}
    """
    found = {"optimizer": recipe.optimizer, **{name: f"{one:.4g}" for name, one in recipe.rule_numbers.items()}}
    for name, field in OptimizerSettings.model_fields.items():
        value = getattr(recipe, name)
        if name not in ("optimizer", *HYPERPARAMETERS) and value != field.default:
            found[name] = value_text(value)
    return found


def glance_table(names: Iterable[str]) -> Table:
    """The optimizers at a glance: what each does, with which numbers, and what it keeps.

    Args:
        names: names of rules, each once.

    Source: F-C-1.
    """
    known = [RULES[name].table_row for name in names]
    heads = tuple(Head(name, "" if name == "Optimizer" else "word") for name in RULES["sgd"].table_row)
    return Table(heads, tuple(Row(tuple(text or NONE for text in one.values())) for one in known))
