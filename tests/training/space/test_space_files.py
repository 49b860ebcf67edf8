"""Spaces as files."""

import json
import tomllib
from pathlib import Path

import pytest

from trainwell.core import RecipeError
from trainwell.training import Choices, Range, Recipe, Space, load_space, save_space, space_from_json, space_toml

BOOK = """
hidden = [100, 100, 100, 100, 100, 100]
optimizer = "sgd"
learning_rate = { low = 1e-6, high = 1e-2, log = true }
l2_penalty = { low = 1e-8, high = 1e-4, log = true }
batch_size = 100
epochs = 50
"""

RICH = """
width = [32, 64, 128]
depth = { low = 0, high = 3 }
optimizer = { choices = ["sgd", "momentum", "adam"] }
learning_rate = { low = 1e-4, high = 1, log = true }
momentum = { low = 0.5, high = 0.99 }
batch_norm = [true, false]
dropout_rate = { low = 0, high = 0.5, when = { batch_norm = false }, otherwise = 0.1 }
clip_norm = ["none", 1, 5.0]
inputs = ["none", "standardize"]
batch_size = [64, "full"]
schedule = ["constant", "step"]
schedule_milestones = [[10], [10, 20]]
schedule_factor = { low = 0.1, high = 0.9, step = 0.2 }
"""

SPACES = {
    "ranges": Space.of(learning_rate=Range(1e-6, 1e-2, log=True), epochs=Range(1, 9, integer=True)),
    "sizes": Space.of(width=Range(8, 64, log=True), depth=2),
    "depth": Space.of(width=17, depth=Range(0, 2)),
    "lists": Space.of(hidden=Choices([(100, 50), (), (9,)]), learning_rate=Range(0.1, 1, when={"hidden": [(9,), ()]})),
    "one list": Space.of(hidden=Choices([(9,)]), learning_rate=Range(0.1, 1)),
    "base": Space(
        Recipe(optimizer="momentum", momentum=0.3, hidden=(9, 8), clip_norm=2.0),
        {"optimizer": Choices(["momentum", "sgd"]), "l2_penalty": Range(0, 1, when={"optimizer": "sgd"})},
    ),
    "otherwise": Space(
        Recipe(momentum=0.3, dropout_rate=0.2, hidden=(9, 9, 9)),
        {
            "optimizer": Choices(["momentum", "sgd"]),
            "momentum": Range(0.1, 0.9),
            "dropout_rate": Choices([0.0, 0.5], when={"optimizer": "sgd"}),
            "width": Choices([8, 16], when={"dropout_rate": 0}),
        },
    ),
    "weights": Space.of(initialization=Choices(["normal", "constant"]), weight_std=Range(0.01, 1, log=True)),
    "weights of one": Space.of(initialization=Choices(["he", "normal", "glorot"]), weight_std=0.02),
    "unset": Space.of(clip_norm=Choices([None, 1.0]), layer_learning_rates=Choices([None, (0.5, 1, 2)])),
    "full": Space.of(batch_size=Choices(["full", 32]), patience=Choices([None, 5])),
    "rich": space_from_json(tomllib.loads(RICH)),
}


@pytest.mark.parametrize("suffix", [".toml", ".json"])
@pytest.mark.parametrize("name", SPACES)
def test_files_give_the_same_space_back(tmp_path: Path, name: str, suffix: str) -> None:
    path = tmp_path / f"space{suffix}"
    save_space(SPACES[name], path)
    again = load_space(path)
    assert again == SPACES[name]
    assert again.ordered == SPACES[name].ordered
    assert again.axes == SPACES[name].axes
    assert again.to_json() == SPACES[name].to_json() == json.loads(json.dumps(SPACES[name].to_json()))


def test_the_books_space(tmp_path: Path) -> None:
    """F-6-24: six layers of 100 by SGD, learning rate and decay on log scales."""
    (tmp_path / "book.toml").write_text(BOOK)
    space = load_space(tmp_path / "book.toml")
    base = Recipe(hidden=(100,) * 6, optimizer="sgd", batch_size=100, epochs=50)
    assert space == Space(
        base, {"learning_rate": Range(1e-6, 1e-2, log=True), "l2_penalty": Range(1e-8, 1e-4, log=True)}
    )
    point = {"learning_rate": 3e-3, "l2_penalty": 2e-6}
    assert space.recipe(point) == base.evolve(**point)
    assert 'optimizer = "sgd"' in space_toml(space)
    assert "learning_rate = { low = 1e-06, high = 0.01, log = true } # step size" in space_toml(space)


def test_a_rich_file_is_read_as_it_is_meant() -> None:
    space = SPACES["rich"]
    assert space.axes["clip_norm"].values == (None, 1.0, 5.0)
    assert space.axes["inputs"].values == ("none", "standardize")
    assert space.axes["batch_norm"].values == (True, False)
    assert space.axes["schedule_milestones"] == Choices([(10.0,), (10.0, 20.0)], when={"schedule": ("step",)})
    assert space.axes["width"] == Choices([32, 64, 128], when={"depth": (1, 2, 3)})
    assert space.axes["dropout_rate"] == Range(0.0, 0.5, when={"batch_norm": (False,)})
    values = {"width": 64, "depth": 2, "optimizer": "sgd", "learning_rate": 0.1, "batch_norm": True, "clip_norm": None}
    values |= {"inputs": "none", "batch_size": "full", "schedule": "constant"}
    assert space.active(values) == tuple(name for name in space.ordered if name in values)
    assert space.recipe(values) == Recipe(
        hidden=(64, 64), learning_rate=0.1, batch_norm=True, dropout_rate=0.1, inputs="none", batch_size="full"
    ).evolve(optimizer="sgd")


