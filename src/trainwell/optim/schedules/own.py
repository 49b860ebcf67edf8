"""A user's function of time as a schedule that can be trusted."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError, call, parameter_names
from trainwell.optim.schedules.schedule import Schedule, times

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
