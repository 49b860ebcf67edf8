"""Where tuned results stand in their chart, against logarithms worked by hand."""

import numpy as np
import pytest

from reference.comparisons import comparison
from trainwell.core import METRICS
from trainwell.display import heights_of


def tuned_heights(part, values, rows):
    return heights_of(values, METRICS[part.metric], part.guessing_score, len(part.dataset.validation), rows)


def test_differences_among_good_accuracies_are_seen():
    part = comparison(("a", "b"), [[0.985] * 3, [0.90] * 3], data="digits")
    heights = tuned_heights(part, [0.1, 0.5, 0.90, 0.97, 0.985], 2)
    low, high = heights.axis(titled=True)["range"]
    assert (heights.position(0.985) - heights.position(0.90)) / (high - low) > 0.3  # 0.08 of a linear axis
    found = dict(zip(heights.axis(titled=True)["ticktext"], heights.axis(titled=True)["tickvals"], strict=True))
    assert list(found) == ["98", "95", "90", "80", "50", "diverged"]
    assert found["90"] == pytest.approx(1)  # an error of 10⁻¹
    assert found["diverged"] < heights.position(0.1)


def test_perfect_and_equal_results_have_heights():
    part = comparison(("a", "b"), [[1.0] * 3, [1.0] * 3], data="digits")
    heights = tuned_heights(part, [1.0, 1.0, float("nan")], 0)
    low, high = heights.axis(titled=True)["range"]
    assert low < heights.position(1.0) < high
    assert np.isfinite([low, high]).all()


def test_narrow_ranges_have_round_values():
    part = comparison(("a", "b"), [[0.4] * 3, [0.45] * 3], data="diabetes")
    axis = tuned_heights(part, [0.1, 0.3, 0.45], 1).axis(titled=True)
    assert axis["ticktext"] == ["0.1", "0.2", "0.3", "0.4", "diverged"]
    assert axis["tickvals"][1] == pytest.approx(-np.log10(0.8))


def test_what_is_far_worse_than_guessing_lies_at_the_edge():
    part = comparison(("a", "b"), [[0.4] * 3, [0.45] * 3], data="diabetes")
    heights = tuned_heights(part, [-50.0, 0.3, 0.45], 1)
    assert heights.beyond(-50.0)
    assert heights.position(-50.0) == heights.low
    assert not heights.beyond(0.3)
