"""C-09, planted: weights that keep gradients in place of too small and too large ones; gradients in plain NumPy."""

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture.book import normal
from trainwell.lecture.statements.initialization.weight_scale import swept, vanishing
from trainwell.lecture.untrained import gradients, network_of, standard_normal
from trainwell.nn import initial_params

WIDTH, LAYERS = 20, 3
KEEPING = 1 / np.sqrt(WIDTH)


@pytest.fixture(scope="module")
def found():
    return swept(("tanh",), (LAYERS,), (0.01, KEEPING, 1.0), range(6), WIDTH)


def planted(found, **stds):
    """The gradients of one standard deviation in place of another's."""
    ((key, own),) = found.items()
    return {key: dict(sorted({0.01: own[stds["small"]], 1.0: own[stds["large"]]}.items()))}


def test_gradients_vanish_with_small_weights_and_not_with_those_that_keep_them(found):
    assert vanishing("small", planted(found, small=0.01, large=1.0), 0.01).verdict == "holds"
    assert vanishing("small", planted(found, small=KEEPING, large=1.0), 0.01).verdict == "does not hold"


def test_large_weights_that_let_gradients_vanish_would_be_seen(found):
    assert vanishing("large", planted(found, small=0.01, large=1.0), 1.0).verdict == "does not hold"
    assert vanishing("large", planted(found, small=0.01, large=0.01), 1.0).verdict == "holds"


def test_gradients_are_those_of_plain_numpy():
    network = network_of("tanh", LAYERS, WIDTH)
    params = initial_params(network, 0, "normal", 1.0, dtype=np.float64)
    x = standard_normal(network, 0, 500).astype(np.float64)
    seen = [x]
    for layer in params[:-1]:
        seen.append(np.tanh(seen[-1] @ layer["weights"].T))
    logits = seen[-1] @ params[-1]["weights"].T
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    p[np.arange(500), stream(0, "classes").integers(0, 10, 500)] -= 1
    signal, signals, weights = p / 500, [], []
    for layer in range(LAYERS, 0, -1):
        signal = signal @ params[layer]["weights"] * (1 - seen[layer] ** 2)
        signals.append(np.sqrt(np.mean(signal**2)))
        weights.append(np.sqrt(np.mean((signal.T @ seen[layer - 1]) ** 2)))
    found = gradients(network, normal(1.0), [0])
    np.testing.assert_allclose(found.signals[0], signals[::-1], rtol=1e-3)
    np.testing.assert_allclose(found.weights[0], weights[::-1], rtol=1e-3)
    assert found.arriving[0] == pytest.approx(signals[-1] / signals[0], rel=1e-3)
    closed = [np.mean(1 - layer**2 <= 0.01) for layer in seen[1:]]
    np.testing.assert_allclose(found.closed[0], closed, atol=1e-3)
