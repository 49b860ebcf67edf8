"""Training with more and more seeds until every compared pair is decided."""

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from trainwell.comparison.progress import ComparisonWatcher
from trainwell.comparison.result import StoppedBy
from trainwell.core import METRICS, MetricName, RunError, target_variance
from trainwell.data import Dataset
from trainwell.statistics import Looks, PairDecision, needs
from trainwell.training import Recipe, Runs, joined, load_runs, members_work, save_runs, train

LOG = logging.getLogger("trainwell")
Judge = Callable[[Float[np.ndarray, "K S"]], tuple[PairDecision, ...]]


@dataclass(frozen=True)
class Setup:
    """Everything that does not change while seeds are added.

    Attributes:
        dataset: its training and validation splits are used.
        recipes: the tuned recipe of each contender.
        labels: the contenders' names.
        metric: the validation metric that is compared.
        guess: the score that a diverged run counts as; see `scores`.
        seeds: all seeds that may be used, in order.
        looks: the numbers of seeds at which pairs are tested.
        judge: tests all pairs, given scores [contenders, seeds].
    """

    dataset: Dataset
    recipes: tuple[Recipe, ...]
    labels: tuple[str, ...]
    metric: MetricName
    guess: float
    seeds: tuple[int, ...]
    looks: Looks
    judge: Judge


@dataclass(frozen=True, eq=False)
class Added:
    """The result of `add_seeds`.

    Attributes:
        runs: all runs, contender by contender.
        values: score of each contender with each seed; NaN where it was not run.
        decisions: one per compared pair.
        stopped_by: why no more seeds were added.
    """

    runs: Runs
    values: Float[np.ndarray, "K S"]
    decisions: tuple[PairDecision, ...]
    stopped_by: StoppedBy


def add_seeds(setup: Setup, *, folder: Path | None, deadline: float | None, watcher: ComparisonWatcher) -> Added:
    """Train the contenders with more and more seeds; contenders whose pairs are all decided get no further seeds.

    Args:
        setup: everything that does not change while seeds are added.
        folder: where finished batches are saved; a saved batch is loaded, not trained again. None saves nothing.
        deadline: value of `time.monotonic()` after which no further batch starts.
        watcher: receives progress.

    Raises:
        Interrupted: Ctrl-C was pressed; running chunks were finished and saved.
    """
    values = np.full((len(setup.recipes), len(setup.seeds)), np.nan)
    parts: list[tuple[Runs, list[int]]] = []
    decisions: tuple[PairDecision, ...] = ()
    undecided, first = list(range(len(setup.recipes))), 0
    stopped_by: StoppedBy = "most_seeds"
    for upto in setup.looks.seeds:
        if first and deadline is not None and time.monotonic() > deadline:
            stopped_by = "time"
            break
        runs = _batch(setup, undecided, setup.seeds[first:upto], folder, watcher)
        parts.append((runs, undecided))
        values[undecided, first:upto] = scores(runs, setup.metric, setup.guess)
        decisions, first = setup.judge(values), upto
        watcher.judged(sum(pair.open for pair in decisions), len(decisions))
        undecided = sorted(needs(decisions))
        if not undecided:
            stopped_by = "decided"
            break
    return Added(joined([part for part, _ in parts], [at for _, at in parts]), values, decisions, stopped_by)


def guess_for(dataset: Dataset, metric: MetricName) -> float:
    """The validation score of the best constant prediction that can be learned from the training split.

    This is the most frequent class for accuracy, the class frequencies (with one row added to each class) for
    cross-entropy, and the mean for regression.

    Args:
        dataset: its training and validation splits are used, with their row weights.
        metric: the metric to compute.

    Returns:
        The score; NaN for R² where it is undefined.

    Example:
        >>> from trainwell.data import load_data
        >>> guess_for(load_data("diabetes"), "r2") <= 0
        True
    """
    training, validation = dataset.training, dataset.validation
    weights = validation.weights / validation.weights.sum()
    if dataset.task == "regression":
        mean = np.average(training.targets.mean(-1), weights=training.weights)
        targets = validation.targets.mean(-1)
        error = float(weights @ (targets - mean) ** 2)
        return 1 - error / target_variance(targets, weights) if METRICS[metric].fallback else error
    counts = np.bincount(training.targets, weights=training.weights, minlength=dataset.num_outputs)
    if METRICS[metric].is_share:
        return float(weights @ (validation.targets == counts.argmax()))
    shares = (counts + 1) / (counts + 1).sum()
    return float(weights @ -np.log(shares[validation.targets]))


def scores(runs: Runs, metric: MetricName, guess: float) -> Float[np.ndarray, "K S"]:
    """The validation score of every run.

    A diverged run gets `guess`, or the score of the worst finished run with the same seed if that is worse. So it never
    beats a run that finished.

    Args:
        runs: the same number of seeds for each contender.
        metric: the metric to read.
        guess: see `guess_for`.

    Returns:
        Scores [contenders, seeds].
    """
    values = runs.kept(f"{metric}/validation").reshape(len(runs.sizes), -1)
    worst = np.fmin if METRICS[metric].larger_is_better else np.fmax
    return np.where(np.isfinite(values), values, worst(worst.reduce(values, axis=0), guess))


def _batch(
    setup: Setup, indices: Sequence[int], seeds: Sequence[int], folder: Path | None, watcher: ComparisonWatcher
) -> Runs:
    """Train the contenders at these indices with these seeds, or load the runs that an earlier process saved."""
    recipes = [setup.recipes[k] for k in indices]
    name = f"seeds-{seeds[0]}-{seeds[-1]}"
    path = None if folder is None else folder / f"{name}.npz"
    if path is not None and path.exists():
        try:
            return load_runs(path, setup.dataset, recipes)
        except RunError as error:
            LOG.warning("%s: the file is ignored and its networks are trained again", error)
    members = None if folder is None else folder / name
    if members is not None:
        members.mkdir(parents=True, exist_ok=True)
    work = members_work([setup.dataset], recipes, len(seeds))
    progress = watcher.seeds(seeds, [setup.labels[k] for k in indices], work)
    runs = train(setup.dataset, recipes, seeds, checkpoints=members, progress=progress).runs
    if path is not None and members is not None:
        save_runs(runs, path)
        shutil.rmtree(members, ignore_errors=True)
    return runs
