"""Any Optuna sampler as a contender, through ask and tell."""

import optuna
from optuna.samplers import BaseSampler
from optuna.trial import Trial
from tasks import Params, Space
from tasks.task import suggest


class OptunaStudy:
    """A study in memory; `batch` is 1 for samplers that learn from every trial."""

    def __init__(self, space: Space, sampler: BaseSampler, batch: int) -> None:
        self.batch = batch
        self._space = space
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._asked: list[Trial] = []

    def ask(self, count: int) -> list[Params]:
        """Ask trials one after another, none told in between."""
        self._asked = [self._study.ask() for _ in range(count)]
        return [suggest(self._space, trial) for trial in self._asked]

    def tell(self, scores: list[float]) -> None:
        """Tell them in their order."""
        for trial, score in zip(self._asked, scores, strict=True):
            self._study.tell(trial, score)
