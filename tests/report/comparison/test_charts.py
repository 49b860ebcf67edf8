"""What the charts of a comparison draw, against the numbers they were given."""

import json

import numpy as np
import pytest

from reference.comparisons import comparison, comparisons, normal
from trainwell.comparison import Comparison, Terms, across_chart, is_spread_out, rank_order, ranking_chart
from trainwell.display import Style, styles
from trainwell.report.comparison import charts
from trainwell.training import Choices, Range

LABELS = ("slow", "good", "best")
VALUES = [[0.90, 0.91, 0.92], [0.95, 0.96, 0.97], [0.96, 0.97, 0.98]]


def drawn(part: Comparison) -> list[Style]:
    return styles(part.ranking())


def of(figure, label, mode=None):
    return [t for t in figure.data if t.meta[0] == label and mode in (None, t.mode)]


def test_ranking_draws_every_run_and_the_mean_with_its_interval():
    part = comparison(LABELS, VALUES, data="digits")
    figure = ranking_chart(part, drawn(part))
    assert list(figure.layout.yaxis.ticktext) == ["1. best", "2. good", "3. slow"]
    (dots,) = of(figure, "good", "markers")
    assert list(dots.x) == pytest.approx([95, 96, 97])
    assert [round(y) for y in dots.y] == [1, 1, 1]
    assert len(set(dots.y)) == 3
    (line,) = of(figure, "good", "lines+markers")
    assert list(line.x) == pytest.approx([96 - 2.4841, 96, 96 + 2.4841], abs=1e-3)  # t = 4.3027, s = 1, n = 3
    low, high = figure.layout.xaxis.range
    assert low < 90
    assert high > 98


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_diverged_runs_are_crosses_at_what_they_count_as(metric):
    times = {"accuracy": 100, "loss": 1}[metric]
    lost = [(1, 0), (1, 1), (1, 2)]
    part = comparison(LABELS[:2], VALUES[:2], data="digits", terms=Terms(metric=metric), diverged=lost)
    figure = ranking_chart(part, drawn(part))
    (dots,) = of(figure, "good", "markers")
    assert list(dots.marker.symbol) == ["x-thin"] * 3
    counted = {"accuracy": [0.1] * 3, "loss": [part.guessing_score] * 3}[metric]  # guessing is worse than the others
    assert list(dots.x) == pytest.approx([times * value for value in counted], rel=0.02)
    (line,) = of(figure, "good", "lines+markers")
    assert line.x[1] == pytest.approx(dots.x[0], rel=0.02)
    assert "diverged, counts as" in dots.customdata[2]
    part = comparison(LABELS, VALUES, data="digits", terms=Terms(metric=metric), diverged=lost)  # now it is far behind
    figure = ranking_chart(part, drawn(part))
    (dots,), (arrow,) = of(figure, "good", "markers"), of(figure, "good", "markers+text")
    assert dots.x[0] == arrow.x[0]
    assert arrow.marker.symbol == {"accuracy": "arrow-left", "loss": "arrow-right"}[metric]


def test_where_a_finished_run_is_worse_the_cross_stands_with_it():
    values = [[1.0, 1.1], [7.5, 7.6], [1.2, 1.3]]  # guessing comes to about 2.3
    part = comparison(LABELS, values, data="digits", terms=Terms(metric="loss"), diverged=[(2, 0), (2, 1)])
    figure = ranking_chart(part, drawn(part))
    (dots,) = of(figure, "best", "markers")
    assert list(dots.x) == pytest.approx([7.5, 7.6])
    assert list(dots.marker.symbol) == ["x-thin"] * 2


def test_a_diverged_run_beyond_the_axis_is_a_cross_at_its_end():
    part = comparison(LABELS, [[0.97 + 0.001 * s for s in range(12)]] * 3, data="digits", diverged=[(1, 2)])
    figure = ranking_chart(part, drawn(part))
    (dots,) = of(figure, "good", "markers")
    low, high = figure.layout.xaxis.range
    assert low > 15  # which guessing, 10, would be left of
    assert low < dots.x[2] < low + 0.02 * (high - low)
    assert dots.marker.symbol[2] == "x-thin"


