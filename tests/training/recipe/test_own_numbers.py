"""Hyperparameters of rules that users register: fields of recipes and spaces, which reach the rule as they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.comparison import Terms, compare
from trainwell.core import RecipeError, SpaceError
from trainwell.data import load_data
from trainwell.models import Model, load_model, save_model
from trainwell.optim import RULES, Rule, register
from trainwell.search import Plan, tune
from trainwell.training import (
    Choices,
    Range,
    Recipe,
    Space,
    differing_fields,
    load_recipe,
    recipe_fields,
    recipe_json,
    recipe_labels,
    recipe_toml,
    save_recipe,
    space_from_json,
    train,
)

SMALL: dict[str, Any] = {"hidden": (6,), "epochs": 2, "batch_size": 64}


def heavy_ball(learning_rate: Any, my_beta: float = 0.9, window: int = 1, nested: bool = False) -> Rule:
    """Momentum of one's own."""
    del nested

    def init(params: Any) -> Any:
        return jax.tree.map(jnp.zeros_like, params)

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        del params
        state = jax.tree.map(lambda v, g: my_beta * v + g / window, state, grads)
        return jax.tree.map(lambda v: -learning_rate * v, state), state

    return Rule(init, update)


@pytest.fixture(autouse=True)
def _mine() -> Iterator[None]:
    register("mine", heavy_ball, 0.05, bounds={"my_beta": (0, 0.99)})
    yield
    for name in set(RULES) & {"mine", "direct", "branching"}:
        del RULES[name]


def same_bits(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def test_they_are_read_off_the_factory() -> None:
    spec = RULES["mine"]
    assert dict(spec.hyperparameters) == {"my_beta": 0.9, "window": 1}
    assert (spec.bounds["my_beta"].range, spec.bounds["window"].range) == ("in [0, 0.99]", "a whole number")
    assert spec.structural == {"window"}
    assert register("mine", heavy_ball, 0.05) is spec


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"my_beta": 1.5},
            "my_beta must be in [0, 0.99], got 1.5: the optimizer 'mine' allows no other value; try 0.9",
        ),
        ({"my_beta": "much"}, "my_beta must be a number in [0, 0.99], got 'much'; try 0.9"),
        ({"my_beta": True}, "my_beta must be a number in [0, 0.99], got True"),
        ({"my_beta": float("nan")}, "my_beta must be in [0, 0.99], got nan"),
        ({"window": 1.5}, "window must be a whole number, got 1.5"),
        ({"window": 10**400}, "window must be a whole number, got inf"),
        ({"my_bet": 0.3}, "unknown field 'my_bet': did you mean 'my_beta'?"),
        ({"my_bet": 0.3, "momentum": 2}, "momentum must be in [0, 1), got 2: "),
        ({"nested": 1}, "unknown field 'nested'"),
    ],
)
def test_a_bad_one_is_named_with_what_to_do(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as error:
        Recipe(optimizer="mine", **fields)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"my_bet": (0, 1)}, "the optimizer 'other' has no hyperparameter 'my_bet' to bound: did you mean 'my_beta'?"),
        ({"my_beta": (0, 0.5)}, r"my_beta must be in \[0, 0.5\], got 0.9"),
        ({"my_beta": (1, 0)}, "bounds of my_beta must be its smallest and its largest value"),
    ],
)
def test_bounds_that_do_not_fit_are_refused(bounds: dict[str, tuple[float, float]], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        register("other", heavy_ball, 0.1, bounds)
    assert "other" not in RULES


def test_recipes_with_one_are_values() -> None:
    recipe = Recipe(optimizer="mine", my_beta=0.3)
    assert recipe == Recipe(optimizer="mine", my_beta=np.float64(0.3))
    assert recipe != recipe.evolve(my_beta=0.4)
    assert recipe.evolve(my_beta=None) == Recipe(optimizer="mine", my_beta=None) == Recipe(optimizer="mine")
    assert differing_fields([recipe, Recipe(optimizer="mine")]) == ("my_beta",)
    assert recipe_labels([recipe, Recipe(optimizer="mine")]) == ("my_beta=0.3", "my_beta=default")
    assert "in [0, 0.99]; its default is 0.9" in str(recipe_fields()["my_beta"].description)


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_files_give_them_back(tmp_path: Path, suffix: str) -> None:
    recipe, path = Recipe(optimizer="mine", my_beta=0.3, window=2), tmp_path / f"mine{suffix}"
    save_recipe(recipe, path)
    assert load_recipe(path) == recipe


def test_toml_shows_those_of_its_optimizer() -> None:
    lines = recipe_toml(Recipe(optimizer="mine", my_beta=0.3)).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("# memory"))
    assert [line.split("=")[0].strip() for line in lines[place + 1 : place + 3]] == ["my_beta", "# window"]
    assert "my_beta" not in recipe_toml(Recipe()) + recipe_json(Recipe())


