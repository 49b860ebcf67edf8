"""`tune` from end to end, in memory and in a folder: what it tries, what becomes of each trial, what it gives back."""

import json
import time

import numpy as np
import optuna
import pytest

from search.small import SPACE, bits, diverging, outcome
from trainwell.core import SearchError
from trainwell.data import folds_of, load_data
from trainwell.search import Halving, Plan, Watcher, tune
from trainwell.search.study.journal import JournalFile
from trainwell.search.tuning.request import Pool
from trainwell.statistics import mean_interval
from trainwell.training import Progress, Range, Space, train, train_on

PLAN = Plan(trials=12, rounds=3, folds=1, refit_recipes=2, refit_seeds=2)


@pytest.fixture(scope="module")
def iris():
    return load_data("iris")


@pytest.fixture(scope="module")
def tuned(iris):
    return tune(iris, SPACE, PLAN)


class Listener(Watcher):
    """Keeps what it is told."""

    def __init__(self):
        self.batches, self.records, self.refits, self.rungs, self.chunks = [], [], [], [], 0

    def batch(self, trials, work):
        self.batches.append((list(trials), len(work)))

    def refit(self, work):
        self.refits.append(len(work))

    def population(self):
        return Progress(self._chunk, lambda done, of: None, lambda going_on: self.rungs.append(len(going_on)))

    def finished(self, records):
        self.records.append(len(records))

    def _chunk(self, lanes):
        self.chunks += 1


def test_the_same_seed_is_the_same_search_whoever_watches_and_wherever_it_is_kept(iris, tuned, tmp_path):
    assert [trial.number for trial in tuned.search.trials] == list(range(12))
    watcher = Listener()
    again = tune(iris, SPACE, PLAN, folder=tmp_path, storage=tmp_path / "study.journal", shared=False, watcher=watcher)
    assert outcome(again) == outcome(tuned)
    assert watcher.batches == [([0, 1, 2, 3], 4), ([4, 5, 6, 7], 4), ([8, 9, 10, 11], 4)]
    assert watcher.records == [4, 8, 12]
    assert watcher.refits == [4]
    assert watcher.rungs == [2, 1] * 3  # of four trials, ceil(4/3) and ceil(4/9)
    assert watcher.chunks > 0
    other = tune(iris, SPACE, Plan(trials=12, rounds=3, folds=1, refit_recipes=2, refit_seeds=2, sampler_seed=1))
    assert [trial.values for trial in other.search.trials] != [trial.values for trial in tuned.search.trials]


def test_what_comes_out_fits_together(iris, tuned):
    search, (first, second) = tuned.search, tuned.candidates
    assert tuned.recipe == first.trial.recipe
    assert first.score.mean >= second.score.mean
    ranked = [trial for trial in search.ranked() if trial.state == "complete"]
    assert {first.trial.number, second.trial.number} == {ranked[0].number, ranked[1].number}
    for one in tuned.candidates:
        assert one.seeds == (1, 2)
        again = train(iris, one.trial.recipe, seeds=one.seeds)
        assert one.score == mean_interval(again.kept("accuracy/validation"), within=(0, 1))
        assert one.trial.value == search.trials[one.trial.number].value
    assert [option.name for option in tuned.considered if option.chosen]
    assert search.seconds.total == pytest.approx(
        search.seconds.compiling + search.seconds.training + search.seconds.overhead
    )
    assert len(search.rounds) == 3
    assert search.rounds[0].extents["learning_rate"].low == 1e-4
    assert search.importance == {}  # too few trials to tell


def stored(tmp_path, name="trainwell"):
    """The study as Optuna reads it."""
    return optuna.load_study(
        study_name=name, storage=optuna.storages.JournalStorage(JournalFile(tmp_path / "study.journal"))
    )


def test_halving_keeps_the_trials_that_a_full_run_shows_to_be_the_best_at_each_rung(iris, tmp_path):
    whole = tune(
        iris, SPACE, Plan(trials=9, rounds=1, folds=1, sampler="random", metric="loss", halving=None, refit_recipes=0)
    )
    plan = Plan(trials=9, rounds=1, folds=1, sampler="random", metric="loss", halving=Halving(3, 2), refit_recipes=0)
    halved = tune(iris, SPACE, plan, storage=tmp_path / "study.journal")
    assert {trial.state for trial in whole.search.trials} == {"complete"}
    assert all(list(trial.curve.epochs) == list(range(1, 10)) for trial in whole.search.trials)
    losses = np.array([trial.curve.validation for trial in whole.search.trials])
    first = np.argsort(losses[:, 0])[:3]  # after epoch 1 of 9
    (second,) = first[np.argsort(losses[first, 2])][:1]  # after epoch 3
    for number, (trial, record) in enumerate(zip(stored(tmp_path).trials, halved.search.trials, strict=True)):
        epochs = 9 if number == second else 3 if number in first else 1
        rungs = [1, 3] if number in first else [1]
        assert len(record.curve.validation) == epochs
        np.testing.assert_array_equal(record.curve.validation, losses[number, :epochs])
        assert list(trial.intermediate_values) == rungs
        at_rungs = [losses[number, step - 1] for step in rungs]
        assert list(trial.intermediate_values.values()) == pytest.approx(at_rungs, rel=1e-5)
        assert record.rungs == {float(step): value for step, value in trial.intermediate_values.items()}
        state = "COMPLETE" if number == second else "PRUNED"
        assert (trial.state.name, record.state) == (state, "complete" if number == second else "pruned")
        assert trial.value == record.value == pytest.approx(losses[number, epochs - 1], rel=1e-5)
    best = whole.search.trials[second]
    assert halved.search.trials[second].value == best.value
    assert halved.search.ranked()[0].number == second


