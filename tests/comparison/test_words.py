"""Verdicts read as the numbers say: direction, unit, interval, and never a winner without one."""

import math
from dataclasses import replace
from typing import Any

import pytest

from trainwell.comparison.judging import cancelling_failure_rate
from trainwell.comparison.words import verdict
from trainwell.core import METRICS, MetricName
from trainwell.statistics import PairDecision

NAMES = ("adam", "sgd")
WINS = (0.97, 0.03)


def decision(
    difference: float, low: float, high: float, *, n: int = 20, differs: bool = False, equivalent: bool = False
) -> PairDecision:
    return PairDecision(
        first=0,
        second=1,
        look=0,
        n=n,
        difference=difference,
        low=low,
        high=high,
        p=0.01,
        p_adjusted=0.01,
        p_equivalence=0.5,
        differs=differs,
        equivalent=equivalent,
        method="sign-flip",
    )


def said(one: PairDecision, metric: MetricName = "accuracy", detectable: float = math.nan, **more: Any) -> str:
    how = "each learning rate tuned over 24 values"
    return verdict(one, NAMES, METRICS[metric], 0.002, **{"wins": WINS, "how": how, "detectable": detectable, **more})


def test_better_accuracy_is_higher_and_in_points() -> None:
    assert said(decision(0.0131, 0.0102, 0.016, differs=True)) == (
        "adam reaches a higher validation accuracy than sgd, by 1.31 points [1.02, 1.60], in 97% of paired runs "
        "(20 seeds, each learning rate tuned over 24 values)."
    )


def test_better_loss_is_lower_whoever_comes_first() -> None:
    first = said(decision(-0.0312, -0.039, -0.0241, differs=True), "loss")
    second = said(decision(0.0312, 0.0241, 0.039, differs=True), "loss")
    assert first.startswith("adam reaches a lower validation loss than sgd, by 0.0312 [0.0241, 0.0390], in 97% of")
    assert second.startswith("sgd reaches a lower validation loss than adam, by 0.0312 [0.0241, 0.0390], in 3% of")


def test_a_difference_below_the_margin_says_so() -> None:
    text = said(decision(0.001, 0.0005, 0.0015, differs=True, equivalent=True))
    assert text.endswith("; that is less than the margin of 0.2 points.")


def test_equivalence_names_the_margin_and_the_interval() -> None:
    text = said(decision(-0.0003, -0.0012, 0.0006, equivalent=True))
    assert text.startswith("No difference larger than 0.2 points between sgd and adam: 0.030 points [−0.060, 0.120]")


def test_equal_results_with_every_seed() -> None:
    text = said(decision(0.0, 0.0, 0.0, n=10, equivalent=True))
    assert text.startswith("adam and sgd have the same validation accuracy with every seed (10 seeds")


@pytest.mark.parametrize(
    ("n", "ends", "detectable", "expected"),
    [
        (
            1,
            (math.nan, math.nan),
            math.nan,
            "[no interval] (1 seed, each learning rate tuned over 24 values); one seed is not enough for a test.",
        ),
        (3, (-0.01, 0.05), math.nan, "; 3 seeds are too few to show a difference."),
        (
            30,
            (-0.01, 0.05),
            0.004,
            "; with this number of seeds a difference of 0.40 points is detected with 80% probability.",
        ),
    ],
)
def test_undecided_says_why(n: int, ends: tuple[float, float], detectable: float, expected: str) -> None:
    text = said(decision(0.02, *ends, n=n), detectable=detectable)
    assert text.startswith("Undecided between adam and sgd: 2.0")
    assert text.endswith(expected)
    assert "nan" not in text


def test_an_interval_that_is_not_decisive_among_many_pairs_says_so() -> None:
    open_pair = decision(0.01, 0.001, 0.02)
    assert "; among 15 comparisons this may be chance" in said(open_pair, num_pairs=15)
    assert "may be chance" not in said(open_pair, num_pairs=1)
    assert "may be chance" not in said(decision(0.01, -0.001, 0.02), num_pairs=15)


