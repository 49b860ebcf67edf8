"""Each statement, small: its parts, and some of its numbers computed another way."""

from dataclasses import fields
from inspect import getsource
from math import acos, ceil, log, pi, sqrt

import numpy as np
import pytest

from trainwell.lecture import CONTENTS, STATEMENTS, Finding, LectureError, examine, registry, statement
from trainwell.lecture.statements.optimization import local_minima, second_order
from trainwell.lecture.statements.optimization.high_dimension import difference_of_halves

# Of these the parts that are looked at here; `make soak` examines all of every statement.
PARTLY = {
    "C-15": lambda: local_minima.at_the_local_minimum(
        200, [local_minima.RATES[i] for i in (0, 3, 6, 8)], local_minima.KINDS
    ),
    "C-26": lambda: (second_order.one_step(100, (10,)), second_order.near_minima(100, ("himmelblau",))),
}


@pytest.fixture(scope="module")
def found():
    """Each statement is examined once, and what it tells is whole."""
    findings = {}

    def of(one):
        if one not in findings:
            findings[one] = Finding(one, PARTLY[one](), 0.0) if one in PARTLY else examine(one, size="small")
            check(findings[one])
        return findings[one]

    return of


def check(finding):
    """Intervals enclose their estimates, and charts have all their numbers."""
    assert [part for part in finding.parts if not part.beyond]
    for part in finding.parts:
        for number, _ in part.rows:
            assert number.n > 0
            assert number.low <= number.estimate <= number.high, number
        for curve in part.chart.curves if part.chart else ():
            assert len(curve.x) == len(curve.y) == len(curve.low) == len(curve.high) > 0


def numbers(finding):
    return {one.what: one for part in finding.parts for one, _ in part.rows}


def test_all_statements_are_there_with_their_designs():
    assert list(STATEMENTS) == [name for name in CONTENTS if name.startswith("C-")]
    for one in STATEMENTS.values():
        told = [getattr(one.design, field.name) for field in fields(one.design) if field.name != "untested"]
        assert all(text.strip() for text in (*told, one.advice)), one.id


def test_c14_counts_updates_as_the_closed_form(found):
    """At rate 2/(L + µ) an update multiplies both components by ∓(κ − 1)/(κ + 1)."""
    angles = np.linspace(0, 2 * pi, 4001)
    for k in (10, 100, 1000):
        slope = np.hypot(np.cos(angles) / k, np.sin(angles))
        updates = np.ceil(np.log(1e-3 / k / slope) / log((k - 1) / (k + 1)))
        measured = numbers(found("C-14"))[f"updates to a thousandth, condition {k:,}"]
        assert measured.low <= np.median(updates) <= measured.high


def test_c14_without_turns_it_takes_the_updates_of_the_closed_form(found):
    """At rate 1/L the steep component is gone at once, and the flat one shrinks by 1 − 1/κ an update."""
    angles = np.linspace(0, 2 * pi, 4001) + 1e-4
    for k in (10, 100, 1000):
        with np.errstate(divide="ignore"):
            low = np.ceil(np.log(1e-3 / abs(np.cos(angles))) / log(1 - 1 / k))
            slope = np.hypot(np.cos(angles) / k, np.sin(angles))
            other = np.ceil(np.log(1e-3 / k / slope) / log((k - 1) / (k + 1)))
        measured = numbers(found("C-14"))[f"times as many updates at rate 1/L as at 2/(L + µ), condition {k:,}"]
        assert measured.low <= np.median(low / other) <= measured.high
        turns = numbers(found("C-14"))[f"share of updates that turn at rate 1/L, condition {k:,}"]
        assert turns.high == 0


def test_c14_random_matrices_are_as_badly_conditioned_elsewhere(found):
    rng = np.random.default_rng(1)
    drawn = rng.standard_normal((4000, 8, 8))
    singular = np.linalg.svd(drawn, compute_uv=False)  # the covariance's eigenvalues are their squares
    median = np.median((singular[:, 0] / singular[:, -1]) ** 2)
    measured = numbers(found("C-14"))["median condition number, covariance, dimension 8"]
    assert measured.low <= median <= measured.high


