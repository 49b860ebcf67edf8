"""The supervised problem: a network's loss and metrics on a dataset, and the dataset as JAX arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.core import METRICS, METRICS_OF, RecipeError, target_variance, undefined_r2
from trainwell.data import Dataset, Scaling
from trainwell.nn import (
    Net,
    Sums,
    accuracy_sums,
    add_l2,
    cross_entropy_sums,
    l2_penalty,
    noise_at,
    noise_seed,
    squared_error_sums,
)
from trainwell.optim import RULES
from trainwell.training.engine.order import Order
from trainwell.training.engine.problem import Numbers
from trainwell.training.recipe.contenders import fingerprints
from trainwell.training.recipe.network_settings import NetworkSettings
from trainwell.training.recipe.networks import net_of, network_fields
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.recipe.training_settings import TrainingSettings

EVALUATION_ROWS = 1000  # examples per forward pass of an observation
SPLITS = ("training", "validation")


@dataclass(frozen=True, eq=False)
class Arrays:
    """A dataset as arrays of the compiled program: all rows in one array, and the rows that observations evaluate.

    All members of a population share them.
    """

    dataset: Dataset
    observed_training: int
    dtype: Any

    @cached_property
    def tree(self) -> dict[str, Array]:
        """The arrays by name, on the device."""
        parts = (self.dataset.training, self.dataset.validation)
        inputs = np.concatenate([part.flat for part in parts])
        targets = np.concatenate([part.targets for part in parts])
        rows, weights = self._evaluation(*(part.weights for part in parts))
        regression = self.dataset.task == "regression"
        arrays = {
            "inputs": inputs if inputs.dtype == np.uint8 else inputs.astype(self.dtype),
            "targets": targets.astype(self.dtype) if regression else targets.astype(np.int32),
            "weights": np.concatenate([part.weights for part in parts]).astype(self.dtype),
            "rows": rows,
            "row_weights": weights.astype(self.dtype),
        }
        if regression:
            seen = targets[rows.ravel()]
            arrays["variances"] = np.array([target_variance(seen, w.ravel()) for w in np.moveaxis(weights, -1, 0)])
            arrays["variances"] = arrays["variances"].astype(self.dtype)
        return {name: jnp.asarray(array) for name, array in arrays.items()}

    @cached_property
    def undefined(self) -> str | None:
        """Why R² is undefined on the validation split; None if it is defined."""
        return undefined_r2(self.dataset.validation.targets, self.dataset.validation.weights)

    def scaling(self, kind: Scaling) -> tuple[np.ndarray, np.ndarray]:
        """Shift and scale of the inputs: the network gets `(inputs - shift) * scale`."""
        shift, scale = self.dataset.scaling(kind)
        if self.dataset.training.inputs.dtype == np.uint8:  # scaling is of inputs / 255, these are bytes
            return shift.astype(np.float64) * 255, scale.astype(np.float64) / 255
        return shift, scale

    def _evaluation(
        self, training: Float[np.ndarray, " N"], validation: Float[np.ndarray, " V"]
    ) -> tuple[Int[np.ndarray, "K E"], Float[np.ndarray, "K E 2"]]:
        """Rows of both splits in batches of equal size, and each row's weight in each split; padding has weight 0."""
        num_training = min(len(training), self.observed_training)
        seen = np.arange(num_training)
        if not training[seen].any():  # all weights are 0: use rows with weight instead
            seen = np.flatnonzero(training)[:num_training]
            num_training = len(seen)
        rows = np.concatenate([seen, len(training) + np.arange(len(validation))]).astype(np.int32)
        weights = np.zeros((len(rows), 2))
        weights[:num_training, 0] = training[seen]
        weights[num_training:, 1] = validation
        batches = -(-len(rows) // EVALUATION_ROWS)
        size = -(-len(rows) // batches)
        padding = batches * size - len(rows)
        rows, weights = np.pad(rows, (0, padding)), np.pad(weights, ((0, padding), (0, 0)))
        return rows.reshape(batches, size), weights.reshape(batches, size, 2)


@dataclass(frozen=True)
class Structure:
    """Everything that changes the compiled program."""

    network: Net
    task: str
    batch_size: int
    ragged: bool
    observe_batch: bool


@dataclass(frozen=True, eq=False)
class NetworkProblem:
    """A network on a dataset, as a `Problem` for the engine.

    Args:
        settings: the network and what regularizes it.
        training: how it is trained; the batches, metric and observations are read here.
        arrays: the dataset, shared by the population.

    Raises:
        RecipeError: the settings do not fit the dataset.
    """

    settings: NetworkSettings
    training: TrainingSettings
    arrays: Arrays

    def __post_init__(self) -> None:
        dataset, training = self.arrays.dataset, self.training
        usable = METRICS_OF[dataset.task]
        if training.metric not in usable:
            other = next(task for task, metrics in METRICS_OF.items() if training.metric in metrics)
            raise RecipeError(
                f"metric '{training.metric}' is for {other}, this is {dataset.task}: use '{usable[1]}' or '{usable[0]}'"
            )
        for name, part in (("training", dataset.training), ("validation", dataset.validation)):
            if len(part) and not part.weights.any():
                raise RecipeError(f"every row of the {name} split has weight 0, so no metric can be computed on it")
        layers = training.layer_learning_rates
        if layers is not None and len(layers) != self.network.num_layers:
            count = self.network.num_layers
            raise RecipeError(
                f"layer_learning_rates has {len(layers)} values, the network has {count} layers with weights: "
                f"give {count}, first layer first"
            )
        if self.settings.label_smoothing and dataset.task == "regression":
            raise RecipeError("label_smoothing is for classification, this is regression: leave it at 0")
        self.network.flops(1)  # traces a user's functions, so that their errors are raised here
        B = self.row_order.batch_size
        if why := self.network.unusable(B, B):
            rows = len(dataset.training)
            one = "the training split has one row" if rows == 1 else "batch_size is 1"
            instead = "turn it off" if rows == 1 else "use a batch_size of at least 2, or turn it off"
            raise RecipeError(f"{why}, and {one}: {instead}")

    @cached_property
    def network(self) -> Net:
        """The network."""
        dataset = self.arrays.dataset
        return net_of(self.settings, dataset.input_shape, dataset.num_outputs)

    @cached_property
    def row_order(self) -> Order:
        """The rows of each batch; the last batch is dropped if it is too small for the network."""
        N = len(self.arrays.dataset.training)
        if self.training.batch_size == "full" or RULES[self.training.optimizer].full_batch:
            return Order(N, N, "full")
        B = min(self.training.batch_size, N)
        unusable = N % B and self.network.unusable(N % B, B)
        return Order(N, B, self.training.batches, "drop" if unusable else self.training.last_batch)

    @property
    def dropped_rows_notice(self) -> str | None:
        """A notice if the last rows of every epoch are dropped because the network cannot use them; otherwise None."""
        order = self.row_order
        if order.batches != "shuffle" or order.last_batch == self.training.last_batch:
            return None
        rows = order.num_rows % order.batch_size
        left = "one is left out of every epoch, a different one each time"
        if rows > 1:
            left = f"{rows:,} are left out of every epoch, different ones each time"
        why = self.network.unusable(rows, order.batch_size)
        return f"{why}: of {order.num_rows:,} rows in batches of {order.batch_size:,}, {left}"

    @property
    def metric(self) -> str:
        """The metric that early stopping watches: the recipe's, or the loss if that is undefined."""
        metric = METRICS[self.training.metric]
        return metric.fallback if metric.fallback and self.arrays.undefined else metric.name

    @property
    def metric_notice(self) -> str | None:
        """A notice if early stopping watches another metric than the recipe's; otherwise None."""
        if self.metric == self.training.metric or not self.training.watches_metric:
            return None
        return (
            f"R² is undefined on the validation split ({self.arrays.undefined}): early stopping uses the loss instead"
        )

    @cached_property
    def structure(self) -> Structure:
        """Everything that changes the compiled program."""
        order = self.row_order
        return Structure(
            self.network, self.arrays.dataset.task, order.batch_size, order.ragged, self.training.observe_batch
        )

    @property
    def facts(self) -> dict[str, Any]:
        """The settings of network and training, and checksums of users' functions that they name."""
        parts = (self.settings, self.training)
        fields = {name: value for part in parts for name, value in part.model_dump(mode="json").items()}
        return {**fields, **fingerprints(parts)}

    @property
    def data(self) -> dict[str, Array]:
        """All rows, their targets and weights, and the rows that observations evaluate."""
        return self.arrays.tree

    @property
    def steps_per_epoch(self) -> int:
        """Updates in one pass over the training split."""
        return self.row_order.steps_per_epoch

    @property
    def flops_per_step(self) -> float:
        """Floating-point operations of the network's forward and backward pass."""
        return self.network.flops(self.row_order.batch_size)

    @property
    def deterministic(self) -> bool:
        """True if the network uses no random numbers, such as dropout masks."""
        return not self.network.random

    @property
    def cohort(self) -> bool:
        """False: a member is one network."""
        return False

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of what `observe` returns."""
        metrics = reversed(METRICS_OF[self.arrays.dataset.task])
        names = tuple(f"{metric}/{split}" for metric in metrics for split in SPLITS)
        return (*names, "loss/last_batch") if self.training.observe_batch else names

    def init(self, seed: int) -> tuple[PyTree, PyTree]:
        """The network's initial parameters and state."""
        return self.network.init(seed, network_fields(self.settings), self.arrays.dtype.type)

    def numbers(self, seed: int) -> dict[str, np.ndarray]:
        """The recipe's numbers for the network and the loss, as arrays by name."""
        shift, scale = self.arrays.scaling(self.settings.inputs)
        fields = network_fields(self.settings)
        values = {name: fields[name] for name in self.network.numbers}
        values |= {name: getattr(self.settings, name) for name in ("label_smoothing", "l2_penalty")}
        values |= {"input_shift": shift, "input_scale": scale}
        numbers = {name: np.asarray(value, self.arrays.dtype) for name, value in values.items()}
        return numbers | {"noise": noise_seed(seed)}

    def order(self, seed: int, first: int, count: int) -> Int[np.ndarray, "count B"]:
        """Row indices of the updates `first` to `first + count - 1`; -1 pads a short batch."""
        return self.row_order.rows(seed, first, count)

    def loss(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> tuple[Float[Array, ""], PyTree]:
        """Mean loss of one batch in training mode, and the network's new state."""
        valid = (rows >= 0).astype(data["weights"].dtype) if self.structure.ragged else None
        rows = jnp.maximum(rows, 0) if self.structure.ragged else rows
        weights = _rows(data["weights"], rows) if valid is None else _rows(data["weights"], rows) * valid
        noise = noise_at(numbers["noise"], step) if self.network.random else None
        x = _scaled(_rows(data["inputs"], rows), numbers)
        outputs, state = self.network.apply(params, carry, x, numbers, training=True, noise=noise, valid=valid)
        targets = _rows(data["targets"], rows)
        return self._sums(outputs, targets, weights, numbers["label_smoothing"]).mean(), state

    def penalize(self, grads: PyTree, params: PyTree, numbers: Numbers) -> PyTree:
        """Add the gradient of ½λ‖W‖². The reported loss excludes the penalty, so that it is comparable across λ.

        Source: T-REG-1.
        """
        return add_l2(grads, params, numbers["l2_penalty"])

    def objective(
        self,
        params: PyTree,
        carry: PyTree,
        data: PyTree,
        rows: Int[Array, " B"],
        step: Int[Array, ""],
        numbers: Numbers,
    ) -> Float[Array, ""]:
        """The loss of a batch with its penalty, ½λ‖W‖²."""
        loss, _ = self.loss(params, carry, data, rows, step, numbers)
        return loss + numbers["l2_penalty"] * l2_penalty(params)

    def update_carry(
        self, params: PyTree, carry: PyTree, data: PyTree, step: Int[Array, ""], numbers: Numbers
    ) -> PyTree:
        """The carry, unchanged: `loss` has updated it."""
        return carry

    def observe(
        self, params: PyTree, carry: PyTree, data: PyTree, rows: Int[Array, " B"], numbers: Numbers
    ) -> dict[str, Array]:
        """Loss and accuracy (or R²) of both splits in inference mode, computed in one forward pass."""

        def one(batch: tuple[Array, Array]) -> tuple[Sums, Sums | None]:
            rows, weights = batch
            logits, targets = self._infer(params, carry, data, rows, numbers), _rows(data["targets"], rows)
            right = accuracy_sums(logits, targets, weights) if self._classifies else None
            return self._sums(logits, targets, weights), right

        batches = (data["rows"], data["row_weights"])
        if data["rows"].shape[0] == 1:
            losses, right = one(jax.tree.map(lambda a: a[0], batches))
        else:
            losses, right = jax.tree.map(lambda a: a.sum(0), jax.lax.map(one, batches))
        loss = losses.mean()
        second = ("r2", 1 - loss / data["variances"]) if right is None else ("accuracy", right.mean())
        seen = {f"{name}/{split}": of[i] for name, of in (("loss", loss), second) for i, split in enumerate(SPLITS)}
        if self.training.observe_batch:
            kept = jnp.maximum(rows, 0)
            logits = self._infer(params, carry, data, kept, numbers)
            weights = _rows(data["weights"], kept) * (rows >= 0)
            seen["loss/last_batch"] = self._sums(logits, _rows(data["targets"], kept), weights).mean()
        return seen

    def layer_of(self, params: PyTree) -> PyTree:
        """The index of each array's layer."""
        return self.network.layer_of(params)

    @property
    def _classifies(self) -> bool:
        return self.arrays.dataset.task == "classification"

    def _infer(self, params: PyTree, carry: PyTree, data: PyTree, rows: Array, numbers: Numbers) -> Float[Array, "E C"]:
        x = _scaled(_rows(data["inputs"], rows), numbers)
        return self.network.apply(params, carry, x, numbers, training=False)[0]

    def _sums(self, outputs: Array, targets: Array, weights: Array, smoothing: Array | float = 0.0) -> Sums:
        if self._classifies:
            return cross_entropy_sums(outputs, targets, weights, smoothing)
        return squared_error_sums(outputs, targets, weights)


def problems_of(recipes: Sequence[Recipe], dataset: Dataset, dtype: Any) -> list[NetworkProblem]:
    """Make each recipe's problem on a dataset; the problems share its arrays.

    Raises:
        RecipeError: a recipe does not fit the dataset.
    """
    arrays = {most: Arrays(dataset, most, np.dtype(dtype)) for most in {recipe.observe_training for recipe in recipes}}
    return [NetworkProblem(recipe, recipe, arrays[recipe.observe_training]) for recipe in recipes]


def _rows(array: Array, rows: Int[Array, " B"]) -> Array:
    """Rows of `array`, without bounds checks: all indices are valid."""
    return array.at[rows].get(mode="promise_in_bounds")


def _scaled(x: Array, numbers: Numbers) -> Float[Array, "B D"]:
    return (x.astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
