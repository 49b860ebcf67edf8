"""Seeds are added until every difference asked about is decided: enough, and no more."""

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from trainwell.comparison.progress import ComparisonWatcher
from trainwell.comparison.result import Ending
from trainwell.core import METRICS, MetricName, RunError, target_variance
from trainwell.data import Dataset
from trainwell.statistics import Looks, PairDecision, needs
from trainwell.training import Recipe, Runs, joined, load_runs, members_work, save_runs, train

LOG = logging.getLogger("trainwell")
Judge = Callable[[Float[np.ndarray, "K S"]], tuple[PairDecision, ...]]


@dataclass(frozen=True)
class Setup:
    """What is the same for all seeds.

    Attributes:
        dataset: training and validation splits are used.
        recipes: of the contenders, tuned.
        labels: their names.
        metric: what they are judged by.
        guess: what a diverged run counts as.
        seeds: all that may be used, in their order.
        looks: when differences are judged.
        judge: decides about pairs from the results so far.
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
    """What came of it.

    Attributes:
        runs: all of them, contender by contender.
        values: result of each contender with each seed; NaN where it was not run.
        decisions: about the pairs asked about.
        ending: why no more seeds were added.
    """

    runs: Runs
    values: Float[np.ndarray, "K S"]
    decisions: tuple[PairDecision, ...]
    ending: Ending


def add_seeds(setup: Setup, *, folder: Path | None, deadline: float | None, watcher: ComparisonWatcher) -> Added:
    """Train the contenders with more and more seeds, each look those that have an open pair.

    Args:
        setup: what is the same for all seeds.
        folder: where finished batches are kept: one that is there is not trained again. None keeps all in memory.
        deadline: `time.monotonic()` after which no further batch begins.
        watcher: whom to tell.

    Raises:
        Interrupted: Ctrl-C; the chunks under way were finished and kept.
    """
    values = np.full((len(setup.recipes), len(setup.seeds)), np.nan)
    parts: list[tuple[Runs, list[int]]] = []
    decisions: tuple[PairDecision, ...] = ()
    going_on, first = list(range(len(setup.recipes))), 0
    ending: Ending = "seeds"
    for upto in setup.looks.seeds:
        if first and deadline is not None and time.monotonic() > deadline:
            ending = "time"
            break
        runs = _batch(setup, going_on, setup.seeds[first:upto], folder, watcher)
        parts.append((runs, going_on))
        values[going_on, first:upto] = scores(runs, setup.metric, setup.guess)
        decisions, first = setup.judge(values), upto
        watcher.judged(sum(pair.open for pair in decisions), len(decisions))
        going_on = sorted(needs(decisions))
        if not going_on:
            ending = "decided"
            break
    return Added(joined([part for part, _ in parts], [at for _, at in parts]), values, decisions, ending)


def guess_for(dataset: Dataset, metric: MetricName) -> float:
    """The validation score of always predicting the same, as well as the training split tells.

    The most frequent class for the accuracy, the classes' shares (one row added to each) for the loss, the mean for
    regression; NaN for an R² that is undefined.

    Args:
        dataset: training and validation splits are used, with their weights.
        metric: of the score.

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
        return 1 - error / target_variance(targets, weights) if METRICS[metric].instead else error
    counts = np.bincount(training.targets, weights=training.weights, minlength=dataset.num_outputs)
    if METRICS[metric].is_share:
        return float(weights @ (validation.targets == counts.argmax()))
    shares = (counts + 1) / (counts + 1).sum()
    return float(weights @ -np.log(shares[validation.targets]))


def scores(runs: Runs, metric: MetricName, guess: float) -> Float[np.ndarray, "K S"]:
    """The metric of every run on validation, by contender and seed.

    A run that diverged counts as guessing, or as the worst finished run with its seed where that is worse: so it is
    never ahead of a run that finished.

    Args:
        runs: the same number for each contender.
        metric: accuracies and R² are better if larger.
        guess: see `guess_for`.
    """
    values = runs.kept(f"{metric}/validation").reshape(len(runs.sizes), -1)
    worst = np.fmin if METRICS[metric].larger_is_better else np.fmax
    return np.where(np.isfinite(values), values, worst(worst.reduce(values, axis=0), guess))


def _batch(
    setup: Setup, places: Sequence[int], seeds: Sequence[int], folder: Path | None, watcher: ComparisonWatcher
) -> Runs:
    """Some contenders with some seeds; what an earlier process had finished is read."""
    recipes = [setup.recipes[k] for k in places]
    name = f"seeds-{seeds[0]}-{seeds[-1]}"
    path = None if folder is None else folder / f"{name}.npz"
    if path is not None and path.exists():
        try:
            return load_runs(path, setup.dataset, recipes)
        except RunError as error:
            LOG.warning("%s: it is not used, its networks are trained again", error)
    members = None if folder is None else folder / name
    if members is not None:
        members.mkdir(parents=True, exist_ok=True)
    work = members_work([setup.dataset], recipes, len(seeds))
    progress = watcher.seeds(seeds, [setup.labels[k] for k in places], work)
    runs = train(recipes, setup.dataset, seeds, checkpoints=members, progress=progress).runs
    if path is not None and members is not None:
        save_runs(runs, path)
        shutil.rmtree(members, ignore_errors=True)
    return runs
