"""Spaces: recipes at their points, conditions, and copies."""

import copy
import json
import pickle

import numpy as np
import pytest

from trainwell.core import SpaceError, stream
from trainwell.nn import INITIALIZERS
from trainwell.optim import RULES, SCHEDULES
from trainwell.training import Choices, Range, Recipe, Space

RICH = Space.of(
    epochs=20,
    width=Choices([32, 64]),
    depth=Range(0, 3),
    activation=Choices(["relu", "elu"]),
    elu_alpha=Range(0.5, 2),
    batch_norm=Choices([False, True]),
    dropout_rate=Range(0, 0.5, when={"batch_norm": False}),
    initialization=Choices(["he", "normal"]),
    weight_std=Range(1e-3, 1, log=True),
    optimizer=Choices(["sgd", "momentum", "nesterov", "adam", "adamw"]),
    learning_rate=Range(1e-4, 1, log=True),
    momentum=Range(0.5, 0.99),
    beta1=Choices([0.8, 0.9]),
    weight_decay=Range(1e-5, 1e-1, log=True),
    schedule=Choices(["constant", "exponential", "step_every"]),
    schedule_decay_rate=Range(0.01, 0.2),
    schedule_every=Range(2, 10),
    schedule_factor=Range(0.1, 0.9, step=0.1),
    batch_size=Choices([64, 128, "full"]),
    clip_norm=Choices([None, 1]),
)


def drawn(space: Space, draws: np.random.Generator) -> dict[str, object]:
    """A point drawn as a define-by-run search does it: each axis in turn, if it is there."""
    values: dict[str, object] = {}
    for name in space.ordered:
        axis = space.axes[name]
        if not space.is_active(name, values):
            continue
        if isinstance(axis, Choices):
            values[name] = axis.value_of(axis.labels[draws.integers(len(axis.labels))])
        elif axis.integer:
            values[name] = int(draws.integers(axis.low, axis.high + 1))
        elif axis.log:
            values[name] = float(np.exp(draws.uniform(np.log(axis.low), np.log(axis.high))))
        else:
            values[name] = float(draws.uniform(axis.low, axis.high))
    return values


def test_random_points_are_valid_recipes_that_carry_the_values():
    draws = stream(0, "space")
    seen = set()
    for _ in range(300):
        values = drawn(RICH, draws)
        recipe = RICH.recipe(values)
        assert set(RICH.active(values)) == set(values)
        seen |= set(values)
        for name, value in values.items():
            found = {"depth": len(recipe.hidden), "width": recipe.hidden[0] if recipe.hidden else None}
            assert (found[name] if name in found else getattr(recipe, name)) == value
        # What an axis is not there for stays unset, and what is there has an effect.
        spec = RULES[recipe.optimizer]
        for name in ("momentum", "beta1", "weight_decay"):
            assert (getattr(recipe, name) is not None) == (name in spec.hyperparameters)
        for name in ("decay_rate", "every", "factor"):
            given = getattr(recipe, f"schedule_{name}") is not None
            assert given == (name in SCHEDULES[recipe.schedule].parameters)
        assert (recipe.weight_std is not None) == INITIALIZERS[recipe.initialization].needs_std
        assert recipe.dropout_rate == 0 or not recipe.batch_norm
        assert ("width" in values) == (values["depth"] > 0)
    assert seen == set(RICH.axes)


def test_a_number_is_there_only_where_it_has_an_effect():
    assert {name: axis.when for name, axis in RICH.axes.items() if axis.when} == {
        "width": {"depth": (1, 2, 3)},
        "elu_alpha": {"activation": ("elu",)},
        "dropout_rate": {"batch_norm": (False,)},
        "weight_std": {"initialization": ("normal",)},
        "momentum": {"optimizer": ("momentum", "nesterov")},
        "beta1": {"optimizer": ("adam", "adamw")},
        "weight_decay": {"optimizer": ("adamw",)},
        "schedule_decay_rate": {"schedule": ("exponential",)},
        "schedule_every": {"schedule": ("step_every",)},
        "schedule_factor": {"schedule": ("step_every",)},
    }


