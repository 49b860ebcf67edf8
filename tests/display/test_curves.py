"""Learning curves: how many of their points are drawn."""

import numpy as np
import pytest

from trainwell.display import Curve, curve_chart, styles


def curve(count, kind="validation", lost=()):
    points = np.arange(count, dtype=float)
    texts = [f"at {i}" for i in range(count)]
    return Curve(0, "adam", styles([0])[0], kind, points, 1 + points, points, 2 + points, texts, lost)


@pytest.mark.parametrize(("count", "number", "drawn"), [(30, 3, 30), (1201, 2, 1200), (5000, 3, 800), (5000, 200, 30)])
def test_of_many_points_some_are_drawn_from_the_first_to_the_last(count, number, drawn):
    figure = curve_chart([curve(count)] * number, "Loss", logarithmic=False)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert len(lines) == number
    for line in lines:
        assert len(line.x) == len(line.text) == drawn
        assert (line.x[0], line.x[-1]) == (0, count - 1)
        assert np.ptp(np.diff(line.x)) <= 1  # evenly chosen
        assert [line.text[i] for i in (0, -1)] == ["at 0", f"at {count - 1}"]
        np.testing.assert_array_equal(line.y, 1 + line.x)


def test_diverged_networks_are_thinned_and_keep_their_end():
    lost = [(seed, np.arange(4000.0), np.arange(4000.0)) for seed in range(3)]
    figure = curve_chart([curve(4000, lost=lost)], "Loss", logarithmic=False)
    crosses = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [(len(trace.x), trace.x[-1]) for trace in crosses] == [(600, 3999)] * 3
