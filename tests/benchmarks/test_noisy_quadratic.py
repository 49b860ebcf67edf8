"""The noisy quadratic against its definition, point by point; DeepOBS's problem against what is published of it."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest

from trainwell.training import Member, Result, TrainingSettings, train_problems

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NoisyQuadratic = runpy.run_path(str(BENCHMARKS / "noisy_quadratic.py"))["NoisyQuadratic"]
DEEP = runpy.run_path(str(BENCHMARKS / "quadratic_deep.py"))
RANDOM = np.random.default_rng(0)
Q = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 4.0]])
TRAINING, TEST = RANDOM.normal(1, 2, (11, 3)), RANDOM.normal(-1, 1, (7, 3))


def small(*, reshuffled: bool = True) -> Any:
    return NoisyQuadratic(Q, TRAINING, TEST, 4, reshuffled)


def by_definition(theta: np.ndarray, points: np.ndarray) -> float:
    return float(np.mean([0.5 * (theta - x) @ Q @ (theta - x) for x in points]))


def train(problem: Any, training: TrainingSettings) -> Result:
    return train_problems([Member(training, 3, problem)])[0]


def test_two_points_worked_by_hand() -> None:
    # Q = 2, points 0 and 2, θ = 1: each point costs ½·2·1² = 1. At the test point 4: ½·2·3² = 9.
    problem = NoisyQuadratic(np.array([[2.0]]), np.array([[0.0], [2.0]]), np.array([[4.0]]), 2)
    seen = train(problem, TrainingSettings(optimizer="sgd", learning_rate=0.0, epochs=1)).seen
    assert {name: float(values[0]) for name, values in seen.items()} == pytest.approx(
        {"loss/training": 1.0, "loss/test": 9.0, "loss/batches": 1.0}
    )


@pytest.mark.parametrize("reshuffled", [True, False])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_training_is_the_definition_point_by_point(reshuffled: bool, momentum: float) -> None:
    problem, epochs, rate = small(reshuffled=reshuffled), 3, 0.05
    result = train(
        problem, TrainingSettings(optimizer="momentum", momentum=momentum, learning_rate=rate, epochs=epochs)
    )
    theta, velocity = np.ones(3), np.zeros(3)
    for epoch in range(epochs):
        batches = []
        for rows in problem.order(3, 2 * epoch, 2):  # 11 points are two batches of 4, three are dropped
            batches.append(by_definition(theta, TRAINING[rows]))
            velocity = momentum * velocity + np.mean([Q @ (theta - x) for x in TRAINING[rows]], axis=0)
            theta = theta - rate * velocity
        expected = [by_definition(theta, TRAINING), by_definition(theta, TEST), np.mean(batches)]
        names = ("loss/training", "loss/test", "loss/batches")
        assert [result.seen[name][epoch] for name in names] == pytest.approx(expected, rel=1e-5)
    assert result.params[0]["theta"] == pytest.approx(theta, rel=1e-5)


def test_epochs_are_shuffled_anew_or_replayed() -> None:
    anew, replayed = (small(reshuffled=kind).order(5, 0, 6).reshape(3, 8) for kind in (True, False))
    for epochs in (anew, replayed):
        assert all(len(set(epoch)) == 8 for epoch in epochs.tolist())
    assert np.array_equal(anew[0], replayed[0])
    assert not np.array_equal(anew[0], anew[1])
    assert np.array_equal(replayed, np.tile(replayed[0], (3, 1)))
    # Asked for in the middle of an epoch, as a chunk may ask, the batches are the same.
    assert np.array_equal(small(reshuffled=False).order(5, 3, 2), replayed.reshape(6, 4)[3:5])


@pytest.mark.parametrize("dimensions", [2, 3, 4, 7])
def test_a_rotation_keeps_lengths_and_orientation(dimensions: int) -> None:
    R = DEEP["rotation"](dimensions, np.random.RandomState(dimensions))
    np.testing.assert_allclose(R @ R.T, np.eye(dimensions), atol=1e-12)
    assert np.linalg.det(R) == pytest.approx(1)


def test_rotations_are_uniform() -> None:
    # A coordinate of a uniform direction in space is uniform on (-1, 1), by Archimedes: so is every entry of R.
    random = np.random.RandomState(0)
    entries = np.array([DEEP["rotation"](3, random).ravel() for _ in range(2000)])
    for entry in entries.T:
        assert kstest(entry, "uniform", args=(-1, 2)).pvalue > 0.001
    # The trace is 1 + 2cos α, whose density under Haar's measure is (1 − cos α)/π on (0, π).
    angles = np.arccos(np.clip((entries[:, [0, 4, 8]].sum(1) - 1) / 2, -1, 1))
    assert kstest(angles, lambda a: (a - np.sin(a)) / np.pi).pvalue > 0.001


def test_the_hessian_has_the_eigenvalues_drawn_first() -> None:
    drawn = np.random.RandomState(42).uniform(size=100)
    expected = np.sort(np.append(drawn[:90], 30 + 30 * drawn[90:]))
    np.testing.assert_allclose(np.linalg.eigvalsh(DEEP["hessian"]()), expected, atol=1e-10)


def deep() -> Any:
    return NoisyQuadratic(DEEP["hessian"](), DEEP["points"](42), DEEP["points"](43)[: DEEP["TEST_POINTS"]], 128, False)


def test_the_floor_is_where_the_published_runs_end() -> None:
    # DeepOBS's momentum ends at 87.045 ± 0.025 over 10 seeds: at the training points' mean, up to noise.
    problem = deep()
    centre = DEEP["points"](42).astype(np.float64).mean(0)
    away = centre - DEEP["points"](43)[:896]
    floor = 0.5 * np.einsum("ni,ij,nj->n", away, problem.hessian, away).mean()
    assert floor == pytest.approx(87.045, abs=3 * 0.025 / np.sqrt(10))
    params = [{"theta": centre.astype(np.float32)}]
    seen = problem.observe(params, [], problem.data, np.zeros(1, np.int32), {})
    assert float(seen["loss/test"]) == pytest.approx(floor, rel=1e-6)


@pytest.mark.parametrize(("rate", "status"), [(10**-1.6, 0), (10**-1.4, 2)])
def test_sgd_diverges_from_0_04_on(rate: float, status: int) -> None:
    result = train(deep(), TrainingSettings(optimizer="sgd", learning_rate=rate, epochs=100))
    assert result.status == status
