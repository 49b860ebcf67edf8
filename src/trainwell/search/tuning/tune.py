"""`tune`: train batches of trials, train the best recipes again with new seeds, and select the final model."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from socket import gethostname
from uuid import uuid4

import numpy as np
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from trainwell.core import METRICS, SearchError, configure_runtime
from trainwell.data import Data, as_dataset
from trainwell.display import work_bars
from trainwell.search.coarse_to_fine.sampler import CoarseToFineSampler
from trainwell.search.samplers.registry import make_sampler
from trainwell.search.study.distributions import active_params, distributions
from trainwell.search.study.leases import WORKER, Lease, Others
from trainwell.search.study.studies import losing_storage, open_storage, open_study, quiet_optuna
from trainwell.search.study.trials import OUTCOME, Asked, Recipes, TrialRecord, tell
from trainwell.search.tuning.batches import Batches
from trainwell.search.tuning.importance import importance_of
from trainwell.search.tuning.outcomes import outcome_of, rungs_for
from trainwell.search.tuning.plan import TRIALS, Plan
from trainwell.search.tuning.progress import SearchProgress, Watcher
from trainwell.search.tuning.refit import Refit, choose_model, distinct, refit
from trainwell.search.tuning.request import Request, metric_of
from trainwell.search.tuning.result import SearchResult, Seconds, Tuned
from trainwell.search.tuning.time_limit import Pace, few_words, refit_words, search_share, search_words
from trainwell.training import Progress, Space, extreme_input, members_work, train_on

JOURNAL = "study.journal"
KEPT_PER_BATCH = 8  # number of best trials per batch whose networks are kept for ensembles
POLL_SECONDS = 1.0  # time between two checks of other processes' trials


class Job:
    """The part of a search that one process does; other processes may work on the same study.

    Args:
        request: the validated search; its number of trials counts those of all processes.
        folder: see `tune`.
        watcher: receives progress.
        keep_networks: whether to keep the networks of the best trials for ensembles.
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
        plan, pool = request.plan, request.pool
        some = [request.space.recipe(values) for values in islice(request.space.points(), 1)]
        one = [] if plan.seconds is None else members_work(pool.datasets, some, len(plan.seeds))
        self.pace = Pace.guessed(one, configure_runtime().jobs)

    def search(
        self, storage: str | Path | None = None, name: str = "trainwell", *, shared: bool = False, share: float = 1.0
    ) -> SearchResult:
        """Ask the study for trials and train them until the number of trials or the time limit is reached.

        Args:
            storage: where the study is stored, see `open_storage`; None for a journal file in the folder, or memory.
            name: name of the study.
            shared: whether other processes may work on the same study.
            share: share of the time limit that may be used.

        Raises:
            SearchError: the study belongs to another search, or no trial was completed.
            Interrupted: Ctrl-C was pressed; running chunks were finished and saved.
        """
        if storage is None and self.folder is not None:
            storage, shared = self.folder / JOURNAL, False
        shared = shared and storage is not None
        with quiet_optuna(), losing_storage(storage):
            self._open(storage, name, shared=shared)
            return self._result(*self._trained(self.request.until(share)))

    def _open(self, storage: str | Path | None, name: str, *, shared: bool) -> None:
        request, plan = self.request.to_json(), self.request.plan
        own = {"study": name, "trials": plan.trials, **request}
        self.batches.check(own)
        self.study = open_study(
            open_storage(storage, alone=not shared), name, request, self._sampler(), alone=not shared
        )
        self.batches.claim(own)
        # Unique among the processes of the study, and the same when the search is resumed in its folder and machine.
        own_name = f"{gethostname()}:{uuid4().hex if self.folder is None else self.folder.resolve()}"
        self.worker = own_name if shared else None
        self.recipes = Recipes(self.request.space, plan.sampler_seed)
        self.lease = Lease(self.study, self.worker)

    def _sampler(self) -> BaseSampler:
        plan, space = self.request.plan, self.request.space
        return make_sampler(
            plan.sampler,
            seed=plan.sampler_seed,
            distributions=distributions(space),
            trials_per_round=max(plan.trials_per_round, 2),  # coarse to fine compares the trials of a round
            num_trials=plan.trials or TRIALS,
            active=partial(active_params, space=space),
        )

    def _trained(self, deadline: float | None) -> tuple[list[TrialRecord], Seconds | None]:
        """All trials of the search when it ends, and where the time went."""
        found = self.recipes.records(self._trials())
        # If the search had already ended before an interruption, use its trials, not those added since.
        ended = self.batches.ended([trial.number for trial in found])
        if ended is not None:
            return [trial for trial in found if trial.number in ended], None
        self.deadline = deadline
        seconds, found = self._run(), self.recipes.records(self._trials())
        self.batches.freeze([trial.number for trial in found])
        return found, seconds

    def _run(self) -> Seconds:
        """Search until all trials have finished, also those of other running processes, or the time is over."""
        started, others = time.perf_counter(), Others(self.study, self.worker)
        self.compiling = self.training = 0.0
        try:
            search_continues = True
            while search_continues:
                while numbers := self._next_batch():
                    self._tell(self._train([self.recipes.asked(self._trials()[number]) for number in numbers]))
                search_continues = self._wait(others)
        finally:
            self.lease.end()
        total = time.perf_counter() - started
        return Seconds(total, self.compiling, self.training, total - self.compiling - self.training)

    def _wait(self, others: Others) -> bool:
        """Wait for the trials of other processes; returns whether there may be further trials to train."""
        waited = False
        while (left := others.awaited(self._trials())) and not self._late():
            self.watcher.waiting(len(left))
            time.sleep(POLL_SECONDS)
            waited = True
        return waited and not self._late()

    def _next_batch(self) -> list[int]:
        """The trials to train next: those of an interrupted batch, otherwise new ones; empty if there are none."""
        if left := self.batches.under_way([trial.number for trial in self._trials()]):
            return left
        mine = [trial.number for trial in self._trials() if self._is_mine(trial)]
        mine = [number for number in mine if self._has_recipe(Trial(self.study, self._trials()[number]._trial_id))]
        most, size = self.request.plan.trials, self.request.plan.trials_per_round
        fits = size if self.deadline is None else self.pace.trials_in(self.deadline - time.monotonic())
        while len(mine) < min(size, fits) and not (mine and (mine[-1] + 1) % size == 0):
            if self._enough() or self._late():
                break
            trial = self._ask()
            if most is not None and _counted(self._trials()[: trial.number]) >= most:  # another process took the last
                self.study.tell(trial, state=TrialState.FAIL)
                break
            if self._has_recipe(trial):
                mine.append(trial.number)
        kept = [number for number in mine if not self._fail_if_repeated(number)]
        return kept if kept or not mine else self._next_batch()

    def _has_recipe(self, trial: Trial) -> bool:
        """Give a trial a recipe; if other processes have taken all recipes, the trial fails."""
        if self.recipes.suggest(trial) is not None:
            return True
        self.study.tell(trial, state=TrialState.FAIL)
        return False

    def _fail_if_repeated(self, number: int) -> bool:
        """Let a trial fail if another process took the same recipe at the same time; a new trial replaces it.

        Each process checks after storing its own trial, so at least one of them sees the other's (perhaps both do), and
        no recipe is trained twice.
        """
        repeated = self.worker is not None and self.recipes.repeats(self._trials(), number)
        if repeated:
            self.study.tell(number, state=TrialState.FAIL)
        return repeated

    def _ask(self) -> Trial:
        """Start a new trial; it is created together with its worker's name, in case the process is killed."""
        self.lease.begin()
        if self.worker is None:
            return self.study.ask()
        self.study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={WORKER: self.worker}))
        self.study._thread_local.cached_all_trials = None  # as `ask` does; otherwise samplers would use a stale cache
        newest = [trial for trial in self._trials() if self._is_mine(trial)][-1]
        return Trial(self.study, newest._trial_id)

    def _enough(self) -> bool:
        trials, most = self._trials(), self.request.plan.trials
        return (most is not None and _counted(trials) >= most) or self.recipes.is_exhausted(trials)

    def _is_mine(self, trial: FrozenTrial) -> bool:
        """Whether a trial is running and belongs to this process, which may have been killed and restarted."""
        named = self.worker is None or trial.user_attrs.get(WORKER) == self.worker
        return trial.state == TrialState.RUNNING and named

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _train(self, trials: Sequence[Asked]) -> list[TrialRecord]:
        self.lease.begin()
        numbers, request = [trial.number for trial in trials], self.request
        folder = self.batches.begin(numbers)
        recipes = [trial.recipe for trial in trials]
        work = members_work(request.pool.datasets, recipes, len(request.plan.seeds))
        self.watcher.batch(numbers, work)
        progress = self.watcher.population()
        started = compiled = time.perf_counter()

        def on_compile(done: int, total: int) -> None:
            nonlocal compiled
            compiled = time.perf_counter()
            progress.on_compile(done, total)

        timed = replace(progress, on_compile=on_compile)
        records = train_batch(request, trials, checkpoints=folder, progress=timed, deadline=self.deadline)
        self.compiling += compiled - started  # until the last program of a population is compiled
        ended = time.perf_counter()
        self.training += ended - compiled
        of_trials = np.reshape(work, (-1, len(trials), len(request.plan.seeds))).sum((0, 2))
        self.pace.add(
            [self.request.share_trained(one) for one in records], of_trials, ended - started, ended - compiled
        )
        return records

    def _tell(self, records: Sequence[TrialRecord]) -> None:
        numbers = [record.number for record in records]
        usable = [record for record in records if record.networks]
        complete = [record for record in usable if record.state == "complete"]
        order = METRICS[self.request.metric].order
        best = sorted(complete or usable, key=lambda record: order(record.value))[: self.keep]
        self.batches.keep(numbers, {one.number: one.networks for one in best}, self.request.pool.datasets[0])
        trials = self._trials()
        for record in records:
            tell(self.study, trials[record.number], record)
        self.batches.end(numbers)
        self.watcher.finished(self.recipes.records(self._trials()))

    def _result(self, trials: Sequence[TrialRecord], seconds: Seconds | None) -> SearchResult:
        asked, request, study = self._trials(), self.request, self.study
        own = study.sampler if isinstance(study.sampler, CoarseToFineSampler) else None
        ended = len(self.recipes.records(asked))
        missing = sum(trial.state == TrialState.RUNNING for trial in asked) + ended - len(trials)
        if not trials and missing:
            raise SearchError(
                f"all {missing} trials belong to other processes: resume this search when they have finished, or ask "
                "for more trials"
            )
        if not trials:
            raise SearchError("no trial was completed before the time limit: give more time")
        lost = all(trial.state == "diverged" for trial in trials)
        why = extreme_input(request.dataset, trials[0].recipe) if lost else None
        notices = request.pool.notices(metric_of(request.dataset, request.plan.metric))
        exhausted, short = self.recipes.is_exhausted(asked), list[str]()
        if request.plan.seconds is not None:
            cut = [request.share_trained(trial) for trial in trials if trial.state == "cut"]
            short = search_words(request.plan, len(trials), self.pace, cut, exhausted=exhausted)
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
            exhausted=exhausted,
            validation_notices=(*notices, *([why] if why else []), *short),
        )


