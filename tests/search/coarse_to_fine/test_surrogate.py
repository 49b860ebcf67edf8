"""The Gaussian process, what it learns from and what it picks, against other libraries and by hand."""

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial
from scipy.integrate import quad
from scipy.optimize import check_grad
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from trainwell.search.coarse_to_fine.encoding import INACTIVE, Encoding
from trainwell.search.coarse_to_fine.proposals import propose, surrogate
from trainwell.search.coarse_to_fine.ranges import declared_extent
from trainwell.search.coarse_to_fine.rounds import WORST, ranks, sort_key
from trainwell.search.coarse_to_fine.surrogate import (
    GaussianProcess,
    _negative_log_posterior,
    _squares,
    batch,
    fit,
    half_ranked,
    log_expected_improvement,
    plain,
)

KIND = CategoricalDistribution(("sgd", "momentum", "adam"))
MOMENTUM = FloatDistribution(0.5, 0.99)
WIDTH = CategoricalDistribution((16, 32, 64))


def data(count: int = 30) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    points = rng.random((count, 3))
    values = np.sin(5 * points[:, 0]) + points[:, 1] ** 2 + 0.05 * rng.standard_normal(count)
    return points, (values - values.mean()) / values.std()


def test_posterior_agrees_with_scikit_learn() -> None:
    points, values = data()
    process = fit(points, values, np.arange(3))
    kernel = ConstantKernel(process.variance) * Matern(1 / process.columns, nu=2.5) + WhiteKernel(process.noise)
    other = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(points, values)
    new = np.random.default_rng(1).random((7, 3))
    mean, rows = process.predict(new)
    expected, deviation = other.predict(new, return_std=True)
    np.testing.assert_allclose(mean, expected, rtol=1e-8)
    variance = process.variance + process.noise - (rows**2).sum(0)  # theirs is of an observation
    np.testing.assert_allclose(np.sqrt(variance), deviation, rtol=1e-7)


def test_gradient_of_the_fit() -> None:
    points, values = data(12)
    squares = np.stack([_squares(points[:, [j]]) for j in range(3)]).reshape(3, -1)
    rest = (squares, values, np.zeros(5), np.full(5, 2.0))
    for start in (np.full(5, -0.5), np.array([0.3, -1.0, 0.1, 0.4, -3.0])):
        error = check_grad(
            lambda at: _negative_log_posterior(at, *rest)[0], lambda at: _negative_log_posterior(at, *rest)[1], start
        )
        assert error < 1e-4


def test_fit_tells_the_column_that_matters() -> None:
    points, values = data(40)
    columns = fit(points, values, np.arange(3)).columns  # weights: 1 / length scale
    assert columns[0] > 3 * columns[2]


def test_left_out_agrees_with_refitting_without_each() -> None:
    points, values = data(10)
    process = fit(points, values, np.arange(3))
    expected_without = process.leave_one_out(values)
    for index in range(10):
        rest = np.arange(10) != index
        covariance = process.covariance(points[rest], points[rest]) + process.noise * np.eye(9)
        cross = process.covariance(points[index : index + 1], points[rest])
        expected = (cross @ np.linalg.solve(covariance, values[rest]))[0]
        assert expected_without[index] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("mean", "deviation", "best"), [(0.0, 1.0, 0.5), (2.0, 0.5, 0.0), (-1.0, 2.0, 0.0)])
def test_expected_improvement_is_its_integral(mean: float, deviation: float, best: float) -> None:
    found = log_expected_improvement(np.array([mean]), np.array([deviation]), best)[0]
    integral, _ = quad(lambda f: (best - f) * norm.pdf(f, mean, deviation), mean - 12 * deviation, best, epsabs=1e-14)
    assert np.exp(found) == pytest.approx(integral, rel=1e-6)


