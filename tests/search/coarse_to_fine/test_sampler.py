"""The sampler in studies: what its draws depend on, what it narrows, drops and advises."""

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import Trial, TrialState, create_trial

from trainwell.core import SearchError, TrainwellError
from trainwell.search import CoarseToFineSampler, Round
from trainwell.search.coarse_to_fine.rounds import Rules, State, after_round, completed_rounds

optuna.logging.set_verbosity(optuna.logging.WARNING)
SPACE = {
    "rate": FloatDistribution(1e-6, 1e-1, log=True),
    "layers": IntDistribution(1, 6),
    "kind": CategoricalDistribution(("a", "b", "c")),
    "share": FloatDistribution(0, 1),
}


def bowl(params: dict[str, Any]) -> float:
    """Best at rate 1e-3, 3 layers, kind b, share 0.25."""
    away = (math.log10(params["rate"]) + 3) ** 2 + 0.1 * (params["layers"] - 3) ** 2
    return float(away + (params["share"] - 0.25) ** 2 + (params["kind"] != "b"))


def run(sampler: CoarseToFineSampler, count: int, order: Callable[[list[Trial]], list[Trial]] = list) -> optuna.Study:
    """Ask for whole rounds, tell in some order."""
    study = optuna.create_study(sampler=sampler)
    for _ in range(count // sampler.trials_per_round):
        for trial in order([study.ask(SPACE) for _ in range(sampler.trials_per_round)]):
            study.tell(trial, bowl(trial.params))
    return study


def params(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("draw", ["guided", "uniform"])
def test_draws_do_not_depend_on_how_trials_are_asked_and_told(draw: Any) -> None:
    def sampler() -> CoarseToFineSampler:
        return CoarseToFineSampler(7, trials_per_round=8, draw=draw)

    in_rounds = params(run(sampler(), 32))
    assert params(run(sampler(), 32, order=lambda trials: trials[::-1])) == in_rounds
    one_by_one = optuna.create_study(sampler=sampler())
    for _ in range(32):
        trial = one_by_one.ask()
        values = {name: trial._suggest(name, SPACE[name]) for name in sorted(SPACE)}  # another order of parameters
        one_by_one.tell(trial, bowl(values))
    assert params(one_by_one) == in_rounds
    other = params(run(CoarseToFineSampler(8, trials_per_round=8, draw=draw), 8))
    assert other[0]["rate"] != in_rounds[0]["rate"]


def test_maximising_the_negative_is_minimising() -> None:
    sampler = CoarseToFineSampler(3, trials_per_round=8)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    for _ in range(4):
        for trial in [study.ask(SPACE) for _ in range(8)]:
            study.tell(trial, -bowl(trial.params))
    assert params(study) == params(run(CoarseToFineSampler(3, trials_per_round=8), 32))


SCRIPT = """
import json, sys, optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from trainwell.search.coarse_to_fine.sampler import CoarseToFineSampler
optuna.logging.set_verbosity(optuna.logging.WARNING)
storage = JournalStorage(JournalFileBackend(sys.argv[1]))
study = optuna.load_study(study_name="s", storage=storage, sampler=CoarseToFineSampler(5, trials_per_round=6))
study.optimize(lambda t: (t.suggest_float("x", 0, 1) - 0.3) ** 2 + t.suggest_int("n", 1, 9) / 10, n_trials=9)
print(json.dumps([trial.params for trial in study.trials]))
"""


def test_a_resumed_study_in_other_processes_draws_the_same(forks: Any, tmp_path: Path) -> None:
    path = tmp_path / "journal"
    storage = JournalStorage(JournalFileBackend(str(path)))
    optuna.create_study(study_name="s", storage=storage)
    for _ in range(2):  # 9 trials each: the first process ends in the middle of a round
        printed = forks.printed(tmp_path, SCRIPT, path)
    study = optuna.create_study(sampler=CoarseToFineSampler(5, trials_per_round=6))
    study.optimize(lambda t: (t.suggest_float("x", 0, 1) - 0.3) ** 2 + t.suggest_int("n", 1, 9) / 10, n_trials=18)
    assert json.loads(printed) == params(study)


def test_one_sampler_serves_several_storages_and_survives_pickling() -> None:
    sampler = CoarseToFineSampler(1, trials_per_round=5)
    studies = [optuna.create_study(study_name="same", storage=InMemoryStorage(), sampler=sampler) for _ in range(2)]
    for sign, study in zip((1, -1), studies, strict=True):
        study.optimize(lambda trial, sign=sign: sign * trial.suggest_float("x", 0, 1), n_trials=15)
    assert studies[0].best_params["x"] < 0.1
    assert studies[1].best_params["x"] > 0.9
    again = pickle.loads(pickle.dumps(sampler))  # noqa: S301  # our own bytes: Optuna's users pickle samplers
    assert again.rounds(studies[0]) == sampler.rounds(studies[0])


@pytest.mark.parametrize("draw", ["guided", "uniform"])
def test_trials_of_a_round_lie_in_its_extents_and_ranges_close_in(draw: Any) -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=20, draw=draw)
    study = run(sampler, 100)
    rounds = sampler.rounds(study)
    assert [(each.number, each.first_trial, each.last_trial) for each in rounds] == [
        (number, 20 * number, 20 * number + 19) for number in range(5)
    ]
    for each in rounds:
        for trial in study.trials[each.first_trial : each.last_trial + 1]:
            for name in ("rate", "layers", "share"):
                low, high = each.extents[name].low, each.extents[name].high
                assert low is not None
                assert high is not None
                assert low <= trial.params[name] <= high
            assert trial.params["kind"] in (each.extents["kind"].choices or ())
    assert rounds[0].extents["rate"].low == 1e-6
    assert rounds[0].reasons["rate"] == "the declared range"
    low, high = rounds[-1].extents["rate"].low, rounds[-1].extents["rate"].high
    assert low is not None
    assert high is not None
    assert low <= 1e-3 <= high
    assert high / low < 100
    assert rounds[-1].reasons["rate"].startswith(("narrowed to [", "kept [", "moved", "widened"))


def test_uniform_draws_fill_the_narrowed_range_on_its_scale() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=400, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    trials = [study.ask({"rate": SPACE["rate"], "kind": SPACE["kind"]}) for _ in range(400)]
    places = np.sort([(math.log10(trial.params["rate"]) + 6) / 5 for trial in trials])
    assert np.abs(places - (np.arange(400) + 0.5) / 400).max() < 1.63 / 20  # Kolmogorov-Smirnov, 1%
    counts = [sum(trial.params["kind"] == kind for trial in trials) for kind in "abc"]
    assert sum((count - 400 / 3) ** 2 / (400 / 3) for count in counts) < 9.21  # chi squared, 1%


def test_the_first_guided_round_is_a_latin_hypercube() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=12)
    study = optuna.create_study(sampler=sampler)
    trials = [study.ask(SPACE) for _ in range(12)]
    assert sorted(int(12 * trial.params["share"]) for trial in trials) == list(range(12))
    assert sorted(trial.params["layers"] for trial in trials) == [n for n in range(1, 7) for _ in range(2)]
    assert sorted(trial.params["kind"] for trial in trials) == sorted("abc" * 4)


