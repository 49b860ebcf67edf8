"""The hyperparameters of rules and schedules, their ranges and meanings; loads no JAX, so that help can read it."""

from collections.abc import Mapping
from math import inf, isfinite
from typing import NamedTuple


class Bound(NamedTuple):
    """A number's range, why it ends there, a value to try instead, and what the number is."""

    low: float
    high: float
    why: str
    instead: str
    meaning: str = ""
    ends: str = "[]"
    """Round where an end itself is out of range, as in `[)`."""
    whole: bool = False

    @property
    def range(self) -> str:
        """The range in words.

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


_ONCE = "at 1 the average never takes a gradient in"
HYPERPARAMETERS: Mapping[str, Bound] = {
    "learning_rate": Bound(0, inf, "a negative one climbs the loss", "0.01", "step size; default: the optimizer's own"),
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
        "added to the root in the denominator, against 0/0",
        "(]",
    ),
    "weight_decay": Bound(
        0, inf, "a negative one makes the weights grow", "0.01", "decoupled decay of the weights (adamw)"
    ),
    "damping": Bound(
        low=0,
        high=inf,
        why="a direction without curvature would have no end",
        instead="0.1",
        meaning="Newton: curvature that directions have at least",
        ends="(]",
    ),
    "memory": Bound(1, inf, "it counts remembered steps", "10", "L-BFGS: steps that are remembered", whole=True),
}
"""Numbers of update rules: name -> range and meaning, in the order in which recipes list them."""
BOUNDS: Mapping[str, Bound] = {
    **HYPERPARAMETERS,
    "max_norm": Bound(0, inf, "at 0 nothing would be left of the gradient", "1.0", ends="(]"),
    "factor": Bound(0, 1, "a schedule lowers the learning rate", "0.1", ends="(]"),
    "every": Bound(0, inf, "it is a time in epochs", "30", ends="(]"),
    "decay_rate": Bound(0, inf, "a schedule lowers the learning rate", "0.05"),
    "total_epochs": Bound(0, inf, "it is the time in epochs until the end", "90", ends="(]"),
    "warmup_epochs": Bound(0, inf, "it is a time in epochs", "5"),
}
"""Name of any hyperparameter -> its range."""
