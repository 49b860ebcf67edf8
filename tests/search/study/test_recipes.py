"""Each recipe is trained once: on small, stepped and conditional spaces, by every sampler, resumed and shared."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from search.small import SPACE
from trainwell.data import load_data
from trainwell.search import (
    SAMPLERS,
    Curve,
    Job,
    Plan,
    Request,
    SearchResult,
    TrialRecord,
    distributions,
    make_sampler,
    tune,
)
from trainwell.search.samplers.stateless import GridSampler, grid_of
from trainwell.search.study.distributions import active_params
from trainwell.search.study.studies import open_storage
from trainwell.search.study.trials import OUTCOME, Recipes, key_of
from trainwell.search.tuning import tune as loop
from trainwell.training import Choices, Range, Space

INSTALLED = [name for name in SAMPLERS if name not in ("gp", "cma_es")]
RULES = Choices(("sgd", "momentum", "adam"))
SPACES = {
    "one point": (Space.of(optimizer=Choices(("sgd",))), 1),
    "two points": (Space.of(optimizer=Choices(("sgd", "adam"))), 2),
    "steps": (Space.of(dropout_rate=Range(0.0, 0.3, step=0.1), epochs=Range(1, 3, integer=True)), 12),
    "conditional": (Space.of(optimizer=RULES, momentum=Choices((0.5, 0.9, 0.95))), 5),
    "without a layer": (Space.of(width=Choices((4, 8, 16)), depth=Choices((0, 1, 2))), 7),
    # momentum has no effect under sgd, whatever the condition says
    "two spellings": (
        Space.of(
            optimizer=Choices(("sgd", "momentum")),
            momentum=Choices((0.5, 0.9), when={"optimizer": ("sgd", "momentum")}),
        ),
        3,
    ),
}
PARTLY = Space.of(optimizer=RULES, momentum=Range(0.5, 0.9))


@pytest.fixture(scope="module")
def iris():
    return load_data("iris")


@pytest.fixture
def pretended(monkeypatch):
    """Trials that are not trained; the recipes of each batch."""
    batches = []

    def train_batch(request, trials, **_):
        batches.append([trial.recipe for trial in trials])
        one = np.ones(1)
        values = [0.1 * len(trial.recipe.optimizer) + (trial.recipe.momentum or 0) / 9 for trial in trials]
        return [
            TrialRecord(*vars(trial).values(), "complete", value, {"loss/validation": 1.0}, {}, Curve(one, one, one))
            for trial, value in zip(trials, values, strict=True)
        ]

    monkeypatch.setattr(loop, "train_batch", train_batch)
    return batches


def searched(data, space, sampler="random", trials=20, **how) -> SearchResult:
    return Job(Request.of(data, space, Plan(trials=trials, rounds=4, folds=1, sampler=sampler))).search(**how)


@pytest.mark.parametrize("sampler", INSTALLED)
@pytest.mark.parametrize(("space", "count"), SPACES.values(), ids=SPACES)
def test_each_recipe_once_then_the_space_is_exhausted(iris, pretended, sampler, space, count):
    found = searched(iris, space, sampler)
    trained = [key_of(recipe, space) for batch in pretended for recipe in batch]
    assert len(trained) == len(set(trained)) == count
    assert [trial.number for trial in found.trials] == list(range(count))
    said = "the only recipe of the space was tried" if count == 1 else f"all {count} recipes of the space were tried"
    assert found.notices == (said,)


@pytest.mark.parametrize("sampler", INSTALLED)
def test_a_space_with_a_range_gives_as_many_different_trials_as_asked(iris, pretended, sampler):
    found = searched(iris, PARTLY, sampler)
    assert len({key_of(trial.recipe, PARTLY) for trial in found.trials}) == 20
    assert {trial.recipe.optimizer for trial in found.trials} == {"sgd", "momentum", "adam"}
    assert found.notices == ()


def test_all_points_are_tried_where_halving_would_have_stopped_repeats(iris):
    space = Space.of(hidden=(6,), epochs=9, batch_size=30, optimizer="adam", learning_rate=Choices((0.01, 0.0001)))
    found = tune(iris, space, Plan(trials=9, rounds=1, folds=1, refit_recipes=2, refit_seeds=1))
    assert sorted(trial.recipe.learning_rate for trial in found.search.trials) == [0.0001, 0.01]
    assert len(found.candidates) == 1  # of two trials, halving lets one go on


@pytest.mark.parametrize("sampler", INSTALLED)
def test_where_nothing_repeats_a_trial_is_what_the_sampler_says(sampler):
    known = distributions(SPACE)
    plain, ours = (
        optuna.create_study(sampler=make_sampler(sampler, 3, distributions=known, num_trials=30)) for _ in range(2)
    )
    recipes = Recipes(SPACE, 3)
    for _ in range(24):
        first, second = plain.ask(), ours.ask()
        for name, one in known.items():
            first._suggest(name, one)
        recipes.suggest(second)
        for study, trial in ((plain, first), (ours, second)):
            study.tell(trial, math.log10(study.trials[-1].params["learning_rate"]) ** 2)
    assert [trial.params for trial in ours.trials] == [trial.params for trial in plain.trials]


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["coarse_to_fine", "random", "grid", "quasi_random"])
@pytest.mark.parametrize("stop", [1, 6, 11])
def test_a_search_that_was_killed_while_it_asked_tries_the_same(iris, pretended, tmp_path, monkeypatch, sampler, stop):
    whole = searched(iris, PARTLY, sampler)
    real, left = optuna.storages.JournalStorage.set_trial_param, [stop]

    def killed(*words):
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        return real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(optuna.storages.JournalStorage, "set_trial_param", killed)
        with pytest.raises(KeyboardInterrupt):
            searched(iris, PARTLY, sampler, storage=tmp_path / "journal")
    again = searched(iris, PARTLY, sampler, storage=tmp_path / "journal")
    assert [trial.values for trial in again.trials] == [trial.values for trial in whole.trials]


def test_what_another_process_trains_is_not_asked_for(tmp_path):
    space, count = SPACES["conditional"]
    studies = [
        optuna.create_study(
            storage=open_storage(tmp_path / "journal"),
            study_name="s",
            load_if_exists=True,
            sampler=make_sampler("random", 0),
        )
        for _ in range(2)
    ]
    recipes = [Recipes(space, 0) for _ in studies]
    found = [recipes[i % 2].suggest(studies[i % 2].ask()) for i in range(count + 1)]
    assert found[-1] is None
    assert len({key_of(space.recipe(values), space) for values in found[:-1]}) == count
    assert studies[0].trials[-1].params == {}
    assert all(one.is_exhausted(studies[0].trials) for one in recipes)


def test_a_recipe_that_nobody_got_to_train_is_left():
    space, _ = SPACES["two points"]
    study, recipes = optuna.create_study(sampler=make_sampler("random", 0)), Recipes(space, 0)
    first, second = (recipes.suggest(study.ask())["optimizer"] for _ in range(2))
    assert recipes.is_exhausted(study.trials)
    study.tell(0, state=TrialState.FAIL)
    assert not recipes.is_exhausted(study.trials)
    assert recipes.suggest(study.ask())["optimizer"] == first != second


@pytest.mark.parametrize("seed", range(4))
def test_who_asks_the_same_as_another_in_the_same_moment_asks_again(iris, pretended, tmp_path, monkeypatch, seed):
    together, proposals, store = threading.Barrier(2), Recipes._proposals, Recipes._store
    calls = threading.local()

    def same(recipes, trial, frozen):
        calls.count = getattr(calls, "count", 0) + 1
        if calls.count <= 8:
            yield {"optimizer": "momentum", "momentum": 0.5 + calls.count / 100}
        yield from proposals(recipes, trial, frozen)

    def at_once(recipes, trial, values, stored):
        if calls.count <= 8:  # both have seen that nobody has it
            together.wait(20)
        store(recipes, trial, values, stored)

    def search(_):
        request = Request.of(iris, PARTLY, Plan(trials=40, rounds=5, folds=1, sampler="random", sampler_seed=seed))
        return Job(request).search(tmp_path / "journal", shared=True)

    monkeypatch.setattr(Recipes, "_proposals", same)
    monkeypatch.setattr(Recipes, "_store", at_once)
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(search, range(2)))
    trained = [key_of(recipe, PARTLY) for batch in pretended for recipe in batch]
    assert len(trained) == len(set(trained)) == 40
    assert [(len(one.trials), one.missing, one.notices) for one in results] == [(40, 0, ())] * 2
    study = optuna.load_study(study_name="trainwell", storage=open_storage(tmp_path / "journal"))
    yielded = [trial for trial in study.trials if OUTCOME not in trial.user_attrs]
    assert len(yielded) >= 8
    assert {trial.state for trial in yielded} == {TrialState.FAIL}


def test_a_grid_counts_points_by_what_is_active():
    space = replace(PARTLY, axes={**PARTLY.axes})
    known = distributions(space)

    def active(point):
        return active_params(point, space)

    coarse, fine = grid_of(known, 12), grid_of(known, 12, active)
    assert [len(coarse["momentum"]), len(fine["momentum"])] == [4, 10]  # sgd and adam are one point each
    sampler = GridSampler(fine, 0, active)
    points = [tuple(active(sampler._point(number)).items()) for number in range(12)]
    assert len(set(points)) == 12


def test_thousands_of_recipes_are_not_gone_through_at_each_trial(iris, pretended, monkeypatch):
    space = Space.of(batch_size=Choices(range(1, 1001)), epochs=Range(1, 1000, integer=True))
    made = []
    real = Space.recipe
    monkeypatch.setattr(Space, "recipe", lambda self, values: made.append(1) or real(self, values))
    searched(iris, space, trials=8)
    assert len(made) < 4000 + 8 * 20  # the ends of all axes, once when the search is checked
