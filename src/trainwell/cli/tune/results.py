"""A search's numbers as JSON values, and its trials as a table."""

from dataclasses import asdict
from typing import Any

import polars as pl

from trainwell.core import value_text
from trainwell.models import TestQuality
from trainwell.search import SearchResult, Tuned
from trainwell.training import as_scalar


def search_results(tuned: Tuned, test: TestQuality | None) -> dict[str, Any]:
    """What came out of a search: numbers that are not finite are left to the caller."""
    search = tuned.search
    states = [trial.state for trial in search.trials]
    best = search.ranked()[0]
    seconds = search.seconds
    return {
        "metric": search.metric,
        "sampler": search.sampler,
        "seeds": list(search.seeds),
        "folds": search.folds,
        "trials": {
            "total": len(states),
            "missing": search.missing,
            **{state: states.count(state) for state in ("complete", "pruned", "cut", "diverged")},
        },
        "notices": list(search.notices),
        "best_trial": {
            "number": best.number,
            "state": best.state,
            "value": best.value,
            "fields": {name: value_text(value) for name, value in best.values.items()},
        },
        "rounds": [_round(one) for one in search.rounds],
        "advice": list(search.advice),
        "importance": {name: asdict(one) for name, one in search.importance.items()},
        "candidates": [
            {
                "trial": one.trial.number,
                "fields": {name: value_text(value) for name, value in one.trial.values.items()},
                "seeds": list(one.seeds),
                "mean": one.score.mean,
                "low": one.score.low,
                "high": one.score.high,
                "n": one.score.n,
                "diverged": one.diverged,
                "search_value": one.trial.value,
            }
            for one in tuned.candidates
        ],
        "options": [
            {"name": one.name, "networks": one.networks, "score": one.score, "chosen": one.chosen}
            for one in tuned.options
        ],
        "recipe": tuned.recipe.model_dump(mode="json"),
        "model": None if tuned.model is None else {"folder": "model", "networks": len(tuned.model.networks)},
        "test": None if test is None else test.to_json(),
        "search_seconds": seconds.total if seconds else None,
        "compile_seconds": seconds.compiling if seconds else None,
        "training_seconds": seconds.training if seconds else None,
        "search_overhead_seconds": seconds.overhead if seconds else None,
        "refit_seconds": seconds.refit if seconds else None,
    }


def _round(one: Any) -> dict[str, Any]:
    return {
        "number": one.number,
        "trials": [one.first_trial, one.last_trial],
        "ranges": {
            name: {"low": extent.low, "high": extent.high}
            if extent.choices is None
            else {"choices": list(extent.choices)}
            for name, extent in one.extents.items()
        },
        "reasons": dict(one.reasons),
    }


def trials_table(search: SearchResult) -> pl.DataFrame:
    """One row per trial: number, state, value, scores, epochs trained, and the axes."""
    rows = [
        {
            "trial": trial.number,
            "state": trial.state,
            "value": trial.value,
            **trial.scores,
            "epochs": float(trial.curve.epochs[-1]) if len(trial.curve.epochs) else 0.0,
            **{name: as_scalar(trial.values.get(name)) for name in search.space.ordered},
        }
        for trial in search.trials
    ]
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)
