"""`tune`: trials asked, trained together and told until all have ended; the best recipes again; the model of them."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from socket import gethostname
from uuid import uuid4

from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from trainwell.core import METRICS, SearchError
from trainwell.data import Dataset
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
from trainwell.search.tuning.refit import Refit, choose_model, distinct, refit
from trainwell.search.tuning.request import Request, metric_of
from trainwell.search.tuning.result import SearchResult, Seconds, Tuned
from trainwell.training import Progress, Space, extreme_input, members_work, train_on

SEARCH_SHARE = 0.75  # of a time limit; the rest is for training the best again
JOURNAL = "study.journal"
KEPT_PER_BATCH = 8  # trials whose networks are kept for ensembles
LOOK_SECONDS = 1.0  # between two looks at other processes' trials


class Watcher:
    """Does nothing; override what is wanted. Called from the engine's threads, one at a time."""

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A batch begins: numbers of its trials, and floating-point operations of each of its members."""

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again: floating-point operations of each member."""

    def population(self) -> Progress:
        """Whom the engine tells about chunks, compiled programs and rungs of the population that begins."""
        return Progress()

    def waiting(self, trials: int) -> None:
        """Nothing is left to do but to wait for so many trials of other processes."""

    def told(self, records: Sequence[TrialRecord]) -> None:
        """Trials have ended."""


