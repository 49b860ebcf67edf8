"""The curvature of a trained network's loss: eigenvalues of the Hessian, kind of point, stable learning rates."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.core import DataError, finite, stream
from trainwell.data import Preparation, PreparedRows, Source, Split, load_rows
from trainwell.display import Figure, Forms, Table
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.networks.eigenvalues import (
    MOST_DENSE,
    EigenvalueDensity,
    Spectrum,
    eigenvalue_density,
    spectrum,
)
from trainwell.landscape.networks.loss import loss_value, network_loss
from trainwell.landscape.settings import CurvatureSettings
from trainwell.landscape.slices.slices import LossAlong, Slice, loss_along, network_slice
from trainwell.nn import Net
from trainwell.optim import Loss, hessian_trace
from trainwell.training import Recipe

if TYPE_CHECKING:
    import polars as pl

LOG = logging.getLogger("trainwell")
ROWS_AT_ONCE = 1024
PLANE_POINTS = 25
PLANE_LABELS = ("along the steepest direction", "along the lowest direction")


class HessianTrace(NamedTuple):
    """The sum of all eigenvalues, with a 95% interval; low = high if it is exact."""

    trace: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class NetworkCurvature(Forms):
    """Loss, gradient and Hessian of a network on some rows.

    Attributes:
        structure: the network's structure.
        rows: number of rows over which the loss is the mean.
        loss: the training loss f, with label smoothing and ½λ‖W‖²; all other numbers are of this loss.
        plain_loss: the loss without label smoothing and penalty.
        gradient_norm: ‖∇f‖; 0 at a critical point, and small after successful training.
        spectrum: the eigenvalues of the Hessian.
        trace: the sum of the eigenvalues.
        density: the density of the eigenvalues.
        steepest: the loss along the eigenvector of the largest eigenvalue.
        lowest: the loss along the eigenvector of the smallest eigenvalue.
        plane: the loss in the plane of both eigenvectors.
        recipe: how the network was trained; None if unknown.
    """

    structure: Net
    rows: int
    loss: float
    plain_loss: float
    gradient_norm: float
    spectrum: Spectrum
    trace: HessianTrace
    density: EigenvalueDensity
    steepest: LossAlong
    lowest: LossAlong
    plane: Slice
    recipe: Recipe | None = None

    @property
    def piecewise(self) -> bool | None:
        """Whether the loss is piecewise smooth, as with ReLU; None if that is unknown.

        The Hessian is then that of the piece at the network's parameters.
        """
        return self.structure.has_kinks

    def stable_below(self, momentum: float = 0.0) -> float:
        """The learning rate above which gradient descent on all these rows is unstable along the steepest direction.

            η < 2(1+ρ)/λmax

        Args:
            momentum: ρ of either form of momentum, in [0, 1); 0 for gradient descent.

        Returns:
            The bound; infinite if no direction curves upwards.

        Raises:
            ValueError: `momentum` is out of range.

        Source: T-OPT-2a on a quadratic; Polyak (1964), "Some methods of speeding up the convergence of iteration
        methods".
        """
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be in [0, 1), got {momentum}")
        return 2 * (1 + momentum) / self.spectrum.largest if self.spectrum.largest > 0 else inf

    def leading(self, count: int | None = None) -> np.ndarray:
        """The largest eigenvalues, the largest first.

        Args:
            count: largest number of eigenvalues. None: twice the outputs, at least 10, which includes all outliers:
                classifiers are reported to have about as many outliers as classes.

        Source: Sagun, Evci, Güney, Dauphin & Bottou (2018), "Empirical analysis of the Hessian of over-parametrized
        neural networks", section 2.
        """
        return self.spectrum.leading(max(10, 2 * self.structure.num_outputs) if count is None else count)

    @property
    def num_outliers(self) -> int:
        """Number of outliers: leading eigenvalues before the largest ratio of one to the next."""
        values = self.leading()
        values = values[values > self.spectrum.near_zero]
        if len(values) < 2:
            return len(values)
        return int(np.argmax(values[:-1] / values[1:])) + 1

    def to_json(self) -> dict[str, Any]:
        """All numbers, as in the `results.json` of `trainwell curvature`; None replaces NaN and infinity."""
        from trainwell.landscape.networks.shown import MOMENTUM, curvature_lines

        spectrum = self.spectrum
        found: dict[str, Any] = finite(
            {
                "parameters": spectrum.num_parameters,
                "activation": self.recipe and self.recipe.activation,
                "loss": self.loss,
                "plain_loss": self.plain_loss,
                "gradient_norm": self.gradient_norm,
                "largest": {"value": spectrum.largest, "bound": spectrum.largest_bound},
                "smallest": {"value": spectrum.smallest, "bound": spectrum.smallest_bound},
                "stable_below": {
                    "gradient_descent": self.stable_below(),
                    f"momentum_{MOMENTUM:g}": self.stable_below(MOMENTUM),
                },
                "kind": spectrum.kind,
                "num_negative": spectrum.index,
                "near_zero": spectrum.near_zero,
                "negative_share": spectrum.negative._asdict(),
                "zero_share": spectrum.zero._asdict(),
                "condition_number": {
                    **spectrum.condition._asdict(),
                    "singular": bool(np.isinf(spectrum.condition.number)),
                },
                "trace": self.trace._asdict(),
                "leading": self.leading().tolist(),
                "num_outliers": self.num_outliers,
                "all_eigenvalues": None if spectrum.eigenvalues is None else spectrum.eigenvalues.tolist(),
                "headline": self.headline,
                "lines": [line._asdict() for line in curvature_lines(self)],
            }
        )
        return found

    def to_frame(self) -> "pl.DataFrame":
        """The density of the eigenvalues, as in `density.csv`.

        Returns:
            Columns eigenvalue, density and standard_error; null where the error is unknown.
        """
        import polars as pl

        density = self.density
        columns = {"eigenvalue": density.grid, "density": density.density, "standard_error": density.standard_error}
        return pl.DataFrame(columns).fill_nan(None)

    def directions_frame(self) -> "pl.DataFrame":
        """The loss along the two extreme directions, as in `directions.csv`.

        Returns:
            Columns direction, distance, loss, and the loss's Taylor expansions first_order and second_order.
        """
        import polars as pl

        return pl.concat(
            pl.DataFrame(
                {
                    "direction": [name] * len(one.distances),
                    "distance": one.distances,
                    "loss": one.losses,
                    "first_order": one.first,
                    "second_order": one.second,
                }
            )
            for name, one in (("steepest", self.steepest), ("lowest", self.lowest))
        )

    # These modules are imported only when the result is shown.

    caption = "Density of the eigenvalues of the Hessian; ticks at those that are known."

    @property
    def headline(self) -> str:
        """Stable learning rates, and the kind of point."""
        from trainwell.landscape.networks.shown import curvature_headline

        return curvature_headline(self)

    def table(self) -> Table:
        """All numbers, each with its meaning."""
        from trainwell.landscape.networks.shown import numbers_table

        return numbers_table(self)

    def chart(self) -> Figure:
        """The density of the eigenvalues."""
        from trainwell.landscape.networks.shown import eigenvalues_chart

        return eigenvalues_chart(self)


def network_curvature(
    structure: Net,
    params: PyTree,
    state: PyTree,
    numbers: Mapping[str, np.ndarray],
    split: Split,
    *,
    probes: int = CurvatureSettings.probes,
    steps: int = CurvatureSettings.steps,
    most_dense: int = MOST_DENSE,
    plane_points: int = PLANE_POINTS,
    seed: int = CurvatureSettings.seed,
) -> NetworkCurvature:
    """The curvature of a network's loss on some rows, at its parameters.

    The loss is in inference mode (`network_loss`), with the runtime's precision.

    Args:
        structure: the network's structure.
        params: its parameters.
        state: what it keeps beside its parameters, such as batch norm's running statistics.
        numbers: numbers for inference, such as `TrainedNetwork.numbers`.
        split: prepared rows with their weights.
        probes: number of random vectors for estimating the spectrum, at least 1.
        steps: Hessian-vector products per probe, at least 1.
        most_dense: up to this number of parameters the whole Hessian is computed, and all results are exact.
        plane_points: points of the plane along each direction, at least 2.
        seed: seed of the random vectors.

    Returns:
        Loss, gradient, spectrum, trace, density, and the loss along the two extreme directions.

    Raises:
        LandscapeError: parameters, loss or derivatives are not finite: the network diverged.
        ValueError: the split has no rows, or a count is below 1.

    Source: T-2ND-5, T-2ND-6.
    """
    params, state, numbers = _in_precision((params, state, dict(numbers)))
    f = network_loss(structure, state, numbers, split, rows_at_once=ROWS_AT_ONCE)
    plain = network_loss(structure, state, numbers, split, regularized=False, rows_at_once=ROWS_AT_ONCE)
    value, gradient = _value_and_gradient(f, params)
    slope, _ = ravel_pytree(gradient)
    if not (np.isfinite(value) and bool(jnp.isfinite(slope).all())):
        raise LandscapeError(
            "the network's loss or its gradient is not finite on these rows: it diverged, train it again with a lower "
            "learning rate"
        )
    key_spectrum, key_trace = jax.random.split(jax.random.key(seed))
    found = spectrum(f, params, probes=probes, steps=steps, most_dense=most_dense, key=key_spectrum)
    if not np.isfinite([found.smallest, found.largest]).all():
        raise LandscapeError("the Hessian is not finite on these rows: try double precision (--precision float64)")
    steepest, lowest = (loss_along(f, params, v) for v in (found.largest_vector, found.smallest_vector))
    plane = network_slice(
        structure,
        state,
        numbers,
        split,
        params,
        [steepest.direction, lowest.direction],
        [(-along.distances[-1], along.distances[-1]) for along in (steepest, lowest)],
        plane_points,
        labels=PLANE_LABELS,
        rows_at_once=ROWS_AT_ONCE,
    )
    return NetworkCurvature(
        structure,
        len(split),
        float(value),
        float(loss_value(plain, params)),
        float(jnp.linalg.norm(slope)),
        found,
        _trace(f, params, found, key_trace),
        eigenvalue_density(found.nodes, found.weights),
        steepest,
        lowest,
        plane,
    )


class Measurable(Protocol):
    """A trained network, such as `models.TrainedNetwork`."""

    @property
    def structure(self) -> Net:
        """The network's structure."""

    @property
    def params(self) -> PyTree:
        """Its parameters."""

    @property
    def state(self) -> PyTree:
        """Its state after training, such as batch norm's running statistics."""

    @property
    def numbers(self) -> Mapping[str, np.ndarray]:
        """Other numbers that inference needs."""

    @property
    def recipe(self) -> Recipe:
        """The recipe it was trained with."""


