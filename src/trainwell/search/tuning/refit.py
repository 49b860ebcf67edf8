"""Training the best recipes of a search again with new seeds, and selecting the final model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trainwell.core import METRICS
from trainwell.models import Model, TrainedNetwork, choose_ensemble, network_of
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.batches import Networks
from trainwell.search.tuning.request import Request
from trainwell.search.tuning.result import Candidate, ConsideredModel
from trainwell.statistics import mean_interval
from trainwell.training import Progress, Trained, train_on

WITHIN = 1.0  # of ensembles within this number of standard errors of the best, the largest is chosen
MOST = 25  # most networks in an ensemble, with repetitions: more hardly improve it and slow down predictions

Group = tuple[TrainedNetwork, ...]
"""Networks of one recipe and seed, one per dataset."""


@dataclass(frozen=True, eq=False)
class Refit:
    """The best recipes trained again.

    Attributes:
        candidates: one per recipe, best first.
        networks: per candidate and seed that did not diverge, one network per fold.
        populations: the trained populations, one per fold.
    """

    candidates: tuple[Candidate, ...]
    networks: tuple[tuple[Group, ...], ...]
    populations: tuple[Trained, ...]


def distinct(ranked: Sequence[TrialRecord], most: int) -> list[TrialRecord]:
    """The best `most` trials with different recipes, complete ones only."""
    chosen: list[TrialRecord] = []
    for trial in (trial for trial in ranked if trial.state == "complete"):
        if len(chosen) < most and trial.recipe not in [one.recipe for one in chosen]:
            chosen.append(trial)
    return chosen


def refit(
    request: Request,
    trials: Sequence[TrialRecord],
    seeds: Sequence[int],
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> Refit:
    """Train the recipes of trials again, without pruning.

    Args:
        request: the search.
        trials: trials with different recipes.
        seeds: new seeds, that is, seeds which the search did not use.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        The candidates, ordered by their mean score over the new seeds.
    """
    populations = train_on(
        request.pool.datasets,
        [trial.recipe for trial in trials],
        seeds,
        checkpoints=checkpoints,
        progress=progress,
        rules=request.rules,
        deadline=deadline,
    )
    found = [_candidate(request, populations, seeds, i, trial) for i, trial in enumerate(trials)]
    found.sort(key=lambda one: METRICS[request.metric].order(one[0].score.mean))
    return Refit(tuple(one for one, _ in found), tuple(groups for _, groups in found), tuple(populations))


def _candidate(
    request: Request, populations: Sequence[Trained], seeds: Sequence[int], index: int, trial: TrialRecord
) -> tuple[Candidate, tuple[Group, ...]]:
    members = range(index * len(seeds), (index + 1) * len(seeds))
    ends = {"finished", "stopped"}
    complete = [m for m in members if all(trained.statuses[m] in ends for trained in populations)]
    name, within = f"{request.metric}/validation", METRICS[request.metric].within
    scores = [_mean_defined([trained.kept(name)[m] for trained in populations]) for m in complete]
    diverged = sum(any(trained.statuses[m] == "diverged" for trained in populations) for m in members)
    candidate = Candidate(trial, tuple(seeds), mean_interval(scores, within=within), diverged)
    return candidate, tuple(tuple(network_of(trained, m) for trained in populations) for m in complete)


def _mean_defined(values: Sequence[float]) -> float:
    """The mean over the folds on which the metric is defined; these are the same for all recipes and seeds."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def choose_model(
    request: Request, again: Refit | None, kept: Networks
) -> tuple[tuple[ConsideredModel, ...], Model | None]:
    """Select the final model on validation: a single network or an ensemble.

    Args:
        request: the search.
        again: the best recipes trained again; None if there was no refit.
        kept: networks of the best trials of the search.

    Returns:
        All models that were considered, and the selected one; None if there are no networks.
    """
    pool, metric = request.pool, request.metric
    fresh = [group for groups in again.networks for group in groups] if again else []
    each = len(pool.datasets)
    searched = [tuple(kept[n][i : i + each]) for n in sorted(kept) for i in range(0, len(kept[n]), each)]
    groups = [*fresh, *searched]
    if not groups:
        return (), None
    choice = choose_ensemble(
        np.stack([pool.outputs(group) for group in groups]),
        pool.targets,
        pool.weights,
        task=pool.dataset.task,
        metric=metric,
        order=range(len(fresh)) if fresh else None,
        most=MOST,
        standard_errors=WITHIN,
    )
    each_fold = {"best network": "best recipe and seed (one network per fold)"} if each > 1 else {}
    options = tuple(
        ConsideredModel(
            each_fold.get(one.name, one.name),
            len(set(one.ensemble.members)) * each,
            one.ensemble.score,
            one.chosen,
        )
        for one in choice.considered
    )
    metrics = {f"{metric}/validation": choice.ensemble.score, "loss/validation": choice.ensemble.loss}
    networks = [network for member in choice.ensemble.members for network in groups[member]]
    model = Model.of_networks(pool.dataset, networks, metrics)
    facts = {"networks_of": "recipe and seed, one per fold" if pool.folds else "recipe and seed"}
    return options, replace(model, facts={**model.facts, **facts})
