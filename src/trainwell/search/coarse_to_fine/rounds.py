"""Completed rounds of a study: ranking their trials, and the ranges and choices of the next round."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil, erfc, isfinite, sqrt
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from optuna.distributions import CategoricalDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from trainwell.search.coarse_to_fine.ranges import FEWEST, Extent, declared_extent, fitted, next_range
from trainwell.search.study.distributions import Known, Numeric, known

SortKey = tuple[int, float, float]
WORST: SortKey = (2, 0.0, 0.0)  # failed, diverged, or pruned without a value


@dataclass(frozen=True)
class Ranked:
    """A finished trial with its sort key.

    Attributes:
        key: see `sort_key`.
        trial: the trial.
        round: number of its round.
    """

    key: SortKey
    trial: FrozenTrial
    round: int


def sort_key(trial: FrozenTrial, direction: StudyDirection) -> SortKey:
    """The sort key of a trial, smaller is better; a trial with `WORST` is never good.

    Complete trials come first, by value; then pruned ones, by their last reported step (later is better), then by the
    value at this step.

    Args:
        trial: a finished trial.
        direction: direction of the study.

    Returns:
        (0 complete, 1 pruned or 2 failed; negative last step; value, negated if larger is better).
    """
    sign = -1.0 if direction == StudyDirection.MAXIMIZE else 1.0
    if trial.state == TrialState.COMPLETE:
        value = trial.value
        return (0, 0.0, sign * value) if value is not None and isfinite(value) else WORST
    if trial.state == TrialState.PRUNED and trial.intermediate_values:
        step = max(trial.intermediate_values)
        value = trial.intermediate_values[step]
        return (1, -float(step), sign * value) if isfinite(value) else WORST
    return WORST


def ranks(keys: Sequence[SortKey]) -> Float[np.ndarray, " N"]:
    """Ranks from 1, best first; equal trials get their mean rank.

    Example:
        >>> ranks([(0, 0.0, 0.5), (0, 0.0, 0.2), WORST, WORST]).tolist()
        [2.0, 1.0, 3.5, 3.5]
    """
    order = sorted(set(keys))
    counts = dict.fromkeys(order, 0)
    for each in keys:
        counts[each] += 1
    mean, before = {}, 0
    for each in order:
        mean[each] = before + (counts[each] + 1) / 2
        before += counts[each]
    return np.array([mean[each] for each in keys], dtype=np.float64)


def worse(strata: Sequence[tuple[Float[np.ndarray, " N"], Bool[np.ndarray, " N"]]]) -> float:
    """One-sided Wilcoxon rank-sum test of whether the trials with a choice rank worse than the others.

    It is stratified by round, as choices are drawn at random only within a round, and ranges differ between rounds. It
    uses the normal approximation with corrections for ties and continuity.

    Args:
        strata: for each round the ranks of its trials (larger is worse) and a mask of those with the choice.

    Returns:
        The p-value in [0, 1]; 1 if no round has trials with and without the choice.

    Source: van Elteren, P. (1960). On the combination of independent two-sample tests of Wilcoxon; equal weights.

    Example:
        >>> ranks = np.arange(1.0, 9.0)
        >>> round(worse([(ranks, ranks > 4)]), 4)  # 4 against 4, all worse: exactly 1/70
        0.0152
    """
    excess, variance = 0.0, 0.0
    for rank, chosen in strata:
        total, count = len(rank), int(chosen.sum())
        if count in (0, total):
            continue
        excess += float(rank[chosen].sum()) - count * float(rank.mean())
        variance += count * (total - count) / total * float(rank.var(ddof=1))
    if variance == 0:
        return 1.0
    return 0.5 * erfc((excess - 0.5) / sqrt(2 * variance))


def allowed(level: float, look: int, num_tests: int) -> float:
    """The significance level of one test after one round, so that the error rate of the whole study is at most `level`.

    Rounds 1, 2, 3, … get 1/2, 1/6, 1/12, … = 1/(look (look + 1)) of the level, which sums to 1; within a round all
    tests get the same part (Bonferroni).

    Args:
        level: upper limit of the probability that a study drops any choice without influence.
        look: number of the round, from 1.
        num_tests: number of choices that are tested after this round.

    Returns:
        The largest p-value that is significant.

    Example:
        >>> allowed(0.05, 1, 5)
        0.005
    """
    return level / (look * (look + 1) * num_tests)


def next_choices(
    name: str, extent: Extent, ranked: Sequence[Ranked], num_good: int, threshold: float
) -> tuple[Extent, str]:
    """Drop the choices that are significantly worse; at least one is kept.

    A choice is dropped if no good trial has it and its trials rank significantly worse than the others of the same
    rounds. The test assumes that choices are drawn at random within a round. This does not hold for a surrogate, but
    then the first condition keeps the error rate far below the level: 2 of 470 simulated studies at 5%.

    Args:
        name: name of the parameter.
        extent: extent of the parameter in this round.
        ranked: all trials of completed rounds, best first.
        num_good: number of good trials.
        threshold: the largest p-value that is significant.

    Returns:
        The extent for the next round, and the reason as text.
    """
    distribution, choices = extent.distribution, extent.choices or ()
    assert isinstance(distribution, CategoricalDistribution)
    indices = {
        each.trial.number: distribution.to_internal_repr(each.trial.params[name])
        for each in ranked
        if name in each.trial.params
    }
    alive, dropped = list(choices), []
    having = [each for each in ranked if each.trial.number in indices]
    for choice in choices:
        index = distribution.to_internal_repr(choice)
        count = sum(indices[each.trial.number] == index for each in having)
        good = any(indices.get(each.trial.number) == index for each in ranked[:num_good])
        if len(alive) == 1 or good or count < FEWEST:
            continue
        living = {distribution.to_internal_repr(each) for each in choices}
        p = worse(list(_by_round(having, indices, living, index)))
        if p <= threshold:
            alive.remove(choice)
            dropped.append(f"dropped {choice}: {count} trials, none of them good, p = {p:.2g}")
    return Extent(distribution, choices=tuple(alive)), "; ".join(dropped) or "kept: no choice is significantly worse"


def _by_round(
    ranked: Sequence[Ranked], indices: dict[int, Any], living: set[Any], index: float
) -> Iterator[tuple[Float[np.ndarray, " N"], Bool[np.ndarray, " N"]]]:
    """For each round the ranks of the trials whose choice is still allowed, and which of them have choice `index`."""
    having = [each for each in ranked if indices[each.trial.number] in living]
    for number in sorted({each.round for each in having}):
        mine = [each for each in having if each.round == number]
        yield ranks([each.key for each in mine]), np.array([indices[each.trial.number] == index for each in mine])


@dataclass(frozen=True)
class Rules:
    """Settings of narrowing; see the arguments of `CoarseToFineSampler`."""

    trials_per_round: int
    good: float
    margin: float
    smallest: float
    level: float

    @property
    def num_good(self) -> int:
        """Number of good trials: a share of a round, but at least 5."""
        return max(FEWEST, ceil(self.good * self.trials_per_round))


@dataclass(frozen=True)
class State:
    """The state of a search after some completed rounds.

    Attributes:
        trials: the finished trials of these rounds, by number.
        extents: the extent of each parameter in the next round.
        reasons: why each extent was changed or kept.
        num_looks: number of these rounds.
    """

    trials: tuple[FrozenTrial, ...] = ()
    extents: dict[str, Extent] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    num_looks: int = 0


def completed_rounds(trials: Sequence[FrozenTrial], size: int) -> list[int]:
    """The rounds that are completed: all their trials have finished, or `size` trials of later rounds have.

    In the latter case a trial that is still running counts as lost, as if its process was killed.

    Args:
        trials: all trials of the study, in any state.
        size: number of trials per round.

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
    """Update the state with a completed round.

    Args:
        state: the state after the rounds before.
        trials: the finished trials of the round, by number.
        direction: direction of the study.
        rules: settings of narrowing.

    Returns:
        The state that the next round is drawn from.
    """
    trials_known = (*state.trials, *trials)
    ranked = rank(trials_known, direction, rules)
    declared: dict[str, Known] = {}
    for trial in trials_known:
        declared.update({name: known(each) for name, each in trial.distributions.items()})
    before = {
        name: fitted(state.extents[name], each) if name in state.extents else declared_extent(each)
        for name, each in declared.items()
    }
    num_tests = sum(len(extent.choices) for extent in before.values() if extent.choices and len(extent.choices) > 1)
    threshold = allowed(rules.level, state.num_looks + 1, max(num_tests, 1))
    extents, reasons = {}, {}
    for name, distribution in declared.items():
        if isinstance(distribution, CategoricalDistribution):
            new = next_choices(name, before[name], ranked, rules.num_good, threshold)
        else:
            good, count = good_values(name, distribution, ranked, rules.num_good)
            new = next_range(before[name], distribution, good, count, margin=rules.margin, smallest=rules.smallest)
        extents[name], reasons[name] = new
    return State(trials_known, extents, reasons, state.num_looks + 1)


def rank(trials: Sequence[FrozenTrial], direction: StudyDirection, rules: Rules) -> list[Ranked]:
    """Trials with sort key and round, best first; equal ones by number."""
    found = [Ranked(sort_key(each, direction), each, each.number // rules.trials_per_round) for each in trials]
    return sorted(found, key=lambda each: (each.key, each.trial.number))


def good_values(name: str, distribution: Numeric, ranked: Sequence[Ranked], num_good: int) -> tuple[list[float], int]:
    """The values of a numeric parameter in the good trials, best first, and the number of trials that have it."""
    values = [
        (each.trial.params[name], each.key)
        for each in ranked
        if name in each.trial.params and distribution.low <= each.trial.params[name] <= distribution.high
    ]
    return [value for value, where in values[:num_good] if where != WORST], len(values)
