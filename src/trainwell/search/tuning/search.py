"""The search loop: ask a batch of trials, train it as one population, tell; until all trials have ended."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from trainwell.core import METRICS
from trainwell.search.study.asking import values_of
from trainwell.search.study.leases import WORKER, Lease, Others
from trainwell.search.study.records import records, tell
from trainwell.search.study.untried import Untried
from trainwell.search.tuning.batches import Batches
from trainwell.search.tuning.clock import CompileClock
from trainwell.search.tuning.outcomes import Outcome, train_batch
from trainwell.search.tuning.result import Seconds
from trainwell.search.tuning.setting import Setting
from trainwell.search.tuning.watching import Watcher
from trainwell.training import Recipe, Space, members_work

KEPT_PER_BATCH = 8  # trials whose networks are kept for ensembles
LOOK_SECONDS = 1.0  # between two looks at other processes' trials


@dataclass(eq=False)
class Search:
    """One process's work on a study; others may work on it, too.

    Args:
        study: where trials are asked and told.
        space: what is searched.
        untried: gives every trial a recipe of its own.
        setting: how every trial is trained.
        batches: files of this process.
        worker: this process's name among those that work on the study; a resumed one has the name it had. None if
            nobody else can.
        num_trials: of the study, over all processes; None is as many as fit before the deadline.
        batch_size: most trials in one population; batches end where rounds do.
        deadline: `time.monotonic()` after which no chunk is begun; None for no limit.
        watcher: whom to tell.
        keep: how many trials per batch have their networks kept for ensembles.
    """

    study: Study
    space: Space
    untried: Untried
    setting: Setting
    batches: Batches
    worker: str | None
    num_trials: int | None
    batch_size: int
    deadline: float | None
    watcher: Watcher
    keep: int = KEPT_PER_BATCH
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
                    recipes = [self._recipe(number) for number in numbers]
                    self._tell(numbers, self._train(numbers, recipes))
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
        while len(mine) < self.batch_size and not (mine and (mine[-1] + 1) % self.batch_size == 0):
            if self._enough() or self._late():
                break
            trial = self._ask()
            if self.num_trials is not None and trial.number >= self.num_trials:  # another process was faster
                self.study.tell(trial, state=TrialState.FAIL)
                break
            if self._has_recipe(trial):
                mine.append(trial.number)
        kept = [number for number in mine if not self._repeats(number)]
        return kept if kept or not mine else self._next_batch()

    def _has_recipe(self, trial: Trial) -> bool:
        """Give a trial its recipe, or end it where none is left: others had asked for the last."""
        if self.untried.suggest(trial) is not None:
            return True
        self.study.tell(trial, state=TrialState.FAIL)
        return False

    def _repeats(self, number: int) -> bool:
        """Whether another process asked for a trial's recipe in the same moment; the later trial is ended."""
        repeats = self.worker is not None and self.untried.repeats(self._trials(), number)
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
        trials = self._trials()
        if self.num_trials is not None and len(trials) >= self.num_trials:
            return True
        return self.untried.is_exhausted(trials)

    def _is_mine(self, trial: FrozenTrial) -> bool:
        """Whether a running trial was left by this process before it was killed."""
        named = self.worker is None or trial.user_attrs.get(WORKER) == self.worker
        return trial.state == TrialState.RUNNING and named

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _recipe(self, number: int) -> Recipe:
        return self.space.recipe(values_of(self._trials()[number].params, self.space))

    def _train(self, numbers: Sequence[int], recipes: Sequence[Recipe]) -> list[Outcome]:
        self.lease.begin()
        folder = self.batches.begin(numbers)
        self.watcher.batch(numbers, members_work(self.setting.datasets, recipes, len(self.setting.seeds)))
        clock = CompileClock(self.watcher.population())
        outcomes = train_batch(
            self.setting, recipes, checkpoints=folder, progress=clock.progress, deadline=self.deadline
        )
        self.compiling += clock.compiling
        self.training += clock.training()
        return outcomes

    def _tell(self, numbers: Sequence[int], outcomes: Sequence[Outcome]) -> None:
        done = dict(zip(numbers, outcomes, strict=True))
        usable = [number for number in numbers if done[number].networks]
        complete = [number for number in usable if done[number].state == "complete"]
        order = METRICS[self.setting.metric].order
        best = sorted(complete or usable, key=lambda number: order(done[number].value))[: self.keep]
        self.batches.keep(numbers, {number: done[number].networks for number in best}, self.setting.datasets[0])
        trials = self._trials()
        for number in numbers:
            tell(self.study, trials[number], done[number])
        self.batches.end(numbers)
        self.watcher.told(records(self.study, self.space))
