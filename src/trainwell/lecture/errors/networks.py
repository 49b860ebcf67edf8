"""Errors 4 and 7: dropout at test time, what batch normalization puts out, and the bias of Adam's moments."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.display import Head, Row, Table, layer_histograms
from trainwell.lecture.book import BETA1, BETA2, BOOK, DROPOUT_RATE, WIDTH
from trainwell.lecture.errors.error import WRITTEN, beside
from trainwell.lecture.errors.rules import EPS, steps_of
from trainwell.lecture.figures.figure import Content, Drawing
from trainwell.nn import Network, batch_statistics, forward, initial_params, noise_at, noise_seed, normalize
from trainwell.optim import adam

LAYERS = BOOK["F-6-23"].hidden
NETWORK = Network((WIDTH,) * (LAYERS + 1) + (10,), dropout="lecture")
ROWS, MASKS = 200, 30


def dropped_ratio() -> Content:
    """Error 4: the mean activations of each layer in training, and in testing by both ratios."""
    rates = (DROPOUT_RATE, 0.5)
    means = {rate: _layer_means(rate) for rate in rates}
    training, right, wrong = means[DROPOUT_RATE]
    layers = np.arange(1.0, LAYERS + 1)
    drawing, series = beside(
        4,
        "means",
        f"Mean activation by layer: {LAYERS} ReLU layers of {WIDTH} units, He's weights, dropout {DROPOUT_RATE:g}",
        {
            "right: times the kept ratio": (layers, right),
            f"{WRITTEN}: times the dropped ratio": (layers, wrong),
            f"in training, mean over {MASKS} masks": (layers, training),
        },
        ("layer", "mean activation"),
        f"In layer {LAYERS} the mean is {training[-1]:.3g} in training; in testing {right[-1]:.3g} with the kept "
        f"ratio, and {wrong[-1]:.1e} with the dropped one: the outputs are all but 0, and every class is as likely.",
        log_y=True,
    )
    rows = [
        Row((f"{rate:g}", *(f"{one[-1]:.3g}" for one in means[rate]), f"{(rate / (1 - rate)) ** (LAYERS - 1):.2g}"))
        for rate in rates
    ]
    heads = ("dropout rate", "in training", "kept ratio", "dropped ratio", "dropped over kept")
    notes = [
        "At a rate of 0.5 both ratios are the same, and the mistake is not seen.",
        "The kept ratio keeps the mean of what enters a layer. That of what leaves it is larger in training: the "
        "masks' noise goes through a ReLU, which cuts it off below.",
    ]
    return Content(
        [drawing],
        series,
        {f"Mean activation in layer {LAYERS}": Table((Head(heads[0], ""), *map(Head, heads[1:])), tuple(rows))},
        notes,
    )


def _layer_means(rate: float) -> Float[np.ndarray, "3 L"]:
    """Means over rows and units: in training, in testing with the kept ratio, and with the dropped one."""
    inputs = stream(0, "dropped ratio").standard_normal((ROWS, WIDTH)).astype(np.float32)
    masks = jnp.stack([noise_at(jnp.asarray(noise_seed(0)), i) for i in range(MASKS)])
    params = initial_params(NETWORK, 0, "he")
    return np.asarray(_means(params, jnp.asarray(inputs), jnp.asarray(rate, jnp.float32), masks), np.float64)


@jax.jit
def _means(params: Any, inputs: Array, rate: Array, masks: Array) -> Array:
    def layers(rate: Array, noise: Array | None) -> Array:
        numbers = {"dropout_rate": rate}
        found = forward(NETWORK, params, [], inputs, numbers, training=noise is not None, noise=noise, record=True)
        return jnp.stack([one.mean() for one in found.activations[:-1]])

    training = jax.vmap(lambda noise: layers(rate, noise))(masks).mean(0)
    return jnp.stack([training, layers(rate, None), layers(1 - rate, None)])  # the dropped ratio is kept of the other


def words_that_mislead() -> Content:
    """Error 7: batch normalization's outputs, and the moments of Adam with and without their correction."""
    histograms = _normalized()
    moments, series = _moments()
    note = (
        "Gradient descent on batches is stochastic: its gradient is a random draw whose mean is the whole gradient. "
        "Statistical gradient descent is no method."
    )
    return Content([histograms, moments], series, {}, [note])


BINS = np.linspace(-4, 6, 51)


def _normalized() -> Drawing:
    x = jnp.asarray(stream(0, "before batch normalization").normal(3.0, 5.0, (1000, WIDTH)))
    ones = jnp.ones(WIDTH)
    statistics = batch_statistics(x)
    outputs = {
        "right": normalize(x, statistics, ones, 0 * ones, jnp.asarray(1e-6)),
        "γ 2, β 1": normalize(x, statistics, 2 * ones, ones, jnp.asarray(1e-6)),
        WRITTEN: (x - x.min(0)) / (x.max(0) - x.min(0)),
    }
    found = {label: np.asarray(one, np.float64) for label, one in outputs.items()}
    heights = np.stack([np.histogram(one, BINS, density=True)[0] for one in found.values()])
    titles = [f"{label}: {_text(one.mean())} ± {_text(one.std())}" for label, one in found.items()]
    right = found["right"]
    outside = float(((right < 0) | (right > 1)).mean())
    return Drawing(
        "outputs",
        f"Outputs of batch normalization for a batch of {len(x):,}, and the same inputs brought between 0 and 1",
        layer_histograms(BINS, heights[None], [titles], "output", "density"),
        f"The right output has mean {_text(right.mean())} and standard deviation {_text(right.std())}; {outside:.0%} "
        "is outside of 0 to 1. Scale γ and shift β are two parameters: one sets the spread, the other the middle.",
    )


def _text(value: float) -> str:
    """Two decimals, and no minus before 0."""
    return f"{round(value, 2) + 0.0:.2f}"


def _moments() -> tuple[Drawing, list[Any]]:
    count, draws, mean, spread = 3000, 200, 1.0, 0.5
    gradients = stream(0, "gradients of Adam").normal(mean, spread, (count, draws))
    _, states = steps_of(adam(1.0, BETA1, BETA2, EPS), gradients)
    times = np.arange(1.0, count + 1)
    kept = np.unique(np.geomspace(1, count, 100).round().astype(int)) - 1
    m, v = states.first.mean(1), states.second.mean(1)
    corrected = {"m": m / (1 - BETA1**times), "v": v / (1 - BETA2**times)}
    curves = {
        "m, corrected": corrected["m"],
        "m, as it is": m,
        "v, corrected": corrected["v"],
        "v, as it is": v,
    }
    return beside(
        7,
        "moments",
        f"Adam's moments, mean over {draws} parameters with gradients of mean {mean:g} and mean square "
        f"{mean**2 + spread**2:g}",
        {label: (times[kept], one[kept]) for label, one in curves.items()},
        ("update", "moment"),
        f"After 10 updates m is {m[9]:.2g} and v {v[9]:.2g}, both too small since they start at 0; corrected they are "
        f"{corrected['m'][9]:.2g} and {corrected['v'][9]:.2g}, as their gradients are. No hyperparameter is corrected.",
        log_x=True,
    )
