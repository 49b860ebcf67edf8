"""Recipe fields written as text."""

import pytest

from trainwell.cli.options.fields import parse_assignments, parse_grid
from trainwell.cli.options.run import parse_seeds
from trainwell.core import RecipeError, value_text
from trainwell.training import Recipe, parse_field

TEXTS = [
    ("hidden", "100,50", (100, 50)),
    ("hidden", "100x50", (100, 50)),
    ("hidden", "[100, 50]", (100, 50)),
    ("hidden", "7", (7,)),
    ("hidden", "none", ()),
    ("layer_learning_rates", "0.1x1", (0.1, 1)),
    ("learning_rate", "1e-3", 0.001),
    ("learning_rate", "none", None),
    ("inputs", "none", "none"),
    ("batch_size", "64", 64),
    ("batch_size", "full", "full"),
    ("optimizer", " adam ", "adam"),
]


@pytest.mark.parametrize(("field", "text", "value"), TEXTS)
def test_text_becomes_a_value_the_recipe_takes(field, text, value):
    assert parse_field(field, text) == value
    extra = {"hidden": (9,)} if field == "layer_learning_rates" else {}
    assert getattr(Recipe(**{field: value}, **extra), field) == value


@pytest.mark.parametrize(
    ("field", "text", "line"),
    [
        ("hidden", "", "hidden has an empty value: write none, or some numbers"),
        ("hidden", " ", "hidden has an empty value: write none, or some numbers"),
        ("hidden", "9,,9", "hidden has an empty item in '9,,9': write numbers joined by commas, or none"),
        ("hidden", ",", "hidden has an empty item in ',': write numbers joined by commas, or none"),
        ("optimizer", "", "optimizer has an empty value: write one, or leave the field out"),
    ],
)
def test_an_empty_value_is_not_none(field, text, line):
    with pytest.raises(RecipeError) as error:
        parse_field(field, text)
    assert str(error.value) == line


def test_true_and_false_become_booleans():
    given = parse_assignments(["batch_norm=true", "restore-best=false", "clip_norm=0.5"])
    recipe = Recipe(**given)
    assert (recipe.batch_norm, recipe.restore_best, recipe.clip_norm) == (True, False, 0.5)


@pytest.mark.parametrize("value", [(100, 50), (), None, 0.001, "full", True, 12])
def test_written_and_parsed_is_the_same(value):
    field = {tuple: "hidden", type(None): "learning_rate", float: "learning_rate", str: "batch_size"}.get(type(value))
    if field:
        assert parse_field(field, value_text(value)) == value
    assert "," not in value_text(value)


def test_a_grid_is_every_combination_the_last_field_fastest():
    assert parse_grid(["optimizer=sgd,adam", "hidden=9x9,none"]) == [
        {"optimizer": "sgd", "hidden": (9, 9)},
        {"optimizer": "sgd", "hidden": ()},
        {"optimizer": "adam", "hidden": (9, 9)},
        {"optimizer": "adam", "hidden": ()},
    ]


@pytest.mark.parametrize(
    ("varied", "line"),
    [
        (["optimzer=sgd"], "--vary: unknown field 'optimzer': did you mean 'optimizer'?"),
        (["optimizer"], "--vary optimizer has no '=': write --vary optimizer=VALUE"),
        (["optimizer="], "--vary optimizer= names no value: write optimizer=a,b,c"),
        (
            ["optimizer=sgd,,adam"],
            "--vary optimizer=sgd,,adam has an empty value: write optimizer=a,b,c without empty entries",
        ),
        (["optimizer=sgd,adam,sgd"], "--vary optimizer has the value sgd twice: name each value once"),
        (["epochs=1", "epochs=2"], "--vary names epochs twice: give all its values at once"),
    ],
)
def test_a_bad_grid_says_why(varied, line):
    with pytest.raises(RecipeError) as error:
        parse_grid(varied)
    assert str(error.value) == line


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("3", (0, 1, 2)), ("0,4,9", (0, 4, 9)), ("7,", (7,)), ("9223372036854775807,0", (2**63 - 1, 0))],
)
def test_seeds(text, seeds):
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize(
    "text", ["0", "-1", "", "a", "1,-1", "1.5", "2,2", ",", "100001", "99999999999999999999", "0,9223372036854775808"]
)
def test_bad_seeds(text):
    with pytest.raises(RecipeError, match="--seeds"):
        parse_seeds(text)
