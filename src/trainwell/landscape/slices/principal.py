"""The directions along which a surface is steepest and flattest."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from trainwell.landscape.surfaces.surface import Surface


def principal_axes(surface: Surface) -> Float[np.ndarray, "D D"]:
    """The eigenvectors of the Hessian, as rows, the most curved first.

    They are taken at the surface's first global minimum, where none is known at its start; where the Hessian is not
    finite, they are the axes of the coordinates. Each points to where its largest component is positive.

    Example:
        >>> from trainwell.landscape.surfaces.bowl import bowl
        >>> principal_axes(bowl()).round(6).tolist()  # y is the steep one
        [[0.0, 1.0], [1.0, 0.0]]
    """
    at = next((one.point for one in surface.minima if one.is_global), surface.start)
    hessian = np.asarray(jax.hessian(surface.function)(jnp.asarray(at)), np.float64)
    if not np.isfinite(hessian).all():
        return np.eye(surface.dimension)
    curvatures, vectors = np.linalg.eigh(hessian)
    rows = vectors.T[np.argsort(-abs(curvatures), kind="stable")]
    largest = np.take_along_axis(rows, abs(rows).argmax(1)[:, None], 1)
    return np.asarray(rows * np.sign(largest) + 0.0)  # no −0
