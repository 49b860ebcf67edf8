"""Networks of figures are trained once, and read by later calls."""

import numpy as np
import pytest

from trainwell.data import from_arrays
from trainwell.lecture import Run
from trainwell.lecture.figures import study
from trainwell.lecture.figures.study import keys_of, train_asked
from trainwell.optim import SCHEDULES, ScheduleSpec
from trainwell.training import Recipe


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    return from_arrays(random.normal(size=(40, 3)), ["a", "a", "b", "c"] * 10, validation=8, test=8)


LONG = Recipe(
    hidden=(4, 4), optimizer="momentum", batch_size=4, batches="replacement", steps=21, observe_first=1, observe_every=5
)


def test_the_shorter_of_two_is_the_beginning_of_the_longer(data, tmp_path, monkeypatch) -> None:
    runs = [Run("long", LONG, 3), Run("short", LONG.evolve(steps=11), 3), Run("other", LONG.evolve(steps=11), 4)]
    decaying = [Run("fast", LONG.evolve(schedule="linear", steps=n), 3) for n in (11, 21)]
    trained = []
    real = study.train_each
    monkeypatch.setattr(study, "train_each", lambda asked, **how: trained.append(len(asked)) or real(asked, **how))
    together = train_asked([(data, run) for run in (*runs, *decaying)], tmp_path / "together")
    assert trained == [4]
    for run, shared in zip((*runs, *decaying), together, strict=True):
        (own,) = train_asked([(data, run)], tmp_path / f"{run.label}{run.recipe.steps}")
        assert shared.trace.steps.tolist() == own.trace.steps.tolist() == [list(range(1, run.recipe.steps + 1, 5))]
        for name in own.trace.values:
            assert shared.trace[name].tolist() == own.trace[name].tolist()
        assert (shared.statuses, shared.steps, shared.kept_steps) == (own.statuses, own.steps, own.kept_steps)
        assert shared.members == own.members


def test_later_calls_read_what_is_there_and_train_what_is_damaged(data, tmp_path, monkeypatch) -> None:
    asked = [(data, Run("long", LONG, 3))]
    (first,) = train_asked(asked, tmp_path)
    monkeypatch.setattr(study, "train_each", lambda *_, **__: pytest.fail("it was trained again"))
    (again,) = train_asked(asked, tmp_path)
    assert again.trace["loss/training"].tolist() == first.trace["loss/training"].tolist()
    with pytest.raises(pytest.fail.Exception):
        train_asked(asked, tmp_path, fresh=True)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(pytest.fail.Exception):
        train_asked(asked, tmp_path)


def test_a_key_is_the_same_alone_and_among_others_and_follows_the_code_that_a_name_stands_for(
    data, monkeypatch
) -> None:
    runs = [Run("a", LONG, 3), Run("b", LONG, 4), Run("c", LONG.evolve(schedule="linear"), 3), Run("d", LONG, 3)]
    asked = [(data, run) for run in runs]
    keys = keys_of(asked)
    assert keys == [key for one in asked for key in keys_of([one])]
    assert len(set(keys)) == 3
    assert keys[0] == keys[3]
    monkeypatch.setitem(SCHEDULES, "linear", ScheduleSpec("linear", lambda total_epochs: lambda t: 1.0, "constant"))
    assert [one == before for one, before in zip(keys_of(asked), keys, strict=True)] == [True, True, False, True]
