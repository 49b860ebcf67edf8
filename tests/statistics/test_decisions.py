"""Decisions about pairs against hand-worked cases, a plain version of the rule, and simulated contenders."""

from itertools import combinations

import numpy as np
import pytest
from scipy import optimize, stats

from trainwell.statistics import Looks, decide, default_looks, holm, needs, sign_flip_interval, sign_flip_p


def two(d):
    """Values of two contenders with the given differences."""
    return np.array([np.asarray(d, float), np.zeros(len(d))])


@pytest.mark.parametrize("signs", list(np.ndindex(2, 2, 2)))
def test_all_sign_patterns_of_three(signs):
    # the sums ±1 ± 2 ± 4 are -7, -5, …, 7: of 8, (7 - |t|)/2 + 1 are at least |t|
    d = np.array([1, 2, 4]) * (1 - 2 * np.array(signs))
    (found,) = decide(two(d), Looks((3,), error_rate=0.25), margin=0.5)
    assert found.p == found.p_adjusted == min(1, 2 * ((7 - abs(d.sum())) / 2 + 1) / 8)
    assert found.differs == (abs(d.sum()) == 7)
    assert found.open != found.differs
    assert (found.low, found.high) == (d.min(), d.max())  # at 75% of 3 differences: the extremes
    assert (found.difference, found.n, found.look, found.method) == (pytest.approx(d.mean()), 3, 0, "sign-flip")


def test_holm_counts_all_pairs_asked_about():
    values = np.array([[1.0, 2, 4], [0, 0, 0], [5, -5, 5]])
    looks = Looks((3,), error_rate=0.25)
    alone, *_ = decide(values, looks, margin=0.5, pairs=[(0, 1)])
    among, *_ = decide(values, looks, margin=0.5)
    assert (alone.p, alone.p_adjusted, alone.differs) == (0.25, 0.25, True)
    assert (among.p, among.p_adjusted, among.differs) == (0.25, 0.75, False)


def test_pairs_come_in_the_order_and_direction_asked():
    values = np.random.default_rng(0).normal(size=(3, 10))
    found = decide(values, Looks((10,)), margin=1.0, pairs=[(2, 0), (1, 2)])
    assert [(pair.first, pair.second) for pair in found] == [(2, 0), (1, 2)]
    (mirrored,) = decide(values, Looks((10,)), margin=1.0, pairs=[(0, 2)])
    assert (found[0].difference, found[0].low) == pytest.approx((-mirrored.difference, -mirrored.high))
    assert [pair.first for pair in decide(values, Looks((10,)), margin=1.0)] == [0, 0, 1]


def test_two_looks_by_hand():
    # 0 and 1 differ by 1 at each of 10 seeds: p = 2/2¹⁰, at half the seeds doubled, of 3 pairs three times that
    rng = np.random.default_rng(1)
    common = rng.normal(size=20)
    values = np.array([common + 1, common, common + rng.normal(0.5, 2, 20)])
    first, second, third = decide(values, Looks((10, 20)), margin=0.0)
    assert (first.p, first.look, first.n, first.differs) == (2 / 2**10, 0, 10, True)
    assert first.p_adjusted == pytest.approx(3 * 2 * 2 / 2**10, rel=1e-3)
    assert [(pair.look, pair.n, pair.open) for pair in (second, third)] == [(1, 20, True)] * 2
    # the decided pair keeps its place among the tests: the smaller of the others is doubled, not tripled
    overall = [Looks((10, 20)).overall(1, pair.p) for pair in (second, third)]
    assert max(second.p_adjusted, third.p_adjusted) == pytest.approx(max(*overall, 2 * min(overall)))
    assert needs([first, second, third]) == {0, 1, 2}
    assert needs([first]) == set()


def test_what_comes_after_a_decision_changes_nothing():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(4, 30)) * [[0.01], [0.01], [1], [1]] + [[0], [0], [0], [3]]
    looks = Looks((10, 20, 30))
    early = {(pair.first, pair.second): pair for pair in decide(values[:, :10], looks, margin=0.1)}
    late = decide(values, looks, margin=0.1)
    decided = [pair for pair in late if pair.look == 0]
    assert {(pair.first, pair.second) for pair in decided} == {(0, 1), (0, 3), (1, 3), (2, 3)}
    assert all(early[pair.first, pair.second] == pair for pair in decided)
    stopped = values.copy()
    stopped[3, 10:] = np.nan  # contender 3 needs no more seeds
    assert decide(stopped, looks, margin=0.1) == late


def hall(d, mean):
    """Hall's p of one pair's mean being above the given one, one-sided, and its skewness by SciPy."""
    n, gamma = len(d), stats.skew(d, bias=False)
    tau = (d.mean() - mean) / d.std(ddof=1)
    x = 1 + gamma * tau / 3
    cube = x**3 if x >= 0.5 else 0.125 + 0.75 * (x - 0.5)
    return stats.t.sf(np.sqrt(n) * ((cube - 1) / gamma + gamma / (6 * n)), n - 1)


