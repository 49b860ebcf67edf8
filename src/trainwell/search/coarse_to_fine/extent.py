"""What the trials of a round are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from trainwell.search.study.distributions import Numeric, between


@dataclass(frozen=True)
class Extent:
    """What one parameter is drawn from in a round.

    Attributes:
        distribution: as declared.
        low: lower end; None for a choice.
        high: upper end; None for a choice.
        choices: those still alive; None for a number.
    """

    distribution: BaseDistribution
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Round:
    """A round of a coarse-to-fine search.

    Attributes:
        number: from 0.
        first_trial: number of its first trial.
        last_trial: number of its last trial, inclusive.
        completed: whether its trials count for the rounds after it.
        extents: what its trials are drawn from, by parameter; those seen in completed rounds before or in this one.
        reasons: why an extent differs from the round before, or why it does not, by parameter.
    """

    number: int
    first_trial: int
    last_trial: int
    completed: bool
    extents: Mapping[str, Extent]
    reasons: Mapping[str, str]


def whole(distribution: BaseDistribution) -> Extent:
    """The extent of a parameter of which nothing is known."""
    if isinstance(distribution, CategoricalDistribution):
        return Extent(distribution, choices=distribution.choices)
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    return Extent(distribution, distribution.low, distribution.high)


def fitted(extent: Extent, distribution: BaseDistribution) -> Extent:
    """An extent within a range that may be declared differently from trial to trial.

    Args:
        extent: of the parameter, by an earlier declaration.
        distribution: as declared now.

    Returns:
        What both have in common; the whole range where that is less than two values or the steps differ.

    Example:
        >>> extent = Extent(FloatDistribution(0, 10), 4.0, 8.0)
        >>> fitted(extent, FloatDistribution(0, 5)).high
        5.0
    """
    if extent.distribution == distribution:
        return extent
    new = whole(distribution)
    if extent.low is None or extent.high is None or new.low is None or new.high is None:
        return new
    low, high = max(extent.low, new.low), min(extent.high, new.high)
    on_steps = getattr(distribution, "step", None) in (None, 1)
    return Extent(distribution, low, high) if low < high and on_steps else new


def narrowed(extent: Extent) -> Numeric:
    """The range of numbers an extent describes, on the scale it was declared with."""
    assert isinstance(extent.distribution, FloatDistribution | IntDistribution)
    assert extent.low is not None
    assert extent.high is not None
    return between(extent.distribution, extent.low, extent.high)
