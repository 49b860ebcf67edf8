"""A comparison's numbers as JSON values; those that are not finite are left to the caller."""

from dataclasses import asdict
from typing import Any

import numpy as np

from trainwell.comparison import (
    Across,
    Comparison,
    Comparisons,
    Pair,
    Tuning,
    headline,
    headlines,
    tuned_fields,
    tuned_values,
)
from trainwell.statistics import Interval


def comparison_results(comparisons: Comparisons) -> dict[str, Any]:
    """All numbers: the terms, every data set, and all of them together (None for a single one)."""
    across = comparisons.across
    return {
        "headline": headlines(comparisons),
        "terms": comparisons.parts[0].terms.to_json(),
        "data_sets": [_part(part) for part in comparisons.parts],
        "across": None if across is None else _across(across, comparisons.parts[0].labels),
    }


def _part(part: Comparison) -> dict[str, Any]:
    return {
        "data": part.dataset.name,
        "metric": part.metric,
        "margin": part.margin,
        "guess": part.guess,
        "target": part.target,
        "seeds": list(part.seeds),
        "looks": list(part.looks),
        "ending": part.ending,
        "detectable": part.detectable,
        "seconds": asdict(part.seconds),
        "headline": headline(part),
        "notices": part.notices,
        "contenders": [_contender(part, k) for k in range(len(part.contenders))],
        "ranking": [part.labels[k] for k in part.ranking()],
        "unbeaten": [part.labels[k] for k in part.best],
        "pairs": [_pair(part, pair) for pair in part.pairs],
    }


def _contender(part: Comparison, k: int) -> dict[str, Any]:
    summary, tuning = part.summaries[k], part.tunings[k]
    return {
        "label": part.labels[k],
        "n": summary.n,
        "diverged": summary.diverged,
        "mean": _interval(summary.mean),
        "sd": summary.sd,
        "iqm": _interval(summary.iqm),
        "reached": _interval(summary.reached),
        "steps_to_target": _interval(summary.steps_to_target),
        "epochs_to_target": _interval(summary.epochs_to_target),
        "seconds_per_network": summary.seconds,
        "values": summary.values.tolist(),
        "tuned": tuned_values(part, k, tuned_fields(part)),
        "tuning": None if tuning is None else _tuning(tuning),
        "recipe": part.recipes[k].model_dump(mode="json"),
    }


def _tuning(tuning: Tuning) -> dict[str, Any]:
    states = [trial.state for trial in tuning.trials]
    return {
        "trials": {"total": len(states), "further": len(tuning.further), "diverged": states.count("diverged")},
        "candidates": [
            {
                "trial": one.trial.number,
                "seeds": list(one.seeds),
                "score": _interval(one.score),
                "diverged": one.diverged,
                "search_value": one.trial.value,
            }
            for one in tuning.candidates
        ],
        "advice": list(tuning.advice),
        "doubts": list(tuning.doubts),
        "networks": tuning.networks,
        "seconds": tuning.seconds,
    }


def _pair(part: Comparison, pair: Pair) -> dict[str, Any]:
    decision = asdict(pair.decision)
    return {
        **decision,
        "first": part.labels[pair.first],
        "second": part.labels[pair.second],
        "outcome": pair.outcome,
        "better": None if pair.better is None else part.labels[pair.better],
        "improvement": _interval(pair.improvement),
        "doubts": list(pair.doubts),
        "undone_by": pair.undone_by,
        "words": pair.words,
    }


def _across(across: Across, labels: tuple[str, ...]) -> dict[str, Any]:
    ranks = across.ranks
    return {
        "mean_ranks": dict(zip(labels, map(float, ranks.ranks), strict=True)),
        "friedman_p": ranks.friedman_p,
        "critical_difference": ranks.critical_difference,
        "not_told_apart": [[labels[k] for k in group] for group in ranks.groups],
        "normalised_iqm": {label: _interval(one) for label, one in zip(labels, across.aggregates, strict=True)},
        "improvement": {
            "mean": _square(across.improvement),
            "low": _square(across.improvement_low),
            "high": _square(across.improvement_high),
        },
        "profiles": {
            "thresholds": across.thresholds.tolist(),
            "mean": dict(zip(labels, across.profiles.tolist(), strict=True)),
            "low": dict(zip(labels, across.profiles_low.tolist(), strict=True)),
            "high": dict(zip(labels, across.profiles_high.tolist(), strict=True)),
        },
    }


def _square(values: np.ndarray) -> list[list[float]]:
    rows: list[list[float]] = values.tolist()
    return rows


def _interval(interval: Interval) -> dict[str, Any]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n}
