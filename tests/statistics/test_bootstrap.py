"""The stratified bootstrap against SciPy's, a plain version, and every resample there is."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import bootstrap, bootstrap_interval, interquartile_mean


def plain(groups, statistic, confidence, resamples, seed):
    """Runs drawn task by task, the statistic of each resample in a loop."""
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, len(runs), (resamples, len(runs))) for runs in groups]
    found = [
        statistic([np.asarray(runs)[d[r]] for runs, d in zip(groups, drawn, strict=True)]) for r in range(resamples)
    ]
    return np.percentile(found, [50 - 50 * confidence, 50 + 50 * confidence])


def trimmed(groups):
    return stats.trim_mean(np.concatenate(groups), 0.25, axis=None)


def pooled_mean(groups):
    return float(np.concatenate(groups).mean())


def middle(groups):
    return float(np.median(np.concatenate(groups)))


@pytest.mark.parametrize("n", [2, 5, 30])
@pytest.mark.parametrize(
    ("statistic", "reference"),
    [(pooled_mean, np.mean), (interquartile_mean, lambda x: stats.trim_mean(x, 0.25)), (middle, np.median)],
)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_one_task_is_scipys(n, statistic, reference, confidence):
    values = np.random.default_rng(n).normal(3, 2, n)
    expected = stats.bootstrap(
        (values,),
        reference,
        n_resamples=300,
        vectorized=False,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(7),
    ).confidence_interval
    found = bootstrap_interval(values, statistic, confidence=confidence, resamples=300, seed=7)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert found.mean == pytest.approx(float(reference(values)), rel=1e-12)
    assert (found.n, found.excluded) == (n, 0)


@pytest.mark.parametrize("statistic", [interquartile_mean, pooled_mean, middle])
def test_several_tasks_are_drawn_apart(statistic):
    rng = np.random.default_rng(1)
    groups = [rng.normal(10 * t, 1 + t, n) for t, n in enumerate([3, 8, 2, 11])]
    reference = {interquartile_mean: trimmed, pooled_mean: pooled_mean}.get(statistic, middle)
    found = bootstrap_interval(groups, statistic, resamples=400, seed=5)
    assert (found.low, found.high) == pytest.approx(tuple(plain(groups, reference, 0.95, 400, 5)), rel=1e-12)


def test_ends_are_those_of_all_resamples():
    groups = [[0.0, 1.0], [0.0, 10.0, 100.0]]
    every = [
        np.mean([*a, *b]) for a in product(groups[0], repeat=2) for b in product(groups[1], repeat=3)
    ]  # 108 equally likely ones
    low, high = np.quantile(every, [0.1, 0.9], method="inverted_cdf")
    found = bootstrap_interval(groups, pooled_mean, confidence=0.8, resamples=20_000)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_runs_of_one_task_never_stand_in_for_anothers():
    found = bootstrap_interval([[1.0, 1.0, 1.0], [100.0, 100.0]], pooled_mean)
    assert (found.low, found.mean, found.high) == pytest.approx((40.6, 40.6, 40.6), rel=1e-12)


def test_as_often_as_it_says_it_covers_the_truth():
    samples = np.random.default_rng(0).normal(0.3, 1.0, (400, 40))
    inside = [
        found.low < 0.3 < found.high
        for found in (bootstrap_interval(runs, confidence=0.9, resamples=500) for runs in samples)
    ]
    assert np.mean(inside) == pytest.approx(0.89, abs=0.045)  # 3 standard errors; percentiles are a little narrow


def test_the_same_seed_gives_the_same_interval_and_another_another():
    values = np.random.default_rng(2).normal(size=12)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_many_runs_are_drawn_in_parts(monkeypatch):
    values = np.random.default_rng(2).normal(size=50)
    whole = bootstrap_interval(values, resamples=1000)
    monkeypatch.setattr(bootstrap, "AT_ONCE", 7 * 50)
    parts = bootstrap_interval(values, resamples=1000)
    assert (parts.low, parts.high) == pytest.approx((whole.low, whole.high), rel=1e-12)


def test_parts_make_the_number_of_resamples_asked_for(monkeypatch):
    monkeypatch.setattr(bootstrap, "AT_ONCE", 20)
    counts = bootstrap.bootstrapped(lambda drawn: np.hstack(drawn), [3, 2], resamples=11, seed=0)
    assert counts.shape == (11, 5)
    assert (counts[:, :3].sum(1) == 3).all()
    assert (counts[:, 3:].sum(1) == 2).all()


@pytest.mark.parametrize("groups", [[0.5], [[0.5]], [[0.1, 0.2, 0.3], [0.5]], [[0.1, 0.2], [0.3, np.nan]]])
def test_a_task_with_one_run_says_nothing_of_its_spread(groups):
    found = bootstrap_interval(groups)
    assert found.mean == pytest.approx(interquartile_mean(groups))
    assert np.isnan([found.low, found.high]).all()


def test_diverged_runs_and_tasks_are_left_out_and_counted():
    found = bootstrap_interval([[1.0, np.nan, 2.0, 4.0], [np.inf, np.nan], [3.0, 5.0]], within=(1.5, 3.1))
    clean = bootstrap_interval([[1.0, 2.0, 4.0], [3.0, 5.0]], within=(1.5, 3.1))
    assert (found.n, found.excluded) == (5, 3)
    assert (found.mean, found.low, found.high) == (clean.mean, clean.low, clean.high)


@pytest.mark.parametrize("groups", [[], [[]], [np.nan, np.nan], [[np.inf], [np.nan]]])
def test_no_run_at_all(groups):
    found = bootstrap_interval(groups)
    assert np.isnan([found.mean, found.low, found.high]).all()
    assert (found.n, found.excluded) == (0, np.size(groups))


@pytest.mark.parametrize("statistic", [interquartile_mean, pooled_mean, middle])
def test_equal_runs_have_an_interval_of_no_width(statistic):
    found = bootstrap_interval([[0.1] * 6, [0.1] * 5], statistic)
    assert (found.low, found.mean, found.high) == pytest.approx((0.1, 0.1, 0.1), rel=1e-14)


def test_ends_are_clipped_to_the_range():
    values = [0.9, 0.95, 1.0, 1.0]
    free, clipped = bootstrap_interval(values), bootstrap_interval(values, within=(0.0, 0.97))
    assert free.high > 0.97
    assert (clipped.low, clipped.high) == (free.low, 0.97)


def test_impossible_settings():
    with pytest.raises(ValueError, match="confidence must be in"):
        bootstrap_interval([1.0, 2.0], confidence=95)
    with pytest.raises(ValueError, match="resamples must be at least 1"):
        bootstrap_interval([1.0, 2.0], resamples=0)
    with pytest.raises(ValueError, match="confidence must be in"):
        bootstrap_interval([], confidence=0)
