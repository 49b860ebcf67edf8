"""The tables and squares of a comparison's page, against numbers worked by hand."""

import pytest

from reference.comparisons import comparison, comparisons, normal
from reference.page_text import shown
from trainwell.comparison import (
    Comparison,
    Terms,
    across_table,
    common_step,
    leaders,
    mean_cell,
    ranking_table,
    value_step,
)
from trainwell.core import METRICS
from trainwell.display import Style, seconds_text, styles, time_cell
from trainwell.report.comparison.pairs import improvement_table, pairs_table, signed
from trainwell.report.comparison.tables import (
    decided_first,
    differences_table,
    time_table,
    tuned_table,
)
from trainwell.statistics import Interval

NAN, INF = float("nan"), float("inf")
LABELS = ("slow", "good", "best")


def drawn(part: Comparison) -> list[Style]:
    return styles(part.ranking())


def levels(*means: float, terms: Terms | None = None, sd: float = 0.003) -> Comparison:
    values = [normal(k, mean, sd, 30) for k, mean in enumerate(means)]
    return comparison(LABELS[: len(means)], values, data="digits", terms=terms)


def cells(listing, label):
    """The cells of the first row of that name, by their heads."""
    row = next(row for row in listing.rows if row.cells[0].split(". ")[-1] == label)
    return {head.text: shown(cell) for head, cell in zip(listing.heads, row.cells, strict=True)}


@pytest.mark.parametrize(
    ("value", "metric", "step", "text"),
    [
        (0.97123, "accuracy", 0.004, "97.12"),
        (0.1, "accuracy", NAN, "10.00"),
        (0.0312, "loss", NAN, "0.0312"),
        (-0.4321, "r2", 0.03, "−0.432"),
        (NAN, "loss", 0.1, "–"),
        (INF, "loss", 0.1, "–"),
    ],
)
def test_values(value, metric, step, text):
    assert METRICS[metric].amount(value, step) == text


def test_differences_have_signs_but_for_zero():
    assert signed(0.0131, "accuracy", 0.003) == "+1.31"
    assert signed(-0.0131, "accuracy", 0.003) == "−1.31"
    assert signed(0.0, "accuracy", 0.003) == signed(1e-9, "accuracy", 0.003) == "0.00"


def test_times_that_never_end():
    assert shown(time_cell(Interval(INF, 12.0, INF, 8))) == ("never", "[12, never]")
    assert shown(time_cell(Interval(12.5, NAN, NAN, 3))) == ("12.5", "")
    assert seconds_text(NAN) == "–"
    assert [seconds_text(s) for s in (0.25, 1.5, 12345.0)] == ["250 ms", "1.5 s", "12,345 s"]


def test_a_column_has_the_same_decimals():
    wide, narrow = Interval(0.9, 0.85, 0.95, 5), Interval(0.9612, 0.9604, 0.962, 5)
    step = common_step([wide, narrow, Interval(0.96, 0.955, 0.965, 5), Interval(0.1, NAN, NAN, 1)])
    assert step == pytest.approx(0.005)
    assert [shown(mean_cell(one, "accuracy", step)) for one in (wide, narrow)] == [
        *(("90.00", "[85.00, 95.00]"), ("96.12", "[96.04, 96.20]")),
    ]


def test_ranking_by_hand():
    part = comparison(
        ("a", "b"), [[0.90, 0.92], [0.95]], data="digits", terms=Terms(target_score=0.9), diverged=[(0, 1)]
    )
    listing = ranking_table(part, drawn(part))
    assert [row.cells[0] for row in listing.rows] == ["1. b", "2. a"]
    found = cells(listing, "a")
    assert found["Seeds"] == ("2", "")
    guess = part.guessing_score
    assert found["Validation accuracy, %"][0] == METRICS["accuracy"].amount((0.9 + guess) / 2, 0.01) == "50.0"
    assert found["Diverged"] == ("1", "")
    assert found["Epochs to target"] == ("never", "")
    one = cells(listing, "b")
    assert one["Standard deviation"] == ("–", "")
    assert one["Validation accuracy, %"][1] == ""
    assert one["Time per network"] == ("500 ms", "")


