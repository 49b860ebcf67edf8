"""Schedules against closed forms and numbers worked by hand."""

from math import cos, exp, pi, sqrt

import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.optim import SCHEDULES, make_schedule, schedule
from trainwell.optim.schedules.schedule import stepwise, warmup
from trainwell.optim.schedules.shapes import inverse_sqrt, linear, step, step_every

CLOSED_FORMS = {
    "constant": lambda t: 1.0,
    "step": lambda t: 0.1 ** ((t >= 30) + (t >= 60) + (t >= 90)),
    "step_every": lambda t: 0.1 ** (t // 30),
    "exponential": lambda t: exp(-0.05 * t),
    "inverse_time": lambda t: 1 / (1 + 0.1 * t),
    "cosine": lambda t: 0.5 * (1 + cos(pi * t / 100)),
    "linear": lambda t: 1 - t / 100,
    "inverse_sqrt": lambda t: 1 / sqrt(1 + t),
}
HAND = {  # T = 100
    "constant": ({}, [(0, 1), (100, 1)]),
    "step": ({}, [(0, 1), (29.99, 1), (30, 0.1), (59.99, 0.1), (60, 0.01), (90, 0.001), (99, 0.001)]),
    "step_every": ({"every": 25, "factor": 0.5}, [(0, 1), (24.9, 1), (25, 0.5), (50, 0.25), (99, 0.125)]),
    "exponential": ({"decay_rate": 0.1}, [(0, 1), (10, 0.36787944), (20, 0.13533528)]),
    "inverse_time": ({"decay_rate": 0.5}, [(0, 1), (2, 0.5), (4, 1 / 3), (18, 0.1)]),
    "cosine": ({}, [(0, 1), (25, 0.85355339), (50, 0.5), (75, 0.14644661), (100, 0), (120, 0)]),
    "linear": ({}, [(0, 1), (25, 0.75), (50, 0.5), (100, 0), (120, 0)]),
    "inverse_sqrt": ({}, [(0, 1), (1, 0.70710678), (3, 0.5), (99, 0.1)]),
}
NAMES = list(SCHEDULES)
GRID = np.arange(0, 100, 1 / 8)


def test_every_schedule_is_tested():
    assert set(CLOSED_FORMS) == set(HAND) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_equals_its_closed_form(name):
    ours = make_schedule(name, 100)(GRID)
    # Near the end 1 + cos is small: NumPy's cosine and the C library's may each be off by a last digit of 1.
    np.testing.assert_allclose(ours, [CLOSED_FORMS[name](t) for t in GRID.tolist()], rtol=1e-12, atol=2**-52)


@pytest.mark.parametrize("name", NAMES)
def test_equals_numbers_worked_by_hand(name):
    parameters, points = HAND[name]
    at, expected = np.array(points, dtype=float).T
    np.testing.assert_allclose(make_schedule(name, 100, **parameters)(at), expected, rtol=1e-7, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_contract(name):
    factor = make_schedule(name, 100)
    for t in (GRID, GRID.astype(np.float32), np.arange(100)):
        out = factor(t)
        assert (out.dtype, out.shape) == (np.float64, t.shape)
    assert factor(np.array(0.0)) == 1  # a scalar too, and every schedule starts at the base learning rate
    values = factor(np.linspace(0, 200, 2001))
    assert np.all(np.diff(values) <= 0)
    assert np.all(values >= 0)
    assert SCHEDULES[name].needs_total == (name in {"cosine", "linear", "step", "step_every"})
    assert SCHEDULES[name].name == name


@pytest.mark.parametrize("name", NAMES)
def test_warm_up_then_the_schedule_from_its_own_start(name):
    warm = make_schedule(name, 100, warmup_epochs=5)
    np.testing.assert_allclose(warm(np.array([0, 1.0, 2.5])), [0.01, 0.208, 0.505], rtol=1e-12)
    after = GRID[GRID < 95]
    np.testing.assert_allclose(warm(after + 5), make_schedule(name, 95)(after), rtol=1e-12)
    assert np.all(np.diff(warm(np.linspace(0, 5, 100))) > 0)
    assert warm(np.array([5.0]))[0] == 1


@pytest.mark.parametrize("name", ["cosine", "linear"])
def test_ends_at_zero_with_the_run_warm_up_or_not(name):
    for epochs in (0, 5):
        ends = make_schedule(name, 60, warmup_epochs=epochs)(np.array([59.0, 60.0, 61.0]))
        assert ends[0] > 5e-4
        np.testing.assert_array_equal(ends[1:], 0)


def test_no_warm_up_is_the_schedule_itself():
    plain = linear(10)
    assert warmup(plain, 0) is plain


@pytest.mark.parametrize("name", NAMES)
def test_stepwise_changes_between_epochs_only(name):
    smooth, steps = make_schedule(name, 20), make_schedule(name, 20, stepwise=True)
    t = np.arange(0, 20, 1 / 7)
    np.testing.assert_array_equal(steps(t), smooth(np.floor(t)))
    warm = make_schedule(name, 20, warmup_epochs=2, stepwise=True)(t)
    np.testing.assert_array_equal(np.unique(warm[t < 2]), [0.01, 0.505])


def test_inverse_sqrt_by_epochs_is_the_lectures():
    values = stepwise(inverse_sqrt())(np.array([0.0, 0.5, 1.0, 2.0, 8.9]))
    np.testing.assert_allclose(values, 1 / np.sqrt([1, 1, 2, 3, 9]), rtol=1e-12)


def test_resnets_steps_fall_on_the_first_step_of_the_epoch():
    steps_per_epoch = 391
    factor = step((30, 60, 90), 0.1)(np.arange(100 * steps_per_epoch) / steps_per_epoch)
    np.testing.assert_array_equal(np.flatnonzero(np.diff(factor)) + 1, [n * steps_per_epoch for n in (30, 60, 90)])


def test_regular_drops_do_not_come_late_by_rounding():
    # 0.3/0.1 < 3 in floating point
    np.testing.assert_allclose(step_every(0.1, 0.5)(np.array([0.1, 0.2, 0.3, 0.7])), [0.5, 0.25, 0.125, 2**-7])


def test_errors_name_the_value_and_the_way_out():
    with pytest.raises(RecipeError, match="no schedule 'cosin': did you mean 'cosine'"):
        schedule("cosin")
    with pytest.raises(RecipeError, match="'step' has no parameter 'milestone': did you mean 'milestones'"):
        make_schedule("step", 100, milestone=(1,))
    with pytest.raises(RecipeError, match="'cosine' has no parameter 'k': it has none"):
        make_schedule("cosine", 100, k=1)
    with pytest.raises(RecipeError, match="'cosine' has no parameter 'total_epoch': it has none"):
        make_schedule("cosine", 100, total_epoch=1)
    with pytest.raises(RecipeError, match="warmup_epochs must be below the run's 5 epochs, got 5"):
        make_schedule("cosine", 5, warmup_epochs=5)
    with pytest.raises(RecipeError, match="warmup_epochs must be at least 0, got -1"):
        make_schedule("constant", 5, warmup_epochs=-1)


@pytest.mark.parametrize("milestones", [(60, 30), (0, 30), (30, 30), (-1,), 30, (float("nan"), 30)])
def test_milestones_must_ascend(milestones):
    with pytest.raises(RecipeError, match="milestones must ascend from above 0"):
        step(milestones)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("step", {"factor": 0.0}),
        ("step", {"factor": 1.5}),
        ("step_every", {"every": 0}),
        ("exponential", {"decay_rate": -0.1}),
        ("inverse_time", {"decay_rate": float("nan")}),
    ],
)
def test_parameters_out_of_range_are_refused(name, parameters):
    with pytest.raises(RecipeError, match=f"^{next(iter(parameters))} must be "):
        make_schedule(name, 100, **parameters)


@pytest.mark.parametrize("name", NAMES)
def test_the_runs_length_must_be_positive(name):
    with pytest.raises(RecipeError, match="total_epochs must be above 0"):
        make_schedule(name, 0)


@pytest.mark.parametrize("name", ["step", "step_every"])
def test_drops_that_are_not_given_come_in_proportion_to_the_run(name):
    t = np.array([0.0, 2.9, 3.0, 5.9, 6.0, 8.9, 9.0, 9.9])
    expected = [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    np.testing.assert_allclose(make_schedule(name, 10)(t), expected)
    np.testing.assert_allclose(make_schedule(name, 12, warmup_epochs=2)(t + 2), expected)
    np.testing.assert_allclose(make_schedule(name, 100)(10 * t), expected)  # ResNet's
