"""Which rounds of a study are completed, and what follows from them for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial

from trainwell.search.coarse_to_fine.choices import allowed, next_choices
from trainwell.search.coarse_to_fine.extent import Extent, fitted, whole
from trainwell.search.coarse_to_fine.ranges import FEWEST, next_range
from trainwell.search.coarse_to_fine.ranking import LAST, Ranked, place
from trainwell.search.study.distributions import Numeric


@dataclass(frozen=True)
class Rules:
    """How ranges are narrowed; see `CoarseToFineSampler` for the meaning of each."""

    trials_per_round: int
    good: float
    margin: float
    smallest: float
    level: float

    @property
    def num_good(self) -> int:
        """How many trials are good: a share of a round, but enough to tell a range by."""
        return max(FEWEST, ceil(self.good * self.trials_per_round))


@dataclass(frozen=True)
class State:
    """What is known after some completed rounds.

    Attributes:
        trials: of these rounds, by number.
        extents: what the next round is drawn from.
        reasons: why.
        num_looks: how many rounds have been looked at.
    """

    trials: tuple[FrozenTrial, ...] = ()
    extents: dict[str, Extent] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    num_looks: int = 0


def completed_rounds(trials: Sequence[FrozenTrial], size: int) -> list[int]:
    """Rounds that count: all their trials have ended, or so have as many later trials as a round has.

    A trial that is still running then was lost, say with the process that ran it.

    Args:
        trials: of the study, in any state.
        size: trials per round.

    Returns:
        Numbers of the completed rounds, ascending.
    """
    ended = sorted(trial.number for trial in trials if trial.state.is_finished())
    completed = []
    for number in range(max((trial.number for trial in trials), default=-1) // size + 1):
        first, after = np.searchsorted(ended, [number * size, (number + 1) * size])
        if after - first == size or len(ended) - after >= size:
            completed.append(number)
    return completed


def after_round(state: State, trials: Sequence[FrozenTrial], direction: StudyDirection, rules: Rules) -> State:
    """Take a completed round into account.

    Args:
        state: after the rounds before.
        trials: those of the round that have ended, by number.
        direction: of the study.
        rules: how to narrow.

    Returns:
        The state that the next round is drawn from.
    """
    known = (*state.trials, *trials)
    ranked = rank(known, direction, rules)
    declared: dict[str, BaseDistribution] = {}
    for trial in known:
        declared.update(trial.distributions)
    before = {
        name: fitted(state.extents[name], each) if name in state.extents else whole(each)
        for name, each in declared.items()
    }
    num_tests = sum(len(extent.choices) for extent in before.values() if extent.choices and len(extent.choices) > 1)
    threshold = allowed(rules.level, state.num_looks + 1, max(num_tests, 1))
    extents, reasons = {}, {}
    for name, distribution in declared.items():
        if isinstance(distribution, CategoricalDistribution):
            new = next_choices(name, before[name], ranked, rules.num_good, threshold)
        else:
            assert isinstance(distribution, FloatDistribution | IntDistribution)
            good, count = good_values(name, distribution, ranked, rules.num_good)
            new = next_range(before[name], distribution, good, count, margin=rules.margin, smallest=rules.smallest)
        extents[name], reasons[name] = new
    return State(known, extents, reasons, state.num_looks + 1)


def rank(trials: Sequence[FrozenTrial], direction: StudyDirection, rules: Rules) -> list[Ranked]:
    """Trials best first, equals by number; with their round."""
    found = [Ranked(place(each, direction), each, each.number // rules.trials_per_round) for each in trials]
    return sorted(found, key=lambda each: (each.place, each.trial.number))


def good_values(name: str, distribution: Numeric, ranked: Sequence[Ranked], num_good: int) -> tuple[list[float], int]:
    """Values of the best trials that have a number, best first, and how many trials have it."""
    values = [
        (each.trial.params[name], each.place)
        for each in ranked
        if name in each.trial.params and distribution.low <= each.trial.params[name] <= distribution.high
    ]
    return [value for value, where in values[:num_good] if where != LAST], len(values)
