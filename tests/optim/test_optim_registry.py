"""The table of rules, users' own rules, and the table of ranges."""

import re
from inspect import signature

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from trainwell.core import RecipeError
from trainwell.optim import BOUNDS, RULES, Rule, check_number, register, rule, sgd
from trainwell.optim.rules import plain

LECTURE = {
    "gradient_descent": "T-OPT-0",
    "sgd": "T-OPT-1",
    "momentum": "T-OPT-2a",
    "momentum_step": "T-OPT-2b",
    "nesterov": "T-OPT-3",
    "nesterov_lookahead": "T-OPT-3",
    "adagrad": "T-OPT-4",
    "rmsprop": "T-OPT-5",
    "adam_uncorrected": "T-OPT-6",
    "adam": "T-OPT-7",
    "adam_folded": "T-OPT-7b",
    "adamw": "",
    "newton": "T-2ND-2",
    "newton_damped": "T-2ND-2",
    "newton_saddle_free": "",
    "bfgs": "T-2ND-3",
    "lbfgs": "T-2ND-4",
}
CONSTANTS = {"momentum": 0.9, "rho": 0.9, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7, "weight_decay": 0.01}
CONSTANTS |= {"damping": 0.1, "memory": 10}


def source(factory):
    """The lecture's ID in the docstring of a rule."""
    found = re.search(r"Source: (T-[A-Z0-9]+-\w+)", factory.__doc__)
    return found[1] if found else ""


@pytest.fixture
def lion():
    yield register("lion", optax.lion, 1e-4)
    RULES.pop("lion")


def test_all_rules_of_the_lecture_are_there_with_its_constants():
    assert {name: source(spec.factory) for name, spec in RULES.items()} == LECTURE
    for name, spec in RULES.items():
        assert spec.name == name
        assert spec.default_learning_rate > 0
        assert spec.description
        assert dict(spec.hyperparameters) == {key: CONSTANTS[key] for key in spec.hyperparameters}
        assert set(spec.hyperparameters) <= set(BOUNDS)


def test_build_takes_defaults_and_changes():
    g = jnp.asarray([2.0])
    spec = rule("momentum")
    default = spec.build()
    assert default.update(g, default.init(g))[0].tolist() == pytest.approx([-2 * spec.default_learning_rate])
    built = spec.build(0.5, momentum=0.0)
    state = built.update(g, built.init(g))[1]
    assert built.update(g, state)[0].tolist() == [-1.0]


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(RecipeError, match="no optimizer 'adm': did you mean 'adam'"):
        rule("adm")
    with pytest.raises(RecipeError, match="no optimizer 'zzz': choose from adagrad, adam, "):
        rule("zzz")


def test_a_users_optax_rule_runs_with_a_traced_learning_rate(lion):
    assert rule("lion") is lion
    assert not lion.shares_slots
    params, grads = jnp.asarray([1.0, -2.0]), jnp.asarray([0.3, -0.1])

    @jax.jit
    def step(rate, state):
        return lion.build(rate).update(grads, state, params)

    state, theirs = lion.build().init(params), optax.lion(0.25)
    updates, _ = step(0.25, state)
    expected, _ = theirs.update(grads, theirs.init(params), params)
    np.testing.assert_allclose(updates, expected, rtol=1e-6)


def test_a_users_rule_gets_extra_arguments_where_it_takes_them():
    register("polyak", lambda learning_rate: optax.polyak_sgd(scaling=learning_rate), 1.0)
    try:
        built = rule("polyak").build()
        params, grads = jnp.asarray([3.0]), jnp.asarray([6.0])  # f = θ², f/‖∇f‖² = 9/36
        updates, _ = built.update(grads, built.init(params), params, value=jnp.asarray(9.0))
        np.testing.assert_allclose(updates, [-1.5], rtol=1e-6)
    finally:
        RULES.pop("polyak")


def test_a_users_rule_may_be_a_rule_of_this_package():
    register("slow", lambda learning_rate: sgd(0.1 * learning_rate), 1.0)
    try:
        built = rule("slow").build()
        assert isinstance(built, Rule)
        assert built.update(jnp.asarray([2.0]), built.init(None))[0].tolist() == pytest.approx([-0.2])
    finally:
        RULES.pop("slow")


