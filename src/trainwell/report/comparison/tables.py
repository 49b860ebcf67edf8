"""The tables of a comparison's page: they hold every number that its charts draw."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from trainwell.comparison import (
    Comparison,
    Pair,
    Tuning,
    common_step,
    mean_cell,
    tuned_fields,
    tuned_values,
    value_step,
)
from trainwell.core import METRICS, short_text
from trainwell.display import NONE, Cell, Head, Row, Style, Table, p_text, row_of, seconds_text, share_cell, time_cell
from trainwell.report.comparison.charts import fastest_first
from trainwell.report.comparison.pairs import leading, signed
from trainwell.statistics import Interval

ORDER = ("differs", "equivalent", "undecided")


def differences_table(part: Comparison) -> Table:
    """Every pair asked about, the one with the better mean first: decided ones on top, the largest difference first."""
    heads = (
        Head("Better mean", "word"),
        Head("Worse mean", "word"),
        Head(METRICS[part.metric].advantage),
        Head("Share of seeds where the better mean is better, ties half"),
        Head("p"),
        Head("p, all looks and pairs"),
        Head("p of equivalence"),
        Head("Seeds"),
        Head("Verdict", "word"),
    )
    step = common_step(Interval(one.difference, one.low, one.high, one.n) for one in (p.decision for p in part.pairs))
    return Table(heads, tuple(_pair_row(part, pair, step) for pair in decided_first(part)))


def decided_first(part: Comparison) -> list[Pair]:
    """The pairs: significantly different, shown to be equal, undecided; in each the largest difference first."""
    return sorted(part.pairs, key=lambda pair: (ORDER.index(pair.outcome), -abs(pair.decision.difference)))


def _pair_row(part: Comparison, pair: Pair, step: float) -> Row:
    decision, found = pair.decision, leading(part, pair)
    mean, low, high = (
        signed(value, part.metric, step) for value in (found.advantage.mean, found.advantage.low, found.advantage.high)
    )
    cells = (
        part.labels[found.ahead],
        part.labels[found.behind],
        Cell(mean, f"[{low}, {high}]" if np.isfinite(decision.low) else ""),
        share_cell(found.improvement),
        p_text(decision.p),
        p_text(decision.p_adjusted),
        p_text(decision.p_equivalence),
        str(decision.n),
        _outcome(part, pair),
    )
    return Row(cells, chosen=pair.better is not None)


def _outcome(part: Comparison, pair: Pair) -> Cell:
    if pair.better is None:
        return Cell("within the margin" if pair.outcome == "equivalent" else "undecided")
    return Cell(f"{part.labels[pair.better]} is better", "by less than the margin" * pair.decision.equivalent)


def time_table(part: Comparison, styles: Sequence[Style]) -> Table:
    """The times that contenders take, the fastest to the target first."""
    heads = (
        Head("Contender", ""),
        Head("Runs that reached the target"),
        Head("Epochs until then, median"),
        Head("Updates until then, median"),
        Head("Time per network"),
        Head("Time of all its networks"),
        Head("Tuning took"),
    )
    rows = []
    for k in fastest_first(part):
        one, tuning = part.summaries[k], part.tunings[k]
        cells = (
            share_cell(one.reached_target),
            time_cell(one.epochs_to_target),
            time_cell(one.steps_to_target),
            seconds_text(one.seconds),
            Cell(seconds_text(one.seconds * one.n), f"{one.n} networks" if one.n > 1 else "1 network"),
            seconds_text(tuning.seconds) if tuning else NONE,
        )
        rows.append(row_of(styles[k], part.labels[k], *cells))
    return Table(heads, tuple(rows))


def tuned_table(part: Comparison, styles: Sequence[Style]) -> Table:
    """The recipes of each contender that were trained again with fresh seeds; the chosen one first, and set off."""
    fields = tuned_fields(part)
    heads = (
        Head("Contender", ""),
        *(Head(name) for name in fields),
        Head(f"{METRICS[part.metric].head}, fresh seeds"),
        Head("Score in the trial"),
        Head("Trials"),
    )
    rows: list[Row] = []
    for k in part.ranking():
        tuning = part.tunings[k]
        if tuning is None:
            cells = (*((NONE,) * len(fields)), "as given", NONE, NONE)
            rows.append(row_of(styles[k], part.labels[k], *cells, chosen=True))
        else:
            rows += _tuned_rows(part, k, tuning, fields, styles[k])
    return Table(heads, tuple(rows))


def _tuned_rows(part: Comparison, k: int, tuning: Tuning, fields: Sequence[str], style: Style) -> Iterator[Row]:
    """One row per candidate; where all trials diverged one that says so."""
    lost = sum(trial.state == "diverged" for trial in tuning.trials)
    further = f"{len(tuning.extra)} of them extra" if tuning.extra else ""
    count = Cell(str(len(tuning.trials)), ", ".join(filter(None, [further, f"{lost} diverged" if lost else ""])))
    if not tuning.candidates:
        given = tuned_values(part, k, fields)
        yield row_of(style, part.labels[k], *_values(given, fields), "all diverged", NONE, count, chosen=True)
    step = value_step((one.score for one in tuning.candidates), part.metric)
    for place, one in enumerate(tuning.candidates):
        mean = mean_cell(one.score, part.metric, step)
        lost_again = f"{one.diverged} diverged" if one.diverged else ""
        small = ", ".join(filter(None, [mean.small, f"n = {one.score.n}", lost_again]))
        trial = METRICS[part.metric].amount(one.trial.value, step)
        cells = (*_values(one.trial.values, fields), Cell(mean.text, small), trial, "" if place else count)
        yield row_of(style, part.labels[k], *cells, chosen=place == 0)


def _values(values: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    return [NONE if values.get(name) is None else short_text(values[name]) for name in fields]


def spread_of_pairs(part: Comparison) -> float:
    """Median standard deviation of the paired differences; NaN where no pair has two seeds."""
    found = []
    for pair in part.pairs:
        first, second = (part.summaries[k].values[: pair.decision.n] for k in (pair.first, pair.second))
        if len(first) > 1:
            found.append(float(np.std(first - second, ddof=1)))
    return float(np.median(found)) if found else float("nan")


def target_text(part: Comparison) -> str:
    """The target with its unit."""
    metric, step = METRICS[part.metric], value_step((one.mean for one in part.summaries), part.metric)
    return f"{metric.amount(part.target_score, step)}{metric.percent}"
