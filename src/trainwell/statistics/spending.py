"""How much of an allowed error rate may be used up by the time a share of the data is in."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

Spending = Literal["linear", "pocock", "obrien_fleming"]
SPENDINGS = get_args(Spending)


def spent(
    spending: Spending, alpha: Float[np.ndarray, " A"], share: Float[np.ndarray, " T"]
) -> Float[np.ndarray, "A T"]:
    """Error rate α*(t) used up when the share t of the planned data is in; α*(0) = 0, α*(1) = α.

    * linear: α·t, the power family with ρ = 1.
    * pocock: α·log(1 + (e − 1)·t), close to equal nominal levels.
    * obrien_fleming: 4·(1 − Φ(z_{α/4}/√t)), almost nothing early. Each tail spends its own half, as in the published
      tables; spending both tails in one function, 2·(1 − Φ(z_{α/2}/√t)), is another rule of the same name.

    Args:
        spending: which of them.
        alpha: overall two-sided error rates, in (0, 1].
        share: shares of the planned data, in (0, 1].

    Returns:
        One row per error rate, one column per share.

    Example:
        >>> spent("linear", np.array([0.05]), np.array([0.5, 1.0])).tolist()
        [[0.025, 0.05]]

    Source: Lan & DeMets (1983) for the latter two; Kim & DeMets (1987) for the power family.
    """
    from scipy.special import ndtr, ndtri

    alpha, share = np.asarray(alpha, np.float64)[:, None], np.asarray(share, np.float64)
    if spending == "linear":
        return np.asarray(alpha * share)
    if spending == "pocock":
        return np.asarray(alpha * np.log1p((np.e - 1) * share))
    return np.asarray(4 * ndtr(ndtri(alpha / 4) / np.sqrt(share)))
