"""The search loop: ask a batch of trials, train it as one population, tell; until all trials have ended."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from trainwell.search.asking import suggest, values_of
from trainwell.search.batches import Batches
from trainwell.search.clock import CompileClock
from trainwell.search.outcomes import Outcome, train_batch
from trainwell.search.records import records, tell
from trainwell.search.result import Seconds
from trainwell.search.setting import Setting
from trainwell.search.watching import Watcher
from trainwell.training import Recipe, Space, members_work

WORKER = "worker"  # attribute of a trial: who trains it
KEPT_PER_BATCH = 8  # trials whose networks are kept for ensembles


@dataclass(eq=False)
class Search:
    """One process's work on a study; others may work on it, too.

    Args:
        study: where trials are asked and told.
        space: what is searched.
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

    def run(self) -> Seconds:
        """Search until all trials are asked and this process's have ended.

        Returns:
            Where the time went.

        Raises:
            Interrupted: Ctrl-C; the chunks under way were finished and kept.
        """
        started = time.perf_counter()
        while numbers := self._next_batch():
            recipes = [self._recipe(number) for number in numbers]
            self._tell(numbers, self._train(numbers, recipes))
        total = time.perf_counter() - started
        return Seconds(total, self.compiling, self.training, total - self.compiling - self.training)

    def _next_batch(self) -> list[int]:
        """The trials to train next: what this process had begun, else new ones; empty if there are none."""
        if left := self.batches.under_way():
            return left
        mine = [trial.number for trial in self._trials() if self._is_mine(trial)]
        while len(mine) < self.batch_size and not (mine and (mine[-1] + 1) % self.batch_size == 0):
            if self._enough() or self._late():
                break
            trial = self._ask()
            if self.num_trials is not None and trial.number >= self.num_trials:  # another process was faster
                self.study.tell(trial, state=TrialState.FAIL)
                break
            suggest(trial, self.space)
            mine.append(trial.number)
        return mine

    def _ask(self) -> Trial:
        """A new trial; it has its worker's name from its first moment on, whenever that is killed."""
        if self.worker is None:
            return self.study.ask()
        self.study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={WORKER: self.worker}))
        self.study._thread_local.cached_all_trials = None  # as `ask` does: samplers look at the trials once else
        newest = [trial for trial in self._trials() if self._is_mine(trial)][-1]
        return Trial(self.study, newest._trial_id)

    def _enough(self) -> bool:
        return self.num_trials is not None and len(self._trials()) >= self.num_trials

    def _is_mine(self, trial: FrozenTrial) -> bool:
        """Whether a running trial was left by this process before it was killed."""
        named = self.worker is None or trial.user_attrs.get(WORKER) == self.worker
        return trial.state == TrialState.RUNNING and named

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _late(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _recipe(self, number: int) -> Recipe:
        """A trial's recipe; what its process was killed before asking is asked now."""
        trial = self._trials()[number]
        if trial.state.is_finished():
            return self.space.recipe(values_of(trial.params, self.space))
        return self.space.recipe(suggest(Trial(self.study, trial._trial_id), self.space))

    def _train(self, numbers: Sequence[int], recipes: Sequence[Recipe]) -> list[Outcome]:
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
        best = sorted(complete or usable, key=lambda number: -self.setting.sign * done[number].value)[: self.keep]
        self.batches.keep(numbers, {number: done[number].networks for number in best}, self.setting.datasets[0])
        trials = self._trials()
        for number in numbers:
            tell(self.study, trials[number], done[number])
        self.batches.end(numbers)
        self.watcher.told(records(self.study, self.space))
