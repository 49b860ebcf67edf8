"""Verdicts from parts, and decisions from intervals."""

import numpy as np
import pytest

from trainwell.landscape import surface
from trainwell.lecture import Part
from trainwell.lecture.deciding import above, below, both
from trainwell.lecture.ratio import paired_ratio, ratio_of_means
from trainwell.lecture.settings import best_settings, grid
from trainwell.lecture.statement import Measured
from trainwell.lecture.verdict import sentence_of, verdict_of

VERDICTS = [
    ([True, True], [], "holds"),
    ([True], [False, None], "holds"),
    ([False, False], [True], "does not hold"),
    ([True, False], [], "holds in part"),
    ([True, False, None], [], "holds in part"),
    ([True, None], [], "not decided"),
    ([False, None], [], "not decided"),
    ([None], [True], "not decided"),
]


@pytest.mark.parametrize(("own", "beyond", "verdict"), VERDICTS)
def test_the_verdict_is_that_of_the_statements_own_parts(own, beyond, verdict):
    parts = [Part("a", one, ()) for one in own] + [Part("b", one, (), beyond=True) for one in beyond]
    assert verdict_of(parts) == verdict


def test_no_part_no_verdict():
    with pytest.raises(ValueError, match="at least one part"):
        verdict_of([Part("a", True, (), beyond=True)])


def test_the_sentence_says_what_holds_and_what_does_not():
    parts = [
        Part("A", True, ()),
        Part("B", False, ()),
        Part("C", None, ()),
        Part("D", True, ()),
        Part("E", True, (), beyond=True),
    ]
    assert sentence_of(parts) == "It holds that A; that D. It does not hold that B. Left open is whether C."


def number(low, high):
    return Measured("", (low + high) / 2, low, high, 9)


@pytest.mark.parametrize(
    ("low", "high", "is_above", "is_below"),
    [
        (2, 3, True, False),
        (0, 1, False, True),
        (0.5, 2, None, None),
        (1, 1, False, False),
        (np.nan, np.nan, None, None),
    ],
)
def test_an_interval_decides_or_leaves_open(low, high, is_above, is_below):
    bound = 1.5 if (low, high) != (1, 1) else 1
    assert above(number(low, high), bound) is is_above
    assert below(number(low, high), bound) is is_below


def test_all_must_hold():
    assert both(True, True) is True
    assert both(True, None) is None
    assert both(None, False, True) is False


def test_ratios_start_by_start():
    found = paired_ratio("", np.array([2.0, 4, 6, 8, np.inf, np.inf, 3]), np.array([1.0, 2, 3, 4, 1, np.inf, 1]))
    assert (found.estimate, found.n) == (2.0, 6)  # 2, 2, 2, 2, inf, 3
    assert (found.low, found.high) == (2.0, np.inf)


def test_the_ratio_of_means_has_the_interval_of_its_linearisation():
    """Against the spread of ratios over many draws of the same experiment."""
    rng = np.random.default_rng(0)
    b = rng.gamma(4.0, 1.0, (2000, 50))
    a = 2 * b + rng.normal(0, 1, b.shape)  # correlated: the true ratio is 2
    found = [ratio_of_means("", *pair) for pair in zip(a, b, strict=True)]
    covered = np.mean([one.low <= 2 <= one.high for one in found])
    assert 0.92 < covered < 0.97
    assert found[0].high - found[0].low < 0.3  # as two independent samples it would be about 0.8


def test_the_best_of_a_grid_is_the_one_in_closed_form():
    """On a quadratic of condition 4 the fastest constant rate is 2/(L + µ) = 1.6."""
    made = surface("quadratic", condition=4.0)
    settings = grid("sgd", learning_rate=[0.4, 1.0, 1.6, 1.9, 2.5])
    assert best_settings(made, settings, made.random_starts(40), 300)["learning_rate"] == 1.6
