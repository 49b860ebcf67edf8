"""`tune`: from data to a trained ensemble, by a search and the best recipes trained again."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trainwell.core import METRICS
from trainwell.data import Dataset
from trainwell.models import Model, TrainedNetwork, choose_ensemble, network_of
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.tune import Job, Watcher
from trainwell.search.tuning.plan import Plan
from trainwell.search.tuning.request import Request
from trainwell.search.tuning.result import Candidate, Option, SearchResult, Tuned
from trainwell.statistics import mean_interval
from trainwell.training import Progress, Space, Trained, members_work, train_on

SEARCH_SHARE = 0.75  # of a time limit; the rest is for training the best again
WITHIN = 1.0  # standard errors: of averages that validation cannot tell apart, the widest does best on new rows
MOST = 25  # networks in an ensemble, repetitions counted: more hardly help, and every one costs at prediction

Group = tuple[TrainedNetwork, ...]
"""Networks of one recipe and seed, one per dataset."""


def tune(
    dataset: Dataset,
    space: Space | None = None,
    plan: Plan | None = None,
    *,
    folder: Path | None = None,
    storage: str | Path | None = None,
    study: str = "trainwell",
    shared: bool = True,
    watcher: Watcher | None = None,
) -> Tuned:
    """Search for the best way to train on a dataset, and train it.

    Coarse to fine (T-HP-4): trials drawn at random in wide ranges, trained briefly (poor ones are stopped early by
    successive halving), ranges narrowed to where the good trials are, and again. Then the best recipes are trained
    anew with fresh seeds, and of all networks the model is chosen on validation (T-REG-4). The test split is not
    touched: `judge_on_test_split(tuned.model, dataset)` opens it, once, when all is done.

    Args:
        dataset: training and validation splits are used.
        space: what to search; None for the default one.
        plan: how to search.
        folder: an existing one of this process alone, for its files: where it holds an interrupted call's, that is
            gone on with. None keeps all in memory.
        storage: where the study is kept, see `open_storage`; None for a journal file in `folder`, or memory.
        study: its name in the storage. Several processes with the same request may work on one, each with a folder of
            its own.
        shared: whether other processes may; if not, all that runs in the storage is an interrupted call's.
        watcher: whom to tell.

    Returns:
        All trials, the best recipes, and the model.

    Raises:
        SearchError: the request cannot be, or the storage holds another one; nothing was changed.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.

    Example:
        >>> from trainwell.data import load_data
        >>> from trainwell.training import Range
        >>> space = Space.of(hidden=(8,), epochs=3, learning_rate=Range(1e-4, 0.1, log=True))
        >>> tuned = tune(load_data("iris"), space, Plan(trials=4, rounds=2, folds=1, refit_recipes=1, refit_seeds=2))
        >>> len(tuned.search.trials), len(tuned.candidates)
        (4, 1)
    """
    request = Request.of(dataset, space, plan or Plan())
    return tune_checked(request, folder=folder, storage=storage, study=study, shared=shared, watcher=watcher)


def tune_checked(
    request: Request,
    *,
    folder: Path | None = None,
    storage: str | Path | None = None,
    study: str = "trainwell",
    shared: bool = True,
    watcher: Watcher | None = None,
) -> Tuned:
    """`tune` what was checked before, see `check`; arguments as there."""
    job = Job(request, folder, watcher)
    result = job.search(storage, study, shared=shared, share=SEARCH_SHARE)
    again, took = _best_again(job, result)
    if again and result.seconds is not None:
        result = replace(result, seconds=replace(result.seconds, refit=took))
    options, model = _chosen(job, again)
    if again is None:
        return Tuned(result, (), options, result.ranked()[0].recipe, model)
    return Tuned(result, again.candidates, options, again.candidates[0].trial.recipe, model, again.populations[0])


@dataclass(frozen=True, eq=False)
class Refit:
    """Candidates and their networks.

    Attributes:
        candidates: best first.
        networks: of each candidate: per seed that did not diverge, one network per dataset.
        populations: one per dataset.
    """

    candidates: tuple[Candidate, ...]
    networks: tuple[tuple[Group, ...], ...]
    populations: tuple[Trained, ...]


def distinct(ranked: Sequence[TrialRecord], most: int) -> list[TrialRecord]:
    """The best trials of different recipes, of those that came to their end."""
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
    """Train trials' recipes again, to the end.

    Args:
        request: of the search.
        trials: of different recipes.
        seeds: fresh ones.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        The candidates, ordered by their mean score over the fresh seeds.
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
    request: Request, populations: Sequence[Trained], seeds: Sequence[int], place: int, trial: TrialRecord
) -> tuple[Candidate, tuple[Group, ...]]:
    members = range(place * len(seeds), (place + 1) * len(seeds))
    ends = {"finished", "stopped"}
    whole = [m for m in members if all(trained.statuses[m] in ends for trained in populations)]
    name, within = f"{request.metric}/validation", METRICS[request.metric].within
    scores = [_mean_defined([trained.kept(name)[m] for trained in populations]) for m in whole]
    diverged = sum(any(trained.statuses[m] == "diverged" for trained in populations) for m in members)
    candidate = Candidate(trial, tuple(seeds), mean_interval(scores, within=within), diverged)
    return candidate, tuple(tuple(network_of(trained, m) for trained in populations) for m in whole)