def test_a_contender_far_behind_does_not_flatten_the_others():
    labels = [f"c{k}" for k in range(5)]
    values = [*([0.95 + 0.001 * k, 0.951 + 0.001 * k] for k in range(4)), [0.1, 0.1]]
    part = comparison(labels, values, data="digits")
    figure = ranking_chart(part, drawn(part))
    low, high = figure.layout.xaxis.range
    assert low > 90
    (arrow,) = of(figure, "c4", "markers+text")
    assert arrow.marker.symbol == "arrow-left"
    assert arrow.text[0].strip() == "10.00"
    assert low < arrow.x[0] < high
    (dots,) = of(figure, "c4", "markers")
    assert set(dots.marker.symbol) == {"triangle-left-open"}


def test_on_the_whole_axis_nobody_is_cut_off():
    labels = [f"c{k}" for k in range(5)]
    values = [*([0.95 + 0.001 * k, 0.951 + 0.001 * k] for k in range(4)), [0.1, 0.1]]
    part = comparison(labels, values, data="digits")
    assert is_spread_out(part)
    figure = ranking_chart(part, drawn(part), whole=True)
    low, high = figure.layout.xaxis.range
    for label, own in zip(labels, values, strict=True):
        (dots,) = of(figure, label, "markers")
        assert list(dots.x) == pytest.approx([100 * value for value in own])
        assert all(low < x < high for x in dots.x)
        assert set(dots.marker.symbol) == {"circle"}
    assert not is_spread_out(comparison(labels[:4], values[:4], data="digits"))


def test_one_seed_has_a_dot_and_no_interval():
    part = comparison(LABELS, [[0.9], [0.95], [0.96]], data="digits")
    figure = ranking_chart(part, drawn(part))
    assert [(len(t.x), t.mode) for t in figure.data] == [(1, "markers")] * 3


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_the_forest_has_the_better_one_first(metric):
    means = {"accuracy": (0.9, 0.95, 0.952), "loss": (0.5, 0.4, 0.396)}[metric]
    values = [normal(k, mean, 0.001, 30) for k, mean in enumerate(means)]
    part = comparison(LABELS, values, data="digits", terms=Terms(metric=metric, margin=0.01))
    figure = charts.forest(part)
    assert [name.rstrip(" ▲△≈?") for name in figure.layout.yaxis.ticktext] == [
        *("best over slow", "good over slow", "best over good"),
    ]
    times = 100 if metric == "accuracy" else 1
    for row, pair in enumerate((part.pair(0, 2), part.pair(0, 1), part.pair(1, 2))):
        trace, one = figure.data[row], pair.decision
        assert trace.x[0] == pytest.approx(times * abs(one.difference))
        ends = sorted(times * abs(end) for end in (one.low, one.high))
        assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(ends[0])
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(ends[1])
    (band,) = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert (band.x0, band.x1) == pytest.approx((-0.01 * times, 0.01 * times))
    assert figure.data[0].marker.symbol == "circle"
    assert figure.data[2].marker.symbol == "circle-open"  # told apart, but by less than the margin


