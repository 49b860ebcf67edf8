"""The progress bars' bookkeeping, on a real population and a real search."""

from io import StringIO
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.display import work_bars
from trainwell.training import PopulationProgress, Recipe, train


def test_the_bar_ends_full_and_counts_what_diverged():
    recipes = [Recipe(optimizer="sgd", hidden=(4,), epochs=3, learning_rate=rate) for rate in (0.1, 1e30)]
    work = [2.0, 2.0, 1.0, 1.0]
    with work_bars(show=False) as bars:
        progress = PopulationProgress(bars, work)
        train(load_data("iris"), recipes, seeds=(0, 1), progress=progress.callbacks)
        task = bars.tasks[0]
        assert (task.completed, task.total) == (pytest.approx(6.0), 6.0)
        assert task.description == "trained 4/4 networks, [red]2 diverged[/]"
        assert len(progress.over) == 4


def test_members_an_earlier_process_finished_count_at_the_end():
    with work_bars(show=False) as bars:
        progress = PopulationProgress(bars, [1.0, 1.0])
        progress.finish()
        task = bars.tasks[0]
        assert (task.completed, task.description) == (2.0, "trained 2/2 networks")


def test_a_search_has_a_bar_of_the_round_and_one_of_all_with_the_time_left(monkeypatch):
    from trainwell.search import Plan, SearchProgress, tune
    from trainwell.training import Range, Space

    space = Space.of(hidden=(4,), epochs=4, learning_rate=Range(1e-3, 1.0, log=True))
    plan = Plan(trials=4, rounds=2, folds=1, metric="accuracy", refit_recipes=1, refit_seeds=2)
    drawn, shares, scores = [], [], []
    on_show = SearchProgress._show

    def show(self):
        on_show(self)
        part, whole = self.bars.tasks
        drawn.append(part.description)
        shares.append(whole.completed)
        scores.append(whole.fields["last"])
        assert whole.fields["left"]() is None or whole.fields["left"]() >= 0

    monkeypatch.setattr(SearchProgress, "_show", show)
    with work_bars(show=False) as bars:
        watcher = SearchProgress(bars, plan)
        tuned = tune(load_data("iris"), space, plan, watcher=watcher)
        assert [task.percentage for task in bars.tasks] == [pytest.approx(100), pytest.approx(100)]
        assert watcher.whole.left() == pytest.approx(0, abs=1e-6)
    assert shares == sorted(shares)
    assert {0.0, 1 / 3, 2 / 3} <= set(shares)  # two rounds, and the best again
    assert shares[-1] == pytest.approx(1.0)
    best = max(trial.value for trial in tuned.search.trials if trial.state == "complete")
    assert scores[-1] == f"best accuracy {best:.4f}"
    assert next(filter(None, scores)).startswith("so far accuracy ")  # while the first round is under way
    assert "round 1/2, trials 0–1: training 2/2 networks" in drawn
    assert "round 1/2, trials 0–1: training 1/2 networks" in drawn  # after the first rung
    assert "round 2/2, trials 2–3: compiled 0/1 program" in drawn
    assert drawn[-1] == "the best again, fresh seeds: training 2/2 networks"


def test_the_time_left_is_that_of_all_rounds_and_never_beyond_the_limit(monkeypatch):
    from trainwell.display import bars as module
    from trainwell.search import Plan, SearchProgress

    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    for seconds, expected in ((None, 70.0), (60.0, 50.0)):
        now[0] = 0.0
        with work_bars(show=False) as bars:
            watcher = SearchProgress(bars, Plan(trials=8, rounds=3, refit_recipes=1, seconds=seconds))
            watcher.batch([0, 1, 2], [1.0, 1.0, 1.0])
            assert watcher.whole.left() == seconds  # nothing is known yet
            now[0] = 10.0  # half of the first of four stages
            watcher.population().on_compile(3, 3)
            assert watcher.whole.left() == expected
            now[0] = 12.0
            assert watcher.whole.left() == expected - 2.0  # it counts down while nothing happens
    with work_bars(show=False) as bars:
        watcher = SearchProgress(bars, Plan(trials=None, rounds=3, seconds=60.0))
        now[0] = 25.0
        watcher.batch([0], [1.0])
        now[0] = 40.0
        watcher._show()
        assert (watcher.whole.left(), bars.tasks[1].completed) == (45.0, 0.25)
        watcher.refit([1.0])
        watcher.population().on_compile(1, 1)
        assert [task.fields["left"]() for task in bars.tasks] == [None, 45.0]
        watcher.finished([])
        assert bars.tasks[1].completed == 0.25
        watcher.over()
        assert bars.tasks[1].completed == 1.0


def test_what_an_earlier_process_did_or_the_search_left_out_does_not_count_for_its_pace(monkeypatch):
    from trainwell.display import WholeBar, bars as module

    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with work_bars(show=False) as bars:
        whole = WholeBar(bars, "all", 100.0, 1000.0)
        now[0] = 5.0
        whole.begin(50.0)  # half was done before
        assert (whole.left(), bars.tasks[0].completed) == (1000.0, 0.5)
        now[0] = 15.0
        whole.show(60.0)
        assert whole.left() == 40.0  # 10 in 10 seconds, 40 to do
        whole.begin(80.0)  # 20 were not needed
        assert (whole.left(), bars.tasks[0].completed) == (20.0, 0.8)
        whole.end()
        assert (whole.left(), bars.tasks[0].completed) == (0.0, 1.0)


