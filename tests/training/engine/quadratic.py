"""A problem small enough to solve by hand: f(x) = ½ Σ a x², from a start that depends on the seed.

Its members train side by side: in the layout for accelerators, here on the CPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.training import Member, Result, train_problems


@dataclass(frozen=True, eq=False)
class Quadratic:
    """Curvatures `a` are the problem's data; gradients are a·x exactly."""

    curvatures: tuple[float, ...]
    dtype: Any = np.float32

    @property
    def structure(self) -> Any:
        return ("quadratic", len(self.curvatures))

    @cached_property
    def data(self) -> Any:
        return jnp.asarray(np.array(self.curvatures, self.dtype))

    steps_per_epoch = 1
    metric = "loss"
    flops_per_step = 10.0
    cohort = False
    deterministic = True
    observed = ("loss/value",)
    facts: ClassVar = {}

    def init(self, seed: int) -> Any:
        return [{"x": np.full(len(self.curvatures), 1.0 + seed, self.dtype)}], []

    def numbers(self, seed: int) -> dict[str, np.ndarray]:
        return {}

    def order(self, seed: int, first: int, count: int) -> np.ndarray:
        return np.zeros((count, 1), np.int32)

    def loss(self, params: Any, carry: Any, data: Any, rows: Any, step: Any, numbers: Any) -> Any:
        return 0.5 * jnp.sum(data * params[0]["x"] ** 2), carry

    def penalize(self, grads: Any, params: Any, numbers: Any) -> Any:
        return grads

    def objective(self, params: Any, carry: Any, data: Any, rows: Any, step: Any, numbers: Any) -> Any:
        return self.loss(params, carry, data, rows, step, numbers)[0]

    def update_carry(self, params: Any, carry: Any, data: Any, step: Any, numbers: Any) -> Any:
        return carry

    def observe(self, params: Any, carry: Any, data: Any, rows: Any, numbers: Any) -> Any:
        return {"loss/value": 0.5 * jnp.sum(data * params[0]["x"] ** 2)}

    def layer_of(self, params: Any) -> Any:
        return [{"x": 0}]


def train_side_by_side(members: Sequence[Member], **how: Any) -> list[Result]:
    """Blocks of members under `vmap`, the last one filled up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trainwell.training.run.one_by_one", lambda runtime: False)
        return train_problems(members, **how)  # type: ignore[arg-type]  # a test's Problem
