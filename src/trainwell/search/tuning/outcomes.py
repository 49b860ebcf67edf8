"""A batch of trials trained as one population, and what came of each."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainwell.core import METRICS
from trainwell.models import TrainedNetwork, network_of
from trainwell.search.tuning.halving import mean_standing, standing
from trainwell.search.tuning.result import Curve, State
from trainwell.search.tuning.setting import Setting
from trainwell.training import Points, Progress, Recipe, Trained, problems_of, train_on


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of one trial; see `TrialRecord`, which has the same fields.

    Attributes:
        networks: seed by seed, in that fold by fold; of trials that came to their end, or as far as the time allowed.
    """

    state: State
    value: float
    scores: Mapping[str, float]
    rungs: Mapping[float, float]
    curve: Curve
    networks: tuple[TrainedNetwork, ...] = ()


def train_batch(
    setting: Setting,
    recipes: Sequence[Recipe],
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> list[Outcome]:
    """Train trials as one population, poor ones not to the end.

    Args:
        setting: what they have in common.
        recipes: one per trial.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        One outcome per trial.
    """
    rungs = None
    if setting.halving is not None:
        rungs = setting.halving.rungs_for(recipes, setting.trial_of(len(recipes)), setting.metric)
    populations = train_on(
        setting.datasets,
        recipes,
        setting.seeds,
        checkpoints=checkpoints,
        progress=progress,
        rungs=rungs,
        rules=setting.rules,
        deadline=deadline,
    )
    late = deadline is not None and time.monotonic() > deadline
    return [_outcome(setting, populations, trial, recipe, late=late) for trial, recipe in enumerate(recipes)]


def _outcome(setting: Setting, populations: Sequence[Trained], trial: int, recipe: Recipe, *, late: bool) -> Outcome:
    S = len(setting.seeds)
    members = [(trained, trial * S + seed) for seed in range(S) for trained in populations]
    statuses = {trained.statuses[m] for trained, m in members}
    seen = [_seen(trained, m) for trained, m in members]
    rungs = _rungs(setting, members[0][0], seen, recipe)
    out: State = "cut" if late else "pruned"
    state: State = "diverged" if "diverged" in statuses else out if "pruned" in statuses else "complete"
    value = -setting.sign * mean_standing([standing(one, setting.metric, best=recipe.keeps_best) for one in seen])[0]
    if state == "pruned" and rungs:
        value = rungs[max(rungs)]
    usable = state in ("complete", "cut") and np.isfinite(value)
    return Outcome(
        state,
        float(value) if np.isfinite(value) and state != "diverged" else float("nan"),
        _scores(members),
        rungs,
        _curve(setting, members),
        tuple(network_of(trained, m) for trained, m in members) if usable else (),
    )


def _seen(trained: Trained, member: int) -> dict[str, np.ndarray]:
    count = int((trained.trace.steps[member] >= 0).sum())
    return {name: values[member, :count] for name, values in trained.trace.values.items()}


def _rungs(
    setting: Setting, trained: Trained, seen: Sequence[Mapping[str, np.ndarray]], recipe: Recipe
) -> dict[float, float]:
    """The metric at each rung that all members reached, by epochs trained."""
    found: dict[float, float] = {}
    shortest = min(len(next(iter(one.values()), ())) for one in seen)
    (problem,) = problems_of([recipe], trained.dataset, np.float32)
    points = Points.of(recipe, problem.steps_per_epoch)
    for share in setting.halving.shares if setting.halving else ():
        at = int(np.searchsorted(points.steps, points.at_share(share)))
        if at < shortest:
            cut = [{name: values[: at + 1] for name, values in one.items()} for one in seen]
            value, _ = mean_standing([standing(one, setting.metric, best=recipe.keeps_best) for one in cut])
            if np.isfinite(value):
                found[float(points.steps[at] / problem.steps_per_epoch)] = (
                    -setting.sign * value
                )  # smaller is better there
    return found


def _scores(members: Sequence[tuple[Trained, int]]) -> dict[str, float]:
    """All that was observed of the kept weights, means over the members; of R² over those on which it is defined."""
    found = {}
    for name in members[0][0].trace.values:
        metric, _, split = name.partition("/")
        values = np.array([trained.kept(name)[m] for trained, m in members])
        if metric in METRICS and METRICS[metric].instead:
            losses = np.array([trained.kept(f"loss/{split}")[m] for trained, m in members])
            values = values[~(np.isnan(values) & np.isfinite(losses))]
        if len(values) and np.isfinite(values).all():
            found[name] = float(np.mean(values))
    return found


def _curve(setting: Setting, members: Sequence[tuple[Trained, int]]) -> Curve:
    """Means over the members of what was observed while they trained."""
    if not members[0][0].trace.values:
        nothing = np.zeros(0)
        return Curve(nothing, nothing, nothing)
    length = max(int((trained.trace.steps[m] >= 0).sum()) for trained, m in members)
    lines = []
    for name in (f"{setting.metric}/training", f"{setting.metric}/validation"):
        rows = np.stack([_padded(trained.trace[name][m], length) for trained, m in members])
        there = np.isfinite(rows).sum(0)
        lines.append(np.where(there > 0, np.nansum(rows, 0) / np.maximum(there, 1), np.nan))
    longest, m = max(members, key=lambda one: int((one[0].trace.steps[one[1]] >= 0).sum()))
    return Curve(longest.trace.epochs[m][:length], *lines)


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    return np.pad(values[:length], (0, max(length - len(values), 0)), constant_values=np.nan)
