"""What a comparison is given, as recipes with labels; functions of one's own against the built-in ones."""

from pathlib import Path

import numpy as np
import optax
import pytest

from trainwell import Recipe, RecipeError, load_data, register, save_recipe, train
from trainwell.nn import INITIALIZERS
from trainwell.optim import RULES, SCHEDULES, momentum, sgd
from trainwell.training import contenders_of

BASE = Recipe(hidden=(8,), epochs=3, learning_rate=0.1)


@pytest.fixture(autouse=True)
def _only_built_in():
    registries = (RULES, SCHEDULES, INITIALIZERS)
    before = [dict(registry) for registry in registries]
    yield
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)


def half_wave(t, total_epochs):
    return 0.5 * (1 + np.cos(np.pi * t / total_epochs))


def of_fan_in(fan_in, fan_out):
    return (2 / fan_in) ** 0.5


def normal(rng, shape):
    return 0.1 * rng.standard_normal(shape)


def first_weights(contenders):
    trained = train(load_data("iris"), [one.recipe for one in contenders])
    return [np.asarray(params[0]["weights"]) for params in trained.params]


def test_recipes_files_and_changed_fields(tmp_path):
    save_recipe(Recipe(hidden=(5,)), tmp_path / "file.json")  # all fields
    (tmp_path / "file.toml").write_text("hidden = [5]\n")  # one: the others are the base's
    given = {
        "recipe": Recipe(epochs=1),
        "path": tmp_path / "file.toml",
        "text": str(tmp_path / "file.json"),
        "changes": {"optimizer": "sgd", "learning_rate": 0.5},
        "nothing": {},
    }
    contenders = contenders_of(given, BASE)
    assert [one.label for one in contenders] == list(given)
    assert [one.recipe for one in contenders] == [
        *(Recipe(epochs=1), BASE.evolve(hidden=(5,)), Recipe(hidden=(5,))),
        *(Recipe(hidden=(8,), epochs=3, learning_rate=0.5, optimizer="sgd"), BASE),
    ]
    assert contenders[3].varied == {"hidden": (8,), "optimizer": "sgd", "learning_rate": 0.5, "epochs": 3}


def test_without_labels_they_are_called_after_what_differs():
    contenders = contenders_of([{"optimizer": "sgd"}, {"optimizer": "adam", "batch_norm": True}])
    assert [one.label for one in contenders] == ["batch_norm=false, sgd", "batch_norm=true, adam"]
    assert [one.label for one in contenders_of((Recipe(), Recipe(schedule="cosine")))] == ["constant", "cosine"]


def test_labels_too_long_to_be_read_are_places():
    deep = {"hidden": (100,) * 20}
    labels = [one.label for one in contenders_of([{"optimizer": "sgd"}, deep])]
    assert labels == ["hidden=100x100, sgd", "contender 2"]


@pytest.mark.slow
def test_fifty_contenders():
    contenders = contenders_of([{"learning_rate": 0.01 * k} for k in range(1, 51)])
    assert len({one.label for one in contenders}) == 50
    assert contenders[6].label == "learning_rate=0.07"


def test_equal_recipes_need_labels():
    contenders = contenders_of({"one": BASE, "other": {}}, BASE)
    assert contenders[0].recipe == contenders[1].recipe
    assert [one.varied for one in contenders] == [{}, {}]
    with pytest.raises(RecipeError, match="contenders 1 and 3 are the same: leave one out, or label both"):
        contenders_of([{}, {"optimizer": "sgd"}, Recipe()])


