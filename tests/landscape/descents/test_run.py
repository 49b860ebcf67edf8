"""Descents: the lecture's paths in float64, how descents end, noise, cohorts, and bad input."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from trainwell.core import RecipeError
from trainwell.landscape import LandscapeError, Surface, descend, own_surface, surface
from trainwell.landscape.descents.problem import COHORT_SIZE, SurfaceProblem
from trainwell.optim import RULES, register
from trainwell.training import Member, Progress, Recipe
from trainwell.training.engine.checkpoint import Checkpoints
from trainwell.training.engine.engine import Engine
from trainwell.training.engine.population import group

LECTURE = """
import numpy as np
from trainwell.core.runtime import configure_runtime
configure_runtime(precision="float64")
from trainwell.landscape import descend

def sgd(x, g, state, t):
    return x - 0.95 * g, state

def momentum(x, g, v, t):
    v = 0.9 * v - 0.1 * g
    return x + v, v

def adagrad(x, g, h, t):
    h = h + g * g
    return x - 1.5 * g / (np.sqrt(h) + 1e-7), h

def adam(x, g, state, t):
    m, v = state
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    rate = 0.3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return x - rate * m / (np.sqrt(v) + 1e-7), (m, v)

zero = np.zeros(2)
rules = {"SGD": (sgd, zero), "momentum": (momentum, zero), "AdaGrad": (adagrad, zero), "Adam": (adam, (zero, zero))}
fields = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "AdaGrad": {"optimizer": "adagrad", "learning_rate": 1.5},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
found = descend("bowl", fields, [-7, 2], 29, paths=True)
assert found.paths.shape == (4, 1, 30, 2) and found.paths.dtype == np.float64
for c, (rule, state) in enumerate(rules.values()):
    x = np.array([-7.0, 2.0])
    for t in range(30):
        away = np.abs(found.paths[c, 0, t] - x).max()
        assert away <= 1e-12, (c, t, away)
        assert abs(found.path_values[c, 0, t] - (x[0] ** 2 / 20 + x[1] ** 2)) <= 1e-12
        x, state = rule(x, np.array([x[0] / 10, 2 * x[1]]), state, t + 1)
assert found.zigzags[0, 0] == 28  # SGD changes sides at every update
assert found.zigzags[2, 0] == 0 and (found.overshoots[2] == 0).all()  # AdaGrad at none
"""


def test_the_lectures_paths_are_those_of_plain_numpy(forks, tmp_path):
    """A process of its own, since the precision is the whole process's."""
    forks.printed(tmp_path, LECTURE)


def sgd(rate):
    return {"optimizer": "sgd", "learning_rate": rate}


# What plain descent does is known: on ½ax² an update multiplies by 1 − ηa.
ENDS = [
    ("bowl", sgd(0.5), (-7, 2), 500, "converged", 0),
    ("bowl", sgd(0.5), (-7, 2), 20, "running", -1),  # 0.95^20 of 7 is left along x
    ("bowl", sgd(1.01), (-7, 2), 1000, "diverged", -1),  # 1 − 2·1.01 = −1.02 along y
    ("bowl", sgd(30.0), (-7, 2), 1000, "diverged", -1),
    ("rosenbrock", sgd(1e6), None, 5, "diverged", -1),  # the gradient's square is beyond float32
    ("saddle", sgd(0.1), (-1.5, 0), 500, "stuck", 0),  # on the ridge
    ("saddle", sgd(0.1), (-1.5, 1e-3), 500, "escaped", -1),
    ("saddle", sgd(0.1), (-1.5, 1e-3), 20, "running", -1),
    ("monkey_saddle", sgd(0.1), (1.5, 0), 1000, "stuck", 0),
    ("monkey_saddle", sgd(0.1), (-0.5, 0), 1000, "escaped", -1),
    ("double_valley", sgd(0.05), None, 500, "converged", 1),  # the local minimum
    ("double_valley", {"optimizer": "momentum", "learning_rate": 0.02}, None, 1000, "converged", 0),
    ("double_valley", sgd(0.05), (0, 1), 500, "stuck", 2),  # the pass
    ("plateau", sgd(0.1), None, 500, "running", -1),
    ("himmelblau", sgd(0.01), (3, 3), 500, "converged", 0),
    ("himmelblau", sgd(0.01), (-0.2708445906673476, -0.9230385564799816), 3, "stuck", 8),  # on the hill's top
]