def test_a_trials_value_is_the_mean_over_its_seeds_and_folds(iris):
    plan = Plan(trials=3, rounds=1, folds=3, seeds=(0, 4), halving=None, sampler="random", refit_recipes=0)
    found = tune(iris, SPACE, plan)
    datasets = folds_of(iris, 3).datasets
    for trial in found.search.trials:
        populations = train_on(datasets, trial.recipe, (0, 4))
        scores = [float(each.kept("accuracy/validation")[m]) for each in populations for m in (0, 1)]
        losses = [float(each.kept("loss/validation")[m]) for each in populations for m in (0, 1)]
        assert trial.value == pytest.approx(np.mean(scores), abs=1e-12)
        assert trial.scores["loss/validation"] == pytest.approx(np.mean(losses))
    assert (found.search.folds, found.search.seeds) == (3, (0, 4))


def test_folds_are_judged_on_rows_that_their_networks_have_not_seen(iris):
    plan = Plan(trials=4, rounds=1, folds=3, refit_recipes=1, refit_seeds=2)
    found = tune(iris, SPACE, plan)
    assert len(found.model.networks) % 3 == 0
    datasets = folds_of(iris, 3).datasets
    (candidate,) = found.candidates
    populations = train_on(datasets, candidate.trial.recipe, candidate.seeds)
    means = np.mean([each.kept("accuracy/validation") for each in populations], axis=0)
    assert candidate.score.mean == pytest.approx(np.mean(means))
    pool = Pool.of(iris, 3)
    groups = [found.model.networks[i : i + 3] for i in range(0, len(found.model.networks), 3)]
    outputs = np.mean([pool.outputs(group) for group in groups], axis=0)
    assert len(outputs) == len(iris.training) + len(iris.validation)
    right = float((outputs.argmax(1) == pool.targets).mean())
    (chosen,) = [option for option in found.considered if option.chosen]
    assert chosen.score == found.model.metrics["accuracy/validation"] == pytest.approx(right)
    for fold, rows in enumerate(folds_of(iris, 3).rows):
        part = datasets[fold].validation
        single = pool.outputs(groups[0])[rows]
        alone = Pool(datasets[fold], None).outputs([groups[0][fold]])
        np.testing.assert_array_equal(single, alone)
        np.testing.assert_array_equal(pool.targets[rows], part.targets)


def test_five_folds_are_the_choice_where_validation_is_small():
    assert len(Pool.of(load_data("iris"), None).datasets) == 5
    assert len(Pool.of(load_data("digits"), None).datasets) == 1
    assert len(Pool.of(load_data("iris"), 1).datasets) == 1


def test_without_a_refit_the_model_is_made_of_the_searchs_own_networks(iris):
    found = tune(iris, SPACE, Plan(trials=4, rounds=1, folds=1, halving=None, refit_recipes=0))
    assert found.candidates == ()
    assert found.trained is None
    own = {tuple(bits(network_of_trial(iris, trial))) for trial in found.search.trials}
    assert {tuple(bits(network)) for network in found.model.networks} <= own
    assert found.recipe == found.search.ranked()[0].recipe


def network_of_trial(data, trial):
    from trainwell.models import network_of

    return network_of(train(data, trial.recipe), 0)


def test_greedy_selection_may_take_networks_of_the_search(iris, monkeypatch):
    from trainwell.models import choose_ensemble as choose
    from trainwell.search.tuning import refit

    seen = []
    monkeypatch.setattr(
        refit,
        "choose_ensemble",
        lambda outputs, *rest, **named: seen.append((outputs, named)) or choose(outputs, *rest, **named),
    )
    found = tune(iris, SPACE, Plan(trials=4, rounds=1, folds=1, halving=None, refit_recipes=1, refit_seeds=2))
    ((outputs, named),) = seen
    assert len(outputs) == 2 + 4  # two seeds of the refit, then the four trials
    assert list(named["order"]) == [0, 1]  # the plain average is of the refit alone
    assert "greedy selection" in {option.name for option in found.considered}