def test_guided_finds_more_than_uniform_and_uniform_more_than_random() -> None:
    def found(sampler: Callable[[int], CoarseToFineSampler]) -> float:
        return float(np.median([run(sampler(seed), 60).best_value for seed in range(7)]))

    guided = found(lambda seed: CoarseToFineSampler(seed))
    uniform = found(lambda seed: CoarseToFineSampler(seed, trials_per_round=20, draw="uniform"))
    random = found(lambda seed: CoarseToFineSampler(seed, trials_per_round=60, draw="uniform"))
    assert guided < 0.1 * uniform
    assert uniform < 0.7 * random


def test_the_range_follows_an_optimum_that_the_first_good_trials_missed() -> None:
    """The function changes after the first rounds, so that the best lie beyond the narrowed range."""
    sampler = CoarseToFineSampler(0, trials_per_round=10, draw="uniform", smallest=0.8)
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: abs(trial.suggest_float("x", 0, 1) - 0.3), n_trials=30)
    before = sampler.rounds(study)[-1].extents["x"]
    assert before.high is not None
    assert before.high < 0.8
    study.optimize(lambda trial: -10 - trial.suggest_float("x", 0, 1), n_trials=60)
    rounds = sampler.rounds(study)
    assert rounds[-1].extents["x"].high == 1.0
    assert any(each.reasons["x"].startswith("moved up to") for each in rounds)


@pytest.mark.parametrize("draw", ["guided", "uniform"])
def test_advice_where_the_optimum_lies_beyond_the_declared_range(draw: Any) -> None:
    def objective(trial: Trial) -> float:
        trial.suggest_float("no matter", 0, 1)
        return abs(math.log10(trial.suggest_float("rate", 1e-6, 1e-2, log=True)) + 1)

    sampler = CoarseToFineSampler(0, draw=draw)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=40)
    assert sampler.advice(study) == [
        "rate: the best trials lie at the upper end of the declared range (0.01): widen it"
    ]
    assert CoarseToFineSampler(0).advice(optuna.create_study()) == []