def test_c15_momentum_rolls_as_in_plain_numpy(found):
    rng = np.random.default_rng(2)
    for name, measured in numbers(found("C-15")).items():
        if not name.startswith("share in the global minimum, momentum"):
            continue
        rate = float(name.split()[-1])
        x, v = rng.uniform(-2.5, -1.5, 4000), np.zeros(4000)
        with np.errstate(all="ignore"):  # at high rates some diverge
            for _ in range(6000):
                v = 0.9 * v + x * (x + 1) * (x - 2)
                x = x - rate * v
            share = np.mean(abs(x - 2) < 0.01)
        if rate < 0.1:  # beyond, the other axis has a say
            assert measured.low - 0.01 <= share <= measured.high + 0.01, name


def test_c16_leaving_takes_the_logarithm_of_the_distance(found):
    """SGD's distance from the ridge grows by 1 + η/κ an update, and 1.9 is the largest rate of its grid."""
    measured = numbers(found("C-16"))
    more = (
        measured["updates, sgd, 1e-08 beside the ridge"].estimate
        - measured["updates, sgd, 0.01 beside the ridge"].estimate
    )
    assert more == pytest.approx(log(1e6) / log(1 + 1.9 / 20), abs=2)


def test_c17_in_one_and_two_dimensions_the_shares_are_a_half_and_a_quarter(found):
    """On a line minima and maxima take turns; on a plane Euler's formula makes saddles half of all."""
    measured = numbers(found("C-17"))
    for dimension, share in ((1, 1 / 2), (2, 1 / 4)):
        one = measured[f"share of minima, random functions, dimension {dimension}"]
        assert one.low <= share <= one.high


def test_c17_what_becomes_of_the_searches_is_told(found):
    way = "searched for from anywhere, dimension 21"
    ends = [
        numbers(found("C-17"))[f"share of searches that are {end}, {way}"] for end in ("found", "stalled", "running")
    ]
    assert sum(one.estimate for one in ends) == pytest.approx(1)
    assert all(one.n == 4 * 16 for one in ends)


def test_c17_halves_are_by_value():
    values, shares = np.array([3.0, 1.0, 2.0, 5.0, 4.0]), np.array([0.5, 0.1, 0.2, 0.9, 0.8])
    assert difference_of_halves(values, shares) == pytest.approx((0.9 + 0.8) / 2 - (0.1 + 0.2) / 2)
    assert np.isnan(difference_of_halves(values[:1], shares[:1]))


def test_c18_examples_are_updates_times_rows(found):
    """Both batch sizes at rates within the grid; plain numbers of another run of the same network are 0.09 and 3.6."""
    measured = numbers(found("C-18"))
    examples = measured["examples seen to a training loss of 0.2, batches of 32 over full ones"]
    updates = measured["updates to it, batches of 32 over full ones"]
    assert examples.estimate == pytest.approx(updates.estimate * 32 / 1257)
    assert updates.low <= 3.6 <= updates.high
    for label in ("mini", "full"):
        assert 0.11 < measured[f"rate chosen, {label} batches"].estimate < 4.7


def test_c18_the_noise_that_is_left_is_that_of_the_closed_form(found):
    """The stationary variance of x ← x − v, v ← ρv + η(hx + noise), summed over the bowl's axes."""

    def left(rate, friction):
        return sum(rate * (1 + friction) / (h * (1 - friction) * (2 * (1 + friction) - rate * h)) for h in (0.1, 2.0))

    measured = numbers(found("C-18"))
    same = measured["mean squared distance from the minimum at last, same rate"]
    progress = measured["mean squared distance from the minimum at last, same rate of progress"]
    assert same.estimate == pytest.approx(left(0.05, 0.9) / left(0.05, 0.0), rel=0.1)
    assert progress.estimate == pytest.approx(left(0.005, 0.9) / left(0.05, 0.0), rel=0.02)


