"""Critical points: all that are known and no others, theory's shares of minima, and bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.landscape import (
    LandscapeError,
    Surface,
    critical_points,
    expected_index_shares,
    lowered,
    minima_against_dimension,
    minima_against_size,
    network_surface,
    own_surface,
    random_function,
    surface,
)
from trainwell.landscape.critical.minima_share import minima_share
from trainwell.landscape.critical.search import merged

COMPLETE = [
    ("bowl", {}, 100),
    ("quadratic", {"condition": 1e6, "dimension": 6, "rotation": 1}, 100),
    ("beale", {}, 1000),
    ("rosenbrock", {}, 300),
    ("himmelblau", {}, 300),
    ("booth", {}, 100),
    ("rastrigin", {}, 10_000),
    ("styblinski_tang", {"dimension": 3}, 1000),
    ("saddle", {}, 100),
    ("monkey_saddle", {}, 100),
    ("plateau", {"dimension": 3}, 50),
    ("double_valley", {}, 100),
]


@pytest.mark.parametrize(("name", "numbers", "count"), COMPLETE)
def test_all_known_points_of_a_surface_are_found_and_no_others(name, numbers, count):
    made = surface(name, **numbers)
    # From afar a plateau sends every search away: there it takes the starts that descents have lowered.
    starts = None if name == "plateau" else made.random_starts(count)
    found = critical_points(made, starts, count=count)
    assert made.complete
    assert found.missing == ()
    assert len(found) == len(made.critical)
    distances = np.linalg.norm(found.points[:, None] - np.stack([one.point for one in made.critical]), axis=-1)
    known = [made.critical[i] for i in distances.argmin(1)]
    assert distances.min(1).max() < 1e-8
    assert found.values == pytest.approx([one.value for one in known], rel=1e-12, abs=1e-12)
    kinds = ["degenerate"] if name == "monkey_saddle" else [one.kind for one in known]  # no curvature tells what it is
    assert found.kinds.tolist() == kinds
    assert (found.values[1:] >= found.values[:-1]).all()
    assert found.counts.sum() == found.by_end["found"]
    assert (np.bincount(found.reached[found.reached >= 0], minlength=len(found)) == found.counts).all()
    assert found.gradients.max() < 1e-11


def rosenbrocks_roots(dimension):
    """By elimination: each component of the gradient but the last gives the next coordinate, the last a sign change."""

    def last(x1):
        x = [x1]
        for _ in range(dimension - 1):
            before = 200 * (x[-1] - x[-2] ** 2) if len(x) > 1 else 0
            x.append(x[-1] ** 2 + (before - 2 * (1 - x[-1])) / (400 * x[-1]))
        return 200 * (x[-1] - x[-2] ** 2), np.stack(x, -1)

    with np.errstate(all="ignore"):
        grid = np.linspace(-1.5, 1.5, 400_000)  # 0 is not among them
        slopes, x = last(grid)
        fine = np.isfinite(slopes) & (abs(x) <= 2.048).all(-1)
    change = np.flatnonzero(fine[1:] & fine[:-1] & (np.sign(slopes[1:]) != np.sign(slopes[:-1])))
    return x[change]


@pytest.mark.parametrize("dimension", [4, 6])
def test_rosenbrocks_saddles_which_are_not_listed_are_found(dimension):
    made = surface("rosenbrock", dimension=dimension)
    found = critical_points(made, made.random_starts(1000))
    roots = rosenbrocks_roots(dimension)
    assert found.missing == ()
    assert found.by_index == {0: 2, 1: len(roots) - 2}
    assert np.linalg.norm(found.points[:, None] - roots, axis=-1).min(0).max() < 0.01  # the grid's error, amplified


def test_indices_are_counted():
    """Per axis of Styblinski and Tang's function two minima and a maximum: index k is had by C(3, k) 2^(3−k) points."""
    made = surface("styblinski_tang", dimension=3)
    found = critical_points(made, made.random_starts(1000))
    assert found.by_index == {0: 8, 1: 12, 2: 6, 3: 1}
    assert found.by_kind == {"minimum": 8, "saddle": 18, "maximum": 1}
    assert (found.indices == (found.eigenvalues < 0).sum(1)).all()


def test_a_small_gradient_alone_is_no_critical_point():
    """x³/3 + ax has slope x² + a: never 0 for a above 0, though it be far smaller than any usual tolerance."""
    found = critical_points(own_surface(lambda x: x[0] ** 3 / 3 + 1e-9 * x[0], 1), np.linspace(-9, 9, 40)[:, None])
    assert (len(found), found.by_index, found.by_end) == (0, {}, {"stalled": 40})


