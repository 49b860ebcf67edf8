"""Directions and slices against hand-worked numbers, plain NumPy and the network's own loss point by point."""

import threading
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.core import Interrupted, Runtime, configure_runtime
from trainwell.data import Split, from_arrays, load_data
from trainwell.landscape import (
    LandscapeError,
    directions_between,
    loss_slice,
    network_loss,
    network_slice,
    path_components,
    random_directions,
    training_path,
)
from trainwell.nn import Network, initial_params, initial_statistics
from trainwell.training import Recipe, train


def point(*x):
    return {"x": np.array(x, np.float64)}


class TestRandomDirections:
    def test_every_units_weights_keep_their_norm_and_the_rest_stays(self):
        params = initial_params(Network((5, 7, 3), batch_norm=True), 0, "he")
        for direction in random_directions(params, 2):
            for layer, along in zip(params, direction, strict=True):
                norms = [np.linalg.norm(each["weights"], axis=1) for each in (layer, along)]
                assert norms[0] == pytest.approx(norms[1], rel=1e-6)
                assert {name for name, array in along.items() if array.any()} == {"weights"}
                assert {name: (a.shape, a.dtype) for name, a in along.items()} == {
                    name: (a.shape, a.dtype) for name, a in layer.items()
                }

    def test_they_are_normal_nearly_orthogonal_and_their_own(self):
        from scipy.stats import kstest

        params = [{"weights": np.ones((50, 400)), "biases": np.zeros(50)}]
        a, b, c = (one[0]["weights"] for one in random_directions(params, 3, seed=4))
        for one in (a, b, c):
            assert kstest(one.ravel(), "norm").pvalue > 1e-3  # of norm √400 like ones: standard normal but for that
        assert abs(np.sum(a * b)) / 20_000 < 4 / np.sqrt(20_000)
        assert np.array_equal(random_directions(params, 1, seed=4)[0][0]["weights"], a)
        assert not np.isclose(random_directions(params, 1, seed=5)[0][0]["weights"], a).any()

    def test_two_networks_that_are_one_function_have_one_slice(self):
        """A ReLU unit scaled by 3 with the next layer's column by 1/3: one unit per layer, so that rows are all."""
        structure = Network((4, 1, 1))
        params = initial_params(structure, 1, "he")
        params[0]["biases"][:] = 0.3
        scaled = [{"weights": params[0]["weights"] * 3, "biases": params[0]["biases"] * 3}, dict(params[1])]
        scaled[1]["weights"] = params[1]["weights"] / 3
        rows = regression_rows(30, 4)
        both = [
            network_slice(structure, [], NUMBERS, rows, p, random_directions(p, 2), 1.5, 7, regularized=False).losses
            for p in (params, scaled)
        ]
        assert both[0] == pytest.approx(both[1], rel=1e-5)


class TestDirectionsBetween:
    def test_by_hand(self):
        (u,) = directions_between(point(1, 1, 1), point(1, 3, 1))
        assert u["x"].tolist() == [0, 2, 0]
        u, v = directions_between(point(0, 0), point(2, 0), point(1, 5))
        assert (u["x"].tolist(), v["x"].tolist()) == ([2, 0], [0, 5])

    def test_the_solutions_are_seen_where_they_are_said_to_be(self):
        rng = np.random.default_rng(0)
        a, b, c = (point(*rng.normal(size=6)) for _ in range(3))
        found = loss_slice(lambda p: p["x"] @ p["x"], a, directions_between(a, b, c), marks={"b": b, "c": c})
        assert found.marks["b"] == pytest.approx([1, 0])
        assert found.marks["c"][1] == pytest.approx(1)
        assert found.mark_losses["c"] == pytest.approx(c["x"] @ c["x"], rel=1e-6)

    def test_what_spans_nothing_is_refused(self):
        with pytest.raises(LandscapeError, match="solutions are equal"):
            directions_between(point(1, 2), point(1, 2))
        with pytest.raises(LandscapeError, match="one line"):
            directions_between(point(0, 0), point(1, 2), point(-2, -4))
        with pytest.raises(LandscapeError, match="solution 0 differs from the centre"):
            directions_between(point(0, 0), point(1, 2, 3))


