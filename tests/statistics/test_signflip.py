"""The sign-flip test and its interval against hand-worked cases, SciPy, binomial counts and each other."""

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import sign_flip_interval, sign_flip_p

ALTERNATIVES = ("two-sided", "greater", "less")


@pytest.mark.parametrize(
    ("d", "two_sided", "greater", "less"),
    [
        ([1, 2, 3], 2 / 8, 1 / 8, 8 / 8),
        ([-1, -2, -3], 2 / 8, 8 / 8, 1 / 8),
        ([3, 1, -1], 6 / 8, 3 / 8, 7 / 8),  # sums of subsets: 0, 3, 1, 4, -1, 2, 0, 3
        ([1, 2, -3], 8 / 8, 5 / 8, 5 / 8),  # sums of subsets: 0, 1, 2, 3, -3, -2, -1, 0
        ([0, 0, 0], 1, 1, 1),
        ([0, 5, 0], 1, 1 / 2, 1),
        ([5], 1, 1 / 2, 1),
    ],
)
def test_few_differences_by_hand(d, two_sided, greater, less):
    column = np.array(d, float)[:, None]
    assert [sign_flip_p(column, alternative)[0] for alternative in ALTERNATIVES] == [two_sided, greater, less]


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("n", [2, 5, 10, 15])
def test_p_is_scipys(n, alternative):
    rng = np.random.default_rng(n)
    kinds = [rng.normal(0.5, 1, n), rng.exponential(1, n) - 0.7, rng.integers(-2, 4, n), rng.integers(-9, 12, n) * 0.1]
    found = sign_flip_p(np.array(kinds, float).T, alternative)
    for p, d in zip(found, kinds, strict=True):
        reference = stats.permutation_test(
            (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=alternative, vectorized=True
        )
        assert p == pytest.approx(reference.pvalue, rel=1e-12)


@pytest.mark.parametrize(("n", "heads"), [(30, 15), (30, 22), (30, 30), (29, 5)])
def test_equal_sizes_are_a_binomial_test(n, heads):
    # 0.1 is no binary fraction: the ties hold up to rounding only
    d = np.where(np.arange(n) < heads, 0.1, -0.1)[:, None]
    assert sign_flip_p(d, "greater")[0] == pytest.approx(stats.binom.sf(heads - 1, n, 0.5), rel=1e-12)
    assert sign_flip_p(d, "less")[0] == pytest.approx(stats.binom.cdf(heads, n, 0.5), rel=1e-12)


@pytest.mark.parametrize("heads", [22, 25, 31])
def test_many_differences_are_sampled(heads):
    n, resamples = 40, 199_999
    d = np.where(np.arange(n) < heads, 0.1, -0.1)[:, None]
    truth = stats.binom.sf(heads - 1, n, 0.5)
    error = np.sqrt(truth * (1 - truth) / resamples)
    assert sign_flip_p(d, "greater")[0] == pytest.approx(truth, abs=4 * error)
    assert sign_flip_p(d, "greater")[0] == sign_flip_p(d, "greater")[0]


def test_a_sampled_p_is_never_zero():
    (p,) = sign_flip_p(np.ones((40, 1)))
    assert 2 * 2.0**-40 <= p <= 1e-5


@pytest.mark.parametrize("n", [9, 20, 35])
def test_pairs_do_not_influence_each_other(n):
    d = np.random.default_rng(n).normal(0.2, 1, (n, 5))
    together = sign_flip_p(d)
    assert together.tolist() == [sign_flip_p(d[:, [pair]])[0] for pair in range(5)]
    low, high = sign_flip_interval(d, 0.9)
    for pair in range(5):
        alone = sign_flip_interval(d[:, [pair]], 0.9)
        assert (low[pair], high[pair]) == pytest.approx((alone[0][0], alone[1][0]), rel=1e-12)


@pytest.mark.parametrize(
    ("confidence", "low", "high"),
    [(0.75, 1, 6), (0.5, 1.5, 4), (0.3, 1.5, 4), (0.25, 2, 3.5), (0.8, -np.inf, np.inf)],
)
def test_interval_by_hand(confidence, low, high):
    # means of the subsets of 1, 2, 6: 1, 1.5, 2, 3, 3.5, 4, 6; k = ⌊α/2·8⌋ = 1, 2, 2, 3, 0
    found = sign_flip_interval(np.array([[6.0], [1.0], [2.0]]), confidence)
    assert (found[0][0], found[1][0]) == (low, high)


@pytest.mark.parametrize("n", [5, 8, 13])
def test_interval_holds_what_the_test_does_not_reject(n):
    d = np.random.default_rng(n).exponential(1, (n, 6))
    level = np.array([0.07, 0.1, 0.2, 0.25, 0.5, 0.9])
    low, high = sign_flip_interval(d, 1 - level)
    assert np.isfinite(low).all()
    for end, outwards in ((low, -1e-9), (high, 1e-9)):
        assert np.all(sign_flip_p(d - end) > level)
        assert np.all(sign_flip_p(d - end - outwards) <= level)


@pytest.mark.slow
def test_interval_from_random_subsets_covers_as_often_as_it_says():
    d = np.random.default_rng(3).standard_t(3, (20, 1000)) + 0.4
    low, high = sign_flip_interval(d, 0.9)
    covered = np.mean((low <= 0.4) & (high >= 0.4))
    assert covered == pytest.approx(0.9, abs=3 * np.sqrt(0.09 / 1000))


def test_interval_from_random_subsets_is_close_to_the_test():
    d = np.random.default_rng(4).normal(0, 1, (24, 40))
    low, high = sign_flip_interval(d, 0.95)
    for end in (low, high):
        assert sign_flip_p(d - end) == pytest.approx(np.full(40, 0.05), rel=0.12)


def test_equal_differences_have_an_interval_of_no_width():
    low, high = sign_flip_interval(np.full((8, 2), [0.0, 3.0]), 0.9)
    assert low.tolist() == high.tolist() == [0.0, 3.0]


@pytest.mark.parametrize(("n", "bounded"), [(5, False), (6, True)])
def test_two_to_the_n_must_reach_the_level(n, bounded):
    # 2/2⁵ = 0.0625 > 0.05 >= 2/2⁶
    low, high = sign_flip_interval(np.arange(n, dtype=float)[:, None], 0.95)
    assert np.isfinite([low[0], high[0]]).tolist() == [bounded, bounded]


@pytest.mark.parametrize("d", [np.zeros((0, 2)), np.zeros(3)])
def test_differences_must_have_rows_and_columns(d):
    with pytest.raises(ValueError, match="at least one row"):
        sign_flip_p(d)
    with pytest.raises(ValueError, match="at least one row"):
        sign_flip_interval(d)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_differences_must_be_finite(bad):
    with pytest.raises(ValueError, match="d must be finite"):
        sign_flip_p(np.array([[1.0], [bad]]))


def test_no_pairs_are_no_error():
    assert sign_flip_p(np.zeros((4, 0))).shape == (0,)
    assert sign_flip_interval(np.zeros((4, 0)))[0].shape == (0,)


def test_unknown_alternative_and_confidence():
    with pytest.raises(ValueError, match="alternative must be"):
        sign_flip_p(np.ones((3, 1)), "larger")
    with pytest.raises(ValueError, match="confidence must be in"):
        sign_flip_interval(np.ones((3, 1)), 95)


def test_a_p_too_small_for_random_signs_is_bounded():
    d = np.stack([np.full(60, 1.0), np.r_[np.full(52, 1.0), np.full(8, -1.0)]], axis=1)
    p = sign_flip_p(d, "greater")
    exact = np.array([2.0**-60, stats.binom.sf(51, 60, 0.5)])
    assert np.all(exact <= p)
    assert np.all(p <= np.exp(-(d.sum(0) ** 2) / 120) * (1 + 1e-9))
    assert sign_flip_p(-d, "less").tolist() == p.tolist()