def test_ends_tell_what_became_of_the_starts():
    made = own_surface(lambda x: x[0] * jnp.log(x[0]) - x[0], 1, domain=(-1, 3), start=[2])  # its slope is ln x
    found = critical_points(made, np.linspace(-1, 3, 42)[:, None])
    assert found.by_end == {"found": 31, "not finite": 11}
    assert found.points == pytest.approx(np.array([[1.0]]), abs=1e-12)
    assert found.reached.tolist() == [-1] * 11 + [0] * 31
    beyond = own_surface(lambda x: (x[0] - 5) ** 2, 1, domain=(-4, 4))
    assert critical_points(beyond, [[0.0], [3.0]]).by_end == {"left": 2}
    short = critical_points("rosenbrock", [-1.2, 1.0], steps=3)
    assert (len(short), short.by_end) == (0, {"running": 1})


def powers(x, numbers):
    """b u³ + c u⁴ + d u⁵ + e v² + f v⁴, u = x − t y and v = t x + y."""
    u, v = x[0] - numbers["t"] * x[1], numbers["t"] * x[0] + x[1]
    along = numbers["b"] * u**3 + numbers["c"] * u**4 + numbers["d"] * u**5
    return along + numbers["e"] * v**2 + numbers["f"] * v**4


@pytest.mark.parametrize(
    ("factors", "eigenvalues"),
    [
        ({"c": 1, "e": 1}, [0, 2]),
        ({"c": 1, "e": 1, "t": 1}, [0, 4]),
        ({"b": 1, "e": 1}, [0, 2]),
        ({"d": 1, "e": 1}, [0, 2]),
        ({"c": 1e-9, "f": -1e-9}, [0, 0]),
    ],
)
def test_a_degenerate_point_is_one_point_however_slowly_it_is_approached(factors, eigenvalues):
    numbers = {name: np.array(float(factors.get(name, 0))) for name in "bcdeft"}
    made = Surface("powers", powers, np.array([[-2.0, 2.0]] * 2), np.array([-1.0, -1.0]), numbers=numbers)
    found = critical_points(made, made.random_starts(300))
    assert found.by_kind == {"degenerate": 1}
    assert found.points == pytest.approx(np.zeros((1, 2)), abs=1e-5)
    assert found.eigenvalues[0] == pytest.approx(eigenvalues, abs=1e-7)
    assert found.by_end == {"found": 300}


TAILS = {
    "an exponential's": (lambda x: jnp.log1p(jnp.exp(-x[0])) + x[1] ** 2, (-10, 60), {}),
    "the hyperbolic tangent's": (lambda x: jnp.tanh(x[0]) + 1e-3 * x[1] ** 2, (-10, 10), {}),
    "a hole's, down to where numbers end": (lambda x: -jnp.exp(-x @ x / 2), (-50, 50), {"minimum": 1}),
}


@pytest.mark.parametrize(("function", "domain", "kinds"), TAILS.values(), ids=TAILS)
def test_a_tail_has_no_critical_points_however_flat_it_gets(function, domain, kinds):
    """By hand: the slope along the first coordinate is 0 nowhere but at the hole's bottom."""
    made = own_surface(function, 2, domain=domain)
    starts = np.concatenate([made.random_starts(300), [[0.1, 0.2], [0.3, -0.4]]])
    found = critical_points(made, starts)
    assert found.by_kind == kinds
    assert found.by_end.get("found", 0) == found.counts.sum()
    assert ("flat" in found.by_end) == (domain != (-10, 10))  # not so flat within it


def test_searches_that_begin_on_degenerate_points_have_found_them():
    """Gradient and Hessian are 0 there as on a hole's tail, but not about it."""
    assert critical_points("monkey_saddle", [[0.0, 0.0]]).by_kind == {"degenerate": 1}
    line = own_surface(lambda x: (x[0] + 0.3 * x[1]) ** 2, 2, domain=(-2, 2))
    found = critical_points(line, line.random_starts(100))
    assert set(found.by_end) <= {"found", "left"}
    assert found.points[:, 0] == pytest.approx(-0.3 * found.points[:, 1], abs=1e-12)


def test_points_of_a_ring_are_degenerate_and_not_merged():
    ring = own_surface(lambda x: (x @ x - 1) ** 2, 2, domain=(-2, 2))
    found = critical_points(ring, ring.random_starts(50))
    on = found.kinds == "degenerate"
    assert np.linalg.norm(found.points[on], axis=1) == pytest.approx(np.ones(on.sum()), abs=1e-9)
    assert on.sum() > 10
    assert found.by_kind.get("minimum", 0) == 0


def test_merging_joins_what_a_slow_comparison_joins():
    rng = np.random.default_rng(0)
    places = rng.uniform(-5, 5, (40, 3)).round(1) + 5e-6  # on the border between cells
    points = places[rng.integers(0, 40, 500)] + rng.uniform(-1, 1, (500, 3)) * 1e-9
    groups = merged(points, 1e-5)
    assert ((groups[:, None] == groups) == (np.linalg.norm(points[:, None] - points, axis=-1) < 1e-6)).all()
    firsts = np.unique(groups, return_index=True)[1]
    assert (np.diff(firsts) > 0).all()  # numbered as they appear
    assert merged(np.zeros((0, 2)), 1.0).tolist() == []