def against(d):
    """Whether a long tail lies on the other side of 0 than the mean."""
    return stats.skewtest(d).pvalue / 2 <= 0.05 and stats.skew(d) * d.mean() < 0


def plain(values, looks, margin):
    """The rule in plain loops: (look, adjusted, equivalence, differs, equivalent) of each pair."""
    pairs = list(combinations(range(len(values)), 2))
    state = dict.fromkeys(pairs, (None, 1.0, 1.0, False, False))
    p, q = dict.fromkeys(pairs, 1.0), dict.fromkeys(pairs, 1.0)
    for look, n in enumerate(looks.seeds):
        undecided = [pair for pair in pairs if not any(state[pair][3:])]
        for i, j in undecided:
            d = (values[i] - values[j])[:n, None]
            of_none, skewed = sign_flip_p(d)[0], against(d[:, 0])
            one_sided = max(sign_flip_p(d - margin, "less")[0], sign_flip_p(d + margin, "greater")[0])
            if skewed:
                above = hall(d[:, 0], 0.0)
                of_none = max(of_none, 2 * min(above, 1 - above))
                one_sided = max(one_sided, 1 - hall(d[:, 0], margin), hall(d[:, 0], -margin))
            p[i, j] = float(looks.overall(look, of_none))
            q[i, j] = float(looks.overall(look, 2 * one_sided)) / 2 if one_sided < 0.5 else 1.0
        adjusted, equivalence = holm(list(p.values())), holm(list(q.values()))
        for pair in undecided:
            d = (values[pair[0]] - values[pair[1]])[:n, None]
            (low,), (high,) = sign_flip_interval(d, 1 - looks.nominal(looks.error_rate)[look])
            if against(d[:, 0]):
                half = (1 - (1 - looks.nominal(looks.error_rate)[look])) / 2
                at = [optimize.brentq(lambda m, d=d, h=h: hall(d[:, 0], m) - h, -99, 99) for h in (half, 1 - half)]
                low, high = at
            a, e = adjusted[pairs.index(pair)], equivalence[pairs.index(pair)]
            differs, equivalent = a <= looks.error_rate, e <= looks.error_rate
            inside = -margin <= low and high <= margin
            state[pair] = look, a, e, differs and (low > 0 or high < 0), equivalent and inside
    return list(state.values())


