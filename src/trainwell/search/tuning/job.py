"""One search: a request checked, a study opened, its trials trained, what they came to."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any
from uuid import uuid4

from optuna.study import Study
from optuna.trial import TrialState

from trainwell.core import MetricName, configure_runtime
from trainwell.data import Dataset
from trainwell.search.coarse_to_fine.sampler import CoarseToFineSampler
from trainwell.search.errors import SearchError
from trainwell.search.samplers.registry import check_sampler, make_sampler
from trainwell.search.study.asking import active_params, distributions
from trainwell.search.study.records import OUTCOME, records
from trainwell.search.study.request import request_of
from trainwell.search.study.storages import existing_storage, losing_storage, open_storage
from trainwell.search.study.studies import check_existing, open_study, quiet_optuna
from trainwell.search.study.untried import Untried
from trainwell.search.tuning.batches import Batches
from trainwell.search.tuning.importance import importance_of
from trainwell.search.tuning.plan import TRIALS, Plan
from trainwell.search.tuning.pool import Pool
from trainwell.search.tuning.result import SearchResult, Seconds, TrialRecord
from trainwell.search.tuning.search import KEPT_PER_BATCH, Search
from trainwell.search.tuning.setting import Setting, defined_metric, metric_of
from trainwell.search.tuning.watching import Watcher
from trainwell.training import Choices, Space, extreme_input, members_work, points

JOURNAL = "study.journal"


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
    metric = metric_of(dataset, plan.metric)
    check_sampler(plan.sampler)
    pool = Pool.of(dataset, plan.folds)
    space = judged_by(space, defined_metric(pool.datasets, metric))
    members_work(pool.datasets[:1], [space.recipe(values) for values in points(space)], 1)
    if storage is not None:
        request = _request(dataset, space, plan, _setting(dataset, space, plan, pool))
        with quiet_optuna(), existing_storage(storage) as there:
            if there is not None:
                check_existing(there, study, request)
    return pool


def judged_by(space: Space, metric: MetricName) -> Space:
    """The space whose trials keep the weights that are best by the metric they are judged by."""
    return space if space.base.metric == metric else space.evolve(metric=metric)


def _setting(dataset: Dataset, space: Space, plan: Plan, pool: Pool, rules: Sequence[str] = ()) -> Setting:
    named = tuple(dict.fromkeys([*_rules(space), *rules]))
    metric = defined_metric(pool.datasets, metric_of(dataset, plan.metric))
    return Setting(pool.datasets, metric, plan.seeds, plan.halving, named)


def _request(dataset: Dataset, space: Space, plan: Plan, setting: Setting) -> dict[str, Any]:
    precision = configure_runtime().precision
    return request_of(setting, space, plan.sampler, plan.seed, plan.trials_per_round, dataset.fingerprint, precision)


class Job:
    """One search, from its request to its trials.

    Args:
        dataset: training and validation splits are used.
        space: what to search.
        plan: how.
        folder: see `tune`.
        watcher: whom to tell.
        pool: what `check` gave back for the same request; None checks it.
        rules: optimizers to compile into every program beside the space's own, see `train_problems`.
        keep_networks: whether the best trials' networks are kept for ensembles.

    Raises:
        TrainwellError: see `check`.
    """

    def __init__(
        self,
        dataset: Dataset,
        space: Space,
        plan: Plan,
        folder: Path | None = None,
        watcher: Watcher | None = None,
        *,
        pool: Pool | None = None,
        rules: Sequence[str] = (),
        keep_networks: bool = True,
    ) -> None:
        self.started = time.monotonic()
        self.plan, self.folder, self.watcher = plan, folder, watcher or Watcher()
        self.dataset, self.pool = dataset, pool or check(dataset, space, plan)
        self.setting = _setting(dataset, space, plan, self.pool, rules)
        self.space = judged_by(space, self.setting.metric)
        self.batches, self.keep_networks = Batches(folder), keep_networks

    def search(
        self, storage: str | Path | None = None, name: str = "trainwell", *, shared: bool = False, share: float = 1.0
    ) -> SearchResult:
        """Ask, train and tell trials until there are enough.

        Args:
            storage: where the study is kept, see `open_storage`; None for a journal file in the folder, or memory.
            name: of the study.
            shared: whether other processes may work on it.
            share: of the plan's time that may be used.

        Raises:
            SearchError: the storage holds another request's study, or no trial came to an end.
            Interrupted: Ctrl-C; the chunks under way were finished and kept.
        """
        if storage is None and self.folder is not None:
            storage, shared = self.folder / JOURNAL, False
        shared = shared and storage is not None
        with quiet_optuna(), losing_storage(storage):
            return self._search(storage, name, shared=shared, share=share)

    def until(self, share: float) -> float | None:
        """`time.monotonic()` at which a share of the plan's time is over; None without a limit."""
        return None if self.plan.seconds is None else self.started + share * self.plan.seconds

    def _search(self, storage: str | Path | None, name: str, *, shared: bool, share: float) -> SearchResult:
        plan, setting = self.plan, self.setting
        sampler = make_sampler(
            plan.sampler,
            seed=plan.seed,
            distributions=distributions(self.space),
            trials_per_round=max(plan.trials_per_round, 2),  # coarse to fine compares trials of a round
            num_trials=plan.trials or TRIALS,
            active=partial(active_params, space=self.space),
        )
        request = _request(self.dataset, self.space, plan, setting)
        batches, own = self.batches, {"study": name, "trials": plan.trials, **request}
        batches.check(own)
        study = open_study(open_storage(storage, alone=not shared), name, request, sampler, alone=not shared)
        batches.claim(own)
        worker = _worker(self.folder) if shared else None
        search = Search(
            study,
            self.space,
            Untried(self.space, plan.seed),
            setting,
            batches,
            worker,
            plan.trials,
            plan.trials_per_round,
            self.until(share),
            self.watcher,
            KEPT_PER_BATCH if self.keep_networks else 0,
        )
        # Once written, an interrupted call goes on from these trials, whatever others have told or time is left.
        found, seconds = records(study, self.space), None
        ended = batches.ended([trial.number for trial in found])
        if ended is None:
            seconds, found = search.run(), records(study, self.space)
            batches.freeze([trial.number for trial in found])
        else:
            found = [trial for trial in found if trial.number in ended]
        return self._result(study, found, seconds)

    def _result(self, study: Study, trials: Sequence[TrialRecord], seconds: Seconds | None) -> SearchResult:
        own = study.sampler if isinstance(study.sampler, CoarseToFineSampler) else None
        asked = study.get_trials(deepcopy=False)
        trained = [trial for trial in asked if OUTCOME in trial.user_attrs]
        repeated = len(trained) - len(records(study, self.space))
        running = sum(trial.state == TrialState.RUNNING for trial in asked)
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
            missing=running + len(trained) - repeated - len(trials),
            repeated=repeated,
            exhausted=Untried(self.space, self.plan.seed).is_exhausted(asked),
            judged=self._judged(trials),
        )
        if not found.trials and found.missing:
            raise SearchError(
                f"all {found.missing} trials are in the hands of other processes: resume this one when they have "
                "ended, or ask for more trials"
            )
        if not found.trials:
            raise SearchError("no trial came to an end before the time limit: give more time")
        return replace(found, importance=importance_of(found.trials, self.space, found.metric))

    def _judged(self, trials: Sequence[TrialRecord]) -> tuple[str, ...]:
        """What a reader must know of how trials were judged, and why none was any good."""
        lost = trials and all(trial.state == "diverged" for trial in trials)
        why = extreme_input(self.dataset, trials[0].recipe) if lost else None
        return (*self.pool.notices(metric_of(self.dataset, self.plan.metric)), *([why] if why else []))


def _worker(folder: Path | None) -> str:
    """A name for this process's work: the same when it is resumed in the same folder on the same machine."""
    return f"{gethostname()}:{uuid4().hex if folder is None else folder.resolve()}"


def _rules(space: Space) -> tuple[str, ...]:
    """The optimizers that any trial may have."""
    axis = space.axes.get("optimizer")
    return tuple(axis.values) if isinstance(axis, Choices) else (space.base.optimizer,)
