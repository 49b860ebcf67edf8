"""Random streams: every draw depends on a seed and a purpose only, never on earlier draws."""

from zlib import crc32

import numpy as np


def stream(seed: int, purpose: str, *indices: int) -> np.random.Generator:
    """An independent random generator for one seed and one purpose.

    Streams of different purposes or indices are independent. Changing one thing (say, the width of a layer) therefore
    leaves all other draws (the order of the data) unchanged.

    Args:
        seed: seed of the network or the split, at least 0.
        purpose: what is drawn, such as `"weights"` or `"order"`.
        *indices: numbers within the purpose, such as the layer or the epoch; each at least 0.

    Returns:
        A counter-based generator (Philox). Its draws are the same on every machine.

    Example:
        >>> bool(stream(0, "order", 3).random() == stream(0, "order", 3).random())
        True
    """
    # The number of indices is part of the key, because SeedSequence treats [7] and [7, 0] as equal.
    sequence = np.random.SeedSequence([seed, crc32(purpose.encode()), len(indices), *indices])
    return np.random.Generator(np.random.Philox(sequence))
