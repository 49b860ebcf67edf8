"""C-27 on accuracies that are made up, and on small networks with labels in and out of order."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture import BookData, Setup
from trainwell.lecture.statements.regularization import parameters_and_rows
from trainwell.lecture.statements.regularization.parameters_and_rows import accuracies, counts, parts
from trainwell.nn import Network

PARAMETERS = {2: 1_000, 100: 100_000}
FEW, MANY = 100, 5_000


def made(gap_of):
    """Training accuracy 1, and test accuracy behind it by a gap of width and number of images."""
    rng = np.random.default_rng(0)
    return {
        (width, size): np.stack([np.ones(10), 1 - gap_of(width, size) + rng.normal(0, 0.005, 10)], axis=1)
        for width in PARAMETERS
        for size in (FEW, MANY)
    }


def claims(gap_of):
    none = dict.fromkeys(made(gap_of), "")
    return parts(made(gap_of), PARAMETERS, dict.fromkeys(made(gap_of), 0.1), none)


def test_overfitting_by_images_and_parameters_is_found():
    found = claims(lambda width, size: 0.05 + 0.2 * (width == 100) + 0.2 * (size == FEW))
    assert [part.verdict for part in found[:3]] == ["holds"] * 3
    assert list(found[0].conditions) == ["with 100,000 parameters and 100 images"]


def test_without_overfitting_all_claims_are_refuted():
    found = claims(lambda width, size: 0.05 - 0.02 * (width == 100) - 0.02 * (size == FEW))
    assert [part.verdict for part in found[:3]] == ["does not hold"] * 3


def test_numbers_of_parameters_are_those_of_the_networks():
    shapes = Network((64, 7, 7, 10)).parameter_shapes()
    whole = sum(int(np.prod(shape)) for layer in shapes for shape in layer.values())
    assert counts(BookData.load("digits"), [7]) == {7: whole}


def test_with_labels_out_of_order_nothing_is_learned_that_carries_over(monkeypatch):
    """Then test accuracy is that of guessing, whatever the training accuracy; with true labels it is far above."""
    monkeypatch.setattr(parameters_and_rows, "STEPS", 60)
    true = BookData.load("digits")
    rows = true.everything.training
    mixed = replace(rows, targets=stream(0, "mixed").permutation(rows.targets))
    false = replace(true, everything=replace(true.everything, training=mixed), _made={})
    ends = {
        name: accuracies(Setup("small", data), [16], [100], [0.1, 0.3], 3)[0][16, 100].mean(0)
        for name, data in (("true", true), ("false", false))
    }
    assert ends["true"][1] > 0.6
    assert ends["false"][1] == pytest.approx(0.1, abs=0.1)
    assert ends["false"][0] - ends["false"][1] > ends["true"][0] - ends["true"][1]