def test_hardly_ever_advice_where_the_optimum_lies_inside() -> None:
    found = []
    for seed in range(8):
        sampler = CoarseToFineSampler(seed)
        found += sampler.advice(run(sampler, 40))
    assert len(found) <= 1  # 24 ranges, two ends each


def test_a_bad_choice_is_dropped_with_its_evidence() -> None:
    sampler = CoarseToFineSampler(2, trials_per_round=30, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    for trial in [study.ask(SPACE) for _ in range(30)]:
        study.tell(trial, bowl(trial.params) / 100 + (trial.params["kind"] == "c"))
    second = Round(1, 30, 59, False, *_next(study, sampler))
    assert second.extents["kind"].choices == ("a", "b")
    assert second.reasons["kind"].startswith("dropped c: ")
    assert "none of them good, p = " in second.reasons["kind"]


def _next(study: optuna.Study, sampler: CoarseToFineSampler) -> tuple[Any, Any]:
    study.ask(SPACE)
    last = sampler.rounds(study)[-1]
    return last.extents, last.reasons


@pytest.mark.slow
def test_a_choice_that_makes_no_difference_is_hardly_ever_dropped() -> None:
    """In at most 5% of 500 studies of four rounds, drawn as `draw="uniform"` does."""
    rules, space = Rules(25, 0.2, 1.0, 0.5, 0.05), {"kind": CategoricalDistribution(("a", "b", "c", "d"))}
    drops = 0
    for seed in range(500):
        rng, state = np.random.default_rng(seed), State()
        for number in range(4):
            alive = state.extents["kind"].choices if number else space["kind"].choices
            assert alive is not None
            trials = []
            for index in range(25):
                value = float(rng.standard_normal())
                trials.append(create_trial(params={"kind": rng.choice(alive)}, distributions=space, value=value))
                trials[-1].number = 25 * number + index
            state = after_round(state, trials, StudyDirection.MINIMIZE, rules)
        drops += len(state.extents["kind"].choices or ()) < 4
    assert drops <= 0.05 * 500


@pytest.mark.slow
def test_a_guided_search_hardly_ever_drops_a_choice_that_makes_no_difference() -> None:
    """Of this few studies only a rate of some 15% would show; 2 of 470 were counted once."""
    drops = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        sampler = CoarseToFineSampler(seed)
        study = optuna.create_study(sampler=sampler)
        for _ in range(4):
            for trial in [study.ask({"x": SPACE["share"], "kind": SPACE["kind"]}) for _ in range(10)]:
                study.tell(trial, trial.params["x"] ** 2 + 0.1 * rng.standard_normal())
        drops += len(_next(study, sampler)[0]["kind"].choices) < 3
    assert drops <= 1


def test_failed_and_diverged_trials_count_against_a_choice_and_are_never_good() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=30, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    for trial in [study.ask(SPACE) for _ in range(30)]:
        if trial.params["kind"] == "c":
            study.tell(trial, state=TrialState.FAIL)
        elif trial.params["rate"] > 1e-3:
            study.tell(trial, math.inf)
        else:
            study.tell(trial, trial.params["share"])
    extents, reasons = _next(study, sampler)
    assert reasons["kind"].startswith("dropped c")
    assert extents["rate"].high < 1e-2


def test_a_round_counts_when_all_its_trials_have_ended_or_a_later_round_has() -> None:
    def trials(states: str) -> list[optuna.trial.FrozenTrial]:
        kinds = {"c": TrialState.COMPLETE, "p": TrialState.PRUNED, "f": TrialState.FAIL, "r": TrialState.RUNNING}
        found = []
        for number, state in enumerate(states):
            trial = create_trial(value=0.0)
            trial.state, trial.number = kinds[state], number
            found.append(trial)
        return found

    assert completed_rounds(trials(""), 3) == []
    assert completed_rounds(trials("cp"), 3) == []
    assert completed_rounds(trials("cpf"), 3) == [0]
    assert completed_rounds(trials("crccc"), 3) == []
    assert completed_rounds(trials("crcccc"), 3) == [0, 1]
    assert completed_rounds(trials("crcccrcc"), 3) == [0]
    assert completed_rounds(trials("crcccrccc"), 3) == [0, 1, 2]


def test_a_lost_trial_does_not_stop_the_narrowing() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=8, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    trials = [study.ask(SPACE) for _ in range(8)]
    for trial in trials[1:]:  # the first one is never told
        study.tell(trial, bowl(trial.params))
    for trial in [study.ask(SPACE) for _ in range(8)]:
        assert sampler.rounds(study)[1].reasons["rate"] == "the declared range"
        study.tell(trial, bowl(trial.params))
    study.ask(SPACE)
    rounds = sampler.rounds(study)
    assert [each.completed for each in rounds] == [True, True, False]
    assert rounds[2].reasons["rate"] != "the declared range"


def test_pruned_trials_of_later_rungs_are_better_than_earlier_ones() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=20, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    for trial in [study.ask(SPACE) for _ in range(20)]:
        late = trial.params["share"] > 0.6
        trial.report(trial.params["share"], step=1)
        if late:
            trial.report(5.0, step=3)
        study.tell(trial, state=TrialState.PRUNED)
    extents, _ = _next(study, sampler)
    assert extents["share"].low > 0.4


def test_conditional_parameters_are_narrowed_where_there_are_enough_trials_with_them() -> None:
    def objective(trial: Trial) -> float:
        if trial.suggest_categorical("optimizer", ["sgd", "momentum"]) == "sgd":
            return 1.0
        return abs(trial.suggest_float("momentum", 0, 1) - 0.9)

    sampler = CoarseToFineSampler(0)
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=50)
    rounds = sampler.rounds(study)
    assert rounds[-1].extents["momentum"].low > 0.5
    assert study.best_value < 5e-3  # 25 random values would come within 0.02
    assert all(("momentum" in trial.params) == (trial.params["optimizer"] == "momentum") for trial in study.trials)