@pytest.mark.parametrize(("name", "how", "start", "steps", "outcome", "reached"), ENDS)
def test_a_descent_ends_as_it_must(name, how, start, steps, outcome, reached):
    found = descend(name, how, start, steps)
    assert found.outcomes.tolist() == [[outcome]]
    assert found.critical_indices.tolist() == [[reached]]
    assert (found.left_after[0, 0] >= 0) == (outcome in ("escaped", "diverged"))
    assert np.isnan(found.overshoots).any() == (outcome in ("escaped", "diverged"))
    assert (found.settled_after[0, 0] >= 0) == (outcome in ("converged", "stuck"))


def unlisted(formula, dimension, **numbers):
    """A surface of which no critical point is known."""
    numbers = {name: np.array(float(number)) for name, number in numbers.items()}
    return Surface("own", formula, np.array([[-6.0, 6.0]] * dimension), np.ones(dimension), numbers=numbers)


def bell(x, numbers):
    return numbers["height"] * jnp.exp(-(x @ x))


def powers(x, numbers):
    even = numbers["level"] + numbers["second"] * x[0] ** 2 + numbers["fourth"] * x[0] ** 4
    return even + numbers["third"] * x[0] ** 3


def test_an_unknown_minimum_is_told_by_the_hessian_and_a_plateau_is_none():
    found = [
        descend(unlisted(bell, 2, height=height), sgd(0.4), starts, 300)
        for height, starts in ((-1, [[0.5, 0.5], [4, 4], [0, 0]]), (1, np.zeros((3, 2))))
    ]
    assert [each.outcomes.tolist() for each in found] == [[["converged", "stuck", "converged"]], [["stuck"] * 3]]


def test_an_inflection_point_is_no_minimum_and_a_flat_one_is():
    one, none = [[1.0]], dict.fromkeys(("level", "second", "third", "fourth"), 0)
    found = [
        descend(unlisted(powers, 1, **(none | numbers)), "newton", one, 60)
        for numbers in ({"third": 1}, {"fourth": 1}, {"level": 3, "second": 1})
    ]
    assert [str(each.outcomes[0, 0]) for each in found] == ["stuck", "converged", "converged"]
    level = descend(own_surface(lambda x: 3.0, 1, domain=(-10, 10), start=[1.0], name="level"), "newton", one, 60)
    assert level.outcomes.tolist() == [["stuck"]]
    assert level.evaluations.tolist() == [[1]]


def test_updates_until_settled_are_counted():
    """Along x the gradient is 0.7·0.95^t: at most 1e-3 from t = ln(700)/−ln(0.95) = 127.7 on."""
    found = descend("bowl", sgd(0.5), [-7, 0], 300)
    assert found.settled_after.tolist() == [[128]]
    assert found.seconds.keys() == {"sgd"}


def test_a_path_ends_where_the_descent_has_left():
    found = descend("bowl", sgd(2.0), [1, 1], 12, paths=True)  # y is multiplied by −3, out of reach beyond 1000
    assert found.left_after.tolist() == [[7]]
    assert found.paths[0, 0, :8, 1].tolist() == [1, -3, 9, -27, 81, -243, 729, -2187]
    assert np.isnan(found.paths[0, 0, 8:]).all()
    assert found.points[0, 0, 1] == -2187
    assert found.lengths[0, 0] == pytest.approx(4 + 12 + 36 + 108 + 324 + 972, rel=1e-3)


