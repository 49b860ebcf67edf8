"""Newton's forms, BFGS and L-BFGS: by hand, against textbook recursions and against SciPy, in float64."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.landscape import descend, own_surface
from trainwell.optim import RULES, bfgs, lbfgs, newton, newton_damped, newton_saddle_free
from trainwell.training import Recipe

SECOND = [name for name, spec in RULES.items() if spec.second_order]
IN_FLOAT64 = """
import numpy as np
from trainwell.core.runtime import configure_runtime
configure_runtime(precision="float64")
import jax, jax.numpy as jnp
from trainwell.landscape import descend, own_surface, surface
from trainwell.optim import bfgs, lbfgs, newton
"""
NEWTON = """
rng = np.random.default_rng(0)

@jax.jit
def one_step(H, target, x):
    rule, f = newton(), lambda x: 0.5 * (x - target) @ H @ (x - target)
    return rule.update(H @ (x - target), rule.init(x), x, value_fn=f)[0]

for n in (1, 2, 3, 10, 50):
    for condition in (1.0, 1e3, 1e6):
        Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
        H = Q * np.geomspace(1, condition, n) @ Q.T
        H, target = (H + H.T) / 2, rng.normal(size=n)
        x = 10 * rng.normal(size=n)
        ends = x + np.asarray(one_step(H, target, x))
        eps = np.finfo(float).eps
        assert np.linalg.norm(ends - target) <= 20 * n * condition * eps * np.linalg.norm(x - target), (n, condition)
        assert np.linalg.norm(H @ (ends - target)) <= 100 * n * condition * eps * np.linalg.norm(x - target)
"""
TEXTBOOK = """
rng = np.random.default_rng(1)
n = 6
Q, _ = np.linalg.qr(rng.normal(size=(n, n)))
H = Q * np.geomspace(1, 40, n) @ Q.T
f = lambda x: 0.5 * x @ jnp.asarray(H) @ x + jnp.sum(x**4) / 10
g = jax.grad(f)

def textbook(points, gradients):  # the inverse Hessian by the product form, from the first pair's scaling on
    B, eye = None, np.eye(n)
    for s, y in zip(np.diff(points, axis=0), np.diff(gradients, axis=0)):
        B = eye * (s @ y) / (y @ y) if B is None else B
        rho = 1 / (y @ s)
        B = (eye - rho * np.outer(s, y)) @ B @ (eye - rho * np.outer(y, s)) + rho * np.outer(s, s)
    return B

def limited(points, gradients, m):  # the same from the last m pairs alone
    s, y = np.diff(points, axis=0), np.diff(gradients, axis=0)
    eye = np.eye(n)
    B = eye * (s[-1] @ y[-1]) / (y[-1] @ y[-1])
    for a, b in zip(s[-m:], y[-m:]):
        rho = 1 / (a @ b)
        B = (eye - rho * np.outer(a, b)) @ B @ (eye - rho * np.outer(b, a)) + rho * np.outer(a, a)
    return B

for name, rule in (("bfgs", bfgs()), ("lbfgs", lbfgs(memory=4))):
    x = jnp.asarray(3 * rng.normal(size=n))
    state, points, gradients = rule.init(x), [], []
    update = jax.jit(lambda grad, state, x: rule.update(grad, state, x, value=f(x), value_fn=f))
    for t in range(20):
        grad = g(x)
        points.append(np.asarray(x)); gradients.append(np.asarray(grad))
        step, state = update(grad, state, x)
        step = np.asarray(step)
        if t == 0:
            d = -gradients[0] / max(1, np.linalg.norm(gradients[0]))
        else:
            B = textbook(points, gradients) if name == "bfgs" else limited(points, gradients, 4)
            d = -B @ gradients[-1]
        length = np.linalg.norm(step) / np.linalg.norm(d)
        assert np.allclose(step, length * d, rtol=1e-8, atol=1e-13), (name, t)
        slope = gradients[-1] @ step
        if np.linalg.norm(gradients[-1]) > 1e-6:  # beyond, values are rounding
            assert float(f(x + step)) <= float(f(x)) + 1e-4 * slope, (name, t)
            assert abs(float(g(x + step) @ step)) <= 0.9 * abs(slope), (name, t)
        if name == "bfgs" and t:
            s, y = points[-1] - points[-2], gradients[-1] - gradients[-2]
            assert np.allclose(state.inverse @ y, s, rtol=1e-9), t  # the secant equation
            assert np.linalg.eigvalsh(np.asarray(state.inverse)).min() > 0
        x = x + step
    assert np.linalg.norm(g(x)) < 0.01 * np.linalg.norm(gradients[0])
"""
DESCENTS = """
from dataclasses import replace
from scipy.optimize import minimize

valleys = [surface("rosenbrock"), surface("beale")]

def either(x, numbers):  # a number says which: so a rule is compiled once for both
    return jax.lax.switch(numbers["which"].astype(int), [made.function for made in valleys], x)

