"""Figures of optimizers: paths, fields, models and vectors against what they are by hand."""

import json
import math
from collections.abc import Callable

import numpy as np
import pytest

from trainwell.lecture import FIGURES, Made, make_figures
from trainwell.lecture.figures.figure import Content, Series
from trainwell.lecture.figures.optimization import momentum_vectors, noisy_paths, optimizers_racing
from trainwell.optim import RULES

PATHS = {"F-6-3": "SGD", "F-6-5": "Momentum", "F-6-6": "AdaGrad", "F-6-7": "Adam"}
IDS = ("F-6-1", "F-6-2", *PATHS, "F-6-4", "F-6-8", "F-C-1", "F-C-4", "F-C-7", "F-C-8", "F-C-9")
SEEDS = (0, 1)


@pytest.fixture(scope="module")
def made() -> dict[str, Made]:
    """Each figure once."""
    return {one.figure.id: one for one in make_figures([FIGURES[name] for name in IDS], seeds=SEEDS, size="small")}


@pytest.fixture(scope="module")
def contents(made: dict[str, Made]) -> dict[str, Content]:
    return {name: one.as_documented.content for name, one in made.items()}


def series(content: Content) -> dict[str, Series]:
    return {one.label: one for one in content.series}


def path(content: Content, label: str) -> np.ndarray:
    """The points of the first start, [T 2]."""
    found = series(content)
    return np.stack([found[f"{label}: {name}"].seeds[0] for name in ("x", "y")], 1)


def slope(point: np.ndarray) -> np.ndarray:
    """Of x²/20 + y²."""
    return np.array([point[0] / 10, 2 * point[1]])


def book_path(step: Callable[[np.ndarray, int], np.ndarray], count: int = 29) -> np.ndarray:
    """The book's loop: (−7, 2) and the points after each update, `step(gradient, t)`."""
    points = [np.array([-7.0, 2.0])]
    for t in range(1, count + 1):
        points.append(points[-1] + step(slope(points[-1]), t))
    return np.array(points)


def sgd(g: np.ndarray, t: int) -> np.ndarray:
    return -0.95 * g


def momentum() -> Callable[[np.ndarray, int], np.ndarray]:
    v = np.zeros(2)

    def step(g: np.ndarray, t: int) -> np.ndarray:
        v[:] = 0.9 * v - 0.1 * g
        return v.copy()

    return step


def adagrad() -> Callable[[np.ndarray, int], np.ndarray]:
    h = np.zeros(2)

    def step(g: np.ndarray, t: int) -> np.ndarray:
        h[:] += g * g
        return -1.5 * g / (np.sqrt(h) + 1e-7)

    return step


def adam() -> Callable[[np.ndarray, int], np.ndarray]:
    m, v = np.zeros(2), np.zeros(2)

    def step(g: np.ndarray, t: int) -> np.ndarray:
        m[:] += 0.1 * (g - m)
        v[:] += 0.001 * (g * g - v)
        return -0.3 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)

    return step


BY_HAND = {"SGD": lambda: sgd, "Momentum": momentum, "AdaGrad": adagrad, "Adam": adam}


@pytest.mark.parametrize("name", PATHS)
def test_paths_are_the_books(contents: dict[str, Content], name: str) -> None:
    label = PATHS[name]
    by_hand = book_path(BY_HAND[label]())
    np.testing.assert_allclose(path(contents[name], label), by_hand, atol=2e-5)
    np.testing.assert_allclose(path(contents["F-6-8"], label), by_hand, atol=2e-5)
    heights = series(contents[name])[f"{label}: height"]
    np.testing.assert_allclose(heights.seeds[0], by_hand[:, 0] ** 2 / 20 + by_hand[:, 1] ** 2, atol=2e-5)
    assert heights.x.tolist() == list(range(30))
    drawn = next(trace for trace in contents[name].drawings[0].chart.data if trace.meta[1] == "path")
    np.testing.assert_allclose(np.stack([drawn.x, drawn.y], 1), by_hand, atol=2e-5)


def test_the_ball_rolls_along_momentums_path_at_the_height_of_the_bowl(contents: dict[str, Content]) -> None:
    content = contents["F-6-4"]
    by_hand = book_path(momentum())
    ends = np.array([[-8.0, 4.0], [-2.6, 2.6], [0.0, 64 / 20 + 2.6**2]])  # of the box, x²/20 + y² at (−8, ±2.6)
    places = in_relief(np.stack([*by_hand.T, by_hand[:, 0] ** 2 / 20 + by_hand[:, 1] ** 2], 1), ends)
    drawn = next(trace for trace in content.drawings[0].chart.data if trace.meta[1] == "path")
    np.testing.assert_allclose(np.stack([drawn.x, drawn.y], 1), places, atol=1e-3)
    assert content.drawings[0].chart.layout.meta["times"] == list(range(30))