@pytest.mark.parametrize("name", [name for name, spec in RULES.items() if not spec.second_order or name == "lbfgs"])
def test_every_rule_goes_from_many_starts_as_from_one(name):
    """The state of a rule is each point's own: clipping by the norm of the whole gradient tells."""
    first_order = {"learning_rate": 0.01, "clip_norm": 2.0}
    how = {"optimizer": name} | ({} if RULES[name].second_order else first_order)
    made = surface("himmelblau")
    starts = made.random_starts(5)
    together = descend(made, how, starts, 40)
    for s in (0, 4):
        alone = descend(made, how, starts[s], 40)
        assert together.points[:, s] == pytest.approx(alone.points[:, 0], rel=1e-5, abs=1e-6)
        assert together.outcomes[0, s] == alone.outcomes[0, 0]


def test_an_optax_transformation_that_looks_at_the_whole_gradient():
    """Normalised descent moves every point by the same distance, whoever descends beside it."""

    def normalised(learning_rate):
        return optax.chain(optax.normalize_by_update_norm(), optax.sgd(learning_rate))

    register("normalised_descent", normalised, 0.1)
    try:
        found = descend("bowl", "normalised_descent", [[-7, 2], [5, 5], [9, -9]], 30)
    finally:
        del RULES["normalised_descent"]
    assert found.lengths[0] == pytest.approx(3.0, rel=1e-5)
    toward = np.array([-7, 2]) - 0.1 * np.array([-0.7, 4]) / np.hypot(0.7, 4)  # the first update by hand
    assert np.linalg.norm(found.points[0, 0] - toward) < 2.9


def test_one_that_diverges_does_not_touch_the_others():
    made = surface("rosenbrock")
    found = descend(made, sgd(1.9e-3), [[0.5, 0.5], [2, -2]], 3000)
    alone = descend(made, sgd(1.9e-3), [0.5, 0.5], 3000)
    assert found.outcomes.tolist() == [["running", "diverged"]]
    assert found.points[0, 0] == pytest.approx(alone.points[0, 0], rel=1e-5)


def test_more_starts_than_a_cohort_has_places():
    made = surface("booth")
    starts = made.random_starts(COHORT_SIZE + 3)
    found = descend(made, sgd(0.1), starts, 3, paths=True)
    x = starts.copy()
    A = np.array([[10.0, 8.0], [8.0, 10.0]])
    for _ in range(3):
        x = x - 0.1 * (x - (1, 3)) @ A
    assert found.points[0] == pytest.approx(x, abs=1e-4)
    assert found.paths.shape == (1, COHORT_SIZE + 3, 4, 2)
    assert found.paths[0, :, -1] == pytest.approx(x, abs=1e-4)


@pytest.mark.parametrize("name", ["adam", "nesterov_lookahead"])
def test_cohorts_side_by_side_descend_as_one_by_one(name):
    """The layout for accelerators, here on the CPU: blocks of two cohorts, the second of them a spare."""
    made = surface("himmelblau")
    starts = made.random_starts(6)
    recipe = Recipe(optimizer=name, learning_rate=0.01, steps=30, observe_every=30)
    problem = SurfaceProblem(made, starts.astype(np.float32), 1e-3, noise=0.1, looks_ahead=name != "adam")
    engine = Engine(
        group([Member(recipe, 0, problem)], mixes=lambda problem: False),
        jobs=1,
        lanes=lambda _: 2,
        dtype=np.dtype("float32"),
        checkpoints=Checkpoints(None),
        initial=None,
        progress=Progress(),
    )
    assert engine.run()
    found = descend(made, recipe, starts, 30, noise=0.1)
    ends = engine.results[0].carry
    assert ends.x[:6] == pytest.approx(found.points[0], rel=1e-4)
    assert ends.length[:6] == pytest.approx(found.lengths[0], rel=1e-4)


