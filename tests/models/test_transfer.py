"""Starting from a trained network: what is taken over, drawn fresh, frozen and refused."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import DataError, ModelError, RecipeError
from trainwell.data import Dataset, from_arrays, load_data
from trainwell.models import Model, Start
from trainwell.nn import initial_params
from trainwell.training import Recipe, Trained, problems_of, train

OLD = Recipe(hidden=(8, 6), epochs=3, batch_norm=True, activation="tanh", batch_norm_eps=1e-4, optimizer="sgd")
ROWS = np.random.default_rng(0).normal(3, 2, (60, 5)).astype(np.float32)


def data_of(rows: np.ndarray, labels: str = "abc", start: Start | None = None) -> Dataset:
    return from_arrays(rows, list(labels) * (len(rows) // len(labels)), like=start and start.inputs)


@pytest.fixture(scope="module")
def old() -> Trained:
    return train(data_of(ROWS), OLD, seeds=(3, 4))


@pytest.fixture(scope="module")
def start(old: Trained) -> Start:
    return Start.of_model(Model.of(old, [0, 1]), 2)


def test_the_fields_that_the_weights_need_come_with_them(start: Start) -> None:
    made = start.recipe(Recipe(epochs=2))
    assert (made.hidden, made.activation, made.batch_norm, made.batch_norm_eps) == ((8, 6), "tanh", True, 1e-4)
    assert (made.optimizer, made.epochs, made.layer_learning_rates) == ("adam", 2, None)
    assert start.recipe(Recipe(activation="tanh"), freeze=1).layer_learning_rates == (0, 1, 1)
    assert start.recipe(Recipe(negative_slope=0.2)).negative_slope == 0.2  # tanh has none


def test_frozen_layers_stay_to_the_bit_and_the_head_is_new_even_where_it_would_fit(old: Trained, start: Start) -> None:
    frozen = start.recipe(Recipe(steps=5, optimizer="adamw"), freeze="body")
    still = frozen.evolve(layer_learning_rates=(0, 0, 0))
    data = data_of(ROWS[::-1].copy(), "xyz", start)
    new = train(data, [still, frozen], seeds=(0, 4), initial=start.weights(frozen))
    for m, (params, states) in enumerate(zip(new.params, new.states, strict=True)):
        for layer in (0, 1):
            assert all(np.array_equal(params[layer][name], value) for name, value in old.params[1][layer].items())
            assert not np.array_equal(states[layer]["mean"], old.states[1][layer]["mean"])
        fresh = initial_params(start.network.structure, new.members[m].seed, "he")[2]["weights"]
        assert np.array_equal(params[2]["weights"], fresh) == (m < 2)


def numbers_of(recipe: Recipe, data: Dataset) -> dict[str, np.ndarray]:
    return problems_of([recipe], data, "float32")[0].numbers(0)


def test_inputs_are_scaled_as_they_were_whatever_the_new_datas_mean(start: Start) -> None:
    shifted = data_of(ROWS + 100, "xy", start)
    new = numbers_of(start.recipe(Recipe()), shifted)
    for name in ("input_shift", "input_scale"):
        np.testing.assert_array_equal(new[name], start.network.numbers[name])
    assert any("prepared as for the network to start from" in notice for notice in shifted.notices)


def test_bytes_are_scaled_as_they_were(start: Start) -> None:
    images = np.random.default_rng(1).integers(0, 256, (60, 5), np.uint8)
    trained_on = data_of(images)
    network = replace(start.network, numbers=numbers_of(OLD, trained_on))
    begin = Start.of_model(Model(name="images", preparation=trained_on.preparation, networks=(network,)))
    new = numbers_of(begin.recipe(Recipe()), data_of(images // 8, "xy", begin))
    for name in ("input_shift", "input_scale"):
        np.testing.assert_allclose(new[name], network.numbers[name], rtol=1e-6)
    with pytest.raises(DataError, match="5 columns of numbers, but the network to start from needs 5 of bytes"):
        data_of(ROWS, "xy", begin)


@pytest.mark.parametrize(
    ("hidden", "taken", "words"),
    [
        ((8, 6), 2, "copied: layers 1 to 2 (5→8→6); new random weights: layer 3, the head"),
        ((8, 6, 4), 2, "copied: layers 1 to 2 (5→8→6); new random weights: layers 3 to 4, the last of them the head"),
        ((8,), 1, "copied: layer 1 (5→8); new random weights: layer 2, the head"),
        ((8, 5, 6), 1, "copied: layer 1 (5→8); new random weights: layers 2 to 4, the last of them the head"),
    ],
)
def test_layers_are_copied_up_to_the_first_of_another_width(
    start: Start, hidden: tuple[int, ...], taken: int, words: str
) -> None:
    recipe = start.recipe(Recipe(hidden=hidden), freeze="body")
    params, statistics = start.weights(recipe)
    assert (len(params), len(statistics)) == (taken, taken)
    assert start.words(recipe)[1].startswith(words)
    facts = start.facts(recipe)
    assert facts["frozen"] == facts["copied"] == list(range(1, taken + 1))
    assert (facts["network"], facts["num_networks"], facts["seed"]) == (2, 2, 4)


@pytest.mark.parametrize(
    ("fields", "freeze", "says"),
    [
        ({"activation": "relu"}, None, "activation is relu, but the network to start from was trained with tanh"),
        ({"batch_norm": False}, None, "batch_norm is false, but the network to start from was trained with true"),
        ({"batch_norm_eps": 1e-6}, None, "batch_norm_eps is 1e-06"),
        ({"inputs": "none"}, None, "inputs is none"),
        ({"hidden": (7, 6)}, None, "hidden is 7x6, but the network to start from has 8x6"),
        ({}, 3, "freeze must be body, or from 1 to 2"),
        ({}, 0, "freeze must be body, or from 1 to 2"),
        ({"layer_learning_rates": (0, 1, 1)}, "body", "freeze and layer_learning_rates both set"),
        ({"optimizer": "lbfgs"}, "body", "'lbfgs' cannot freeze layers"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused(start: Start, fields: dict, freeze: int | str | None, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        start.recipe(Recipe(**fields), freeze)  # type: ignore[arg-type]


def test_networks_that_are_not_there_or_have_no_hidden_layer_are_refused(old: Trained) -> None:
    with pytest.raises(ModelError, match="has 2 networks, there is no number 3"):
        Start.of_model(Model.of(old, [0, 1]), 3)
    linear = train(load_data("iris"), Recipe(hidden=(), steps=1))
    with pytest.raises(ModelError, match="no hidden layer"):
        Start.of_model(Model.of(linear, [0]))