def test_a_round_of_only_one_parameter_value_or_only_failures_is_no_trouble() -> None:
    for value in (1.0, math.nan):
        study = optuna.create_study(sampler=CoarseToFineSampler(0, trials_per_round=3))
        study.optimize(lambda trial, value=value: trial.suggest_int("n", 1, 2) * 0 + value, n_trials=12)
        assert len(study.trials) == 12


def test_an_enqueued_trial_keeps_its_parameters() -> None:
    study = optuna.create_study(sampler=CoarseToFineSampler(0, trials_per_round=4))
    study.enqueue_trial({"share": 0.123})
    assert study.ask(SPACE).params["share"] == 0.123


def test_a_pruner_that_splits_the_study_does_not_split_the_rounds() -> None:
    sampler = CoarseToFineSampler(0, trials_per_round=6, draw="uniform")
    study = optuna.create_study(sampler=sampler, pruner=optuna.pruners.HyperbandPruner(1, 9, 3))
    plain = optuna.create_study(sampler=CoarseToFineSampler(0, trials_per_round=6, draw="uniform"))
    for each in (study, plain):
        each.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=24)
    assert params(study) == params(plain)


def test_cost_of_a_hundred_trials_of_ten_parameters() -> None:
    import time

    space = {f"x{index}": FloatDistribution(0, 1) for index in range(10)}
    sampler = CoarseToFineSampler(0, trials_per_round=25, draw="uniform")
    study = optuna.create_study(sampler=sampler)
    start = time.process_time()
    for _ in range(4):
        for trial in [study.ask(space) for _ in range(25)]:
            study.tell(trial, sum(trial.params.values()))
    assert time.process_time() - start < 0.5  # 0.05 s on an idle machine, storage included


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("seed", -1),
        ("seed", 0.5),
        ("trials_per_round", 1),
        ("trials_per_round", 2.5),
        ("good", 0.0),
        ("good", 1.0),
        ("margin", -0.1),
        ("margin", math.nan),
        ("smallest", 0.0),
        ("smallest", 1.1),
        ("level", 1.0),
        ("share", 1.5),
        ("draw", "sobol"),
    ],
)
def test_settings_outside_their_range(setting: str, value: Any) -> None:
    settings: dict[str, Any] = {setting: value}
    with pytest.raises(SearchError, match=f"^{setting} must be .*got {value!r}"):
        CoarseToFineSampler(**settings)


def test_several_objectives_are_an_error_that_says_what_to_do() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=CoarseToFineSampler(0))
    with pytest.raises(SearchError, match=r"but this one has 2: combine them into one") as caught:
        study.ask(SPACE)
    assert isinstance(caught.value, TrainwellError)
    assert isinstance(caught.value, ValueError)


def test_threads_that_share_a_study_try_different_trials() -> None:
    study = optuna.create_study(sampler=CoarseToFineSampler(0, trials_per_round=6))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=36, n_jobs=2)
    assert len({trial.params["x"] for trial in study.trials if trial.params["x"] > 0}) > 20
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials)