def test_the_file_says_what_goes_without_saying_in_a_comment_only() -> None:
    line = next(line for line in space_toml(SPACES["rich"]).splitlines() if line.startswith("momentum"))
    assert tomllib.loads(line) == {"momentum": {"low": 0.5, "high": 0.99}}
    assert line.endswith("# share of the velocity that is kept; where optimizer is momentum")
    text = space_toml(SPACES["rich"])
    said = next(line for line in text.splitlines() if line.startswith("dropout_rate"))
    assert said.endswith("# probability of a hidden unit being zeroed")
    heading, network, width = text.splitlines()[:3]
    assert (heading, network.split("  ")[0]) == ("# Network", 'network = "fully_connected"')
    assert width.startswith("width = { choices = [32, 64, 128] }  # units of every hidden layer; where depth is 1 or")
    assert text.count("# Network") == 1
    assert "# momentum =" not in text
    assert "# rho =                              # RMSProp's" in text
    assert "hidden =" not in text


def test_one_value_will_do_in_a_condition() -> None:
    table = {"optimizer": ["sgd", "adam"], "l2_penalty": {"low": 0, "high": 1, "when": {"optimizer": "sgd"}}}
    assert space_from_json(table).axes["l2_penalty"].when == {"optimizer": ("sgd",)}
    listed = {"hidden": [[9], [9, 9]], "l2_penalty": {"low": 0, "high": 1, "when": {"hidden": [9, 9]}}}
    assert space_from_json(listed).axes["l2_penalty"].when == {"hidden": ((9, 9),)}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("epochs = 3", "nothing to search: give a range or a list of choices"),
        ("learning_rate = { low = 2, high = 1 }", "learning_rate: the low end 2 of a range is above its high end 1"),
        ("learning_rate = { low = 0, high = 1, log = true }", "learning_rate: a log range must begin above 0, got 0"),
        ("learning_rate = { low = 1 }", "learning_rate: a range needs low and high, high is missing"),
        (
            "learning_rate = { low = 1, hihg = 2 }",
            "learning_rate: 'hihg' is not a key of a range: did you mean 'high'?",
        ),
        ("learning_rate = { low = 1, high = nan }", "learning_rate: high of a range must be a finite number, got nan"),
        ("learning_rate = { low = 1, high = 2, log = 1 }", "learning_rate: log of a range must be true or false"),
        ("learning_rate = { low = 1, high = '2' }", "learning_rate: high of a range must be a finite number, got '2'"),
        (
            "learning_rate = { low = 1, high = 2, when = 3 }",
            "learning_rate: a condition must be a field and its values",
        ),
        ("learning_rate = { choices = [1], low = 1 }", "learning_rate: 'low' is not a key of choices: choose from"),
        ("learning_rate = { choices = 1 }", "learning_rate: choices must be a list of values, got 1"),
        ("learning_rate = []", "learning_rate: a list of choices is empty: name at least one value"),
        ("optimizer = { choices = [] }", "optimizer: a list of choices is empty: name at least one value"),
        ("hidden = { choices = [] }", "hidden: a list of choices is empty: name at least one value"),
        (
            "hidden = { choices = [100, 50] }",
            "choices of hidden must be a list of lists, got [100, 50]: write [[100, 50]]",
        ),
        ("hidden = [[100], 50]", "in the search space: hidden must be"),
        ("optimizer = ['sgd', 'sgd']", "optimizer: a list of choices has sgd twice: name each value once"),
        (
            "optimizer = { low = 1, high = 2 }",
            "optimizer cannot be a range, its values are words: list them as choices",
        ),
        ("learning_rat = { low = 1, high = 2 }", "there is no field 'learning_rat' to search: did you mean"),
        ("learning_rat = [1, 2]", "there is no field 'learning_rat' to search: did you mean 'learning_rate'?"),
        ("learning_rat = 1\nepochs = [1, 2]", "unknown field 'learning_rat': did you mean 'learning_rate'?"),
        ("metric = ['loss', 'accuracy']", "metric defines how trials are judged and must be the same for all"),
        ("hidden = [9]\nwidth = [8, 9]", "hidden is given together with width or depth, which set it: leave one out"),
        ("width = 9.5\ndepth = [1, 2]", "width must be a whole number from 1, got 9.5"),
        ("width = { low = 8, high = 9 }\ndepth = 0", "width has no effect while depth is 0"),
        ("momentum = [0.5, 1.2]\noptimizer='momentum'", "in the search space: momentum must be in [0, 1), got 1.2"),
        (
            "epochs = [1, 2]\nrho = { low = 0, high = 0.5, when = { optmizer = 'rmsprop' } }",
            "rho has a condition on an",
        ),
        ("epochs = { low = 1, high = 2, otherwise = 3 }", "epochs has an 'otherwise' but is always active"),
        ("epochs = { low = 1, high = 2, otherwise = [3, 4] }", "epochs has several values in 'otherwise': give one"),
        ("[training]\nepochs = 3", "there is no field 'training' to search"),
        ("epochs = ", "not valid TOML"),
    ],
)
def test_a_mistake_is_one_line_with_the_files_name(tmp_path: Path, content: str, line: str) -> None:
    path = tmp_path / "space.toml"
    path.write_text(content)
    with pytest.raises(RecipeError) as error:
        load_space(path)
    assert str(error.value).startswith(f"{path}: {line}")
    assert "\n" not in str(error.value)


def test_a_missing_file_and_another_kind(tmp_path: Path) -> None:
    with pytest.raises(
        RecipeError, match="cannot read the space: No such file or directory; start from the default space"
    ):
        load_space(tmp_path / "none.toml")
    with pytest.raises(RecipeError, match=r"a space must be a .toml or .json file, got the suffix '.yaml'"):
        load_space(tmp_path / "space.yaml")
