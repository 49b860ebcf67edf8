"""How critical points of a random function divide among the indices, by theory."""

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.landscape.surfaces.checks import whole_number

DRAWS = 4000


def expected_index_shares(dimension: int, *, draws: int = DRAWS, seed: int = 0) -> Float[np.ndarray, " D+1"]:
    """The share of each index, from 0 (minima) to D (maxima), among all critical points of `random_function`.

        share of index k = E exp(−λₖ²/4) / Σᵢ E exp(−λᵢ²/4)

    with the ascending eigenvalues λ₀ ≤ … ≤ λ_D of a symmetric Gaussian matrix of D + 1 rows, whose variances are 2 on
    the diagonal and 1 beside it. It follows from Kac and Rice's formula: at height f, the Hessian is G − f I with
    such a matrix G of D rows, weighted by its absolute determinant, and f takes the place of one more eigenvalue beside
    those of G: at a minimum it is the lowest. As λ₀ is about −2√(D + 1), minima are one in about exp(D).

    Args:
        dimension: D.
        draws: matrices over which is averaged.
        seed: of the draws.

    Returns:
        D + 1 shares that sum to 1, the same from both ends.

    Raises:
        LandscapeError: a number is out of range.

    Example:
        >>> expected_index_shares(2).round(2).tolist()  # as many saddles as minima and maxima
        [0.25, 0.5, 0.25]

    Source: Auffinger, Ben Arous & Černý (2013), "Random matrices and complexity of spin glasses", Lemma 3.3; Cheng &
    Schwartzman (2018), "Expected number and height distribution of critical points of smooth isotropic Gaussian random
    fields".
    """
    N = whole_number("dimension", dimension, 1) + 1
    normal = stream(whole_number("seed", seed, 0), "symmetric matrices", N)
    square = normal.standard_normal((whole_number("draws", draws, 1), N, N))
    weights = np.exp(-(np.linalg.eigvalsh((square + square.swapaxes(1, 2)) / np.sqrt(2)) ** 2) / 4).mean(0)
    both = weights + weights[::-1]  # the matrix and its negative are alike
    return np.asarray(both / both.sum())
