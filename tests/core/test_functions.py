"""When two functions are the same, and the errors of a user's function."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from trainwell.core import RecipeError, call, fingerprint, parameter_names, same_function

CELL = """
import math
def helper(x):
    return 2 * x
def plain(t, scale=0.5, *, shift=1.0):
    return [scale * part + shift for part in (t, helper(t))]
def made(rate, table):
    def inner(t):
        return (lambda u: u * rate)(t) + table["a"] + (inner(0) if t else 0)
    return inner
"""


def cell(text=CELL, names=None):
    """What a notebook's cell defines, run in its names."""
    names = {} if names is None else names
    exec(compile(text, "<cell>", "exec"), names)  # noqa: S102  # as a notebook does
    return dict(names)


@pytest.mark.parametrize(
    "pick",
    [
        lambda names: names["plain"],
        lambda names: names["made"](0.1, {"a": np.arange(3)}),
        lambda names: partial(names["plain"], scale=2.0),
        lambda names: (names["plain"], 3, "x", names["made"](1, {"a": [names["helper"]]})),
    ],
)
def test_a_cell_run_twice_defines_the_same(pick):
    names = {}
    first, second = pick(cell(names=names)), pick(cell("\n\n# a line above\n" + CELL, names))
    assert first is not second
    assert same_function(first, second)


@pytest.mark.parametrize(
    ("old", "new"),
    [("scale=0.5", "scale=0.25"), ("shift=1.0", "shift=1"), ("+ shift", "- shift"), ("helper(t)", "math.sin(t)")],
)
def test_a_cell_changed_defines_another(old, new):
    names = {}
    first = cell(names=names)["plain"]
    assert not same_function(first, cell(CELL.replace(old, new), names)["plain"])


def test_an_inner_function_changed_is_another():
    names = {}
    first = cell(names=names)["made"](0.1, {"a": 1})
    assert same_function(first, cell(names=names)["made"](0.1, {"a": 1}))
    assert not same_function(first, cell(CELL.replace("u * rate", "u / rate"), names)["made"](0.1, {"a": 1}))


@pytest.mark.parametrize("other", [(0.2, {"a": 1}), (0.1, {"a": 2}), (0.1, {"b": 1}), (0.1, {"a": np.ones(1)})])
def test_what_a_function_holds_counts(other):
    names = cell()
    assert not same_function(names["made"](0.1, {"a": 1}), names["made"](*other))


def test_equal_code_with_other_names_around_it_is_another():
    assert not same_function(cell()["plain"], cell()["plain"])


def test_methods_are_their_objects():
    class Scheme:
        def factor(self, fan_in, fan_out):
            return 1.0

    one, other = Scheme(), Scheme()
    assert same_function(one.factor, one.factor)
    assert not same_function(one.factor, other.factor)


def test_what_cannot_be_compared_is_different():
    two = np.ones(2)
    holds = [partial(print, [array]) for array in (two.view(type("Odd", (np.ndarray,), {})), two)]
    assert not same_function(*holds)
    assert not same_function(partial(print, np.nan), partial(print, float("nan")))
    assert same_function(np.sqrt, np.sqrt)
    assert not same_function(np.sqrt, np.exp)


def test_parameter_names():
    assert parameter_names(lambda rng, /, shape, *, more=1: 0) == ("rng", "shape", "more")
    assert parameter_names(3) == ()


def test_a_failing_function_says_so_in_one_line():
    def broken(x, y):
        raise ZeroDivisionError("first\nsecond")

    with pytest.raises(RecipeError) as error:
        call(broken, "the schedule 'x'", "do otherwise", 1, y=2)
    assert str(error.value) == "the schedule 'x' fails (ZeroDivisionError: first): do otherwise"
    assert isinstance(error.value.__cause__, ZeroDivisionError)
    assert call(pow, "", "", 2, exp=3) == 8


def test_a_fingerprint_is_that_of_what_is_done_in_every_process():
    code = """
from trainwell.core.functions import fingerprint
def made(rate):
    def inner(t):
        return (lambda u: u * rate if u in {1, 2, 3} else inner(0))(t)
    return inner
print(fingerprint(made(0.1)), fingerprint(made(0.2)))
"""
    seen = {subprocess.check_output([sys.executable, "-c", text], text=True) for text in (code, code, "\n" + code)}
    assert len(seen) == 1
    first, second = seen.pop().split()
    assert first != second


def test_a_fingerprint_tells_held_values_and_defaults():
    def made(table, scale=1.0):
        return lambda t, s=scale: table * s

    assert fingerprint(made(np.arange(3))) == fingerprint(made(np.arange(3)))
    different = [made(np.arange(3)), made(np.arange(4)), made(np.arange(3), 2.0), partial(made, 1), partial(made, 2)]
    assert len({fingerprint(one) for one in different}) == 5


def test_a_fingerprint_tells_the_globals_that_are_used():
    text = "def helper(x):\n    return SCALE * x\ndef plain(t):\n    return helper(t) + OTHER[0]\n"
    seen = [
        cell(text, {"SCALE": scale, "OTHER": [other], "UNUSED": unused})
        for scale, other, unused in [(1.0, 0, 0), (1.0, 0, 9), (2.0, 0, 0), (1.0, 1, 0)]
    ]
    found = [fingerprint(names["plain"]) for names in seen]
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_a_fingerprint_tells_arrays_of_jax():
    import jax.numpy as jnp

    one, other = jnp.float32(0.1), jnp.float32(0.2)
    assert fingerprint(lambda t, a=one: t * a) != fingerprint(lambda t, a=other: t * a)
