"""The progress bar's bookkeeping, on a real population."""

import pytest

from trainwell.cli.progress import population_progress
from trainwell.data import load
from trainwell.training import Recipe, train


def test_the_bar_ends_full_and_counts_what_diverged():
    recipes = [Recipe(optimizer="sgd", hidden=(4,), epochs=3, learning_rate=rate) for rate in (0.1, 1e30)]
    work = [2.0, 2.0, 1.0, 1.0]
    with population_progress(work, quiet=True) as progress:
        train(recipes, load("iris"), seeds=(0, 1), progress=progress.callbacks)
        task = progress.bars.tasks[0]
        assert (task.completed, task.total) == (pytest.approx(6.0), 6.0)
        assert task.description == "trained 4/4 networks, [red]2 diverged[/]"
        assert len(progress.over) == 4


def test_members_an_earlier_process_finished_count_at_the_end():
    with population_progress([1.0, 1.0], quiet=True) as progress:
        progress.finish()
        task = progress.bars.tasks[0]
        assert (task.completed, task.description) == (2.0, "trained 2/2 networks")
