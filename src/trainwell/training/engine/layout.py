"""How many members run side by side in one program: it follows from the platform and the member's size."""

import jax
import numpy as np

from trainwell.core import Runtime
from trainwell.optim import RULES
from trainwell.training.engine.population import Group
from trainwell.training.engine.problem import Problem, tree_bytes
from trainwell.training.recipe.recipe import Recipe

TINY_LANES = 1024
COPIES = 6  # parameters, two moments, best weights, gradients, updates
MEMORY_SHARE = 0.5


def one_by_one(problem: Problem, runtime: Runtime) -> bool:
    """Whether each member has program calls of its own, without `vmap`.

    Measured: on a CPU networks train best member by member, points on a surface and everything on an
    accelerator side by side.
    """
    return runtime.platform == "cpu" and not problem.side_by_side


def member_bytes(recipe: Recipe, parameters: int, itemsize: int) -> int:
    """Memory of a member in training, in bytes: copies of its parameters, and what a second-order method keeps."""
    spec = RULES[recipe.optimizer]
    remembered = 0
    if "memory" in spec.hyperparameters:
        remembered = 2 * int(recipe.memory or spec.hyperparameters["memory"])
    return itemsize * ((COPIES + remembered) * parameters + spec.matrices * parameters**2)


def lanes_for(group: Group, runtime: Runtime) -> int | None:
    """Members per block: None for one by one, else a power of two that fits into memory."""
    if one_by_one(group.problem, runtime):
        return None
    most = TINY_LANES
    if runtime.platform != "cpu":
        params, _ = group.entries[0].problem.init(0)
        itemsize = np.dtype(runtime.precision).itemsize
        one = member_bytes(group.entries[0].recipe, tree_bytes(params) // itemsize, itemsize)
        most = max(1, int(_free_memory() * MEMORY_SHARE / one))
    return int(min(1 << int(np.log2(most)), 1 << int(np.ceil(np.log2(len(group.entries))))))


def _free_memory() -> float:
    """Memory of the first device in bytes, 8 GiB where it does not tell."""
    stats = jax.devices()[0].memory_stats() or {}
    return float(stats.get("bytes_limit", 8 << 30))
