"""Options made from the fields of recipes, plans and terms."""

import re

import pytest
import typer

from trainwell.cli.app import program
from trainwell.cli.options.recipe import changes_of, on_a_surface
from trainwell.comparison import Terms
from trainwell.core import RecipeError, bounds_of, settings_of, value_text
from trainwell.landscape import CurvatureSettings, RaceSettings
from trainwell.nn import ACTIVATIONS, INITIALIZERS
from trainwell.optim import RULES, SCHEDULES
from trainwell.search import SAMPLERS, Plan
from trainwell.training import Recipe, recipe_toml

WITH_A_RECIPE = (("train",), ("tune",), ("compare",), ("recipe", "show"), ("recipe", "write"))
SETTINGS = [
    *((words, Recipe, name) for words in WITH_A_RECIPE for name in Recipe.model_fields if name != "metric"),
    *((("race",), Recipe, name) for name in Recipe.model_fields if on_a_surface(name)),
    *((("tune",), Plan, name) for name in settings_of(Plan)),
    *((("compare",), Terms, name) for name in settings_of(Terms)),
    *((("race",), RaceSettings, name) for name in settings_of(RaceSettings)),
    *((("curvature",), CurvatureSettings, name) for name in settings_of(CurvatureSettings)),
]
RENAMED = {
    (Plan, "seconds"): "time",
    (Terms, "seconds"): "time",
}
WRITTEN = {
    (Plan, "seeds"): "1",  # as many, from 0
    (Recipe, "batch_size"): "128; fewer on small data",
    (Recipe, "epochs"): "30; adapted to the size of the data",
}
NAMES = {
    "activation": ACTIVATIONS,
    "initialization": INITIALIZERS,
    "optimizer": RULES,
    "schedule": SCHEDULES,
}


def options(*words):
    """The options of a command by name."""
    command = typer.main.get_command(program(words))
    for word in words:
        command = command.commands[word]
    return {one.name: one for one in command.params}


@pytest.fixture(scope="module")
def made():
    """The options of every command that has any from fields."""
    return {words: options(*words) for words in {words for words, _, _ in SETTINGS}}


@pytest.mark.parametrize(("words", "owner", "name"), SETTINGS)
def test_every_setting_is_an_option_with_its_meaning_and_default(made, words, owner, name):
    setting = settings_of(owner)[name]
    option = RENAMED.get((owner, name), name)
    one = made[words][option]
    assert f"--{option.replace('_', '-')}" in one.opts
    assert one.default is None  # not given: as the file, or the default, has it
    meaning = str(setting.description).partition("; default:")[0]
    assert one.help.startswith(meaning[0].upper() + meaning[1:])
    if setting.default is not None:
        switch = "" if setting.default is True else "no-"
        shown = (
            f"{switch}{option.replace('_', '-')}"
            if one.is_flag
            else WRITTEN.get((owner, name), value_text(setting.default))
        )
        assert f"[default: {shown}]" in one.help


def test_defaults_that_are_made_are_shown(made):
    assert "[default: learning_rate=1e-05..10:log]" in made["compare",]["tune"].help
    assert "[default: halving]" in made["tune",]["halving"].help


def test_the_metric_of_tune_is_one_option_for_plan_and_recipe(made):
    for words in (("tune",), ("compare",)):
        assert "Metric to optimize" in made[words]["metric"].help
    assert "early stopping" in made["train",]["metric"].help


@pytest.mark.parametrize("name", NAMES)
def test_help_lists_every_name_that_there_is(name):
    listed = settings_of(Recipe)[name].examples
    assert set(listed) == set(NAMES[name])
    assert len(set(listed)) == len(listed)


def test_options_say_how_lists_are_written_and_files_do_not(made):
    lists = {"hidden": "100x50", "layer_learning_rates": "0x1x1", "schedule_milestones": "30x60"}
    for name, written in lists.items():
        assert f", joined by x, e.g. {written}" in made["train",][name].help
        assert changes_of({name: written}, None) == {name: tuple(map(int, written.split("x")))}
    assert not [line for line in recipe_toml(Recipe()).splitlines() if " x, " in line or "e.g." in line]


def test_help_lists_every_sampler(made):
    words = re.findall(r"\w+", made["tune",]["sampler"].help.partition("[default")[0])
    assert [word for word in dict.fromkeys(words) if word in SAMPLERS] == list(SAMPLERS)


@pytest.mark.parametrize("words", WITH_A_RECIPE)
def test_the_options_that_matter_most_come_first(made, words):
    first = [name for name, one in made[words].items() if getattr(one, "rich_help_panel", None) in (None, "Options")]
    assert 5 <= len(first) <= 15, first


@pytest.mark.parametrize("name", Recipe.model_fields)
def test_what_an_option_shows_as_default_it_takes(name):
    value = settings_of(Recipe)[name].default
    text = value if isinstance(value, bool) else value_text(value)
    assert changes_of({name: text}, None) == {name: value}


def test_numbers_of_rules_have_the_defaults_that_help_says(made):
    for spec in RULES.values():
        for name, value in spec.hyperparameters.items():
            (said,) = re.findall(r"\[default: (.*)\]$", made["train",][name].help)
            assert float(said) == value, (spec.name, name)


BAD = {
    **dict.fromkeys(NAMES, "nonsense"),
    **dict.fromkeys(("weight_distribution", "inputs", "dropout", "batches", "last_batch", "metric"), "nonsense"),
    **dict.fromkeys(("batch_norm", "schedule_stepwise", "restore_best", "observe_batch"), "2"),
}


@pytest.mark.parametrize("name", Recipe.model_fields)
def test_a_bad_value_is_one_line_that_names_the_option(name):
    with pytest.raises(RecipeError) as error:
        changes_of({name: BAD.get(name, "-1")}, None)
    assert str(error.value).startswith(f"--{name.replace('_', '-')}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "words", [("train", "iris"), ("tune", "iris"), ("compare", "iris", "--vary", "batch_size=8,9")]
)
@pytest.mark.parametrize("given", [("--beta1", "1.5"), ("--clip-norm", "much"), ("--restore-best", "perhaps")])
def test_commands_say_it_so_and_write_nothing(cli, tree, words, given):
    done = cli(*words, *given)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith(f"trainwell: error: {given[0]}: ")
    assert tree() == {}


def test_a_field_by_its_option_and_by_set_is_the_same(cli):
    words = ("recipe", "show", "--optimizer", "adam", "--schedule", "step")
    by_option = cli(*words, "--beta1", "0.8", "--schedule-milestones", "3x5", "--restore-best", "true")
    by_set = cli(*words, "--set", "beta1=0.8", "--set", "schedule_milestones=3,5", "--set", "restore-best=true")
    assert (by_option.code, by_option.err) == (0, "")
    assert by_option.out == by_set.out
    assert "schedule_milestones = [3.0, 5.0]" in by_option.out


def test_none_unsets_what_a_file_sets(cli, tmp_path):
    (tmp_path / "mine.toml").write_text("patience = 5\n")
    assert "patience = 5" in cli("recipe", "show", "mine.toml").out
    assert "# patience =" in cli("recipe", "show", "mine.toml", "--patience", "none").out


@pytest.mark.parametrize(("words", "owner"), [("race", RaceSettings), ("curvature", CurvatureSettings)])
def test_a_range_that_a_setting_has_is_its_options(made, words, owner):
    for name, setting in settings_of(owner).items():
        one, bounds = made[words,][name], bounds_of(setting)
        assert (one.min, one.max) == (bounds.get("ge"), bounds.get("le"))
