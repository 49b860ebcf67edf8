"""Verdicts from parts, and decisions from intervals."""

import numpy as np
import pytest

from trainwell.landscape import surface
from trainwell.lecture import Measured, Part
from trainwell.lecture.experiment import sentence_of, verdict_of
from trainwell.lecture.measuring import (
    above,
    below,
    best_settings,
    both,
    clustered_share,
    grid,
    paired_ratio,
    rate_within,
    ratio_of_means,
)
from trainwell.statistics import proportion_interval

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


def test_a_rate_at_an_end_of_its_grid_is_not_within():
    settings = grid("momentum", learning_rate=[0.1, 0.2, 0.4], momentum=[0.5, 0.9])
    assert [rate_within(settings, one) for one in settings] == [False, False, True, True, False, False]


CLUSTERS = [
    ([(2, 2), (0, 2), (2, 2), (0, 2)], 4),  # clusters that are all or nothing count as one point each
    ([(0, 3), (0, 3), (0, 3), (0, 3)], 4),  # no point hits: whether clusters differ is not known
    ([(1, 2), (1, 2), (1, 2), (1, 2)], 8),  # clusters that do not differ: as points that are independent
    ([(4, 4), (0, 4), (2, 4), (2, 4)], 6),  # (4 + 4) · 4/3 against 16 · ¼: 3/8 of 16 points
]


@pytest.mark.parametrize(("counts", "worth"), CLUSTERS)
def test_points_of_clusters_count_for_fewer(counts, worth):
    found = clustered_share("", np.array(counts))
    share, n = np.sum(counts, axis=0)[0] / np.sum(counts, axis=0)[1], np.sum(counts, axis=0)[1]
    wilson = proportion_interval(round(share * worth), worth)
    assert (found.estimate, found.n) == (share, n)
    assert (found.low, found.high) == pytest.approx((wilson.low, wilson.high))


def test_an_interval_over_clusters_covers_where_points_are_alike():
    """Shares of clusters drawn around 0.2; intervals that take points for independent cover far less often."""
    rng = np.random.default_rng(0)
    hits = rng.binomial(6, rng.beta(0.4, 1.6, (600, 20)))
    ours = [clustered_share("", np.stack([one, np.full(20, 6)], axis=1)) for one in hits]
    naive = [proportion_interval(int(one.sum()), 120) for one in hits]
    assert np.mean([one.low <= 0.2 <= one.high for one in ours]) > 0.92
    assert np.mean([one.low <= 0.2 <= one.high for one in naive]) < 0.85


def test_one_cluster_says_nothing_of_its_spread():
    found = clustered_share("", np.array([(1, 4), (0, 0)]))
    assert (found.estimate, found.n) == (0.25, 4)
    assert np.isnan([found.low, found.high]).all()