def test_registering_badly_is_refused(lion):
    for name, rate, message in [
        ("adam", 0.1, "there is an optimizer 'adam' already"),
        ("lion", 0.1, "there is an optimizer 'lion' already"),
        ("my rule", 0.1, "must be an identifier, got 'my rule'"),
        ("mine", -0.1, "learning_rate must be at least 0, got -0.1"),
    ]:
        with pytest.raises(RecipeError, match=message):
            register(name, optax.sgd, rate)
    assert set(RULES) == {*LECTURE, "lion"}
    with pytest.raises(RecipeError, match="'lion' has no hyperparameter 'b3': choose from b1, b2, "):
        lion.build(0.1, b3=0.5)


def test_the_same_rule_again_is_the_same_entry(lion):
    assert register("lion", optax.lion, 1e-4) is lion
    with pytest.raises(RecipeError, match="there is an optimizer 'lion' already"):
        register("lion", optax.lion, 2e-4)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (
            optax.sgd(0.1),
            "is built already, with a learning rate that cannot change: pass a function that builds it, such as ",
        ),
        (sgd(0.1), "is built already, with a learning rate that cannot change"),
        ("adam", "must be a function of the learning rate, got 'adam'"),
        (lambda: optax.sgd(0.1), r"fails \(TypeError: .*0 positional arguments but 1 was given\): it must accept"),
        (lambda rate, b1: optax.sgd(rate), r"fails \(TypeError: .*missing 1 required positional argument: 'b1'"),
        (lambda rate: None, "must build a rule or optax transformation, not NoneType"),
        (plain.Adam, "must build a rule or optax transformation, not Adam: pass a function that builds it"),
    ],
)
def test_what_builds_no_rule_is_refused(factory, message):
    with pytest.raises(RecipeError, match=f"^the optimizer 'bad' {message}") as error:
        register("bad", factory, 0.1)
    assert "\n" not in str(error.value)
    assert "bad" not in RULES


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("momentum", 1.2, r"momentum must be in \[0, 1\), got 1.2: at 1 or more the velocity never decays; try 0.9"),
        ("momentum", 1, r"momentum must be in \[0, 1\), got 1:"),
        ("beta2", 0.999999999, r"beta2 must be in \[0, 1\), got 0.999999999 \(1 in float32\)"),
        ("eps", 0, "eps must be above 0, got 0: a parameter without gradient would become 0/0; try 1e-7"),
        ("eps", 1e-60, r"eps must be above 0, got 1e-60 \(0 in float32\)"),
        ("learning_rate", -1, "learning_rate must be at least 0, got -1: a negative one increases the loss; try 0.01"),
        ("learning_rate", 1e60, r"learning_rate must be at least 0, got 1e\+60 \(inf in float32\)"),
        ("learning_rate", np.float64("nan"), "learning_rate must be at least 0, got nan"),
        ("learning_rate", np.ones(2), r"learning_rate must be a number at least 0, got array\(\[1., 1.\]\)"),
    ],
)
def test_messages_say_what_why_and_what_instead(name, value, message):
    with pytest.raises(RecipeError, match=f"^{message}"):
        check_number(name, value)


@pytest.mark.parametrize("value", [0, 0.5, np.float32(0.5), np.float64(0.5), np.array(0.5), jnp.asarray(7.0)])
def test_good_and_jax_numbers_pass(value):
    check_number("momentum", value)


@pytest.mark.parametrize("name", list(BOUNDS))
def test_every_suggestion_is_in_range(name):
    check_number(name, float(BOUNDS[name].instead))


def test_plain_objects_have_the_rules_constants():
    classes = plain.PlainRule.__subclasses__()
    assert {c.factory.__name__ for c in classes} == {
        name for name, spec in RULES.items() if spec.shares_slots and name != "gradient_descent"
    }
    for c in classes:
        numbers = {p.name: p.default for p in signature(c).parameters.values()}
        numbers.pop("learning_rate")
        assert numbers == dict(RULES[c.factory.__name__].hyperparameters)
