"""C-27 on accuracies that are made up, and on small networks with labels in and out of order."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture import BookData, Setup
from trainwell.lecture.statements.regularization import parameters_and_rows
from trainwell.lecture.statements.regularization.parameters_and_rows import accuracies, counts, in_the_book, parts
from trainwell.nn import Network

PARAMETERS = {2: 1_000, 100: 100_000}
FEW, MANY = 100, 5_000


def made(gap_of, training=1.0, widths=PARAMETERS):
    """A training accuracy, and test accuracy behind it by a gap of width and number of images."""
    rng = np.random.default_rng(0)
    return {
        (width, size): training - np.stack([np.zeros(10), gap_of(width, size) + rng.normal(0, 0.005, 10)], axis=1)
        for width in widths
        for size in (FEW, MANY)
    }


def claims(gap_of, training=1.0, why="", widths=PARAMETERS):
    found = made(gap_of, training, widths)
    return parts(found, widths, dict.fromkeys(found, 0.1), dict.fromkeys(found, why))


def overfit(width, size):
    return 0.05 + 0.2 * (width == 100) + 0.2 * (size == FEW)


def test_overfitting_by_images_and_parameters_is_found():
    found = claims(overfit)
    assert [part.verdict for part in found[:3]] == ["holds"] * 3
    assert list(found[0].conditions) == ["with 100,000 parameters and 100 images"]


@pytest.mark.parametrize(("training", "verdict"), [(0.995, "holds"), (0.985, "does not hold")])
def test_a_wide_gap_is_not_enough_where_the_training_accuracy_stays_below_99_percent(training, verdict):
    swept, given = claims(overfit, training)[0], in_the_book(made(overfit, training)[100, FEW])
    assert (swept.verdict, given.verdict) == (verdict, verdict)
    assert swept.criteria[0].holds
    assert given.criteria[0].holds


def test_a_doubtful_rate_leaves_open_only_what_a_better_one_could_mend():
    """Where training got to 99% a better rate has nothing to add; where it did not, it might have."""
    why = "a better rate may lie beyond"
    assert [part.verdict for part in claims(overfit, 1.0, why)[:3]] == ["holds"] * 3
    assert [part.verdict for part in claims(overfit, 0.985, why)[:3]] == ["undecided"] * 3


def test_the_ends_decide_and_the_steps_between_are_told_beside_them():
    """A gap that is widest in between widens from end to end, but not at every step."""
    gaps, widths = {2: 0.1, 20: 0.4, 100: 0.3}, {2: 1_000, 20: 10_000, 100: 100_000}
    ends, steps = (
        part
        for part in claims(lambda width, size: gaps[width], widths=widths)
        if "the more parameters" in part.claim or "step by step" in part.claim
    )
    assert (ends.verdict, ends.beyond) == ("holds", False)
    assert (steps.verdict, steps.beyond) == ("holds under conditions", True)


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
        name: accuracies(Setup("small", data), [16], [100], [0.1, 0.3], range(3))[0][16, 100].mean(0)
        for name, data in (("true", true), ("false", false))
    }
    assert ends["true"][1] > 0.6
    assert ends["false"][1] == pytest.approx(0.1, abs=0.1)
    assert ends["false"][0] - ends["false"][1] > ends["true"][0] - ends["true"][1]
