"""Initializations that users register, against the built-in ones and what they are defined by."""

import math

import numpy as np
import pytest

from trainwell import Recipe, RecipeError, load_data, train
from trainwell.nn import INITIALIZERS, Network, initial_params, register_initializer

NETWORK = Network((40, 30, 10))


@pytest.fixture(autouse=True)
def _only_built_in():
    before = dict(INITIALIZERS)
    yield
    INITIALIZERS.clear()
    INITIALIZERS.update(before)


def of_fan_in(fan_in, fan_out):
    return math.sqrt(2 / fan_in)


def orthogonal(rng, shape):
    tall = (max(shape), min(shape))
    q, r = np.linalg.qr(rng.standard_normal(tall))
    q *= np.sign(np.diag(r))
    return q if tall == shape else q.T


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hes_factor_gives_hes_weights(distribution, dtype):
    register_initializer("own_he", of_fan_in)
    for network in (NETWORK, Network((40, 30, 10), activation="maxout", pieces=3)):
        own, he = (initial_params(network, 3, name, None, distribution, dtype) for name in ("own_he", "he"))
        for one, other in zip(own, he, strict=True):
            assert one["weights"].dtype == dtype
            assert one["weights"].tobytes() == other["weights"].tobytes()


def test_the_factor_sees_fan_in_and_fan_out():
    seen = []
    register_initializer("seen", lambda fan_in, fan_out: seen.append((fan_in, fan_out)) or 1.0)
    seen.clear()
    initial_params(NETWORK, 0, "seen")
    assert seen == [(40, 30), (30, 10)]


def test_drawn_weights_are_what_they_are_drawn_as():
    register_initializer("orthogonal", draw=orthogonal)
    first, second = (layer["weights"].astype(float) for layer in initial_params(NETWORK, 0, "orthogonal"))
    np.testing.assert_allclose(first @ first.T, np.eye(30), atol=1e-6)
    np.testing.assert_allclose(second @ second.T, np.eye(10), atol=1e-6)
    again, other = (initial_params(NETWORK, seed, "orthogonal")[0]["weights"] for seed in (0, 1))
    assert (again == first.astype(np.float32)).all()
    assert not (other == again).any()


def test_draws_are_those_of_the_other_schemes():
    register_initializer("standard", draw=lambda rng, shape: rng.standard_normal(shape, dtype=np.float32))
    own, normal = initial_params(NETWORK, 0, "standard"), initial_params(NETWORK, 0, "normal", 1.0)
    assert all((a["weights"] == b["weights"]).all() for a, b in zip(own, normal, strict=True))


def test_training_from_it_has_the_bits_of_the_built_in_one():
    register_initializer("own_he", of_fan_in)
    register_initializer("orthogonal", draw=orthogonal)
    base = Recipe(hidden=(8,), epochs=2, optimizer="sgd")
    recipes = [base.evolve(initialization=name) for name in ("he", "own_he", "orthogonal")]
    trained = train(load_data("iris"), recipes)
    he, own, other = (np.asarray(params[0]["weights"]) for params in trained.params)
    assert he.tobytes() == own.tobytes() != other.tobytes()


def test_the_same_function_again_is_the_same_entry():
    scheme, drawn = register_initializer("mine", of_fan_in), register_initializer("drawn", draw=orthogonal)
    assert register_initializer("mine", of_fan_in) is scheme
    assert register_initializer("drawn", draw=orthogonal) is drawn
    for name in ("mine", "drawn", "he"):
        with pytest.raises(RecipeError, match=f"there is an initialization '{name}' already: choose another name"):
            register_initializer(name, lambda fan_in, fan_out: 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "must have either factor or draw: give one of them"),
        ({"factor": of_fan_in, "draw": orthogonal}, "must have either factor or draw"),
        ({"factor": 0.1}, "must be a function, got 0.1: it takes fan_in and fan_out"),
        ({"draw": "normal"}, "must be a function, got 'normal': it takes a NumPy generator"),
        ({"factor": lambda fan_in: 1.0}, r"fails \(TypeError: .*: it takes fan_in and fan_out"),
        ({"factor": lambda fan_in, fan_out: None}, "must return a number, got NoneType"),
        ({"factor": lambda fan_in, fan_out: fan_in - fan_out}, "returns -54 for fan_in 10 and fan_out 64"),
        ({"factor": lambda fan_in, fan_out: math.inf}, "returns inf for fan_in 64 and fan_out 10"),
        ({"draw": lambda rng, shape: None}, r"must return weights of shape \(10, 64\), got \(\)"),
        ({"draw": lambda rng, shape: print}, "must return an array, got builtin_function"),
        ({"draw": lambda rng, shape: np.ones(shape[::-1])}, r"must return weights of shape \(10, 64\), got \(64, 10\)"),
        ({"draw": lambda rng, shape: np.full(shape, np.nan)}, r"weights that are not finite for shape \(10, 64\)"),
        ({"draw": lambda rng, shape: 1 / 0}, r"fails \(ZeroDivisionError: division by zero\): it takes a NumPy gen"),
    ],
)
def test_what_is_no_initialization_is_refused(arguments, message):
    with pytest.raises(RecipeError, match=f"^the initialization 'bad' .*{message}") as error:
        register_initializer("bad", **arguments)
    assert "\n" not in str(error.value)
    assert "bad" not in INITIALIZERS


def test_a_name_must_be_an_identifier():
    with pytest.raises(RecipeError, match="must be an identifier, got '2nd'; try 'my_scheme'"):
        register_initializer("2nd", of_fan_in)


def test_it_takes_no_std_and_is_asked_again_for_other_sizes():
    register_initializer("mine", lambda fan_in, fan_out: 1 / (fan_in - 4) if fan_in != 4 else math.nan)
    with pytest.raises(RecipeError, match="initialization 'mine' sets its own weight_std: leave it out"):
        Recipe(initialization="mine", weight_std=0.1)
    with pytest.raises(RecipeError, match="the initialization 'mine' returns nan for fan_in 4 and fan_out 8"):
        train(load_data("iris"), Recipe(initialization="mine", hidden=(8,), epochs=1))
