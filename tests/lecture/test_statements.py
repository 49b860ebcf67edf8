"""Each statement, small: its verdict, its parts, and one of its numbers computed another way."""

from math import acos, ceil, log, pi, sqrt

import numpy as np
import pytest

from trainwell.lecture import STATEMENTS, LectureError, examine, statement

# The verdict on each of the statement's own parts, in their order.
HELD = {
    "C-14": [True, True, True, True],
    "C-15": [True, True, False, True, False],
    "C-16": [True, True, True, True],
    "C-17": [True, True],
    "C-18": [True, True, True, True, False],
    "C-19": [True],
    "C-20": [True, False, True, True, True],
    "C-26": [True, True, True, True],
    "C-36": [True, True, True, True],
    "C-37": [False, True, True, True, True],
}


@pytest.fixture(scope="module")
def found():
    """Each statement is examined once."""
    findings = {}

    def of(one):
        if one not in findings:
            findings[one] = examine(one, size="small")
        return findings[one]

    return of


def numbers(finding):
    return {one.what: one for part in finding.parts for one in part.measured}


def test_all_statements_of_the_geometry_are_there():
    assert list(STATEMENTS) == list(HELD)


@pytest.mark.parametrize("one", HELD)
def test_the_parts_hold_as_they_do_in_full(found, one):
    finding = found(one)
    assert [part.holds for part in finding.parts if not part.beyond] == HELD[one]
    for part in finding.parts:
        for number in part.measured:
            assert number.n > 0
            assert number.low <= number.estimate <= number.high, number
        for curve in part.chart.curves if part.chart else ():
            assert len(curve.x) == len(curve.y) == len(curve.low) == len(curve.high) > 0


def test_c14_counts_updates_as_the_closed_form(found):
    """At rate 2/(L + µ) an update multiplies both components by ∓(κ − 1)/(κ + 1)."""
    angles = np.linspace(0, 2 * pi, 4001)
    for k in (10, 100, 1000):
        slope = np.hypot(np.cos(angles) / k, np.sin(angles))
        updates = np.ceil(np.log(1e-3 / k / slope) / log((k - 1) / (k + 1)))
        measured = numbers(found("C-14"))[f"updates to a thousandth, condition {k:,}"]
        assert measured.low <= np.median(updates) <= measured.high


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
    left = measured["distance left of the first, in roundings times the condition number, dimension 10"]
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


UNKNOWN = [("C-7", "did you mean 'C-37'?"), ("C-141", "did you mean 'C-14'?"), ("x", "choose from C-14")]


@pytest.mark.parametrize(("asked", "hint"), UNKNOWN)
def test_an_unknown_statement_is_refused_in_one_line(asked, hint):
    with pytest.raises(LectureError) as error:
        examine(asked)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_size_is_refused():
    with pytest.raises(LectureError, match="did you mean 'small'"):
        examine("C-14", size="smal")


def test_ids_are_taken_in_either_case():
    assert statement("c-14") is STATEMENTS["C-14"]
