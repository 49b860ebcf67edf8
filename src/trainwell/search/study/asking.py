"""A space's axes as what Optuna suggests, and back."""

from collections.abc import Mapping
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from trainwell.training import Choices, Range, Space


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Each axis as Optuna's distribution, in the order in which they are asked for."""
    return {name: _distribution(space.axes[name]) for name in space.ordered}


def active_params(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """Those of a point's parameters whose axes are active there.

    Args:
        params: one for every axis.
        space: of the axes.
    """
    values: dict[str, Any] = {}
    for name in space.ordered:
        if space.is_active(name, values):
            values[name] = value_of(space.axes[name], params[name])
    return {name: params[name] for name in values}


def value_of(axis: Range | Choices, stored: Any) -> Any:
    """The value of an axis that a stored parameter stands for."""
    return axis.value_of(stored) if isinstance(axis, Choices) else stored


def values_of(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The values that a trial's stored parameters stand for."""
    return {name: value_of(space.axes[name], params[name]) for name in space.ordered if name in params}


def labels_of(values: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The parameters that stand for a trial's values: what `values_of` turns back."""
    return {
        name: axis.labels[axis.values.index(values[name])] if isinstance(axis, Choices) else values[name]
        for name, axis in space.axes.items()
        if name in values
    }


def _distribution(axis: Range | Choices) -> BaseDistribution:
    if isinstance(axis, Choices):
        return CategoricalDistribution(axis.labels)
    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log, step=int(axis.step or 1))
    return FloatDistribution(axis.low, axis.high, log=axis.log, step=axis.step)
