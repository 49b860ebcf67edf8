"""Wilson's score interval of a share, for shares that half points (ties) are part of, too."""

from math import sqrt

from trainwell.statistics.confidence import check_confidence


def wilson_ends(share: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval, (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    With half points p(1−p) is more than the variance of one trial, so the interval is wider than it needs to be.

    Args:
        share: p, in [0, 1].
        n: number of trials, at least 1.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        Its ends, inside [0, 1].

    Raises:
        ValueError: `confidence` is outside (0, 1).

    Example:
        >>> low, high = wilson_ends(0.8, 10)
        >>> round(low, 3), round(high, 3)
        (0.49, 0.943)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    check_confidence(confidence)
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
