"""Recipes: validation, copies, files."""

import json
import tomllib
from pathlib import Path

import pytest

from trainwell.core import RecipeError
from trainwell.training import Recipe, load_recipe, recipe_json, recipe_toml, save_recipe

RICH = {"hidden": (64, 32), "optimizer": "rmsprop", "rho": 0.95, "learning_rate": 0.003, "schedule": "step"} | {
    "schedule_milestones": (2.0, 5.0),
    "batch_norm": True,
    "l2_penalty": 1e-5,
    "batch_size": "full",
    "patience": 4,
}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"learning_rat": 0.1}, "unknown field 'learning_rat': did you mean 'learning_rate'?"),
        ({"optimizer": "adm"}, "unknown optimizer 'adm': did you mean 'adam'?"),
        ({"activation": "rleu"}, "did you mean 'relu'?"),
        ({"initialization": "hee"}, "did you mean 'he'?"),
        ({"schedule": "cosin"}, "did you mean 'cosine'?"),
        ({"learning_rate": -1}, "learning_rate must be at least 0, got -1"),
        ({"momentum": 1.2}, "momentum must be in [0, 1), got 1.2"),
        ({"dropout_rate": 1.0}, "dropout_rate must be below 1, got 1.0: at 1 no unit is left"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"hidden": (100, 0)}, "hidden must be"),
        ({"epochs": float("nan")}, "epochs must be"),
        ({"epochs": "many"}, "epochs must be a number, got 'many'"),
        ({"epochs": "30"}, "epochs must be a number, got '30'"),
        ({"epochs": True}, "epochs must not be true or false, got True"),
        ({"batch_norm": 1}, "batch_norm must be true or false, got 1"),
        ({"hidden": [True]}, "hidden must not be true or false"),
        ({"initialization": "normal"}, "initialization 'normal' needs weight_std"),
        ({"weight_std": 0.1}, "initialization 'he' sets its own weight_std"),
        ({"metric": "f1"}, "metric must be 'loss', 'accuracy' or 'r2'"),
    ],
)
def test_a_bad_field_is_named_with_what_to_do(fields: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError) as error:
        Recipe(**fields)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_several_bad_fields_are_all_named() -> None:
    with pytest.raises(RecipeError, match=r"momentum.*dropout_rate"):
        Recipe(momentum=2, dropout_rate=-1)


def test_evolve_validates_and_keeps_the_rest() -> None:
    recipe = Recipe(**RICH)
    changed = recipe.evolve(learning_rate=0.5)
    assert (changed.learning_rate, changed.rho, changed.hidden) == (0.5, 0.95, (64, 32))
    with pytest.raises(RecipeError, match="momentum"):
        recipe.evolve(momentum=-1)


def test_optional_switches_take_true_and_false() -> None:
    assert Recipe(restore_best=False).restore_best is False
    with pytest.raises(RecipeError, match="restore_best must be true or false, got 1"):
        Recipe(restore_best=1)


def test_recipes_are_values() -> None:
    assert Recipe(**RICH) == Recipe(**RICH)
    assert hash(Recipe(**RICH)) == hash(Recipe(**RICH))
    assert Recipe(**RICH) != Recipe()


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_files_give_the_same_recipe_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"recipe{suffix}"
    save_recipe(Recipe(**RICH), path)
    assert load_recipe(path) == Recipe(**RICH)


def test_toml_and_json_are_read_by_other_parsers() -> None:
    fields = tomllib.loads(recipe_toml(Recipe(**RICH)))
    assert fields["schedule_milestones"] == [2.0, 5.0]
    assert fields["batch_size"] == "full"
    assert "momentum" not in fields  # unset: a comment
    assert json.loads(recipe_json(Recipe()))["optimizer"] == "adam"


def test_every_field_is_described() -> None:
    assert all(field.description for field in Recipe.model_fields.values())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.toml", "learning_rate = ", "not valid TOML"),
        ("r.json", "[1]", "a table of fields"),
        ("r.json", "{", "not valid JSON"),
        ("r.yaml", "", "a recipe must be a .toml or .json file"),
        ("r.toml", "lerning_rate = 1.0", "did you mean 'learning_rate'?"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(RecipeError, match=message) as error:
        load_recipe(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot read the recipe"):
        load_recipe(tmp_path / "none.toml")
