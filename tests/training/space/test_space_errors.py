"""Every mistake in a space is one clear line, when the space is made."""

import math

import pytest

from trainwell.core import RecipeError, SpaceError
from trainwell.training import Choices, Range, Recipe, Space

ALONE = [
    (lambda: Range(2, 1), "the low end 2 of a range is above its high end 1: swap them"),
    (lambda: Range(0.1, 0.1), "a range from 0.1 to 0.1 is a single number: write 0.1"),
    (lambda: Range(0, 1, log=True), "a log range must begin above 0, got 0: try 0.001, or leave log out"),
    (lambda: Range(-1, -0.5, log=True), "a log range must begin above 0, got -1: leave log out"),
    (lambda: Range(1.5, 3, integer=True), "low of a range of whole numbers must be whole, got 1.5: try 2"),
    (lambda: Range(1, 3.5, integer=True), "high of a range of whole numbers must be whole, got 3.5: try 4"),
    (lambda: Range(1, 3, step=0.5, integer=True), "step of a range of whole numbers must be whole, got 0.5: try 1"),
    (lambda: Range(math.nan, 1), "low of a range must be a finite number, got nan"),
    (lambda: Range(0, math.inf), "high of a range must be a finite number, got inf"),
    (lambda: Range("1", 2), "low of a range must be a finite number, got '1'"),
    (lambda: Range(True, 2), "low of a range must be a finite number, got True"),
    (lambda: Range(0, 1, step=0), "step of a range must be above 0, got 0"),
    (lambda: Range(0, 1, step=0.3), "steps of 0.3 from 0 do not reach 1: try high = 0.9"),
    (lambda: Range(1, 3, step=5), "steps of 5 from 1 do not reach 3: try high = 6"),
    (
        lambda: Range(0, 1, step=1 / 3),
        "steps of 0.3333333333333333 from 0 do not reach 1: try high = 0.9999999999999999",
    ),
    (lambda: Range(1, 9, log=True, step=2), "a log range cannot have a step: leave step or log out"),
    (lambda: Range(1, 9, when="adam"), "a condition must be a field and its values"),
    (lambda: Choices([]), "a list of choices is empty: name at least one value"),
    (lambda: Choices(["sgd", "adam", "sgd"]), "a list of choices has sgd twice: name each value once"),
    (lambda: Choices([1, 1.0]), "a list of choices has 1.0 twice: name each value once"),
    (lambda: Choices([[9, 9], (9, 9)]), "a list of choices has 9x9 twice: name each value once"),
    (lambda: Choices([0.1, math.nan]), "a list of choices has nan: numbers must be finite"),
    (lambda: Choices([(1.0, math.inf)]), "a list of choices has inf: numbers must be finite"),
    (lambda: Choices("sgd"), "choices must be a list of values, got 'sgd': write ['sgd', …]"),
]


@pytest.mark.parametrize(("make", "line"), ALONE, ids=[line for _, line in ALONE])
def test_an_axis_alone(make, line):
    with pytest.raises(SpaceError) as error:
        make()
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


