"""Recipes and spaces that nobody would write: huge, nested, with numbers of hundreds of digits; one line each."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from trainwell.core import RecipeError, SpaceError
from trainwell.core.errors import MAX_LENGTH
from trainwell.training import Choices, Range, Recipe, Space, load_recipe, load_space, same
from trainwell.training.space.axes import MOST_CHOICES, identity

DIGITS = "9" * 400
FILES = {
    "nested.json": ('{"epochs":' * 10_000, "nested deeper than 64 levels"),
    "nested.toml": ("epochs = " + "[" * 10_000, "nested deeper than 64 levels"),
    "long_key.toml": (".".join(["a"] * 40_000) + " = 1", "nested deeper than 64 levels"),
    "digits.json": (f'{{"epochs": {"9" * 5000}}}', "Exceeds the limit"),
    "binary.toml": ("\x00", "not valid TOML"),
    "large.json": (json.dumps({"optimizer": "x" * 2_000_000}), "has 2,000,017 bytes, more than the limit of"),
    "list.json": ("[1]", "must be a table of fields, got list"),
}


@pytest.mark.parametrize("load", [load_recipe, load_space])
@pytest.mark.parametrize("name", FILES)
def test_hostile_files(tmp_path: Path, name: str, load: Any) -> None:
    content, message = FILES[name]
    (tmp_path / name).write_text(content)
    with pytest.raises(RecipeError, match=message) as error:
        load(tmp_path / name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("load", [load_recipe, load_space])
def test_a_pipe_or_a_folder_is_no_recipe(tmp_path: Path, load: Any) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.json").mkdir()
    for name in ("pipe.toml", "folder.json"):
        with pytest.raises(RecipeError, match=r"a pipe or a device|a folder"):
            load(tmp_path / name)


FIELDS: list[dict[str, Any]] = [
    {"epochs": 10**400},
    {"steps": 10**400},
    {"patience": 2**31},
    {"hidden": (10**400,)},
    {"learning_rate": 10**400},
    {"memory": 10**400, "optimizer": "lbfgs"},
    {"schedule_milestones": (10**400,)},
    {"batch_size": 10**400},
    {"label_smoothing": 10**400},
    {"optimizer": "x" * 10**6},
    {"learning_rate": "x" * 10**6},
    {"x" * 10**6: 1},
    {"hidden": [1] * 10**5},
]


@pytest.mark.parametrize("fields", FIELDS, ids=[str(i) for i in range(len(FIELDS))])
def test_absurd_values_are_one_short_line(fields: dict[str, Any]) -> None:
    for make in (Recipe, lambda **given: Space.of(l2_penalty=Range(0.0, 0.1), **given)):
        with pytest.raises(RecipeError) as error:
            make(**fields)
        assert len(str(error.value)) <= MAX_LENGTH
        assert "\n" not in str(error.value)


AXES = [
    (lambda: Range(0, 10**400), "high of a range must be a finite number"),
    (lambda: Choices([1, 10**400]), "numbers must be finite"),
    (lambda: Choices([{}]), "name numbers, words or lists"),
    (lambda: Choices([[[1]]]), "name numbers, words or lists"),
    (lambda: Choices([1] * (MOST_CHOICES + 1)), "10,001 values, at most 10,000: give a range"),
    (lambda: Range(1e-300, 1e308, step=1e-300), "too many steps"),
    (lambda: Space.of(depth=Range(1, 10**9)), "depth must be at most 1000"),
    (lambda: Space.of(depth=10**9, width=Range(1, 5)), "depth must be at most 1000"),
    (lambda: Space.of(steps=Range(1, 10**12), epochs=Range(1.0, 2.0)), "steps, whose range has 1,000,000,000,000"),
]


@pytest.mark.parametrize(("make", "message"), AXES)
def test_absurd_axes_are_refused_at_once(make: Any, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        make()


def test_the_most_choices_are_made_without_comparing_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    class Counted(float):
        __hash__ = float.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal count
            count += 1
            return float(self) == other

    assert len(Choices([Counted(i) for i in range(MOST_CHOICES)]).values) == MOST_CHOICES
    assert count < 10 * MOST_CHOICES  # 50 million where all pairs are compared


def test_choices_are_told_apart_as_before() -> None:
    values = [0, 0.0, False, 1, True, "1", None, (1,), (True,), (1.0,), "none", ()]
    for a in values:
        for b in values:
            assert same(a, b) == (identity(a) == identity(b))
    assert Choices([1, True, 0, False, "1"]).values == (1, True, 0, False, "1")
    with pytest.raises(SpaceError, match=r"has 1\.0 twice"):
        Choices([1, True, 1.0])


def test_conditions_on_all_fields_before_are_answered_once_each() -> None:
    """Eighteen axes, each under the last values of all before it: 2^18 answers where none is kept."""
    listed: dict[str, list[Any]] = {
        "l2_penalty": [0.0, 0.1],
        "dropout_rate": [0.0, 0.1],
        "label_smoothing": [0.0, 0.1],
        "batch_size": [1, 2],
        "last_batch": ["keep", "drop"],
        "batches": ["shuffle", "replacement"],
        "dropout": ["inverted", "lecture"],
        "activation": ["relu", "tanh"],
        "initialization": ["he", "zero"],
        "inputs": ["center", "none"],
        "batch_norm": [True, False],
        "schedule_stepwise": [True, False],
        "warmup_epochs": [0.0, 0.1],
        "clip_norm": [1.0, 2.0],
        "patience": [1, 2],
        "gradient_tolerance": [0.1, 0.2],
        "restore_best": [True, False],
        "steps": [5, 6],
    }
    names = list(listed)
    axes = {
        name: Choices(values, {other: listed[other][1] for other in names[:i]})
        for i, (name, values) in enumerate(listed.items())
    }
    space = Space.of(**axes)
    assert space.active({name: values[1] for name, values in listed.items()}) == space.ordered
    assert space.active({name: values[0] for name, values in listed.items()}) == ("l2_penalty",)
