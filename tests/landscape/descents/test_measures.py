"""Measures of a descent against the same worked by hand, and against plain NumPy on the kept paths."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.landscape import descend, own_surface, surface
from trainwell.landscape.descents.problem import Ground, measured, measures_at

GROUND = Ground(jnp.array([[0.0, 1.0], [1.0, 0.0]]), jnp.zeros(2), jnp.array([10.0, 10.0]), jnp.array(0.5))

BEGIN, GO_ON = jax.jit(measures_at), jax.jit(measured)


def walked(points, values, gradients):
    """The measures of a walk through points, the first of them its start."""
    points, values, gradients = (np.array(rows, np.float32) for rows in (points, values, gradients))
    found = BEGIN(points[0], values[0], gradients[0], GROUND)
    for step in range(1, len(points)):
        found = GO_ON(found, points[step], values[step], gradients[step], GROUND, step)
    return found


def test_a_walk_by_hand():
    """Axes are turned: the first principal axis is y. y goes 0, 4, 4, 1, 2 (two turns), x goes 0, 3, 6, 6, 2 (one)."""
    points = [[0.0, 0.0], [3.0, 4.0], [6.0, 4.0], [6.0, 1.0], [2.0, 2.0]]
    gradients = [[1.0, 0.0], [0.3, 0.4], [0.3, 0.5], [0.3, 0.4], [0.0, 0.1]]
    found = walked(points, [5.0, 3.0, 4.0, 2.0, 2.5], gradients)
    assert float(found.length) == pytest.approx(5 + 3 + 3 + 17**0.5)
    assert found.turns.tolist() == [2, 1]
    assert (found.low.tolist(), found.high.tolist()) == ([0, 0], [4, 6])
    assert float(found.least) == 2
    assert int(found.settled) == 3  # the norm 0.5 of the first update counts, but 0.58 came after
    assert int(found.left) == -1


@pytest.mark.parametrize(
    ("x", "value", "gradient"),
    [
        ([10.5, 0.0], 1.0, [1.0, 1.0]),
        ([1.0, 0.0], float("nan"), [1.0, 1.0]),
        ([1.0, 0.0], 1.0, [float("inf"), 1.0]),
    ],
)
def test_who_has_left_is_measured_no_more(x, value, gradient):
    points = [[0.0, 0.0], [1.0, 1.0], x, [5.0, 5.0]]
    found = walked(points, [2.0, 1.5, value, -3.0], [[1.0, 1.0], [1.0, 1.0], gradient, [0.0, 0.0]])
    assert int(found.left) == 2
    assert int(found.settled) == -1
    assert found.x.tolist() == x  # the first point beyond
    assert float(found.length) == pytest.approx(2**0.5)
    assert float(found.least) == 1.5


def test_a_descent_by_hand():
    """y²/2 from 1 with learning rate 1.5: each update multiplies by −0.5, so that there are turns at every one."""
    slope = own_surface(lambda x: 0.5 * x @ x, 1, domain=(-4, 4))
    found = descend(slope, {"optimizer": "sgd", "learning_rate": 1.5}, [1.0], 4, paths=True, tolerance=0.2)
    assert found.paths.ravel().tolist() == [1, -0.5, 0.25, -0.125, 0.0625]
    assert found.path_values.ravel().tolist() == [0.5, 0.125, 0.03125, 0.0078125, 0.001953125]
    assert found.lengths.tolist() == [[1.5 + 0.75 + 0.375 + 0.1875]]
    assert found.turns.tolist() == [[[3]]]
    assert found.zigzags.tolist() == [[3]]
    assert found.settled_after.tolist() == [[3]]  # |−0.125| is the first gradient of at most 0.2
    # No critical point is known: the target is the last point, 0.0625, and the path got to −0.5.
    assert found.overshoots.tolist() == [[[0.5625]]]
    assert found.outcomes.tolist() == [["converged"]]
    assert found.critical_indices.tolist() == [[-1]]


CONTENDERS = {
    "momentum": {"optimizer": "momentum", "learning_rate": 0.002},
    "ahead": {"optimizer": "nesterov_lookahead", "learning_rate": 0.002},
    "clipped": {"optimizer": "sgd", "learning_rate": 0.3, "clip_norm": 1.0, "schedule": "cosine"},
}


@pytest.mark.parametrize("name", ["himmelblau", "quadratic"])
def test_measures_are_those_of_the_paths(name):
    numbers = {"condition": 30.0, "dimension": 3, "rotation": 5} if name == "quadratic" else {}
    made = surface(name, **numbers)
    starts = made.random_starts(7)
    with_paths = descend(made, CONTENDERS, starts, 150, paths=True)
    found = descend(made, CONTENDERS, starts, 150)
    assert found.paths is None
    assert found.path_values is None
    paths = with_paths.paths.astype(np.float64)
    moves = np.diff(paths, axis=2)
    assert found.lengths == pytest.approx(np.linalg.norm(moves, axis=-1).sum(-1), rel=1e-4)
    assert found.points == pytest.approx(paths[:, :, -1], abs=1e-5)
    assert found.lowest_values == pytest.approx(with_paths.path_values.min(-1), abs=1e-5)
    signs = np.sign(np.round(moves @ found.axes.T, 5))  # below that, signs are those of rounding
    for c in range(len(CONTENDERS)):
        for s in range(7):
            for d in range(made.dimension):
                headings = signs[c, s, :, d][signs[c, s, :, d] != 0]
                turns = int((headings[1:] != headings[:-1]).sum())
                if abs(moves[c, s]).min() > 1e-4:
                    assert with_paths.turns[c, s, d] == turns
                else:
                    assert with_paths.turns[c, s, d] >= turns
    place, begin = paths @ found.axes.T, starts @ found.axes.T
    target = found.points.astype(np.float64)
    for index in np.ndindex(*found.critical_indices.shape):
        if found.critical_indices[index] >= 0:
            target[index] = made.critical[found.critical_indices[index]].point
    target = target @ found.axes.T
    past = np.where(begin < target, place.max(2) - target, target - place.min(2))
    assert found.overshoots == pytest.approx(np.maximum(past, 0), abs=1e-5)
