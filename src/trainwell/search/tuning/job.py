"""One search: a study opened, its trials trained, what they came to."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from socket import gethostname
from uuid import uuid4

from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import TrialState

from trainwell.search.coarse_to_fine.sampler import CoarseToFineSampler
from trainwell.search.errors import SearchError
from trainwell.search.samplers.registry import make_sampler
from trainwell.search.study.distributions import active_params, distributions
from trainwell.search.study.recipes import Recipes
from trainwell.search.study.studies import losing_storage, open_storage, open_study, quiet_optuna
from trainwell.search.study.trials import OUTCOME, TrialRecord
from trainwell.search.tuning.batches import Batches
from trainwell.search.tuning.importance import importance_of
from trainwell.search.tuning.loop import Search, Watcher
from trainwell.search.tuning.plan import TRIALS
from trainwell.search.tuning.request import Request, metric_of
from trainwell.search.tuning.result import SearchResult, Seconds
from trainwell.training import extreme_input

JOURNAL = "study.journal"
KEPT_PER_BATCH = 8  # trials whose networks are kept for ensembles


class Job:
    """One process's search.

    Args:
        request: what is searched, and how.
        folder: see `tune`.
        watcher: whom to tell.
        keep_networks: whether the best trials' networks are kept for ensembles.
    """

    def __init__(
        self,
        request: Request,
        folder: Path | None = None,
        watcher: Watcher | None = None,
        *,
        keep_networks: bool = True,
    ) -> None:
        self.request, self.folder, self.watcher = request, folder, watcher or Watcher()
        self.batches, self.keep = Batches(folder), KEPT_PER_BATCH if keep_networks else 0

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
        self.recipes = Recipes(self.request.space, self.request.plan.seed)
        with quiet_optuna(), losing_storage(storage):
            study = self._opened(storage, name, shared=shared)
            return self._result(study, *self._trained(study, shared=shared, deadline=self.request.until(share)))

    def _opened(self, storage: str | Path | None, name: str, *, shared: bool) -> Study:
        request = self.request.to_json()
        own = {"study": name, "trials": self.request.plan.trials, **request}
        self.batches.check(own)
        study = open_study(open_storage(storage, alone=not shared), name, request, self._sampler(), alone=not shared)
        self.batches.claim(own)
        return study

    def _sampler(self) -> BaseSampler:
        plan, space = self.request.plan, self.request.space
        return make_sampler(
            plan.sampler,
            seed=plan.seed,
            distributions=distributions(space),
            trials_per_round=max(plan.trials_per_round, 2),  # coarse to fine compares trials of a round
            num_trials=plan.trials or TRIALS,
            active=partial(active_params, space=space),
        )

    def _trained(
        self, study: Study, *, shared: bool, deadline: float | None
    ) -> tuple[list[TrialRecord], Seconds | None]:
        """The trials that the search ended with, and where the time went."""
        found = self.recipes.records(study.get_trials(deepcopy=False))
        # Once written, an interrupted call goes on from these trials, whatever others have told or time is left.
        ended = self.batches.ended([trial.number for trial in found])
        if ended is not None:
            return [trial for trial in found if trial.number in ended], None
        worker = _worker(self.folder) if shared else None
        search = Search(self.request, study, self.recipes, self.batches, worker, deadline, self.watcher, self.keep)
        seconds, found = search.run(), self.recipes.records(study.get_trials(deepcopy=False))
        self.batches.freeze([trial.number for trial in found])
        return found, seconds

    def _result(self, study: Study, trials: Sequence[TrialRecord], seconds: Seconds | None) -> SearchResult:
        own = study.sampler if isinstance(study.sampler, CoarseToFineSampler) else None
        asked, request = study.get_trials(deepcopy=False), self.request
        trained = sum(OUTCOME in trial.user_attrs for trial in asked)
        known = len(self.recipes.records(asked))
        missing = sum(trial.state == TrialState.RUNNING for trial in asked) + known - len(trials)
        if not trials and missing:
            raise SearchError(
                f"all {missing} trials are in the hands of other processes: resume this one when they have "
                "ended, or ask for more trials"
            )
        if not trials:
            raise SearchError("no trial came to an end before the time limit: give more time")
        lost = all(trial.state == "diverged" for trial in trials)
        why = extreme_input(request.dataset, trials[0].recipe) if lost else None
        notices = request.pool.notices(metric_of(request.dataset, request.plan.metric))
        return SearchResult(
            request.space,
            request.metric,
            request.plan.sampler,
            tuple(trials),
            tuple(own.rounds(study)) if own else (),
            tuple(own.advice(study)) if own else (),
            importance_of(trials, request.space, request.metric),
            request.plan.seeds,
            len(request.pool.datasets),
            seconds,
            missing=missing,
            repeated=trained - known,
            exhausted=self.recipes.is_exhausted(asked),
            judged=(*notices, *([why] if why else [])),
        )


def _worker(folder: Path | None) -> str:
    """A name for this process's work: the same when it is resumed in the same folder on the same machine."""
    return f"{gethostname()}:{uuid4().hex if folder is None else folder.resolve()}"