def test_c19_after_drops_the_ends_are_those_of_plain_numpy(found):
    ends = []
    for velocity_form in (True, False):
        x, v = np.array([-7.0, 2.0]), np.zeros(2)
        for t in range(200):
            rate = 0.1 * 0.1 ** sum(t >= drop for drop in (60, 120, 180))
            g = np.array([x[0] / 10, 2 * x[1]])
            v = 0.9 * v + g if velocity_form else 0.9 * v - rate * g
            x = x - rate * v if velocity_form else x + v
        ends.append(np.linalg.norm(x))
    name = "distance from the minimum at the end, velocity form over step form, step, 'bowl'"
    assert numbers(found("C-19"))[name].estimate == pytest.approx(ends[0] / ends[1], rel=2e-3)


def test_c20_overshoots_are_those_of_plain_numpy(found):
    farthest = []
    for ahead in (True, False):
        y, v, path = 1.0, 0.0, []
        for _ in range(58):
            v = 0.9 * v - 0.1 * 2 * (y + 0.9 * v if ahead else y)
            y += v
            path.append(y)
        farthest.append(-min(path))
    measured = numbers(found("C-20"))["Nesterov's overshoot over momentum's, the lecture's rate"]
    assert measured.estimate == pytest.approx(farthest[0] / farthest[1], rel=1e-4)


def test_c20_tuned_momentum_arrives_as_in_plain_numpy(found):
    """Updates until the gradient is below a thousandth for good, at the numbers that were chosen."""
    measured = numbers(found("C-20"))
    aim = "for the fewest updates, 'double_valley', momentum"
    rate, friction = (measured[f"{what} chosen {aim}"].estimate for what in ("rate", "friction"))
    rng = np.random.default_rng(5)
    x, v = rng.uniform([-2.5, -2.0], [3.5, 2.0], (4000, 2)), np.zeros((4000, 2))
    late = np.zeros(4000)
    for t in range(300):
        g = np.stack([x[:, 0] * (x[:, 0] + 1) * (x[:, 0] - 2), 4 * x[:, 1]], axis=1)
        late = np.where(np.linalg.norm(g, axis=1) > 1e-3, t + 1, late)
        v = friction * v - rate * g
        x = x + v
    ours = measured["updates to a minimum, momentum, 'double_valley'"]
    assert ours.low <= np.median(late) <= ours.high


def test_c20_momentum_cycles_where_plain_numpy_does(found):
    z = np.random.default_rng(3).uniform(-4, 4, 20_000)
    v = np.zeros_like(z)
    for _ in range(2000):
        slope = np.where(z < 1, 25 * z, np.where(z < 2, z + 24, 25 * z - 24))
        v = 4 / 9 * v - slope / 9
        z = z + v
    measured = numbers(found("C-20"))["share of starts that converge, momentum"]
    assert measured.low <= np.mean(abs(z) < 1e-3) <= measured.high


def test_c26_newtons_order_is_two(found):
    measured = numbers(found("C-26"))
    assert measured["order of convergence, Newton, 'himmelblau'"].estimate == pytest.approx(2, abs=0.05)
    left = measured["remaining / first distance, in rounding errors times the condition number, dimension 10"]
    assert 0 < left.estimate < 1


def test_c36_momentum_turns_as_often_as_its_eigenvalues_say(found):
    """Across the steep axis its characteristic roots have the angle θ: one turn every π/θ updates."""
    theta = acos((1 + 0.9 - 0.1 * 2) / (2 * sqrt(0.9)))
    measured = numbers(found("C-36"))
    assert measured["turns across the steep axis in 29 updates, momentum"].estimate == int(29 / (pi / theta))
    assert measured["turns across the steep axis in 29 updates, SGD"].estimate == 28
    # Along the flat axis SGD multiplies by 1 − 0.95/10 an update.
    assert measured["updates to a tenth of the distance along the flat axis, SGD"].estimate == ceil(
        log(0.1) / log(0.905)
    )


