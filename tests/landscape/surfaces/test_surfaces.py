"""Surfaces: their formulas against plain Python, their critical points against Newton's method in float64."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.landscape import SURFACES, CriticalPoint, LandscapeError, Surface, own_surface, principal_axes, surface

MADE = [
    ("bowl", {}),
    ("quadratic", {"condition": 100.0, "dimension": 4}),
    ("quadratic", {"condition": 9.0, "dimension": 3, "rotation": 1}),
    ("beale", {}),
    ("rosenbrock", {}),
    ("rosenbrock", {"dimension": 5}),
    ("himmelblau", {}),
    ("booth", {}),
    ("rastrigin", {"dimension": 1}),
    ("rastrigin", {}),
    ("rastrigin", {"dimension": 5}),
    ("styblinski_tang", {}),
    ("styblinski_tang", {"dimension": 3}),
    ("saddle", {}),
    ("monkey_saddle", {}),
    ("plateau", {}),
    ("double_valley", {"dimension": 1}),
    ("double_valley", {}),
]
NAMES = [f"{name}{numbers or ''}" for name, numbers in MADE]


@pytest.fixture
def x64():
    with jax.enable_x64(True):
        yield


def plain_rastrigin(x):
    return 10 * len(x) + sum(a * a - 10 * math.cos(2 * math.pi * a) for a in x)


# Worked by hand, or by these few lines of plain Python.
VALUES = [
    ("bowl", {}, (-7, 2), 2.45 + 4),
    ("quadratic", {"condition": 4.0}, (2, 3), 0.5 * (0.25 * 4 + 9)),
    ("beale", {}, (1, 1), 1.5**2 + 2.25**2 + 2.625**2),
    ("beale", {}, (2, -1), 0.5**2 * 25 + 2.25**2 + 1.375**2),
    ("rosenbrock", {}, (-1.2, 1), 24.2),
    ("rosenbrock", {"dimension": 3}, (0, 1, 2), 100 + 1 + 100 + 0),
    ("himmelblau", {}, (0, 0), 121 + 49),
    ("booth", {}, (0, 0), 49 + 25),
    ("rastrigin", {}, (0.3, -4.2), plain_rastrigin((0.3, -4.2))),
    ("styblinski_tang", {"dimension": 3}, (1, 1, 2), 0.5 * (-10 - 10 + 16 - 64 + 10)),
    ("saddle", {}, (1, 3), -8),
    ("monkey_saddle", {}, (2, 1), 2),
    ("plateau", {}, (1, 2), 5 / 6),
    ("double_valley", {"dimension": 1}, (2,), -8 / 3),
    ("double_valley", {}, (-1, 0.5), -5 / 12 + 0.5),
]


@pytest.mark.parametrize(("name", "numbers", "point", "value"), VALUES)
def test_a_value_is_the_formulas(name, numbers, point, value, x64):
    made = surface(name, **numbers)
    assert float(made.function(np.array(point, float))) == pytest.approx(value, rel=1e-14)
    assert made.values(np.array([point, point], float)).tolist() == pytest.approx([value] * 2, rel=1e-14)


@pytest.mark.parametrize(("name", "numbers"), MADE, ids=NAMES)
def test_critical_points_are_what_they_are_said_to_be(name, numbers, x64):
    made = surface(name, **numbers)
    points = jnp.asarray(np.stack([one.point for one in made.critical]))
    # The gradient of a root with digits of x only is at most curvature times a few units in the last place.
    curvatures = np.linalg.eigvalsh(made.hessians(points))
    gradients = np.linalg.norm(jax.jit(jax.vmap(jax.grad(made.function)))(points), axis=1)
    assert (gradients <= 1e-15 * (1 + abs(curvatures).max(1)) * (1 + np.abs(points).max(1)) * 10).all()
    assert np.array([one.value for one in made.critical]) == pytest.approx(made.values(points), rel=1e-12, abs=1e-12)
    for one, own in zip(made.critical, curvatures, strict=True):
        if name == "monkey_saddle":
            assert own.tolist() == [0, 0]  # its Hessian tells nothing
        else:
            kinds = {(True, False): "minimum", (False, True): "maximum", (True, True): "saddle"}
            assert one.kind == kinds[bool(own.max() > 0), bool(own.min() < 0)]
    best = min((one.value for one in made.minima), default=None)
    assert all(one.is_global == (one.value < best + 1e-9) for one in made.minima)


COUNTS = [
    ("himmelblau", {}, (4, 4, 1)),
    ("rastrigin", {}, (121, 220, 100)),
    ("rastrigin", {"dimension": 1}, (11, 0, 10)),
    ("styblinski_tang", {"dimension": 3}, (8, 18, 1)),
    ("beale", {}, (1, 2, 0)),
    ("double_valley", {}, (2, 1, 0)),
    ("double_valley", {"dimension": 1}, (2, 0, 1)),
]


@pytest.mark.parametrize(("name", "numbers", "counts"), COUNTS)
def test_surfaces_list_as_many_critical_points_as_there_are(name, numbers, counts):
    kinds = [one.kind for one in surface(name, **numbers).critical]
    assert tuple(kinds.count(kind) for kind in ("minimum", "saddle", "maximum")) == counts


@pytest.mark.parametrize(
    "name", ["beale", "booth", "bowl", "himmelblau", "plateau", "saddle", "styblinski_tang", "double_valley"]
)
def test_newtons_method_finds_no_other_critical_points(name, x64):
    """From starts all over the domain, and around its middle: from afar a plateau sends Newton's method away."""
    made = surface(name)
    gradient, hessian = jax.grad(made.function), jax.hessian(made.function)

    def newton(x, _):
        return x - jnp.linalg.pinv(hessian(x)) @ gradient(x), None

    starts = jnp.asarray(np.concatenate([made.random_starts(300), made.random_starts(50) / 20]))
    ends = np.asarray(jax.jit(jax.vmap(lambda x: jax.lax.scan(newton, x, None, 60)[0]))(starts))
    found = ends[made.inside(ends) & (np.linalg.norm(jax.jit(jax.vmap(gradient))(ends), axis=1) < 1e-10)]
    known = np.stack([one.point for one in made.critical])
    distances = np.linalg.norm(found[:, None] - known[None], axis=-1)
    assert len(found)
    assert distances.min(1).max() < 1e-6
    assert distances.min(0).max() < 1e-6