def test_training_gives_the_bits_of_the_factory_called_directly() -> None:
    iris = load_data("iris")
    register("direct", lambda learning_rate: heavy_ball(learning_rate, 0.3), 0.05)
    for given, direct in (({"my_beta": 0.3}, "direct"), ({}, "mine")):
        mine = train(iris, [Recipe(optimizer="mine", **given, **SMALL), Recipe(optimizer="mine", my_beta=0.5, **SMALL)])
        alone = train(iris, Recipe(optimizer=direct, **SMALL))
        assert same_bits(mine.params[0], alone.params[0])
        assert not same_bits(mine.params[0], mine.params[1])


def test_a_rule_that_branches_on_its_number_is_trained_too() -> None:
    def branching(learning_rate: Any, power: float = 1.0) -> Rule:
        return heavy_ball(learning_rate, 0.5 if power > 1 else 0.3)

    spec, iris = register("branching", branching, 0.05), load_data("iris")
    register("direct", lambda learning_rate: heavy_ball(learning_rate, 0.5), 0.05)
    assert spec.structural == {"power"}
    given = train(iris, Recipe(optimizer="branching", power=2, **SMALL))
    assert same_bits(given.params, train(iris, Recipe(optimizer="direct", **SMALL)).params)


def test_a_name_that_recipes_have_for_something_else_keeps_the_factorys_default() -> None:
    def own(learning_rate: Any, steps: int = 2, my_beta: float = 0.1) -> Rule:
        return heavy_ball(learning_rate, my_beta, steps)

    register("direct", own, 0.05)
    iris, small = load_data("iris"), {"hidden": (6,), "batch_size": 64}
    expected = train(iris, Recipe(optimizer="mine", my_beta=0.1, window=2, steps=5, **small))
    assert same_bits(train(iris, Recipe(optimizer="direct", steps=5, **small)).params, expected.params)


def test_spaces_search_them_under_their_optimizer() -> None:
    space = Space.of(optimizer=Choices(["sgd", "mine"]), my_beta=Range(0, 0.9), **SMALL)
    assert space.axes["my_beta"].when == {"optimizer": ("mine",)}
    assert space.recipe({"optimizer": "mine", "my_beta": 0.5}).number("my_beta") == 0.5
    assert space.recipe({"optimizer": "sgd"}).number("my_beta") is None
    assert space_from_json(space.to_json()) == space
    whole = Space.of(optimizer="mine", window=Range(1, 4), **SMALL).axes["window"]
    assert isinstance(whole, Range)
    assert whole.integer
    with pytest.raises(SpaceError, match=r"in the search space: my_beta must be in \[0, 0.99\], got 1.2"):
        Space.of(optimizer="mine", my_beta=Range(0, 1.2))
    with pytest.raises(SpaceError, match=r"my_beta has no effect while optimizer is sgd: let optimizer be mine"):
        Space.of(optimizer="sgd", my_beta=Range(0, 0.9))
    assert "my_beta" not in Space.of(optimizer="mine", epochs=Range(1, 2)).to_json()


def test_tuned_compared_saved_and_loaded(tmp_path: Path) -> None:
    iris = load_data("iris")
    space = Space.of(optimizer="mine", my_beta=Range(0.1, 0.9), **SMALL)
    tuned = tune(iris, space, Plan(trials=3, rounds=1, refit_recipes=1))
    chosen = tuned.recipe.number("my_beta")
    assert chosen is not None
    assert 0.1 <= chosen <= 0.9
    save_model(tuned.model, tmp_path / "model")
    assert load_model(tmp_path / "model").networks[0].recipe == tuned.model.networks[0].recipe

    result = compare(
        iris,
        {"light": {"optimizer": "mine", "my_beta": 0.1}, "heavy": {"optimizer": "mine", "my_beta": 0.9}},
        Terms(tune={}, seeds=(0, 1), looks=1),
        base=Recipe(**SMALL),
    )
    assert [one.varied for one in result.contenders] == [{"my_beta": 0.1}, {"my_beta": 0.9}]


def test_a_model_is_loaded_where_nobody_registered_the_rule(tmp_path: Path) -> None:
    iris = load_data("iris")
    save_model(Model.of(train(iris, Recipe(optimizer="mine", my_beta=0.3, **SMALL)), [0]), tmp_path / "mine")
    save_model(Model.of(train(iris, Recipe(optimizer="sgd", my_beta=0.3, **SMALL)), [0]), tmp_path / "sgd")
    del RULES["mine"]
    loaded = load_model(tmp_path / "mine")
    assert (loaded.networks[0].recipe.optimizer, loaded.networks[0].recipe.number("my_beta")) == ("mine", 0.3)
    save_model(loaded, tmp_path / "again")
    assert load_model(tmp_path / "again").networks[0].recipe == loaded.networks[0].recipe
    assert "my_beta = 0.3" in recipe_toml(loaded.networks[0].recipe)
    assert load_model(tmp_path / "sgd").networks[0].recipe == Recipe(optimizer="sgd", **SMALL)