class TestPathComponents:
    def test_they_are_the_singular_vectors_about_the_end(self):
        rng = np.random.default_rng(1)
        walk = np.cumsum(rng.normal(size=(12, 40)), axis=0)
        path = [{"a": x[:15].reshape(3, 5), "b": x[15:]} for x in walk]
        found = path_components(path, 3)
        _, values, vectors = np.linalg.svd(walk[:-1] - walk[-1])
        assert found.shares == pytest.approx((values**2 / np.sum(values**2))[:3])
        for k, direction in enumerate(found.directions):
            flat = np.concatenate([direction["a"].ravel(), direction["b"]])
            assert flat @ (walk[0] - walk[-1]) > 0
            assert abs(flat @ vectors[k]) == pytest.approx(1)

    def test_shares_of_a_random_walk_are_those_of_brownian_motion(self):
        """Seen from its end: eigenvalues 1/((k − ½)π)², whose sum is ½."""
        walk = np.cumsum(np.random.default_rng(2).normal(size=(150, 8_000)), axis=0)
        found = path_components([{"x": x} for x in walk], 4)
        assert found.shares == pytest.approx([8 / (np.pi * (2 * k - 1)) ** 2 for k in (1, 2, 3, 4)], rel=0.08)

    def test_what_has_no_components_is_refused(self):
        with pytest.raises(LandscapeError, match="at least 3 points, got 2"):
            path_components([point(0, 1), point(0, 0)])
        with pytest.raises(LandscapeError, match="fewer than 2 directions"):
            path_components([point(2, 2), point(1, 1), point(0, 0)])
        with pytest.raises(LandscapeError, match="fewer than 1 directions"):
            path_components([point(1, 1), point(1, 1)], 1)
        with pytest.raises(LandscapeError, match="not finite"):
            path_components([point(2, np.nan), point(1, 1), point(0, 0)])