@pytest.mark.slow
def test_a_users_optimizer_trains_as_the_built_in_one():
    contenders = contenders_of({"SGD": {"optimizer": "sgd"}, "SGD of optax": optax.sgd, "sgd, too": sgd}, BASE)
    assert [one.recipe.optimizer for one in contenders] == ["sgd", "SGD_of_optax", "sgd_too"]
    built_in, own, factory = first_weights(contenders)
    np.testing.assert_allclose(own, built_in, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(factory, built_in, rtol=1e-5, atol=1e-7)


def test_users_schedules_and_initializations_train_as_the_built_in_ones():
    contenders = contenders_of(
        {
            "built in": {"schedule": "cosine", "initialization": "he"},
            "own": {"schedule": half_wave, "initialization": of_fan_in},
            "drawn": {"initialization": normal},
        },
        BASE.evolve(optimizer="sgd"),
    )
    assert (contenders[1].recipe.schedule, contenders[1].recipe.initialization) == ("own", "own")
    built_in, own, drawn = first_weights(contenders)
    assert built_in.tobytes() == own.tobytes() != drawn.tobytes()


def test_an_own_optimizer_starts_at_a_thousandth_unless_it_was_registered_otherwise():
    register("known", optax.lion, 1e-4)
    contenders = contenders_of({"known": optax.lion, "new": optax.lion, "more": lambda rate, b1=0.5: optax.adam(rate)})
    assert [RULES[one.recipe.optimizer].default_learning_rate for one in contenders] == [1e-4, 1e-3, 1e-3]
    assert contenders[0].recipe.learning_rate is None


def test_functions_without_labels_have_their_own_names():
    given = [optax.lion, optax.adamw, {"schedule": half_wave}, momentum, {"optimizer": optax.adamw, "epochs": 1}]
    names = [(one.recipe.optimizer, one.recipe.schedule) for one in contenders_of(given)]
    assert names == [
        *(("lion", "constant"), ("optax_adamw", "constant"), ("adam", "half_wave")),
        *(("momentum", "constant"), ("optax_adamw", "constant")),
    ]
    assert RULES["adamw"].shares_slots  # the built-in one is what it was
    with pytest.raises(RecipeError, match="contender 2: its optimizer has no name of its own: label it"):
        contenders_of([{}, lambda rate: optax.sgd(rate)])


def test_a_cell_that_runs_again_names_the_same():
    cell = "def rule(learning_rate):\n    return optax.sgd(learning_rate)\nschedule = lambda t: 1 / (1 + t)"
    names = {"optax": optax}
    for before in ("", "# another line\n"):
        exec(before + cell, names)  # noqa: S102  # as a notebook does
        contenders = contenders_of({"mine": {"optimizer": names["rule"], "schedule": names["schedule"]}, "base": {}})
        assert contenders[0].recipe.optimizer == contenders[0].recipe.schedule == "mine"
    exec(cell.replace("1 / (1 + t)", "1 / (2 + t)"), names)  # noqa: S102
    with pytest.raises(RecipeError, match=r"^contender 'mine': another schedule is already named 'mine'") as e:
        contenders_of({"mine": {"optimizer": names["rule"], "schedule": names["schedule"]}, "base": {}})
    assert str(e.value).endswith("label yours differently, e.g. 'mine (own)'")


def test_a_taken_name_says_what_to_do():
    with pytest.raises(RecipeError, match=r"already named 'adam': .* e\.g\. 'adam \(own\)'$"):
        contenders_of({"adam": optax.adam, "sgd": {"optimizer": "sgd"}})
    contenders = contenders_of({"adam (own)": optax.adam, "sgd": {"optimizer": "sgd"}})
    assert contenders[0].recipe.optimizer == "adam_own"


@pytest.mark.parametrize(
    ("label", "name"),
    [("2nd try", "own_2nd_try"), ("β = 0.9", "β_0_9"), ("+++", "own"), ("  a__b ", "a_b"), ("x²", "x")],
)
def test_names_are_made_of_labels(label, name):
    assert contenders_of({label: optax.sgd, "other": {}})[0].recipe.optimizer == name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "a comparison needs at least two contenders, got 0: add what to compare with"),
        ([{}], "a comparison needs at least two contenders, got 1"),
        (None, r"contenders must be a list or labelled, as in \{'my label': ...\}, got nothing"),
        ("adam,sgd", "contenders must be a list or labelled, as in .*, got str 'adam,sgd'"),
        (Recipe(), "contenders must be a list or labelled, as in .*, got Recipe"),
        (["adam", "sgd"], r"contender 1: 'adam' is not a .toml or .json file: .* as \{'optimizer': 'adam'\}"),
        (["no.toml", {}], "contender 1: no.toml: cannot read the recipe: No such file"),
        ({"a": Path("no.txt"), "b": {}}, "contender 'a': no.txt: a recipe must be a .toml or .json file"),
        ({"a": 3, "b": {}}, "contender 'a': it must be a recipe, a file, changed fields or .*, got int '3'"),
        ({"optimizer": ["sgd", "adam"], "b": {}}, "contender 'optimizer': it must be a recipe, a file, .*, got list"),
        ({"a": {"optimzer": "sgd"}, "b": {}}, "contender 'a': unknown field 'optimzer': did you mean 'optimizer'"),
        ({"a": {"optimizer": "sdg"}, "b": {}}, "contender 'a': unknown optimizer 'sdg': did you mean 'sgd'"),
        ({"a": {"activation": np.tanh}, "b": {}}, "contender 'a': activation cannot be a function, only network, "),
        ({"a": optax.adam(1e-3), "b": {}}, "contender 'a': the optimizer 'a' is built already, .* such as optax.adam"),
        ([{}, optax.adam(1e-3)], "contender 2: the optimizer 'own' is built already"),
        ({"adam": optax.adam(1e-3), "b": {}}, "contender 'adam': the optimizer 'adam' is built already"),
        ({"a": {"optimizer": sgd(0.1)}, "b": {}}, "contender 'a': the optimizer 'a' is built already"),
        ({"a": {"schedule": None}, "b": {}}, "contender 'a': the schedule 'a' must be a function of time, got None"),
        ({"a": {"initialization": 3}, "b": {}}, "contender 'a': the initialization 'a' must be a function, got 3"),
        ({"": {}, "b": {}}, "a contender's label must be 1 to 60 printable characters, got ''"),
        ({" ": {}, "b": {}}, "a contender's label must be 1 to 60 printable characters, got ' '"),
        ({"a\nb": {}, "b": {}}, r"a contender's label must be .*, got 'a\\nb': try 'mine'"),
        ({"x" * 61: {}, "b": {}}, "a contender's label must be 1 to 60 printable characters, got 'xxx"),
        ({1: {}, 2: {}}, "a contender's label must be 1 to 60 printable characters, got 1"),
    ],
)
def test_what_is_no_contender_is_refused_in_one_line(given, message):
    known = [set(registry) for registry in (RULES, SCHEDULES, INITIALIZERS)]
    with pytest.raises(RecipeError, match=f"^{message}") as error:
        contenders_of(given)
    assert "\n" not in str(error.value)
    assert [set(registry) for registry in (RULES, SCHEDULES, INITIALIZERS)] == known
