"""All schedules by name, with their parameters; `register_schedule` adds schedules of users."""

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
    """The description of a schedule, for recipes, help and pages."""

    name: str
    factory: Callable[..., Schedule]
    description: str
    parameters: Mapping[str, Any] = field(init=False)
    """Name -> default, without `total_epochs`, which is the length of the run."""
    needs_total: bool = field(init=False)
    """Whether the schedule depends on the length of the run (has the parameter `total_epochs`)."""

    def __post_init__(self) -> None:
        known = {p.name: p.default for p in signature(self.factory).parameters.values()}
        object.__setattr__(self, "needs_total", "total_epochs" in known)
        known.pop("total_epochs", None)
        object.__setattr__(self, "parameters", known)


_ALL = (
    ScheduleSpec("constant", constant, "does not change"),
    ScheduleSpec("step", step, "drops by a factor at given epochs"),
    ScheduleSpec("step_every", step_every, "drops by a factor at regular intervals"),
    ScheduleSpec("exponential", exponential, "falls by the same factor in every epoch"),
    ScheduleSpec("inverse_time", inverse_time, "falls as 1/(1 + kt)"),
    ScheduleSpec("cosine", cosine, "falls to 0 along half a cosine wave"),
    ScheduleSpec("linear", linear, "falls to 0 along a straight line"),
    ScheduleSpec("inverse_sqrt", inverse_sqrt, "falls as 1/√(1 + t)"),
)
SCHEDULES: dict[str, ScheduleSpec] = {spec.name: spec for spec in _ALL}
"""Name -> schedule, first the built-in ones, then those that users registered."""
TRIED = np.array([0.0, 0.01, 0.5, 1.0, 7.5, 29.99])
"""Times in epochs at which a user's schedule is evaluated when it is registered, to check it."""


def schedule(name: str) -> ScheduleSpec:
    """The schedule with this name.

    Args:
        name: a key of `SCHEDULES`.

    Returns:
        Its description, with the factory.

    Raises:
        RecipeError: the name is unknown.

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
    """The schedule for a run of this length.

    Args:
        name: a key of `SCHEDULES`.
        total_epochs: length of the run, warm-up included, above 0.
        warmup_epochs: length of the linear warm-up; the schedule starts at its end with t = 0.
        stepwise: whether the learning rate is constant within each epoch.
        **parameters: parameters of the schedule, see `ScheduleSpec.parameters`.

    Returns:
        A function from times in epochs to factors of the base learning rate.

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
            f"no epochs would be left for the schedule; try {total_epochs / 10:g}"
        )
    total = {"total_epochs": total_epochs - warmup_epochs} if spec.needs_total else {}
    whole = warmup(spec.factory(**total, **parameters), warmup_epochs)
    return by_epoch(whole) if stepwise else whole


def register_schedule(name: str, function: Callable[..., Any]) -> ScheduleSpec:
    """Register your own schedule under a name that recipes can use.

    Args:
        name: a new name, a Python identifier. Registering the same function again is allowed.
        function: `function(t)` or `function(t, total_epochs)` returns factors of the learning rate for an array of
            times in epochs. Time starts with 0 at the end of a warm-up; `total_epochs` is the time at the end of the
            run. A built-in schedule such as `exponential(0.3)` is also possible.

    Returns:
        The new entry of `SCHEDULES`.

    Raises:
        RecipeError: the name is taken or not an identifier, or the function does not return one finite factor of at
            least 0 for each time. Only a few times are checked here, all others when the schedule is used.

    Example:
        >>> import numpy as np
        >>> spec = register_schedule("parabola_example", lambda t, total_epochs: (1 - t / total_epochs) ** 2)
        >>> make_schedule("parabola_example", 10)(np.array([0.0, 5.0, 10.0])).tolist()
        [1.0, 0.25, 0.0]
        >>> del SCHEDULES["parabola_example"]
    """
    factory: Callable[..., Schedule] = partial(user_schedule, name, function)
    factory(total_epochs=30.0)(TRIED)
    spec = ScheduleSpec(name, factory, description_of(function, "a schedule of your own"))
    return registered(
        SCHEDULES, name, spec, lambda known: same_function(known.factory, factory), "schedule", "my_schedule"
    )


INSTEAD = "it gets an array of times in epochs (so use np.where, not if), and total_epochs if it has this parameter"


def user_schedule(name: str, function: Callable[..., Any], total_epochs: float) -> Schedule:
    """A user's function as a schedule for a run of this length; after the end it stays at its last factor.

    Args:
        name: name of the schedule, for error messages.
        function: `function(t)` or `function(t, total_epochs)`.
        total_epochs: time in epochs at the end of the run.

    Returns:
        The schedule. It raises a `RecipeError` if the function fails or does not return one finite factor of at least 0
        for each time.

    Example:
        >>> user_schedule("mine", lambda t: 1 / (1 + t), 3)(np.array([0.0, 1.0, 3.0, 9.0])).tolist()
        [1.0, 0.5, 0.25, 0.25]
    """
    what = f"the schedule '{name}'"
    if not callable(function):
        raise RecipeError(f"{what} must be a function of time, got {function!r}: {INSTEAD}")
    given = {"total_epochs": total_epochs} if "total_epochs" in parameter_names(function) else {}

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        within = np.asarray(np.minimum(times(t), total_epochs))
        with np.errstate(all="ignore"):  # values that are not finite are reported below
            return _checked(what, within, call(function, what, INSTEAD, within.copy(), **given))

    return factor


def _checked(what: str, t: Float[np.ndarray, "T"], factors: Any) -> Float[np.ndarray, "T"]:
    """The factors as float64, after checking that there is one finite factor of at least 0 for each time."""
    try:
        values = np.asarray(factors, dtype=np.float64)
    except (TypeError, ValueError):
        kind = type(factors).__name__
        raise RecipeError(f"{what} must return a factor for each time, got a value of type {kind}: {INSTEAD}") from None
    if values.shape != t.shape:
        raise RecipeError(
            f"{what} must return one factor for each time, got shape {values.shape} for {t.shape}: {INSTEAD}"
        )
    if (wrong := ~(np.isfinite(values) & (values >= 0))).any():
        raise RecipeError(
            f"{what} returns {values[wrong][0]:g} at epoch {t[wrong][0]:g}: factors must be finite and at least 0"
        )
    return values