class Job:
    """One process's work on a study; others may work on it, too.

    Args:
        request: what is searched, and how: so many trials, over all processes, or as many as fit before the deadline;
            batches end where rounds do.
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
        # A name among those that work on the study: the same when it is resumed in the same folder on the same machine.
        own_name = f"{gethostname()}:{uuid4().hex if self.folder is None else self.folder.resolve()}"
        self.worker = own_name if shared else None  # None if nobody else can
        self.recipes = Recipes(self.request.space, plan.seed)
        self.lease = Lease(self.study, self.worker)

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

    def _trained(self, deadline: float | None) -> tuple[list[TrialRecord], Seconds | None]:
        """The trials that the search ended with, and where the time went."""
        found = self.recipes.records(self._trials())
        # Once written, an interrupted call goes on from these trials, whatever others have told or time is left.
        ended = self.batches.ended([trial.number for trial in found])
        if ended is not None:
            return [trial for trial in found if trial.number in ended], None
        self.deadline = deadline
        seconds, found = self._run(), self.recipes.records(self._trials())
        self.batches.freeze([trial.number for trial in found])
        return found, seconds

    def _run(self) -> Seconds:
        """Search until all trials have ended, those of other processes too while these are alive and there is time."""
        started, others = time.perf_counter(), Others(self.study, self.worker)
        self.compiling = self.training = 0.0
        try:
            going_on = True
            while going_on:
                while numbers := self._next_batch():
                    self._tell(self._train([self.recipes.asked(self._trials()[number]) for number in numbers]))
                going_on = self._wait(others)
        finally:
            self.lease.end()
        total = time.perf_counter() - started
        return Seconds(total, self.compiling, self.training, total - self.compiling - self.training)

    def _wait(self, others: Others) -> bool:
        """Wait until other processes' trials have ended; whether there may be something to do, then."""
        waited = False
        while (left := others.awaited(self._trials())) and not self._late():
            self.watcher.waiting(len(left))
            time.sleep(LOOK_SECONDS)
            waited = True
        return waited and not self._late()

    def _next_batch(self) -> list[int]:
        """The trials to train next: what this process had begun, else new ones; empty if there are none."""
        if left := self.batches.under_way([trial.number for trial in self._trials()]):
            return left
        mine = [trial.number for trial in self._trials() if self._is_mine(trial)]
        mine = [number for number in mine if self._has_recipe(Trial(self.study, self._trials()[number]._trial_id))]
        most, size = self.request.plan.trials, self.request.plan.trials_per_round
        while len(mine) < size and not (mine and (mine[-1] + 1) % size == 0):
            if self._enough() or self._late():
                break
            trial = self._ask()
            if most is not None and _counted(self._trials()[: trial.number]) >= most:  # another process was faster
                self.study.tell(trial, state=TrialState.FAIL)
                break
            if self._has_recipe(trial):
                mine.append(trial.number)
        kept = [number for number in mine if not self._yields(number)]
        return kept if kept or not mine else self._next_batch()

    def _has_recipe(self, trial: Trial) -> bool:
        """Give a trial its recipe, or end it where none is left: others had asked for the last."""
        if self.recipes.suggest(trial) is not None:
            return True
        self.study.tell(trial, state=TrialState.FAIL)
        return False

    def _yields(self, number: int) -> bool:
        """End a trial whose recipe another process asked for in the same moment; another trial is asked in its place.

        Both may: each looks after it has stored its own, so that at least one sees the other and none is trained twice.
        """
        yields = self.worker is not None and self.recipes.repeats(self._trials(), number)
        if yields:
            self.study.tell(number, state=TrialState.FAIL)
        return yields

    def _ask(self) -> Trial:
        """A new trial; it has its worker's name from its first moment on, whenever that is killed."""
        self.lease.begin()
        if self.worker is None:
            return self.study.ask()
        self.study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={WORKER: self.worker}))
        self.study._thread_local.cached_all_trials = None  # as `ask` does: samplers look at the trials once else
        newest = [trial for trial in self._trials() if self._is_mine(trial)][-1]
        return Trial(self.study, newest._trial_id)

    def _enough(self) -> bool:
        trials, most = self._trials(), self.request.plan.trials
        return (most is not None and _counted(trials) >= most) or self.recipes.is_exhausted(trials)

    def _is_mine(self, trial: FrozenTrial) -> bool:
        """Whether a running trial was left by this process before it was killed."""
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
        self.watcher.batch(numbers, members_work(request.pool.datasets, recipes, len(request.plan.seeds)))
        progress = self.watcher.population()
        started = compiled = time.perf_counter()

        def on_compile(done: int, of: int) -> None:
            nonlocal compiled
            compiled = time.perf_counter()
            progress.on_compile(done, of)

        telling = replace(progress, on_compile=on_compile)
        records = train_batch(request, trials, checkpoints=folder, progress=telling, deadline=self.deadline)
        self.compiling += compiled - started  # until the last program of a population is there
        self.training += time.perf_counter() - compiled
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
        self.watcher.told(self.recipes.records(self._trials()))

    def _result(self, trials: Sequence[TrialRecord], seconds: Seconds | None) -> SearchResult:
        asked, request, study = self._trials(), self.request, self.study
        own = study.sampler if isinstance(study.sampler, CoarseToFineSampler) else None
        ended = len(self.recipes.records(asked))
        missing = sum(trial.state == TrialState.RUNNING for trial in asked) + ended - len(trials)
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
            exhausted=self.recipes.is_exhausted(asked),
            judged=(*notices, *([why] if why else [])),
        )


def _counted(trials: Sequence[FrozenTrial]) -> int:
    """How many of a study's trials count: all but those that were ended without being trained."""
    return sum(trial.state != TrialState.FAIL or OUTCOME in trial.user_attrs for trial in trials)


def train_batch(
    request: Request,
    trials: Sequence[Asked],
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> list[TrialRecord]:
    """Train trials as one population, poor ones not to the end.

    Args:
        request: what they have in common.
        trials: what is asked for.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        What came of each.
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

    Coarse to fine: trials drawn at random in wide ranges, trained briefly (poor ones are stopped early by
    successive halving), ranges narrowed to where the good trials are, and again. Then the best recipes are trained
    anew with fresh seeds, and of all networks the model is chosen on validation. The test split is not
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

    Source: T-HP-4, T-REG-4.
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
    options, model = choose_model(request, again, job.batches.kept())
    if again is None:
        return Tuned(result, (), options, result.ranked()[0].recipe, model)
    return Tuned(result, again.candidates, options, again.candidates[0].trial.recipe, model, again.populations[0])


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