def _counted(trials: Sequence[FrozenTrial]) -> int:
    """The number of trials, without those that failed before they were trained."""
    return sum(trial.state != TrialState.FAIL or OUTCOME in trial.user_attrs for trial in trials)


def train_batch(
    request: Request,
    trials: Sequence[Asked],
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> list[TrialRecord]:
    """Train trials as one population; poor trials are pruned if the plan says so.

    Args:
        request: the search.
        trials: the trials to train.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        One record per trial.
    """
    recipes, seeds = [trial.recipe for trial in trials], request.plan.seeds
    rungs = None
    if request.plan.halving is not None:
        trial_of = [trial for _ in request.pool.datasets for trial in range(len(trials)) for _ in seeds]
        rungs = rungs_for(request.plan.halving, recipes, trial_of, request.metric)
    populations = train_on(
        request.pool.datasets,
        recipes,
        seeds,
        checkpoints=checkpoints,
        progress=progress,
        rungs=rungs,
        rules=request.rules,
        deadline=deadline,
    )
    late = deadline is not None and time.monotonic() > deadline
    return [outcome_of(request, populations, i, trial, late=late) for i, trial in enumerate(trials)]


def tune(
    data: Data,
    space: Space | None = None,
    plan: Plan | None = None,
    *,
    target: str | int | None = None,
    folder: Path | None = None,
    storage: str | Path | None = None,
    study: str = "trainwell",
    shared: bool = True,
    watcher: Watcher | None = None,
    show_progress: bool = True,
) -> Tuned:
    """Search for the best hyperparameters on a dataset, and train the final model.

    By default the search is coarse to fine: the first round spreads its trials over the declared ranges; after each
    round the ranges are narrowed around the good trials, and a Gaussian process proposes most of the next ones (with
    `Plan(sampler="coarse_to_fine_uniform")` all are drawn at random). Poor trials are pruned by successive halving.
    Then the best recipes are trained again with new seeds, and the model (a network or an ensemble) is selected on the
    validation split. The test split is not used: call `judge_on_test_split(tuned.model, dataset)` once, at the very
    end.

    Args:
        data: a built-in name, a file, arrays `(X, y)`, a data frame, or a `Dataset`; `load_data` has options for
            reading and splitting. Its training and validation splits are used.
        space: the search space; None for the default one.
        plan: settings of the search.
        target: the column to predict, of a table.
        folder: existing folder for files of this process alone; if it has files of an interrupted call, this call
            resumes. None saves nothing.
        storage: where the study is stored, see `open_storage`; None for a journal file in `folder`, or memory.
        study: name of the study. Several processes with the same request may work on one study, each with its own
            folder.
        shared: whether other processes may work on the study. If False, trials marked as running are taken for
            those that an interrupted call left.
        watcher: receives progress.
        show_progress: whether to show bars, in a terminal or a notebook, unless `watcher` is given.

    Returns:
        All trials, the best recipes, and the model.

    Raises:
        SearchError: the request is not valid, or the study belongs to another search; nothing was changed.
        Interrupted: Ctrl-C was pressed; running chunks were finished and saved.

    Example:
        >>> from trainwell.training import Range
        >>> space = Space.of(hidden=(8,), epochs=3, learning_rate=Range(1e-4, 0.1, log=True))
        >>> tuned = tune("iris", space, Plan(trials=4, rounds=2, folds=1, refit_recipes=1, refit_seeds=2))
        >>> len(tuned.search.trials), len(tuned.candidates)
        (4, 1)

    Source: T-HP-4, T-REG-4.
    """
    request = Request.of(as_dataset(data, target), space, plan or Plan())
    with work_bars(show=show_progress and watcher is None) as bars:
        drawn = watcher if bars.disable else SearchProgress(bars, replace(request.plan, metric=request.metric))
        return tune_checked(request, folder=folder, storage=storage, study=study, shared=shared, watcher=drawn)


def tune_checked(
    request: Request,
    *,
    folder: Path | None = None,
    storage: str | Path | None = None,
    study: str = "trainwell",
    shared: bool = True,
    watcher: Watcher | None = None,
) -> Tuned:
    """Run a search that `check` has validated; see `tune` for the arguments."""
    job = Job(request, folder, watcher)
    result = job.search(storage, study, shared=shared, share=search_share(request.plan))
    again, took, short = _best_again(job, result)
    job.watcher.over()
    result = replace(result, validation_notices=(*result.validation_notices, *short))
    if again and result.seconds is not None:
        result = replace(result, seconds=replace(result.seconds, refit=took))
    options, model = choose_model(request, again, job.batches.kept())
    if again is None:
        return Tuned(result, (), options, result.ranked()[0].recipe, model)
    return Tuned(result, again.candidates, options, again.candidates[0].trial.recipe, model, again.populations[0])


def _best_again(job: Job, result: SearchResult) -> tuple[Refit | None, float, list[str]]:
    """Train the best recipes again, as many as the time limit allows.

    Returns:
        The result (None if there is none), the seconds it took, and notices on what was left out.
    """
    request, watcher, started = job.request, job.watcher, time.perf_counter()
    datasets, plan, deadline = request.pool.datasets, request.plan, request.until(1.0)
    trials, seeds = distinct(result.ranked(), plan.refit_recipes), plan.refit_seeds
    short = few_words(plan, len(trials))
    if deadline is not None and job.pace.trials and plan.refit_recipes:
        work = np.reshape(members_work(datasets, [trial.recipe for trial in trials], 1), (-1, len(trials))).sum(0)
        wanted, left = len(trials), deadline - time.monotonic()
        count, seeds = job.pace.refit_in(left, work, wanted, seeds)
        trials, short = trials[:count], short + refit_words(plan, count, seeds, wanted)
    if not trials:
        return None, 0.0, short
    first = max(plan.seeds) + 1
    fresh = range(first, first + seeds)
    watcher.refit(members_work(datasets, [trial.recipe for trial in trials], len(fresh)))
    folder = None if job.folder is None else job.folder / "refit"
    if folder is not None:
        folder.mkdir(exist_ok=True)
    again = refit(request, trials, fresh, checkpoints=folder, progress=watcher.population(), deadline=deadline)
    return again, time.perf_counter() - started, short
