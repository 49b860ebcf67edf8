"""`tune`: from data to a trained ensemble, by a search and the best recipes trained again."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from socket import gethostname
from typing import Any
from uuid import uuid4

from optuna.study import Study
from optuna.trial import TrialState

from trainwell.core.runtime import configure_runtime
from trainwell.data import Dataset
from trainwell.models import TrainedNetwork
from trainwell.search.asking import distributions
from trainwell.search.batches import Batches
from trainwell.search.choosing import choose
from trainwell.search.coarse_to_fine import CoarseToFineSampler
from trainwell.search.default_space import default_space
from trainwell.search.errors import SearchError
from trainwell.search.importance import importance_of
from trainwell.search.plan import TRIALS, Plan
from trainwell.search.pool import Pool
from trainwell.search.records import records
from trainwell.search.refit import Refit, distinct, refit
from trainwell.search.request import request_of
from trainwell.search.result import SearchResult, Seconds, TrialRecord, Tuned
from trainwell.search.samplers import check_sampler, make_sampler
from trainwell.search.search import Search
from trainwell.search.setting import Metric, Setting, metric_of
from trainwell.search.storages import existing_storage, losing_storage, open_storage
from trainwell.search.studies import check_existing, open_study, quiet_optuna
from trainwell.search.watching import Watcher
from trainwell.training import Choices, Space, members_work, points

JOURNAL = "study.journal"
SEARCH_SHARE = 0.75  # of a time limit; the rest is for training the best again


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
        >>> from trainwell.data import load
        >>> from trainwell.training import Range
        >>> space = Space.of(hidden=(8,), epochs=3, learning_rate=Range(1e-4, 0.1, log=True))
        >>> tuned = tune(load("iris"), space, Plan(trials=4, rounds=2, folds=1, refit_recipes=1, refit_seeds=2))
        >>> len(tuned.search.trials), len(tuned.candidates)
        (4, 1)
    """
    plan = plan or Plan()
    metric = metric_of(dataset, plan.metric)
    space = default_space(dataset, metric) if space is None else space
    space = _judged_by(space, metric)
    if storage is None and folder is not None:
        storage, shared = folder / JOURNAL, False
    job = _Job(dataset, space, plan, check(dataset, space, plan), folder, watcher or Watcher())
    with quiet_optuna(), losing_storage(storage):
        return job.run(storage, study, shared=shared and storage is not None)


def check(
    dataset: Dataset, space: Space, plan: Plan, storage: str | Path | None = None, study: str = "trainwell"
) -> Pool:
    """Find out whether a search can be, before anything is made.

    Returns:
        What its trials are judged on.

    Raises:
        TrainwellError: the metric is not for the task, there are too few rows for the folds, the sampler is unknown or
            lacks a package, a recipe of the space does not fit the data, or the storage cannot be used.
    """
    space = _judged_by(space, metric_of(dataset, plan.metric))
    check_sampler(plan.sampler)
    pool = Pool.of(dataset, plan.folds)
    members_work(pool.datasets[:1], [space.recipe(values) for values in points(space)], 1)
    if storage is not None:
        request = _request(dataset, space, plan, _setting(dataset, space, plan, pool))
        with quiet_optuna(), existing_storage(storage) as there:
            if there is not None:
                check_existing(there, study, request)
    return pool


def _judged_by(space: Space, metric: Metric) -> Space:
    """The space whose trials keep the weights that are best by the metric they are judged by."""
    return space if space.base.metric == metric else space.evolve(metric=metric)


def _setting(dataset: Dataset, space: Space, plan: Plan, pool: Pool) -> Setting:
    return Setting(pool.datasets, metric_of(dataset, plan.metric), plan.seeds, plan.halving, _rules(space))


def _request(dataset: Dataset, space: Space, plan: Plan, setting: Setting) -> dict[str, Any]:
    precision = configure_runtime().precision
    return request_of(setting, space, plan.sampler, plan.seed, plan.trials_per_round, dataset.fingerprint, precision)