class TestNoise:
    def test_it_is_normal_with_the_standard_deviation_asked_for(self):
        """On a plane the gradient is constant: the way gone after T updates is normal, of variance Tη²σ²."""
        from scipy.stats import kstest

        plane = own_surface(lambda x: 0.0 * x.sum(), 2, domain=(-9, 9), start=[0, 0])
        found = descend(plane, sgd(0.1), np.zeros((4000, 2)), 25, noise=0.6)
        gone = found.points[0].astype(np.float64) / (0.1 * 0.6 * 5)
        assert kstest(gone.ravel(), "norm").pvalue > 1e-3
        assert abs(np.corrcoef(gone.T)[0, 1]) < 4 / np.sqrt(4000)
        single = descend(plane, sgd(1.0), np.zeros((4000, 2)), 1, noise=2.0)
        assert kstest(single.points[0].astype(np.float64).ravel() / 2, "norm").pvalue > 1e-3

    def test_it_follows_from_seed_place_and_update_alone(self):
        made = surface("bowl")
        starts = made.random_starts(6)
        how = {"a": sgd(0.1), "b": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.0}}
        found = descend(made, how, starts, 20, noise=0.5, seed=3)
        assert found.points[0] == pytest.approx(found.points[1], rel=1e-5)  # momentum 0 is SGD: the same noise
        assert descend(made, sgd(0.1), starts[:2], 20, noise=0.5, seed=3).points[0] == pytest.approx(
            found.points[0, :2], rel=1e-5
        )
        assert not np.isclose(descend(made, sgd(0.1), starts, 20, noise=0.5, seed=4).points[0], found.points[0]).any()
        assert not np.isclose(found.points[0], descend(made, sgd(0.1), starts, 20).points[0]).any()

    def test_values_and_gradient_norms_are_those_of_the_surface(self):
        found = descend("bowl", sgd(0.1), [[-7, 2]], 30, noise=1.0)
        x, y = found.points[0, 0]
        assert found.values[0, 0] == pytest.approx(x**2 / 20 + y**2, rel=1e-5)
        assert found.gradient_norms[0, 0] == pytest.approx(np.hypot(x / 10, 2 * y), rel=1e-5)


def test_contenders_by_name_recipe_label_and_list():
    listed = descend("bowl", ["sgd", "adam"], steps=3)
    assert listed.labels == ("sgd", "adam")
    assert listed.count("adam") == {"running": 1}
    labelled = descend(
        "bowl", {"mine": Recipe(optimizer="sgd"), "fields": {"optimizer": "adam"}, "name": "sgd"}, steps=3
    )
    assert labelled.labels == ("mine", "fields", "name")
    assert (labelled.points[0] == labelled.points[2]).all()
    assert (labelled.points[1] == listed.points[1]).all()
    assert descend("bowl", Recipe(optimizer="sgd", patience=3), steps=3).recipes["sgd"].steps == 3


OF_NETWORKS = {
    "gradient_tolerance": 10.0,
    "layer_learning_rates": (0, 1),
    "patience": 1,
    "restore_best": True,
    "l2_penalty": 0.5,
    "dropout_rate": 0.5,
    "batch_size": "full",
    "epochs": 2,
    "observe_every": 2,
    "observe_first": 1,
    "label_smoothing": 0.1,
    "last_batch": "drop",
}


def test_fields_of_networks_and_their_training_change_no_descent():
    plain = {name: {"optimizer": name, "learning_rate": 0.1} for name in ("sgd", "adam")}
    own = {
        f"{name} {field}": {**fields, field: value}
        for field, value in OF_NETWORKS.items()
        for name, fields in plain.items()
    }
    found = descend("bowl", {**plain, "newton": {"optimizer": "newton"}, **own}, [[-7, 2], [5, 5]], 20, paths=True)
    for c in range(3, len(found.labels)):
        assert (found.paths[c] == found.paths[int(found.labels[c].startswith("adam"))]).all(), found.labels[c]
    stopped = descend("bowl", {"newton": {"optimizer": "newton", "gradient_tolerance": 10.0}}, steps=20)
    assert stopped.outcomes.tolist() == [["converged"]]  # `tolerance` stops it


