"""The search loop: ask a batch of trials, train it as one population, tell; until all trials have ended."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from trainwell.core import METRICS
from trainwell.search.study.leases import WORKER, Lease, Others
from trainwell.search.study.recipes import Recipes
from trainwell.search.study.trials import Asked, TrialRecord, tell
from trainwell.search.tuning.batches import Batches
from trainwell.search.tuning.outcomes import train_batch
from trainwell.search.tuning.request import Request
from trainwell.search.tuning.result import Seconds
from trainwell.training import Progress, members_work

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


@dataclass(eq=False)
class Search:
    """One process's work on a study; others may work on it, too.

    Args:
        request: what is asked: so many trials, over all processes, or as many as fit before the deadline; batches end
            where rounds do.
        study: where trials are asked and told.
        recipes: gives every trial a recipe of its own.
        batches: files of this process.
        worker: this process's name among those that work on the study; a resumed one has the name it had. None if
            nobody else can.
        deadline: `time.monotonic()` after which no chunk is begun; None for no limit.
        watcher: whom to tell.
        keep: how many trials per batch have their networks kept for ensembles.
    """

    request: Request
    study: Study
    recipes: Recipes
    batches: Batches
    worker: str | None
    deadline: float | None
    watcher: Watcher
    keep: int
    compiling: float = field(default=0.0, init=False)
    training: float = field(default=0.0, init=False)
    lease: Lease = field(init=False)

    def run(self) -> Seconds:
        """Search until all trials have ended, those of other processes too while these are alive and there is time.

        Returns:
            Where the time went.

        Raises:
            Interrupted: Ctrl-C; the chunks under way were finished and kept.
        """
        started = time.perf_counter()
        self.lease = Lease(self.study, self.worker)
        others = Others(self.study, self.worker)
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
            if most is not None and trial.number >= most:  # another process was faster
                self.study.tell(trial, state=TrialState.FAIL)
                break
            if self._has_recipe(trial):
                mine.append(trial.number)
        kept = [number for number in mine if not self._repeats(number)]
        return kept if kept or not mine else self._next_batch()

    def _has_recipe(self, trial: Trial) -> bool:
        """Give a trial its recipe, or end it where none is left: others had asked for the last."""
        if self.recipes.suggest(trial) is not None:
            return True
        self.study.tell(trial, state=TrialState.FAIL)
        return False

    def _repeats(self, number: int) -> bool:
        """Whether another process asked for a trial's recipe in the same moment; the later trial is ended."""
        repeats = self.worker is not None and self.recipes.repeats(self._trials(), number)
        if repeats:
            self.study.tell(number, state=TrialState.FAIL)
        return repeats

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
        return (most is not None and len(trials) >= most) or self.recipes.is_exhausted(trials)

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
