"""Random streams: every draw derives from a seed and a purpose, never from what was drawn before."""

from zlib import crc32

import numpy as np


def stream(seed: int, purpose: str, *indices: int) -> np.random.Generator:
    """A generator of its own for one purpose of one seed.

    Streams of different purposes or indices are independent, so that changing one thing (say, the width of
    a layer) leaves the draws of all others (the order of the data) as they were.

    Args:
        seed: the member's or the split's seed, at least 0.
        purpose: what is drawn, such as `"weights"` or `"order"`.
        *indices: position within the purpose, such as the layer or the epoch; each at least 0.

    Returns:
        A counter-based generator (Philox), the same on every machine.

    Example:
        >>> bool(stream(0, "order", 3).random() == stream(0, "order", 3).random())
        True
    """
    # The number of indices is part of the key: SeedSequence itself takes [7] and [7, 0] for the same.
    sequence = np.random.SeedSequence([seed, crc32(purpose.encode()), len(indices), *indices])
    return np.random.Generator(np.random.Philox(sequence))
