"""Values that are best only because of what was tried: gaps found, filled, and said where they stay open."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference.comparisons import comparison, comparisons, normal
from trainwell.comparison import Terms, compare, headline, headlines, paper_table
from trainwell.comparison.judging import verdicts
from trainwell.comparison.tuning import CLOSE, doubts_of, fills, gaps_beside
from trainwell.data import load_data
from trainwell.search import Curve, TrialRecord, distributions, to_unit
from trainwell.statistics import Looks, decide
from trainwell.training import Choices, Range, Recipe, Space

RATE = {"learning_rate": Range(1e-5, 10.0, log=True)}
NONE = Curve(np.zeros(0), np.zeros(0), np.zeros(0))


def tried(space: Space, *points: Mapping[str, Any]) -> list[TrialRecord]:
    return [TrialRecord(i, p, space.recipe(p), "complete", 0.5, {}, {}, NONE) for i, p in enumerate(points)]


def rates(*values: float) -> tuple[Space, list[TrialRecord]]:
    space = Space(Recipe(optimizer="momentum"), RATE)
    return space, tried(space, *({"learning_rate": value} for value in values))


def test_the_gap_that_made_momentum_look_bad_is_filled_evenly_on_a_log_scale() -> None:
    space, trials = rates(4.3e-5, 1.7e-3, 2.5e-3, 5.8e-3, 7.4e-3, 0.013, 1.3)
    (gap,) = gaps_beside(space, trials, trials[5])
    np.testing.assert_allclose(gap.values, 0.013 * 100 ** (np.arange(1, 4) / 4))  # two powers of ten, four parts
    assert doubts_of([gap]) == ("learning rate lies beside an untried gap from 0.013 to 1.3",)
    assert gaps_beside(space, trials, trials[3]) == []


def test_the_way_to_an_end_is_tried_end_included_and_the_end_itself_is_said() -> None:
    space, trials = rates(0.5, 1.0, 10.0)
    assert [gap.values[-1] for gap in gaps_beside(space, trials[:2], trials[1])] == [10.0]
    end = gaps_beside(space, trials, trials[2])[-1]
    assert end.values == ()
    assert doubts_of([end]) == ("learning rate lies at the upper end of its range, 10",)


def test_where_the_field_itself_ends_a_range_has_no_more_to_try() -> None:
    space = Space(Recipe(), {"dropout_rate": Range(0.0, 0.5)})
    trials = tried(space, {"dropout_rate": 0.0}, {"dropout_rate": 0.01})
    assert gaps_beside(space, trials, trials[0]) == []
    inner = Space(Recipe(), {"dropout_rate": Range(0.1, 0.5)})
    trials = tried(inner, {"dropout_rate": 0.1}, {"dropout_rate": 0.11})
    assert [gap.where for gap in gaps_beside(inner, trials, trials[0])] == ["at the lower end of its range, 0.1"]


def test_whole_numbers_and_choices_have_gaps_only_where_a_value_is_untried() -> None:
    space = Space(Recipe(), {"depth": Range(1, 4), "activation": Choices(["relu", "tanh", "elu"])})
    trials = tried(space, *({"depth": depth, "activation": "relu"} for depth in (1, 2, 4)))
    assert [gap.values for gap in gaps_beside(space, trials, trials[1])] == [(3,), ("tanh", "elu")]
    assert doubts_of(gaps_beside(space, trials, trials[1])) == (
        "depth lies beside an untried gap from 2 to 4",
        "activation lies beside the untried tanh and elu",
    )


def test_a_field_that_the_chosen_recipe_does_not_have_is_not_looked_at() -> None:
    axes = {"optimizer": Choices(["sgd", "momentum"]), "momentum": Range(0.5, 0.99)}
    space = Space(Recipe(), axes)
    trials = tried(space, {"optimizer": "sgd"}, {"optimizer": "momentum", "momentum": 0.9})
    assert gaps_beside(space, trials, trials[0]) == []
    # A choice that needs a number which the chosen recipe lacks cannot be tried beside it.
    assert gaps_beside(space, trials[:1], trials[0]) == []


def test_few_further_trials_are_shared_between_the_gaps_and_spread_over_each() -> None:
    space, trials = rates(1e-3)
    below, above = gaps_beside(space, trials, trials[0])
    assert (len(below.values), len(above.values)) == (4, 8)  # a third and two thirds of the range, ends included
    few = [values["learning_rate"] for values in fills([below, above], trials[0], 4)]
    assert few == [below.values[0], below.values[2], above.values[2], above.values[5]]
    assert len(fills([below, above], trials[0], 99)) == 12
    assert fills([below, above], trials[0], 0) == []


@pytest.mark.parametrize("seed", range(8))
def test_once_filled_nothing_is_left_beside_the_same_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    axes = {**RATE, "momentum": Range(0.5, 0.99), "depth": Range(1, 30)}
    space = Space(Recipe(optimizer="momentum"), axes)
    points = [
        {
            "learning_rate": 10 ** rng.uniform(-5, 1),
            "momentum": rng.uniform(0.5, 0.99),
            "depth": int(rng.integers(30)) + 1,
        }
        for _ in range(4)
    ]
    trials = tried(space, *points)
    chosen = trials[0]
    filled = [*trials, *tried(space, *fills(gaps_beside(space, trials, chosen), chosen, 99))]
    assert all(not gap.values for gap in gaps_beside(space, filled, chosen))
    for name, distribution in distributions(space).items():
        at = to_unit(distribution, chosen.values[name])
        others = [
            to_unit(distribution, one.values[name]) - at for one in filled if one.values[name] != chosen.values[name]
        ]
        for side in (1, -1):
            assert min(side * one for one in others if side * one > 0) <= max(CLOSE, 1 / 30) + 1e-9


def test_a_comparison_fills_gaps_by_itself_alike_when_resumed_and_says_what_stays_open(tmp_path: Path) -> None:
    # A grid of two: the ends, 1e-5 and 10, neither of which is any good.
    terms = Terms(trials=2, rounds=1, sampler="grid", candidates=1, candidate_seeds=1, seeds=(0, 1))
    contenders = {"SGD": {"optimizer": "sgd"}, "Adam": {"optimizer": "adam"}}

    def run() -> Any:
        base = {"hidden": (8,), "epochs": 4, "batch_size": 128}
        return compare(load_data("iris"), contenders, terms, base=base, folder=tmp_path)

    found, again = run(), run()
    for one, other in zip(found.tunings, again.tunings, strict=True):
        assert [trial.values["learning_rate"] for trial in one.search.trials] in ([1e-5, 10.0], [10.0, 1e-5])
        assert len(one.extra) == 2  # at most as many as were granted
        assert [trial.number for trial in one.trials] == [0, 1, 2, 3]
        assert [(t.values, t.value) for t in one.trials] == [(t.values, t.value) for t in other.trials]
        assert one.recipe == other.recipe
        assert one.recipe.learning_rate not in (1e-5, 10.0)
        assert all("learning rate lies beside an untried gap from" in doubt for doubt in one.doubts)
    (pair,) = found.pairs
    assert "tuned over 4 values" in pair.words
    assert pair.words.endswith(", so this may be an artefact of tuning.")
    assert all(
        f"{label}'s {own.doubts[0]}" in pair.words for label, own in zip(found.labels, found.tunings, strict=True)
    )


DOUBT = "learning rate lies at the upper end of its range, 10"


def test_only_what_could_undo_a_verdict_is_in_its_sentence() -> None:
    values = np.array([normal(1, 0.90, 0.01, 12), normal(2, 0.95, 0.01, 12)])
    part = comparison(("worse", "better"), values.tolist())

    def words(doubtful: int, margin: float = 0.002) -> str:
        tunings = [replace(own, doubts=(DOUBT,) if k == doubtful else ()) for k, own in enumerate(part.tunings)]
        told = replace(part, tunings=tuple(tunings), margin=margin, guessing_score=1 / 3, detectable_sds=1.0)
        (pair,) = verdicts(told, decide(values, Looks((12,)), margin=margin), values)
        assert bool(pair.doubts) == ("artefact" in pair.words)
        return pair.words

    assert words(0).endswith(f"; worse's {DOUBT}, so this may be an artefact of tuning.")
    assert words(1).startswith("better reaches a higher validation accuracy than worse")
    assert "artefact" not in words(1)


def test_a_leaders_headline_has_the_doubts_of_all_that_are_behind() -> None:
    part = comparison(("a", "b", "c"), [normal(k, mean, 0.004, 12) for k, mean in enumerate((0.8, 0.9, 0.95))])
    pairs = [replace(pair, doubts=(f"a's {DOUBT}",) if pair.first == 0 else ()) for pair in part.pairs]
    assert headline(part).startswith("c is better than both others. The smallest difference: c reaches")
    assert headline(replace(part, pairs=tuple(pairs))) == (
        f"{headline(part)} a's {DOUBT}, so this may be an artefact of tuning."
    )


def test_tables_and_headline_mark_a_contender_that_may_be_tuned_badly() -> None:
    part = comparison(("a", "b", "c"), [normal(k, 0.9, 0.02, 12) for k in range(3)])
    pairs = [replace(pair, doubts=(f"a's {DOUBT}",) if pair.first == 0 else ()) for pair in part.pairs]
    doubtful = replace(part, pairs=tuple(pairs), tunings=(replace(part.tunings[0], doubts=(DOUBT,)), *part.tunings[1:]))
    assert f"a's {DOUBT}, so this may be an artefact of tuning." in headline(doubtful)
    assert "artefact" not in headline(part)
    alike = comparison(("a", "b", "c"), [normal(k, 0.9, 0.02, 12) for k in range(3)], data="digits")
    assert headlines(comparisons(doubtful, alike)).endswith(" On iris-1 tuning may have missed better recipes.")
    assert "tuning" not in headlines(comparisons(part, alike))
    rows = paper_table(comparisons(doubtful), "markdown").splitlines()
    assert [("†" in row) for row in rows[2:5]] == [True, False, False]
    assert f"† Tuning may have missed a better recipe: a's {DOUBT}." in rows[-1]
    assert r"$^\dagger$" in paper_table(comparisons(doubtful), "latex")
    assert "†" not in paper_table(comparisons(part), "markdown")
