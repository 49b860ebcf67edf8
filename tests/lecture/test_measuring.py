"""Verdicts from parts, and decisions from intervals."""

import numpy as np
import pytest

from trainwell.landscape import surface
from trainwell.lecture import Finding, Measured, Part
from trainwell.lecture.experiment import above, below, sentence_of, verdict_of
from trainwell.lecture.measuring import (
    at_places,
    best_rate,
    best_settings,
    clustered_share,
    first_places,
    grid,
    paired_ratio,
    rate_within,
    ratio_of_means,
)
from trainwell.lecture.statements.statement import seeds_enough
from trainwell.statistics import proportion_interval

VERDICTS = [
    ([True, True], [], "holds"),
    ([True], [False, None], "holds"),
    ([False, False], [True], "does not hold"),
    ([True, False], [], "holds under conditions"),
    ([True, False, None], [], "holds under conditions"),
    ([True, None], [], "undecided"),
    ([False, None], [], "undecided"),
    ([None], [True], "undecided"),
]
INF = np.inf


def number(low, high):
    return Measured("", (low + high) / 2, low, high, 9)


NUMBERS = {True: number(2, 3), False: number(0, 1), None: number(1, 2)}


def part(claim, held, where="", **more):
    """A claim, that a number is above 1.5, which is so, is not so, or is open."""
    return Part(claim, (above(NUMBERS[held], 1.5, where),), **more)


@pytest.mark.parametrize(("own", "beyond", "verdict"), VERDICTS)
def test_the_verdict_is_that_of_the_statements_own_parts(own, beyond, verdict):
    parts = [part("a", one) for one in own] + [part("b", one, beyond=True) for one in beyond]
    assert verdict_of(parts) == verdict


def test_a_claim_that_is_refuted_and_one_that_holds_somewhere_settle_it():
    swept = Part("B", (above(NUMBERS[True], 1.5, "at 3"), above(NUMBERS[None], 1.5, "at 5")))
    assert swept.verdict == "undecided"
    assert verdict_of([part("A", False), swept]) == "holds under conditions"


def test_no_part_no_verdict():
    with pytest.raises(ValueError, match="at least one part"):
        verdict_of([part("a", True, beyond=True)])


def test_a_claim_that_nothing_decides_is_open():
    nothing = Part("A", ())
    assert nothing.verdict == verdict_of([nothing]) == "undecided"
    assert verdict_of([part("B", True), nothing]) == "undecided"
    assert np.isnan(Finding("C-11", (nothing,), 0.0).effect.estimate)
    assert Finding("C-11", (nothing, part("B", True)), 0.0).effect == NUMBERS[True]


SWEPT = [
    ({"at 3": [True], "at 5": [True, True]}, "holds", ""),
    ({"at 3": [True], "at 5": [True, False]}, "holds under conditions", " (yes at 3; no at 5)"),
    ({"at 3": [True], "at 5": [None], "at 9": [False]}, "holds under conditions", " (yes at 3; no at 9; open at 5)"),
    ({"at 3": [True], "at 5": [None]}, "undecided", " (yes at 3; open at 5)"),
    ({"at 3": [False], "at 5": [False, None]}, "does not hold", ""),
    ({"at 3": [False], "at 5": [None]}, "undecided", " (no at 3; open at 5)"),
]


@pytest.mark.parametrize(("swept", "verdict", "where"), SWEPT)
def test_a_claim_that_is_swept_holds_where_all_of_a_condition_is_met(swept, verdict, where):
    found = Part("A", tuple(above(NUMBERS[one], 1.5, name) for name, own in swept.items() for one in own))
    assert found.verdict == verdict_of([found]) == verdict
    assert sentence_of([found]).endswith(f" A{where}.")


def test_the_sentence_says_what_holds_and_what_does_not():
    parts = [part("A", True), part("B", False), part("C", None), part("D", True), part("E", True, beyond=True)]
    assert sentence_of(parts) == "It holds that A; that D. It does not hold that B. Left open is whether C."


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
    assert above(number(low, high), bound).holds is is_above
    assert below(number(low, high), bound).holds is is_below


def test_in_doubt_it_is_left_open_whatever_the_interval():
    assert above(number(2, 3), 1, doubt="the best rate is at the end of its grid").holds is None


def test_seeds_are_added_until_it_is_precise_or_all_are_used():
    looks = []

    def measure(seeds):
        looks.append(len(seeds))
        return len(seeds)

    assert seeds_enough(measure, lambda n: n >= 20, 5, 100) == 20
    assert looks == [5, 10, 20]
    assert seeds_enough(measure, lambda _: False, 5, 12) == 12