def test_c37_adagrads_steps_are_those_of_plain_numpy(found):
    y = np.random.default_rng(4).uniform(-10, 10, 20_000)
    h, steps = np.zeros_like(y), []
    for _ in range(10):
        g = 2 * y
        h = h + g * g
        steps.append(1.5 * g / (np.sqrt(h) + 1e-7))
        y = y - steps[-1]
    measured = numbers(found("C-37"))
    tenth = measured["10th step on the steep axis over the first"]
    assert tenth.low <= np.median(abs(steps[9] / steps[0])) <= tenth.high
    # |x| and |y| have the same distribution, and the steep axis is 20 times as curved.
    unit = measured["first step per unit of gradient, steep axis over flat one"]
    assert unit.low <= 1 / 20 <= unit.high


def test_c36_sgd_is_tuned_to_nearly_its_best_rate(found):
    """2/(L + µ) is the best rate in the worst case; from usual starts, a little less."""
    assert 0.88 < numbers(found("C-36"))["rate chosen, SGD"].estimate <= 2 / 2.1


def test_c37_swings_are_those_of_plain_numpy(found):
    """What is gone across the steep axis beyond the distance of its ends, in 300 updates."""
    y = np.random.default_rng(6).uniform(-10, 10, (2, 20_001))
    begun, v, m, s, way = y.copy(), np.zeros(20_001), np.zeros(20_001), np.zeros(20_001), np.zeros_like(y)
    for t in range(1, 301):
        v = 0.9 * v - 0.1 * 2 * y[0]
        g = 2 * y[1]
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        step = -0.3 * sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(s) + 1e-7)
        way += abs(np.stack([v, step]))
        y = y + np.stack([v, step])
    momentum, adam = (way - abs(y - begun)) / abs(begun)
    part = next(part for part in found("C-37").parts if "lecture's settings" in part.claim)
    measured = {one.what: one for one, _ in part.rows}
    assert measured["swing, share of the first distance, momentum"].estimate == pytest.approx(momentum[0], rel=1e-3)
    ours = measured["swing, share of the first distance, Adam"]
    assert ours.low <= np.median(adam) <= ours.high


UNKNOWN = [("C-7", "did you mean 'C-37'?"), ("C-141", "did you mean 'C-14'?"), ("x", "choose from C-01")]


@pytest.mark.parametrize(("asked", "hint"), UNKNOWN)
def test_an_unknown_statement_is_refused_in_one_line(asked, hint):
    with pytest.raises(LectureError) as error:
        examine(asked)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_size_is_refused():
    with pytest.raises(LectureError, match="did you mean 'small'"):
        examine("C-14", size="smal")


@pytest.mark.parametrize(
    "changed",
    [
        "trainwell.lecture.statements.optimization.saddles",
        "trainwell.lecture.statements.statement",
        "trainwell.lecture.experiment",
        "trainwell.lecture.measuring",
        "trainwell.statistics.intervals",
    ],
)
def test_a_finding_is_not_kept_where_code_that_decides_it_changed(changed, monkeypatch):
    before = registry._key(STATEMENTS["C-16"], "small", None)
    monkeypatch.setattr(registry, "getsource", lambda one: getsource(one) + "#" * (one.__name__ == changed))
    assert registry._key(STATEMENTS["C-16"], "small", None) != before


def test_another_statements_code_decides_nothing(monkeypatch):
    before = registry._key(STATEMENTS["C-16"], "small", None)
    other = "trainwell.lecture.statements.optimization.ill_conditioning"
    monkeypatch.setattr(registry, "getsource", lambda one: getsource(one) + "#" * (one.__name__ == other))
    assert registry._key(STATEMENTS["C-16"], "small", None) == before


def test_ids_are_taken_in_either_case():
    assert statement("c-14") is STATEMENTS["C-14"]