def test_expected_improvement_far_away_keeps_its_order() -> None:
    found = log_expected_improvement(np.array([10.0, 50.0, 200.0]), np.ones(3), 0.0)
    # log of phi(u)/u^2 (1 - 3/u^2 + 15/u^4) at u = 10
    assert found[0] == pytest.approx(norm.logpdf(10) - 2 * np.log(10) + np.log(1 - 3 / 100 + 15 / 1e4), rel=1e-5)
    assert np.isfinite(found).all()
    assert found[0] > found[1] > found[2]


def test_batch_is_as_adding_each_pick_with_its_expected_value() -> None:
    points, values = data(15)
    process = fit(points, values, np.arange(3))
    candidates = np.random.default_rng(2).random((60, 3))
    picked: list[int] = []
    seen, known = points, values
    for _ in range(4):
        covariance = process.covariance(seen, seen) + process.noise * np.eye(len(known))
        factor = np.linalg.cholesky(covariance)
        slow = GaussianProcess(
            seen, process.columns, process.variance, process.noise, factor, np.linalg.solve(covariance, known)
        )
        mean, rows = slow.predict(candidates)
        best = slow.predict(seen)[0].min()
        score = log_expected_improvement(mean, np.sqrt(process.variance - (rows**2).sum(0)), best)
        score[picked] = -np.inf
        index = int(np.argmax(score))
        picked.append(index)
        seen, known = np.vstack([seen, candidates[index]]), np.append(known, mean[index])
    assert batch(process, candidates, 4) == picked


def test_conditions_are_learned_from_the_trials() -> None:
    params = [
        {"kind": "sgd", "width": 16},
        {"kind": "momentum", "width": 64, "momentum": 0.9},
        {"kind": "adam", "width": 16},
        {"kind": "momentum", "width": 16, "momentum": 0.5},
    ]
    encoding = Encoding({"kind": KIND, "width": WIDTH, "momentum": MOMENTUM}, params)
    valid = encoding.valid(np.array([[0.0, 2.0, 0.5], [1.0, 2.0, 0.5]]))
    assert valid[0, 2] == INACTIVE
    assert valid[1, 2] == 0.5
    assert encoding.values(valid[0]) == {"kind": "sgd", "width": 64}
    assert encoding.values(valid[1]) == {"kind": "momentum", "width": 64, "momentum": pytest.approx(0.745)}


def test_conditions_of_conditions_are_met_in_order() -> None:
    space = {
        "eps": FloatDistribution(0, 1),  # only with adam
        "kind": KIND,
        "nesterov": CategoricalDistribution((False, True)),  # only with momentum
        "ahead": FloatDistribution(0, 1),  # only with nesterov
    }
    params: list[dict[str, object]] = [
        {"kind": "sgd"},
        {"kind": "adam", "eps": 0.1},
        {"kind": "momentum", "nesterov": False},
        {"kind": "momentum", "nesterov": True, "ahead": 0.5},
        {"kind": "adam", "eps": 0.2},
    ]
    encoding = Encoding(space, params)
    everything = np.array([[0.5, kind, nesterov, 0.5] for kind in range(3) for nesterov in range(2)])
    found = [set(encoding.values(keys)) for keys in encoding.valid(everything)]
    assert found == [
        {"kind"},
        {"kind"},
        {"kind", "nesterov"},
        {"kind", "nesterov", "ahead"},
        {"kind", "eps"},
        {"kind", "eps"},
    ]


def test_unordered_choices_are_all_equally_far_apart_and_ordered_ones_are_not() -> None:
    params = [{"kind": kind, "width": width} for kind in KIND.choices for width in WIDTH.choices]
    encoding = Encoding({"kind": KIND, "width": WIDTH}, params)
    points = encoding.points(encoding.positions)
    squares = _squares(points)
    assert squares[0, 3] == pytest.approx(1)  # sgd, momentum
    assert squares[0, 6] == pytest.approx(1)  # sgd, adam
    assert squares[0, 1] == pytest.approx(0.25)  # 16, 32
    assert squares[0, 2] == pytest.approx(1)  # 16, 64
    assert encoding.groups().tolist() == [0, 0, 0, 1]


