"""Power against the noncentral t and normal formulas, published sample sizes, and simulated sign-flip tests."""

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import Looks, detectable, power, sign_flip_p
from trainwell.statistics.sample_sizes import stops

PAIRS = 2000


@pytest.mark.parametrize("effect", [0.0, 0.2, 0.5, -0.5, 0.7])
@pytest.mark.parametrize(("n", "level"), [(30, 0.05), (50, 0.01)])
def test_one_look_is_the_t_test(n, level, effect):
    # with 2⁻³⁰ the level is reached exactly; 1 − β from the noncentral t distribution (Cohen 1988)
    critical, shift = stats.t.isf(level / 2, n - 1), effect * np.sqrt(n)
    both = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
    assert power(Looks((n,)), effect, level=level) == pytest.approx(both, abs=1e-6)


def test_many_seeds_are_the_normal_formula():
    shift, z = 0.03 * np.sqrt(10_000), stats.norm.isf(0.025)
    expected = stats.norm.sf(z - shift) + stats.norm.cdf(-z - shift)
    assert power(Looks((10_000,)), 0.03) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("effect", "pairs"), [(0.5, 34), (0.8, 15), (0.2, 199)])
def test_published_sample_sizes(effect, pairs):
    # two-sided 5%, 80% power, paired t test: small, medium and large effects need 199, 34 and 15 pairs
    assert power(Looks((pairs - 1,)), effect) < 0.8 <= power(Looks((pairs,)), effect)


def expected_seeds(looks, effect, level=None):
    """Mean number of seeds until the difference is found or the last look is over."""
    chances = stops(looks, effect, level)
    return chances @ np.asarray(looks.seeds) + (1 - chances.sum()) * looks.seeds[-1]


def simulated(looks, effect, level):
    """Share of simulated pairs found, and the seeds each took."""
    d = np.random.default_rng(0).normal(effect, 1, (looks.seeds[-1], PAIRS))
    found, seeds = np.zeros(PAIRS, bool), np.full(PAIRS, looks.seeds[-1])
    for n, nominal in zip(looks.seeds, looks.nominal(level), strict=True):
        new = ~found & (sign_flip_p(d[:n]) <= nominal)
        found, seeds[new] = found | new, n
    return found.mean(), seeds


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.4, 0.8, 1.2])
@pytest.mark.parametrize(
    ("seeds", "level"), [((10,), 0.05), ((18,), 0.01), ((8, 12), 0.05), ((10, 15, 20), 0.05), ((10, 15, 20), 0.008)]
)
def test_power_and_seeds_are_those_of_simulated_tests(seeds, level, effect):
    looks = Looks(seeds)
    share, taken = simulated(looks, effect, level)
    chance = power(looks, effect, level=level)
    assert chance == pytest.approx(share, abs=3 * np.sqrt(chance * (1 - chance) / PAIRS))
    mean = expected_seeds(looks, effect, level=level)
    assert mean == pytest.approx(taken.mean(), abs=3 * taken.std() / np.sqrt(PAIRS) + 1e-9)


@pytest.mark.parametrize("looks", [Looks((1000,)), Looks((1000, 2000, 3000)), Looks((1000, 2000), most=4000)])
def test_without_a_difference_the_power_is_the_level_spent(looks):
    spent = 0.05 * looks.seeds[-1] / (looks.most or looks.seeds[-1])
    assert power(looks, 0.0) == pytest.approx(spent, rel=1e-6)


def test_a_level_that_signs_cannot_reach_finds_nothing():
    # 5 signs give p >= 2/32 = 0.0625, 6 give 0.03125 and nothing between that and 0.0625
    assert power(Looks((5,)), 9.0) == 0
    assert power(Looks((1,)), 9.0) == 0
    assert power(Looks((6,)), 0.0, level=0.06) == pytest.approx(2 / 64)
    assert detectable(Looks((5,))) == np.inf
    assert expected_seeds(Looks((4, 5)), 9.0) == 5


def test_huge_effects_are_found_at_once():
    looks = Looks((10, 17, 23, 30))
    assert power(looks, -1e4) == pytest.approx(1)
    assert expected_seeds(looks, 1e4) == pytest.approx(10)


@pytest.mark.parametrize("looks", [Looks((20,)), Looks((10, 17, 23, 30))])
@pytest.mark.parametrize("wanted", [0.2, 0.8, 0.99])
def test_detectable_inverts_power(looks, wanted):
    assert power(looks, detectable(looks, wanted, level=0.01), level=0.01) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("effect", [0.3, 1.0, 2.0])
@pytest.mark.parametrize("n", [7, 12])
def test_at_the_smallest_level_all_signs_must_agree(n, effect):
    agree = stats.norm.cdf(effect) ** n + stats.norm.cdf(-effect) ** n
    assert power(Looks((n,)), effect, level=2.1 / 2**n) == pytest.approx(agree, rel=1e-6)


def test_no_more_power_than_the_level_takes_no_difference():
    assert detectable(Looks((30,)), 0.04) == 0


def test_impossible_requests():
    with pytest.raises(ValueError, match="power must be"):
        detectable(Looks((20,)), 80)
    with pytest.raises(ValueError, match="alpha must be"):
        power(Looks((20,)), 0.5, level=0.0)