TWO = Choices(["sgd", "momentum"])
RATE = Range(0.1, 1)
FIELDS = [
    ({}, "nothing to search: give a range or a list of choices"),
    ({"learning_rat": RATE}, "there is no field 'learning_rat' to search: did you mean 'learning_rate'?"),
    ({"observe_every": Range(1, 2)}, "observe_every defines how trials are judged and must be the same for all"),
    ({"metric": Choices(["loss", "accuracy"])}, "metric defines how trials are judged and must be the same for all"),
    ({"batch_norm": Range(0, 1)}, "batch_norm cannot be a range, its values are true or false: list them as choices"),
    ({"activation": Range(0, 1)}, "activation cannot be a range, its values are words: list them as choices"),
    ({"inputs": Range(0, 1)}, "inputs cannot be a range, its values are words: list them as choices"),
    ({"hidden": Range(1, 9)}, "hidden cannot be a range, its values are lists: list them as choices"),
    ({"batch_size": Range(1, 9.5)}, "batch_size is a whole number, its range is 1..9.5: give whole ends and steps"),
    ({"depth": Range(0.5, 2)}, "depth is a whole number, its range is 0.5..2: give whole ends and steps"),
    ({"width": Choices([8, 9.5])}, "width must be a whole number from 1, got 9.5"),
    ({"width": Choices([8, True])}, "width must be a whole number from 1, got True"),
    (
        {"hidden": Choices([(9,), ()]), "depth": Range(1, 2)},
        "hidden is given together with width or depth, which set it",
    ),
    ({"hidden": (9, 9), "depth": Range(1, 2)}, "hidden is given together with width or depth, which set it"),
    ({"width": Range(8, 9), "depth": 0}, "width has no effect while depth is 0: let depth be above 0, or do not"),
    ({"width": 0, "depth": Range(1, 2)}, "width must be a whole number from 1, got 0"),
    ({"depth": Range(-1, 2)}, "depth must be a whole number from 0, got -1"),
    ({"width": Range(0, 2)}, "width must be a whole number from 1, got 0"),
    ({"learning_rate": Range(-1, 1)}, "in the search space: learning_rate must be at least 0, got -1"),
    ({"optimizer": "momentum", "momentum": Range(0.5, 1.2)}, "in the search space: momentum must be in [0, 1)"),
    ({"optimizer": TWO, "momentum": Range(0.5, 1.2)}, "in the search space: momentum must be in [0, 1), got 1.2"),
    ({"l2_penalty": Range(-1e-4, 1)}, "in the search space: l2_penalty must be at least 0"),
    ({"dropout_rate": Range(0, 1)}, "in the search space: dropout_rate must be below 1, got 1.0"),
    ({"optimizer": Choices(["sgd", "adm"])}, "in the search space: unknown optimizer 'adm': did you mean 'adam'?"),
    ({"batch_size": Choices([9, "ful"])}, "in the search space: batch_size must be a whole number from 1, or 'full'"),
    ({"batch_norm": Choices([True, 1])}, "in the search space: batch_norm must be true or false, got 1"),
    ({"initialization": Choices(["he", "normal"])}, "in the search space: initialization 'normal' needs weight_std"),
    ({"schedule": "step", "schedule_factor": Range(0.1, 2)}, "in the search space: factor must be in (0, 1], got 2"),
    ({"warmup_epochs": Range(0, 40)}, "in the search space: warmup_epochs must be below the run's 30 epochs"),
    ({"hidden": Choices([(9,), (9, 9)]), "layer_learning_rates": (1, 2)}, "in the search space: layer_learning_rates"),
    ({"momentum": RATE}, "momentum has no effect while optimizer is adam: let optimizer be momentum or"),
    ({"elu_alpha": RATE}, "elu_alpha has no effect while activation is relu: let activation be elu, or do not"),
    ({"batch_norm_eps": RATE}, "batch_norm_eps has no effect while batch_norm is false: let batch_norm be true"),
    ({"schedule_every": RATE}, "schedule_every has no effect while schedule is constant: let schedule be step_every"),
    ({"weight_std": RATE}, "weight_std has no effect while initialization is he: let initialization be constant or"),
    ({"epochs": Range(1, 5), "steps": 9}, "epochs has no effect while steps is 9: let steps be none, or do not"),
    ({"learning_rate": Range(0.1, 1, when={"optimzer": "sgd"})}, "learning_rate has a condition on an unknown field"),
    ({"learning_rate": Range(0.1, 1, when={"learning_rate": 1})}, "learning_rate has a condition on itself"),
    (
        {"optimizer": TWO, "learning_rate": Range(0.1, 1, when={"optimizer": "adam"})},
        "learning_rate has a condition on optimizer = adam, which is impossible: it is sgd or momentum",
    ),
    (
        {"learning_rate": Range(0.1, 1, when={"optimizer": "sgd"})},
        "learning_rate has a condition on optimizer = sgd, which is impossible: it is adam",
    ),
    (
        {"depth": Range(1, 3), "learning_rate": Range(0.1, 1, when={"depth": [1, 4]})},
        "learning_rate has a condition on depth = 4, which is impossible: it is 1 or 2 or 3",
    ),
    (
        {"l2_penalty": Range(0, 1), "learning_rate": Range(0.1, 1, when={"l2_penalty": 0})},
        "learning_rate has a condition on l2_penalty, whose range is continuous",
    ),
    (
        {"optimizer": TWO, "learning_rate": Range(0.1, 1, when={"optimizer": []})},
        "learning_rate has a condition on optimizer without a value: name at least one",
    ),
    (
        {"depth": Range(1, 3), "learning_rate": Range(0.1, 1, when={"hidden": [[9]]})},
        "learning_rate has a condition on hidden, but width and depth set it: name one of them",
    ),
    (
        {"hidden": Choices([(9,), ()]), "learning_rate": Range(0.1, 1, when={"depth": 1})},
        "learning_rate has a condition on depth, but hidden is searched: name hidden",
    ),
    (
        {"optimizer": Choices(["sgd", "adam"], when={"depth": 1}), "depth": Range(1, 2, when={"optimizer": "sgd"})},
        "conditions form a cycle: depth -> optimizer -> depth; leave one of them out",
    ),
    (
        {
            "optimizer": TWO,
            "activation": Choices(["relu", "tanh"], when={"optimizer": "sgd"}),
            "learning_rate": Range(0.1, 1, when={"activation": "tanh", "optimizer": "momentum"}),
        },
        "learning_rate can never be active: its conditions contradict each other",
    ),
    ({"epoch": 3, "learning_rate": RATE}, "unknown field 'epoch': did you mean 'epochs'?"),
    (
        {"epochs": -3, "learning_rate": RATE},
        "epochs must be above 0, got -3: training needs at least part of an epoch; try 30",
    ),
]


@pytest.mark.parametrize(("fields", "line"), FIELDS, ids=[f"{i}-{line[:40]}" for i, (_, line) in enumerate(FIELDS)])
def test_a_space(fields, line):
    with pytest.raises(RecipeError) as error:
        Space.of(**fields)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)


def test_values_otherwise_need_a_condition():
    with pytest.raises(SpaceError, match="learning_rate has an 'otherwise' but is always active"):
        Space.of({"learning_rate": 0.5}, learning_rate=RATE)
    with pytest.raises(SpaceError, match="epochs has an 'otherwise' but is not searched"):
        Space.of({"epochs": 3}, learning_rate=RATE)


def test_a_depth_without_a_width():
    with pytest.raises(SpaceError, match="depth is searched without a width: give a width, or search it"):
        Space(Recipe(hidden=()), {"depth": Range(0, 2)})


def test_an_axis_is_one():
    with pytest.raises(SpaceError, match=r"learning_rate must be a Range or Choices to be searched, got \[0.1, 1\]"):
        Space(Recipe(), {"learning_rate": [0.1, 1]})  # type: ignore[dict-item]  # what is tested


@pytest.mark.parametrize(("low", "high", "step"), [(0.1, 0.9, 0.2), (0, 1, 0.1), (1e-5, 9e-5, 1e-5), (16, 64, 16)])
def test_steps_that_meet_the_end_in_decimals_are_taken(low, high, step):
    assert Range(low, high, step=step).step == step
