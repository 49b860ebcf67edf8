"""What the charts draw, against the numbers they were given."""

import json

import numpy as np
import pytest

from trainwell.display import GREY, MAX_STYLES
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, final_scores, loss_curves, score_curves


def traces(figure, label, kind):
    return [t for t in figure.data if t.meta[:2] == (label, kind) or list(t.meta[:2]) == [label, kind]]


def test_mean_line_and_band_by_hand(two):
    band, line = traces(score_curves(two), "sgd", "validation")
    assert np.asarray(line.x) == pytest.approx([1, 2, 3])
    # At epoch 3 the first member has stopped: the mean is of 0.7 and 0.9.
    assert np.asarray(line.y) == pytest.approx([1.4 / 3, 0.6, 0.8])
    assert line.text[2].endswith("n = 2")
    assert line.line.dash == "solid"
    points = [mean_interval(v, within=(0, 1)) for v in ([0.4, 0.5, 0.5], [0.5, 0.6, 0.7], [0.7, 0.9])]
    assert np.asarray(band.x) == pytest.approx([1, 2, 3, 3, 2, 1])
    assert np.asarray(band.y) == pytest.approx([p.high for p in points] + [p.low for p in points][::-1])


def test_training_is_dashed_and_batches_dotted(two):
    figure = loss_curves(two)
    assert figure.layout.yaxis.type == "log"
    assert traces(figure, "adam", "training")[1].line.dash == "dash"
    assert traces(figure, "adam", "batches")[1].line.dash == "dot"


def test_diverged_members_are_drawn_by_themselves(two):
    _, line, lost = traces(score_curves(two), "adam", "validation")
    assert np.asarray(line.y) == pytest.approx([0.8, 0.9, 0.96])
    assert np.asarray(lost.y) == pytest.approx([0.3])
    assert lost.marker.symbol == "x"


def test_band_ends_where_one_member_remains(population):
    trained = population([Recipe()], 2, [[0.4, 0.6], [0.5]], ["finished", "stopped"])
    band, line = traces(score_curves(trained), "adam", "validation")
    assert np.asarray(line.y) == pytest.approx([0.45, 0.6])
    assert set(np.asarray(band.x)) == {1.0}
    assert line.text[1] == "0.600, n = 1"


def test_loss_band_stays_on_a_logarithmic_axis(population):
    trained = population([Recipe()], 2, [[1.999, 1.5], [0.5, 1.4]])  # the interval of the first loss reaches below 0
    band, _ = traces(loss_curves(trained), "adam", "validation")
    low = 10 ** loss_curves(trained).layout.yaxis.range[0]
    assert np.min(band.y) == pytest.approx(low)
    assert low > 0


def test_more_than_ten_recipes_leave_the_worst_grey(population):
    recipes = [Recipe(learning_rate=0.001 * (i + 1)) for i in range(40)]
    trained = population(recipes, 2, [[0.01 * i + 0.001 * s] for i in range(40) for s in range(2)])
    lines = [t for t in score_curves(trained).data if t.meta[1] == "validation" and t.mode != "none"]
    colored = {t.meta[0] for t in lines if t.line.color != GREY}
    assert colored == {f"learning_rate={0.001 * (i + 1):g}" for i in range(40 - MAX_STYLES, 40)}
    assert len({(t.line.color, t.marker.symbol) for t in lines if t.line.color != GREY}) == MAX_STYLES
    assert all(t.showlegend is False for t in lines if t.line.color == GREY)
    assert len(lines) == 40


def test_final_scores_show_every_seed_and_the_interval(two):
    figure = final_scores(two)
    dots, interval = traces(figure, "adam", "final")
    assert np.asarray(dots.x) == pytest.approx([0.95, 0.97, np.nan], nan_ok=True)
    expected = mean_interval([0.95, 0.97], within=(0, 1))
    assert np.asarray(interval.x) == pytest.approx([expected.low, expected.mean, expected.high])
    assert list(figure.layout.yaxis.ticktext) == ["adam", "sgd"]


def test_nothing_finite_is_said(population):
    trained = population([Recipe()], 2, [[np.nan], [np.nan]], ["diverged"] * 2)
    figure = loss_curves(trained)
    assert figure.layout.annotations[0].text == "no finite loss was observed"
    assert not final_scores(trained).data


def test_a_single_point_is_marked(population):
    line = score_curves(population([Recipe()], 1, [[0.5]])).data[-1]
    assert line.mode == "lines+markers"


def test_figures_leave_what_they_draw_unchanged(two):
    before = {name: values.copy() for name, values in two.trace.values.items()}
    json.loads(loss_curves(two).to_json())
    for name, values in before.items():
        np.testing.assert_array_equal(two.trace[name], values)


def test_long_labels_keep_their_two_ends(two):
    figure = final_scores(two, ["a" * 20 + "b" * 20, "short"])
    assert list(figure.layout.yaxis.ticktext) == ["short", "a" * 12 + "…" + "b" * 17]