def test_files_functions_and_labels_that_are_fields_names(tmp_path):
    (tmp_path / "mine.toml").write_text('optimizer = "sgd"\nlearning_rate = 0.5\n')
    given = {
        "momentum": {"optimizer": "sgd", "learning_rate": 0.5},
        "file": tmp_path / "mine.toml",
        "text": str(tmp_path / "mine.toml"),
        "optax's": {"optimizer": optax.sgd, "learning_rate": 0.5},
    }
    try:
        found = descend("bowl", given, steps=10)
        alone = descend("bowl", {"momentum": given["momentum"]}, steps=10)
        factory = descend("bowl", optax.lion, steps=1)
    finally:
        RULES.pop("optax_s", None)
        RULES.pop("lion", None)
    assert found.labels == tuple(given)
    for c in range(1, 4):
        assert found.points[c] == pytest.approx(found.points[0], rel=1e-6)
    assert alone.labels == ("momentum",)
    assert (alone.points == found.points[:1]).all()
    # Lion moves every axis by its learning rate, 1e-3 where none is given; its decay moves it a millionth more.
    assert factory.labels == ("lion",)
    assert factory.points[0, 0] == pytest.approx([-6.999, 1.999], abs=1e-5)


def blind(x):
    return jnp.where(x[0] > 3, jnp.nan, x @ x)


WRONG = [
    (lambda: descend("bowel", "sgd"), "did you mean 'bowl'"),
    (lambda: descend(3, "sgd"), "a surface or its name is needed, got int"),
    (lambda: descend("bowl", "sgdd"), "did you mean 'sgd'"),
    (lambda: descend("bowl", {"a": {"learning_rat": 1.0}}), "learning_rat"),
    (lambda: descend("bowl", {"a": 3}), "contender 'a': it must be a recipe, a file, changed fields or a function"),
    (lambda: descend("bowl", {"a": optax.sgd(0.1)}), "contender 'a': the optimizer 'a' is built already"),
    (lambda: descend("bowl", optax.sgd(0.1)), "contender 1: the optimizer 'own' is built already"),
    (lambda: descend("bowl", ["sgd", "sgd"]), "contenders 1 and 2 are the same: leave one out, or label both"),
    (lambda: descend("bowl", {"": "sgd"}), "a contender's label must be 1 to 60 printable characters"),
    (lambda: descend("bowl", []), "there are no contenders"),
    (lambda: descend("bowl", None), "there are no contenders"),
    (lambda: descend("bowl", "sgd", [1, 2, 3]), "'bowl' has 2 dimensions, but the starts have shape [3]"),
    (lambda: descend("bowl", "sgd", np.zeros((0, 2))), "shape [0, 2]"),
    (lambda: descend("bowl", "sgd", [[0, 0], [0, 11]]), "start (0, 11) is outside the domain of 'bowl'"),
    (lambda: descend("bowl", "sgd", [float("nan"), 0]), "start (nan, 0) is outside"),
    (lambda: descend("bowl", "sgd", "here"), "starts must be numbers"),
    (lambda: descend("bowl", "sgd", steps=0), "steps must be a whole number from 1, got 0"),
    (lambda: descend("bowl", "sgd", steps=2.5), "steps must be a whole number from 1, got 2.5"),
    (lambda: descend("bowl", "sgd", noise=-1), "noise must be a number from 0, got -1"),
    (lambda: descend("bowl", "sgd", tolerance=float("inf")), "tolerance must be a number from 0, got inf"),
    (lambda: descend("bowl", "sgd", seed=-1), "seed must be a whole number from 0, got -1"),
    (lambda: descend("bowl", "sgd", np.zeros((10**4, 2)), 10**4, paths=True), "need too much memory"),
    (lambda: descend(own_surface(blind, 2), "sgd", [[0, 0], [4, 0]]), "not finite at the start (4, 0)"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_cannot_descend_is_refused_in_one_line(make, message):
    with pytest.raises((LandscapeError, RecipeError)) as error:
        make()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
