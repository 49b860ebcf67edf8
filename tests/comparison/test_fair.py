"""Whole comparisons on small data: the flow, its edges, and that nothing is lost."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainwell.comparison import Comparison, ComparisonWatcher, Terms, axes_for, check, compare, compare_on
from trainwell.comparison.judging import detectable_effect
from trainwell.comparison.tuning import candidates_of
from trainwell.core import METRICS, MetricName, RecipeError, RunError, TrainwellError
from trainwell.data import load_data
from trainwell.optim import SCHEDULES
from trainwell.search import Watcher
from trainwell.statistics import Looks
from trainwell.training import Choices, Contender, Progress, Range, Recipe, train

SMALL = {"hidden": (8,), "epochs": 4}
FEW = Terms(trials=4, rounds=2, candidates=2, candidate_seeds=2, most_seeds=12, looks=2)
TWO = {"SGD": {"optimizer": "sgd"}, "Adam": {"optimizer": "adam"}}


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(load_data("iris"), TWO, FEW, base=SMALL)


def test_final_runs_are_those_of_the_tuned_recipes_with_common_seeds(found: Comparison) -> None:
    for recipe, summary in zip(found.recipes, found.summaries, strict=True):
        alone = train(load_data("iris"), recipe, found.seeds[: summary.n])
        np.testing.assert_array_equal(summary.values, alone.kept("accuracy/validation"))


def test_no_seed_of_the_comparison_is_used_in_tuning(found: Comparison) -> None:
    for tuning in found.tunings:
        assert tuning is not None
        used = {*tuning.search.seeds, *(seed for one in tuning.candidates for seed in one.seeds)}
        assert used.isdisjoint(found.seeds)
        assert len(used) == 3


def test_every_contender_is_tuned_with_the_same_budget_and_the_best_candidate_is_taken(found: Comparison) -> None:
    for tuning, recipe in zip(found.tunings, found.recipes, strict=True):
        assert tuning is not None
        assert len(tuning.search.trials) == 4
        assert len(tuning.candidates) <= 2
        means = [one.score.mean for one in tuning.candidates if not one.diverged]
        assert means == sorted(means, reverse=True)
        assert recipe == tuning.recipe == tuning.candidates[0].trial.recipe
        assert recipe.learning_rate is not None


def test_candidates_are_no_near_duplicates(found: Comparison) -> None:
    tuning = found.tunings[0]
    assert tuning is not None
    rates = [1.0, 1.05, 0.93, 0.1, 0.101, 0.001]  # best first; a fiftieth of six decades is a factor of 1.32
    trials = tuple(
        replace(
            tuning.search.trials[0],
            number=i,
            values={"learning_rate": rate},
            recipe=Recipe(learning_rate=rate),
            value=1 - i / 10,
            state="complete",
        )
        for i, rate in enumerate(rates)
    )
    chosen = candidates_of(replace(tuning.search, trials=trials), 3)
    assert [trial.values["learning_rate"] for trial in chosen] == [1.0, 0.1, 0.001]
    assert len(candidates_of(replace(tuning.search, trials=trials[:3]), 3)) == 1


def test_the_test_split_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_data("iris")
    monkeypatch.setattr(type(data), "open_test_split", lambda self: pytest.fail("the test split was opened"))
    compare(data, TWO, Terms(tune={}, seeds=(0, 1)), base=SMALL)


def test_as_given_uses_the_optimizers_own_learning_rate() -> None:
    given = compare(load_data("iris"), TWO, Terms(tune={}, seeds=(3, 5)), base=SMALL)
    assert given.tunings == (None, None)
    assert given.recipes[0].learning_rate is None
    assert given.seeds == (3, 5)
    assert "run as given" in given.pairs[0].words


def test_what_is_compared_is_not_tuned_away() -> None:
    recipes = {
        "slow": Recipe(learning_rate=1e-3),
        "fast": Recipe(learning_rate=1e-1),
        "sgd": Recipe(optimizer="sgd", learning_rate=0.3),
    }
    contenders = [Contender(label, recipe, {}) for label, recipe in recipes.items()]
    assert [sorted(axes_for(one, contenders, Terms())) for one in contenders] == [[], [], ["learning_rate"]]


def test_a_tuned_field_without_effect_is_left_out_for_that_contender() -> None:
    terms = Terms(tune={"learning_rate": Range(1e-4, 1, log=True), "momentum": Range(0.5, 0.99)})
    contenders = [Contender(name, Recipe(optimizer=name), {}) for name in ("sgd", "momentum")]
    assert [sorted(axes_for(one, contenders, terms)) for one in contenders] == [
        ["learning_rate"],
        ["learning_rate", "momentum"],
    ]


def test_identical_contenders_are_the_same_with_every_seed() -> None:
    found = compare(load_data("iris"), {"one": {}, "other": {}}, Terms(tune={}, most_seeds=20), base=SMALL)
    (pair,) = found.pairs
    assert pair.outcome == "equivalent"
    assert found.stopped_by == "decided"
    assert found.summaries[0].n < 20
    assert pair.improvement.mean == 0.5
    assert "have the same validation accuracy with every seed" in pair.words


@pytest.mark.parametrize("metric", ["accuracy", "loss"])
def test_a_contender_that_always_diverges_counts_as_guessing_and_loses(metric: str) -> None:
    contenders = {"sound": {"learning_rate": 0.05}, "lost": {"optimizer": "sgd", "learning_rate": 1e30}}
    terms = Terms(tune={}, most_seeds=14, metric=metric)  # type: ignore[arg-type]
    found = compare(load_data("iris"), contenders, terms, base={**SMALL, "epochs": 20})
    lost = found.summaries[1]
    assert lost.diverged == lost.n
    assert np.all(found.sign * (found.summaries[0].values[: lost.n] - lost.values) >= 0)
    assert f"{lost.n} diverged of lost" in found.pairs[0].words
    assert found.pairs[0].outcome == "differs"
    assert found.best == (0,)
    assert lost.steps_to_target.mean == np.inf


@pytest.mark.parametrize("metric", ["loss", "r2"])
def test_diverging_is_never_better_than_finishing_badly(metric: str) -> None:
    """With so few updates a finished network can be far worse than guessing; one that diverged must not pass it."""
    contenders = {"bad": {"learning_rate": 0.01}, "lost": {"learning_rate": 1e12}}
    terms = Terms(tune={}, seeds=range(12), metric=metric)  # type: ignore[arg-type]
    found = compare(load_data("diabetes"), contenders, terms, base={"hidden": (8,), "optimizer": "sgd", "epochs": 2})
    bad, lost = (summary.values for summary in found.summaries)
    assert found.summaries[1].diverged == 12
    assert np.any(found.sign * bad < found.sign * found.guessing_score)
    np.testing.assert_array_equal(lost, found.sign * np.minimum(found.sign * bad, found.sign * found.guessing_score))
    assert found.pairs[0].better != 1


def test_runs_that_diverge_late_reach_no_target() -> None:
    found = compare(
        load_data("iris"),
        {"sound": {"learning_rate": 0.05}, "late": {"optimizer": "sgd", "learning_rate": 1e30}},
        Terms(tune={}, seeds=(0, 1, 2), target_score=0.0),
        base={**SMALL, "epochs": 20},
    )
    assert [summary.reached_target.mean for summary in found.summaries] == [1.0, 0.0]


def test_contenders_that_all_diverge_in_tuning_are_reported_not_raised() -> None:
    terms = Terms(tune={"learning_rate": Range(1e25, 1e30, log=True)}, trials=2, rounds=1, seeds=(0, 1))
    found = compare(load_data("iris"), TWO, terms, base=SMALL)
    assert [summary.diverged for summary in found.summaries] == [2, 2]
    assert all(tuning is not None and not tuning.candidates for tuning in found.tunings)


def test_one_seed_decides_nothing() -> None:
    found = compare(load_data("iris"), TWO, Terms(tune={}, seeds=(7,)), base=SMALL)
    assert found.pairs[0].outcome == "undecided"
    assert found.pairs[0].words.endswith("one seed is not enough for a test.")
    assert np.isnan(found.summaries[0].sd)


def test_fifty_contenders() -> None:
    contenders = {f"η {k}": {"learning_rate": k / 1000} for k in range(50)}
    found = compare(load_data("iris"), contenders, Terms(tune={}, seeds=range(12)), base=SMALL)  # type: ignore[arg-type]
    assert len(found.pairs) == 49 * 50 / 2
    assert {pair.outcome for pair in found.pairs} <= {"undecided", "equivalent"}  # 2/2¹² is too large for 1,225 pairs
    against_one = compare(load_data("iris"), contenders, Terms(tune={}, seeds=range(12), reference="η 0"), base=SMALL)  # type: ignore[arg-type]
    assert against_one.pairs[-1].better == 49
    assert sorted(found.ranking()) == list(range(50))


def test_contenders_whose_pairs_are_decided_get_no_more_seeds() -> None:
    contenders = {"a": {"learning_rate": 0.01}, "b": {"learning_rate": 0.011}, "none": {"learning_rate": 0.0}}
    terms = Terms(tune={}, most_seeds=24, looks=2, margin=1e-6)
    found = compare(load_data("iris"), contenders, terms, base={**SMALL, "epochs": 15, "batch_size": 128})
    assert found.summaries[2].n < found.summaries[0].n
    assert found.runs.sizes == tuple(summary.n for summary in found.summaries)


def test_several_data_sets_are_ranked_together() -> None:
    found = compare_on([load_data("iris"), load_data("wine")], TWO, Terms(tune={}, seeds=(0, 1, 2)), base=SMALL)
    assert found.across is not None
    assert found.across.ranks.ranks.sum() == pytest.approx(3)
    assert found.across.improvement[0, 1] == pytest.approx(1 - found.across.improvement[1, 0])
    assert [len(runs) for runs in found.across.normalised[0]] == [3, 3]


def test_a_data_set_where_nobody_beats_guessing_still_ranks() -> None:
    contenders = {"slow": {"learning_rate": 1e-4}, "slower": {"learning_rate": 1e-5}, "none": {"learning_rate": 0.0}}
    found = compare_on([load_data("diabetes"), load_data("iris")], contenders, Terms(tune={}, seeds=(0, 1)), base=SMALL)
    assert found.across is not None
    assert np.all(found.across.normalised[0][0] == 0)
    means = [summary.mean.mean for summary in found.parts[0].summaries]
    assert len(set(means)) == 3
    assert len(set(found.across.ranks.ranks)) > 1


@pytest.mark.parametrize(
    ("metric", "tuned", "expected"),
    [("accuracy", [0.9], 1 / 22), ("r2", [0.4], 0.005), ("loss", [0.2, 0.1], 0.002), ("loss", [], 0.0011)],
)
def test_default_margins(metric: MetricName, tuned: list[float], expected: float) -> None:
    assert METRICS[metric].margin(len(load_data("iris").validation), tuned, 1.1) == pytest.approx(expected)


def test_words_say_what_was_tuned_for_whom() -> None:
    contenders = {"slow": {"learning_rate": 1e-3}, "fast": {"learning_rate": 1e-1}, "sgd": {"optimizer": "sgd"}}
    found = compare(load_data("iris"), contenders, Terms(trials=2, rounds=1, seeds=(0, 1)), base=SMALL)
    expected = ("run as given)", "slow run as given", "fast run as given")
    assert all(text in pair.words for pair, text in zip(found.pairs, expected, strict=True))
    assert "sgd's learning rate tuned over 4 values" in found.pairs[1].words


def test_regression_by_its_loss() -> None:
    found = compare(load_data("diabetes"), TWO, Terms(tune={}, seeds=(0, 1), metric="loss"), base=SMALL)
    best = found.ranking()[0]
    assert found.summaries[best].mean.mean == min(summary.mean.mean for summary in found.summaries)


class Stop(ComparisonWatcher):
    """Ctrl-C at the n-th progress callback."""

    def __init__(self, after: int) -> None:
        self.left = after

    def _tick(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def tuning(self, label: str, index: int, total: int) -> Watcher:
        self._tick()
        return Watcher()

    def seeds(self, seeds: object, labels: object, work: object) -> Progress:
        self._tick()
        return Progress()

    def judged(self, undecided: int, total: int) -> None:
        self._tick()


@pytest.mark.parametrize("after", range(4))
def test_an_interrupted_comparison_ends_as_if_it_had_not_been(found: Comparison, after: int, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        compare(load_data("iris"), TWO, FEW, base=SMALL, folder=tmp_path, watcher=Stop(after))
    again = compare(load_data("iris"), TWO, FEW, base=SMALL, folder=tmp_path)
    assert again.recipes == found.recipes
    assert [pair.words for pair in again.pairs] == [pair.words for pair in found.pairs]
    for one, other in zip(again.summaries, found.summaries, strict=True):
        np.testing.assert_array_equal(one.values, other.values)


def test_a_folder_of_another_comparison_is_refused(tmp_path: Path) -> None:
    terms = Terms(tune={}, seeds=(0,))
    compare(load_data("iris"), TWO, terms, base=SMALL, folder=tmp_path)
    with pytest.raises(RunError, match="another comparison"):
        compare(load_data("iris"), TWO, terms, base={**SMALL, "epochs": 5}, folder=tmp_path)
    with pytest.raises(RunError, match="another comparison"):  # else each would get the other's results
        compare(load_data("iris"), dict(reversed(TWO.items())), terms, base=SMALL, folder=tmp_path)
    (tmp_path / "comparison.json").write_text("{")
    with pytest.raises(RunError, match="is damaged"):
        compare(load_data("iris"), TWO, terms, base=SMALL, folder=tmp_path)


@pytest.mark.parametrize("at", [0, 70, -40])
def test_damaged_results_are_said_and_trained_again(at: int, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    terms = Terms(tune={}, seeds=(0, 1))
    found = compare(load_data("iris"), TWO, terms, base=SMALL, folder=tmp_path)
    path = tmp_path / "data-0" / "seeds-0-1.npz"
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    again = compare(load_data("iris"), TWO, terms, base=SMALL, folder=tmp_path)
    (said,) = [record.getMessage() for record in caplog.records if record.name == "trainwell"]
    assert said.startswith(f"{path} ")
    assert said.endswith(": the file is ignored and its networks are trained again")
    for one, other in zip(again.summaries, found.summaries, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
    caplog.clear()
    compare(load_data("iris"), TWO, terms, base=SMALL, folder=tmp_path)
    assert not caplog.records


def test_a_function_that_changed_under_its_name_is_another_comparison(tmp_path: Path) -> None:
    contenders = {"own": {"schedule": lambda t: 1 / (1 + t)}, "constant": {}}
    compare(load_data("iris"), contenders, Terms(tune={}, seeds=(0,)), base=SMALL, folder=tmp_path)
    del SCHEDULES["own"]  # type: ignore[attr-defined]  # as a new process has it
    contenders["own"] = {"schedule": lambda t: 1 / (2 + t)}
    with pytest.raises(RunError, match="another comparison"):
        compare(load_data("iris"), contenders, Terms(tune={}, seeds=(0,)), base=SMALL, folder=tmp_path)
    del SCHEDULES["own"]  # type: ignore[attr-defined]


def test_a_time_limit_ends_the_adding_of_seeds_only() -> None:
    same = {"a": {"learning_rate": 0.01}, "b": {"learning_rate": 0.011}}
    found = compare(load_data("iris"), same, Terms(tune={}, margin=1e-9, seconds=1e-3), base=SMALL)
    assert found.stopped_by == "time"
    assert found.summaries[0].n == found.looks[0]
    whole = detectable_effect(Looks(found.looks), 1)
    assert found.detectable_sds > detectable_effect(Looks(found.looks[:1], most=found.looks[-1]), 1) * 0.999 > whole


@pytest.mark.parametrize(
    ("contenders", "terms", "message"),
    [
        (TWO, Terms(reference="Adm"), "the reference 'Adm' is not a contender"),
        (TWO, Terms(metric="r2"), "metric 'r2' is not for classification"),
        (TWO, Terms(tune={"momentum": Range(0.1, 0.9)}), "momentum cannot be tuned"),
        ({**TWO, "by loss": {"metric": "loss"}}, Terms(), "all contenders are compared by the same metric"),
        (TWO, Terms(tune={"optimizer": Choices(("sgd", "adam"))}), "optimizer cannot be tuned: the contenders differ"),
        ({"one": {}}, Terms(), "at least two|2 contenders|two contenders"),
        (TWO, Terms(tune={"learning_rate": Range(-1.0, 1.0)}), "learning_rate"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(contenders: dict[str, object], terms: Terms, message: str) -> None:
    with pytest.raises(TrainwellError, match=message) as caught:
        check([load_data("iris")], contenders, terms)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [
        {"trials": 0},
        {"seeds": ()},
        {"seeds": (1, 1)},
        {"error_rate": 0.0},
        {"margin": 0.0},
        {"seconds": 0.0},
        {"looks": 0},
    ],
)
def test_terms_out_of_range(fields: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        Terms(**fields)  # type: ignore[arg-type]


def test_data_sets_must_be_there_once() -> None:
    with pytest.raises(RecipeError, match="given twice"):
        check([load_data("iris"), load_data("iris")], TWO, Terms())
    with pytest.raises(RecipeError, match="nothing to compare on"):
        check([], TWO, Terms())


def test_terms_are_json() -> None:
    assert json.loads(json.dumps(Terms().to_json()))["tune"] == {"learning_rate": "1e-05..10:log"}