class MeasurableModel(Protocol):
    """A model, such as `models.Model`."""

    @property
    def preparation(self) -> Preparation:
        """Converts raw rows to inputs."""

    @property
    def networks(self) -> Sequence[Measurable]:
        """Its trained networks, at least one."""


def curvature(
    model: MeasurableModel,
    data: "Source",
    *,
    network: int = 1,
    rows: int = CurvatureSettings.rows,
    probes: int = CurvatureSettings.probes,
    steps: int = CurvatureSettings.steps,
    seed: int = CurvatureSettings.seed,
) -> NetworkCurvature:
    """The curvature of the loss of one of a model's networks.

    Args:
        model: a model, as from `load_model`.
        data: raw rows with the target, as for `model.predict`.
        network: number of the network in the model, from 1.
        rows: largest number of rows; of more rows, a random sample is used.
        probes: see `network_curvature`.
        steps: see `network_curvature`.
        seed: seed of the random vectors and the sample of rows.

    Raises:
        DataError: the rows do not fit the model, or none has a target.
        LandscapeError: the model has no such network, or it diverged.
    """
    if not 1 <= network <= len(model.networks):
        raise LandscapeError(f"network is {network}, but the model has {len(model.networks)}: give one from 1")
    split, notices = labelled_rows(load_rows(data, model.preparation), model.preparation.targets.name, rows, seed)
    for notice in notices:
        LOG.warning(notice)
    return curvature_of(model.networks[network - 1], split, probes=probes, steps=steps, seed=seed)


