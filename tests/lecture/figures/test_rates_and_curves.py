"""Figures of learning rates, schedules and curves, drawn from networks whose observations are given."""

from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.lecture.figures.babysitting import learning_curves
from trainwell.lecture.figures.optimization import learning_rates, schedules

NAN = float("nan")


def test_a_diverged_network_is_drawn_to_where_it_leaves(untrained) -> None:
    given = untrained(
        {
            "good": [{"loss/last_batch": [2.0, 1.0, 0.5, 0.25] * 5}] * 2,
            "high": [{"loss/last_batch": [2.0] * 20}, {"loss/last_batch": [2.0, 3.0, 50.0, *[NAN] * 17]}],
        }
    )
    content = learning_rates.draw(given)
    (drawing,) = content.drawings
    *_, mean, path, cross = [trace for trace in drawing.chart.data if trace.fill is None]
    np.testing.assert_allclose(mean.y, 2)  # of the seed that was trained to the end
    assert list(path.x) == [1, 2, 3]
    assert list(path.y) == [2, 3, learning_rates.TOP]
    assert (cross.x[0], cross.y[0], cross.marker.symbol) == (3, learning_rates.TOP, "x")
    assert "with 1 of 2 seeds it diverges within 4 updates" in drawing.said
    good, high = content.series
    assert good.seeds.shape == high.seeds.shape == (2, 20)


def test_schedules_are_their_formulas_and_drops_are_found(untrained) -> None:
    losses = {"loss/training": [2.0, 1.5, 1.0, *[0.5] * 7], "loss/validation": [2.0] * 10}
    given = untrained({"step decay": [losses], "constant": [losses]})
    run = given.runs["step decay"][0]
    run.members = [SimpleNamespace(seed=0, recipe=run.members[0].recipe.evolve(schedule="step"))]
    content = schedules.draw(given)
    t = schedules.TIMES
    found = {one.label: one.seeds[0] for one in content.series}
    np.testing.assert_allclose(found["exponential: factor"], np.exp(-0.05 * t))
    np.testing.assert_allclose(found["1/(1 + kt): factor"], 1 / (1 + 0.1 * t))
    np.testing.assert_allclose(found["cosine: factor"], (1 + np.cos(np.pi * t / 100)) / 2, atol=1e-15)
    np.testing.assert_allclose(found["linear: factor"], 1 - t / 100, atol=1e-15)
    np.testing.assert_allclose(found["1/√(1 + t): factor"], (1 + t) ** -0.5)
    steps = found["step: a tenth at 30, 60 and 90: factor"]
    np.testing.assert_allclose(steps, 10.0 ** -(np.searchsorted([30, 60, 90], t, side="right")))
    table = content.tables["Training loss around each drop"]
    assert [row.cells[0] for row in table.rows] == ["3", "6", "9"]  # of 10 epochs
    assert table.rows[0].cells[1:3] == (f"{(2 + 1.5 + 1) / 3:.3g}", "0.5")
    keys = [{chip.key for chip in one.contenders} for one in content.drawings]
    assert not keys[0] & keys[1]  # each chart has its own buttons


def test_curves_of_three_recipes(untrained) -> None:
    names = learning_curves.SETTING.shown.values()
    given = untrained(
        {
            label: [{name: [0.1 + i, 0.4 + i, 0.3 + i] for i, name in enumerate(names)}]
            for label in learning_curves.CONTENDERS
        }
    )
    content = learning_curves.draw(given)
    accuracies, losses = content.drawings
    assert "healthy: training 1.3, validation 0.3, at best 0.4;" in accuracies.said
    assert "not learning: training 3.3, validation 2.3, at best 2.1." in losses.said
    assert [len(one.chart.data) for one in content.drawings] == [6, 6]
    assert pytest.approx([1.3]) == content.series[1].seeds[:, -1]
