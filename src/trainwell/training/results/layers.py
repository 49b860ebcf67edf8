"""Distributions of every layer's activations and gradients during training.

Source: T-BABY-3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Self

import jax
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.nn import Histograms, Network, observe
from trainwell.training.engine.order import Points
from trainwell.training.supervised import NetworkProblem

if TYPE_CHECKING:
    import polars as pl

MOMENTS = 12
ROWS = 256
NUMBERS = 512
QUANTITIES = ("activation", "gradient")
FACTS = ("mean", "std", "zeros")
PERCENTILES = (1, 5, 25, 50, 75, 95, 99)


@dataclass(frozen=True, eq=False)
class LayerSpreads:
    """Distributions of one network's activations and gradients, on fixed training rows, at T times during training.

    Activations are the outputs of each hidden layer (of a network without hidden layers: its outputs). Gradients are
    those of the mean loss with respect to each layer's weights. Batch norm uses these rows' statistics, as in training;
    dropout is off. The first time is before any update.

    Attributes:
        steps: updates done at each time.
        epochs: passes over the training split at each time.
        numbers: by quantity, `activation` or `gradient`: Q evenly spaced quantiles of each layer's finite numbers; NaN
            if none is finite.
        means: by quantity, means of the finite numbers.
        stds: by quantity, their standard deviations.
        zeros: by quantity, the share of them that is exactly 0.
        rows: number of training rows used.
    """

    steps: Int[np.ndarray, " T"]
    epochs: Float[np.ndarray, " T"]
    numbers: Mapping[str, Float[np.ndarray, "T L Q"]]
    means: Mapping[str, Float[np.ndarray, "T L"]]
    stds: Mapping[str, Float[np.ndarray, "T L"]]
    zeros: Mapping[str, Float[np.ndarray, "T L"]]
    rows: int

    @classmethod
    def of(cls, problem: NetworkProblem, snapshots: Sequence[tuple[int, Mapping[str, np.ndarray]]]) -> Self:
        """Join the results of `look` at several updates, ascending."""
        steps = np.array([step for step, _ in snapshots], np.int64)
        numbers, means, stds, zeros = (
            {name: np.array([seen[f"{name} {fact}"] for _, seen in snapshots]) for name in QUANTITIES}
            for fact in ("numbers", *FACTS)
        )
        return cls(steps, steps / problem.steps_per_epoch, numbers, means, stds, zeros, len(_rows(problem)))

    def to_frame(self) -> "pl.DataFrame":
        """One row per time, quantity and layer.

        Returns:
            Columns step, epoch, quantity, layer (from 1), mean, std, zeros, and percentiles `p01` to `p99`.
        """
        import polars as pl

        rows = []
        for name in QUANTITIES:
            for t, layer in np.ndindex(*self.means[name].shape):
                spread = np.quantile(self.numbers[name][t, layer], [share / 100 for share in PERCENTILES])
                rows.append(
                    {"step": self.steps[t], "epoch": self.epochs[t], "quantity": name, "layer": layer + 1}
                    | {"mean": self.means[name][t, layer], "std": self.stds[name][t, layer]}
                    | {"zeros": self.zeros[name][t, layer]}
                    | {f"p{share:02d}": value for share, value in zip(PERCENTILES, spread.tolist(), strict=True)}
                )
        return pl.DataFrame(rows)


def layer_facts(layers: Sequence[LayerSpreads]) -> dict[str, Any]:
    """Layer statistics over time as JSON values, averaged over networks.

    Args:
        layers: the networks of one recipe.

    Returns:
        A dictionary with `rows`, the number of training rows used, and `moments`: for each time its `step`, `epoch`,
        `num_networks` that reached it, and by quantity each layer's `means`, `stds` and `zeros`; NaN if
        nothing is finite.
    """
    longest, found = max(layers, key=lambda one: len(one.steps)), []
    for t, (step, epoch) in enumerate(zip(longest.steps.tolist(), longest.epochs.tolist(), strict=True)):
        reached = [one for one in layers if t < len(one.steps)]
        facts = {
            name: {
                fact: np.mean([getattr(one, fact)[name][t] for one in reached], axis=0).tolist()
                for fact in ("means", "stds", "zeros")
            }
            for name in QUANTITIES
        }
        found.append({"step": step, "epoch": epoch, "num_networks": len(reached), **facts})
    return {"rows": longest.rows, "moments": found}


def moments(points: Points) -> set[int]:
    """The updates at which layers are observed: 0, the last observation, and some between, denser at the beginning.

    Example:
        >>> sorted(moments(Points(first=10, every=10, total=1000)))
        [0, 10, 20, 30, 40, 60, 100, 160, 250, 400, 630, 1000]
    """
    positions = np.geomspace(1, points.count, MOMENTS - 1)
    return {0} | {int(points.steps[round(position) - 1]) for position in positions}


def look(problem: NetworkProblem, params: PyTree, carry: PyTree) -> dict[str, np.ndarray]:
    """Statistics of one network's activations and gradients, such as `activation means`.

    Returns:
        By quantity and statistic: `numbers` are `[L, NUMBERS]`, the others `[L]`.
    """
    parts, rows = problem.arrays, _rows(problem)
    split = parts.dataset.training
    numbers = {name: value for name, value in problem.numbers(0).items() if name != "noise"}
    seen = _program(problem.network, parts.dataset.task)(
        params, carry, numbers, split.flat[rows], split.targets[rows], split.weights[rows]
    )
    found: dict[str, np.ndarray] = {}
    for name, layers in zip(QUANTITIES, seen, strict=True):
        counted = Histograms.of(layers, np.array([0.0, 1.0]))
        facts = (_spaced(layers), counted.means, counted.stds, counted.zeros)
        found |= {f"{name} {fact}": value for fact, value in zip(("numbers", *FACTS), facts, strict=True)}
    return found


def _rows(problem: NetworkProblem) -> Int[np.ndarray, " R"]:
    """At most `ROWS` evenly spaced training rows with weights above 0."""
    counted = np.flatnonzero(problem.arrays.dataset.training.weights)
    return np.asarray(counted[np.linspace(0, len(counted) - 1, min(len(counted), ROWS)).round().astype(int)])


def _spaced(layers: Sequence[np.ndarray]) -> Float[np.ndarray, "L Q"]:
    """Evenly spaced quantiles of each layer's finite numbers."""
    spaced = np.full((len(layers), NUMBERS), np.nan)
    for i, layer in enumerate(layers):
        values = np.sort(np.asarray(layer)[np.isfinite(layer)])
        if len(values):
            spaced[i] = values[((np.arange(NUMBERS) + 0.5) / NUMBERS * len(values)).astype(int)]
    return spaced


@cache
def _program(network: Network, task: str) -> Any:
    """A compiled function that returns activations and the gradients of weights."""
    network = replace(network, dropout="none")
    loss: Any = "cross_entropy" if task == "classification" else "squared_error"

    def program(
        params: PyTree, carry: PyTree, numbers: Mapping[str, Array], inputs: Array, targets: Array, weights: Array
    ) -> tuple[list[Array], list[Array]]:
        x = (inputs.astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
        seen = observe(network, params, carry, x, targets, loss, numbers, weights=weights)
        return seen.activations[: network.num_hidden or 1], [layer["weights"] for layer in seen.grads]

    return jax.jit(program)
