"""What a surrogate learns from: trials in order, as numbers that a smooth function can fit."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri

from trainwell.search.coarse_to_fine.ranking import Place, ranks


def plain(places: Sequence[Place]) -> Float[np.ndarray, " N"] | None:
    """The values themselves, failed trials as bad as the worst: right for smooth objectives.

    Args:
        places: of the trials, see `ranking`.

    Returns:
        Values of mean 0 and variance 1, smaller is better; None where pruned trials have no comparable value.

    Example:
        >>> plain([(0, 0.0, 1.0), (0, 0.0, 3.0)]).tolist()
        [-1.0, 1.0]
    """
    kinds, values = np.array([place[0] for place in places]), np.array([place[2] for place in places])
    if (kinds == 1).any() or not (kinds == 0).any():
        return None
    return _standard(np.where(kinds == 0, values, values[kinds == 0].max()))


def half_ranked(places: Sequence[Place]) -> Float[np.ndarray, " N"]:
    """Ranks, as quantiles of a normal distribution, but differences among the good half of complete trials are kept.

    Right where bad trials are far off: how bad they are does not matter.

    Args:
        places: of the trials, see `ranking`.

    Returns:
        Values of mean 0 and variance 1, smaller is better.

    Source: the half-rank warping of Song et al. (2024), The Vizier Gaussian Process Bandit Algorithm, section 4.1.

    Example:
        >>> warped = half_ranked([(0, 0.0, value) for value in (1.0, 2.0, 3.0, 4.0, 1e9)])
        >>> bool(abs((warped[2] - warped[1]) / (warped[1] - warped[0]) - 1) < 1e-9), bool(warped[4] < 2)
        (True, True)
    """
    rank = ranks(places)
    quantiles = np.asarray(ndtri((rank - 0.5) / len(rank)))
    kinds, values = np.array([place[0] for place in places]), np.array([place[2] for place in places])
    good = (kinds == 0) & (rank <= (len(rank) + 1) / 2)
    if good.sum() >= 3:
        below = values[good] - values[good].max()
        last = quantiles[good].max()
        spread = np.sqrt(np.mean(below**2))
        if spread > 0:
            quantiles[good] = last + below * np.sqrt(np.mean((quantiles[good] - last) ** 2)) / spread
    return _standard(quantiles)


def _standard(values: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Mean 0, variance 1; zeros where all are the same."""
    centred = values - values.mean()
    deviation = centred.std()
    return np.asarray(centred / deviation) if deviation > 0 else centred