@pytest.mark.parametrize("rotation", [None, 3])
def test_a_quadratic_has_its_condition_number(rotation, x64):
    made = surface("quadratic", condition=50.0, dimension=5, rotation=rotation)
    hessian = made.hessians(made.start[None])[0]
    curvatures = np.linalg.eigvalsh(hessian)
    assert curvatures == pytest.approx(50.0 ** np.array([-1, -0.75, -0.5, -0.25, 0]), rel=1e-12)
    assert np.count_nonzero(abs(hessian) > 1e-12) == (5 if rotation is None else 25)
    assert principal_axes(made) @ hessian @ principal_axes(made).T == pytest.approx(
        np.diag(curvatures[::-1]), abs=1e-13
    )
    assert abs(principal_axes(made) @ made.start) == pytest.approx(np.ones(5), abs=1e-12)


def test_a_surface_is_the_same_object_for_the_same_numbers():
    assert surface("rosenbrock", dimension=3) is surface("rosenbrock", dimension=3)
    assert surface("rosenbrock", dimension=3) is not surface("rosenbrock")
    assert set(SURFACES) == {name for name, _ in MADE}


def test_random_starts_are_within_and_go_on_where_fewer_ended():
    made = surface("double_valley")
    many = made.random_starts(500, seed=2)
    assert made.inside(many).all()
    assert (made.random_starts(10, seed=2) == many[:10]).all()
    assert many.mean(0) == pytest.approx([0.5, 0], abs=5 * 6 / math.sqrt(12 * 500))


WRONG = [
    (lambda: surface("rosenbrok"), "did you mean 'rosenbrock'"),
    (lambda: surface("rosenbrock", dimensions=3), "did you mean 'dimension'"),
    (lambda: surface("rosenbrock", dimension=1), "from 2, got 1"),
    (lambda: surface("rosenbrock", dimension=2.5), "from 2, got 2.5"),
    (lambda: surface("rosenbrock", dimension=[2]), "must be a number"),
    (lambda: surface("quadratic", condition=0.5), "from 1, got 0.5"),
    (lambda: surface("quadratic", condition=float("nan")), "from 1, got nan"),
    (lambda: surface("quadratic", condition=2, dimension=1), "has condition 1"),
    (lambda: surface("quadratic", rotation=-1), "whole number from 0, got -1"),
    (lambda: surface("bowl", dimension=3), "it has none"),
    (lambda: own_surface(lambda x: x, 2), "must return one real number per point, got float32 of shape [2]"),
    (lambda: own_surface(lambda x: 3, 2), "must return one real number per point, got int"),
    (lambda: own_surface(lambda x: jnp.argmax(x), 2), "got int32"),
    (lambda: own_surface(lambda x: x[0] if x[0] > 0 else x[1], 2), "cannot be traced (TracerBoolConversionError"),
    (lambda: own_surface(lambda x: float(x[0]), 2), "cannot be traced"),
    (lambda: own_surface(lambda x: jnp.log(x[0]), 1, name="log"), "'log': the value at the start (-5) is not finite"),
    (lambda: own_surface(lambda x: jnp.sqrt(x[0]), 1, start=[0]), "the gradient at the start (0) is not finite"),
    (lambda: own_surface(lambda x: x @ x, 2, start=[1, 2, 3]), "has dimension 2, but a start of shape [3]"),
    (lambda: own_surface(lambda x: x @ x, 2, start=[11, 0]), "start (11, 0) is not in its domain"),
    (lambda: own_surface(lambda x: x @ x, 2, domain=(3, -3)), "must be below its upper end"),
    (lambda: own_surface(lambda x: x @ x, 2, domain=[[0, 1]] * 3, start=[0, 0]), "the domain is of shape [3, 2], not"),
    (lambda: own_surface(lambda x: x @ x, 2, domain="wide"), "must be numbers"),
    (lambda: own_surface(lambda x: x @ x, 0), "dimension must be a whole number from 1"),
    (lambda: own_surface("x**2", 1), "must be a function of a point, got str"),
    (lambda: own_surface(lambda x: x @ x, 1, critical=[CriticalPoint(np.zeros(2), 0, "minimum")]), "critical point"),
    (lambda: surface("bowl").random_starts(0), "from 1, got 0"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_no_surface_is_refused_in_one_line(make, message):
    with pytest.raises(LandscapeError) as error:
        make()
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_own_function_is_a_surface():
    made = own_surface(lambda x: jnp.sum(jnp.cosh(x)), 3, domain=(-2, 2))
    assert isinstance(made, Surface)
    assert made.start.tolist() == [-1, -1, -1]
    assert float(made.function(np.zeros(3))) == 3