def test_sensitivity_puts_trials_at_their_learning_rates():
    part = comparison(LABELS, VALUES, data="digits")
    figure = charts.sensitivity(part, drawn(part))
    tuning = part.tunings[1]
    trials = {t.number: t for t in tuning.search.trials}
    line, crosses, again = of(figure, "good")
    complete = sorted((t for t in trials.values() if t.state == "complete"), key=lambda t: t.values["learning_rate"])
    assert list(line.x) == pytest.approx([np.log10(t.values["learning_rate"]) for t in complete])
    assert list(line.y) == pytest.approx([-np.log10(1 - t.value) for t in complete])  # the error, logarithmic
    lost = [t for t in trials.values() if t.state == "diverged"]
    assert len(lost) == len(crosses.x) > 0
    assert sorted(crosses.x) == pytest.approx(sorted(np.log10(t.values["learning_rate"]) for t in lost))
    assert figure.layout.yaxis.range[0] < crosses.y[0] < min(line.y)
    assert len(set(crosses.y)) == 1
    assert list(again.marker.symbol) == ["star", "circle-open", "circle-open"]
    assert list(again.y) == pytest.approx([-np.log10(1 - one.score.mean) for one in tuning.candidates])
    assert again.x[0] == pytest.approx(np.log10(tuning.recipe.learning_rate))
    above = [np.log10((1 - one.score.mean) / (1 - one.score.high)) for one in tuning.candidates]
    assert list(again.error_y.array)[1:] == pytest.approx(above[1:])
    assert list(figure.layout.xaxis.range) == pytest.approx([-5.12, 1.12])


def test_other_tuned_fields_have_panels_of_their_own():
    tune = {"learning_rate": Range(1e-4, 1.0, log=True), "batch_size": Choices((32, 64))}
    part = comparison(LABELS, VALUES, data="digits", terms=Terms(tune=tune))
    figure = charts.sensitivity(part, drawn(part))
    assert [note.text for note in figure.layout.annotations] == ["learning_rate", "batch_size"]
    assert {t.xaxis for t in figure.data} == {"x", "x2"}
    sizes = [t for t in figure.data if t.xaxis == "x2" and t.meta[0] == "slow" and "one seed" in t.customdata[0]]
    assert {round(x) for x in sizes[0].x} == {0, 1}
    assert list(figure.layout.xaxis2.ticktext) == ["32", "64"]


def test_losses_rise_to_the_worse_edge():
    values = [[0.30, 0.31], [0.20, 0.21], [0.010, 0.011]]
    part = comparison(LABELS, values, data="digits", terms=Terms(metric="loss"))
    figure = charts.sensitivity(part, drawn(part))
    crosses = [t for t in figure.data if "diverged" in t.customdata[0]]
    lines = [t for t in figure.data if "one seed" in t.customdata[0]]
    assert min(y for t in crosses for y in t.y) > max(y for t in lines for y in t.y)
    low, high = figure.layout.yaxis.range
    assert low < np.log10(0.010) < np.log10(0.5) < high
    (at,) = [y for y, text in zip(*ticks(figure), strict=True) if text == "0.1"]
    assert at == pytest.approx(-1)


def ticks(figure):
    return figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext


def test_crosses_that_would_coincide_are_all_seen():
    part = comparison(LABELS, VALUES, data="digits", terms=Terms(tune={"learning_rate": Choices((0.1, 5.0))}))
    figure = charts.sensitivity(part, drawn(part))
    crosses = [t for t in figure.data if "diverged" in t.customdata[0]]
    assert len(crosses) == 3
    assert len({y for t in crosses for y in t.y}) == 3  # a row for each contender
    for k, label in enumerate(LABELS):
        (one,) = [t for t in crosses if t.meta[0] == label]
        lost = sum(t.state == "diverged" for t in part.tunings[k].search.trials)
        assert list(one.text) == [f" {lost}"]
        assert one.customdata[0] == f"learning_rate 5: {lost} trials diverged"
    low = figure.layout.yaxis.range[0]
    assert low < min(y for t in crosses for y in t.y)


@pytest.mark.parametrize("data_sets", [2, 4])
def test_ranks_that_cannot_be_told_apart_have_no_critical_difference(data_sets):
    parts = [comparison(LABELS, [normal(9 * i + k, 0.8, 0.01, 10) for k in range(3)]) for i in range(data_sets)]
    ranks = across_chart(comparisons(*parts).across, LABELS, drawn(parts[0]))
    (note,) = ranks.layout.annotations
    bars = [t for t in ranks.data if t.meta[0] == "" and t.mode == "lines+markers"]
    assert (note.text, len(bars)) == {
        2: ("too few data sets for significant differences of ranks", 0),
        4: ("critical difference 1.66", 1),  # 2.343 · √(3 · 4 / 24)
    }[data_sets]


