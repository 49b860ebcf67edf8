"""Settings chosen fairly: the best of a grid, on starts of their own, with the same budget for everybody."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.landscape import Descents, Surface, descend

Fields: TypeAlias = Mapping[str, Any]
"""Fields of a recipe."""
Cost: TypeAlias = Callable[[Descents], Float[np.ndarray, "C S"]]
"""What is to be small, for every contender and start; Inf where the aim was not reached."""


def updates_to_converge(found: Descents) -> Float[np.ndarray, "C S"]:
    """Updates until the gradient stayed small, at a minimum; Inf where it did not."""
    return np.where((found.outcomes == "converged") & (found.settled >= 0), found.settled, np.inf)


def rates(low: float, high: float, count: int) -> list[float]:
    """Learning rates, evenly spaced in their logarithms."""
    return [float(rate) for rate in np.geomspace(low, high, count)]


def grid(optimizer: str, **values: Sequence[float]) -> list[Fields]:
    """All combinations of an optimizer's numbers.

    Example:
        >>> grid("sgd", learning_rate=[0.1, 0.2])[1]
        {'optimizer': 'sgd', 'learning_rate': 0.2}
    """
    return [{"optimizer": optimizer, **dict(zip(values, one, strict=True))} for one in product(*values.values())]


def rate_within(settings: Sequence[Fields], chosen: Fields) -> bool:
    """Whether both lower and higher rates than the chosen one were tried: at an end the best may lie beyond."""
    tried = [one["learning_rate"] for one in settings]
    return bool(min(tried) < chosen["learning_rate"] < max(tried))


def best_settings(
    surface: Surface,
    settings: Sequence[Fields],
    starts: Float[np.ndarray, "S D"],
    steps: int,
    *,
    cost: Cost = updates_to_converge,
    **how: Any,
) -> Fields:
    """The settings with the lowest median cost; where it is the same, those that reached the aim more often.

    Args:
        surface: what is descended.
        settings: to choose from.
        starts: to choose on: others than those that the choice is then judged on.
        steps: updates of each.
        cost: what is to be small.
        **how: further arguments of `descend`.
    """
    found = descend(surface, {str(i): one for i, one in enumerate(settings)}, starts, steps, **how)
    costs = cost(found)
    kept = np.sort(costs, axis=1)
    middle = kept[:, kept.shape[1] // 2]
    order = np.lexsort((np.where(np.isfinite(costs), costs, 0).sum(1), -np.isfinite(costs).sum(1), middle))
    return settings[int(order[0])]
