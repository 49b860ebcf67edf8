"""F-6-22: what dropout does to a network in training and in testing."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from trainwell.data import load_data
from trainwell.display import Head, Line, Row, Table, Wiring, chips, lines_chart, styles, wiring_chart
from trainwell.lecture.book import DROPOUT_RATE, HE
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import DASHES
from trainwell.nn import Network, forward, initial_params, kept_mask, noise_at, noise_seed

NETWORK = Network((4, 8, 8, 8, 3), dropout="lecture")
LAYERS = ("4 inputs", "8", "8", "8", "3 classes")
DRAWN, STEPS = 2, 200
"""Steps whose masks are drawn, and over how many the average is taken."""
NUMBERS = {"dropout_rate": np.float32(DROPOUT_RATE)}
KEPT = 1 - DROPOUT_RATE


def draw(given: Given) -> Content:
    """The network with the masks of two steps and in testing; its activations on average and in testing."""
    seed = given.seeds[0]
    params, flowers = initial_params(NETWORK, seed, HE["initialization"]), _flowers()
    masks, outputs = map(np.asarray, _train(params, flowers, noise_seed(seed), np.arange(STEPS)))
    activations, tested = _test(params, flowers)
    values = [np.asarray(own) for own in activations]
    passed = {
        f"testing, times the kept ratio {KEPT:g}": values[0].mean(0) * KEPT,
        f"as one document has it, times the dropped ratio {DROPOUT_RATE:g}": values[0].mean(0) * DROPOUT_RATE,
        f"training, mean of {STEPS:,} steps": (masks[:, 0] * values[0]).mean((0, 1)),
    }
    units = np.arange(1.0, 1 + NETWORK.sizes[1])
    return Content(
        [
            Drawing(
                "network",
                "One network at two steps of training and in testing; crosses are dropped units",
                _network(params, masks[:DRAWN, :, 0], [own[0] for own in values]),
                f"The first step drops {_count(masks[0, :, 0])} hidden units and the second {_count(masks[1, :, 0])}, "
                "drawn at random; in testing all take part.",
            ),
            _passed(passed, units),
        ],
        [Series(label, units, own[None]) for label, own in passed.items()],
        {"Outputs of the network for one flower": _table(outputs[:, 0], np.asarray(tested)[0])},
        [
            "The network has its initial weights. Its inputs are iris flowers, each with masks of its own; drawn are "
            "those of the first. Blue weights are positive, orange ones negative, wide ones large.",
            "Behind several layers the output in testing only comes close to the mean output of the thinned "
            "networks, since ReLU is not linear.",
        ],
    )


def _flowers() -> Float[np.ndarray, "N D"]:
    """Iris flowers, their measurements standardised."""
    inputs = load_data("iris").training.inputs
    return np.asarray((inputs - inputs.mean(0)) / inputs.std(0), np.float32)


@jax.jit
def _train(
    params: Any, inputs: Float[Array, "N D"], noise: Any, steps: Int[Array, " T"]
) -> tuple[Bool[Array, "T L N H"], Float[Array, "T N K"]]:
    """What is kept in each hidden layer at each step of training, and the outputs."""

    def at(step: Int[Array, ""]) -> tuple[Bool[Array, "L N H"], Float[Array, "N K"]]:
        own = noise_at(noise, step)
        hidden = enumerate(NETWORK.sizes[1:-1])
        rows = len(inputs)
        rate = jnp.float32(DROPOUT_RATE)
        masks = [kept_mask(noise_at(own, layer), (rows, width), rate) for layer, width in hidden]
        return jnp.stack(masks), forward(NETWORK, params, [], inputs, NUMBERS, training=True, noise=own).logits

    return jax.vmap(at)(steps)


@jax.jit
def _test(params: Any, inputs: Float[Array, "N D"]) -> tuple[list[Float[Array, "N H"]], Float[Array, "N K"]]:
    """Activations of the hidden layers, before they are multiplied by the kept ratio, and outputs."""
    output = forward(NETWORK, params, [], inputs, NUMBERS, training=False, record=True)
    return output.activations[:-1], output.logits


def _count(mask: Bool[np.ndarray, "L H"]) -> str:
    return f"{np.sum(~mask)} of {mask.size}"


def _network(params: Any, masks: Bool[np.ndarray, "T L H"], values: list[Float[np.ndarray, " H"]]) -> object:
    """A panel per step, and one of testing."""
    ends = [np.zeros(NETWORK.sizes[0], bool)], [np.zeros(NETWORK.sizes[-1], bool)]
    titles = [f"training, step {step + 1}" for step in range(DRAWN)]
    texts = [[f"layer {layer}, unit {unit + 1}" for unit in range(width)] for layer, width in enumerate(NETWORK.sizes)]
    weights = [own["weights"] for own in params]
    wirings = [
        Wiring(title, weights, LAYERS, texts, [*ends[0], *~masks[step], *ends[1]]) for step, title in enumerate(titles)
    ]
    for layer, own in enumerate(values):
        texts[layer + 1] = [
            f"{text}: {value:.3g} · {KEPT:g}" for text, value in zip(texts[layer + 1], own, strict=True)
        ]
    tested = Wiring(f"testing: hidden units × {KEPT:g}", weights, LAYERS, texts)
    return wiring_chart([*wirings, tested])


def _passed(passed: Mapping[str, Float[np.ndarray, " H"]], units: Float[np.ndarray, " H"]) -> Drawing:
    """Activations of the first hidden layer, in training and in testing."""
    drawn = styles(range(len(passed)))
    lines = [
        Line(i, label, drawn[i], units, own, dash=DASHES[i], joined=i < 2)
        for i, (label, own) in enumerate(passed.items())
    ]
    tested, _, average = passed.values()
    furthest = np.abs(average - tested).max() / tested.max()
    said = (
        f"Multiplied by the kept ratio, each activation in testing equals its mean in training within "
        f"{furthest:.1%} of the largest. With the dropped ratio it would be {DROPOUT_RATE / KEPT:.0%} of that."
    )
    chart = lines_chart(lines, "unit of the first hidden layer", "activation")
    return Drawing("units", "Activations, mean over all flowers", chart, said, chips(list(passed), drawn))


def _table(outputs: Float[np.ndarray, "T K"], tested: Float[np.ndarray, " K"]) -> Table:
    heads = (Head("", "long"), *(Head(f"class {k + 1}") for k in range(len(tested))))
    rows = {
        "training, step 1": outputs[0],
        "training, step 2": outputs[1],
        f"training, mean of {len(outputs):,} steps": outputs.mean(0),
        "testing": tested,
    }
    return Table(heads, tuple(Row((name, *(f"{value:.3g}" for value in own))) for name, own in rows.items()))


FIGURE = Figure(
    "F-6-22",
    "regularization",
    "At each step of training, dropout leaves out hidden units at random: another, thinner network learns each time. "
    "In testing all units take part, and their activations are multiplied by the kept ratio.",
    draw,
    statements=("C-29", "C-30"),
    errors=(4,),
)
