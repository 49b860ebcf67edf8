"""The section on what went on inside networks, on numbers given by hand."""

import numpy as np
import pytest

from trainwell.report.training.layers import layer_charts, layer_table
from trainwell.training import layer_facts

from .spreads import LONG, SHORT, spreads


def test_facts_are_means_over_the_networks_that_got_there() -> None:
    facts = layer_facts([SHORT, LONG])
    assert facts["rows"] == 7
    first, last = facts["moments"]
    assert (first["step"], first["epoch"], first["num_networks"]) == (0, 0.0, 2)
    assert (last["step"], last["epoch"], last["num_networks"]) == (5, 0.5, 1)
    assert first["activation"]["means"] == [pytest.approx(0.75)]
    assert first["activation"]["zeros"] == [pytest.approx(0.375)]
    assert first["gradient"]["stds"] == [pytest.approx(0.15), pytest.approx(1.5)]


def test_histograms_pool_the_networks_and_leave_exact_zeros_out() -> None:
    facts = layer_facts([SHORT, LONG])
    activations, gradients = (chart.figure for chart in layer_charts([SHORT, LONG], facts, "relu"))
    moments = activations.layout.meta["moments"]
    assert moments["texts"] == ["before training", "epoch 0.5 (update 5)"]
    assert [sum(bars) for (bars,) in moments["heights"]] == [pytest.approx(5 / 8, abs=1e-4), pytest.approx(0.75)]
    assert [title for (title,) in moments["titles"]] == ["1: 0.75 ± 0.66, 38% zero", "1: 1.50 ± 1.12, 25% zero"]
    heights = np.array(gradients.layout.meta["moments"]["heights"])
    assert heights.sum(2).tolist() == [[1, 1], [0.5, 1]]
    assert gradients.layout.xaxis.range == (-3, 1)
    # Three bins per power of ten from 0.001 on: 0.1 is in the seventh, 0.2 in the same, 1 and 2 in the tenth.
    assert [np.flatnonzero(bars).tolist() for bars in heights[0]] == [[6], [9]]


def test_the_axis_of_bounded_activations_is_their_range() -> None:
    for name, ends in (("sigmoid", (0, 1)), ("tanh", (-1, 1))):
        assert layer_charts([LONG], layer_facts([LONG]), name)[0].figure.layout.xaxis.range == ends


def test_nothing_finite_is_drawn_and_said() -> None:
    lost = spreads([[[np.nan] * 4]], [[[np.nan] * 2, [0.0, 0.0]]])
    facts = layer_facts([lost])
    charts = layer_charts([lost], facts, "relu")
    assert [sum(trace.y.sum() for trace in chart.figure.data) for chart in charts] == [0, 0]
    assert [one if isinstance(one, str) else one.text for one in layer_table(facts).rows[0].cells] == ["1", *"––––"]


def test_the_table_has_each_layer_before_and_after() -> None:
    rows = layer_table(layer_facts([LONG])).rows
    assert [[one if isinstance(one, str) else one.line for one in row.cells] for row in rows] == [
        ["1", "0.50 ± 0.61 50% zero", "1.50 ± 1.12 25% zero", "± 0.1", "± 0.0005"],
        ["2 (output)", "–", "–", "± 1", "± 0.01"],
    ]
