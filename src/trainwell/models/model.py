"""Model: preparation of inputs, one or several trained networks, and conversion to labels or original units."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import isfinite, nan, prod
from typing import Any, Unpack

import jax
import numpy as np
from jaxtyping import Array, Float, PyTree

from trainwell.core import ModelError, target_variance, undefined_r2
from trainwell.data import Dataset, Preparation, Reading, Source, Split, load_rows
from trainwell.nn import Net
from trainwell.training import Recipe, Trained, problems_of

LOG = logging.getLogger("trainwell")
ROWS_AT_ONCE = 4096  # rows per forward pass, to limit memory


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """One member's network with everything that inference needs.

    Attributes:
        structure: the network's structure.
        params: its parameters; for a fully connected network one dictionary per layer.
        state: what it keeps beside its parameters; for batch norm one dictionary of running statistics per layer.
        numbers: scalars and arrays for inference by name, such as input shift and scale and `negative_slope`.
        recipe: how it was trained.
        seed: seed of its training.
        weight: weight in an ensemble's average, a whole number from 1.
    """

    structure: Net
    params: PyTree
    state: PyTree
    numbers: dict[str, np.ndarray]
    recipe: Recipe
    seed: int
    weight: int = 1

    def logits(self, inputs: np.ndarray) -> Float[np.ndarray, "N C"]:
        """Outputs of the network for prepared inputs `[N, ...]`."""
        program, dtype = _program(self.structure), self.numbers["input_scale"].dtype
        parts = [np.zeros((0, self.structure.num_outputs), dtype)]
        flat = inputs.reshape(len(inputs), -1)
        for start in range(0, len(flat), ROWS_AT_ONCE):
            part = flat[start : start + ROWS_AT_ONCE]
            rows = min(1 << (len(part) - 1).bit_length(), ROWS_AT_ONCE)  # a power of two: few shapes to compile
            padded = np.pad(part, ((0, rows - len(part)), (0, 0)))
            parts.append(np.asarray(program(self.params, self.state, self.numbers, padded))[: len(part)])
        return np.concatenate(parts)


@cache
def _program(structure: Net) -> Any:
    """Compiled inference; weights are arguments, so that networks of equal structure share the program."""

    def logits(params: PyTree, state: PyTree, numbers: PyTree, inputs: Array) -> Array:
        x = (inputs.astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
        return structure.apply(params, state, x, numbers, training=False)[0]

    return jax.jit(logits)


@dataclass(frozen=True)
class Quality:
    """Scores of a model on some rows.

    Attributes:
        rows: number of rows.
        scores: by name: `accuracy` and `loss` (nats); or `r2`, and `rmse` and `mae` in the target's units.
        undefined: why `r2` is NaN, such as "all its 20 targets are equal"; None if it is defined.
    """

    rows: int
    scores: Mapping[str, float]
    undefined: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """One or several trained networks that predict from raw rows. The outputs of several networks are averaged.

    Attributes:
        name: name of the data it was trained on.
        preparation: converts raw rows to inputs, and outputs to labels or original units.
        networks: at least one.
        metrics: scores measured when the model was made, by name.
        facts: further facts as JSON values, such as split sizes and the data's checksum.
    """

    name: str
    preparation: Preparation
    networks: tuple[TrainedNetwork, ...]
    metrics: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        count = len(self.networks)
        return f"Model of '{self.name}': {self.task}, {count} network{'s' if count > 1 else ''}"

    @classmethod
    def of(cls, trained: Trained, members: Sequence[int]) -> "Model":
        """A model of some members of a population; a member listed twice has twice the weight.

        Raises:
            ModelError: no member is given, or one of them diverged.
        """
        return cls.of_networks(trained.dataset, [network_of(trained, member) for member in members])

    @classmethod
    def of_networks(
        cls, dataset: Dataset, networks: Sequence[TrainedNetwork], metrics: Mapping[str, float] | None = None
    ) -> "Model":
        """A model of networks of one or several populations, such as those of a cross-validation's folds.

        Args:
            dataset: the data (or folds of it) that they were trained on; the model uses its preparation.
            networks: at least one; a network listed several times has as much more weight.
            metrics: scores by name; None computes them on the validation split. For networks trained on folds, pass
                out-of-fold scores: scores on rows that they were trained on would be too good.

        Raises:
            ModelError: there is no network, or one does not fit the dataset.
        """
        if not networks:
            raise ModelError("a model needs at least one network: name members of the population")
        for network in networks:
            _check_fit(network, dataset)
        facts = {"data_fingerprint": dataset.fingerprint, "training_rows": len(dataset.training)}
        model = cls(dataset.name, dataset.preparation, _merged(networks), facts=facts)
        if metrics is None:
            scores = model.score(dataset.validation).scores
            metrics = {f"{name}/validation": value for name, value in scores.items()}
        return replace(model, metrics=dict(metrics))

    @property
    def task(self) -> str:
        """`classification` or `regression`."""
        return self.preparation.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' labels; empty for regression."""
        return self.preparation.class_names

    def probabilities(self, inputs: np.ndarray) -> Float[np.ndarray, "N C"]:
        """Class probabilities, averaged over the networks.

        Args:
            inputs: prepared inputs `[N, ...]`, such as a split's.

        Raises:
            ModelError: this model does regression, or the inputs are not prepared.
        """
        self._check_classifies()
        return self._average(inputs, _softmax)

    def outputs(self, inputs: np.ndarray) -> Float[np.ndarray, "N C"]:
        """Class probabilities `[N, C]`, or standardised regression outputs `[N, 1]`, averaged over the networks."""
        if self.task == "classification":
            return self.probabilities(inputs)
        return self._average(inputs, lambda logits: logits)

    def _average(self, inputs: np.ndarray, outputs_of: Callable[[np.ndarray], np.ndarray]) -> Float[np.ndarray, "N C"]:
        """Σ w·outputs / Σ w, one network at a time to save memory."""
        width = prod(self.networks[0].structure.input_shape)
        shapes = {(width,), getattr(self.preparation.inputs, "shape", (width,))}
        if getattr(inputs, "dtype", None) is None or inputs.shape[1:] not in shapes:
            raise ModelError(  # NumPy would broadcast a single column
                f"inputs must be an array of prepared rows with {width} columns, got {type(inputs).__name__}"
                f"{list(np.shape(inputs))}: pass a split's inputs; use predict for other rows"
            )
        total = np.zeros((), np.float32)
        for network in self.networks:
            total = total + network.weight * outputs_of(network.logits(inputs))
        return np.asarray(total / sum(network.weight for network in self.networks))

    def decide(self, outputs: Float[np.ndarray, "N C"]) -> np.ndarray:
        """Labels of the most probable classes, or predictions in the target's units, `[N]`."""
        coded = outputs.argmax(1).astype(np.int32) if self.task == "classification" else outputs
        return self.preparation.decode(coded)

    def predict(self, rows: "Source | np.ndarray", **reading: Unpack[Reading]) -> np.ndarray:
        """Labels, or predictions in the target's units, `[N]`.

        Args:
            rows: raw rows: a file or data frame, with or without the target; an array, if the model was trained on
                arrays; or a built-in name. The logger `trainwell` reports notices on them. For prepared inputs, such
                as a split's, use `decide(outputs(inputs))`.
            **reading: how a file is read, as `load_data` does: `data_dir`, `header`, `missing` (by default the words
                of training).

        Raises:
            DataError: the rows do not fit the data that the model was trained on.
        """
        return self.decide(self.outputs(self._prepared(rows, reading)))

    def predict_proba(self, rows: "Source | np.ndarray", **reading: Unpack[Reading]) -> Float[np.ndarray, "N C"]:
        """The probability of each of `class_names`, `[N, C]`.

        Args:
            rows: see `predict`.
            **reading: see `predict`.

        Raises:
            ModelError: this model does regression.
            DataError: see `predict`.
        """
        self._check_classifies()
        return self.probabilities(self._prepared(rows, reading))

    def _prepared(self, rows: "Source | np.ndarray", reading: Reading) -> np.ndarray:
        found = load_rows(rows, self.preparation, **reading)
        for notice in found.notices:
            LOG.warning(notice)
        return found.inputs

    def _check_classifies(self) -> None:
        if self.task != "classification":
            raise ModelError("probabilities are for classification, this model does regression: use predict")

    def score(self, split: Split) -> Quality:
        """Scores on a split."""
        outputs = self.outputs(split.inputs)
        if self.task == "classification":
            return Quality(len(outputs), _classification_scores(outputs, split.targets))
        scale = self.preparation.decode(np.array([[0.0], [1.0]]))
        scores = _regression_scores(outputs, split.targets, float(scale[1] - scale[0]))
        return Quality(len(outputs), scores, undefined=undefined_r2(split.targets))