class TestLossSlice:
    def test_a_plane_by_hand(self):
        """f = x² + 10 y + z from (1, 2, 3) along (1, 0, 0) and (1, 1, 0)."""
        directions = [point(1, 0, 0), point(1, 1, 0)]
        found = loss_slice(
            lambda p: p["x"] @ jnp.array([0.0, 10, 1]) + p["x"][0] ** 2, point(1, 2, 3), directions, 1, 3
        )
        a, b = np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij")
        assert found.losses == pytest.approx((1 + a + b) ** 2 + 10 * (2 + b) + 3)
        assert found.centre_loss == 24
        assert found.lengths == pytest.approx([1, np.sqrt(2)])

    def test_a_path_is_projected_and_what_is_lost_is_told(self):
        """Along (1, 0, 0) and (1, 2, 0): (4, 2, 5) is 3·d₁ + 1·d₂ and 5 above; the second piece lies in the plane."""
        directions = [point(1, 0, 0), point(1, 2, 0)]
        path = [point(4, 2, 5), point(4, 2, 0), point(4, -1, 4), point(0, 0, 0)]
        found = loss_slice(lambda p: p["x"] @ p["x"], point(0, 0, 0), directions, points=2, path=path)
        assert found.path == pytest.approx(np.array([[3, 1], [3, 1], [4.5, -0.5], [0, 0]]))
        assert found.path_losses == pytest.approx([45, 20, 33, 0])
        assert found.outside == pytest.approx(1 - (0 + 3 + np.sqrt(17)) / (5 + 5 + np.sqrt(33)))
        assert [axis.tolist() for axis in found.axes] == [
            pytest.approx([-0.15 * 4.5, 1.15 * 4.5]),
            pytest.approx([-0.5 - 0.225, 1.225]),
        ]

    @pytest.mark.parametrize(
        ("extent", "ends"),
        [
            (None, [(-1, 1), (-1, 1)]),
            (0.5, [(-0.5, 0.5)] * 2),
            ((-1, 3), [(-1, 3)] * 2),
            ([(0, 1), (-2, 0)], [(0, 1), (-2, 0)]),
        ],
    )
    def test_how_far_is_looked(self, extent, ends):
        found = loss_slice(lambda p: p["x"].sum(), point(0, 0), [point(1, 0), point(0, 1)], extent, 4)
        assert [(axis[0], axis[-1]) for axis in found.axes] == [pytest.approx(pair) for pair in ends]
        assert found.losses.shape == (4, 4)

    def test_what_is_not_finite_stays_so(self):
        found = loss_slice(lambda p: jnp.log(p["x"][0]), point(0), [point(1)], 1, 3)
        assert found.losses.tolist() == [pytest.approx(np.nan, nan_ok=True), -np.inf, 0]
        assert found.centre_loss == -np.inf

    def test_many_points_are_each_where_they_belong(self):
        """More than a call takes, and a number that it does not divide."""
        found = loss_slice(lambda p: p["x"][0] + 1000 * p["x"][1], point(0, 0), [point(1, 0), point(0, 1)], (0, 28), 29)
        a, b = np.meshgrid(range(29), range(29), indexing="ij")
        assert np.array_equal(found.losses, a + 1000 * b)

    def test_points_side_by_side_have_the_losses_of_one_by_one(self, monkeypatch):
        """The layout for accelerators, here on the CPU, with a number of points that its width does not divide."""
        given = (lambda p: jnp.sin(p["x"]).sum(), point(0, 0), [point(1, 0), point(0, 1)], 2, 7)
        expected = loss_slice(*given).losses
        monkeypatch.setattr("trainwell.landscape.slices.slices.configure_runtime", lambda: Runtime("gpu", 1, "float32"))
        assert loss_slice(*given).losses == pytest.approx(expected, rel=1e-6, abs=1e-6)

    def test_ctrl_c_ends_it_and_the_rest_is_not_waited_for(self, monkeypatch):
        begun, let_go = [], threading.Event()

        def interrupt():
            raise KeyboardInterrupt

        class InterruptedPool(ThreadPoolExecutor):
            def submit(self, task, part):
                begun.append(super().submit(lambda: (let_go.wait(), task(part))[1]))
                begun[-1].result = interrupt
                return begun[-1]

            def shutdown(self, wait=True, *, cancel_futures=False):
                super().shutdown(wait=False, cancel_futures=cancel_futures)
                let_go.set()
                super().shutdown(wait)

        monkeypatch.setattr("trainwell.landscape.slices.slices.ThreadPoolExecutor", InterruptedPool)
        with pytest.raises(Interrupted, match="stopped on request"):
            loss_slice(lambda p: p["x"].sum(), point(0, 0), [point(1, 0), point(0, 1)], 1, 100)
        assert sum(not call.cancelled() for call in begun) <= configure_runtime().jobs

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"directions": []}, "one or two directions, got 0"),
            ({"directions": [point(1, 0)] * 3}, "one or two directions, got 3"),
            ({"directions": [point(1, 0), point(-2, 0)]}, "parallel"),
            ({"directions": [point(0, 0)]}, "not 0"),
            ({"directions": [point(np.inf, 0)]}, "must be finite"),
            ({"directions": [point(1, 0, 0)]}, "direction 0 differs from the centre"),
            ({"directions": [{"y": np.ones(2)}]}, "direction 0 differs from the centre"),
            ({"path": [point(0, 0), point(1)]}, "point 1 differs from the centre"),
            ({"path": [point(0, np.nan)]}, "must be finite: leave diverged points out"),
            ({"points": 1}, "at least 2 points along each direction, got 1"),
            ({"points": 2.0}, "at least 2 points along each direction, got 2.0"),
            ({"extent": 0}, "got 0"),
            ({"extent": (2, 1)}, "got (2, 1)"),
            ({"extent": "far"}, "must be numbers, got 'far'"),
            ({"extent": float("inf")}, "got inf"),
            ({"extent": [(0, 1)] * 3}, "a low and a high end"),
            ({"labels": ["a", "b"]}, "got 2 labels for 1"),
            ({"loss": lambda p: p["x"]}, "one number, got an array of shape [2]"),
        ],
    )
    def test_what_is_no_slice_is_refused_in_one_line(self, changes, message):
        given = {"loss": lambda p: p["x"].sum(), "centre": point(0, 0), "directions": [point(1, 0)], **changes}
        with pytest.raises(LandscapeError) as error:
            loss_slice(**given)
        assert message in str(error.value)
        assert "\n" not in str(error.value)


