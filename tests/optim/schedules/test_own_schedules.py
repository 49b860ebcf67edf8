"""Schedules that users register, against the built-in ones and closed forms."""

import numpy as np
import optax
import pytest

from trainwell import Recipe, RecipeError, load_data, train
from trainwell.optim import SCHEDULES, make_schedule, register_schedule
from trainwell.optim.schedules.shapes import exponential

T = np.linspace(0, 20, 161)


@pytest.fixture(autouse=True)
def _only_built_in():
    before = dict(SCHEDULES)
    yield
    SCHEDULES.clear()
    SCHEDULES.update(before)


def half_wave(t, total_epochs):
    """Half a wave."""
    return 0.5 * (1 + np.cos(np.pi * t / total_epochs))


def test_an_entry_like_the_others():
    spec = register_schedule("half_wave", half_wave)
    assert (spec.name, spec.description, dict(spec.parameters), spec.needs_total) == (
        *("half_wave", "Half a wave.", {}),
        True,
    )
    assert SCHEDULES["half_wave"] is spec
    assert register_schedule("plain", lambda t: 0 * t + 0.5).description == "a schedule of your own"


@pytest.mark.parametrize("warmup", [0, 4])
@pytest.mark.parametrize("stepwise", [False, True])
def test_equals_the_built_in_one(warmup, stepwise):
    register_schedule("half_wave", half_wave)
    own, built_in = (make_schedule(name, 20, warmup, stepwise) for name in ("half_wave", "cosine"))
    np.testing.assert_allclose(own(T), built_in(T), rtol=0, atol=1e-15)


def test_a_function_of_time_alone():
    register_schedule("fall", exponential(0.3))
    np.testing.assert_array_equal(make_schedule("fall", 20)(T), np.exp(-0.3 * T))


def test_optax_schedules_work_in_epochs():
    register_schedule("poly", lambda t, total_epochs: optax.polynomial_schedule(1.0, 0.0, 2, total_epochs)(t))
    np.testing.assert_allclose(make_schedule("poly", 20)(T), (1 - T / 20) ** 2, atol=1e-6)


def test_after_the_run_it_stays_at_its_last_factor():
    register_schedule("to_the_end", lambda t, total_epochs: 1 - t / total_epochs)  # negative afterwards
    np.testing.assert_array_equal(make_schedule("to_the_end", 4)(np.array([1.0, 4.0, 5.0])), [0.75, 0, 0])


def test_it_may_write_into_the_times_it_is_given():
    def halved(t):
        t *= 0.5
        return t

    register_schedule("halved", halved)
    times = np.array([1.0, 2.0])
    assert make_schedule("halved", 4)(times).tolist() == [0.5, 1.0]
    assert times.tolist() == [1.0, 2.0]


def test_training_with_it_has_the_bits_of_the_built_in_one():
    register_schedule("half_wave", half_wave)
    base = Recipe(hidden=(8,), epochs=3, batch_size=32, optimizer="momentum", warmup_epochs=0.5)
    trained = train(load_data("iris"), [base.evolve(schedule=name) for name in ("cosine", "half_wave", "constant")])
    built_in, own, constant = (np.asarray(params[0]["weights"]) for params in trained.params)
    assert built_in.tobytes() == own.tobytes() != constant.tobytes()


def test_the_same_function_again_is_the_same_entry():
    spec = register_schedule("half_wave", half_wave)
    assert register_schedule("half_wave", half_wave) is spec
    with pytest.raises(RecipeError, match="there is a schedule 'half_wave' already: choose another name"):
        register_schedule("half_wave", lambda t: t)
    with pytest.raises(RecipeError, match="there is a schedule 'cosine' already"):
        register_schedule("cosine", half_wave)
    assert SCHEDULES["half_wave"] is spec


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (3, "the schedule 'bad' must be a function of time, got 3: it gets an array of times"),
        (lambda t: 1.0, r"must return one factor for each time, got shape \(\) for \(6,\)"),
        (lambda t: t[1:], r"must return one factor for each time, got shape \(5,\) for \(6,\)"),
        (lambda t: 1 - t, "returns -6.5 at epoch 7.5: factors must be finite and at least 0"),
        (lambda t: 1 / t, "returns inf at epoch 0: "),
        (lambda t: np.sqrt(t - 0.2), "returns nan at epoch 0: "),
        (
            lambda t: 1.0 if t < 3 else 0.1,
            r"fails \(ValueError: The truth value of an array.* \(so use np.where, not if\)",
        ),
        (lambda t, total: t, r"fails \(TypeError: .*'total'\): it gets .* and total_epochs if it has this parameter"),
        (lambda total_epochs: exponential(0.1), r"fails \(TypeError: .*multiple values for argument 'total_epochs'"),
        (lambda t: exponential(0.1), "must return a factor for each time, got a value of type function"),
        (lambda t: None, r"must return one factor for each time, got shape \(\)"),
    ],
)
def test_what_is_no_schedule_is_refused(function, message):
    with pytest.raises(RecipeError, match=message) as error:
        register_schedule("bad", function)
    assert "\n" not in str(error.value)
    assert "bad" not in SCHEDULES


def test_a_name_must_be_an_identifier():
    with pytest.raises(RecipeError, match="must be an identifier, got 'my schedule'; try 'my_schedule'"):
        register_schedule("my schedule", half_wave)


@pytest.mark.slow
def test_what_goes_wrong_late_is_refused_before_training():
    register_schedule("late", lambda t: 1 - t / 40)
    train(load_data("iris"), Recipe(hidden=(2,), epochs=1, schedule="late"))
    with pytest.raises(RecipeError, match=r"the schedule 'late' returns -0\.0125 at epoch 40\.5: "):
        train(load_data("iris"), Recipe(hidden=(2,), epochs=50, schedule="late"))