def test_a_condition_that_names_the_field_goes_first_and_one_on_another_is_added():
    optimizer = Choices(["sgd", "momentum", "nesterov"])
    own = Range(0.5, 0.9, when={"optimizer": "nesterov"})
    assert Space.of(optimizer=optimizer, momentum=own).axes["momentum"].when == {"optimizer": ("nesterov",)}
    other = Range(0.5, 0.9, when={"batch_norm": [True]})
    space = Space.of(optimizer=optimizer, momentum=other, batch_norm=Choices([True, False]))
    assert space.axes["momentum"].when == {"batch_norm": (True,), "optimizer": ("momentum", "nesterov")}


def test_a_number_that_always_has_an_effect_has_no_condition():
    space = Space.of(optimizer=Choices(["momentum", "nesterov"]), momentum=Range(0.5, 0.9))
    assert space.axes["momentum"].when is None
    assert Space.of(optimizer="momentum", momentum=Range(0.5, 0.9)).axes["momentum"].when is None


def test_conditions_come_after_what_they_look_at():
    space = Space.of(
        hidden=Choices([(9,), (9, 9)], when={"optimizer": "adam"}),
        activation=Choices(["relu", "elu"], when={"hidden": [(9, 9)]}),
        optimizer=Choices(["sgd", "adam"]),
    )
    assert list(space.axes) == ["hidden", "activation", "optimizer"]
    assert space.ordered == ("optimizer", "hidden", "activation")
    assert space.active({"optimizer": "adam", "hidden": (9, 9)}) == ("optimizer", "hidden", "activation")
    # hidden is not there under sgd: the base's (100, 100) counts, whatever value is handed in.
    assert space.active({"optimizer": "sgd", "hidden": (9, 9)}) == ("optimizer",)
    assert space.recipe({"optimizer": "sgd", "hidden": (9, 9)}).hidden == (100, 100)


def test_an_axis_that_is_not_there_counts_with_the_bases_value():
    base = Recipe(schedule="exponential")
    axes = {
        "optimizer": Choices(["sgd", "adam"]),
        "schedule": Choices(["constant", "linear"], when={"optimizer": "sgd"}),
        "schedule_decay_rate": Range(0.1, 0.2),
    }
    space = Space(base, axes)
    assert space.axes["schedule_decay_rate"].when == {"schedule": ("exponential",)}
    assert space.active({"optimizer": "adam"}) == ("optimizer", "schedule_decay_rate")
    assert space.active({"optimizer": "sgd", "schedule": "linear"}) == ("optimizer", "schedule")


@pytest.mark.parametrize(
    ("fields", "values", "hidden"),
    [
        ({"width": Range(8, 64), "depth": 3}, {"width": 16}, (16, 16, 16)),
        ({"width": 7, "depth": Range(0, 4)}, {"depth": 2}, (7, 7)),
        ({"width": 7, "depth": Range(0, 4)}, {"depth": 0}, ()),
        ({"width": Range(8, 64), "depth": Range(0, 2)}, {"depth": 0}, ()),
        ({"width": Range(8, 64)}, {"width": 8}, (8, 8)),  # the default recipe has two layers
        ({"depth": Range(1, 3)}, {"depth": 3}, (100, 100, 100)),
        ({"hidden": Choices([(9, 8), ()])}, {"hidden": (9, 8)}, (9, 8)),
    ],
)
def test_width_and_depth_make_hidden(fields, values, hidden):
    assert Space.of(**fields).recipe(values).hidden == hidden


def test_width_or_depth_alone_take_the_other_from_the_base():
    base = Recipe(hidden=(30, 20, 10))
    assert Space(base, {"width": Range(2, 9)}).recipe({"width": 5}).hidden == (5, 5, 5)
    assert Space(base, {"depth": Range(1, 9)}).recipe({"depth": 2}).hidden == (30, 30)


def test_ranges_take_their_fields_type():
    space = Space.of(batch_size=Range(16.0, 64.0, step=16), learning_rate=Range(1, 2), epochs=Range(1, 5, integer=True))
    kinds = {name: (type(axis.low), axis.integer) for name, axis in space.axes.items()}
    assert kinds == {"batch_size": (int, True), "learning_rate": (float, False), "epochs": (int, True)}
    choices = Space.of(learning_rate=Choices(np.array([1, 2])), schedule_milestones=[1], schedule="step").axes
    assert [type(value) for value in choices["learning_rate"].values] == [float, float]


