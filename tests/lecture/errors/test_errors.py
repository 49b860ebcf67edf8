"""The documents' errors: what is computed as written and as it should be, against closed forms and steps by hand."""

from math import ceil, exp, log, pi, sqrt

import numpy as np
import pytest

from trainwell.lecture import DOCUMENT_ERRORS
from trainwell.lecture.errors.curvature import CONDITIONS
from trainwell.lecture.errors.rules import EPS, UPDATES_PER_EPOCH, WrongAdaGrad, WrongRMSProp, descended, heights
from trainwell.lecture.figures.figure import Series

pytestmark = pytest.mark.slow


def series(number: int) -> list[Series]:
    return list(DOCUMENT_ERRORS[number].content.series)


def test_all_ten_are_there_with_charts_whose_buttons_are_their_own() -> None:
    assert list(DOCUMENT_ERRORS) == list(range(1, 11))
    keys: dict[str, int] = {}
    for number, error in DOCUMENT_ERRORS.items():
        assert error.content.drawings
        for drawing in error.content.drawings:
            assert drawing.said.endswith(".")
            for chip in drawing.contenders:
                assert keys.setdefault(chip.key, number) == number
            switched = {trace.meta[2] for trace in drawing.chart.data} - {"all"}
            assert switched == {chip.key for chip in drawing.contenders}


def test_rmsprop_that_adds_stalls() -> None:
    steps, rho = WrongRMSProp(0.1), 0.9
    for _ in range(7):
        steps.update({"x": np.zeros(2)}, {"x": np.array([3.0, -2.0])})
    # h ← (1 + ρ) h + (1 − ρ) g², so h = (1 − ρ) g² ((1 + ρ)ᵗ − 1)/ρ
    np.testing.assert_allclose(steps.h, (1 - rho) * np.array([9.0, 4.0]) * ((1 + rho) ** 7 - 1) / rho, rtol=1e-12)
    right, wrong, adagrad = (one.seeds[0] for one in series(1)[:3])
    assert right.min() < 1e-4 < adagrad[-1] < wrong[-1]
    assert wrong[50] == pytest.approx(wrong[-1], rel=1e-6)  # it has stopped
    lengths = series(1)[4].seeds[0]
    assert lengths[0] == pytest.approx(0.1 / sqrt(0.1), rel=1e-6)
    assert lengths[60] / lengths[59] == pytest.approx(1 / sqrt(1.9), rel=1e-3)


def test_adagrad_that_adds_climbs() -> None:
    # the first step is the learning rate in every parameter, whatever the gradient
    np.testing.assert_allclose(descended(WrongAdaGrad(1.5), 1)[1], [-8.5, 3.5], rtol=1e-6)
    right, wrong = (one.seeds[0] for one in series(2))
    assert right[0] == wrong[0] == pytest.approx(49 / 20 + 4)
    assert (np.diff(right) < 0).all()
    assert (np.diff(wrong) > 0).all()


def test_adam_without_its_correction_takes_steps_of_the_wrong_size() -> None:
    right, wrong, at_one = series(3)[:3]
    t = wrong.x
    raw = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)  # m/√v under a gradient of 1
    np.testing.assert_allclose(right.seeds[0], 1, rtol=1e-6)
    np.testing.assert_allclose(wrong.seeds[0], raw, rtol=1e-5)
    np.testing.assert_allclose(at_one.seeds[0], raw * sqrt(0.001) / 0.1, rtol=1e-5)


def test_the_dropped_ratio_takes_the_signal_away_layer_by_layer() -> None:
    right, wrong, training = (one.seeds[0] for one in series(4))
    # without biases a ReLU network is homogeneous: each layer before brings one more factor of 0.15/0.85
    np.testing.assert_allclose(wrong / right, (0.15 / 0.85) ** np.arange(len(right)), rtol=1e-4)
    assert training[0] == pytest.approx(right[0], rel=1e-5)
    assert (right[1:] < training[1:]).all()
    assert (right > 0.5 * training).all()
    ((_, *table),) = DOCUMENT_ERRORS[4].content.tables.items()
    assert [row.cells[2] == row.cells[3] for row in table[0].rows] == [False, True]  # at 0.5 nobody sees it


