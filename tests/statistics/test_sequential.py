"""Looks against published tables, SciPy's multivariate normal distribution and simulated paths."""

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import Looks, default_looks
from trainwell.statistics.boundary import bounds, crossing
from trainwell.statistics.sequential import spent

PLANS = [(10, 20), (10, 17, 23), (11, 17, 24, 30), (100, 101, 103)]


def covariance(seeds):
    return np.sqrt(np.minimum.outer(seeds, seeds) / np.maximum.outer(seeds, seeds))


def inside(seeds, low, high):
    """Chance that correlated normal variables all lie between their bounds."""
    law = stats.multivariate_normal(
        np.zeros(len(seeds)), covariance(seeds), seed=0, maxpts=10**6, abseps=1e-7, releps=1e-7
    )
    return law.cdf(high, lower_limit=low)


@pytest.mark.parametrize(
    ("spending", "published"),
    [  # Lan & DeMets (1983) and Jennison & Turnbull's tables: 5 equally spaced looks, two-sided 0.05
        ("obrien_fleming", [4.877, 3.357, 2.680, 2.290, 2.031]),
        ("pocock", [2.438, 2.427, 2.410, 2.397, 2.386]),
    ],
)
def test_bounds_are_the_published_ones(spending, published):
    nominal = Looks((20, 40, 60, 80, 100), spending=spending).nominal(0.05)
    assert stats.norm.isf(nominal / 2) == pytest.approx(published, abs=6e-4)


def test_equal_nominal_levels_are_pococks():
    # Pocock (1977): 5 looks at nominal 0.0158 have an overall level of 0.05
    z = stats.norm.isf(0.0158 / 2) * np.ones(5)
    assert crossing(np.arange(1, 6), -z, z).sum() == pytest.approx(0.05, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.3, 0.05, 0.002])
@pytest.mark.parametrize("seeds", PLANS)
def test_any_look_is_significant_with_chance_alpha(seeds, alpha):
    looks = Looks(seeds)
    for upto in range(1, len(seeds) + 1):
        z = stats.norm.isf(looks.nominal(alpha)[:upto] / 2)
        used = alpha * seeds[upto - 1] / seeds[-1]
        assert 1 - inside(np.array(seeds[:upto]), -z, z) == pytest.approx(used, rel=1e-3)


@pytest.mark.parametrize("seeds", PLANS)
def test_uneven_bounds_are_crossed_as_scipy_says(seeds):
    low, high = np.linspace(-2, -1, len(seeds)), np.linspace(2.5, 0.5, len(seeds))
    stays = [inside(np.array(seeds[:upto]), low[:upto], high[:upto]) for upto in range(1, len(seeds) + 1)]
    chances = crossing(np.array(seeds), low, high)
    assert 1 - np.cumsum(chances) == pytest.approx(stays, abs=2e-5)


def test_open_and_shut_bounds():
    seeds, open_ended = np.array([10, 20]), np.array([np.inf, 1.959963984540054])
    # nothing is crossed at the first look, so the second is that of a single test
    assert crossing(seeds, -open_ended, open_ended) == pytest.approx([0, 0.05], abs=1e-9)
    assert crossing(seeds, np.array([1.0, -1]), np.array([-1.0, 1])) == pytest.approx([1, 0], abs=1e-12)


def test_the_last_look_takes_all_that_is_left():
    assert bounds(np.array([10, 20]), np.array([[0.5, 1.0]]))[0, 1] == pytest.approx(0, abs=1e-12)
    assert Looks((10, 20)).nominal(1.0) == pytest.approx([0.5, 1.0])


@pytest.mark.parametrize("spending", ["linear", "pocock", "obrien_fleming"])
def test_all_is_spent_at_the_end_and_never_too_early(spending):
    used = spent(spending, np.array([0.01, 0.05]), np.linspace(0.01, 1, 50))
    assert used[:, -1] == pytest.approx([0.01, 0.05])
    assert np.all(np.diff(used, axis=1) > 0)


def test_one_look_is_the_plain_test():
    looks = Looks((20,))
    assert looks.nominal(0.03).tolist() == [0.03]
    assert looks.overall(0, np.array([0.01, 0.7, np.nan])) == pytest.approx([0.01, 0.7, np.nan], nan_ok=True)