def test_a_diverged_trial_is_marked_and_never_the_best(iris, tmp_path):
    plan = Plan(trials=8, rounds=1, folds=1, sampler="quasi_random", refit_recipes=8, refit_seeds=1)
    found = tune(iris, diverging(1e-2), plan, storage=tmp_path / "study.journal")
    states = [trial.state for trial in found.search.trials]
    assert "complete" in states
    assert states.count("diverged") >= 3
    for trial, record in zip(stored(tmp_path).trials, found.search.trials, strict=True):
        assert (trial.state.name == "FAIL") == (record.state == "diverged")
        assert np.isnan(record.value) == (record.state == "diverged")
    ranks = [trial.state for trial in found.search.ranked()]
    assert ranks[-states.count("diverged") :] == ["diverged"] * states.count("diverged")
    assert all(states[one.trial.number] == "complete" for one in found.candidates)
    json.dumps([dict(trial.scores) for trial in found.search.trials], allow_nan=False)


def test_when_all_diverge_there_is_no_model(iris):
    found = tune(iris, diverging(1e20), Plan(trials=4, rounds=2, folds=1))
    assert {trial.state for trial in found.search.trials} == {"diverged"}
    assert (found.model, found.candidates, found.considered) == (None, (), ())
    assert found.recipe in {trial.recipe for trial in found.search.trials}


def test_a_recipe_that_diverges_with_a_fresh_seed_is_counted_and_not_averaged(iris, monkeypatch):
    from trainwell.search.tuning import refit

    real = refit.train_on

    def one_diverged(*words, **named):
        populations = real(*words, **named)
        object.__setattr__(populations[0], "statuses", ("diverged", *populations[0].statuses[1:]))
        return populations

    monkeypatch.setattr(refit, "train_on", one_diverged)
    found = tune(iris, SPACE, Plan(trials=4, rounds=1, folds=1, refit_recipes=1, refit_seeds=3))
    (one,) = found.candidates
    assert (one.diverged, one.score.n) == (1, 2)


@pytest.mark.parametrize(("trials", "rounds"), [(1, 1), (3, 3), (5, 2)])
def test_few_trials(iris, trials, rounds):
    found = tune(iris, SPACE, Plan(trials=trials, rounds=rounds, folds=1, refit_recipes=1, refit_seeds=1))
    assert len(found.search.trials) == trials
    assert found.model is not None
    assert found.search.importance == {}


def test_a_time_limit_ends_the_search_and_still_gives_a_model(iris):
    started = time.monotonic()
    found = tune(iris, SPACE, Plan(trials=None, rounds=50, folds=1, seconds=1.5, refit_recipes=1, refit_seeds=1))
    assert time.monotonic() - started < 15  # compiling may be under way at the limit; nothing is begun after it
    assert len(found.search.trials) >= 2
    assert found.model is not None
    limited = tune(iris, SPACE, Plan(trials=3, rounds=1, folds=1, seconds=60, refit_recipes=0))
    assert len(limited.search.trials) == 3


def test_without_time_for_a_trial_there_is_a_clear_error(iris):
    with pytest.raises(SearchError, match="no trial was completed before the time limit: give more time"):
        tune(iris, SPACE, Plan(trials=None, folds=1, seconds=1e-9))


def test_regression_is_judged_by_r2():
    space = Space.of(hidden=(6,), epochs=9, batch_size=30, optimizer="adam", learning_rate=Range(1e-4, 0.1, log=True))
    data = load_data("diabetes")
    found = tune(data, space, Plan(trials=6, rounds=2, folds=2, refit_recipes=1, refit_seeds=2))
    assert found.search.metric == "r2"
    complete = [trial.value for trial in found.search.trials if trial.state == "complete"]
    assert found.search.ranked()[0].value == max(complete)
    outputs = found.model.outputs(data.validation.inputs)
    assert outputs.shape == (len(data.validation), 1)


def test_rungs_between_epochs_are_told_once(iris, tmp_path):
    space = Space.of(
        hidden=(6,), steps=9, observe_every=1, batch_size=30, optimizer="adam", learning_rate=Range(1e-4, 0.1, log=True)
    )
    plan = Plan(trials=4, rounds=1, folds=1, refit_recipes=0)
    found = tune(iris, space, plan, storage=tmp_path / "study.journal")
    assert sorted(len(trial.rungs) for trial in found.search.trials) == [1, 1, 2, 2]
    last = [next(reversed(trial.rungs.values())) for trial in found.search.trials if trial.state == "pruned"]
    assert [trial.value for trial in stored(tmp_path).trials if trial.state.name == "PRUNED"] == last