def test_time_to_the_target_by_hand():
    part = comparison(("a", "b"), [[0.9, 0.9, 0.5], [0.95] * 3], data="digits", terms=Terms(target_score=0.9))
    figure = charts.target(part, drawn(part))
    assert list(figure.layout.yaxis.ticktext) == ["b", "a"]  # without numbers, which would not be the ranking's
    epochs = part.runs.trace.epochs[0]
    (dots,) = of(figure, "a", "markers")
    assert list(dots.x[:2]) == [epochs[-1]] * 2  # only its last observation is 0.9
    assert dots.marker.symbol[2] == "x-thin"
    assert dots.customdata[2] == "seed 2: never reached it"
    (quick,) = of(figure, "b", "markers")
    assert list(quick.x) == [epochs[-2] if 0.95 * (1 - 0.6 / 2**4) >= 0.9 else epochs[-1]] * 3


def test_over_data_sets():
    parts = [comparison(LABELS, [normal(10 * i + k, 0.8 + 0.05 * k, 0.01, 10) for k in range(3)]) for i in range(4)]
    across = comparisons(*parts).across
    look = drawn(parts[0])
    assert rank_order(across) == [2, 1, 0]
    ranks = across_chart(across, LABELS, look)
    assert [t.x[0] for t in ranks.data[:3]] == [1, 2, 3]
    strokes = [t for t in ranks.data if t.mode == "lines"]
    assert [tuple(round(y) for y in t.y) for t in strokes] == [(0, 1), (1, 2)]  # 1.66 is needed to tell ranks apart
    (bar,) = [t for t in ranks.data if t.meta[0] == "" and t.mode == "lines+markers"]
    assert bar.x[1] - bar.x[0] == pytest.approx(2.343 * np.sqrt(3 * 4 / 24), abs=2e-3)  # Demšar (2006), table 5a
    profiles = charts.profiles(across, LABELS, look)
    (line,) = of(profiles, "good", "lines")
    runs = np.concatenate(across.normalised[1])
    assert list(line.y) == pytest.approx([(runs > x).mean() for x in line.x])
    together = charts.aggregates(across, LABELS, look, [f"d{i}" for i in range(4)])
    (dots,) = of(together, "best", "markers")
    assert list(dots.x) == pytest.approx(list(np.concatenate(across.normalised[2])))
    assert [text.partition(":")[0] for text in dots.customdata[::10]] == ["d0", "d1", "d2", "d3"]


def test_many_contenders_share_grey_but_for_the_best():
    labels = [f"c{k}" for k in range(50)]
    part = comparison(labels, [[0.5 + 0.008 * k] * 2 for k in range(50)], data="digits")
    look = drawn(part)
    assert [style.own for style in look] == [False] * 40 + [True] * 10
    figure = ranking_chart(part, look)
    assert {t.meta[2] for t in of(figure, "c3")} == {"rest"}
    assert {t.meta[2] for t in of(figure, "c49")} == {"49"}
    assert figure.layout.height > 50 * 24


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
@pytest.mark.parametrize("seeds", [1, 3])
def test_wholly_diverged_contenders_are_drawn_with_finite_axes(metric, seeds):
    lost = [(k, s) for k in range(3) for s in range(seeds)]
    part = comparison(LABELS, [[0.9] * seeds] * 3, data="digits", terms=Terms(metric=metric), diverged=lost)
    look = drawn(part)
    for chart in (
        ranking_chart(part, look),
        charts.target(part, look),
        charts.forest(part),
        charts.sensitivity(part, look),
    ):
        low, high = chart.layout.xaxis.range
        assert np.isfinite([low, high]).all()
        assert low < high
        json.loads(chart.to_json())