rosenbrock, beale = (
    replace(made, formula=either, numbers={"which": np.array(float(which))}) for which, made in enumerate(valleys)
)
for name, ground in (
    ("rosenbrock", rosenbrock),
    ("quadratic", surface("quadratic", dimension=10, condition=100)),
):
    starts = ground.random_starts(100, seed=1)
    ours = descend(ground, ["bfgs", "lbfgs"], starts, 300, tolerance=1e-6)
    both = jax.jit(jax.value_and_grad(ground.function))
    fun = lambda x: tuple(map(np.asarray, both(jnp.asarray(x))))
    for c, method in enumerate(("BFGS", "L-BFGS-B")):
        options = {"gtol": 1e-6} if method == "BFGS" else {"gtol": 1e-6, "ftol": 0, "maxcor": 10}
        theirs = [minimize(fun, x, jac=True, method=method, options=options) for x in starts]
        lowest = ground.values(np.stack([one.x for one in theirs])) < ground.minima[0].value + 1e-6
        same = np.linalg.norm([one.x for one in theirs] - ours.points[c], axis=1) < 1e-3
        assert np.array_equal(same, lowest) and same.mean() > 0.97, (name, method, same.mean())
        assert (ours.outcomes[c] == "converged").all(), (name, method)
        steps = np.median(ours.settled_after[c]) / np.median([one.nit for one in theirs])
        tries = np.median(ours.evaluations[c]) / np.median([one.nfev for one in theirs])
        assert steps <= 1.5 and tries <= 1.5, (name, method, steps, tries)
        assert (ours.evaluations[c] > ours.settled_after[c]).all()
for name, ground, rules in (
    ("beale", beale, ["bfgs", "lbfgs"]),
    ("himmelblau", surface("himmelblau"), ["newton_damped", "newton_saddle_free"]),
):
    found = descend(ground, rules, ground.random_starts(100), 200, tolerance=1e-7)
    at_rest = found.outcomes == "converged"
    assert (found.gradient_norms[at_rest] <= 1e-7).all()
    if name == "beale":  # its valleys fall for ever
        assert at_rest.any(1).all() and not (found.outcomes == "stuck").any()
        falls = found.values[~at_rest] < np.broadcast_to(ground.values(found.starts), at_rest.shape)[~at_rest]
        assert falls.all()
    else:
        assert at_rest.all(), name
