"""Who races where no contenders are named."""

from collections.abc import Mapping
from typing import Any

from trainwell.landscape.races.tuning import has_minimum
from trainwell.landscape.surfaces.bowl import value as bowl_value
from trainwell.landscape.surfaces.surface import Surface

LECTURE: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "Momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "AdaGrad": {"optimizer": "adagrad", "learning_rate": 1.5},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
"""The lecture's race on the bowl: F-6-3, F-6-5 to F-6-8."""
LECTURE_STEPS = 29
"""Its updates: the figures have 30 points."""
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
"""The lecture's rules."""
STEPS = 300
RATE = 0.05
"""Of all six on a surface without a minimum, where none is the best."""


def usual_contenders(surface: Surface) -> tuple[Mapping[str, Mapping[str, Any]], bool]:
    """The contenders that race on a surface, and whether their learning rates need tuning.

    On the bowl they are the lecture's four with its settings. Elsewhere they are the lecture's six rules, tuned; on a
    surface without a minimum all have the same rate.
    """
    if is_bowl(surface):
        return LECTURE, False
    if has_minimum(surface):
        return {name: {"optimizer": name} for name in SIX}, True
    return {name: {"optimizer": name, "learning_rate": RATE} for name in SIX}, False


def usual_steps(surface: Surface) -> int:
    """Updates of a race on a surface."""
    return LECTURE_STEPS if is_bowl(surface) else STEPS


def is_bowl(surface: Surface) -> bool:
    """Whether this is the lecture's bowl."""
    return surface.formula is bowl_value
