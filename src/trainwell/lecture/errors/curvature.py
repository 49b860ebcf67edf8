"""Errors 5, 6 and 8: the condition number, the rank of BFGS's update, and what a saddle is."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from trainwell.display import Head, Row, Table
from trainwell.landscape import expected_index_shares, minima_against_dimension, surface
from trainwell.lecture.errors.error import WRITTEN, beside
from trainwell.lecture.figures.figure import Content
from trainwell.optim import bfgs, condition_number

CONDITIONS = (1.5, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
CLOSE = 1e-6
"""Height, as a share of that of the start, at which a descent has arrived."""


def condition_below_one() -> Content:
    """Error 5: the updates that gradient descent needs, against both numbers."""
    right = np.array([_condition("quadratic", condition=one) for one in CONDITIONS])
    wrong = 1 / right
    updates = np.array([_updates_needed(one) for one in right], np.float64)
    drawing, series = beside(
        5,
        "updates",
        "Updates that gradient descent needs with its best learning rate",
        {
            "right: largest over smallest": (right, updates),
            f"{WRITTEN}: smallest over largest": (wrong[::-1], updates[::-1]),
        },
        ("condition number", "updates"),
        f"At a condition number of {right[1]:g} it takes {updates[1]:.0f} updates, at {right[-1]:,.0f} "
        f"{updates[-1]:,.0f}: the larger the number, the harder. As written it is below 1, and small where the problem "
        "is hard.",
        log_x=True,
        log_y=True,
    )
    rows = []
    for name in ("bowl", "booth", "rosenbrock"):
        found = _condition(name)
        rows.append(Row((name, f"{found:,.4g}", f"{1 / found:.2g}")))
    table = Table((Head("surface", ""), Head("right"), Head(WRITTEN)), tuple(rows))
    return Content([drawing], series, {"At the minimum of known surfaces": table})


def _condition(name: str, **numbers: float) -> float:
    """Of a surface's second derivatives at its first minimum."""
    one = surface(name, **numbers)
    curvatures = np.linalg.eigvalsh(one.hessians(one.minima[0].point[None])[0].astype(np.float64))
    return float(condition_number(curvatures))


def _updates_needed(condition: float) -> int:
    """Of ½ (x²/κ + y²) from (1, 1) with the rate 2/(1 + 1/κ), until its height is a millionth."""
    curvatures = np.array([1 / condition, 1.0])
    factor, x = 1 - 2 / (1 + curvatures[0]) * curvatures, np.ones(2)
    for update in range(1, 100_000):
        x = factor * x
        if (curvatures * x**2).sum() <= CLOSE * curvatures.sum():
            return update
    raise AssertionError("the best rate always arrives")


DIMENSION, BFGS_UPDATES = 6, 5


def rank_of_bfgs() -> Content:
    """Error 6: the singular values of what each update adds to the inverse Hessian."""
    inverses, steps, changes = _bfgs_history()
    added = np.diff(inverses, axis=0)
    sizes = np.array([np.linalg.svd(one, compute_uv=False) for one in added])
    shares = np.maximum(sizes / sizes[:, :1], 1e-17)
    ranks = np.array([np.linalg.matrix_rank(one, tol=1e-10 * size[0]) for one, size in zip(added, sizes, strict=True)])
    x = np.arange(1.0, DIMENSION + 1)
    drawing, series = beside(
        6,
        "values",
        f"Singular values of what BFGS adds, as shares of the largest; a quadratic in {DIMENSION} dimensions",
        {f"update {i + 2}": (x, one) for i, one in enumerate(shares)},
        ("singular value", "share of the largest"),
        f"In every update the second value is {shares[:, 1].min():.1g} of the first or more, and the third "
        f"{shares[:, 2].max():.0e} or less, which is rounding: the rank is {ranks.min()}.",
        log_y=True,
    )
    rows = []
    for i, one in enumerate(added):
        u, s, v = np.linalg.svd(one)
        leading = s[0] * np.outer(u[:, 0], v[0])
        missed = [_missed(inverses[i] + part, steps[i + 1], changes[i + 1]) for part in (one, leading)]
        rows.append(Row((str(i + 2), str(ranks[i]), f"{missed[0]:.0e}", f"{missed[1]:.2g}")))
    heads = (Head("update", ""), Head("rank"), Head("‖By − s‖/‖s‖, right"), Head("with the first of both parts alone"))
    note = (
        "B must lead from the change y of the gradient to the step s. With one part alone, as an update of rank 1 "
        "would be, it does not. (A symmetric update of rank 1 that does exists, and is another method: SR1.)"
    )
    return Content([drawing], series, {"What the update is for": Table(heads, tuple(rows))}, [note])


