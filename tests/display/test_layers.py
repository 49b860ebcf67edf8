"""Histograms of several layers side by side: what is drawn against numbers given by hand."""

import numpy as np
import pytest

from trainwell.display import layer_histograms

EDGES = np.array([0.0, 0.5, 1.0])
COUNTS = np.array([[[1, 3], [4, 0]], [[2, 2], [0, 8]]])
TITLES = [["<first>", "second"], ["1", "2"]]


def drawn(**options):
    return layer_histograms(EDGES, COUNTS, TITLES, "Activation", "values", moments=("start", "end"), **options)


def test_the_last_moment_is_drawn_in_bins_and_heights_that_all_share():
    figure = drawn()
    assert [trace.y.tolist() for trace in figure.data] == [[2, 2], [0, 8]]
    assert [trace.x.tolist() for trace in figure.data] == [[0.25, 0.75]] * 2
    assert [trace.customdata.tolist() for trace in figure.data] == [[[0, 0.5], [0.5, 1]]] * 2
    ranges = [(axis.range[0], axis.range[1]) for axis in (figure.layout.yaxis, figure.layout.yaxis2)]
    assert ranges == [(0, pytest.approx(8.4))] * 2
    assert [figure.layout.annotations[i].text for i in range(3)] == ["1", "2", "Activation"]


def test_all_moments_are_there_for_a_slider_and_names_are_no_markup():
    seen = drawn().layout.meta["moments"]
    assert seen["texts"] == ["start", "end"]
    assert seen["heights"] == COUNTS.tolist()
    assert seen["titles"] == [["&lt;first&gt;", "second"], ["1", "2"]]
    still = layer_histograms(EDGES, COUNTS[:1], TITLES[:1], "", "")
    assert "moments" not in still.layout.meta
    assert still.layout.annotations[0].text == "&lt;first&gt;"


def test_exponents_are_written_as_powers_and_the_axis_can_end_below_the_highest_bar():
    figure = layer_histograms(np.array([-4.0, -2.0, 0.0]), COUNTS, TITLES, "", "", powers=True, top=5)
    assert figure.layout.xaxis.ticktext == ("10<sup>-4</sup>", "10<sup>-2</sup>")
    np.testing.assert_allclose(figure.data[0].customdata, [[1e-4, 1e-2], [1e-2, 1]])
    assert figure.layout.yaxis.range == (0, 5)


def test_nothing_counted_is_an_empty_chart():
    figure = layer_histograms(EDGES, np.zeros((1, 1, 2)), [["layer 1"]], "", "")
    assert figure.layout.yaxis.range == (0, 1)