def test_ties_are_no_half_wins() -> None:
    text = said(decision(0.01, 0.001, 0.02, differs=True), wins=(0.5, 0.0))
    assert "in 50% of paired runs, tied in 50% (20 seeds" in text


def test_diverged_runs_are_named() -> None:
    text = said(decision(0.01, 0.001, 0.02, differs=True), diverged=(0, 3))
    assert "(20 seeds, 3 diverged of sgd, each learning rate tuned" in text


def test_amounts_have_decimals_for_their_interval() -> None:
    assert METRICS["accuracy"].amount(-0.00004, 0.01) == "0.0"
    assert METRICS["loss"].amount(1.5, 20.0) == "2"
    assert METRICS["r2"].amount(-0.5, 0.0) == "−0.5000"
    assert METRICS["accuracy"].margin_text(0.0028) == "0.28 points"


def test_skewed_differences_are_said_with_their_skewness() -> None:
    skewed = replace(decision(0.01, -0.02, 0.015), method="skewed", skewness=-3.44)
    assert said(skewed, detectable=0.02).endswith(
        "is detected with 80% probability; the differences are skewed against adam (skewness −3.4): it is better in "
        "97% of paired runs, but rare large losses may outweigh that."
    )
    assert "it is better in 45% of paired runs" in said(skewed, wins=(0.45, 0.55))  # adam, though it wins less often
    loss = replace(decision(0.4, 0.1, 0.7, differs=True), method="skewed", skewness=-2.0)
    assert said(loss, "loss").endswith(
        "; the differences are skewed against sgd (skewness −2.0); the test accounts for this."
    )


def test_what_would_undo_a_difference_names_the_one_ahead() -> None:
    one = decision(0.0315, 0.0241, 0.038, n=10, differs=True)
    text = said(
        one, cancelling_failure_rate=0.0371, doubts=["sgd's momentum lies beside an untried gap from 0.5 to 0.9"]
    )
    assert text.endswith(
        "; 1 failure in 26 runs of adam, too rare to be seen in 10 seeds, would undo this difference; sgd's momentum "
        "lies beside an untried gap from 0.5 to 0.9, so this may be an artefact of tuning."
    )
    assert "in 2 runs of sgd," in said(decision(0.4, 0.3, 0.5, n=3, differs=True), "loss", cancelling_failure_rate=0.49)
    assert "in 2 runs of adam," in said(one, cancelling_failure_rate=0.35)  # 1 in 3 would not be enough


@pytest.mark.parametrize(
    ("n", "difference", "undone"),
    [(10, 0.0315, 0.0315 / 0.85), (10, 0.3, None), (30, 0.081, None), (30, 0.076, 0.076 / 0.85), (10, 0.9, None)],
)
def test_a_rate_of_failures_matters_while_so_many_seeds_may_show_none(n: int, difference: float, undone: float) -> None:
    """Ahead by a mean of 0.95 where a failure counts as 0.1; 5% of 10 seeds without a failure is a rate of 26%."""
    found = cancelling_failure_rate(decision(difference, 0.01, 1.0, n=n, differs=True), 0.95, 0.1)
    assert found == pytest.approx(undone) if undone else math.isnan(found)
    assert math.isnan(cancelling_failure_rate(decision(difference, -1.0, 1.0, n=n), 0.95, 0.1))


def test_failures_of_one_that_is_worse_than_guessing_do_not_count_as_that() -> None:
    one = decision(0.02, 0.01, 0.03, n=10, differs=True)
    assert math.isnan(cancelling_failure_rate(one, 0.6, 0.65))
    assert cancelling_failure_rate(one, -0.3, -2.3) == pytest.approx(0.01)  # a loss of 0.3, and of 2.3 by guessing
