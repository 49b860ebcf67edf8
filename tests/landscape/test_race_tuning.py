"""Tuned learning rates: against plain loops over rates and starts, at the ends of the range, and where none is best."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

from trainwell.core import stream
from trainwell.landscape import LandscapeError, Surface, descend, own_surface, surface, tune_rates
from trainwell.landscape.races.tuning import LEARNING_RATES
from trainwell.optim import RULES

SGD = {"sgd": {"optimizer": "sgd"}}


def starts_of_tuning(made, seed=0):
    return made.random_starts(32, int(stream(seed, "tuning").integers(2**31)))


def test_the_rate_that_settles_soonest_is_chosen_as_a_loop_over_rates_and_starts_chooses():
    made, steps = surface("quadratic", condition=4.0), 60
    _, tunings = tune_rates(made, SGD, steps, seed=3)
    found, curvatures = tunings["sgd"], np.array([0.25, 1.0])
    for rate, score, share in zip(LEARNING_RATES, found.scores, found.shares, strict=True):
        path = starts_of_tuning(made, 3) * (1 - rate * curvatures) ** np.arange(steps + 1)[:, None, None]
        small = np.hypot(*np.moveaxis(curvatures * path, -1, 0)) <= 1e-3  # [T+1 S]
        settled = np.where(small[-1], small.argmax(0), 2 * steps)  # the norm falls or rises all the way
        assert score == pytest.approx(settled.mean(), abs=2 / 32)  # float32 may settle one later, from two starts
        assert share == pytest.approx(small[-1].mean(), abs=1 / 32)
    assert found.criterion == "updates"
    assert found.learning_rate == pytest.approx(
        10**0.125
    )  # which leaves 2/3 of the error; 10^¼ leaves 0.78, 1 leaves 3/4
    assert (found.num_starts, found.steps, found.advice) == (32, steps, ())


def test_where_few_arrive_the_lowest_median_is_chosen():
    made, steps = surface("bowl"), 5
    _, tunings = tune_rates(made, SGD, steps)
    found = tunings["sgd"]
    with np.errstate(over="ignore"):
        ends = starts_of_tuning(made) * (1 - LEARNING_RATES[:, None, None] * [0.1, 2.0]) ** steps
    away = (abs(ends) > 1000).any(-1)
    heights = np.median(np.where(away, np.inf, ends[..., 0] ** 2 / 20 + ends[..., 1] ** 2), axis=1)
    heights[away.mean(1) > 0.1] = np.inf
    assert found.criterion == "height"
    assert found.scores == pytest.approx(heights, rel=1e-3)
    assert found.chosen == heights.argmin()


def test_rates_that_are_as_good_leave_the_middle_one():
    try:
        _, tunings = tune_rates(surface("bowl"), {"fixed": lambda rate: optax.sgd(0.0 * rate + 0.5)}, 20)
    finally:
        RULES.pop("fixed", None)
    assert np.ptp(tunings["fixed"].scores) == 0
    assert tunings["fixed"].chosen == 32
    assert tunings["fixed"].advice == ()


def test_contenders_have_the_same_chances():
    recipes, tunings = tune_rates(
        surface("himmelblau"),
        {"one": {"optimizer": "momentum_step", "momentum": 0.0}, "other": {"optimizer": "sgd", "learning_rate": 7.0}},
        40,
    )
    assert tunings["one"].scores == pytest.approx(tunings["other"].scores, rel=1e-3)
    assert recipes["one"].learning_rate == recipes["other"].learning_rate == tunings["one"].learning_rate
    assert recipes["one"].momentum == 0


@pytest.mark.parametrize(
    ("rates", "advice"),
    [
        ([1e-4, 1e-3], "the learning rate 0.001 is the largest that was tried: a larger one may be better"),
        ([0.5, 50.0], "the learning rate 0.5 is the smallest that was tried: a smaller one may be better"),
        ([50.0, 100.0], "at every learning rate from 50 to 100 most descents leave the surface"),
    ],
)
def test_an_end_of_the_range_is_told(rates, advice):
    _, tunings = tune_rates(surface("bowl"), SGD, 10, learning_rates=np.array(rates))
    assert tunings["sgd"].advice == (advice,)


def test_a_local_minimum_is_no_arrival():
    """From the left of −1 plain descent with a small rate ends at −1; the shares are those of starts above 0."""
    made = surface("double_valley", dimension=1)
    _, tunings = tune_rates(made, SGD, 400, learning_rates=np.array([0.01, 0.05]))
    right = (starts_of_tuning(made) > 0).mean()
    assert tunings["sgd"].shares == pytest.approx([right, right])


def test_without_a_known_minimum_heights_are_above_the_lowest_point_found():
    shifted = own_surface(lambda x: jnp.sum(x**4) - 7.0, 1, domain=(-2, 2), name="shifted")
    _, tunings = tune_rates(shifted, {"sgd": {"optimizer": "sgd"}, "adam": {"optimizer": "adam"}}, 8)
    scores = np.concatenate([one.scores for one in tunings.values()])
    assert {one.criterion for one in tunings.values()} == {"height"}
    assert (scores >= 0).all()
    assert scores.min() < 0.1


@pytest.mark.parametrize("name", ["saddle", "monkey_saddle"])
def test_where_there_is_no_minimum_no_rate_is_the_best(name):
    with pytest.raises(LandscapeError, match=f"^'{name}' has no minimum, so learning rates cannot be tuned on it"):
        tune_rates(surface(name), SGD, 10)
    unknown = Surface("unknown", surface("saddle").formula, np.array([[-2, 2]] * 2), np.array([1, 0.1]))
    assert tune_rates(unknown, SGD, 5)[1].keys() == {"sgd"}  # nobody knows that it has none


def test_a_rate_at_which_many_leave_is_not_chosen():
    """x⁴ from ±3: a rate η throws out whoever starts beyond √(1/2η); it is the best for those it keeps."""
    made = own_surface(lambda x: jnp.sum(x**4), 1, domain=(-3, 3), name="fourth_power")
    starts, rates = abs(starts_of_tuning(made)[:, 0]), np.array([0.01, 0.08, 0.11])
    _, tunings = tune_rates(made, SGD, 30, learning_rates=rates)
    leaving = [(starts > np.sqrt(1 / (2 * rate))).mean() for rate in rates]
    assert leaving[0] == 0 < 0.1 < leaving[1] < 0.5  # medians are finite at both
    assert np.isfinite(tunings["sgd"].scores).tolist() == [True, False, False]
    assert tunings["sgd"].chosen == 0
    _, tunings = tune_rates(made, SGD, 30, learning_rates=rates[1:])
    assert np.isfinite(tunings["sgd"].scores).tolist() == [True, False]  # fewer leave than at any other


def test_a_line_search_is_judged_by_its_evaluations():
    made, rates = surface("bowl"), np.array([0.5, 1.0])
    found = tune_rates(made, {"bfgs": {"optimizer": "bfgs"}}, 30, learning_rates=rates)[1]["bfgs"]
    for rate, score in zip(rates, found.scores, strict=True):
        ends = descend(made, {"optimizer": "bfgs", "learning_rate": rate}, starts_of_tuning(made), 30)
        arrived = ends.outcomes == "converged"
        assert arrived.mean() > 0.5
        assert score == pytest.approx(np.where(arrived, ends.evaluations, 2 * np.maximum(30, ends.evaluations)).mean())
        assert score > ends.settled_after.mean()