def test_ratios_start_by_start():
    found = paired_ratio("", np.array([2.0, 4, 6, 8, np.inf, 3]), np.array([1.0, 2, 3, 4, 1, 1]))
    assert (found.estimate, found.low, found.high, found.n) == (2.0, 2.0, np.inf, 6)  # 2, 2, 2, 2, inf, 3


def test_a_start_where_neither_arrives_may_have_any_ratio():
    """Six of eight starts are sure to be below 1, which a median could still not be: 6 of 8 coins are often heads."""
    ours, theirs = np.full(8, 1.0), np.full(8, 2.0)
    assert below(paired_ratio("", ours, theirs), 0.9).holds is True
    ours[:2] = theirs[:2] = np.inf
    found = paired_ratio("", ours, theirs)
    assert (found.estimate, found.low, found.high, found.n) == (0.5, 0.0, np.inf, 8)
    assert paired_ratio("", ours[:2], theirs[:2]).n == 0


def test_one_that_arrives_just_in_time_is_not_far_ahead_of_one_that_does_not():
    """At 95 of 100 updates, when the other was not there by then: it took less than 0.95 of the updates, not none."""
    late, never = np.full(8, 95.0), np.full(8, np.inf)
    found = paired_ratio("", late, never, within=100)
    assert (found.low, found.high) == (0.0, 0.95)
    assert (below(found, 1.0).holds, below(found, 0.9).holds) == (True, None)
    exchanged = paired_ratio("", never, late, within=100)
    assert (exchanged.low, exchanged.high) == (pytest.approx(1 / 0.95), np.inf)
    assert below(exchanged, 0.9).holds is False


def test_an_interval_with_starts_cut_off_covers_as_often_as_it_says():
    """True ratios have the median 1; leaving out starts where neither arrives leaves those out that are slow."""
    rng = np.random.default_rng(0)
    common, ours, theirs = rng.lognormal(4, 0.5, (3, 400, 30))
    pairs = [
        (np.where(a * c < 6000, a * c, np.inf), np.where(b * c < 6000, b * c, np.inf))
        for a, b, c in zip(ours, theirs, common, strict=True)
    ]
    found = [paired_ratio("", a, b, within=6000) for a, b in pairs]
    assert np.mean([one.low <= 1 <= one.high for one in found]) > 0.94


@pytest.mark.parametrize("larger", [True, False])
def test_a_level_is_reached_between_two_observations(larger):
    rows = np.array([[0.0, 0.5, 1.0], [0.8, 0.1, 0.9], [0.1, 0.2, np.nan]])
    rows = rows if larger else -rows
    places = first_places(rows, 0.75 if larger else -0.75, larger_is_better=larger)
    assert places.tolist() == [1.5, 0.0, np.inf]
    assert at_places(np.array([[0.0, 10, 20]] * 3), places).tolist()[:2] == [15.0, 0.0]
    assert np.isnan(at_places(rows, places)[2])


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


RATES = (
    ([3, 1, 2], 0.0, 2, False),
    ([1, 2, 3], 0.0, 1, True),
    ([3, 2, 1], 0.0, 3, True),
    ([INF, INF, INF], 0.0, 2, True),  # none reaches the aim: beyond one may
    ([2, INF, INF], 0.0, 1, True),
    ([INF, 2, INF], 0.0, 2, False),
    ([1, 1, 2, 3], 0.0, 1, True),  # two at an end are as good, at either one
    ([3, 2, 1, 1], 0.0, 3, True),
    ([3, 2, 1.1, 1], 0.2, 3, True),
    ([3, 2, 1, 1.1], 0.2, 3, False),  # a higher one than the lowest was tried
    ([1.1, 1, 2, 3], 0.2, 1, False),
    ([1, 1, 1, 1], 0.0, 2, False),  # all are as good
    ([1, 1.1, 1.05], 0.2, 2, False),
    ([1, 1.1], 0.2, 1, True),  # two rates are no plateau
    ([1], 0.0, 1, True),
    ([-1, -1, 0], 0.0, 1, False),  # none can be lower than −1
    ([-0.9, -0.5, 0], 0.0, 1, True),
)


@pytest.mark.parametrize(("costs", "tolerance", "rate", "doubtful"), RATES)
def test_a_best_rate_is_doubtful_where_a_better_one_may_lie_beyond_the_grid(costs, tolerance, rate, doubtful):
    found, why = best_rate({1 + i: np.array([cost]) for i, cost in enumerate(costs)}, tolerance, least=-1.0)
    assert (found, bool(why)) == (rate, doubtful)


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