def test_lowered_starts_are_lower_and_within():
    made = surface("himmelblau")
    starts = made.random_starts(50)
    ends = lowered(made, starts)
    assert made.inside(ends).all()
    distances = np.linalg.norm(ends[:, None] - np.stack([one.point for one in made.minima]), axis=-1).min(1)
    assert np.quantile(distances, 0.9) < 0.1


def test_theorys_shares_are_published_ones_and_those_of_kac_and_rices_formula():
    assert expected_index_shares(1) == pytest.approx([0.5, 0.5], abs=1e-12)
    assert expected_index_shares(2) == pytest.approx([0.25, 0.5, 0.25], abs=0.005)
    # Bardeen, Bond, Kaiser & Szalay (1986): minima are to saddles of index 1 as 29√15 − 18√10 to 29√15 + 18√10.
    share = (1 - 18 * np.sqrt(10) / (29 * np.sqrt(15))) / 4
    assert expected_index_shares(3) == pytest.approx([share, 0.5 - share, 0.5 - share, share], abs=0.004)
    rng = np.random.default_rng(0)
    square = rng.standard_normal((200_000, 4, 4))
    hessians = (square + square.swapaxes(1, 2)) / np.sqrt(2) - rng.standard_normal((200_000, 1, 1)) * np.eye(4)
    curvatures = np.linalg.eigvalsh(hessians)
    weights = abs(curvatures.prod(1))
    shares = [weights[(curvatures < 0).sum(1) == k].sum() / weights.sum() for k in range(5)]
    assert expected_index_shares(4, draws=20_000) == pytest.approx(shares, abs=0.005)


def test_a_random_function_is_the_same_kind_of_function_in_any_dimension():
    """Value, slopes and curvatures have the variances 1, 1 and 3 of the covariance exp(−r²/2); mixed curvatures 1."""
    for dimension in (2, 12):
        made = random_function(dimension, 3, waves=2048)
        points = jnp.asarray(made.random_starts(1500), jnp.float32)
        values = made.values(points)
        slopes = np.asarray(jax.jit(jax.vmap(jax.grad(made.function)))(points))
        bends = made.hessians(points[:250])
        assert values.var() == pytest.approx(1, abs=0.15)
        assert slopes.var(0) == pytest.approx(np.ones(dimension), abs=0.2)
        assert bends[:, 0, 0].var() == pytest.approx(3, abs=0.7)
        assert bends[:, 0, 1].var() == pytest.approx(1, abs=0.25)
        assert np.mean(bends[:, 0, 0] * bends[:, 1, 1]) == pytest.approx(1, abs=0.3)
        assert np.mean(bends[:, 0, 0] * values[:250]) == pytest.approx(-1, abs=0.25)


def test_minima_get_rare_as_the_dimension_grows_unless_one_begins_below():
    found = minima_against_dimension((1, 5), functions=3, starts=48, waves=64)
    assert [one.dimension for one in found] == [1, 5]
    for one in found:
        assert one.share.low <= one.expected <= one.share.high
        assert one.share.n == len(one.values) == len(one.indices)
        assert sum(one.ends.values()) == 144
        assert one.per_function.sum(0).tolist() == [(one.indices == 0).sum(), one.share.n]
        assert len(one.per_function) == 3
    assert found[1].share.high < found[0].share.low
    # A high point has a high index.
    parts = found[1].by_value(3)
    assert parts[0].index_share.high < parts[1].index_share.mean < parts[2].index_share.low
    assert [part.index_share.n for part in parts] == [len(part) for part in np.array_split(found[1].values, 3)]
    assert parts[0].high <= parts[1].low <= parts[1].high <= parts[2].low
    below = minima_against_dimension((5,), functions=1, starts=48, begin="low", waves=64)
    assert below[0].share.low > 0.8


def test_seeds_share_no_functions_or_losses():
    first, second = (minima_against_dimension((1,), functions=2, starts=48, waves=64, seed=seed) for seed in (0, 1))
    assert len(first[0].values) > 4
    assert not np.intersect1d(first[0].values.round(9), second[0].values.round(9)).size
    again = minima_against_dimension((1,), functions=1, starts=48, waves=64)[0]
    assert again.values.tolist() == first[0].values[: len(again.values)].tolist()  # one more leaves the others as is


