"""What the charts of a search draw, against the numbers they were given."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from reference.search_results import LARGE, SMALL, search
from trainwell.display import BEST, STATES, UNUSED, errors_of, shade
from trainwell.report.tuning import charts
from trainwell.search import Importance, metric_scale, scales_of, trials_chart, trials_of
from trainwell.training import Choices

CHARTS = (charts.best_curves, charts.importance, charts.parallel, trials_chart, charts.ranges)


def of_kind(figure, kind, name=None):
    return [t for t in figure.data if t.meta[1] == kind and name in (None, t.meta[0])]


def test_choices_of_numbers_are_in_their_order():
    axes = SimpleNamespace(axes={"width": Choices((256, 32, 64)), "batch_size": Choices(("full", 32))})
    found = scales_of(replace(search(), space=axes, importance={}))
    assert [axis.labels for axis in found] == [("32", "64", "256"), ("full", "32")]


def test_the_most_important_axis_comes_first():
    result = replace(search(), importance=dict.fromkeys(("momentum", "learning_rate", "optimizer"), share(0.3)))
    assert [axis.name for axis in scales_of(result)] == ["momentum", "learning_rate", "optimizer"]


def test_good_trials_are_strong():
    result = search(every_pruned=0, every_diverged=0)
    strong = {trial.number: trial.strength for trial in trials_of(result)}
    ranked = [trial.number for trial in result.ranked()]
    assert strong[ranked[0]] == 1
    assert [strong[n] for n in ranked] == sorted(strong.values(), reverse=True)
    assert all(strong[n] == 0 for n in ranked[len(ranked) // 2 + 1 :])
    assert shade(0.0) != shade(1.0)


@pytest.mark.parametrize("metric", ["accuracy", "loss", "r2"])
def test_progress_by_hand(metric):
    result = search(metric=metric)
    figure = trials_chart(result)
    (best,) = of_kind(figure, "best")
    complete = [t for t in result.trials if t.state == "complete"]
    pick = min if metric == "loss" else max
    assert list(best.y)[:-1] == pytest.approx([pick(t.value for t in complete[: i + 1]) for i in range(len(complete))])
    assert best.x[-1] == result.trials[-1].number
    for state in ("complete", "pruned", "diverged"):
        (dots,) = of_kind(figure, state)
        assert list(dots.x) == [t.number for t in result.trials if t.state == state]
    (stars,) = [
        [n for n, s in zip(t.x, t.marker.symbol, strict=True) if s == "star"] for t in of_kind(figure, "complete")
    ]
    assert stars == [result.ranked()[0].number]
    assert [shape.x0 for shape in figure.layout.shapes] == [19.5]
    low, high = figure.layout.yaxis.range
    crosses = np.array(of_kind(figure, "diverged")[0].y)
    values = [t.value for t in result.trials if t.state != "diverged"]
    if metric == "loss":
        assert max(values) < crosses[0] < 10**high
    else:
        assert low < crosses[0] < min(values)


def test_bands_are_the_ranges_of_the_rounds():
    result = search(trials=60)
    figure = charts.ranges(result)
    (band,) = of_kind(figure, "band", "learning_rate")
    extents = [one.extents["learning_rate"] for one in result.rounds]
    assert list(band.y) == [0, 1, 2]
    assert np.array(band.base) == pytest.approx([np.log10(e.low) for e in extents])
    assert np.array(band.base) + np.array(band.x) == pytest.approx([np.log10(e.high) for e in extents])
    assert "narrowed to" in band.customdata[1]
    (words,) = of_kind(figure, "band", "optimizer")
    alive = [(row, k) for row, one in enumerate(result.rounds) for k in range(len(one.extents["optimizer"].choices))]
    assert list(zip(words.y, np.array(words.base) + np.array(words.x) / 2, strict=True)) == [
        (row, pytest.approx(k)) for row, k in alive
    ]


def test_dots_lie_at_their_values_in_their_rounds():
    result = search(trials=60)
    figure = charts.ranges(result)
    for state in ("complete", "pruned", "diverged"):
        (dots,) = of_kind(figure, state, "learning_rate")
        trials = {t.number: t for t in result.trials if t.state == state}
        numbers = [int(text[0].split()[1].rstrip(":")) for text in dots.customdata]
        assert sorted(numbers) == sorted(trials)
        assert list(dots.x) == pytest.approx([np.log10(trials[n].values["learning_rate"]) for n in numbers])
        assert [round(y) for y in dots.y] == [n // 20 for n in numbers]
    shown = sum(len(of_kind(figure, state, "momentum")[0].x) for state in STATES if of_kind(figure, state, "momentum"))
    assert shown == sum("momentum" in t.values for t in result.trials) < 60


def test_without_rounds_there_is_one_row():
    figure = charts.ranges(search(per_round=0))
    (band,) = of_kind(figure, "band", "learning_rate")
    assert (list(band.base), list(band.x)) == ([-4], [4])
    assert list(figure.layout.yaxis.range) == [0.5, -0.5]


def test_every_line_passes_through_its_values():
    result = search(every_pruned=5, every_diverged=9)
    figure = charts.parallel(result)
    seen = {}
    for state in ("complete", "pruned", "diverged"):
        for trace in of_kind(figure, state):
            for x, y, number in zip(trace.x, trace.y, trace.customdata, strict=True):
                if number is not None:
                    seen.setdefault(number, {})[y] = x
    axes = scales_of(result)
    assert sorted(seen) == list(range(40))
    for trial in result.trials:
        points = seen[trial.number]
        for row, axis in enumerate(axes):
            expected = axis.share(trial.values[axis.name]) if axis.name in trial.values else UNUSED
            assert points[row] == pytest.approx(expected, abs=0.016)
        assert (len(axes) in points) == (trial.state != "diverged")
        if trial.state != "diverged":
            assert points[len(axes)] == pytest.approx(metric_scale(result).share(trial.value))
    best = [t for t in figure.data if t.line.color == BEST]
    assert {n for t in best for n in t.customdata if n is not None} == {result.ranked()[0].number}


def test_best_curves_are_the_best_trials():
    result = search(every_pruned=0)
    figure = charts.best_curves(result)
    best = [t for t in result.ranked() if t.state != "diverged"][:20]
    for kind, name, dash in (("validation", "validation", "solid"), ("training", "training", "dash")):
        lines = of_kind(figure, kind)
        assert len(lines) == 20
        assert {line.line.dash for line in lines} == {dash}
        for line, trial in zip(lines, best, strict=True):
            assert list(line.y) == pytest.approx(list(getattr(trial.curve, name)))
    assert figure.layout.annotations[0].text == f"Best-1: {best[0].value:.3f}"
    assert {line.xaxis for line in of_kind(figure, "training")} == {"x", *(f"x{i}" for i in range(2, 21))}


def near_one(result):
    """The same search with a thousandth of its errors, which no linear axis shows."""
    return replace(
        result,
        trials=tuple(
            replace(
                one,
                value=1 - (1 - one.value) / 1000,
                curve=replace(one.curve, validation=1 - (1 - one.curve.validation) / 1000),
            )
            for one in result.trials
        ),
    )


def test_where_scores_crowd_at_one_their_errors_are_drawn():
    result = near_one(search())
    figure = trials_chart(result)
    assert (figure.layout.yaxis.type, figure.layout.yaxis.title.text) == ("log", "Validation error: 1 − accuracy")
    complete = [t for t in result.trials if t.state == "complete"]
    (best,) = of_kind(figure, "best")
    lowest = [min(1 - t.value for t in complete[: i + 1]) for i in range(len(complete))]
    assert list(best.y)[:-1] == pytest.approx(lowest)
    (dots,) = of_kind(figure, "complete")
    assert list(dots.y) == pytest.approx([1 - t.value for t in complete])
    low, high = figure.layout.yaxis.range
    assert 10**low < min(dots.y) < max(dots.y) < 10**high
    curves = charts.best_curves(result)
    assert curves.layout.yaxis.type == "log"
    first = result.ranked()[0]
    assert list(of_kind(curves, "validation")[0].y) == pytest.approx(list(1 - first.curve.validation))
    assert trials_chart(search(metric="loss")).layout.yaxis.title.text == "Validation loss"


def test_an_error_of_zero_is_at_half_the_smallest_other():
    assert list(errors_of([0.75, 1.0, 0.5])) == [0.25, 0.125, 0.5]
    assert np.isnan(errors_of([np.nan, 0.5])[0])


def test_pruned_trials_among_the_best_are_called_so():
    figure = charts.best_curves(search(trials=12, every_pruned=2))
    titles = [note.text for note in figure.layout.annotations]
    assert sum(title.endswith(", pruned") for title in titles) > 0
    assert not titles[0].endswith(", pruned")


def share(value, *, low=0.0, where=""):
    return Importance(value, low, 1.0, 40, where)


def test_importance_is_sorted():
    every = {"b": share(0.799, low=0.5), "a": share(0.2), "c": share(0.001), "d": share(0.3, where="where a is 1")}
    (bars,) = charts.importance(replace(search(), importance=every)).data
    assert list(bars.y) == ["d<br>where a is 1, n = 40", "c", "a", "b"]
    assert [text.split(" [")[0] for text in bars.customdata] == ["30%", "under 1%", "20%", "80%"]
    assert bars.customdata[3] == "80% [50%, 100%], n = 40"
    assert bars.error_x.arrayminus[3] == pytest.approx(0.299)
    assert len(set(bars.marker.color[1:])) == 1 != len(set(bars.marker.color))


@pytest.mark.parametrize("chart", CHARTS)
def test_names_are_never_markup(chart):
    nasty = "<img src=x onerror=alert(1)>"
    result = search(SMALL, 30)
    trials = tuple(
        replace(
            t,
            values={(nasty if n == "optimizer" else n): nasty if n == "optimizer" else v for n, v in t.values.items()},
        )
        for t in result.trials
    )
    rounds = tuple(
        replace(
            one,
            extents={nasty: replace(one.extents["optimizer"], choices=(nasty,))},
            reasons={nasty: nasty},
        )
        for one in result.rounds
    )
    axes = SimpleNamespace(axes={**result.space.axes, nasty: Choices((nasty, "b"))})
    text = chart(replace(result, space=axes, trials=trials, rounds=rounds, importance={nasty: share(1.0)})).to_json()
    assert "<img" not in text
    assert ("&lt;img" in text) == (chart is not trials_chart)  # which names no parameter


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("case", ["none", "one", "lost", "large", "equal"])
def test_any_search_can_be_drawn(chart, case):
    result = {
        "none": lambda: replace(search(trials=1), trials=(), rounds=(), importance={}),
        "one": lambda: search(trials=1),
        "lost": lambda: search(trials=9, every_diverged=1, every_pruned=0),
        "large": lambda: search(LARGE, 200, 50),
        "equal": lambda: replace(s := search(trials=3), trials=tuple(replace(t, value=0.5) for t in s.trials)),
    }[case]()
    if case == "lost":
        result = replace(result, trials=tuple(replace(t, state="diverged", value=float("nan")) for t in result.trials))
    figure = chart(result)
    json.loads(figure.to_json())
    assert all(trace.meta for trace in figure.data)
