"""What was seen inside two networks, by hand."""

import numpy as np

from trainwell.training import LayerSpreads


def spreads(activations: list[list[list[float]]], gradients: list[list[list[float]]]) -> LayerSpreads:
    """Of moments, layers and numbers."""
    numbers = {"activation": np.array(activations), "gradient": np.array(gradients)}
    means, stds, zeros = (
        {name: measure(values) for name, values in numbers.items()}
        for measure in (lambda v: v.mean(2), lambda v: v.std(2), lambda v: (v == 0).mean(2))
    )
    steps = 5 * np.arange(len(activations))
    return LayerSpreads(steps, steps / 10, numbers, means, stds, zeros, rows=7)


LONG = spreads([[[0, 0, 0.5, 1.5]], [[0, 1, 2, 3]]], [[[0.1, -0.1], [1, -1]], [[0.001, 0], [0.01, -0.01]]])
SHORT = spreads([[[0, 1, 1, 2]]], [[[0.2, -0.2], [2, -2]]])
"""Of one that stopped early."""