NUMBERS = {
    name: np.asarray(value, np.float32)
    for name, value in {
        "input_shift": 0.2,
        "input_scale": 0.7,
        "negative_slope": 0.1,
        "elu_alpha": 1.0,
        "batch_norm_eps": 1e-5,
        "batch_norm_momentum": 0.9,
        "dropout_rate": 0.3,
        "label_smoothing": 0.1,
        "l2_penalty": 0.05,
    }.items()
}


def classification_rows(N, D, C=3):
    rng = np.random.default_rng(7)
    return Split(rng.normal(size=(N, D)).astype(np.float32), rng.integers(0, C, N), rng.uniform(0.5, 2, N))


def regression_rows(N, D, C=1):
    rng = np.random.default_rng(8)
    return Split(rng.normal(size=(N, D)).astype(np.float32), rng.normal(size=(N, C)), rng.uniform(0.5, 2, N))


KINDS = [
    (Network((5, 6, 4, 3)), classification_rows),
    (Network((5, 6, 3), activation="maxout", pieces=3), classification_rows),
    (Network((5, 6, 3), activation="tanh", dropout="lecture"), classification_rows),
    (Network((5, 6, 4, 3), activation="leaky_relu", batch_norm=True), classification_rows),
    (Network((5, 3)), classification_rows),
    (Network((5, 6, 3), activation="sigmoid"), regression_rows),
]


class TestNetworkSlice:
    @pytest.mark.parametrize(("structure", "rows"), KINDS, ids=[str(kind) for kind, _ in KINDS])
    @pytest.mark.parametrize("regularized", [True, False])
    def test_every_point_is_the_networks_loss_there(self, structure, rows, regularized):
        """All parameters move, biases, scales and shifts, too; 13 rows are taken 5 at a time."""
        split = rows(13, 5, 3) if rows is regression_rows else rows(13, 5)
        rng = np.random.default_rng(0)
        draw = lambda a: a + rng.normal(0, 0.5, a.shape).astype(a.dtype)  # noqa: E731  # one line for three uses
        centre = jax.tree.map(draw, initial_params(structure, 0, "he"))
        directions = [jax.tree.map(lambda a: draw(0 * a), centre) for _ in range(2)]
        statistics = jax.tree.map(lambda a: abs(draw(a)) + 0.5, initial_statistics(structure))
        how = {"regularized": regularized, "rows_at_once": 5}
        found = network_slice(structure, statistics, NUMBERS, split, centre, directions, 2, 4, **how)
        loss = jax.jit(network_loss(structure, statistics, NUMBERS, split, regularized=regularized))
        for i, a in enumerate(found.axes[0]):
            for j, b in enumerate(found.axes[1]):
                there = jax.tree.map(lambda c, u, v, a=a, b=b: c + a * u + b * v, centre, *directions)
                there = jax.tree.map(lambda leaf: leaf.astype(np.float32), there)
                assert found.losses[i, j] == pytest.approx(float(loss(there)), rel=2e-5), (a, b)

    def test_an_overflow_is_not_hidden(self):
        structure, split = Network((5, 6, 3)), classification_rows(9, 5)
        centre = initial_params(structure, 0, "he")
        far = jax.tree.map(lambda a: 1e30 * np.ones_like(a), centre)
        found = network_slice(structure, [], NUMBERS, split, centre, [far], (0, 1), 3, regularized=False)
        loss = network_loss(structure, [], NUMBERS, split, regularized=False)
        assert np.isfinite(found.losses).tolist() == [True, False, False]
        assert not np.isfinite(float(loss(jax.tree.map(np.add, centre, far))))

    def test_without_rows_there_is_no_loss(self):
        split = classification_rows(0, 5)
        centre = initial_params(Network((5, 3)), 0, "he")
        with pytest.raises((ValueError, RuntimeWarning)):
            network_slice(Network((5, 3)), [], NUMBERS, split, centre, random_directions(centre), 1, 3)


