"""The schedules by name, with their parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from trainwell.core.errors import RecipeError
from trainwell.core.names import nearest
from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.constant import constant
from trainwell.optim.schedules.cosine import cosine
from trainwell.optim.schedules.exponential import exponential
from trainwell.optim.schedules.inverse_sqrt import inverse_sqrt
from trainwell.optim.schedules.inverse_time import inverse_time
from trainwell.optim.schedules.linear import linear
from trainwell.optim.schedules.schedule import Schedule
from trainwell.optim.schedules.step import step
from trainwell.optim.schedules.step_every import step_every
from trainwell.optim.schedules.stepwise import stepwise as by_epoch
from trainwell.optim.schedules.warmup import warmup


@dataclass(frozen=True)
class ScheduleSpec:
    """What is known of a schedule: enough for a recipe to check it and for a page to describe it."""

    name: str
    factory: Callable[..., Schedule]
    lecture_id: str
    description: str
    parameters: Mapping[str, Any] = field(init=False)
    """Name -> default; `total_epochs` is not among them, it is the run's."""
    needs_total: bool = field(init=False)
    """Whether the schedule ends with the run (takes `total_epochs`)."""

    def __post_init__(self) -> None:
        known = {p.name: p.default for p in signature(self.factory).parameters.values()}
        object.__setattr__(self, "needs_total", "total_epochs" in known)
        known.pop("total_epochs", None)
        object.__setattr__(self, "parameters", known)


_ALL = (
    ScheduleSpec("constant", constant, "", "stays what it is"),
    ScheduleSpec("step", step, "T-LR-1", "drops at given epochs"),
    ScheduleSpec("step_every", step_every, "T-LR-1", "drops every so many epochs"),
    ScheduleSpec("exponential", exponential, "T-LR-2", "falls by the same ratio in every epoch"),
    ScheduleSpec("inverse_time", inverse_time, "T-LR-3", "falls like 1/(1 + kt)"),
    ScheduleSpec("cosine", cosine, "T-LR-4", "half a cosine wave down to 0"),
    ScheduleSpec("linear", linear, "T-LR-5", "a straight line down to 0"),
    ScheduleSpec("inverse_sqrt", inverse_sqrt, "T-LR-6", "falls like 1/√(1 + t)"),
)
SCHEDULES: Mapping[str, ScheduleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> schedule, in the lecture's order."""


def schedule(name: str) -> ScheduleSpec:
    """The schedule called `name`.

    Args:
        name: a key of `SCHEDULES`.

    Returns:
        Its description and factory.

    Raises:
        RecipeError: there is none of this name.

    Example:
        >>> schedule("cosine").needs_total
        True
    """
    if name not in SCHEDULES:
        raise RecipeError(f"there is no schedule '{name}': {nearest(name, SCHEDULES)}")
    return SCHEDULES[name]


def make_schedule(
    name: str, total_epochs: float, warmup_epochs: float = 0, stepwise: bool = False, **parameters: Any
) -> Schedule:
    """A schedule for a run of a given length, ready to be evaluated at all its steps at once.

    Args:
        name: a key of `SCHEDULES`.
        total_epochs: length of the run, warm-up included, above 0.
        warmup_epochs: length of the linear warm-up in front; the schedule's clock starts at its end.
        stepwise: whether the learning rate changes between epochs only.
        **parameters: the schedule's own; see `ScheduleSpec.parameters`.

    Returns:
        The factor on the base learning rate, over time in epochs.

    Raises:
        RecipeError: an unknown name or parameter, a number out of range, or a warm-up as long as the run.

    Example:
        >>> import numpy as np
        >>> make_schedule("linear", 10, warmup_epochs=2)(np.array([2.0, 6.0, 10.0])).tolist()
        [1.0, 0.5, 0.0]
    """
    spec = schedule(name)
    check_numbers(total_epochs=total_epochs, warmup_epochs=warmup_epochs)
    for parameter in parameters:
        if parameter not in spec.parameters:
            hint = nearest(parameter, spec.parameters) if spec.parameters else "it has none"
            raise RecipeError(f"the schedule '{name}' has no parameter '{parameter}': {hint}")
    if warmup_epochs >= total_epochs:
        raise RecipeError(
            f"warmup_epochs must be below the run's {total_epochs:g} epochs, got {warmup_epochs:g}: "
            f"nothing would be left for the schedule; try {total_epochs / 10:g}"
        )
    total = {"total_epochs": total_epochs - warmup_epochs} if spec.needs_total else {}
    whole = warmup(spec.factory(**total, **parameters), warmup_epochs)
    return by_epoch(whole) if stepwise else whole
