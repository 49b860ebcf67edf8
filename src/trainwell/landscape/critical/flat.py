"""Places that are flat without a critical point near: tails, where gradient and curvature fade together."""

import numpy as np
from jaxtyping import Bool, Float

from trainwell.landscape.critical.gradient_search import begin
from trainwell.landscape.surfaces.surface import Surface

REACH = 1e-3
"""Of what is looked at around a place at most, in longest sides of the domain."""
LOOKS = np.array([-1, -2 / 3, -1 / 3, 1 / 3, 2 / 3, 1])
ALIKE = 3.0
"""Factor within which slopes about a place agree if they are more than rounding."""
NOTHING = float(np.finfo(np.float64).tiny / np.finfo(np.float64).eps)
"""Below it, numbers lose their digits."""


def flat(
    surface: Surface,
    x: Float[np.ndarray, "N D"],
    gradients: Float[np.ndarray, "N D"],
    eigenvalues: Float[np.ndarray, "N D"],
    axes: Float[np.ndarray, "N D D"],
    floors: Float[np.ndarray, "N 1"],
    near: float,
) -> Bool[np.ndarray, " N"]:
    """Which places, where Newton's step is short if small curvatures count for more, are no critical points.

    Along axes of less curvature than the floors the step is taken without them. Where it is long, the slope is looked
    at about the place: if it agrees with the place's own at all distances, it is more than rounding, and the root is
    elsewhere. At a degenerate point (one of a ring) it is rounding, of either sign, or the step is short. Where
    gradient and Hessian underflow, a place is flat if the gradient does so about it, too.

    Args:
        surface: the surface.
        x: the places.
        gradients: there.
        eigenvalues: of the Hessian there.
        axes: its eigenvectors, in columns.
        floors: what a smaller curvature counts for.
        near: how near a root must be, above what a slow approach to a degenerate one leaves.
    """
    slopes = slopes_along(axes, gradients)
    with np.errstate(all="ignore"):
        steps = np.where((abs(eigenvalues) < floors) & (slopes != 0), slopes / abs(eigenvalues), 0)
    reach = REACH * float(np.diff(surface.domain).max())
    steps = np.clip(steps, -2 * reach, 2 * reach)
    lengths = np.linalg.norm(steps, axis=-1)
    empty = np.maximum(abs(eigenvalues).max(-1), abs(gradients).max(-1)) < NOTHING
    result = np.zeros(len(x), bool)

    (tails,) = np.nonzero((lengths > near) & ~empty)
    if len(tails):
        along = np.einsum("nij,nj->ni", axes[tails], steps[tails] / lengths[tails, None])
        about = _gradients_about(surface, x[tails], along * np.minimum(lengths[tails, None] / 2, reach))
        own = np.einsum("ni,ni->n", along, gradients[tails])
        ratios = np.einsum("nki,ni->nk", about, along) / own[:, None]
        result[tails] = ((ratios > 1 / ALIKE) & (ratios < ALIKE)).all(-1)
    (voids,) = np.nonzero(empty)
    if len(voids):
        askew = np.arange(1.0, surface.dimension + 1)  # along no axis or diagonal
        about = _gradients_about(surface, x[voids], reach * askew / np.linalg.norm(askew))
        result[voids] = (abs(about) < NOTHING).all((1, 2))
    return result


def slopes_along(axes: Float[np.ndarray, "N D D"], gradients: Float[np.ndarray, "N D"]) -> Float[np.ndarray, "N D"]:
    """The gradient's components along each place's axes."""
    return np.asarray(np.einsum("nij,ni->nj", axes, gradients))


def _gradients_about(
    surface: Surface, x: Float[np.ndarray, "N D"], reaches: Float[np.ndarray, "... D"]
) -> Float[np.ndarray, "N K D"]:
    places = x[:, None] + LOOKS[:, None] * np.broadcast_to(reaches, x.shape)[:, None]
    gradients = begin(surface, places.reshape(-1, x.shape[1])).gradient
    return np.asarray(gradients).reshape(places.shape)
