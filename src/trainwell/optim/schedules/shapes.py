"""The built-in schedules: each returns factors of the base learning rate for times in epochs."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError
from trainwell.optim.protocol import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def constant() -> Schedule:
    """Constant learning rate: the factor is 1.

    Returns:
        The schedule.

    Example:
        >>> constant()(np.array([0.0, 50.0])).tolist()
        [1.0, 1.0]
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.ones_like(times(t))

    return factor


def linear(total_epochs: float) -> Schedule:
    """Linear decay to 0 at the end of the run.

        1 − t/T, and 0 from T on

    Args:
        total_epochs: T, above 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: T is 0 or less.

    Example:
        >>> linear(80)(np.array([0.0, 20.0, 80.0, 100.0])).tolist()
        [1.0, 0.75, 0.0, 0.0]

    Source: T-LR-5.
    """
    check_numbers(total_epochs=total_epochs)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return 1 - np.minimum(times(t) / total_epochs, 1)

    return factor


def cosine(total_epochs: float) -> Schedule:
    """Cosine decay to 0 at the end of the run: first slow, then fast, then slow.

        ½ (1 + cos(πt/T)), and 0 from T on

    Args:
        total_epochs: T, above 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: T is 0 or less.

    Example:
        >>> cosine(90)(np.array([0.0, 30.0, 90.0, 100.0])).round(9).tolist()
        [1.0, 0.75, 0.0, 0.0]

    Source: T-LR-4; Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    check_numbers(total_epochs=total_epochs)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        part = np.minimum(times(t) / total_epochs, 1)
        return 0.5 * (1 + np.cos(np.pi * part))

    return factor


def exponential(decay_rate: float = 0.05) -> Schedule:
    """Exponential decay: the learning rate falls by the same factor in every epoch.

        e^(−kt)

    Args:
        decay_rate: k, decay per epoch, at least 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: the decay rate is negative or not finite.

    Example:
        >>> exponential(np.log(2) / 10)(np.array([0.0, 10.0, 20.0])).round(9).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-2.
    """
    check_numbers(decay_rate=decay_rate)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.exp(-decay_rate * times(t))

    return factor


def inverse_time(decay_rate: float = 0.1) -> Schedule:
    """1/t decay: the factor is 1/2 after 1/k epochs and 1/3 after 2/k epochs.

        1/(1 + kt)

    Args:
        decay_rate: k, per epoch, at least 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: the decay rate is negative or not finite.

    Example:
        >>> inverse_time(0.25)(np.array([0.0, 4.0, 12.0])).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-3.
    """
    check_numbers(decay_rate=decay_rate)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return 1 / (1 + decay_rate * times(t))

    return factor


def inverse_sqrt() -> Schedule:
    """Inverse square-root decay.

        1/√(1 + t)

    It is often written as η0/√t, which is undefined at t = 0. Here t starts at 0, as in every schedule, so 1 is added:
    with `stepwise` the factors are 1/√1, 1/√2, 1/√3, …

    Returns:
        The schedule.

    Example:
        >>> inverse_sqrt()(np.array([0.0, 3.0, 15.0])).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-6 (docs/lecture.md, error 10); in Vaswani et al. 2017 counted in steps instead of epochs.
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        root: Float[np.ndarray, "T"] = np.sqrt(1 + times(t))
        return 1 / root

    return factor


RESNET = (0.3, 0.6, 0.9)  # the milestones of ResNet, 30, 60 and 90 of 100 epochs, as shares


def step(milestones: Sequence[float] | None = None, factor: float = 0.1, total_epochs: float | None = None) -> Schedule:
    """Step decay: multiply by `factor` at each milestone.

        factor^(number of milestones ≤ t)

    An update at exactly the time of a milestone already has the lower learning rate.

    Args:
        milestones: epochs, ascending and above 0; None for those of ResNet, 0.3 T, 0.6 T and 0.9 T.
        factor: factor at each milestone, in (0, 1].
        total_epochs: T, above 0; None for 100. Only the default milestones depend on it.

    Returns:
        The schedule.

    Raises:
        RecipeError: the milestones do not ascend, or a number is out of range.

    Example:
        >>> step((30, 60, 90), 0.5)(np.array([0.0, 29.9, 30.0, 90.0])).tolist()
        [1.0, 1.0, 0.5, 0.125]

    Source: T-LR-1; ResNet: He et al. 2016.
    """
    total_epochs = 100 if total_epochs is None else total_epochs
    check_numbers(factor=factor, total_epochs=total_epochs)
    if milestones is None:
        milestones = [share * total_epochs for share in RESNET]
    if not (np.ndim(milestones) == 1 and all(a < b for a, b in pairwise((0, *milestones)))):
        raise RecipeError(f"milestones must ascend from above 0, got {milestones!r}; try [30, 60, 90]")
    # 0.3 − 0.1 is 0.19999999999999998, so without this slack a drop at 0.2 after a warm-up of 0.1 is one step late.
    starts = np.asarray(milestones, dtype=np.float64) - 1e-9

    def schedule(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        passed = np.searchsorted(starts, times(t), side="right")
        return np.power(float(factor), passed)

    return schedule


# 0.3/0.1 is 2.9999999999999996, so without this slack the third drop of every=0.1 is one step late.
_SLACK = 1e-9


def step_every(every: float | None = None, factor: float = 0.1, total_epochs: float | None = None) -> Schedule:
    """Step decay at regular intervals: multiply by `factor` after every `every` epochs.

        factor^⌊t/every⌋

    Args:
        every: epochs between two drops, above 0; None for 0.3 T, which gives three drops.
        factor: factor at each drop, in (0, 1].
        total_epochs: T, above 0; None for 100. Only the default of `every` depends on it.

    Returns:
        The schedule.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> step_every(10, 0.5)(np.array([0.0, 9.9, 10.0, 35.0])).tolist()
        [1.0, 1.0, 0.5, 0.125]

    Source: T-LR-1.
    """
    total_epochs = 100 if total_epochs is None else total_epochs
    every = 0.3 * total_epochs if every is None else every
    check_numbers(every=every, factor=factor, total_epochs=total_epochs)

    def schedule(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.power(float(factor), np.floor(times(t) / every + _SLACK))

    return schedule
