"""The sentences above a comparison: who leads, by how much, and never without an interval."""

import re
from dataclasses import replace

import numpy as np
import pytest

from reference.comparisons import comparison, comparisons, normal
from trainwell.comparison import Comparison, Terms, headline, headlines

LABELS = ("a", "b", "c", "d")


def levels(*means: float, n: int = 30, sd: float = 0.004, reference: str | None = None) -> Comparison:
    values = [normal(k, mean, sd, n) for k, mean in enumerate(means)]
    return comparison(LABELS[: len(means)], values, data="digits", terms=Terms(reference=reference))


def test_of_two_the_verdict_is_the_headline() -> None:
    found = levels(0.9, 0.93)
    assert headline(found) == found.pairs[0].words
    assert headline(found).startswith("b reaches a higher validation accuracy than a, by ")


def test_one_leader_is_named_with_its_smallest_lead() -> None:
    found = levels(0.90, 0.93, 0.95, 0.91)
    pair = found.pair(2, 1)
    assert pair is not None
    assert headline(found) == f"c is better than all 3 others. The smallest difference: {pair.words}"


def test_a_leading_group_is_named() -> None:
    said = headline(levels(0.95, 0.95, 0.90, 0.91))
    assert re.match(
        r"No other is significantly better than (a and b|b and a), with no difference larger than 0.37 points betw",
        said,
    )
    assert " between them. d and c are worse; the smallest difference: " in said
    assert re.search(
        r" tuned over 24 values\); 1 failure in 20 runs of [ab], too rare to be seen in 10 seeds, "
        r"would undo this difference\.$",
        said,
    )
    assert " d, by " in said  # d is the nearest of those behind


def test_one_that_is_behind_is_named() -> None:
    said = headline(levels(0.95, 0.95, 0.90))
    assert " c is worse: " in said
    assert " than c, by " in said


def test_of_three_there_are_two_others() -> None:
    said = headline(levels(0.90, 0.93, 0.95))
    assert said.startswith("c is better than both others. The smallest difference: c reaches ")


def test_a_group_among_which_nothing_is_decided() -> None:
    said = headline(levels(0.95, 0.951, 0.90, sd=0.01))
    assert "better than b and a; between these two it is undecided. c is worse: " in said


def test_equals_are_equal_within_the_margin() -> None:
    said = headline(levels(0.95, 0.95, 0.95, sd=0.0005))
    assert said.startswith("No difference larger than 0.37 points between any two contenders. The best mean ")
    assert re.search(r"9\d\.\d+% \(95% interval \[9\d\.\d+, 9\d\.\d+\], 30 seeds\)\.$", said)


def test_one_seed_makes_no_winner() -> None:
    said = headline(levels(0.95, 0.90, 0.85, n=1))
    assert said.startswith("No contender is significantly better than another: 3 of 3 pairs are undecided.")
    assert said.endswith("(1 seed: no interval).")


def test_against_a_reference_only_its_pairs_are_counted() -> None:
    found = levels(0.93, 0.90, 0.96, 0.95, reference="a")
    best = found.pair(0, 2)
    assert best is not None
    assert headline(found) == f"Of 3 others 2 are better than a, 1 is worse. The largest gain: {best.words}"


def test_against_a_reference_that_none_beats() -> None:
    assert headline(levels(0.96, 0.90, 0.9, reference="a")) == ("None of the 2 others is better than a: 2 are worse.")


def test_against_a_reference_that_all_beat() -> None:
    assert headline(levels(0.90, 0.95, 0.96, reference="a")).startswith("All 2 others are better than a. The largest ")


def test_all_diverged() -> None:
    lost = [(k, s) for k in range(3) for s in range(12)]
    found = comparison(LABELS[:3], [[0.5] * 12] * 3, diverged=lost)
    assert headline(found) == "All networks of all contenders diverged: try lower learning rates."


def test_a_circle_of_wins_names_no_winner() -> None:
    found = levels(0.90, 0.93, 0.96)
    (ab, ac, bc) = found.pairs
    circle = replace(found, pairs=(replace(ab, better=0), replace(ac, better=2), replace(bc, better=1)))
    assert circle.best == ()
    assert headline(circle).startswith("Each contender is significantly worse than another one: none is the best.")


def test_names_with_commas_stay_apart() -> None:
    values = [normal(k, mean, 0.004, 30) for k, mean in enumerate((0.95, 0.95, 0.9))]
    said = headline(comparison(["x=1, y=2", "z", "w"], values, data="digits"))
    assert "“x=1, y=2”" in said
    assert "“z”" not in said


def test_many_names_are_counted() -> None:
    values = [*(normal(k, 0.95, 0.004, 30) for k in range(7)), normal(9, 0.9, 0.004, 30)]
    said = headline(comparison([f"m{k}" for k in range(8)], values, data="digits"))
    assert re.match(
        r"No other is significantly better than m\d, m\d, m\d and 4 others; among them \d+ of 21 pairs are ", said
    )


@pytest.mark.parametrize("means", [(0.9, 0.95), (0.9, 0.92, 0.94), (0.94, 0.94, 0.9), (0.9, 0.9, 0.9)])
@pytest.mark.parametrize("reference", [None, "a"])
def test_never_a_winner_without_an_interval(means: tuple[float, ...], reference: str | None) -> None:
    said = headline(levels(*means, reference=reference))
    won = re.search(r"reaches|^\w is better than|(is|are) worse[:;]|smallest difference|largest gain", said)
    assert not won or re.search(r"\[−?\d+\.\d+, −?\d+\.\d+\]", said)


def test_over_data_sets_mean_ranks_speak() -> None:
    parts = [comparison(LABELS, [normal(10 * i + k, 0.9 + 0.02 * k, 0.003, 12) for k in range(4)]) for i in range(5)]
    together = comparisons(*parts)
    assert together.across is not None
    gap = together.across.ranks.critical_difference
    assert gap == pytest.approx(2.569 * np.sqrt(4 * 5 / 30), abs=0.002)  # Demšar (2006), table 5a
    assert headlines(together) == (
        "d has the best mean rank over 5 data sets, 1.00 of 4; it is significantly better than a (critical difference "
        f"of ranks {gap:.2f})."
    )
    assert headlines(comparisons(parts[0])) == headline(parts[0])


@pytest.mark.parametrize(("count", "data_sets", "gap"), [(4, 2, 3.32), (2, 3, 1.13), (3, 2, 2.34)])
def test_too_few_data_sets_tell_nothing(count: int, data_sets: int, gap: float) -> None:
    levels = [0.9 + 0.02 * k for k in range(count)]
    parts = [
        comparison(LABELS[:count], [normal(10 * i + k, mean, 0.003, 12) for k, mean in enumerate(levels)])
        for i in range(data_sets)
    ]
    together = comparisons(*parts)
    assert together.across is not None
    assert together.across.ranks.critical_difference == pytest.approx(gap, abs=0.005)  # ranks differ by K − 1 at most
    assert headlines(together) == (
        f"{LABELS[count - 1]} has the best mean rank over {data_sets} data sets, 1.00 of {count}; with so few data "
        "sets no difference of ranks can be significant."
    )


def test_a_mean_is_not_rounded_away() -> None:
    values = [[1.1006 + 40 * (s == 0) for s in range(12)]] * 3
    said = headline(comparison(LABELS[:3], values, data="digits", terms=Terms(metric="loss")))
    assert "4.43 (95% interval" in said  # (12 · 1.1006 + 40) / 12, though the interval is ± 7