"""


def compiled(rule, f):
    """Its update for a loss as one program."""
    return jax.jit(lambda grad, state, x: rule.update(grad, state, x, value=f(x), value_fn=f))


def moved(rule, f):
    """Its update down a loss, the state after it and where that leads, as one program."""

    def update(state, x):
        value, grad = jax.value_and_grad(f)(x)
        step, after = rule.update(grad, state, x, value=value, value_fn=f)
        return step, after, jax.tree.map(jnp.add, x, step)

    return jax.jit(update)


@pytest.mark.parametrize("script", [NEWTON, TEXTBOOK, DESCENTS], ids=["newton", "textbook", "descents"])
def test_in_float64(forks, tmp_path, script):
    forks.printed(tmp_path, IN_FLOAT64 + script)


EGGS = own_surface(lambda x: jnp.cos(x[0]) - jnp.cos(x[1]), 2, domain=(-4, 4), start=[0.3, 0.4], name="eggs")


def test_newton_goes_to_whatever_is_flat_and_its_descending_forms_go_down():
    starts = [[0.3, 2.8], [0.3, 0.4], [2.8, 0.2]]  # near a maximum, a saddle and a minimum
    found = descend(EGGS, ["newton", "newton_damped", "newton_saddle_free"], starts, 30)
    assert found.outcomes.tolist() == [["stuck", "stuck", "converged"], ["converged"] * 3, ["converged"] * 3]
    assert found.points[0] == pytest.approx(np.array([[0, np.pi], [0, 0], [np.pi, 0]]), abs=1e-4)
    assert abs(found.points[1:, :, 0]) == pytest.approx(np.pi, abs=1e-3)
    assert np.cos(found.points[1:, :, 1]) == pytest.approx(1, abs=1e-6)


def test_at_a_saddle_itself_no_gradient_tells_where_to_go():
    found = descend(EGGS, ["newton", "lbfgs"], np.zeros((3, 2)), 30)
    assert set(found.outcomes.ravel()) == {"stuck"}
    assert (found.lengths == 0).all()


def test_a_learning_rate_of_0_moves_nothing():
    searching, starts = ["newton_saddle_free", "bfgs"], np.array([[0.3, 2.8], [0.3, 0.4], [2.8, 0.2]])
    found = descend(EGGS, [{"optimizer": name, "learning_rate": 0.0} for name in searching], starts, 30)
    assert (found.points == starts.astype(found.points.dtype)).all()


def test_newtons_descending_forms_divide_by_other_eigenvalues():
    H = np.diag([-2.0, 0.5, 4.0])
    g = jnp.asarray([0.1, 0.2, 0.3])

    def along_the_first_step(rule):
        def f(x):
            return g @ x + 0.5 * x @ jnp.asarray(H) @ x

        x = jnp.zeros(3)
        step, _ = compiled(rule, f)(g, rule.init(x), x)
        return np.asarray(step / step[2])

    shifted, absolute = np.array([1, 3.5, 7.0]), np.array([2, 1, 4.0])
    for rule, divisors in ((newton_damped(damping=1.0), shifted), (newton_saddle_free(damping=1.0), absolute)):
        d = np.asarray(g) / divisors
        assert along_the_first_step(rule) == pytest.approx(d / d[2], rel=1e-5)


SEARCHING = [bfgs, lbfgs, newton_damped, newton_saddle_free]


@cache
def at_a_wall(factory):
    """Updates of a rule for a loss that is infinite everywhere but at 0, where it has a value and a slope."""

    def update(value, slope, grad, state, x):
        def f(x):
            return jnp.where(x[0] != 0, jnp.inf, value) + slope * x[0]

        return rule.update(grad, state, x, value=f(x), value_fn=f)

    rule = factory()
    return rule, jax.jit(update)


@pytest.mark.parametrize("factory", SEARCHING)
def test_where_no_step_leads_down_nothing_moves_and_nothing_is_lost(factory):
    (rule, update), x = at_a_wall(factory), jnp.zeros(1)
    state = rule.init(x)
    for _ in range(3):
        step, state = update(0.0, 1.0, jnp.ones(1), state, x)
        assert step.tolist() == [0.0]
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(state))


@pytest.mark.parametrize("factory", SEARCHING)
def test_a_search_that_failed_is_not_made_again_where_nothing_has_changed(factory):
    (rule, update), x = at_a_wall(factory), jnp.zeros(1)
    state, counts = rule.init(x), []
    for _ in range(4):
        step, state = update(1.0, 0.0, jnp.ones(1), state, x)
        counts.append(int(getattr(state, "line_search", state).evaluations))
        x = x + step
    assert x.tolist() == [0.0]
    assert counts[0] > 2
    assert len(set(counts)) == 1


def test_the_whole_memory_is_used_and_no_more():
    ground = own_surface(
        lambda x: 0.5 * jnp.sum(jnp.geomspace(1, 1000, 8) * x**2), 8, domain=(-1, 1), start=np.ones(8), name="steep"
    )
    fields = {f"m={m}": {"optimizer": "lbfgs", "memory": m} for m in (1, 8)} | {"bfgs": {"optimizer": "bfgs"}}
    found = descend(ground, fields, ground.random_starts(32), 400, tolerance=0.01)
    assert (found.outcomes == "converged").all()
    one, eight, whole = np.median(found.settled_after, axis=1)
    assert one > eight
    assert eight == pytest.approx(whole, rel=0.35)  # they differ in where they begin from


@pytest.mark.parametrize("name", SECOND)
def test_several_leaves_are_one_vector(name):
    def f(p):
        return jnp.sum((p["a"] - 1) ** 2) + (p["b"] * jnp.arange(1.0, 4.0)).sum() ** 2 + jnp.sum(p["b"] ** 4)

    def flat(x):
        return f({"a": x[:2], "b": x[2:]})

    tree, vector = {"a": jnp.array([3.0, -1.0]), "b": jnp.array([0.5, 0.4, 0.3])}, jnp.array([3, -1, 0.5, 0.4, 0.3])
    rule = RULES[name].build()
    one, two = rule.init(tree), rule.init(vector)
    of_tree, of_vector = moved(rule, f), moved(rule, flat)
    for _ in range(4):
        step, one, tree = of_tree(one, tree)
        same, two, vector = of_vector(two, vector)
        assert np.concatenate([step["a"], step["b"]]) == pytest.approx(np.asarray(same), rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"optimizer": "lbfgs", "memory": 0}, "memory must be a whole number from 1, got 0"),
        ({"optimizer": "lbfgs", "memory": 2.5}, "memory must be"),
        ({"optimizer": "newton_damped", "damping": 0.0}, "damping must be above 0, got 0"),
        ({"optimizer": "lbfgs", "clip_norm": 1.0}, "clip_norm changes the gradient, but 'lbfgs' needs it unchanged"),
        ({"optimizer": "newton", "layer_learning_rates": (1.0, 0.0, 1.0)}, "layer_learning_rates changes the gradient"),
        ({"gradient_tolerance": 0}, "gradient_tolerance must be"),
    ],
)
def test_bad_numbers_are_refused(fields, message):
    with pytest.raises(RecipeError, match=message):
        Recipe(**fields)


def test_the_factories_check_their_numbers():
    for build in (lambda: newton(-1), lambda: bfgs(-1), lambda: lbfgs(1, 0), lambda: newton_damped(1, 0)):
        with pytest.raises(RecipeError):
            build()