def network_of(trained: Trained, member: int) -> TrainedNetwork:
    """The network of one member of a population.

    Raises:
        ModelError: the member diverged.
    """
    if trained.statuses[member] == "diverged":
        raise ModelError(f"member {member} diverged and cannot predict: lower its learning rate and train again")
    recipe, seed = trained.members[member].recipe, trained.members[member].seed
    params = trained.params[member]
    (problem,) = problems_of([recipe], trained.dataset, jax.tree.leaves(params)[0].dtype)
    numbers = {name: value for name, value in problem.numbers(seed).items() if name != "noise"}
    return TrainedNetwork(problem.network, params, trained.states[member], numbers, recipe, seed)


def _merged(networks: Sequence[TrainedNetwork]) -> tuple[TrainedNetwork, ...]:
    """Merge repeated networks (those that share their parameter arrays) into one with the sum of their weights."""
    kept: dict[int, TrainedNetwork] = {}
    for network in networks:
        known = kept.get(id(network.params))
        kept[id(network.params)] = network if known is None else replace(known, weight=known.weight + network.weight)
    return tuple(kept.values())


def _check_fit(network: TrainedNetwork, dataset: Dataset) -> None:
    ends = (prod(network.structure.input_shape), network.structure.num_outputs)
    if ends != (dataset.num_features, dataset.num_outputs):
        raise ModelError(
            f"a network from {ends[0]} inputs to {ends[1]} outputs does not fit {dataset.name}, which has "
            f"{dataset.num_features} and {dataset.num_outputs}: pass networks trained on these data"
        )


def _softmax(logits: Float[np.ndarray, "N C"]) -> Float[np.ndarray, "N C"]:
    from scipy.special import softmax

    probabilities: np.ndarray = softmax(logits.astype(np.float64), axis=1)
    return probabilities


def _classification_scores(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    chosen = probabilities[np.arange(len(labels)), labels]
    return {
        "accuracy": float(np.mean(probabilities.argmax(1) == labels)),
        "loss": float(-np.mean(np.log(np.maximum(chosen, np.finfo(np.float64).tiny)))),
    }


def _regression_scores(outputs: np.ndarray, targets: np.ndarray, unit: float) -> dict[str, float]:
    from sklearn.metrics import r2_score

    error = outputs[:, 0].astype(np.float64) - targets[:, 0]
    r2 = r2_score(targets[:, 0], outputs[:, 0]) if isfinite(target_variance(targets)) else nan
    return {
        "r2": float(r2),
        "rmse": float(np.sqrt(np.mean(error**2)) * unit),
        "mae": float(np.abs(error).mean() * unit),
    }