def test_a_time_limit_does_not_shorten_what_it_does_not_cut(monkeypatch):
    from trainwell.display import WholeBar, bars as module

    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with work_bars(show=False) as bars:
        whole = WholeBar(bars, "all", 100.0, 30.0)
        whole.begin(0.0, uncut=60.0)
        now[0] = 20.0
        whole.show(20.0)
        assert whole.left() == 60.0
        whole.begin(20.0, uncut=5.0)
        assert whole.left() == 10.0


def test_a_notebook_shows_bars_in_one_output_that_is_redrawn(monkeypatch):
    import sys

    from rich.console import Console

    from trainwell.display import bars as module

    now, shown, updates = [10.0], [], []

    def display(drawn, display_id):
        shown.append((drawn, display_id))
        return SimpleNamespace(update=lambda drawn: updates.append(drawn.tasks[0].completed))

    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    with work_bars(Console(force_jupyter=True)) as bars:
        assert type(bars) is module.NotebookBars
        assert shown == [(bars, True)]
        task = bars.add_task("training", total=4, last="")
        bars.update(task, completed=1)
        now[0] = 10.1
        bars.update(task, completed=2)  # too soon to be drawn
        now[0] = 10.3
        bars.update(task, completed=3)
        bars.update(task, completed=4)
        assert updates == [0, 3]
    assert updates[-1] == 4  # the end is drawn at once
    assert len(shown) == 1
    with work_bars(Console(force_jupyter=True), show=False) as bars:
        bars.update(bars.add_task("training", total=4, last=""), completed=4)
    assert len(shown) == 1


def test_scores_are_seen_before_all_programs_are_compiled():
    """One thread: after its first program it trains a network up to the first observation."""
    from trainwell.training import Progress

    recipes = [Recipe(hidden=(width,), epochs=3) for width in (3, 4, 5)]
    events = []
    progress = Progress(
        lambda lanes: events.append([lane.observed for lane in lanes]), lambda done, of: events.append((done, of))
    )
    trained = train(load_data("iris"), recipes, seeds=(0, 1), progress=progress)
    first = next(i for i, event in enumerate(events) if isinstance(event, list))
    assert events[0] == (0, 3)
    assert first < events.index((3, 3))
    assert events[first] == [1]
    assert trained.statuses == ("finished",) * 6
    alone = train(load_data("iris"), recipes[0], seeds=(0,))
    for one, other in zip(jax.tree.leaves(trained.params[0]), jax.tree.leaves(alone.params[0]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_training_shows_its_scores_and_its_time_left(monkeypatch):
    from trainwell.training import progress as module

    now = [100.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with work_bars(show=False) as bars:
        progress = PopulationProgress(bars, [3.0, 1.0])
        task = bars.tasks[0]
        progress.callbacks.on_compile(0, 2)
        assert (task.description, task.fields["left"]()) == ("compiled 0/2 programs", None)
        now[0] = 130.0
        progress.callbacks.on_compile(2, 2)
        member = SimpleNamespace(index=0, points=SimpleNamespace(total=10))
        seen = [{"loss/validation": [0.9, 0.25], "accuracy/validation": [0.5, 0.75], "loss/training": [0.1, 0.1]}]
        lane = SimpleNamespace(member=member, seen=seen, step=5, over=False, status=0)
        now[0] = 133.0
        progress.callbacks.on_chunk([lane])
        assert task.description == "trained 0/2 networks"
        assert task.fields["last"] == "validation accuracy 0.75, loss 0.25"
        assert task.fields["left"]() == pytest.approx(3.0 / 1.5 * 2.5)  # 1.5 of 4 are done


def test_a_pipe_gets_a_line_now_and_then(monkeypatch):
    from rich.console import Console

    from trainwell.display import bars as module

    now, out = [0.0], StringIO()
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    with work_bars(Console(file=out, width=40), lines=True) as bars:
        task = bars.add_task("trained [red]1 diverged[/]", total=4.0, last="", left=lambda: 65.0)
        for now[0] in (10.0, 31.0, 40.0, 62.0):
            bars.update(task, completed=now[0] / 31, last="loss 0.5")
        bars.update(task, completed=4.0)
    assert out.getvalue() == (
        "trained 1 diverged, 25%, 1:05 left, loss 0.5\ntrained 1 diverged, 50%, 1:05 left, loss 0.5\n"
    )
    assert work_bars(Console(file=out)).disable
    assert work_bars(Console(file=out), show=False, lines=True).disable


@pytest.mark.parametrize(("quiet", "shown"), [(False, "note: a checkpoint is damaged\n"), (True, "")])
def test_what_the_library_warns_of_is_shown_as_a_note(quiet, shown, capsys):
    import logging

    from trainwell.cli.show.output import Messages

    Messages(quiet=quiet)
    logging.getLogger("trainwell").warning("a checkpoint is %s", "damaged")
    assert capsys.readouterr().err == shown


def test_waiting_for_other_processes_is_shown():
    from trainwell.search import Plan, SearchProgress

    with work_bars(show=False) as bars:
        watcher = SearchProgress(bars, Plan(trials=4, rounds=2))
        watcher.batch([0, 1], [1.0, 1.0])
        for left in (2, 1):
            watcher.waiting(left)
        assert bars.tasks[0].description == "waiting for 1 trial of other processes"
        watcher.refit([1.0])
        assert bars.tasks[0].description == "the best again, fresh seeds: compiling"
