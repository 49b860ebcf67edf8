"""The halves of a recipe: each has its own fields, and the recipe has both in the order of its file."""

from collections.abc import Iterator
from itertools import pairwise

import optax
import pytest

from trainwell.core import RecipeError
from trainwell.optim import RULES, register
from trainwell.training import NETWORKS, NetworkSettings, Recipe, TrainingSettings, group_of, register_network
from trainwell.training.recipe.part import RecipePart
from trainwell.training.recipe.recipe import GROUPS

HALVES = (NetworkSettings, TrainingSettings)


def test_every_field_of_a_recipe_is_in_one_half() -> None:
    network, training = (set(half.model_fields) for half in HALVES)
    assert network.isdisjoint(training)
    assert network | training == set(Recipe.model_fields)


def test_the_fields_of_a_group_are_together_and_groups_are_in_order() -> None:
    headings = [group_of(name) for name in Recipe.model_fields]
    begins = [headings[0], *(after for before, after in pairwise(headings) if before != after)]
    assert begins == list(GROUPS.values())
    assert list(Recipe().model_dump()) == list(Recipe.model_fields)


@pytest.mark.parametrize(
    ("half", "fields", "message"),
    [
        (TrainingSettings, {"hidden": (8,)}, "unknown field 'hidden'"),
        (NetworkSettings, {"momentum": 0.9}, "unknown field 'momentum'"),
        (NetworkSettings, {"epochs": 3}, "unknown field 'epochs'"),
        (TrainingSettings, {"optimizer": "adm"}, "unknown optimizer 'adm': did you mean 'adam'?"),
        (TrainingSettings, {"optimizer": "lbfgs", "clip_norm": 1.0}, "clip_norm changes the gradient"),
        (NetworkSettings, {"initialization": "normal"}, "needs weight_std"),
        (NetworkSettings, {"dropout_rate": 1.0}, "at 1 no unit is left"),
    ],
)
def test_a_half_checks_its_fields_and_refuses_those_of_the_other(
    half: type[RecipePart], fields: dict[str, object], message: str
) -> None:
    with pytest.raises(RecipeError) as error:
        half(**fields)
    assert message in str(error.value)


@pytest.fixture
def own() -> Iterator[None]:
    """A rule with a number `mine_beta` in [0, 0.9], and a network with a number `mine_units` in [1, 9]."""
    register(
        "mine", lambda learning_rate, mine_beta=0.5: optax.sgd(learning_rate, mine_beta), 0.1, {"mine_beta": (0, 0.9)}
    )
    register_network("mine", lambda key, mine_units=3: key, lambda params, inputs: inputs, {"mine_units": (1, 9)})
    yield
    del RULES["mine"], NETWORKS["mine"]


@pytest.mark.usefixtures("own")
def test_a_users_number_is_a_field_of_the_half_that_it_belongs_to() -> None:
    assert TrainingSettings(optimizer="mine", mine_beta=0.7).rule_numbers["mine_beta"] == 0.7
    assert NetworkSettings(network="mine", mine_units=5).number("mine_units") == 5
    for half, number in ((NetworkSettings, "mine_beta"), (TrainingSettings, "mine_units")):
        with pytest.raises(RecipeError, match=f"unknown field '{number}'"):
            half(**{number: 1})
    for half, name, number in (
        (TrainingSettings, "optimizer", "mine_beta"),
        (NetworkSettings, "network", "mine_units"),
    ):
        with pytest.raises(RecipeError, match=f"{number} must be"):
            half(**{name: "mine", number: 10})