def curvature_of(
    network: Measurable,
    split: Split,
    *,
    probes: int = CurvatureSettings.probes,
    steps: int = CurvatureSettings.steps,
    seed: int = CurvatureSettings.seed,
) -> NetworkCurvature:
    """The curvature of a trained network's loss on prepared rows, with its recipe.

    Args:
        network: a trained network.
        split: prepared rows with their weights.
        probes: see `network_curvature`.
        steps: see `network_curvature`.
        seed: seed of the random vectors.
    """
    of = network.structure, network.params, network.state, network.numbers
    found = network_curvature(*of, split, probes=probes, steps=steps, seed=seed)
    return replace(found, recipe=network.recipe)


def labelled_rows(
    rows: PreparedRows, target: str, most: int, seed: int, source: str = "the data"
) -> tuple[Split, tuple[str, ...]]:
    """Rows with known targets, or a random sample of them, and notices for the user.

    Args:
        rows: the rows to choose from.
        target: name of the target's column.
        most: largest number of rows; of more rows, a random sample is used.
        seed: seed of the sample.
        source: name of the rows in messages.

    Raises:
        DataError: no row has a target.
    """
    if rows.targets is None:
        raise DataError(
            f"no row of {source} has a value in the target's column '{target}', which the loss needs: add this column"
        )
    notices = [notice.replace("predicted but not scored", "left out") for notice in rows.notices]
    inputs, targets, labelled = rows.inputs[rows.scored], rows.targets, len(rows.scored)
    if labelled > most:
        chosen = np.sort(stream(seed, "curvature rows").permutation(labelled)[:most])
        inputs, targets = inputs[chosen], targets[chosen]
        notices.append(f"{most:,} of {labelled:,} rows were drawn at random (seed {seed}); set rows (--rows) for more")
    return Split(inputs, targets, np.ones(len(inputs), np.float32)), tuple(notices)


@jax.jit
def _value_and_gradient(f: Loss, params: PyTree) -> tuple[Float[Array, ""], PyTree]:
    found: tuple[Float[Array, ""], PyTree] = jax.value_and_grad(f)(params)
    return found


_hessian_trace = jax.jit(hessian_trace)


def _in_precision(tree: PyTree) -> PyTree:
    """Real numbers in the process's precision, others as they are."""
    dtype = jnp.zeros(()).dtype

    def cast(leaf: np.ndarray) -> np.ndarray:
        array = np.asarray(leaf)
        return array.astype(dtype) if np.issubdtype(array.dtype, np.floating) else array

    return jax.tree.map(cast, tree)


def _trace(f: Loss, params: PyTree, found: Spectrum, key: jax.Array) -> HessianTrace:
    if found.eigenvalues is not None:
        exact = float(found.eigenvalues.sum())
        return HessianTrace(exact, exact, exact)
    estimate = _hessian_trace(f, params, key=key)
    return HessianTrace(float(estimate.trace), float(estimate.low), float(estimate.high))