EXACT = """
import numpy as np
from trainwell.core.runtime import configure_runtime
configure_runtime(precision="float64")
from trainwell.core.errors import Interrupted
from trainwell.core.runtime import Runtime, configure_runtime
from trainwell.data import Split
from trainwell.landscape import network_slice, random_directions
from trainwell.nn import Network, initial_params

rng = np.random.default_rng(0)
structure = Network((9, 7, 5, 3))
params = initial_params(structure, 3, "he", dtype=np.float64)
directions = random_directions(params, 2, seed=1)
split = Split(rng.normal(size=(40, 9)), rng.integers(0, 3, 40), np.ones(40))
numbers = {"input_shift": 0.5, "input_scale": 2.0, "label_smoothing": 0.0, "l2_penalty": 0.3}
numbers = {name: np.float64(value) for name, value in numbers.items()}
found = network_slice(structure, [], numbers, split, params, directions, 1.5, 9)

def loss(a, b):
    x, squares = (split.inputs - 0.5) * 2, 0.0
    for i, layer in enumerate(params):
        W = layer["weights"] + a * directions[0][i]["weights"] + b * directions[1][i]["weights"]
        x = x @ W.T + layer["biases"]
        x = np.maximum(x, 0) if i < 2 else x
        squares += np.sum(W**2)
    return np.mean(np.log(np.exp(x).sum(1)) - x[np.arange(40), split.targets]) + 0.15 * squares

expected = [[loss(a, b) for b in found.axes[1]] for a in found.axes[0]]
assert found.losses.dtype == np.float64
assert np.allclose(found.losses, expected, rtol=1e-13, atol=0), np.abs(found.losses / expected - 1).max()
"""


def test_in_float64_it_is_plain_numpy_to_the_last_digits(forks, tmp_path):
    """A process of its own, since the precision is the whole process's."""
    forks.printed(tmp_path, EXACT)


class TestTrainingPath:
    def test_it_leads_to_the_network_that_training_gives(self):
        recipe = Recipe(hidden=(8,), optimizer="adam", epochs=20, batch_size=4, batch_norm=True)
        found, trained = training_path(recipe, load_data("iris"), 3, points=10), train(load_data("iris"), recipe, (3,))
        assert found.status == "finished"
        assert found.steps[0] == 0
        assert found.steps[-1] == trained.steps[0]
        share = np.sqrt(found.steps / found.steps[-1])
        assert share == pytest.approx(np.arange(10) / 9, abs=0.01)  # but for whole updates
        for kept, expected in ((found.end, trained.params[0]), (found.state, trained.states[0])):
            assert all(map(np.array_equal, jax.tree.leaves(kept), jax.tree.leaves(expected)))
        assert np.array_equal(found.seen["loss/validation"], trained.trace["loss/validation"][0])
        dataset = load_data("iris")
        loss = network_loss(found.structure, found.state, found.numbers, dataset.validation, regularized=False)
        assert float(loss(found.end)) == pytest.approx(found.seen["loss/validation"][-1], rel=1e-5)

    def test_it_ends_with_the_best_network_where_that_is_kept(self):
        recipe = Recipe(hidden=(8,), optimizer="sgd", learning_rate=3.0, epochs=60, patience=4)
        found, trained = training_path(recipe, load_data("iris")), train(load_data("iris"), recipe)
        assert trained.steps[0] > trained.kept_steps[0]
        assert found.steps[-1] == trained.kept_steps[0]
        assert np.array_equal(found.end[0]["weights"], trained.params[0][0]["weights"])
        assert found.observed_steps[-1] == trained.steps[0]
        assert (np.diff(found.steps) > 0).all()

    def test_more_points_than_updates_are_all_updates(self):
        assert training_path(Recipe(hidden=(4,), steps=5), load_data("iris")).steps.tolist() == [0, 1, 2, 3, 4, 5]

    def test_what_has_no_path_is_refused(self):
        with pytest.raises(LandscapeError, match="at least 2 points, got 1"):
            training_path(Recipe(), load_data("iris"), points=1)
        x, y = 1e30 * np.ones((6, 2), np.float32), np.arange(6) % 2
        huge = from_arrays(x, y, validation=(x, y), test=(x, y))
        recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=1e30, steps=9, inputs="none", batch_size="full")
        with pytest.raises(LandscapeError, match="diverged after update 1, too early for a path"):
            training_path(recipe, huge, points=3)
