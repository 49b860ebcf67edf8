"""R² that is undefined on a split, or on some folds: said, left out of means, and never what decides."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.comparison import Terms, compare
from trainwell.core import RecipeError
from trainwell.data import Dataset, Split, load_data
from trainwell.models import Model, judge_on_test_split
from trainwell.search import Halving, Plan, check, tune
from trainwell.search.tuning.outcomes import cost_of, mean_cost, rungs_for
from trainwell.search.tuning.request import Pool
from trainwell.training import (
    Range,
    Recipe,
    Space,
    best_members,
    extreme_input,
    headline,
    summarise,
    train,
)

SMALL = Recipe(hidden=(3,), epochs=4, batch_size=64)
WHY = "all its 66 targets are equal"
ON_SPLIT = f"R² is undefined on the validation split ({WHY}): the loss is used instead"


def flat(split: Split, value: float = 0.3) -> Split:
    """Its targets all the same."""
    return replace(split, targets=np.full_like(split.targets, value))


@pytest.fixture(scope="module")
def data() -> Dataset:
    """Diabetes with a constant target in the validation split."""
    whole = load_data("diabetes")
    assert len(whole.validation) == 66
    return replace(whole, validation=flat(whole.validation))


@pytest.fixture(scope="module")
def zero_inflated() -> Dataset:
    """Ten folds, of which most have targets of 0 only."""
    whole = load_data("diabetes")
    parts = []
    for part in (whole.training, whole.validation):
        targets = np.zeros_like(part.targets)
        targets[:: len(part) // 3] = 1.5
        parts.append(replace(part, targets=targets))
    return replace(whole, training=parts[0], validation=parts[1])


class TestTraining:
    def test_r2_is_nan_and_nobody_diverges(self, data: Dataset) -> None:
        trained = train(data, SMALL, seeds=(0, 1))
        assert trained.statuses == ("finished", "finished")
        assert np.isnan(trained.trace["r2/validation"]).all()
        assert np.isfinite(trained.trace["r2/training"]).all()
        assert np.isfinite(trained.trace["loss/validation"]).all()
        assert trained.score_name == "loss/validation"

    def test_early_stopping_watches_the_loss_and_says_so(self, data: Dataset, caplog: pytest.LogCaptureFixture) -> None:
        patient = SMALL.evolve(patience=2, epochs=12)
        watched = train(data, patient.evolve(metric="r2"), seeds=(0, 1))
        assert [one.getMessage() for one in caplog.records] == [
            f"R² is undefined on the validation split ({WHY}): early stopping uses the loss instead"
        ]
        by_loss = train(data, patient.evolve(metric="loss"), seeds=(0, 1))
        assert watched.steps == by_loss.steps
        assert watched.kept_steps == by_loss.kept_steps

    def test_the_best_member_is_that_of_the_least_loss(self, data: Dataset) -> None:
        trained = train(data, SMALL, seeds=range(5))
        losses = trained.kept("loss/validation")
        assert list(best_members(trained, 5)) == np.argsort(losses).tolist()
        assert np.argmin(losses) != 0  # the first would be chosen if nothing decided

    def test_training_rows_of_weight_0_in_front_leave_something_to_observe(self) -> None:
        whole = load_data("diabetes")
        weights = whole.training.weights.copy()
        weights[:100] = 0
        data = replace(whole, training=replace(whole.training, weights=weights))
        trained = train(data, SMALL.evolve(observe_training=50))
        assert 0 < trained.trace["loss/training"][0, -1] < 5
        assert np.isfinite(trained.trace["r2/training"]).all()


class TestModels:
    def test_scores_say_why(self, data: Dataset) -> None:
        model = Model.of(train(data, SMALL), [0])
        quality = model.score(data.validation)
        assert np.isnan(quality.scores["r2"])
        assert quality.undefined == WHY
        assert model.score(data.training).undefined is None

    def test_the_test_split(self, data: Dataset) -> None:
        closed = replace(data, _test=flat(data.open_test_split()))
        test = judge_on_test_split(Model.of(train(data, SMALL), [0]), closed)
        assert np.isnan([test.scores["r2"], test.interval.mean, test.interval.low]).all()
        assert test.to_json()["interval"]["undefined"] == WHY
        assert np.isfinite(test.scores["rmse"])


class TestStandings:
    def test_a_fold_without_r2_is_left_out_of_the_mean(self) -> None:
        assert mean_cost([(-0.5, 1.0), (np.nan, 3.0), (-0.7, 2.0)]) == pytest.approx((-0.6, 2.0))
        assert mean_cost([(np.nan, 1.0), (np.nan, 3.0)]) == (np.inf, 2.0)
        assert mean_cost([(np.nan, 1.0), (np.inf, np.inf)]) == (np.inf, np.inf)  # diverged

    def test_the_best_observation_is_that_of_the_least_loss(self) -> None:
        seen = {"r2/validation": np.full(3, np.nan), "loss/validation": np.array([3.0, 1.0, 2.0])}
        assert cost_of(seen, "r2", best=True)[1] == 1.0
        assert cost_of(seen, "r2", best=False)[1] == 2.0

    def test_halving_lets_the_better_go_on_whatever_their_number(self) -> None:
        rungs = rungs_for(Halving(3, 1), [SMALL] * 6, [0, 1, 2, 3, 4, 5] * 2, "r2")
        r2 = [0.1, 0.2, 0.3, 0.4, 0.9, 0.8]
        members = {
            fold * 6 + t: {
                "r2/validation": np.array([r2[t] if fold else np.nan]),
                "loss/validation": np.array([1.0]),
            }
            for fold in range(2)
            for t in range(6)
        }
        assert sorted(rungs.survivors(0, members)) == [4, 5, 10, 11]


class TestTune:
    SPACE = Space.of(hidden=(3,), epochs=4, batch_size=64, learning_rate=Range(1e-4, 1e-1, log=True))

    def test_a_split_without_r2_is_judged_by_the_loss(self, data: Dataset) -> None:
        found = tune(data, self.SPACE, Plan(trials=4, rounds=2, folds=1, refit_recipes=2, refit_seeds=2))
        search = found.search
        assert search.metric == "loss"
        assert search.validation_notices == (ON_SPLIT,)
        values = [trial.value for trial in search.ranked() if trial.state == "complete"]
        assert values == sorted(values)
        means = [one.score.mean for one in found.candidates]
        assert means == sorted(means)
        assert found.model is not None

    def test_folds_without_r2_are_left_out_of_every_mean(self, zero_inflated: Dataset) -> None:
        plan = Plan(trials=6, rounds=1, folds=20, refit_recipes=1, refit_seeds=2)
        pool = check(zero_inflated, self.SPACE, plan).pool
        kinds = [len(np.unique(fold.validation.targets)) for fold in pool.datasets]
        missing = kinds.count(1)
        assert 0 < missing < 20
        found = tune(zero_inflated, self.SPACE, plan)
        assert found.search.metric == "r2"
        (said,) = found.search.validation_notices
        assert said.startswith(f"R² is undefined in {missing} of 20 folds (all its ")
        assert f": a trial's R² is the mean over the other {20 - missing}; in " in said
        ranked = [trial for trial in found.search.ranked() if trial.state == "complete"]
        assert ranked
        assert all(np.isfinite(trial.value) for trial in ranked)
        assert [trial.value for trial in ranked] == sorted((trial.value for trial in ranked), reverse=True)
        best = ranked[0]
        alone = [train(fold, best.recipe) for fold in pool.datasets]
        known = [one.kept("r2/validation")[0] for one in alone]
        assert np.isnan(known).sum() == missing
        assert best.value == pytest.approx(np.nanmean(known))
        assert best.scores["r2/validation"] == pytest.approx(np.nanmean(known))
        assert np.isfinite(found.candidates[0].score.mean)


class TestFewFolds:
    def classes(self, *sizes: int) -> Dataset:
        whole = load_data("iris")
        rows = np.concatenate([np.flatnonzero(whole.training.targets == c)[:n] for c, n in enumerate(sizes)])
        part = whole.training
        training = Split(part.inputs[rows], part.targets[rows], part.weights[rows])
        nothing = whole.validation.targets == 0
        validation = Split(*(getattr(whole.validation, name)[nothing] for name in ("inputs", "targets", "weights")))
        return replace(whole, training=training, validation=validation)

    @pytest.mark.parametrize(("fewest", "folds"), [(2, 2), (4, 4), (5, 5), (9, 5)])
    def test_as_many_folds_as_the_smallest_class_has_rows(self, fewest: int, folds: int) -> None:
        pool = Pool.of(self.classes(20, 20, fewest), None)
        assert len(pool.datasets) == folds
        name = pool.dataset.class_names[2]
        said = f"trials are validated on {folds} folds, not on 5 folds: class '{name}' has only {fewest} training and "
        assert pool.notices("accuracy") == (() if folds == 5 else (f"{said}validation rows",))

    def test_a_class_of_one_row_leaves_one_split(self) -> None:
        pool = Pool.of(self.classes(20, 20, 1), None)
        assert pool.folds is None
        rows = len(pool.dataset.validation)
        assert pool.notices("accuracy")[0].startswith(f"trials are validated on one split of {rows} rows, not on 5 fol")

    def test_folds_without_weight_leave_one_split(self) -> None:
        whole = load_data("diabetes")
        weights = np.zeros_like(whole.training.weights)
        weights[0] = 1
        light = np.zeros_like(whole.validation.weights)
        light[0] = 1
        parts = [replace(whole.training, weights=weights), replace(whole.validation, weights=light)]
        pool = Pool.of(replace(whole, training=parts[0], validation=parts[1]), None)
        assert pool.folds is None
        assert "has only rows of weight 0" in pool.notices("loss")[0]


GIVEN = {"sgd": {"optimizer": "sgd"}, "adam": {"optimizer": "adam"}}
BASE = {"hidden": (3,), "epochs": 4, "batch_size": 64}


class TestCompare:
    def test_contenders_are_judged_by_the_loss(self, data: Dataset) -> None:
        found = compare(data, GIVEN, Terms(tune={}, seeds=range(4)), base=BASE)
        assert found.metric == "loss"
        assert found.notices == [ON_SPLIT]
        means = [summary.mean.mean for summary in found.summaries]
        assert means[0] != means[1]
        assert found.ranking()[0] == int(np.argmin(means))
        assert found.pairs[0].outcome != "equivalent"

    def test_a_target_of_an_undefined_r2_is_refused(self, data: Dataset) -> None:
        with pytest.raises(RecipeError, match="so a target score in R² is not possible") as error:
            compare(data, GIVEN, Terms(tune={}, seeds=range(2), target_score=0.4), base=BASE)
        assert "\n" not in str(error.value)


def test_inputs_that_no_network_can_take_are_named_where_all_diverge() -> None:
    """A feature that is 0 but for one row of the validation split: 1e30 standard deviations there."""
    whole = load_data("diabetes")
    inputs = whole.training.inputs.copy()
    inputs[:, 3] *= 1e-30
    data = replace(whole, training=replace(whole.training, inputs=inputs))
    assert extreme_input(whole, SMALL) is None
    name, peak = (
        whole.feature_names[3],
        np.abs(whole.validation.inputs[:, 3]).max() / inputs[:, 3].astype(np.float64).std(),
    )
    assert extreme_input(data, SMALL) == (
        f"the feature '{name}' reaches {peak:.2g} standard deviations: leave it out, or scale it before"
    )
    trained = train(data, SMALL)
    assert trained.statuses == ("diverged",)
    assert headline(trained, summarise(trained)) == f"The network diverged: {extreme_input(data, SMALL)}."
    search = tune(data, TestTune.SPACE, Plan(trials=2, rounds=1, folds=1)).search
    assert search.validation_notices == (extreme_input(data, SMALL),)