@pytest.mark.parametrize("seed", range(5))
def test_decisions_are_those_of_the_plain_rule(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(5, 20)) * [[0.3], [0.3], [1], [1], [1]] + [[0], [0.1], [0.5], [1], [2.5]]
    looks = Looks((10, 14, 20), error_rate=0.1)
    found = decide(values, looks, margin=0.8)
    assert {(pair.differs, pair.equivalent) for pair in found} >= {(False, False), (True, False), (False, True)}
    fields = [(pair.look, pair.p_adjusted, pair.p_equivalence, pair.differs, pair.equivalent) for pair in found]
    for ours, theirs in zip(fields, plain(values, looks, 0.8), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_identical_contenders_are_equivalent_once_there_are_enough_seeds():
    values = np.tile(np.random.default_rng(3).normal(size=11), (3, 1))
    few, enough = (decide(values[:, :n], Looks((n,)), margin=0.01) for n in (4, 11))
    # one-sided p = 1/2ⁿ, three pairs
    assert {(pair.p_equivalence, pair.open, pair.method) for pair in few} == {(3 / 2**4, True, "t")}
    assert {(pair.p_equivalence, pair.equivalent, pair.p) for pair in enough} == {(3 / 2**11, True, 1.0)}
    assert {(pair.low, pair.high) for pair in few + enough} == {(0.0, 0.0)}


@pytest.mark.parametrize(
    ("margin", "differs", "equivalent"), [(0.0, True, False), (0.9, True, False), (2.0, True, True)]
)
def test_a_constant_difference(margin, differs, equivalent):
    (found,) = decide(two(np.ones(12)), Looks((12,)), margin=margin)
    assert (found.differs, found.equivalent) == (differs, equivalent)
    assert (found.low, found.high) == (1, 1)


def test_equivalence_needs_the_interval_inside_the_margin():
    d = np.tile([-1.0, 1.0], 15)
    wide, narrow = (decide(two(d), Looks((30,)), margin=margin)[0] for margin in (0.2, 0.8))
    assert (wide.open, narrow.open) == (True, False)
    assert -0.8 <= narrow.low <= 0 <= narrow.high <= 0.8
    assert (wide.low, wide.high) == (narrow.low, narrow.high)
    # TOST by the t test agrees about the margin at which it turns
    t = stats.ttest_1samp(d, -0.8, alternative="greater").pvalue
    assert narrow.p_equivalence == pytest.approx(t, rel=1)


@pytest.mark.parametrize("d", [[2.0, 3.0, 2.5, 2.2], [1.0, 1.0, 1.0, 1.0]])
def test_too_few_seeds_have_students_interval_and_no_decision(d):
    (found,) = decide(two(d), Looks((4,)), margin=100.0)
    assert found.open
    assert found.method == "t"
    half = stats.t.isf(0.025, 3) * np.std(d, ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((np.mean(d) - half, np.mean(d) + half))


def test_one_seed_and_none():
    (one,) = decide(two([0.5]), Looks((1,)), margin=1.0)
    assert (one.difference, one.n, one.p, one.open) == (0.5, 1, 1.0, True)
    assert np.isnan([one.low, one.high]).all()
    (none,) = decide(np.full((2, 3), np.nan), Looks((3,)), margin=1.0)
    assert (none.n, none.look, none.p_adjusted, none.open) == (0, -1, 1.0, True)
    assert np.isnan([none.difference, none.p, none.low]).all()
    assert decide(np.ones((1, 5)), Looks((5,)), margin=1.0) == ()


@pytest.mark.parametrize("have", [6, 12, 17])
def test_an_unplanned_end_is_judged_at_its_share_of_the_seeds(have):
    looks = Looks((10, 20, 30))
    d = np.random.default_rng(4).normal(0.2, 1, have)
    (found,) = decide(two(d), looks, margin=0.1)
    plan = looks.ended(have)
    assert (found.n, found.look) == (have, len(plan.seeds) - 1)
    assert found.p_adjusted == pytest.approx(float(plan.overall(found.look, sign_flip_p(d[:, None])[0])))
    assert found.p_adjusted >= found.p


def test_contenders_that_ended_apart():
    values = np.random.default_rng(5).normal(size=(3, 20))
    values[2, 13:] = np.nan
    found = decide(values, Looks((10, 20)), margin=0.01)
    assert [(pair.n, pair.look) for pair in found] == [(20, 1), (13, 1), (13, 1)]


def test_seeds_beyond_the_last_look_are_not_used():
    values = np.random.default_rng(5).normal(size=(3, 25))
    assert decide(values, Looks((10, 20)), margin=0.01) == decide(values[:, :20], Looks((10, 20)), margin=0.01)


@pytest.mark.slow
def test_fifty_contenders():
    values = np.random.default_rng(6).normal(size=(50, 17)) + np.arange(50)[:, None]
    found = decide(values, default_looks(1225, most=17), margin=0.5)
    assert len(found) == 1225
    differ = {(pair.first, pair.second) for pair in found if pair.differs}
    assert {(first, second) for first, second in combinations(range(50), 2) if second - first > 6} <= differ


NOISE = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "heavy tails": lambda rng, shape: rng.standard_t(3, shape),
    "discrete": lambda rng, shape: rng.binomial(12, 0.5, shape) / 12,
}


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISE)
def test_identical_contenders_rarely_differ(noise):
    rng = np.random.default_rng(7)
    looks, comparisons = Looks((10, 12)), 400
    draws = NOISE[noise](rng, (comparisons, 4, 12))
    false = sum(any(pair.differs for pair in decide(values, looks, margin=0.0)) for values in draws)
    assert false / comparisons <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / comparisons)
    assert false > 0 or noise == "discrete"  # 2% or so: the rule is not idle


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISE)
def test_contenders_a_margin_apart_are_rarely_equivalent(noise):
    rng = np.random.default_rng(8)
    looks, comparisons = Looks((10, 12, 14)), 400
    draws = NOISE[noise](rng, (comparisons, 2, 14))
    margin = 3 * float(draws.std())
    draws[:, 0] += margin
    false = sum(decide(values, looks, margin=margin)[0].equivalent for values in draws)
    assert false / comparisons <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / comparisons)
    draws[:, 0] -= margin
    assert sum(decide(values, looks, margin=margin)[0].equivalent for values in draws) > 0.9 * comparisons


def test_the_interval_at_the_stopping_look_covers():
    rng = np.random.default_rng(9)
    looks, comparisons = Looks((10, 12, 14)), 400
    draws = rng.normal(size=(comparisons, 2, 14))
    draws[:, 0] += 1.0
    found = [decide(values, looks, margin=0.0)[0] for values in draws]
    assert {pair.look for pair in found} == {0, 1, 2}
    covered = np.mean([pair.low <= 1.0 <= pair.high for pair in found])
    assert covered >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / comparisons)


@pytest.mark.parametrize(
    ("values", "keywords", "message"),
    [
        (np.zeros(3), {"margin": 1}, r"values must be \[K, N\]"),
        (np.array([[1.0, np.inf], [1, 2]]), {"margin": 1}, "values must be finite"),
        (np.array([[np.nan, 1.0], [1, 2]]), {"margin": 1}, "fill each row from the left"),
        (np.ones((2, 2)), {"margin": -1}, "margin must be at least 0"),
        (np.ones((2, 2)), {"margin": np.nan}, "margin must be at least 0"),
        (np.ones((2, 2)), {"margin": 1, "pairs": [(0, 0)]}, "a pair must be of two"),
        (np.ones((2, 2)), {"margin": 1, "pairs": [(0, 2)]}, "a pair must be of two"),
    ],
)
def test_impossible_requests(values, keywords, message):
    with pytest.raises(ValueError, match=message):
        decide(values, Looks((2,)), **keywords)
