"""The book's network in plain float64 NumPy, the reference for F-6-9 and F-6-15.

Shares no code with the package; written from the lecture's formulas: a fully connected ReLU network (T-ACT-3),
T-INIT-1/2/3, softmax cross-entropy, backpropagation by hand, T-OPT-1, T-OPT-2b, T-OPT-4 and T-OPT-7b, batches drawn
with replacement, and the loss on the same batch after the update.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
Params = list[Numbers]  # W1, b1, W2, b2, ...
Rule = Callable[[Params, Params], None]  # changes the parameters in place, given the gradients

BOOK_SIZES = (784, 100, 100, 100, 100, 10)
MOMENTUM, BETA1, BETA2, EPS = 0.9, 0.9, 0.999, 1e-7


def weight_std(scheme: str | float, fan_in: int) -> float:
    """T-INIT-1 for a number, T-INIT-2 (the lecture's form) for "xavier", T-INIT-3 for "he"."""
    if isinstance(scheme, str):
        return float(np.sqrt({"xavier": 1.0, "he": 2.0}[scheme] / fan_in))
    return scheme


def initial_params(sizes: Sequence[int], scheme: str | float, random: np.random.Generator) -> Params:
    """Normal weights of the scheme's standard deviation, shape [fan_in, fan_out], and zero biases."""
    params: Params = []
    for fan_in, fan_out in pairwise(sizes):
        params += [weight_std(scheme, fan_in) * random.standard_normal((fan_in, fan_out)), np.zeros(fan_out)]
    return params


def layer_inputs(params: Params, x: Numbers) -> tuple[list[Numbers], Numbers]:
    """What goes into each affine map, and the logits."""
    inputs = [x]
    last = len(params) - 2
    for i in range(0, last, 2):
        inputs.append(np.maximum(inputs[-1] @ params[i] + params[i + 1], 0.0))
    return inputs, inputs[-1] @ params[last] + params[last + 1]


def log_softmax(logits: Numbers) -> Numbers:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def loss(params: Params, x: Numbers, labels: Bytes) -> float:
    """Mean cross-entropy over the batch."""
    log_p = log_softmax(layer_inputs(params, x)[1])
    return float(-log_p[np.arange(len(x)), labels].mean())


def gradients(params: Params, x: Numbers, labels: Bytes) -> Params:
    """The gradient of `loss`, by hand: softmax minus one-hot, then W transposed and ReLU's mask."""
    inputs, logits = layer_inputs(params, x)
    delta = np.exp(log_softmax(logits))
    delta[np.arange(len(x)), labels] -= 1.0
    delta /= len(x)
    grads = [np.empty(0)] * len(params)
    for layer in reversed(range(len(inputs))):
        grads[2 * layer] = inputs[layer].T @ delta
        grads[2 * layer + 1] = delta.sum(axis=0)
        if layer > 0:
            delta = (delta @ params[2 * layer].T) * (inputs[layer] > 0)
    return grads


def sgd(learning_rate: float, params: Params) -> Rule:
    """T-OPT-1: θ ← θ − ηg."""

    def step(params: Params, grads: Params) -> None:
        for theta, g in zip(params, grads, strict=True):
            theta -= learning_rate * g

    return step


def momentum(learning_rate: float, params: Params) -> Rule:
    """T-OPT-2b: v ← ρv − ηg; θ ← θ + v."""
    velocities = [np.zeros_like(theta) for theta in params]

    def step(params: Params, grads: Params) -> None:
        for theta, g, v in zip(params, grads, velocities, strict=True):
            v *= MOMENTUM
            v -= learning_rate * g
            theta += v

    return step


def adagrad(learning_rate: float, params: Params) -> Rule:
    """T-OPT-4: h ← h + g⊙g; θ ← θ − η g/(√h + ε)."""
    sums = [np.zeros_like(theta) for theta in params]

    def step(params: Params, grads: Params) -> None:
        for theta, g, h in zip(params, grads, sums, strict=True):
            h += g * g
            theta -= learning_rate * g / (np.sqrt(h) + EPS)

    return step


def adam(learning_rate: float, params: Params) -> Rule:
    """T-OPT-7b: η_t = η √(1−β2^t)/(1−β1^t); θ ← θ − η_t m/(√v + ε)."""
    means = [np.zeros_like(theta) for theta in params]
    squares = [np.zeros_like(theta) for theta in params]
    t = 0

    def step(params: Params, grads: Params) -> None:
        nonlocal t
        t += 1
        rate = learning_rate * np.sqrt(1 - BETA2**t) / (1 - BETA1**t)
        for theta, g, m, v in zip(params, grads, means, squares, strict=True):
            m *= BETA1
            m += (1 - BETA1) * g
            v *= BETA2
            v += (1 - BETA2) * g * g
            theta -= rate * m / (np.sqrt(v) + EPS)

    return step


RULES = {"sgd": sgd, "momentum": momentum, "adagrad": adagrad, "adam": adam}


def window_losses(
    rule: str,
    learning_rate: float,
    scheme: str | float,
    images: Bytes,
    labels: Bytes,
    seed: int,
    windows: Sequence[tuple[int, int]],
    *,
    sizes: Sequence[int] = BOOK_SIZES,
    batch_size: int = 128,
) -> list[float]:
    """Trains one network; the mean over each window of steps of the loss on the same batch after the update.

    Args:
        rule: "sgd", "momentum", "adagrad" or "adam".
        learning_rate: η.
        scheme: "he", "xavier", or the weights' standard deviation.
        images: bytes [N, D]; divided by 255, batch by batch.
        labels: bytes [N].
        seed: decides the initial weights and, in a stream of its own, the batches; the same for all rules.
        windows: pairs (first, end) of steps counted from 0, end excluded; training stops at the largest end.
        sizes: the layers' widths, input and output included.
        batch_size: images per step, drawn with replacement.

    Returns:
        One mean loss per window.
    """
    weights_stream, batches_stream = (np.random.default_rng([seed, purpose]) for purpose in (1, 2))
    params = initial_params(sizes, scheme, weights_stream)
    update = RULES[rule](learning_rate, params)
    measured: list[list[float]] = [[] for _ in windows]
    for step in range(max(end for _, end in windows)):
        rows = batches_stream.integers(len(images), size=batch_size)
        x, y = images[rows] / 255.0, labels[rows]
        update(params, gradients(params, x, y))
        within = [i for i, (first, end) in enumerate(windows) if first <= step < end]
        value = loss(params, x, y) if within else 0.0
        for i in within:
            measured[i].append(value)
    return [float(np.mean(values)) for values in measured]


def final_losses(
    rule: str,
    learning_rate: float,
    scheme: str | float,
    images: Bytes,
    labels: Bytes,
    seeds: Sequence[int],
    *,
    steps: int = 2000,
    last: int = 100,
    sizes: Sequence[int] = BOOK_SIZES,
    batch_size: int = 128,
) -> Numbers:
    """The loss on the same batch after the update, mean over the `last` of `steps` steps; one per seed."""
    window = [(steps - last, steps)]
    return np.array(
        [
            window_losses(
                rule, learning_rate, scheme, images, labels, seed, window, sizes=sizes, batch_size=batch_size
            )[0]
            for seed in seeds
        ]
    )
