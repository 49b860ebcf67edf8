"""How activations and gradients of every layer spread while a network trains.

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
    """Of one network, seen on the same rows of its training split at some moments, the first before any update.

    Activations are what leaves each hidden layer (of a network without any: its outputs), gradients those of the mean
    loss of these rows by the weights of every layer. As in training, batch norm takes the statistics of these rows;
    nothing is dropped out.

    Attributes:
        steps: updates done at each moment.
        epochs: the same in passes over the training split.
        numbers: by quantity, `activation` or `gradient`: of each layer evenly spaced order statistics of its numbers,
            which stand for all of them; NaN where none is finite.
        means: by quantity, of all finite numbers.
        stds: their standard deviations.
        zeros: the share of them that is exactly 0.
        rows: how many rows that are.
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
        """What `look` saw at each of some updates, ascending."""
        steps = np.array([step for step, _ in snapshots], np.int64)
        numbers, means, stds, zeros = (
            {name: np.array([seen[f"{name} {fact}"] for _, seen in snapshots]) for name in QUANTITIES}
            for fact in ("numbers", *FACTS)
        )
        return cls(steps, steps / problem.steps_per_epoch, numbers, means, stds, zeros, len(_rows(problem)))

    def to_frame(self) -> "pl.DataFrame":
        """One row per moment, quantity and layer.

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
    """What each layer came to at each moment, as JSON values: means over the networks that got there.

    Args:
        layers: of each network of one recipe.

    Returns:
        `rows`, and `moments`: of each `step`, `epoch`, the number of `networks`, and by quantity the `means`, `stds`
        and `zeros` of its layers; NaN where nothing is finite.
    """
    longest, found = max(layers, key=lambda one: len(one.steps)), []
    for t, (step, epoch) in enumerate(zip(longest.steps.tolist(), longest.epochs.tolist(), strict=True)):
        there = [one for one in layers if t < len(one.steps)]
        facts = {
            name: {
                fact: np.mean([getattr(one, fact)[name][t] for one in there], axis=0).tolist()
                for fact in ("means", "stds", "zeros")
            }
            for name in QUANTITIES
        }
        found.append({"step": step, "epoch": epoch, "networks": len(there), **facts})
    return {"rows": longest.rows, "moments": found}


def moments(points: Points) -> set[int]:
    """The updates to look at: 0, the last observation, and others between, denser at the beginning.

    Example:
        >>> sorted(moments(Points(first=10, every=10, total=1000)))
        [0, 10, 20, 30, 40, 60, 100, 160, 250, 400, 630, 1000]
    """
    places = np.geomspace(1, points.count, MOMENTS - 1)
    return {0} | {int(points.steps[round(place) - 1]) for place in places}


def look(problem: NetworkProblem, params: PyTree, carry: PyTree) -> dict[str, np.ndarray]:
    """Activations and gradients of one network now, by quantity and fact: numbers `[L, NUMBERS]`, the others `[L]`."""
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
    """Rows of the training split that count, evenly spaced."""
    counted = np.flatnonzero(problem.arrays.dataset.training.weights)
    return np.asarray(counted[np.linspace(0, len(counted) - 1, min(len(counted), ROWS)).round().astype(int)])


def _spaced(layers: Sequence[np.ndarray]) -> Float[np.ndarray, "L Q"]:
    """Evenly spaced order statistics of each layer's finite numbers."""
    spaced = np.full((len(layers), NUMBERS), np.nan)
    for i, layer in enumerate(layers):
        values = np.sort(np.asarray(layer)[np.isfinite(layer)])
        if len(values):
            spaced[i] = values[((np.arange(NUMBERS) + 0.5) / NUMBERS * len(values)).astype(int)]
    return spaced


@cache
def _program(network: Network, task: str) -> Any:
    """Activations and weights' gradients of a network of this structure, compiled."""
    network = replace(network, dropout="none")
    loss: Any = "cross_entropy" if task == "classification" else "squared_error"

    def program(
        params: PyTree, carry: PyTree, numbers: Mapping[str, Array], inputs: Array, targets: Array, weights: Array
    ) -> tuple[list[Array], list[Array]]:
        x = (inputs.astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
        seen = observe(network, params, carry, x, targets, loss, numbers, weights=weights)
        return seen.activations[: network.num_hidden or 1], [layer["weights"] for layer in seen.grads]

    return jax.jit(program)