def test_condition_numbers_say_how_long_a_descent_takes() -> None:
    right, wrong = series(5)
    np.testing.assert_allclose(right.x, CONDITIONS, rtol=1e-5)
    np.testing.assert_allclose(wrong.x * right.x[::-1], 1)
    # both coordinates shrink by (κ − 1)/(κ + 1) in every update, heights by its square
    needed = [ceil(log(1e-6) / (2 * log((k - 1) / (k + 1)))) for k in CONDITIONS]
    assert abs(right.seeds[0] - needed).max() <= 1  # κ itself is rounded
    rows = {row.cells[0]: row.cells[1:] for row in next(iter(DOCUMENT_ERRORS[5].content.tables.values())).rows}
    assert rows["bowl"] == ("20", "0.05")
    assert rows["booth"] == ("9", "0.11")


def test_bfgs_adds_a_matrix_of_rank_two() -> None:
    rows = next(iter(DOCUMENT_ERRORS[6].content.tables.values())).rows
    assert len(rows) == len(series(6)) == 4
    for row, values in zip(rows, series(6), strict=True):
        assert row.cells[1] == "2"
        assert values.seeds[0, 1] > 1e-3
        assert values.seeds[0, 2] < 1e-10
        assert float(str(row.cells[2])) < 1e-10 < 1e-3 < float(str(row.cells[3]))


def test_moments_are_biased_and_batch_normalization_is_not_between_0_and_1() -> None:
    m, raw_m, v, raw_v = series(7)
    error = 0.5 / sqrt(200)  # of one update's mean over the draws; averages have smaller ones
    assert abs(m.seeds - 1).max() < 4 * error
    assert abs(v.seeds - 1.25).max() < 4 * sqrt(2 * 0.5**4 + 4 * 0.5**2) / sqrt(200)
    np.testing.assert_allclose(raw_m.seeds, m.seeds * (1 - 0.9**m.x), rtol=1e-9)
    np.testing.assert_allclose(raw_v.seeds, v.seeds * (1 - 0.999**v.x), rtol=1e-9)
    outputs = DOCUMENT_ERRORS[7].content.drawings[0]
    panels = [np.asarray(trace.y) for trace in outputs.chart.data]
    middles = np.asarray(outputs.chart.data[0].x)
    density = np.exp(-(middles**2) / 2) / sqrt(2 * pi)
    assert abs(panels[0] - density).max() < 0.01  # the inputs are normal
    assert "66% is outside" in outputs.said  # of a standard normal 65.9%
    width = middles[1] - middles[0]
    assert (panels[1] * middles).sum() * width == pytest.approx(1, abs=0.05)  # shifted; little lies beyond the bins
    assert panels[2][(middles < 0) | (middles > 1 + width)].max() == 0


def test_no_direction_has_a_slope_at_a_saddle() -> None:
    slope, curvature, found, theory = series(8)
    assert abs(slope.seeds).max() == 0
    np.testing.assert_allclose(curvature.seeds[0], 2 * np.cos(2 * np.radians(curvature.x)), atol=1e-6)
    assert theory.seeds[0, 0] == 0  # in one dimension
    assert theory.seeds[0, 1] == pytest.approx(0.5, abs=0.01)
    assert found.seeds[0, -1] > 0.8 > found.seeds[0, 0] > 0.2
    assert (np.diff(theory.seeds[0]) > 0).all()


def test_where_eps_stands_decides_the_first_step_of_small_gradients() -> None:
    right, book, inside = series(9)
    g = right.x
    np.testing.assert_allclose(right.seeds[0], g / (g + EPS), rtol=1e-6)
    np.testing.assert_allclose(book.seeds[0], g / (g + EPS / sqrt(0.001)), rtol=1e-6)
    np.testing.assert_allclose(inside.seeds[0], g / np.sqrt(g**2 + EPS), rtol=1e-12)


def test_the_inverse_root_is_infinite_at_the_beginning() -> None:
    right, wrong, good, bad = series(10)
    np.testing.assert_allclose(right.seeds[0], 1 / np.sqrt(1 + right.x), rtol=1e-12)
    assert wrong.seeds[0, 0] == pytest.approx(sqrt(UPDATES_PER_EPOCH))
    assert np.isfinite(wrong.seeds).all()  # the first update itself has no value, and is not drawn
    point, expected = np.array([-7.0, 2.0]), []
    for update in range(5):
        expected.append(float(heights(point[None])[0]))
        point = point - 0.3 / sqrt((update + 1) / UPDATES_PER_EPOCH) * np.array([0.1, 2.0]) * point
    np.testing.assert_allclose(bad.seeds[0, :5], expected, rtol=1e-9)
    assert good.seeds[0, -1] < 1e-3
    assert bad.seeds.max() > exp(50)
    assert "inf" in DOCUMENT_ERRORS[10].content.notes[0]
