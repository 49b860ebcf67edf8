"""Models of recipes with registered names, where nobody registered them."""

import numpy as np
import optax
import pytest

from trainwell import (
    Model,
    Recipe,
    RecipeError,
    load_data,
    load_model,
    register,
    register_initializer,
    register_schedule,
    save_model,
    train,
)
from trainwell.nn import INITIALIZERS
from trainwell.optim import RULES, SCHEDULES

OWN = {"optimizer": "my_rule", "schedule": "my_schedule", "initialization": "my_scheme"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model's folder and its probabilities; the names it was trained with are forgotten."""
    register("my_rule", optax.sgd, 0.1)
    register_schedule("my_schedule", lambda t: 1 / (1 + t))
    register_initializer("my_scheme", lambda fan_in, fan_out: fan_in**-0.5)
    iris, folder = load_data("iris"), tmp_path_factory.mktemp("models") / "own"
    try:
        model = Model.of(train(iris, Recipe(hidden=(4,), epochs=2, **OWN)), [0])
        save_model(model, folder)
    finally:
        del RULES["my_rule"], SCHEDULES["my_schedule"], INITIALIZERS["my_scheme"]
    return folder, model.probabilities(iris.validation.inputs)


def test_a_model_predicts_without_them(saved):
    folder, expected = saved
    model = load_model(folder)
    assert np.array_equal(model.probabilities(load_data("iris").validation.inputs), expected)
    recipe = model.networks[0].recipe
    assert {name: getattr(recipe, name) for name in OWN} == OWN
    assert (recipe.hidden, recipe.epochs) == ((4,), 2)
    with pytest.raises(RecipeError, match="unknown initialization 'my_scheme'"):
        recipe.evolve(epochs=3)


@pytest.mark.parametrize("field", OWN)
def test_each_name_is_kept_alone_and_others_are_checked(field):
    assert getattr(Recipe.restored({"epochs": 2, field: OWN[field]}), field) == OWN[field]
    assert Recipe.restored({field: Recipe.model_fields[field].default}) == Recipe()
    with pytest.raises(RecipeError, match=f"{field} "):
        Recipe.restored({field: 3})
    with pytest.raises(RecipeError, match="unknown activation 'mine'"):
        Recipe.restored({field: OWN[field], "activation": "mine"})