class _Job:
    """One call of `tune`."""

    def __init__(
        self, dataset: Dataset, space: Space, plan: Plan, pool: Pool, folder: Path | None, watcher: Watcher
    ) -> None:
        self.started = time.monotonic()
        self.dataset, self.space, self.plan, self.pool = dataset, space, plan, pool
        self.folder, self.watcher = folder, watcher
        self.setting = _setting(dataset, space, plan, pool)

    def run(self, storage: str | Path | None, name: str, *, shared: bool) -> Tuned:
        """Search, train again, choose."""
        plan, setting = self.plan, self.setting
        sampler = make_sampler(
            plan.sampler,
            seed=plan.seed,
            distributions=distributions(self.space),
            trials_per_round=max(plan.trials_per_round, 2),  # coarse to fine compares trials of a round
            num_trials=plan.trials or TRIALS,
        )
        request = _request(self.dataset, self.space, plan, setting)
        batches, own = Batches(self.folder), {"study": name, "trials": plan.trials, **request}
        batches.check(own)
        study = open_study(open_storage(storage, alone=not shared), name, request, sampler, alone=not shared)
        batches.claim(own)
        worker = _worker(self.folder) if shared else None
        search = Search(
            study,
            self.space,
            setting,
            batches,
            worker,
            plan.trials,
            plan.trials_per_round,
            self._until(SEARCH_SHARE),
            self.watcher,
        )
        # Once written, an interrupted call goes on from these trials, whatever others have told or time is left.
        ended = batches.ended()
        seconds = None if ended is not None else search.run()
        found = records(study, self.space)
        if ended is None:
            batches.freeze([trial.number for trial in found])
        else:
            found = [trial for trial in found if trial.number in ended]
        return self._made(self._result(study, found, seconds), batches)

    def _until(self, share: float) -> float | None:
        return None if self.plan.seconds is None else self.started + share * self.plan.seconds

    def _result(self, study: Study, trials: Sequence[TrialRecord], seconds: Seconds | None) -> SearchResult:
        own = study.sampler if isinstance(study.sampler, CoarseToFineSampler) else None
        found = SearchResult(
            self.space,
            self.setting.metric,
            self.plan.sampler,
            tuple(trials),
            tuple(own.rounds(study)) if own else (),
            tuple(own.advice(study)) if own else (),
            {},
            self.setting.seeds,
            len(self.pool.datasets),
            seconds,
            len(study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))),
        )
        if not found.trials and found.running:
            raise SearchError(
                f"all {found.running} trials are in the hands of other processes: resume this one when they have "
                "ended, or ask for more trials"
            )
        if not found.trials:
            raise SearchError("no trial came to an end before the time limit: give more time")
        return replace(found, importance=importance_of(found.ranked(), self.space))

    def _made(self, result: SearchResult, batches: Batches) -> Tuned:
        """The best recipes trained again, and the model of all there is."""
        ranked = result.ranked()
        again: Refit | None = None
        trials = distinct(ranked, self.plan.refit_recipes)
        if trials:
            started = time.perf_counter()
            first = max(self.setting.seeds) + 1
            seeds = tuple(range(first, first + self.plan.refit_seeds))
            work = members_work(self.pool.datasets, [trial.recipe for trial in trials], len(seeds))
            self.watcher.refit(work)
            again = refit(
                self.setting,
                trials,
                seeds,
                checkpoints=None if self.folder is None else _made_folder(self.folder / "refit"),
                progress=self.watcher.population(),
                deadline=self._until(1.0),
            )
            if result.seconds is not None:
                result = replace(result, seconds=replace(result.seconds, refit=time.perf_counter() - started))
        searched: dict[int, list[tuple[TrainedNetwork, ...]]] = {}
        each = len(self.pool.datasets)
        for number, networks in batches.kept().items():
            searched[number] = [tuple(networks[i : i + each]) for i in range(0, len(networks), each)]
        options, model = choose(self.pool, self.setting.metric, again, searched)
        best = again.candidates[0].recipe if again else ranked[0].recipe
        populations = again.populations if again else ()
        return Tuned(
            result,
            again.candidates if again else (),
            options,
            best,
            model,
            populations[0] if populations else None,
        )


def _worker(folder: Path | None) -> str:
    """A name for this process's work: the same when it is resumed in the same folder on the same machine."""
    return f"{gethostname()}:{uuid4().hex if folder is None else folder.resolve()}"


def _rules(space: Space) -> tuple[str, ...]:
    """The optimizers that any trial may have."""
    axis = space.axes.get("optimizer")
    return tuple(axis.values) if isinstance(axis, Choices) else (space.base.optimizer,)


def _made_folder(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path
