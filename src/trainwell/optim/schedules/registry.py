"""The schedules by name, with their parameters; users add their own here, checked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError, call, description_of, nearest, parameter_names, registered, same_function
from trainwell.optim.protocol import check_numbers
from trainwell.optim.schedules.schedule import Schedule, stepwise as by_epoch, times, warmup
from trainwell.optim.schedules.shapes import (
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    inverse_time,
    linear,
    step,
    step_every,
)


@dataclass(frozen=True)
class ScheduleSpec:
    """What is known of a schedule: enough for a recipe to check it and for a page to describe it."""

    name: str
    factory: Callable[..., Schedule]
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
    ScheduleSpec("constant", constant, "stays what it is"),
    ScheduleSpec("step", step, "drops at given epochs"),
    ScheduleSpec("step_every", step_every, "drops every so many epochs"),
    ScheduleSpec("exponential", exponential, "falls by the same ratio in every epoch"),
    ScheduleSpec("inverse_time", inverse_time, "falls like 1/(1 + kt)"),
    ScheduleSpec("cosine", cosine, "half a cosine wave down to 0"),
    ScheduleSpec("linear", linear, "a straight line down to 0"),
    ScheduleSpec("inverse_sqrt", inverse_sqrt, "falls like 1/√(1 + t)"),
)
SCHEDULES: dict[str, ScheduleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> schedule, the built-in ones first, then those that users register."""
TRIED = np.array([0.0, 0.01, 0.5, 1.0, 7.5, 29.99])
"""Times at which a user's schedule is tried when it is registered, in epochs."""


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


def register_schedule(name: str, function: Callable[..., Any]) -> ScheduleSpec:
    """Add a schedule of your own under a name that recipes can use.

    Args:
        name: new, a Python identifier; or that of the same function, registered before.
        function: `function(t)` or `function(t, total_epochs)` -> factors on the learning rate, for an array of times
            in epochs, from 0 (the end of a warm-up) to the run's end; `total_epochs` is the length of that time, for
            schedules that end with the run. Any function of time will do, such as `exponential(0.3)`.

    Returns:
        The entry of `SCHEDULES`.

    Raises:
        RecipeError: the name is taken or no identifier, or the function does not give one factor for each time, finite
            and at least 0. What only other times bring to light is refused when they are asked for.

    Example:
        >>> import numpy as np
        >>> spec = register_schedule("parabola_example", lambda t, total_epochs: (1 - t / total_epochs) ** 2)
        >>> make_schedule("parabola_example", 10)(np.array([0.0, 5.0, 10.0])).tolist()
        [1.0, 0.25, 0.0]
        >>> del SCHEDULES["parabola_example"]
    """
    factory: Callable[..., Schedule] = partial(own, name, function)
    factory(total_epochs=30.0)(TRIED)
    spec = ScheduleSpec(name, factory, description_of(function, "a schedule of your own"))
    return registered(
        SCHEDULES, name, spec, lambda known: same_function(known.factory, factory), "schedule", "my_schedule"
    )


INSTEAD = "it takes an array of times in epochs (np.where, not if), and total_epochs if it asks for it"


def own(name: str, function: Callable[..., Any], total_epochs: float) -> Schedule:
    """The schedule that `function` is, for a run of a given length; afterwards it stays at its last factor.

    Args:
        name: of the schedule, for errors.
        function: `function(t)` or `function(t, total_epochs)`.
        total_epochs: time in epochs until the run's end.

    Returns:
        The schedule. It raises a `RecipeError` where the function fails, or gives anything but one factor for each
        time, finite and at least 0.

    Example:
        >>> own("mine", lambda t: 1 / (1 + t), 3)(np.array([0.0, 1.0, 3.0, 9.0])).tolist()
        [1.0, 0.5, 0.25, 0.25]
    """
    what = f"the schedule '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function of time, got {function!r}: {INSTEAD}")
    given = {"total_epochs": total_epochs} if "total_epochs" in parameter_names(function) else {}

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        within = np.asarray(np.minimum(times(t), total_epochs))
        with np.errstate(all="ignore"):  # what is not finite is refused below
            return _checked(what, within, call(function, what, INSTEAD, within.copy(), **given))

    return factor


def _checked(what: str, t: Float[np.ndarray, "T"], factors: Any) -> Float[np.ndarray, "T"]:
    """What the function gave as float64, once it is one factor per time."""
    try:
        values = np.asarray(factors, dtype=np.float64)
    except (TypeError, ValueError):
        kind = type(factors).__name__
        raise RecipeError(f"{what} must give a factor for each time, got a value of type {kind}: {INSTEAD}") from None
    if values.shape != t.shape:
        raise RecipeError(
            f"{what} must give one factor for each time, got shape {values.shape} for {t.shape}: {INSTEAD}"
        )
    if (wrong := ~(np.isfinite(values) & (values >= 0))).any():
        raise RecipeError(
            f"{what} gives {values[wrong][0]:g} at epoch {t[wrong][0]:g}: factors must be finite and at least 0"
        )
    return values