def test_leaders_are_set_off_unless_they_are_all():
    part = levels(0.9, 0.95, 0.95)
    assert leaders(part) == {1, 2}
    assert [row.chosen for row in ranking_table(part, drawn(part)).rows] == [True, True, False]
    assert leaders(levels(0.95, 0.95, sd=0.0004)) == set()
    assert leaders(levels(0.93, 0.90, 0.96, terms=Terms(reference="slow"))) == {2}


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_pairs_have_the_one_ahead_first(metric):
    means = {"accuracy": (0.90, 0.95, 0.9501), "loss": (0.50, 0.45, 0.4499)}[metric]
    part = levels(*means, terms=Terms(metric=metric))
    listing, times = differences_table(part), 100 if metric == "accuracy" else 1
    for row, pair in zip(listing.rows, decided_first(part), strict=True):
        ahead, behind = (part.labels.index(cell) for cell in row.cells[:2])
        assert {ahead, behind} == {pair.first, pair.second}
        one = pair.decision
        first, second = (part.summaries[k].values[: one.n].mean() for k in (ahead, behind))
        assert part.sign * (first - second) > 0
        value, ends = shown(row.cells[2])
        turn = part.sign * (1 if ahead == pair.first else -1)
        assert float(value) == pytest.approx(times * turn * one.difference, abs=0.01)
        assert float(value) >= 0
        found = [float(end.replace("−", "-")) for end in ends.strip("[]").split(", ")]
        assert found == pytest.approx(sorted((times * turn * one.low, times * turn * one.high)), abs=0.01)
        chance = pair.improvement.mean if ahead == pair.first else 1 - pair.improvement.mean
        assert row.cells[3][0] == f"{chance:.0%}"
        if pair.better is not None:
            assert row.cells[-1][0] == f"{part.labels[ahead]} is better"
            assert pair.words.startswith(f"{part.labels[ahead]} reaches a")
    assert listing.rows[-1].cells[-1][0] in ("undecided", "within the margin")


def test_a_wide_interval_does_not_round_a_mean_away():
    wide = [Interval(1.1006, 0.0, 41.0, 3), Interval(2.5, 0.0, 61.0, 3)]
    assert mean_cell(wide[0], "loss")[0] == "1.10"
    assert mean_cell(wide[0], "loss", value_step(wide, "loss"))[0] == "1.10"
    assert mean_cell(Interval(0.5, 0.0, 1.0, 3), "accuracy")[0] == "50.0"


def test_the_matrix_is_the_same_from_both_sides():
    part = levels(0.90, 0.95, 0.9501)
    matrix = pairs_table(part, part.labels)
    order = part.ranking()
    assert [row.cells[0] for row in matrix.rows] == [f"{i}. {part.labels[k]}" for i, k in enumerate(order, 1)]
    other = {"▲": "▼", "▼": "▲", "≈": "≈", "?": "?", "": ""}
    for i in range(3):
        for j in range(3):
            one, turned = matrix.rows[i].cells[j + 1], matrix.rows[j].cells[i + 1]
            assert turned.text == other[one.text]
            assert turned.small == one.small.translate({ord("+"): "−", ord("−"): "+"})
            assert (one.look == "self") == (i == j)
    assert [cell.look for row in matrix.rows for cell in row.cells[1:]].count("better") == 2
    assert matrix.rows[0].cells[3].text == "▲"
    assert matrix.rows[0].cells[3].small.startswith("+")


