"""C-32 on responses whose best place is known."""

import numpy as np
import pytest
from optuna.samplers import RandomSampler

from trainwell.lecture.statements.hyperparameters import coarse_to_fine as c32
from trainwell.lecture.statements.hyperparameters.response import RATES, STDS, Response

AXES = (np.linspace(*RATES, 26), np.linspace(*STDS, 26))
BEST = np.array([-0.4, -0.9])
SCORES = 0.9 - 0.1 * ((AXES[0][:, None] - BEST[0]) ** 2 + (AXES[1] - BEST[1]) ** 2)
RESPONSE = Response(AXES, np.stack([SCORES] * 6))


def found(ranges, sampler=c32.coarse_to_fine, trials=60, searches=24):
    return c32.accuracies(RESPONSE, ranges, trials, range(searches), sampler)


@pytest.fixture(scope="module")
def wide():
    return found(c32.WIDE)


@pytest.fixture(scope="module")
def random():
    return c32.random_accuracies(RESPONSE, 60, 24)


def test_on_a_smooth_response_coarse_to_fine_finds_more(wide, random):
    assert c32.accuracy_part(RESPONSE, {60: wide}, {60: random}).verdict == "holds"


def test_with_the_contenders_exchanged_it_does_not(wide, random):
    exchanged = c32.Found(random, np.zeros(24, bool))
    assert c32.accuracy_part(RESPONSE, {60: exchanged}, {60: wide.values}).verdict == "does not hold"


def test_a_search_that_narrows_nothing_gains_nothing():
    ours, theirs = c32.losses_left(c32.bowl, 60, 20, sampler=lambda seed, _: RandomSampler(seed))
    assert abs(np.log(ours.mean() / theirs.mean())) < 0.5
    ours, theirs = c32.losses_left(c32.bowl, 60, 20)
    assert ours.mean() < 0.7 * theirs.mean()


def test_a_narrow_range_misses_the_best_and_one_that_holds_it_does_not(wide, random):
    starts = c32.starting_ranges(RESPONSE)
    assert starts["1 decade below it"][0] == pytest.approx((-2.4, -1.4))
    missing = {label: found(ranges, searches=6) for label, ranges in starts.items()}
    narrow, _, _ = c32.start_parts(missing, wide, random)
    assert narrow.conditions["0.5 decades below it"]
    # The best that is left is at the end of the range: a decade below the best rate it costs a tenth.
    assert missing["1 decade below it"].values.max() <= 0.9 - 0.1
    holding = dict.fromkeys(starts, found(starts["fitting"]))
    narrow, _, _ = c32.start_parts(holding, wide, random)
    assert narrow.verdict == "does not hold"


def test_random_trials_leave_the_loss_of_the_closed_form():
    """For a best place in the middle and n places: 1/(π (n + 1))."""
    left = [c32.bowl(np.array([0.5, 0.5]), np.random.default_rng(s).random((30, 2))).min() for s in range(3000)]
    assert np.mean(left) == pytest.approx(1 / (31 * np.pi), rel=0.05)


def test_the_broad_basin_misleads():
    best = np.array([0.2, 0.7])
    assert c32.misleading(best, best) == 0
    assert c32.misleading(best, np.array([0.7, 0.2])) == pytest.approx(c32.FALSE_BASIN)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 201)] * 2), axis=-1)
    assert 0.02 < (c32.misleading(best, grid) < c32.FALSE_BASIN).mean() < 0.03
