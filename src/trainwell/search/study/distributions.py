"""The axes of a search space as Optuna distributions, and the mapping of numeric ranges to [0, 1]."""

from collections.abc import Mapping
from math import exp, floor, log
from typing import Any, TypeAlias

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from trainwell.training import Choices, Range, Space

Numeric: TypeAlias = FloatDistribution | IntDistribution
Known: TypeAlias = Numeric | CategoricalDistribution


def known(distribution: BaseDistribution) -> Known:
    """The same distribution with a narrower type for the type checker."""
    assert isinstance(distribution, FloatDistribution | IntDistribution | CategoricalDistribution)
    return distribution


def distributions(space: Space) -> dict[str, Known]:
    """Each axis as an Optuna distribution, in the order in which parameters are suggested."""
    return {name: _distribution(space.axes[name]) for name in space.ordered}


def active_params(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The parameters of a point whose axes are active.

    Args:
        params: one parameter for every axis.
        space: the search space.
    """
    values: dict[str, Any] = {}
    for name in space.ordered:
        if space.is_active(name, values):
            values[name] = value_of(space.axes[name], params[name])
    return {name: params[name] for name in values}


def value_of(axis: Range | Choices, stored: Any) -> Any:
    """The value for a stored parameter; Optuna stores choices by their labels."""
    return axis.value_of(stored) if isinstance(axis, Choices) else stored


def values_of(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The values for the stored parameters of a trial, by axis name."""
    return {name: value_of(space.axes[name], params[name]) for name in space.ordered if name in params}


def labels_of(values: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The parameters to store for the values of a trial; the inverse of `values_of`."""
    return {
        name: axis.labels[axis.values.index(values[name])] if isinstance(axis, Choices) else values[name]
        for name, axis in space.axes.items()
        if name in values
    }


def _distribution(axis: Range | Choices) -> Known:
    if isinstance(axis, Choices):
        return CategoricalDistribution(axis.labels)
    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=int(axis.step or 1))
    return FloatDistribution(axis.low, axis.high, log=axis.log, step=axis.step)


def ends(distribution: Numeric) -> tuple[float, float]:
    """The ends of a range on its (log) scale; with a step, each value is a cell that reaches half a step either way."""
    low, high, step = float(distribution.low), float(distribution.high), distribution.step
    if step is not None:
        low, high = low - step / 2, high + step / 2
    return (log(low), log(high)) if distribution.log else (low, high)


def to_unit(distribution: Numeric, value: float) -> float:
    """The position of a value in a range, on the (log) scale of the range.

    Args:
        distribution: the range.
        value: any number, also outside of the range; positive if the range is logarithmic.

    Returns:
        0 at the lower end, 1 at the upper end; with a step, the centre of the value's cell.

    Example:
        >>> round(to_unit(FloatDistribution(1e-4, 1.0, log=True), 1e-2), 12)
        0.5
        >>> to_unit(IntDistribution(1, 4), 1)
        0.125
    """
    low, high = ends(distribution)
    if low == high:
        return 0.5
    return ((log(value) if distribution.log else value) - low) / (high - low)


def from_unit(distribution: Numeric, position: float) -> float | int:
    """The value at a position of a range: the inverse of `to_unit`.

    Args:
        distribution: the range.
        position: in [0, 1].

    Returns:
        A value inside the range; an integer or a multiple of the step if the range has one.

    Example:
        >>> from_unit(FloatDistribution(1e-4, 1.0, log=True), 0.0)
        0.0001
        >>> from_unit(IntDistribution(1, 4), 0.99)
        4
    """
    if position <= 0 or position >= 1:  # exactly the ends: exp(log(low)) may be another number
        return distribution.low if position <= 0 else distribution.high
    low, high = ends(distribution)
    raw = low * (1 - position) + high * position
    if distribution.log:
        raw = exp(raw)
    if distribution.step is not None:
        cell = floor((raw - distribution.low) / distribution.step + 0.5)
        raw = distribution.low + cell * distribution.step
    value = min(max(raw, distribution.low), distribution.high)
    return int(value) if isinstance(distribution, IntDistribution) else value


def between(distribution: Numeric, low: float, high: float) -> Numeric:
    """The part of a range between two of its values, on the same scale."""
    if isinstance(distribution, IntDistribution):
        return IntDistribution(int(low), int(high), log=distribution.log, step=distribution.step)
    return FloatDistribution(low, high, log=distribution.log, step=distribution.step)


def part(distribution: Numeric, low: float, high: float) -> Numeric:
    """The part of a range between two positions; with a step, the part consists of whole cells.

    Args:
        distribution: the range.
        low: position of the part's lower end, in [0, 1].
        high: position of the part's upper end, at least `low`.

    Returns:
        A range on the same scale.

    Example:
        >>> part(IntDistribution(1, 8), 0.3, 0.7)
        IntDistribution(high=6, log=False, low=3, step=1)
    """
    return between(distribution, from_unit(distribution, low), from_unit(distribution, high))


def inside(distribution: Numeric, other: Numeric) -> tuple[float, float]:
    """The positions in [0, 1] of the ends of `other`, a part of the range `distribution`."""
    low, high = ends(distribution)
    if low == high:
        return 0.0, 1.0
    first, last = ends(other)
    return max((first - low) / (high - low), 0.0), min((last - low) / (high - low), 1.0)
