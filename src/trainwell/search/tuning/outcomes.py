"""Pruning of trials at rungs, and the record of each trial from its trained members."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil

import numpy as np

from trainwell.core import METRICS
from trainwell.models import network_of
from trainwell.search.study.trials import Asked, Curve, State, TrialRecord
from trainwell.search.tuning.plan import Halving
from trainwell.search.tuning.request import Request
from trainwell.training import Points, Recipe, Rungs, Seen, Trained, problems_of

Cost = tuple[float, float]
"""Sort key of trials, smaller is better: the metric (negated if larger is better), then the loss."""


def rungs_for(halving: Halving, recipes: Sequence[Recipe], trial_of: Sequence[int], metric: str) -> Rungs:
    """The rungs of a population of trials, for `train_on`.

    Args:
        halving: settings of successive halving.
        recipes: one per trial.
        trial_of: index of each member's trial.
        metric: `accuracy`, `loss` or `r2`, on validation.

    Returns:
        Rungs at which all members of a trial continue together or are pruned together.
    """

    def survivors(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        costs: dict[int, list[Cost]] = {}
        for member, one in seen.items():
            best = recipes[trial_of[member]].keeps_best
            costs.setdefault(trial_of[member], []).append(cost_of(one, metric, best=best))
        order = sorted(costs, key=lambda trial: (mean_cost(costs[trial]), trial))
        stay = set(order[: ceil(len(recipes) / halving.reduction ** (rung + 1))])
        return [member for member in seen if trial_of[member] in stay]

    return Rungs(halving.shares, survivors)


def cost_of(seen: Seen, metric: str, *, best: bool) -> Cost:
    """The cost of a member at its best observation, or at its last one.

    Args:
        seen: observations so far, by name.
        metric: `accuracy`, `loss` or `r2`, on validation.
        best: use the best observation rather than the last one.

    Returns:
        Infinite values for a member that diverged or has no observations. Where R² is undefined the first value is NaN,
        and the best observation is the one with the least loss, as in training.
    """
    values = -METRICS[metric].sign * np.asarray(seen.get(f"{metric}/validation", ()), np.float64)
    losses = np.asarray(seen.get("loss/validation", ()), np.float64)
    if not len(values) or not np.isfinite(losses[-1]):
        return np.inf, np.inf
    costs = losses if np.isnan(values).all() else values
    at = int(np.argmin(np.where(np.isnan(costs), np.inf, costs))) if best else -1
    return float(values[at]), float(losses[at])


def mean_cost(costs: Sequence[Cost]) -> Cost:
    """The mean cost over seeds and folds; infinite if one of them diverged.

    The metric is averaged over the folds on which it is defined, which are the same for all trials. If there are none,
    it is infinite for all trials, so that the loss decides.
    """
    values, losses = zip(*costs, strict=True)
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else np.inf, sum(losses) / len(losses)


def outcome_of(
    request: Request, populations: Sequence[Trained], index: int, trial: Asked, *, late: bool
) -> TrialRecord:
    """The record of a trained trial.

    Args:
        request: the search.
        populations: the trained populations, one per fold.
        index: index of the trial in the populations.
        trial: its number, values and recipe.
        late: whether the time limit is over, so that it may have cut the trial.
    """
    count = len(request.plan.seeds)
    members = [(trained, index * count + seed) for seed in range(count) for trained in populations]
    statuses = {trained.statuses[m] for trained, m in members}
    seen = [_seen(trained, m) for trained, m in members]
    rungs = _rungs(request, members[0][0], seen, trial.recipe)
    out: State = "cut" if late else "pruned"
    state: State = "diverged" if "diverged" in statuses else out if "pruned" in statuses else "complete"
    value = rungs[max(rungs)] if state == "pruned" and rungs else _value(request, seen, trial.recipe)
    usable = state in ("complete", "cut") and np.isfinite(value)
    return TrialRecord(
        trial.number,
        trial.values,
        trial.recipe,
        state,
        float(value) if np.isfinite(value) and state != "diverged" else float("nan"),
        _scores(members),
        rungs,
        _curve(request, members),
        tuple(network_of(trained, m) for trained, m in members) if usable else (),
    )


def _seen(trained: Trained, member: int) -> dict[str, np.ndarray]:
    count = _num_seen(trained, member)
    return {name: values[member, :count] for name, values in trained.trace.values.items()}


def _num_seen(trained: Trained, member: int) -> int:
    """Number of observations of a member."""
    return int((trained.trace.steps[member] >= 0).sum())


def _value(request: Request, seen: Sequence[Mapping[str, np.ndarray]], recipe: Recipe) -> float:
    """The metric of a trial from the observations of its members; infinite if one diverged."""
    each = [cost_of(one, request.metric, best=recipe.keeps_best) for one in seen]
    return -METRICS[request.metric].sign * mean_cost(each)[0]  # a cost is the negated metric if larger is better


def _rungs(
    request: Request, trained: Trained, seen: Sequence[Mapping[str, np.ndarray]], recipe: Recipe
) -> dict[float, float]:
    """The metric at each rung that all members reached; keys are epochs."""
    found: dict[float, float] = {}
    shortest = min(len(next(iter(one.values()), ())) for one in seen)
    (problem,) = problems_of([recipe], trained.dataset, np.float32)
    points = Points.of(recipe, problem.steps_per_epoch)
    halving = request.plan.halving
    for share in halving.shares if halving else ():
        at = int(np.searchsorted(points.steps, points.at_share(share)))
        if at < shortest:
            value = _value(request, [{name: line[: at + 1] for name, line in one.items()} for one in seen], recipe)
            if np.isfinite(value):
                found[float(points.steps[at] / problem.steps_per_epoch)] = value
    return found


def _scores(members: Sequence[tuple[Trained, int]]) -> dict[str, float]:
    """Every metric of the kept weights, averaged over members; R² over the members where it is defined."""
    found = {}
    for name in members[0][0].trace.values:
        metric, _, split = name.partition("/")
        values = np.array([trained.kept(name)[m] for trained, m in members])
        if metric in METRICS and METRICS[metric].fallback:
            losses = np.array([trained.kept(f"loss/{split}")[m] for trained, m in members])
            values = values[~(np.isnan(values) & np.isfinite(losses))]
        if len(values) and np.isfinite(values).all():
            found[name] = float(np.mean(values))
    return found


def _curve(request: Request, members: Sequence[tuple[Trained, int]]) -> Curve:
    """The training and validation curves, averaged over members."""
    if not members[0][0].trace.values:
        return Curve(*np.zeros((3, 0)))
    longest, m = max(members, key=lambda one: _num_seen(*one))
    length = _num_seen(longest, m)
    lines = []
    for name in (f"{request.metric}/training", f"{request.metric}/validation"):
        rows = np.stack([_padded(trained.trace[name][m], length) for trained, m in members])
        known = np.isfinite(rows).sum(0)
        lines.append(np.where(known > 0, np.nansum(rows, 0) / np.maximum(known, 1), np.nan))
    return Curve(longest.trace.epochs[m][:length], *lines)


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    return np.pad(values[:length], (0, max(length - len(values), 0)), constant_values=np.nan)
