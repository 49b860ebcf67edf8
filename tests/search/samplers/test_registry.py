"""The ways to search by name: what each draws, and that a resumed study draws the same where promised."""

from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from scipy.stats.qmc import Sobol

from trainwell.core import SearchError
from trainwell.search import SAMPLERS, make_sampler
from trainwell.search.samplers import registry as samplers
from trainwell.search.samplers.stateless import GridSampler, QuasiRandomSampler, RandomSampler, grid_of

optuna.logging.set_verbosity(optuna.logging.ERROR)
SPACE: dict[str, BaseDistribution] = {
    "rate": FloatDistribution(1e-4, 1, log=True),
    "layers": IntDistribution(1, 3),
    "kind": CategoricalDistribution(("a", "b")),
}
INSTALLED = [name for name in SAMPLERS if not any(samplers.find_spec(each) is None for each in SAMPLERS[name].packages)]


def trials(sampler: optuna.samplers.BaseSampler, count: int) -> list[dict[str, Any]]:
    study = optuna.create_study(sampler=sampler)
    for _ in range(count):
        trial = study.ask(SPACE)
        study.tell(trial, trial.params["rate"] + trial.params["layers"])
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("name", INSTALLED)
def test_every_sampler_draws_the_same_with_the_same_seed_only(name: str) -> None:
    def draw(seed: int) -> list[dict[str, Any]]:
        return trials(make_sampler(name, seed, distributions=SPACE, num_trials=12, trials_per_round=4), 12)

    assert draw(3) == draw(3)
    assert draw(3) != draw(4)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if SAMPLERS[name].resumable])
def test_resumable_samplers_go_on_where_another_process_stopped(name: str) -> None:
    def sampler() -> optuna.samplers.BaseSampler:
        return make_sampler(name, 3, distributions=SPACE, num_trials=12, trials_per_round=4)

    study = optuna.create_study(sampler=sampler())
    for number in range(12):
        if number == 6:
            study.sampler = sampler()  # what a process that has just started has
        trial = study.ask(SPACE)
        study.tell(trial, trial.params["rate"] + trial.params["layers"])
    assert [trial.params for trial in study.trials] == trials(sampler(), 12)


def test_random_is_uniform_on_each_scale() -> None:
    found = trials(RandomSampler(0), 500)
    places = np.sort([(np.log10(each["rate"]) + 4) / 4 for each in found])
    assert np.abs(places - (np.arange(500) + 0.5) / 500).max() < 1.63 / np.sqrt(500)  # Kolmogorov-Smirnov, 1%
    counts = np.bincount([each["layers"] for each in found])[1:]
    assert ((counts - 500 / 3) ** 2 / (500 / 3)).sum() < 9.21  # chi squared, 1%
    together = np.corrcoef([np.log(each["rate"]) for each in found], [each["layers"] for each in found])[0, 1]
    assert abs(together) < 2.58 / np.sqrt(500)


def test_grid_of_is_the_coarsest_with_enough_points() -> None:
    assert grid_of(SPACE, 8) == {"rate": [1e-4, 1.0], "layers": [1, 3], "kind": ["a", "b"]}
    grid = grid_of(SPACE, 12)
    assert grid["rate"] == pytest.approx([1e-4, 1e-2, 1.0])
    assert grid["layers"] == [1, 3]
    assert grid_of(SPACE, 13)["layers"] == [1, 2, 3]
    assert grid_of({"n": IntDistribution(1, 3), "one": FloatDistribution(2, 2)}, 100) == {"n": [1, 2, 3], "one": [2.0]}
    assert grid_of({"kind": SPACE["kind"]}, 100) == {"kind": ["a", "b"]}


def test_grid_visits_every_point_once_and_then_starts_again() -> None:
    grid = grid_of(SPACE, 12)
    found = [tuple(each.values()) for each in trials(GridSampler(grid, 0), 24)]
    assert len(set(found[:12])) == 12
    assert found[:12] == found[12:]
    assert found[:12] != sorted(found[:12])


def test_grid_errors() -> None:
    with pytest.raises(SearchError, match="the grid is empty"):
        make_sampler("grid", 0)
    with pytest.raises(SearchError, match="number of trials, at least 1, got 0"):
        grid_of(SPACE, 0)
    study = optuna.create_study(sampler=GridSampler({"x": [5.0]}))
    with pytest.raises(SearchError, match=r"value 5.0 of x lies outside"):
        study.ask({"x": FloatDistribution(0, 1)})
    assert 0 <= study.ask({"not in the grid": FloatDistribution(0, 1)}).params["not in the grid"] <= 1


def test_quasi_random_is_scipy_s_sequence_on_each_scale() -> None:
    sampler = QuasiRandomSampler(["rate", "layers", "kind"], 5)
    study = optuna.create_study(sampler=sampler)
    found = [study.ask(SPACE).params for _ in range(150)]  # more than are drawn at first
    points = Sobol(3, scramble=True, rng=5).random_base2(8)[:150]  # columns: kind, layers, rate
    np.testing.assert_allclose([each["rate"] for each in found], 1e-4 ** (1 - points[:, 2]), rtol=1e-9)
    assert [each["layers"] for each in found] == [1 + int(3 * each) for each in points[:, 1]]
    assert [each["kind"] for each in found] == ["ab"[int(2 * each)] for each in points[:, 0]]


def test_quasi_random_needs_names_and_draws_others_at_random() -> None:
    with pytest.raises(SearchError, match="needs the names of the parameters"):
        make_sampler("quasi_random", 0)
    study = optuna.create_study(sampler=QuasiRandomSampler(["x"], 0))
    other = optuna.create_study(sampler=RandomSampler(0))
    space = {"another": FloatDistribution(0, 1)}
    assert study.ask(space).params == other.ask(space).params


def test_unknown_sampler_and_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SearchError, match="there is no sampler 'coarse-to-fine': did you mean 'coarse_to_fine'"):
        make_sampler("coarse-to-fine")
    monkeypatch.setattr(samplers, "find_spec", lambda _: None)
    with pytest.raises(SearchError, match="the sampler gp needs torch: pip install torch"):
        make_sampler("gp")
    with pytest.raises(SearchError, match="the sampler cma_es needs cmaes: pip install cmaes"):
        make_sampler("cma_es")


def test_the_lecture_s_form_is_uniform() -> None:
    sampler = make_sampler("coarse_to_fine_uniform", 0, trials_per_round=4)
    again = samplers.CoarseToFineSampler(0, trials_per_round=4, draw="uniform")
    assert trials(sampler, 12) == trials(again, 12)
