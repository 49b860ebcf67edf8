"""What trainwell and its peers descend and slice: the same starts, rates and images."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import workload

STARTS, STEPS = 10_000, 1_000
"""Of the descents, on Himmelblau's function over ±5."""
RATES: Mapping[str, float] = {
    "sgd": 0.005,
    "momentum": 0.002,
    "nesterov": 0.002,
    "adagrad": 0.5,
    "rmsprop": 0.01,
    "adam": 0.05,
}
QUASI_NEWTON_STARTS, QUASI_NEWTON_STEPS, TOLERANCE = 1_000, 100, 1e-3
"""Of BFGS and L-BFGS, on Rosenbrock's function over ±2."""
SIDE, IMAGES = 100, 1_000
"""Points along each side of the slice, and the images of its loss."""
SIZES = (784, 100, 100, 100, 100, 10)


def starts(count: int, half_width: float) -> np.ndarray:
    """Uniform starts in a square."""
    return np.random.default_rng(0).uniform(-half_width, half_width, (count, 2)).astype(np.float32)


def images(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images as floats between 0 and 1, and their labels."""
    pixels, labels = workload.mnist_bytes(folder, IMAGES)
    return pixels.astype(np.float32) / np.float32(255), labels


def network(seed: int) -> list[np.ndarray]:
    """He's weights and zero biases, as inputs x outputs; a direction has another seed."""
    rng, params = np.random.default_rng(seed), []
    for fan_in, fan_out in itertools.pairwise(SIZES):
        params += [(rng.normal(size=(fan_in, fan_out)) * (2 / fan_in) ** 0.5).astype(np.float32)]
        params += [np.zeros(fan_out, np.float32)]
    return params
