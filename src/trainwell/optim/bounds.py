"""Ranges and meanings of the hyperparameters of rules and schedules. It does not import JAX, so `--help` is fast."""

from collections.abc import Mapping
from math import inf, isfinite
from typing import NamedTuple


class Bound(NamedTuple):
    """The range of a hyperparameter, with texts for error messages and help."""

    low: float
    high: float
    why: str
    """Why values outside are not allowed."""
    instead: str
    """A value to suggest."""
    meaning: str = ""
    """What the hyperparameter is."""
    ends: str = "[]"
    """Brackets of the interval; a round one excludes its end, as in `[)`."""
    whole: bool = False
    """Whether only whole numbers are allowed."""

    @property
    def range(self) -> str:
        """The range as text.

        Example:
            >>> Bound(0, 1, "", "", ends="[)").range, Bound(0, inf, "", "", ends="()").range
            ('in [0, 1)', 'above 0')
        """
        if isfinite(self.high):
            low = f"{self.low:g}" if isfinite(self.low) else "-inf"
            return f"{'a whole number ' * self.whole}in {self.ends[0]}{low}, {self.high:g}{self.ends[1]}"
        if not isfinite(self.low):
            return "a whole number" if self.whole else "finite"
        if self.whole:
            return f"a whole number from {self.low:g}"
        return f"{'above' if self.ends[0] == '(' else 'at least'} {self.low:g}"


_ONCE = "at 1 the average would never change"
HYPERPARAMETERS: Mapping[str, Bound] = {
    "learning_rate": Bound(
        0, inf, "a negative one increases the loss", "0.01", "step size; default: depends on the optimizer"
    ),
    "momentum": Bound(
        0, 1, "at 1 or more the velocity never decays", "0.9", "share of the velocity that is kept", "[)"
    ),
    "rho": Bound(0, 1, _ONCE, "0.9", "RMSProp's share of the old average that is kept", "[)"),
    "beta1": Bound(0, 1, _ONCE, "0.9", "Adam's share of the old first moment that is kept", "[)"),
    "beta2": Bound(0, 1, _ONCE, "0.999", "Adam's share of the old second moment that is kept", "[)"),
    "eps": Bound(
        0,
        inf,
        "a parameter without gradient would become 0/0",
        "1e-7",
        "added to the root in the denominator, to avoid 0/0",
        "(]",
    ),
    "weight_decay": Bound(
        0, inf, "a negative one makes the weights grow", "0.01", "decoupled decay of all parameters, biases too (adamw)"
    ),
    "damping": Bound(
        low=0,
        high=inf,
        why="at 0 the step along a direction without curvature would be infinite",
        instead="0.1",
        meaning="Newton: smallest curvature to divide by; smaller ones are raised to it",
        ends="(]",
    ),
    "memory": Bound(1, inf, "it is a number of steps", "10", "L-BFGS: number of past steps to use", whole=True),
}
"""Hyperparameters of update rules: name -> range and meaning, in the order of the recipe's fields."""
BOUNDS: Mapping[str, Bound] = {
    **HYPERPARAMETERS,
    "max_norm": Bound(0, inf, "at 0 the gradient would become 0", "1.0", ends="(]"),
    "factor": Bound(0, 1, "a schedule lowers the learning rate", "0.1", ends="(]"),
    "every": Bound(0, inf, "it is a time in epochs", "30", ends="(]"),
    "decay_rate": Bound(0, inf, "a schedule lowers the learning rate", "0.05"),
    "total_epochs": Bound(0, inf, "it is the length of the schedule in epochs", "90", ends="(]"),
    "warmup_epochs": Bound(0, inf, "it is a time in epochs", "5"),
}
"""Name of a hyperparameter of a rule, a schedule or clipping -> its range."""