def _mean_defined(values: Sequence[float]) -> float:
    """The mean over the folds on which the metric is defined; these are the same for all recipes and seeds."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _best_again(job: Job, result: SearchResult) -> tuple[Refit | None, float]:
    """The best recipes trained again, and how long it took; nothing if none came to its end."""
    request, watcher, started = job.request, job.watcher, time.perf_counter()
    trials = distinct(result.ranked(), request.plan.refit_recipes)
    if not trials:
        return None, 0.0
    first = max(request.plan.seeds) + 1
    seeds = range(first, first + request.plan.refit_seeds)
    watcher.refit(members_work(request.pool.datasets, [trial.recipe for trial in trials], len(seeds)))
    folder = None if job.folder is None else job.folder / "refit"
    if folder is not None:
        folder.mkdir(exist_ok=True)
    progress, deadline = watcher.population(), request.until(1.0)
    again = refit(request, trials, seeds, checkpoints=folder, progress=progress, deadline=deadline)
    return again, time.perf_counter() - started


def _chosen(job: Job, refit: Refit | None) -> tuple[tuple[Option, ...], Model | None]:
    """What the model can be made of, and the model, chosen on validation; none if no network came to its end.

    The networks of the best recipes trained again come first, best recipe first; then those of the search's trials.
    """
    pool, metric = job.request.pool, job.request.metric
    again = [group for groups in refit.networks for group in groups] if refit else []
    each, kept = len(pool.datasets), job.batches.kept()
    searched = [tuple(kept[n][i : i + each]) for n in sorted(kept) for i in range(0, len(kept[n]), each)]
    groups = [*again, *searched]
    if not groups:
        return (), None
    choice = choose_ensemble(
        np.stack([pool.outputs(group) for group in groups]),
        pool.targets,
        pool.weights,
        task=pool.dataset.task,
        metric=metric,
        order=range(len(again)) if again else None,
        most=MOST,
        standard_errors=WITHIN,
    )
    options = tuple(
        Option(one.name, len(set(one.ensemble.members)) * each, one.ensemble.score, one.chosen)
        for one in choice.considered
    )
    metrics = {f"{metric}/validation": choice.ensemble.score, "loss/validation": choice.ensemble.loss}
    networks = [network for member in choice.ensemble.members for network in groups[member]]
    model = Model.of_networks(pool.dataset, networks, metrics)
    notes = {"networks_of": "recipe and seed, one per fold" if pool.folds else "recipe and seed"}
    return options, replace(model, notes={**model.notes, **notes})
