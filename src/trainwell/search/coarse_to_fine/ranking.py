"""Trials in order, best first, whether they were trained to the end or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from jaxtyping import Float
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

Place = tuple[int, float, float]
LAST: Place = (2, 0.0, 0.0)  # failed, diverged, or nothing known


@dataclass(frozen=True)
class Ranked:
    """A trial that has ended.

    Attributes:
        place: what it is ordered by.
        trial: itself.
        round: the number of its round.
    """

    place: Place
    trial: FrozenTrial
    round: int


def place(trial: FrozenTrial, direction: StudyDirection) -> Place:
    """What a trial is ordered by; smaller is better, `LAST` can never be good.

    Complete trials by value; after them pruned ones, first by how far they came (the last reported step),
    then by what they reported there.

    Args:
        trial: one that has ended.
        direction: of the study.

    Returns:
        Kind, steps not trained, value; comparable with other trials' places.
    """
    sign = -1.0 if direction == StudyDirection.MAXIMIZE else 1.0
    if trial.state == TrialState.COMPLETE:
        value = trial.value
        return (0, 0.0, sign * value) if value is not None and isfinite(value) else LAST
    if trial.state == TrialState.PRUNED and trial.intermediate_values:
        step = max(trial.intermediate_values)
        value = trial.intermediate_values[step]
        return (1, -float(step), sign * value) if isfinite(value) else LAST
    return LAST


def ranks(places: Sequence[Place]) -> Float[np.ndarray, " N"]:
    """Ranks from 1, best first; equals share their mean rank.

    Example:
        >>> ranks([(0, 0.0, 0.5), (0, 0.0, 0.2), LAST, LAST]).tolist()
        [2.0, 1.0, 3.5, 3.5]
    """
    order = sorted(set(places))
    counts = dict.fromkeys(order, 0)
    for each in places:
        counts[each] += 1
    mean, before = {}, 0
    for each in order:
        mean[each] = before + (counts[each] + 1) / 2
        before += counts[each]
    return np.array([mean[each] for each in places], dtype=np.float64)