def test_a_networks_surface_is_its_loss():
    rng = np.random.default_rng(0)
    inputs, labels = rng.standard_normal((7, 2)), np.array([0, 1, 2, 0, 1, 2, 2])
    made = network_surface(inputs, labels, 3, l2_penalty=0.5)
    assert made.dimension == 3 * 3 + 4 * 3
    x = rng.standard_normal(21)
    hidden = np.tanh(inputs @ x[:6].reshape(3, 2).T + x[6:9])
    logits = hidden @ x[9:18].reshape(3, 3).T + x[18:]
    losses = np.log(np.exp(logits).sum(1)) - logits[np.arange(7), labels]
    assert made.values(x[None])[0] == pytest.approx(losses.mean() + 0.25 * (x**2).sum(), rel=1e-5)


def test_copies_of_a_networks_point_are_counted_once():
    """Of rows that are each other's mirror images, a unit alone learns one direction, with either sign."""
    inputs = np.array([[1.0, 0.3], [-1.0, -0.3], [0.8, -0.5], [-0.8, 0.5]])
    made = network_surface(inputs, np.array([0, 1, 0, 1]), 2, l2_penalty=0.02)
    found = critical_points(made, np.random.default_rng(0).standard_normal((200, made.dimension)))
    share = minima_share([found])
    origin = np.linalg.norm(found.points, axis=1).argmin()
    assert found.points[origin] == pytest.approx(np.zeros(made.dimension), abs=1e-10)
    assert found.values[origin] == pytest.approx(np.log(2), abs=1e-12)
    assert 2 <= share.share.n + share.degenerate < len(found) / 2  # two signs or orders of units at least
    assert share.share.n == len(np.unique(share.values.round(8)))
    best = np.isclose(found.values, found.values[0], rtol=0, atol=1e-9)
    assert best.sum() >= 2
    assert (share.values <= found.values[0] + 1e-9).sum() == 1


@pytest.mark.parametrize("begin", ["anywhere", "paths"])
def test_on_real_data_high_critical_points_are_saddles(begin):
    (found,) = minima_against_size(hidden=(2,), losses=1, starts=32, begin=begin)
    assert found.dimension == 2 * 3 + 3 * 3
    lowest, highest = found.values.argmin(), found.values.argmax()
    assert found.indices[lowest] < found.indices[highest]
    assert (found.indices[lowest] == 0) == (begin == "paths")  # from anywhere, what is low is far away
    assert (found.share.mean > 0) == (begin == "paths")
    # The highest is where all weights are 0: its loss is the entropy of the classes, at most ln 3.
    assert np.log(3) - 0.05 < found.values[highest] <= np.log(3) + 1e-12


WRONG = [
    (lambda: critical_points("bowel"), "did you mean 'bowl'"),
    (lambda: critical_points(3), "a surface or its name is needed, got int"),
    (lambda: critical_points("bowl", [[1.0]]), "has 2 dimensions"),
    (lambda: critical_points("bowl", [[11.0, 0.0]]), "is outside the domain"),
    (lambda: critical_points("bowl", count=0), "from 1, got 0"),
    (lambda: critical_points("bowl", steps=0), "steps must be a whole number from 1, got 0"),
    (lambda: critical_points("bowl", tolerance=0), "tolerance must be a number above 0, got 0"),
    (
        lambda: critical_points(own_surface(lambda x: jnp.sqrt(x[0]), 1, start=[4]), [[-1.0], [-2.0]]),
        "not finite at any of 2 starts",
    ),
    (lambda: random_function(0), "dimension must be a whole number from 1"),
    (lambda: random_function(2, -1), "seed must be a whole number from 0"),
    (lambda: random_function(2, waves=0), "waves must be"),
    (lambda: expected_index_shares(0), "dimension must be"),
    (lambda: minima_against_dimension(()), "there is no dimension"),
    (lambda: minima_against_dimension((2,), begin="lo"), "did you mean 'low'"),
    (lambda: minima_against_dimension((2,), functions=0), "functions must be"),
    (lambda: minima_against_size("diabetes"), "is for regression"),
    (lambda: minima_against_size(hidden=()), "there is no number of hidden units"),
    (lambda: minima_against_size(losses=0), "losses must be"),
    (lambda: minima_against_size(components=5), "has 4 columns that vary, less than 5"),
    (lambda: minima_against_size(begin="path"), "did you mean 'paths'"),
    (lambda: network_surface(np.zeros((3, 2)), np.zeros(2, int), 1), "do not fit"),
    (lambda: network_surface(np.zeros((3, 2)), np.zeros(3, int), 1), "at least two classes"),
    (lambda: network_surface(np.zeros((3, 2)), np.array([0, 1, 1]), 0), "hidden must be"),
    (lambda: network_surface(np.zeros((3, 2)), np.array([0, 1, 1]), 1, l2_penalty=0), "must be a number above 0"),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_cannot_be_searched_is_refused_in_one_line(make, message):
    with pytest.raises(LandscapeError) as error:
        make()
    assert message in str(error.value)
    assert "\n" not in str(error.value)