def test_warping_keeps_the_order_and_fails_are_worst() -> None:
    keys = [(0, 0.0, 0.3), WORST, (0, 0.0, 0.1), (1, -9.0, 0.0), (1, -3.0, 0.0), (0, 0.0, 0.2)]
    assert ranks(keys).tolist() == [3, 6, 1, 4, 5, 2]
    assert np.argsort(half_ranked(keys)).tolist() == [2, 5, 0, 3, 4, 1]
    assert plain(keys) is None
    np.testing.assert_allclose(plain([(0, 0.0, 1.0), WORST, (0, 0.0, 3.0)]), np.array([-2, 1, 1]) / np.sqrt(2))
    assert plain([WORST, WORST]) is None
    assert half_ranked([WORST, WORST]).tolist() == [0, 0]


def test_pruned_trials_rank_by_how_far_they_came() -> None:
    def pruned(reports: dict[int, float]) -> optuna.trial.FrozenTrial:
        return create_trial(state=TrialState.PRUNED, intermediate_values=reports)

    trials = [
        pruned({1: 0.9, 4: 0.2}),
        create_trial(value=0.1),
        pruned({1: 0.8}),
        pruned({1: 0.9, 4: 0.5}),
        create_trial(state=TrialState.FAIL),
        create_trial(value=0.6),
        pruned({}),
        pruned({1: float("nan")}),
    ]
    keys = [sort_key(trial, StudyDirection.MAXIMIZE) for trial in trials]
    assert ranks(keys).tolist() == [4, 2, 5, 3, 7, 1, 7, 7]


def test_surrogate_takes_the_values_where_they_are_smooth_and_ranks_where_they_explode() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((40, 2))
    smooth = 3 * points[:, 0] + (points[:, 1] - 0.5) ** 2
    exploding = np.where(points[:, 0] > 0.6, 10 ** (9 * rng.random(40)), smooth)
    for values, expected in ((smooth, plain), (exploding, half_ranked)):
        keys = [(0, 0.0, float(value)) for value in values]
        process = surrogate(points, keys, np.arange(2))
        np.testing.assert_array_equal(process.weights, fit(points, np.asarray(expected(keys)), np.arange(2)).weights)


def test_proposals_surround_the_optimum_of_a_bowl() -> None:
    space = {
        "x": FloatDistribution(0, 1),
        "rate": FloatDistribution(1e-4, 1, log=True),
        "layers": IntDistribution(1, 5),
    }
    rng = np.random.default_rng(4)
    trials = []
    for _ in range(25):
        params = {"x": rng.random(), "rate": 10 ** rng.uniform(-4, 0), "layers": int(rng.integers(1, 6))}
        value = (params["x"] - 0.7) ** 2 + (np.log10(params["rate"]) + 1) ** 2 / 9 + 0.1 * (params["layers"] - 2) ** 2
        trials.append(create_trial(params=params, distributions=space, value=float(value)))
    extents = {name: declared_extent(each) for name, each in space.items()}
    found = propose(trials, extents, StudyDirection.MINIMIZE, 5, np.random.default_rng(5))
    assert found[0]["layers"] == 2
    assert abs(found[0]["x"] - 0.7) < 0.1
    assert abs(np.log10(found[0]["rate"]) + 1) < 0.3
    assert len({each["x"] for each in found}) == 5


def test_nothing_is_proposed_twice() -> None:
    space = {"n": IntDistribution(1, 3), "kind": CategoricalDistribution(("a", "b"))}
    trials = [
        create_trial(params={"n": n, "kind": kind}, distributions=space, value=float(n))
        for n, kind in ((1, "a"), (2, "b"), (3, "a"), (3, "b"))
    ]
    extents = {name: declared_extent(each) for name, each in space.items()}
    found = propose(trials, extents, StudyDirection.MINIMIZE, 5, np.random.default_rng(0))
    assert sorted(found, key=str) == [{"kind": "a", "n": 2}, {"kind": "b", "n": 1}]
