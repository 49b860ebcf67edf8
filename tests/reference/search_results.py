"""Searches that never ran: trials by a formula, so that pages and charts can be checked against it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from trainwell.search import (
    Candidate,
    ConsideredModel,
    Curve,
    Extent,
    Importance,
    Round,
    SearchResult,
    Seconds,
    TrialRecord,
    Tuned,
)
from trainwell.statistics import mean_interval
from trainwell.training import Choices, Range, Recipe, Space

SMALL: Mapping[str, Range | Choices] = {
    "optimizer": Choices(("sgd", "momentum", "adam")),
    "learning_rate": Range(1e-4, 1.0, log=True),
    "momentum": Range(0.5, 0.99),
}
LARGE: Mapping[str, Range | Choices] = {
    **SMALL,
    "width": Choices((32, 64, 128, 256)),
    "depth": Range(1, 4, integer=True),
    "batch_size": Choices((32, 64, 128, "full")),
    "batch_norm": Choices((False, True)),
    "dropout_rate": Range(0.0, 0.5),
    "l2_penalty": Range(1e-8, 1e-2, log=True),
    "label_smoothing": Range(0.0, 0.2),
    "activation": Choices(("relu", "tanh", "elu")),
    "schedule": Choices(("constant", "cosine")),
}


def search(
    axes: Mapping[str, Range | Choices] = SMALL,
    trials: int = 40,
    per_round: int = 20,
    *,
    metric: str = "accuracy",
    every_pruned: int = 5,
    every_diverged: int = 9,
    folds: int = 1,
    seeds: Sequence[int] = (0,),
    advice: Sequence[str] = ("learning_rate: the best trials lie at the upper end of the declared range: widen it",),
) -> SearchResult:
    """Trial i draws from ranges that halve every round; the nearer its learning rate to 0.1, the better it does."""
    space = Space(Recipe(epochs=20.0), axes)
    rounds = tuple(_round(space, r, per_round, trials) for r in range(-(-trials // per_round))) if per_round else ()
    records = []
    for i in range(trials):
        state = "diverged" if every_diverged and i % every_diverged == every_diverged - 1 else "complete"
        state = "pruned" if every_pruned and i % every_pruned == every_pruned - 1 and state == "complete" else state
        records.append(_trial(space, i, i // per_round if per_round else 0, state, metric))
    importance = {name: Importance(0.6 * 0.5**k, 0.4 * 0.5**k, 0.8 * 0.5**k, trials) for k, name in enumerate(axes)}
    return SearchResult(
        space,
        metric,
        "coarse_to_fine" if per_round else "random",
        tuple(records),
        rounds,
        tuple(advice),
        importance if trials > 5 else {},
        tuple(seeds),
        folds,
        Seconds(12.5, 4.0, 8.0, 0.5, 3.25),
    )


def _trial(space: Space, i: int, row: int, state: str, metric: str) -> TrialRecord:
    rng = np.random.default_rng(i)
    values: dict[str, Any] = {}
    for name, axis in space.axes.items():
        if isinstance(axis, Choices):
            values[name] = axis.values[int(rng.integers(len(axis.values)))]
        else:
            values[name] = _draw(axis, row, rng)
    values = {name: value for name, value in values.items() if name in space.active(values)}
    off = abs(np.log10(values.get("learning_rate", 0.1)) + 1)
    accuracy = max(0.97 - 0.22 * off - 0.02 * rng.random(), 0.1)
    best = {"accuracy": accuracy, "r2": accuracy - 0.4, "loss": 1.5 - accuracy}[metric]
    epochs = np.arange(1, 4 if state == "pruned" else 21, dtype=np.float64)
    rise = 1 - np.exp(-epochs / 4)
    curve = Curve(epochs, np.minimum(best * rise * 1.04, 1.0), best * rise)
    if metric == "loss":
        curve = Curve(epochs, best / rise * 0.9, best / rise)
    value = float("nan") if state == "diverged" else float(curve.validation[-1])
    if state == "diverged":
        nothing = np.full(1, np.nan)
        curve = Curve(np.ones(1), nothing, nothing)
    rungs = {float(e): float(curve.validation[int(e) - 1]) for e in (1.0, 3.0) if e <= len(curve.epochs)}
    scores = {"loss/validation": 1.5 - accuracy, f"{metric}/training": float(curve.training[-1])}
    return TrialRecord(i, values, space.recipe(values), state, value, scores, rungs, curve)


def _ends(axis: Range, row: int) -> tuple[float, float]:
    """The range of a round: each is the upper three quarters of the one before."""
    low, high = (np.log10(axis.low), np.log10(axis.high)) if axis.log else (axis.low, axis.high)
    low = high - (high - low) * 0.75**row
    low, high = (10**low, 10**high) if axis.log else (low, high)
    return (int(np.floor(low)), int(high)) if axis.integer else (max(float(low), axis.low), float(axis.high))


def _draw(axis: Range, row: int, rng: np.random.Generator) -> float:
    low, high = _ends(axis, row)
    if axis.integer:
        return int(rng.integers(low, high + 1))
    return float(np.exp(rng.uniform(np.log(low), np.log(high)))) if axis.log else float(rng.uniform(low, high))


def _round(space: Space, row: int, size: int, trials: int) -> Round:
    extents, reasons = {}, {}
    for name, axis in space.axes.items():
        if isinstance(axis, Choices):
            alive = axis.labels[: max(len(axis.labels) - row, 1)]
            extents[name] = Extent(CategoricalDistribution(axis.labels), choices=alive)
            if row and len(axis.labels) > row:
                reasons[name] = f"dropped {axis.labels[len(axis.labels) - row]}: never among the good trials, p = 0.004"
            continue
        low, high = _ends(axis, row)
        kind = IntDistribution if axis.integer else FloatDistribution
        extents[name] = Extent(kind(axis.low, axis.high, log=axis.log), low, high)
        if row:
            reasons[name] = f"narrowed to [{low:.3g}, {high:.3g}]: the best 4 of {size} trials lie in it"
    return Round(row, row * size, (row + 1) * size - 1, (row + 1) * size <= trials, extents, reasons)


def tuned(result: SearchResult, *, refit: bool = True, fresh: int = 5) -> Tuned:
    """What `tune` makes of a search: three recipes trained again, of which the first is chosen."""
    ranked = [trial for trial in result.ranked() if trial.state == "complete"][:3]
    recipe = ranked[0].recipe if ranked else result.space.base
    if not refit or not ranked:
        return Tuned(result, (), (), recipe, None)
    within = {"accuracy": (0.0, 1.0), "loss": (0.0, np.inf), "r2": (-np.inf, 1.0)}[result.metric]
    seeds = tuple(range(100, 100 + fresh))
    candidates = []
    for trial in ranked:
        scores = [trial.value * (1 - 0.004 * k) for k in range(fresh)]
        interval = mean_interval(scores, within=within)
        candidates.append(Candidate(trial, seeds, interval, 0))
    best = candidates[0]
    options = [
        ConsideredModel("best network", 1, best.trial.value - 0.01 * result.sign, False),
        ConsideredModel(f"{fresh} seeds of trial {best.trial.number}", fresh, best.trial.value, True),
        ConsideredModel("greedy selection", 3, best.trial.value - 0.002 * result.sign, False),
    ]
    return Tuned(result, tuple(candidates), tuple(options), recipe, None)


def renamed(result: SearchResult, name: str) -> SearchResult:
    """The same search with other words for its sampler and in its reasons, such as hostile ones."""
    rounds = tuple(replace(one, reasons=dict.fromkeys(one.reasons, name)) for one in result.rounds)
    return replace(result, sampler=name, rounds=rounds, advice=(name,))