def _bfgs_history() -> tuple[Float[np.ndarray, "K P P"], Float[np.ndarray, "K P"], Float[np.ndarray, "K P"]]:
    """B after each update of the real rule from the first difference on, and the s and y that it learned from."""
    one = surface("quadratic", condition=100.0, dimension=DIMENSION, rotation=0)
    with jax.enable_x64(True):
        rule, value_and_gradient = bfgs(), jax.value_and_grad(one.function)

        @jax.jit
        def advance(point: jax.Array, state: object) -> tuple[jax.Array, object]:
            value, gradient = value_and_gradient(point)
            step, state = rule.update(gradient, state, point, value=value, value_fn=one.function)
            return point + step, state

        point = jnp.asarray(one.start, jnp.float64)
        state, states = rule.init(point), []
        for _ in range(BFGS_UPDATES + 1):
            point, state = advance(point, state)
            states.append(jax.tree.map(np.asarray, state))
    points, gradients = (np.array([getattr(one, name) for one in states]) for name in ("point", "gradient"))
    return np.array([one.inverse for one in states[1:]]), np.diff(points, axis=0), np.diff(gradients, axis=0)


def _missed(inverse: Float[np.ndarray, "P P"], s: Float[np.ndarray, " P"], y: Float[np.ndarray, " P"]) -> float:
    """How far B y is from s, as a share of s."""
    return float(np.linalg.norm(inverse @ y - s) / np.linalg.norm(s))


DIMENSIONS, OF_THEORY = (2, 5), (1, 2, 3, 4, 5, 6, 8, 10, 12)
SEARCHES = 40


def saddles() -> Content:
    """Error 8: slope and curvature at a saddle in every direction, and the share of saddles among critical points."""
    one = surface("saddle")
    place = next(point.point for point in one.critical if point.kind == "saddle")
    slope = np.asarray(jax.jit(jax.grad(one.function))(jnp.asarray(place)), np.float64)
    hessian = one.hessians(place[None])[0].astype(np.float64)
    degrees = np.linspace(0, 360, 121)
    directions = np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], 1)
    slopes = directions @ slope
    curvatures = np.einsum("ni,ij,nj->n", directions, hessian, directions)
    first, series = beside(
        8,
        "directions",
        "Slope and curvature at a saddle, in every direction of the plane",
        {"slope": (degrees, slopes), "curvature": (degrees, curvatures)},
        ("direction, in degrees", "slope, curvature"),
        f"The slope is {abs(slopes).max():g} in all directions; the curvature goes from {curvatures.min():.3g} to "
        f"{curvatures.max():.3g}, of both signs.",
    )
    found = minima_against_dimension(DIMENSIONS, functions=1, starts=SEARCHES)
    shares = np.array([((each.indices > 0) & (each.indices < each.dimension)).mean() for each in found])
    theory = np.array([expected_index_shares(dimension)[1:-1].sum() for dimension in OF_THEORY])
    second, more = beside(
        8,
        "shares",
        "Share of saddles among the critical points of smooth random functions",
        {
            "found": (np.array(DIMENSIONS, np.float64), shares),
            "theory": (np.array(OF_THEORY, np.float64), theory),
        },
        ("dimension", "share of saddles"),
        f"In one dimension there are none; of {found[-1].share.n} critical points found in {DIMENSIONS[-1]} dimensions "
        f"{shares[-1]:.0%} are saddles, and by theory {theory[-1]:.2%} in {OF_THEORY[-1]}.",
        y_range=(-0.02, 1.05),
    )
    note = (
        "This is about critical points, where the gradient is 0: a random point is hardly ever one. It does not say "
        "that a descent ends at a saddle: see statement C-17."
    )
    return Content([first, second], [*series, *more], {}, [note])