def test_labels_are_scalars_that_lead_back():
    axis = Choices([(100, 50), (), 64, "full", None, True, 0.5])
    assert axis.labels == ("100x50", "none", 64, "full", None, True, 0.5)
    assert [axis.value_of(label) for label in axis.labels] == list(axis.values)
    assert Choices([0, 2]).value_of(0) == 0
    with pytest.raises(SpaceError, match=r"there is no choice False: choose from 0, 2"):
        Choices([0, 2]).value_of(False)


def test_a_fixed_std_is_unset_where_the_initialization_has_its_own():
    space = Space.of(initialization=Choices(["he", "normal"]), weight_std=0.02)
    assert space.recipe({"initialization": "he"}).weight_std is None
    assert space.recipe({"initialization": "normal"}).weight_std == 0.02


def test_what_recipe_refuses():
    space = Space.of(optimizer=Choices(["sgd", "momentum"]), momentum=Range(0.5, 0.9))
    with pytest.raises(SpaceError, match=r"no value of momentum: every active axis needs one"):
        space.recipe({"optimizer": "momentum"})
    with pytest.raises(SpaceError, match=r"'momentun' is not searched: did you mean 'momentum'\?"):
        space.recipe({"optimizer": "sgd", "momentun": 0.5})


def test_evolve_fixes_adds_and_lets_conditions_follow():
    fixed = RICH.evolve(optimizer="sgd", depth=0, batch_norm=True)
    assert not {"optimizer", "momentum", "beta1", "weight_decay", "depth", "width", "batch_norm", "dropout_rate"} & set(
        fixed.axes
    )
    assert fixed.base.optimizer == "sgd"
    assert fixed.recipe(drawn(fixed, stream(0, "space"))).hidden == ()
    swapped = RICH.evolve({"optimizer": Choices(["nesterov", "rmsprop"]), "rho": Range(0.8, 0.99)})
    assert swapped.axes["momentum"].when == {"optimizer": ("nesterov",)}
    assert swapped.axes["rho"].when == {"optimizer": ("rmsprop",)}
    assert "beta1" not in swapped.axes
    assert RICH.evolve(initialization="he").base.weight_std is None
    assert RICH.evolve(initialization="normal").axes["weight_std"].when is None


def test_evolve_changes_sizes_by_either_name():
    assert not {"width", "depth"} & set(RICH.evolve(hidden=(9, 8)).axes)
    assert RICH.evolve(hidden=(9, 8)).base.hidden == (9, 8)
    sized = Space.of(hidden=(9, 9, 9), epochs=Range(1, 5)).evolve({"width": Range(2, 8)})
    assert sized.recipe({"width": 4, "epochs": 2}).hidden == (4, 4, 4)
    listed = RICH.evolve({"hidden": Choices([(9,), (8, 8)])})
    assert not {"width", "depth"} & set(listed.axes)
    assert Space.of(hidden=Choices([(9,), (8, 8)])).evolve({"depth": Range(1, 4)}).ordered == ("depth",)


def test_evolve_refuses_what_cannot_be_there():
    with pytest.raises(SpaceError, match="momentum has no effect while optimizer is adam"):
        Space.of(optimizer="adam", learning_rate=Range(0.1, 1)).evolve({"momentum": Range(0.5, 0.9)})
    with pytest.raises(SpaceError, match="nothing to search"):
        Space.of(learning_rate=Range(0.1, 1)).evolve(learning_rate=0.1)


def test_spaces_are_values():
    axes = {"learning_rate": Range(0.1, 1), "batch_size": Choices([8, 16])}
    space = Space(Recipe(), axes)
    assert space == Space(Recipe(), dict(reversed(axes.items())))
    assert hash(space) == hash(Space(Recipe(), dict(reversed(axes.items()))))
    assert space == Space(Recipe(learning_rate=7), axes)  # what is always searched has no value in the base
    assert space != Space(Recipe(epochs=7), axes)
    assert space != Space(Recipe(), axes | {"learning_rate": Range(0.1, 1, log=True)})
    assert space != Space(Recipe(), axes | {"batch_size": Choices([8, 32])})
    assert pickle.loads(pickle.dumps(RICH)) == copy.deepcopy(RICH) == RICH  # noqa: S301  # our own bytes
    assert len({Range(0, 1), Range(0, 1), Choices([1, 2]), Choices([1, 2], when={"optimizer": "adam"})}) == 3
    assert json.loads(json.dumps(space.to_json(), allow_nan=False)) == space.to_json()
