"""All numbers of a comparison as data frames and files: contenders, pairs, runs and trials."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trainwell.comparison.result import Comparison, Comparisons, Tuning
from trainwell.core import write_table
from trainwell.statistics import Interval
from trainwell.training import as_scalar

if TYPE_CHECKING:
    import polars as pl

Format = Literal["parquet", "csv"]
Row = dict[str, Any]


def contenders_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per data set and contender, best first.

    Returns:
        Columns data, contender, rank, unbeaten (no other was significantly better), n, diverged, metric, mean with its
        interval, sd, iqm (interquartile mean) with its interval, target_score, reached_target (share of runs) with
        times to target (Inf if most runs never reached it), seconds per network, every tuned field as `tuned_…`, and
        doubts (why tuning may have missed a better recipe). Unknown values, such as the interval of a single seed,
        are null.
    """
    return _table(comparisons, _contenders, ("data", "contender"))


def pairs_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per data set and compared pair.

    Returns:
        Columns data, first, second, outcome, better (a contender, or null), difference (first minus second) with its
        interval, n, look (from 0), p, p_adjusted, p_equivalence and skewness (see `PairDecision`),
        cancelling_failure_rate and improvement with its interval (see `Pair`), margin, doubts (why it may be an
        artefact of tuning), and words (the verdict as a sentence).
    """
    return _table(comparisons, _pairs, ("data", "first", "second"))


def runs_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per network.

    Returns:
        Columns data, contender, seed, status, score (for a diverged run the score it counts as), steps, kept_step,
        seconds, and every metric of the kept weights, such as `loss/validation`; null for diverged runs.
    """
    return _table(comparisons, _runs, ("data", "contender", "seed"))


def tuning_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per tuning trial; no rows for contenders that were not tuned.

    Returns:
        Columns data, contender, trial, extra (added next to the best value after the search), state, value (null if
        diverged), epochs, the tuned fields, and, for trials trained again with new seeds, retrained (their mean) with
        its interval, retrained_n and retrained_diverged; `chosen` is true for the trial whose recipe the contender was
        compared with.
    """
    return _table(comparisons, _trials, ("data", "contender", "trial"))


def ranks_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per contender over all data sets, best mean rank first; no rows for a single data set.

    Returns:
        Columns contender, mean_rank, critical_difference (mean ranks that differ by this much are significantly
        different), friedman_p, and normalised: the interquartile mean of normalised scores (0 for guessing, 1 for the
        mean of the best contender) with its interval.
    """
    return _frame(list(_ranks(comparisons)), ("contender", "mean_rank"))


def improvement_table(comparisons: Comparisons) -> "pl.DataFrame":
    """One row per pair of contenders over all data sets; no rows for a single data set.

    Returns:
        Columns first, second and improvement: the probability that a run of the first beats one of the second, averaged
        over data sets, with its interval. For second against first it is 1 − improvement.
    """
    return _frame(list(_improvement(comparisons)), ("first", "second", "improvement"))


TABLES: Mapping[str, Callable[[Comparisons], "pl.DataFrame"]] = {
    "contenders": contenders_table,
    "pairs": pairs_table,
    "runs": runs_table,
    "tuning": tuning_table,
}
ACROSS: Mapping[str, Callable[[Comparisons], "pl.DataFrame"]] = {
    "ranks": ranks_table,
    "improvement": improvement_table,
}
"""Tables that only exist for several data sets."""


def export(comparisons: Comparisons, folder: str | Path, formats: Iterable[Format] = ("parquet", "csv")) -> list[Path]:
    """Write all tables to files such as `pairs.csv`, each atomically; `ranks` and `improvement` for several data sets.

    Args:
        comparisons: the results to write.
        folder: target folder; it is created if it does not exist.
        formats: `parquet`, `csv` or both.

    Returns:
        Paths of the files.

    Raises:
        ValueError: a format is unknown.
    """
    folder, formats = Path(folder), tuple(formats)
    if unknown := set(formats) - {"parquet", "csv"}:
        raise ValueError(f"formats must be 'parquet' or 'csv', got {sorted(unknown)}")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, table_of in {**TABLES, **(ACROSS if comparisons.across is not None else {})}.items():
        paths = [folder / f"{name}.{form}" for form in formats]
        write_table(table_of(comparisons), *paths)
        written += paths
    return written


def _table(
    comparisons: Comparisons, rows_of: Callable[[Comparison], Iterator[Row]], always: Sequence[str]
) -> "pl.DataFrame":
    """The rows of all data sets as one table; `always` are its columns if it has no rows."""
    return _frame([{"data": part.dataset.name, **row} for part in comparisons.parts for row in rows_of(part)], always)


def _frame(rows: Sequence[Row], always: Sequence[str]) -> "pl.DataFrame":
    """Rows as a data frame; a column that only some rows have is null in the others."""
    import polars as pl

    names = dict.fromkeys(name for row in rows for name in row) or dict.fromkeys(always)
    whole = [{name: _known(row.get(name)) for name in names} for row in rows]
    return pl.DataFrame(whole, schema=None if whole else list(names), infer_schema_length=None, strict=False)


