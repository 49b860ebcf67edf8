"""Skewness of paired differences and the test that allows for it, against SciPy and simulated failures."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import Looks, decide, sign_flip_p
from trainwell.statistics.skewness import skewed_mean_interval, skewed_mean_p, skewness, skewness_p

LOOKS = Looks((10, 17))


@pytest.mark.parametrize("n", [8, 10, 17, 30])
def test_skewness_and_its_chance_are_scipys(n):
    d = np.random.default_rng(n).lognormal(size=(n, 6)) * [-1, 1, 1e-6, 1e6, 1, 1]
    np.testing.assert_allclose(skewness(d), stats.skew(d, bias=False))
    np.testing.assert_allclose(skewness_p(d), stats.skewtest(d).pvalue / 2, rtol=1e-9)


def test_of_few_or_equal_values_nothing_is_said():
    assert skewness_p(np.array([[0.0, 1], [0, 1], [9, 1]])).tolist() == [1, 1]
    equal = np.full((12, 1), 0.1 + 0.2)
    assert np.isnan(skewness(equal)).all()
    assert skewness_p(equal).tolist() == [1]
    assert np.isnan(skewness(np.ones((2, 1)))).all()


def test_without_skewness_it_is_students_test():
    d = np.array([-3.0, -2, -1, 0, 1, 2, 3, 4, 5, 6])[:, None]
    assert skewed_mean_p(d, "greater") == pytest.approx(stats.ttest_1samp(d[:, 0], 0, alternative="greater").pvalue)
    assert skewed_mean_p(d, "less") == pytest.approx(stats.ttest_1samp(d[:, 0], 0, alternative="less").pvalue)


def test_the_interval_holds_what_the_test_does_not_reject():
    d = np.random.default_rng(1).lognormal(size=(20, 5)) * [1, -1, 1, -1, 1]
    for confidence in (0.9, 0.999999):
        low, high = skewed_mean_interval(d, confidence)
        np.testing.assert_allclose(skewed_mean_p(d - low, "greater"), (1 - confidence) / 2, rtol=1e-6)
        np.testing.assert_allclose(skewed_mean_p(d - high, "less"), (1 - confidence) / 2, rtol=1e-6)


def test_a_mean_far_from_0_is_found_however_skewed_the_values_are():
    d = -np.random.default_rng(6).lognormal(size=(20, 1))
    far = [float(skewed_mean_p(d + shift, "greater")[0]) for shift in (3, 6, 12, 24, 48)]
    assert all(later < earlier / 10 for earlier, later in pairwise(far))


def test_it_rejects_a_true_mean_of_skewed_values_less_often_than_student():
    d = np.random.default_rng(2).lognormal(size=(20, 4000)) - np.exp(0.5)
    ours = np.mean(skewed_mean_p(d, "less") <= 0.025)
    students = np.mean(stats.ttest_1samp(d, 0, alternative="less").pvalue <= 0.025)
    assert students > 0.09
    assert ours < 0.6 * students


def one(d, looks=LOOKS):
    (found,) = decide(np.array([d, np.zeros(len(d))]), looks, margin=0.0)
    return found


def test_one_failure_among_many_small_gains_decides_nothing():
    gains = np.random.default_rng(3).uniform(0.9, 1.1, 12)
    failed = np.where(np.arange(12) == 4, -2.0, gains)
    assert one(gains, Looks((12,))).differs
    found = one(failed, Looks((12,)))
    assert sign_flip_p(failed[:, None])[0] <= 0.05  # sign flips alone would be sure
    assert (found.differs, found.method) == (False, "skewed")
    assert found.low < 0 < found.high
    assert found.skewness == pytest.approx(stats.skew(failed, bias=False))
    # The long tail on the same side as the mean makes a test more careful by itself.
    assert one(np.where(np.arange(12) == 4, 4.0, gains), Looks((12,))).method == "sign-flip"


@pytest.mark.slow
def test_equal_means_with_failures_that_were_seen_rarely_differ():
    rng = np.random.default_rng(4)
    false = flipped = 0
    for _ in range(300):
        failed = rng.random(17) < 0.2
        d = rng.normal(size=17) + 2.0 - 10 * failed
        false += one(d).differs and failed[: one(d).n].any()
        flipped += any(
            sign_flip_p(d[:n, None])[0] <= level and failed[:n].any()
            for n, level in zip(LOOKS.seeds, LOOKS.nominal(0.05), strict=True)
        )
    assert flipped / 300 > 0.01
    assert false < 0.3 * flipped


@pytest.mark.slow
def test_symmetric_differences_are_found_as_often():
    rng = np.random.default_rng(5)
    draws = rng.normal(0.8, 1, (300, 17))
    found = sum(one(d).differs for d in draws)
    flipped = sum(
        any(sign_flip_p(d[:n, None])[0] <= at for n, at in zip(LOOKS.seeds, LOOKS.nominal(0.05), strict=True))
        for d in draws
    )
    assert flipped > 200
    assert found >= 0.98 * flipped
