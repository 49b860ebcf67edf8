"""How descents end is said correctly: on all listed surfaces of two dimensions, with rules of every kind."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from trainwell.landscape import OUTCOMES, SURFACES, Surface, descend, surface

NAMES = tuple(name for name in SURFACES if surface(name).dimension == 2)
RATES = {"sgd": 1e-3, "momentum": 3e-3, "adam": 0.1}


FIRST_ORDER, SECOND_ORDER = ("sgd", "momentum", "adam"), ("newton", "newton_saddle_free", "lbfgs")
# With several minima, maxima, saddles or a degenerate point: the others show nothing else to rules that see curvature.
CURVED = ("himmelblau", "rastrigin", "saddle", "monkey_saddle", "double_valley")


@dataclass(frozen=True)
class Any2D:
    """Some surfaces in one formula, a number says which: so that a rule is compiled once for all of them."""

    names: tuple[str, ...]

    def __call__(self, x, numbers):
        def values(name):
            made = surface(name)
            return lambda x: made.formula(x, {key: jnp.asarray(value, x.dtype) for key, value in made.numbers.items()})

        return jax.lax.switch(numbers["which"].astype(int), [values(name) for name in self.names], x)


def chosen(name, names):
    """A listed surface in that form, with what is known of it."""
    made = surface(name)
    which = {"which": np.array(float(names.index(name)))}
    return Surface(name, Any2D(names), made.domain, made.start, made.critical, made.complete, which)


def said(value, gradient, hessian, begun, left, tolerance):
    """The outcome by definition, from derivatives in float64 at the last point."""
    if left >= 0:
        return "escaped" if value < begun else "diverged"
    if np.linalg.norm(gradient) > tolerance:
        return "running"
    return "converged" if np.linalg.eigvalsh(hessian).min() > 0 else "stuck"


def test_every_surface_with_rules_of_every_kind():
    with jax.enable_x64(True):

        def value(x, which):
            return Any2D(NAMES)(x, {"which": which})

        derivatives = jax.jit(
            jax.vmap(lambda x, w: (value(x, w), jax.grad(value)(x, w), jax.hessian(value)(x, w)), (0, None))
        )
    seen, doubtful, tried, S = set(), 0, 0, 40
    cases = [(FIRST_ORDER, NAMES, name) for name in NAMES] + [(SECOND_ORDER, CURVED, name) for name in CURVED]
    for rules, names, name in cases:
        how = [{"optimizer": rule} | ({"learning_rate": RATES[rule]} if rule in RATES else {}) for rule in rules]
        made, which, tried = chosen(name, names), NAMES.index(name), tried + S * len(rules)
        starts = made.random_starts(S)
        found = descend(made, how, starts, 400)
        with jax.enable_x64(True):
            points = jnp.asarray(np.concatenate([found.points.reshape(-1, 2), starts]), jnp.float64)
            values, gradients, hessians = (np.asarray(part) for part in derivatives(points, jnp.asarray(float(which))))
        for i in range(len(rules) * S):
            left, ends = found.left_after.ravel()[i], found.outcomes.ravel()[i]
            norm, curvature = np.linalg.norm(gradients[i]), np.linalg.eigvalsh(np.nan_to_num(hessians[i]))
            at_the_border = abs(norm - found.tolerance) < 0.1 * found.tolerance or abs(curvature).min() < 1e-3
            if left < 0 and at_the_border:  # float32 may see it otherwise, and a flat point may be anything
                doubtful += 1
                continue
            expected = said(values[i], gradients[i], hessians[i], values[-S + i % S], left, found.tolerance)
            assert ends == expected, (rules[i // S], name, starts[i % S], points[i], norm, curvature)
            seen.add((rules[i // S], expected))
    assert doubtful < 0.15 * tried
    assert {ends for _, ends in seen} == set(OUTCOMES)
    assert ("newton", "stuck") in seen
    assert ("newton_saddle_free", "stuck") not in seen