@pytest.mark.parametrize("looks", [Looks(seeds) for seeds in PLANS] + [Looks((10, 20, 30), spending="pocock")])
@pytest.mark.parametrize("alpha", [1e-7, 0.0008, 0.0123, 0.05, 0.4])
def test_overall_inverts_nominal(looks, alpha):
    for look, level in enumerate(looks.nominal(alpha)):
        assert looks.overall(look, level) == pytest.approx(alpha, rel=3e-4)


def test_first_look_by_hand():
    # linear: at 10 of 40 seeds a quarter is spent, so the overall p is four times p
    assert Looks((10, 40)).overall(0, np.array([0.001, 0.2, 0.26, 1.0])) == pytest.approx([0.004, 0.8, 1, 1])


def test_overall_p_is_capped_and_keeps_nan():
    found = Looks((10, 20)).overall(1, np.array([0.0, 1e-12, np.nan, 1.0]))
    assert found == pytest.approx([1e-9, 1e-9, np.nan, 1.0], nan_ok=True)


def test_overall_p_is_valid_wherever_one_stops():
    seeds, paths = np.array([10, 17, 23, 30]), 50_000
    steps = np.random.default_rng(0).normal(size=(paths, 4)) * np.sqrt(np.diff(seeds, prepend=0))
    z = np.cumsum(steps, 1) / np.sqrt(seeds)
    looks = Looks(tuple(seeds.tolist()))
    smallest = np.min([looks.overall(look, 2 * stats.norm.sf(abs(z[:, look]))) for look in range(4)], axis=0)
    for alpha in (0.01, 0.05, 0.2):
        share = np.mean(smallest <= alpha)
        assert share == pytest.approx(alpha, abs=3 * np.sqrt(alpha * (1 - alpha) / paths))


def test_an_unplanned_end_spends_its_share_only():
    looks = Looks((10, 20, 30))
    ended = looks.ended(14)
    assert ended.seeds == (10, 14)
    first, second = stats.norm.isf(ended.nominal(0.05) / 2)
    assert first == pytest.approx(stats.norm.isf(0.05 / 3 / 2))
    z = np.array([first, second])
    assert 1 - inside(np.array([10, 14]), -z, z) == pytest.approx(0.05 * 14 / 30, rel=1e-3)
    assert looks.ended(20) is looks
    assert looks.ended(6).nominal(0.05) == pytest.approx([0.05 * 6 / 30])


@pytest.mark.parametrize(
    ("num_pairs", "most", "count", "seeds"),
    [
        (1, 30, 4, (10, 17, 23, 30)),
        (15, 30, 4, (11, 17, 24, 30)),  # 15·2/2¹⁰ = 0.029 > 0.05·10/30 = 0.017; 15·2/2¹¹ = 0.015 < 0.018
        (1225, 30, 4, (17, 21, 26, 30)),  # 1225·2/2¹⁶ = 0.037 > 0.027; half of it < 0.028
        (15, 30, 1, (30,)),
        (1, 5, 4, (5,)),
        (1, 10, 4, (10,)),
        (1, 12, 4, (10, 11, 12)),
        (10**6, 20, 4, (20,)),
    ],
)
def test_default_looks_begin_where_something_can_be_decided(num_pairs, most, count, seeds):
    assert default_looks(num_pairs, most, count) == Looks(seeds)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"seeds": ()}, "seeds must be ascending"),
        ({"seeds": (0, 5)}, "seeds must be ascending"),
        ({"seeds": (10, 10)}, "seeds must be ascending"),
        ({"seeds": (10,), "error_rate": 5}, "error_rate must be"),
        ({"seeds": (10,), "spending": "later"}, "spending must be"),
        ({"seeds": (10, 20), "most": 15}, "most must be"),
    ],
)
def test_impossible_plans(fields, message):
    with pytest.raises(ValueError, match=message):
        Looks(**fields)


def test_impossible_numbers():
    with pytest.raises(ValueError, match="at least 1"):
        default_looks(0)
    with pytest.raises(ValueError, match="alpha must be"):
        Looks((10, 20)).nominal(0.0)
