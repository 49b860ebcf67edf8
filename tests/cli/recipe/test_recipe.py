"""`trainwell recipe`."""

import json
import tomllib

from trainwell.training import Recipe, load_recipe


def test_show_prints_a_recipe_that_reads_back(cli):
    shown = tomllib.loads(cli("recipe", "show", "--hidden", "9,9", "--set", "clip-norm=2").out)
    assert Recipe(**shown) == Recipe(**Recipe(hidden=(9, 9), clip_norm=2).model_dump(exclude_none=True))
    assert json.loads(cli("recipe", "show", "--json").out) == Recipe().model_dump(mode="json")


def test_write_check_and_use(cli, tmp_path):
    assert cli("recipe", "write", "mine.toml", "--optimizer", "sgd", "--epochs", "2").code == 0
    assert load_recipe(tmp_path / "mine.toml").optimizer == "sgd"
    assert (
        cli("recipe", "check", "mine.toml").out == "mine.toml is a valid recipe; it changes optimizer=sgd, epochs=2\n"
    )
    assert json.loads(cli("recipe", "check", "mine.toml", "--json").out)["changed"] == {"optimizer": "sgd", "epochs": 2}
    changed = tomllib.loads(cli("recipe", "show", "mine.toml", "--epochs", "5").out)
    assert (changed["optimizer"], changed["epochs"]) == ("sgd", 5)
    results = json.loads(cli("train", "iris", "--recipe", "mine.toml", "--seeds", "1", "--json").out)
    assert (results["recipes"][0]["label"], results["recipes"][0]["epochs"]) == ("sgd", 2)


def test_what_does_nothing_is_noted(cli, tmp_path):
    words = ("--set", "momentum=0.5", "--set", "negative_slope=0.2", "--set", "batch_norm_momentum=0.5", "--steps", 9)
    notes = [
        "note: negative_slope has no effect while activation is relu",
        "note: batch_norm_momentum has no effect while batch_norm is false",
        "note: momentum has no effect with adam",
        "note: epochs has no effect while steps is 9",
    ]
    assert cli("recipe", "show", *words, "--epochs", 5).err.splitlines() == notes
    assert cli("recipe", "write", "mine.toml", *words).err.splitlines() == notes[:-1]
    assert cli("recipe", "check", "mine.toml").err.splitlines() == notes[:-1]
    assert cli("recipe", "show").err == ""


def test_write_overwrites_nothing(cli, tmp_path):
    (tmp_path / "recipe.toml").write_text("mine")
    done = cli("recipe", "write")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert (tmp_path / "recipe.toml").read_text() == "mine"


def test_two_recipes_are_one_too_many(cli):
    done = cli("recipe", "show", "a.toml", "--recipe", "b.toml")
    assert (done.code, "leave one out" in done.err) == (2, True)
