"""The curvature of a trained network's loss: how steep, how flat, what kind of point, and which steps are stable."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.data import Split
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

ROWS_AT_ONCE = 1024
PLANE_POINTS = 25
PLANE_LABELS = ("along the steepest direction", "along the lowest direction")


class Trace(NamedTuple):
    """The sum of all eigenvalues, with a 95% interval; its ends coincide where all are known."""

    trace: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class NetworkCurvature:
    """A network's loss on some rows, up to second order.

    Attributes:
        structure: of the network.
        rows: the loss is the mean over so many.
        loss: with label smoothing and ½λ‖W‖², as it is trained; what all other numbers are of.
        plain_loss: without both, as it is judged.
        gradient_norm: ‖∇f‖: 0 at a critical point; a trained network is near one at best.
        spectrum: the eigenvalues.
        trace: their sum.
        density: their density.
        steepest: the loss along the eigenvector of the largest.
        lowest: the loss along the eigenvector of the smallest.
        plane: the loss in the plane of both.
    """

    structure: Net
    rows: int
    loss: float
    plain_loss: float
    gradient_norm: float
    spectrum: Spectrum
    trace: Trace
    density: EigenvalueDensity
    steepest: LossAlong
    lowest: LossAlong
    plane: Slice

    @property
    def piecewise(self) -> bool | None:
        """Whether the loss has kinks, as ReLU makes them; None if that is not known of the network.

        The Hessian is then that of the smooth piece that the network is on.
        """
        return self.structure.has_kinks

    def stable_below(self, momentum: float = 0.0) -> float:
        """The learning rate above which gradient descent on all these rows leaves the steepest direction's valley.

            η < 2(1+ρ)/λmax

        Args:
            momentum: ρ of either form of momentum, in [0, 1); 0 for gradient descent.

        Returns:
            The bound; infinite where no direction curves upwards.

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
            count: how many at most; None for twice the outputs and at least 10, enough to see where those that stand
                apart end: of classifiers, about as many as there are classes, or one less, are reported to.

        Source: Sagun, Evci, Güney, Dauphin & Bottou (2018), "Empirical analysis of the Hessian of over-parametrized
        neural networks", section 2.
        """
        return self.spectrum.leading(max(10, 2 * self.structure.num_outputs) if count is None else count)

    @property
    def standing_apart(self) -> int:
        """How many of the leading eigenvalues come before the largest drop: from one to the next by the most times."""
        values = self.leading()
        values = values[values > self.spectrum.near_zero]
        if len(values) < 2:
            return len(values)
        return int(np.argmax(values[:-1] / values[1:])) + 1


def network_curvature(
    structure: Net,
    params: PyTree,
    statistics: PyTree,
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

    The loss is that of inference (`network_loss`), in the process's precision whatever that of the parameters was.

    Args:
        structure: of the network.
        params: one dictionary per layer.
        statistics: batch norm's running statistics, one dictionary per hidden layer.
        numbers: the network's numbers, such as `TrainedNetwork.numbers`.
        split: prepared rows with their weights.
        probes: random vectors of the spectrum, at least 1; for more parameters than `most_dense`.
        steps: Hessian products per probe, at least 1.
        most_dense: parameters up to which the whole Hessian is formed, and all is exact.
        plane_points: of the plane along each of its directions, at least 2.
        seed: of the random vectors.

    Returns:
        Loss, gradient, spectrum, trace, density, and the loss along the two extreme directions.

    Raises:
        LandscapeError: parameters, loss or derivatives are not finite: the network diverged.
        ValueError: the split has no rows, or a count is below 1.

    Source: T-2ND-5, T-2ND-6.
    """
    params, statistics, numbers = _in_precision((params, statistics, dict(numbers)))
    f = network_loss(structure, statistics, numbers, split, rows_at_once=ROWS_AT_ONCE)
    plain = network_loss(structure, statistics, numbers, split, regularized=False, rows_at_once=ROWS_AT_ONCE)
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
        raise LandscapeError("the loss's second derivatives are not finite on these rows: try --precision float64")
    steepest, lowest = (loss_along(f, params, v) for v in (found.largest_vector, found.smallest_vector))
    plane = network_slice(
        structure,
        statistics,
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


def _trace(f: Loss, params: PyTree, found: Spectrum, key: jax.Array) -> Trace:
    if found.eigenvalues is not None:
        exact = float(found.eigenvalues.sum())
        return Trace(exact, exact, exact)
    estimate = _hessian_trace(f, params, key=key)
    return Trace(float(estimate.trace), float(estimate.low), float(estimate.high))
