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


WIDER = ("wider with the fewest images", "wider with the most parameters")


def about(parts, words):
    """The claim with some words."""
    (found,) = (part for part in parts if words in part.claim)
    return found


def test_overfitting_with_many_parameters_and_little_data_is_found():
    own, *beside = claims(overfit)
    assert (own.verdict, list(own.conditions)) == ("holds", ["with 100,000 parameters and 100 images"])
    assert all(part.beyond for part in beside)
    assert [about(beside, words).verdict for words in WIDER] == ["holds", "holds"]


@pytest.mark.parametrize(("training", "verdict"), [(0.995, "holds"), (0.985, "does not hold")])
def test_a_wide_gap_is_not_enough_where_the_training_accuracy_stays_below_99_percent(training, verdict):
    swept, given = claims(overfit, training)[0], in_the_book(made(overfit, training)[100, FEW])
    assert (swept.verdict, given.verdict) == (verdict, verdict)
    assert swept.criteria[0].holds
    assert given.criteria[0].holds


def test_a_doubtful_rate_leaves_open_only_what_a_better_one_could_mend():
    """Where training got to 99% a better rate has nothing to add; where it did not, it might have."""
    why = "a better rate may lie beyond"
    assert claims(overfit, 1.0, why)[0].verdict == "holds"
    assert claims(overfit, 0.985, why)[0].verdict == "undecided"


@pytest.mark.parametrize(("gap_of_100", "verdict"), [(0.3, "does not hold"), (0.5, "holds")])
def test_a_network_that_has_learned_nothing_is_no_measure_of_the_gap(gap_of_100, verdict):
    """With 2 units there is hardly a gap, as hardly anything is learned; those that fit their images decide."""
    gaps, widths = {2: 0.02, 20: 0.4, 100: gap_of_100}, {2: 1_000, 20: 10_000, 100: 100_000}
    training = {2: 0.25, 20: 1.0, 100: 1.0}
    found = {key: own - (1 - training[key[0]]) for key, own in made(lambda width, _: gaps[width], 1.0, widths).items()}
    wider = about(parts(found, widths, dict.fromkeys(found, 0.1), dict.fromkeys(found, "")), WIDER[1])
    assert (wider.verdict, wider.beyond) == (verdict, True)
    assert next(iter(wider.conditions)) == (
        "100,000 parameters and 100 images against 10,000 parameters and 100 images"
    )


def test_where_none_fits_nothing_is_said_of_what_widens_the_gap():
    assert not [part for part in claims(overfit, 0.985) if "among networks that fit" in part.claim]


def test_without_overfitting_all_claims_are_refuted():
    found = claims(lambda width, size: 0.05 - 0.02 * (width == 100) - 0.02 * (size == FEW))
    assert found[0].verdict == "does not hold"
    assert [about(found, words).verdict for words in WIDER] == ["does not hold"] * 2


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
