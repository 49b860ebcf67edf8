"""How trials of a search are drawn: good ones strong, poor ones grey, pruned ones faint, diverged ones crossed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from trainwell.display.palette import COLORS, shade

BEST = COLORS[0]
STATES = {
    "complete": "trained to the end",
    "pruned": "pruned",
    "cut": "cut off by the time limit",
    "diverged": "diverged",
}
SYMBOLS = {"complete": "circle", "pruned": "circle-open", "cut": "diamond-open", "diverged": "x-thin"}


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial.

    Attributes:
        number: of the trial.
        state: one of `STATES`.
        value: of the metric; NaN where it has none.
        values: of the hyperparameters that it has.
        text: all of it in a line, escaped.
        strength: how good it is: 1 for the best, 0 from the median of the complete ones down.
        is_best: whether it is the best of all.
    """

    number: int
    state: str
    value: float
    values: Mapping[str, Any]
    text: str
    strength: float
    is_best: bool

    @property
    def known(self) -> bool:
        """Whether it has a value."""
        return isfinite(self.value)


def strengths(values: Sequence[float]) -> list[float]:
    """How good complete trials are: 1 for the best, 0 from the median down; of values larger ones are better.

    Example:
        >>> strengths([1.0, 2.0, 3.0])
        [0.0, 0.0, 1.0]
    """
    if not values:
        return []
    low, high = float(np.median(values)), float(max(values))
    shares = np.clip((np.array(values) - low) / (high - low), 0, 1) if high > low else np.ones(len(values))
    return [float(share) for share in shares]


def of_state(trials: Sequence[Trial], state: str) -> list[Trial]:
    """The trials that ended so."""
    return [trial for trial in trials if trial.state == state]


def markers(trials: Sequence[Trial], state: str) -> dict[str, Any]:
    """How trials of one state are marked; the best of all is a blue star."""
    shades = [BEST if trial.is_best else shade(trial.strength) for trial in trials]
    widths = [1.2 if trial.is_best else 1.4 if state == "diverged" else 0 for trial in trials]
    edges = ["#FFFFFF" if trial.is_best else color for trial, color in zip(trials, shades, strict=True)]
    return {
        "symbol": ["star" if trial.is_best else SYMBOLS[state] for trial in trials],
        "size": [14 if trial.is_best else 8 if state == "complete" else 7 for trial in trials],
        "color": shades,
        "opacity": 1,
        "line": {"width": widths, "color": edges},
    }