def test_a_lower_loss_is_better():
    values = [normal(k, mean, 0.003, 30) for k, mean in enumerate((0.5, 0.4))]
    part = comparison(("a", "b"), values, data="digits", terms=Terms(metric="loss"))
    cell = pairs_table(part, part.labels).rows[0].cells[2]
    assert (cell.look, cell.text) == ("better", "▲")
    assert cell.small.startswith("+0.")  # the row's advantage, though its loss is lower


def test_a_difference_below_the_margin_looks_weaker():
    part = levels(0.90, 0.902, terms=Terms(margin=0.02), sd=0.0005)
    assert part.pairs[0].decision.differs
    assert [(c.look, c.text) for row in pairs_table(part, part.labels).rows for c in row.cells[1:] if c.text] == [
        *(("small", "△"), ("small-worse", "▽")),
    ]


def test_with_a_reference_all_stand_against_it():
    part = levels(0.93, 0.90, 0.96, terms=Terms(reference="slow"))
    matrix = pairs_table(part, part.labels)
    assert [head.text for head in matrix.heads[1:]] == ["2. slow"]
    assert [(row.cells[0], row.cells[1].text) for row in matrix.rows] == [("1. best", "▲"), ("3. good", "▼")]


def test_large_squares_have_symbols_only():
    part = comparison([f"c{k}" for k in range(14)], [[0.5 + 0.01 * k] * 30 for k in range(14)], data="digits")
    matrix = pairs_table(part, part.labels)
    assert {cell.small for row in matrix.rows for cell in row.cells[1:]} == {""}
    assert [head.text for head in matrix.heads[1:]] == [f"{place}." for place in range(1, 15)]
    assert {cell.text for row in matrix.rows for cell in row.cells[1:]} >= {"▲", "▼"}


def test_time_by_hand():
    part = comparison(("a", "b"), [[0.9] * 4, [0.95] * 4], data="digits", terms=Terms(target_score=0.93))
    listing = time_table(part, drawn(part))
    assert [row.cells[0] for row in listing.rows] == ["b", "a"]
    assert cells(listing, "a")["Runs that reached the target"] == ("0%", "[0%, 49%]")  # Wilson's, n = 4
    assert cells(listing, "b")["Runs that reached the target"] == ("100%", "[51%, 100%]")
    assert cells(listing, "b")["Time of all its networks"] == ("2 s", "4 networks")
    assert cells(listing, "b")["Tuning took"] == ("2.5 s", "")


def test_tuned_rows_are_the_candidates():
    part = levels(0.90, 0.95)
    listing = tuned_table(part, drawn(part))
    own = [row for row in listing.rows if row.cells[0] == "good"]
    assert [row.chosen for row in own] == [True, False, False]
    trials = {t.number: t for t in part.tunings[1].search.trials}
    for row, one in zip(own, part.tunings[1].candidates, strict=True):
        assert float(row.cells[1]) == pytest.approx(one.trial.values["learning_rate"], rel=1e-3)
        assert float(row.cells[2][0]) == pytest.approx(100 * one.score.mean, abs=0.02)
        assert row.cells[2][1].endswith("n = 3")
    lost = sum(t.state == "diverged" for t in trials.values())
    assert shown(own[0].cells[-1]) == ("24", f"{lost} diverged" if lost else "")


def test_over_data_sets_by_hand():
    parts = [comparison(LABELS, [normal(10 * i + k, 0.8 + 0.05 * k, 0.01, 10) for k in range(3)]) for i in range(3)]
    together = comparisons(*parts)
    listing = across_table(together, drawn(parts[0]))
    assert [row.cells[:2] for row in listing.rows] == [
        *(("1. best", "1.00"), ("2. good", "2.00"), ("3. slow", "3.00")),
    ]
    assert [head.text for head in listing.heads[3:]] == [f"iris-{i}: Validation accuracy, %" for i in (1, 2, 3)]
    matrix = improvement_table(together.across, LABELS, [2, 1, 0])
    assert [shown(cell) for cell in matrix.rows[0].cells[1:]] == [("", ""), *[("▲", "100% [100%, 100%]")] * 2]
