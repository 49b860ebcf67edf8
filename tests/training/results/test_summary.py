"""The numbers, the sentence and the labels of a page, against numbers worked by hand."""

import numpy as np
import pytest

from reference.page_text import shown
from trainwell.core import loss_text, score_text
from trainwell.display import range_text
from trainwell.report.training.page import notes
from trainwell.statistics import mean_interval
from trainwell.training import (
    Recipe,
    headline,
    recipe_labels,
    results_table,
    summarise,
)


def test_summary_by_hand(two):
    sgd, adam = summarise(two)
    assert (sgd.label, sgd.n, sgd.diverged, sgd.stopped) == ("sgd", 3, 0, 1)
    assert sgd.score.mean == pytest.approx(0.7)  # 0.5, 0.7, 0.9
    assert sgd.score.low == pytest.approx(0.7 - 4.30265272991 * 0.2 / 3**0.5)
    assert sgd.score.high == 1  # clipped
    assert sgd.loss.mean == pytest.approx(1.3)
    assert sgd.training_score.mean == pytest.approx(0.85)
    assert sgd.steps == (20, 30, 30)
    assert sgd.epochs == pytest.approx((2, 3, 3))
    assert (adam.n, adam.diverged, adam.score.n, adam.score.excluded) == (3, 1, 2, 1)
    assert adam.score.mean == pytest.approx(0.96)


def test_headline_names_the_best_and_what_overlaps(two):
    said = headline(two, summarise(two))
    assert said.startswith(
        "adam had the highest mean validation accuracy of 2 recipes: 0.960 (95% interval [0.833, 1.000]"
    )
    assert "2 seeds, 1 diverged" in said
    assert said.endswith("The interval of sgd overlaps with it.")


def test_headline_of_separate_recipes(population):
    recipes = [Recipe(optimizer="sgd"), Recipe(optimizer="adam")]
    trained = population(recipes, 2, [[0.5], [0.501], [0.9], [0.901]])
    assert "overlap" not in headline(trained, summarise(trained))


def test_headline_of_one_seed_claims_no_interval(population):
    trained = population([Recipe()], 1, [[0.5, 0.75]])
    assert headline(trained, summarise(trained)) == "adam reached a validation accuracy of 0.750 (1 seed: no interval)."
    said = notes(trained, summarise(trained))
    assert any("One seed" in note for note in said)
    assert not any("brackets" in note for note in said)


def falling(last, points=20):
    """Scores whose losses (2 minus them) are 1, but for `last` in the last tenth."""
    return [1.0] * (points - points // 10) + [2 - last] * (points // 10)


def test_a_loss_that_still_falls_is_said_with_what_to_set(population):
    trained = population([Recipe(epochs=30)], 3, [falling(0.9), falling(0.88), falling(0.92)])
    trained.trace.values["accuracy/validation"][:] = 0.7
    (one,) = summarise(trained)
    assert one.fall.mean == pytest.approx(0.1)  # 0.1, 0.12, 0.08
    assert one.fall.low == pytest.approx(0.1 - 4.30265272991 * 0.02 / 3**0.5)
    assert one.still_improving
    said = "Still improving: the validation loss fell by 10% [5%, 15%] over the last fifth of training. "
    assert headline(trained, summarise(trained)).endswith(f"{said}Train longer, as with epochs 60.")
    assert trained.to_json()["recipes"][0]["advice"][0].startswith(said)
    steps = population([Recipe(steps=50)], 1, [falling(0.9)])
    steps.trace.values["accuracy/validation"][:] = 0.7
    assert headline(steps, summarise(steps)).endswith(
        "by 10% over the last fifth of training. Train longer, as with steps 100."
    )


@pytest.mark.parametrize(
    ("losses", "statuses", "score"),
    [
        ((0.99, 0.99, 0.99), ("finished",) * 3, 0.7),  # by less than matters
        ((0.9, 0.99, 1.05), ("finished",) * 3, 0.7),  # not with every seed
        ((1.1, 1.1, 1.1), ("finished",) * 3, 0.7),  # it rises
        ((0.9, 0.88, 0.92), ("finished",) * 3, 1.0),  # no score is better
        ((0.9, 0.88, 0.92), ("stopped",) * 3, 0.7),  # patience ended it
    ],
)
def test_what_is_not_still_improving(population, losses, statuses, score):
    trained = population([Recipe()], 3, [falling(last) for last in losses], statuses)
    trained.trace.values["accuracy/validation"][:] = score
    assert "improving" not in headline(trained, summarise(trained))
    assert trained.to_json()["recipes"][0]["advice"] == []


def test_short_curves_do_not_tell(population):
    trained = population([Recipe()], 3, [[0.1, 0.5, 0.9]] * 3)
    assert np.isnan(summarise(trained)[0].fall.mean)
    assert not summarise(trained)[0].still_improving


def test_headline_when_all_diverged(population):
    trained = population([Recipe()], 2, [[np.nan], [np.nan]], ["diverged"] * 2)
    assert headline(trained, summarise(trained)) == "All 2 networks diverged: lower the learning rate."


def test_regression_speaks_of_r2_which_may_be_negative(population):
    trained = population([Recipe()], 2, [[-2.0], [-1.0]], data="diabetes")
    (only,) = summarise(trained)
    assert only.score.mean == -1.5
    assert only.score.low < -2
    assert "validation R²" in headline(trained, summarise(trained))


def test_table_is_sorted_and_carries_n(two):
    table = results_table(two, summarise(two))
    assert [row.cells[0] for row in table.rows] == ["adam", "sgd"]
    first, second = ({h.text: shown(c) for h, c in zip(table.heads, row.cells, strict=True)} for row in table.rows)
    assert first["Validation accuracy"] == ("0.960", "[0.833, 1.000]")
    assert first["Seeds"] == ("3", "")
    assert first["Diverged"] == ("1", "")
    assert second["Updates"] == ("20–30", "1 stopped early")


def test_interval_of_the_table_is_the_interval_of_the_values(two):
    assert summarise(two)[0].score == mean_interval([0.5, 0.7, 0.9], within=(0, 1))


@pytest.mark.parametrize(
    ("recipes", "labels"),
    [
        ([{}], ("adam",)),
        (
            [{"learning_rate": 0.1}, {"learning_rate": 1e6}, {}],
            ("learning_rate=0.1", "learning_rate=1000000", "learning_rate=default"),
        ),
        ([{"optimizer": "sgd", "hidden": (5, 4)}, {"hidden": ()}], ("hidden=5x4, sgd", "hidden=none, adam")),
        ([{"batch_norm": True}, {}], ("batch_norm=true", "batch_norm=false")),
        ([{}, {}], ("adam (1)", "adam (2)")),
    ],
)
def test_labels(recipes, labels):
    assert recipe_labels([Recipe(**fields) for fields in recipes]) == labels


def test_wrong_number_of_labels(two):
    with pytest.raises(ValueError, match="got 1 labels for 2 recipes"):
        summarise(two, ["only"])


def test_numbers():
    assert [loss_text(x) for x in (0.0, 0.04118, 0.1, 9.876, 1234.5, 3e-7, np.nan)] == [
        *["0", "0.0412", "0.100", "9.88", "1234", "3.00e-07", "–"]
    ]
    assert (score_text(0.98765), score_text(np.inf)) == ("0.988", "–")
    assert (range_text([200, 200]), range_text([50, 2000])) == ("200", "50–2,000")