def _contenders(part: Comparison) -> Iterator[Row]:
    fields = tuned_fields(part)
    for rank, k in enumerate(part.ranking(), 1):
        summary = part.summaries[k]
        yield {
            "contender": part.labels[k],
            "rank": rank,
            "unbeaten": k in part.best,
            "n": summary.n,
            "diverged": summary.diverged,
            "metric": part.metric,
            **_interval("mean", summary.mean),
            "sd": summary.sd,
            **_interval("iqm", summary.iqm),
            "target_score": part.target_score,
            **_interval("reached_target", summary.reached_target),
            **_interval("steps_to_target", summary.steps_to_target),
            **_interval("epochs_to_target", summary.epochs_to_target),
            "seconds": summary.seconds,
            **{f"tuned_{name}": value for name, value in tuned_values(part, k, fields).items()},
            "doubts": "; ".join(tuning.doubts if (tuning := part.tunings[k]) else ()),
        }


def _pairs(part: Comparison) -> Iterator[Row]:
    for pair in part.pairs:
        decision = pair.decision
        yield {
            "first": part.labels[pair.first],
            "second": part.labels[pair.second],
            "outcome": pair.outcome,
            "better": None if pair.better is None else part.labels[pair.better],
            "difference": decision.difference,
            "low": decision.low,
            "high": decision.high,
            "n": decision.n,
            "look": decision.look,
            "p": decision.p,
            "p_adjusted": decision.p_adjusted,
            "p_equivalence": decision.p_equivalence,
            "skewness": decision.skewness,
            "cancelling_failure_rate": pair.cancelling_failure_rate,
            **_interval("improvement", pair.improvement),
            "margin": part.margin,
            "doubts": "; ".join(pair.doubts),
            "words": pair.words,
        }


def _runs(part: Comparison) -> Iterator[Row]:
    runs = part.runs
    kept = {name: runs.kept(name) for name in sorted(runs.trace.values)}
    for k, group in enumerate(runs.by_recipe()):
        for index, m in enumerate(group):
            yield {
                "contender": part.labels[k],
                "seed": runs.members[m].seed,
                "status": runs.statuses[m],
                "score": float(part.summaries[k].values[index]),
                "steps": runs.steps[m],
                "kept_step": runs.kept_steps[m],
                "seconds": runs.seconds[m],
                **{name: float(values[m]) for name, values in kept.items()},
            }


def _trials(part: Comparison) -> Iterator[Row]:
    for label, tuning in zip(part.labels, part.tunings, strict=True):
        extra = tuning.extra if tuning else ()
        for trial in tuning.trials if tuning else ():
            yield {
                "contender": label,
                "trial": trial.number,
                "extra": trial in extra,
                "state": trial.state,
                "value": trial.value,
                "epochs": float(trial.curve.epochs[-1]) if len(trial.curve.epochs) else 0.0,
                **{name: as_scalar(value) for name, value in trial.values.items()},
                **_retrained(tuning, trial.number),
            }


def _ranks(comparisons: Comparisons) -> Iterator[Row]:
    across, labels = comparisons.across, comparisons.parts[0].labels
    if across is None:
        return
    for k in sorted(range(len(labels)), key=lambda k: (across.ranks.ranks[k], k)):
        yield {
            "contender": labels[k],
            "mean_rank": float(across.ranks.ranks[k]),
            "critical_difference": across.ranks.critical_difference,
            "friedman_p": across.ranks.friedman_p,
            **_interval("normalised", across.aggregates[k]),
        }


def _improvement(comparisons: Comparisons) -> Iterator[Row]:
    across, labels = comparisons.across, comparisons.parts[0].labels
    if across is None:
        return
    for i, j in combinations(range(len(labels)), 2):
        yield {
            "first": labels[i],
            "second": labels[j],
            "improvement": float(across.improvement[i, j]),
            "improvement_low": float(across.improvement_low[i, j]),
            "improvement_high": float(across.improvement_high[i, j]),
        }


def _retrained(tuning: Tuning | None, number: int) -> Row:
    """Results of a trial that was trained again with new seeds; null for other trials."""
    candidates = tuning.candidates if tuning else ()
    one = next((one for one in candidates if one.trial.number == number), None)
    return {
        **_interval("retrained", one.score if one else None),
        "retrained_n": one.score.n if one else None,
        "retrained_diverged": one.diverged if one else None,
        "chosen": one is not None and one is candidates[0],
    }


def tuned_fields(part: Comparison) -> list[str]:
    """Fields that were tuned for at least one contender, in the order of `Terms.tune`."""
    tuned = {name for tuning in part.tunings if tuning for name in tuning.search.space.axes}
    return [name for name in part.terms.tune if name in tuned]


def tuned_values(part: Comparison, k: int, fields: Sequence[str]) -> dict[str, Any]:
    """The tuned values of contender `k`; None for fields that were not tuned for it."""
    tuning = part.tunings[k]
    if tuning is None:
        return dict.fromkeys(fields)
    values = (tuning.candidates[0].trial if tuning.candidates else tuning.search.ranked()[0]).values
    return {name: as_scalar(values[name]) if name in values else None for name in fields}


def _interval(name: str, interval: Interval | None) -> Row:
    ends = (None,) * 3 if interval is None else (interval.mean, interval.low, interval.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), ends, strict=True))


def _known(value: Any) -> Any:
    """NumPy scalars as Python numbers; NaN as None."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and math.isnan(value) else value