def in_relief(points: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Parallel projection of a box with sides 1.2, 1.2 and 0.6, turned by 150° and seen from 42° above."""
    x, y, z = (((points - ends[:, 0]) / (ends[:, 1] - ends[:, 0]) - 0.5) * [1.2, 1.2, 0.6]).T
    turn, above = math.radians(-150), math.radians(42)
    towards = x * math.cos(turn) + y * math.sin(turn)
    return np.stack([y * math.cos(turn) - x * math.sin(turn), z * math.cos(above) - towards * math.sin(above)], 1)


def test_the_bowl_is_20_times_as_curved_across_as_along(contents: dict[str, Content]) -> None:
    content = contents["F-6-1"]
    assert [row.cells[1] for row in content.tables["Curvature"].rows] == ["0.1", "2", "20"]
    for label, height in {"f(x, 0)": lambda x: x**2 / 20, "f(0, y)": lambda y: y**2}.items():
        one = series(content)[label]
        np.testing.assert_allclose(one.seeds[0], height(one.x), rtol=1e-5, atol=1e-6)
    areas = [trace for trace in content.drawings[0].chart.data if trace.meta[1] == "surface"]
    assert sum(len(trace.x) for trace in areas) == 24 * 24 * 6
    corner = in_relief(np.array([[10.0, 10.0, 105.0]]), np.array([[-10.0, 10.0], [-10.0, 10.0], [0.0, 105.0]]))[0]
    assert any(np.isclose(areas[-1].x, corner[0], atol=1e-5) & np.isclose(areas[-1].y, corner[1], atol=1e-5))


def test_arrows_of_the_field_are_negative_gradients(contents: dict[str, Content]) -> None:
    content, step = contents["F-6-2"], 1e-4
    for axis, name in enumerate("xy"):
        one = series(content)[f"−∂f/∂{name} along y = 2"]
        ends = [np.stack([one.x, np.full_like(one.x, 2.0)]) for _ in range(2)]
        ends[0][axis] -= step
        ends[1][axis] += step
        low, high = (x**2 / 20 + y**2 for x, y in ends)
        np.testing.assert_allclose(one.seeds[0], -(high - low) / (2 * step), atol=1e-5)
    arrows = next(trace for trace in content.drawings[0].chart.data if trace.meta[1] == "arrows")
    x, y = (np.array(part, float).reshape(-1, 3)[:, :2] for part in (arrows.x, arrows.y))
    ways = np.stack([x[:, 1] - x[:, 0], y[:, 1] - y[:, 0]], 1)
    down = -np.stack([x[:, 0] / 10, 2 * y[:, 0]], 1)
    longest = np.linalg.norm(down, axis=1).max()
    np.testing.assert_allclose(ways, 0.9 * down / longest, atol=2e-4)
    # At (−7, 2) the way down is (0.7, −4), the way to the minimum (7, −2).
    angle = math.degrees(math.atan2(4, 0.7) - math.atan2(2, 7))
    assert content.tables["Negative gradient and direction to the minimum"].rows[0].cells[2] == f"{angle:.0f}°"


def test_six_race_down_the_bowl_and_past_the_saddle(contents: dict[str, Content]) -> None:
    content, t = contents["F-C-1"], np.arange(61)
    np.testing.assert_allclose(path(content, "SGD"), np.stack([-7 * 0.905**t, 2 * (-0.9) ** t], 1), atol=1e-4)
    # SGD at the saddle: each update takes 0.9 of x and 1.1 of y.
    np.testing.assert_allclose(path(content, "saddle, SGD")[:60, 0], -1.5 * 0.9 ** np.arange(60), atol=1e-5)
    passed = content.tables["Past the saddle"].rows
    assert passed[0].cells[1] == str(math.ceil(math.log(1000) / math.log(1.1)))
    others = [int(str(row.cells[1])) for row in passed[1:]]
    assert max(others) < int(str(passed[0].cells[1]))
    for drawing, updates in zip(content.drawings, (60, 100), strict=True):
        assert drawing.chart.layout.meta["times"] == list(range(updates + 1))


def test_optimizers_at_a_glance_are_the_rules(contents: dict[str, Content]) -> None:
    rows = {row.cells[0]: row.cells for row in contents["F-C-1"].tables["The optimizers at a glance"].rows}
    assert list(rows) == ["sgd", "momentum_step", "nesterov", "adagrad", "rmsprop", "adam_folded"]
    for name, cells in rows.items():
        spec = RULES[str(name)]
        assert cells[2] == spec.formula
        assert cells[4] == spec.keeps
        assert cells[3] == ", ".join(f"{key} {value:g}" for key, value in spec.defaults.items())
    assert optimizers_racing.SIX["RMSProp"]["learning_rate"] == 0.3


def test_taylor_models_and_where_they_step_to(contents: dict[str, Content]) -> None:
    content = contents["F-C-4"]
    for name, at in {"curving-up": 2.6, "curving-down": 0.8}.items():
        value, first = at**4 / 4 - at**3 / 3 - at**2, at**3 - at**2 - 2 * at
        second = 3 * at**2 - 2 * at - 2
        found = series(content)
        x = found[f"{name}: the loss"].x
        line = value + first * (x - at)
        models = {"the loss": x**4 / 4 - x**3 / 3 - x**2, "first order": line}
        models["second order"] = line + second * (x - at) ** 2 / 2
        for label, by_hand in models.items():
            np.testing.assert_allclose(found[f"{name}: {label}"].seeds[0], by_hand, rtol=1e-4, atol=1e-4)
        arrows = [trace for trace in _chart(content, name).data if trace.meta[1] == "arrows"]
        ends = [trace.x[1] for trace in arrows]
        np.testing.assert_allclose(ends, [at - 0.05 * first, at - first / second], atol=1e-3)
    ends = [(trace.x[1], trace.y[1]) for trace in _chart(content, "bowl").data if trace.meta[1] == "arrows"]
    np.testing.assert_allclose(ends, [(-7 * 0.905, 2 * -0.9), (0, 0)], atol=1e-4)


def _chart(content: Content, name: str) -> object:
    return next(one.chart for one in content.drawings if one.name == name)


def test_sgd_stops_where_momentum_carries_on(contents: dict[str, Content]) -> None:
    found = series(contents["F-C-7"])
    slopes = {
        "local minimum": (-1.9, lambda x: x * (x + 1) * (x - 2)),
        "flat saddle": (-1.2, lambda x: x * x * (x - 2)),
    }
    rolls = {"local minimum": {"momentum"}, "flat saddle": {"momentum", "momentum, a tenth of the rate"}}
    for curve, (x, slope_at) in slopes.items():
        by_hand = [x]
        for _ in range(120):
            by_hand.append(by_hand[-1] - 0.05 * slope_at(by_hand[-1]))
        np.testing.assert_allclose(found[f"{curve}, SGD: x"].seeds[0], by_hand, atol=1e-5)
        for label in ("SGD", "momentum", "momentum, a tenth of the rate"):
            assert (found[f"{curve}, {label}: x"].seeds[0, -1] > 1) == (label in rolls[curve])
    assert found["local minimum, SGD: x"].seeds[0, -1] == pytest.approx(-1, abs=1e-4)


def test_vectors_are_those_of_the_two_rules(contents: dict[str, Content]) -> None:
    path_by_hand = book_path(momentum(), momentum_vectors.UPDATE)
    point, velocity = path_by_hand[-1], path_by_hand[-1] - path_by_hand[-2]
    found = series(contents["F-C-8"])
    for label, at in {"momentum": point, "Nesterov": point + 0.9 * velocity}.items():
        carried, pull, step = (found[f"{label}: {name}"].seeds[0] for name in momentum_vectors.VECTORS)
        np.testing.assert_allclose(carried, 0.9 * velocity, atol=1e-5)
        np.testing.assert_allclose(pull, -0.1 * slope(at), atol=1e-5)
        np.testing.assert_allclose(step, carried + pull, atol=1e-5)


def test_under_noise_momentums_path_is_smoother(made: dict[str, Made], contents: dict[str, Content]) -> None:
    content = contents["F-C-9"]
    assert made["F-C-9"].seeds == SEEDS
    found = series(content)
    assert found["SGD: x"].seeds.shape == (len(SEEDS), noisy_paths.STEPS + 1)
    assert (found["SGD: x"].seeds[0] != found["SGD: x"].seeds[1]).any()

    def lengths(label: str) -> np.ndarray:
        points = np.stack([found[f"{label}: {name}"].seeds for name in ("x", "y")], -1)
        return np.linalg.norm(np.diff(points, axis=1), axis=-1).sum(1)

    # The first update is the gradient with noise of standard deviation 1.
    noise = -(found["SGD: x"].seeds[:, 1] + 7) / 0.3 - (-0.7)
    same = -(found["momentum: x"].seeds[:, 1] + 7) / 0.03 - (-0.7)
    np.testing.assert_allclose(noise, same, atol=1e-3)
    assert (lengths("momentum") < lengths("SGD") / 2).all()
    (table,) = content.tables.values()
    assert not any("[−" in str(cell) for row in table.rows for cell in row.cells)  # none of these is below 0


@pytest.mark.parametrize("name", IDS)
def test_every_chart_says_what_it_shows_and_is_small(contents: dict[str, Content], name: str) -> None:
    charts = [one.chart for one in contents[name].drawings]
    assert sum(len(chart.to_json()) for chart in charts) < 250_000
    for drawing in contents[name].drawings:
        assert any(letter.isdigit() for letter in drawing.said)
        assert all(len(trace.meta) == 3 for trace in drawing.chart.data)
        keys = {trace.meta[2] for trace in drawing.chart.data}
        assert {chip.key for chip in drawing.contenders} <= keys
    for one in contents[name].series:
        assert one.seeds.shape[1] == len(one.x)
        json.dumps(one.label)


def test_code_on_the_pages_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(FIGURES["F-6-5"].python, {})  # noqa: S102
    exec(FIGURES["F-6-2"].python, {})  # noqa: S102
    exec(FIGURES["F-C-4"].python, {})  # noqa: S102
    said = capsys.readouterr().out
    assert "[-7." in said
    assert "[ 0.7 -4. ]" in said
