"""The progress bars' bookkeeping, on a real population and a real search."""

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


def test_a_search_has_a_bar_per_round_and_one_for_the_final_training(monkeypatch):
    from trainwell.search import Plan, SearchProgress, tune
    from trainwell.training import Range, Space

    space = Space.of(hidden=(4,), epochs=4, learning_rate=Range(1e-3, 1.0, log=True))
    plan = Plan(trials=4, rounds=2, folds=1, metric="accuracy", refit_recipes=1, refit_seeds=2)
    drawn = []
    on_draw = SearchProgress._draw
    monkeypatch.setattr(
        SearchProgress, "_draw", lambda self: (on_draw(self), drawn.append(self.bars.tasks[-1].description))
    )
    with work_bars(show=False) as bars:
        watcher = SearchProgress(bars, plan)
        tuned = tune(load_data("iris"), space, plan, watcher=watcher)
        tasks = bars.tasks
        assert [task.description for task in tasks[:2]] == ["round 1/2, trials 0–1", "round 2/2, trials 2–3"]
        assert [task.percentage for task in tasks] == [100, 100, pytest.approx(100)]
        best = max(trial.value for trial in tuned.search.trials if trial.state == "complete")
        assert tasks[1].fields["last"] == f"best accuracy {best:.4f}"
    assert "round 1/2, trials 0–1: 2/2 alive" in drawn
    assert "round 1/2, trials 0–1: 1/2 alive" in drawn  # after the first rung
    assert drawn[-1] == "the best again, fresh seeds: 2/2 alive"


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
        tasks = bars.tasks
        assert len(tasks) == 2
        assert tasks[1].description == "waiting for 1 trial of other processes"
        watcher.refit([1.0])
        assert bars.tasks[2].description == "the best again, fresh seeds: compiling"
