"""The figure of centred and shifted data, against the curvature of the loss."""

import numpy as np
import pytest

from trainwell.lecture import FIGURES, make_figures
from trainwell.lecture.figures.preprocessing.centred_and_shifted import DIRECTIONS, SIZES, _changes, classifiers


@pytest.fixture(scope="module")
def content():
    (made,) = make_figures([FIGURES["F-C-5"]], seeds=(0, 1))
    return made.views[0].content


def test_both_classifiers_give_the_same_for_every_flower():
    centred, shifted = classifiers().values()
    np.testing.assert_allclose(centred.x @ centred.weights + centred.bias, shifted.x @ shifted.weights + shifted.bias)
    np.testing.assert_allclose(centred.x.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(centred.x.std(0), 1)


def test_a_small_change_costs_what_gradient_and_curvature_say(content):
    """Loss + δ·g + ½ δᵀHδ with H = mean p(1−p) x xᵀ, for the smallest changes that are drawn."""
    for series, one in zip(content.series, classifiers().values(), strict=True):
        p = 1 / (1 + np.exp(-(one.x @ one.weights + one.bias)))
        gradient = (p - one.y) @ one.x / len(one.y)
        hessian = (one.x.T * (p * (1 - p))) @ one.x / len(one.y)
        changes = SIZES[1] * _changes(1, one.weights)
        expected = changes @ gradient + np.einsum("ci,ij,cj->c", changes, hessian, changes) / 2
        assert series.seeds[1, 1] - series.seeds[1, 0] == pytest.approx(expected.mean(), abs=2e-5)


def test_the_loss_is_far_more_sensitive_on_shifted_data(content):
    centred, shifted = (one.seeds for one in content.series)
    np.testing.assert_allclose(centred[:, 0], shifted[:, 0])
    at = int(np.argmin(np.abs(SIZES - 0.1)))
    assert (shifted - shifted[:, :1])[:, at].min() > 10 * np.abs(centred - centred[:, :1])[:, at].max()


def test_boundaries_are_where_the_classifier_is_undecided(content):
    chart = content.drawings[0].chart
    for one, axis in zip(classifiers().values(), ("x", "x2"), strict=True):
        lines = [trace for trace in chart.data if trace.mode == "lines" and trace.xaxis == axis]
        changed, own = (np.array([trace.x, trace.y], float) for trace in lines)
        np.testing.assert_allclose(one.weights @ own[:, :2] + one.bias, 0, atol=1e-9)
        assert changed.shape == (2, 3 * DIRECTIONS)
