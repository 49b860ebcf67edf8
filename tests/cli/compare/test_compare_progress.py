"""A comparison's bars, on a real comparison."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from trainwell.comparison import ComparisonProgress, Terms, compare_on
from trainwell.comparison.progress import TuningProgress
from trainwell.data import load_data
from trainwell.display import work_bars

TERMS = Terms(trials=4, rounds=2, candidates=1, candidate_seeds=2, most_seeds=11, looks=2)
TWO = {"SGD [slow]": {"optimizer": "sgd"}, "Adam": {"optimizer": "adam"}}


def test_a_bar_for_tuning_and_one_for_each_batch_of_seeds_per_data_set(tmp_path, monkeypatch):
    seen = []
    draw = TuningProgress._draw
    monkeypatch.setattr(
        TuningProgress, "_draw", lambda self: (draw(self), seen.append((self.title, self.bars.tasks[-1].completed)))
    )
    with work_bars(show=False) as bars:
        watcher = ComparisonProgress(bars)
        datasets = [load_data("iris"), load_data("wine")]
        found = compare_on(datasets, TWO, TERMS, base={"hidden": (4,), "epochs": 2}, folder=tmp_path, watcher=watcher)
        whole, *tasks = bars.tasks
        expected = []
        for part in found.parts:
            expected.append(f"{part.dataset.name}: tuned 2 contenders")
            first = 0
            for look in part.looks[: 1 + max(pair.decision.look for pair in part.pairs)]:
                which = f"seeds {first}–{look - 1}" if look - first > 1 else f"seed {first}"
                count = 2 * (look - first)
                expected.append(f"{part.dataset.name}: {which}, 2 contenders: trained {count}/{count} networks")
                first = look
        assert [task.description for task in tasks] == expected
        assert [task.percentage for task in tasks] == [pytest.approx(100)] * len(tasks)
        assert (whole.description, whole.completed) == ("whole comparison", 1.0)
        assert whole.fields["last"] == "with up to 11 seeds"
        left = sum(pair.outcome == "undecided" for pair in found.parts[-1].pairs)
        assert tasks[-1].fields["last"] == f"{left} of 1 pair undecided"
    on_iris = [(title, done) for title, done in seen if title.startswith("iris")]
    done = [share for _, share in on_iris]
    assert on_iris[0] == (r"iris: tuning SGD \[slow] (1/2)", 0.0)
    assert done == sorted(done)
    assert {1 / 3, 2 / 3, 1.0, 4 / 3} <= set(done)  # two rounds and the best again, of each contender
    assert done[-1] == pytest.approx(2.0)


def test_what_an_earlier_process_had_done_is_not_drawn_as_work(tmp_path):
    base = {"hidden": (4,), "epochs": 2}
    compare_on([load_data("iris")], TWO, TERMS, base=base, folder=tmp_path)
    with work_bars(show=False) as bars:
        watcher = ComparisonProgress(bars)
        compare_on([load_data("iris")], TWO, TERMS, base=base, folder=tmp_path, watcher=watcher)
        assert not [task for task in bars.tasks if "seeds" in task.description]


def test_the_programs_of_a_round_are_counted_while_they_are_compiled():
    with work_bars(show=False) as bars:
        task = bars.add_task("tuning", total=2, last="")
        watcher = TuningProgress(bars, task, "tuning sgd (1/2)", 0, 2, lambda done: None)
        watcher.batch([0, 1], [1.0, 1.0])
        watcher.population().on_compile(1, 3)
        assert bars.tasks[0].description == "tuning sgd (1/2): round 1/2, compiled 1/3 programs"
        watcher.population().on_compile(3, 3)
        assert bars.tasks[0].description == "tuning sgd (1/2): round 1/2"


def test_the_time_left_is_that_of_all_data_sets(monkeypatch):
    """Two data sets of different size: per contender a tuning, then ten seeds, of which the first look has four."""
    from trainwell.display import bars as module

    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with work_bars(show=False) as bars:
        watcher = ComparisonProgress(bars)
        watcher.starts(replace(TERMS, most_seeds=10, seconds=100.0), [[20.0, 30.0, 50.0], [40.0, 60.0, 100.0]])
        whole = bars.tasks[0]
        watcher.dataset("one", 0, 2)
        search = watcher.tuning("a", 0, 2)
        search.batch([0, 1], [1.0, 1.0])
        now[0] = 20.0
        search.refit([1.0])  # two of three parts are done
        assert whole.completed == pytest.approx(20 * 2 / 3 / 300)
        watcher.tuning("b", 1, 2).batch([0, 1], [1.0, 1.0])
        assert whole.completed == pytest.approx(20 / 300)
        now[0] = 50.0
        progress = watcher.seeds(range(4), ["a", "b"], [1.0] * 8)
        assert whole.completed == pytest.approx(50 / 300)
        lane = SimpleNamespace(member=SimpleNamespace(index=0), over=True, seen=[], status=0)
        now[0] = 60.0
        progress.on_chunk([lane])
        assert whole.completed == pytest.approx((50 + 50 * 4 / 10 / 8) / 300)
        watcher.judged(0, 1)
        watcher.dataset("two", 1, 2)
        watcher.tuning("a", 0, 2)
        assert whole.completed == pytest.approx(100 / 300)  # further seeds were not needed
        watcher.over()
        assert whole.completed == 1.0
