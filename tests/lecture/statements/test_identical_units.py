"""C-02, planted: random weights in place of constant ones; a constant network is one unit per layer in plain NumPy."""

import numpy as np
import pytest

from trainwell.lecture import BookData
from trainwell.lecture.book import HE, SGD, Run
from trainwell.lecture.statements.initialization.identical_units import (
    accuracies,
    base,
    bias_alone,
    constant,
    followed,
    identical,
    no_more_than_one_unit,
)
from trainwell.lecture.statements.statement import Setup
from trainwell.training import problems_of

WIDTH, SEEDS, UPDATES = 8, range(6), (1, 5)


@pytest.fixture(scope="module")
def setup():
    return Setup("small", BookData.load("digits"))


@pytest.fixture(scope="module")
def dataset(setup):
    return setup.data.part(200, "none")


@pytest.fixture(scope="module")
def found(setup, dataset):
    relu = {"activation": "relu"}
    contenders = {"constant": constant(0.1) | relu, "zero": {"initialization": "zero"} | relu, "He": HE | relu}
    return followed(setup, dataset, contenders, UPDATES, SEEDS, WIDTH)


def test_units_stay_identical_from_constant_weights_and_not_from_random_ones(found):
    assert identical({"constant": found["constant"]}, {}).verdict == "holds"
    assert identical({"constant": found["He"]}, {}).verdict == "does not hold"


def test_the_output_is_a_bias_alone_from_zeros_and_not_from_random_weights(found):
    assert bias_alone({"zero": found["zero"]}).verdict == "holds"
    assert bias_alone({"zero": found["He"]}).verdict == "does not hold"


def test_what_constant_weights_learn_one_unit_could_say_and_what_random_ones_learn_it_could_not(setup, dataset):
    """In one hidden layer √H times as large weights make one unit of H alike, trained at the same rate."""
    initial = {"constant": [constant(0.1)], "one unit": [constant(0.1 * np.sqrt(WIDTH))], "He": [HE]}
    own, doubts = accuracies(setup, dataset, {"activation": "relu"}, 1, SEEDS, initial, WIDTH)
    doubts = dict.fromkeys(doubts, "")
    assert no_more_than_one_unit({"": (own, doubts)}).verdict == "holds"
    np.testing.assert_allclose(own["one unit"], own["constant"], atol=0.02)
    random, _ = accuracies(setup, dataset, {"activation": "relu"}, 1, SEEDS, initial | {"constant": [HE]}, WIDTH)
    assert no_more_than_one_unit({"": (random, doubts)}).verdict == "does not hold"
    one = own | {"constant": random["constant"], "one unit": random["constant"]}
    assert no_more_than_one_unit({"": (one, doubts)}).verdict == "holds"  # where another network of one unit says it


def test_a_network_of_constant_weights_is_one_unit_per_layer(setup, dataset):
    """One unit that is counted `WIDTH` times, trained in plain NumPy on the same batches."""
    updates, H = 5, WIDTH
    recipe = base(dataset).evolve(hidden=(H, H), **constant(0.1), **SGD, steps=updates, observe_every=updates)
    (trained,) = setup.train_whole([(dataset, Run("", recipe, 0))])
    (problem,) = problems_of([recipe], dataset, "float32")
    numbers, rows = problem.numbers(0), problem.order(0, 0, updates)
    inputs = (dataset.training.inputs.astype(np.float64) - numbers["input_shift"]) * numbers["input_scale"]
    C = len(dataset.class_names)
    u, b1, w, b2, v, c = np.full(inputs.shape[1], 0.1), 0.0, 0.1, 0.0, np.full(C, 0.1), np.zeros(C)
    for own in rows:
        x, y = inputs[own], np.eye(C)[dataset.training.targets[own]]
        h1 = np.maximum(x @ u + b1, 0)
        h2 = np.maximum(H * w * h1 + b2, 0)
        logits = H * h2[:, None] * v + c
        p = np.exp(logits - logits.max(1, keepdims=True))
        error = (p / p.sum(1, keepdims=True) - y) / len(x)
        d2 = error @ v * (h2 > 0)
        d1 = H * w * d2 * (h1 > 0)
        u, b1 = u - 0.01 * x.T @ d1, b1 - 0.01 * d1.sum()
        w, b2 = w - 0.01 * h1 @ d2, b2 - 0.01 * d2.sum()
        v, c = v - 0.01 * h2 @ error, c - 0.01 * error.sum(0)
    params = trained.params[0]
    for layer, weights, biases in zip(params, (u, w, v[:, None]), (b1, b2, c), strict=True):
        shape = layer["weights"].shape
        np.testing.assert_allclose(layer["weights"], np.broadcast_to(weights, shape), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(layer["biases"], np.broadcast_to(biases, shape[:1]), rtol=1e-4, atol=1e-6)
