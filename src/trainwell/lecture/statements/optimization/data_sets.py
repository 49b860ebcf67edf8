"""C-24's data sets, the learning rates that are tried, and how optimizers are trained on each set."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from trainwell.core import stream
from trainwell.data import Dataset, from_arrays, load_data
from trainwell.lecture.book import Run
from trainwell.lecture.measuring import choosing_and_judging, final
from trainwell.lecture.statements.statement import Setup
from trainwell.optim import RULES
from trainwell.training import Recipe, Runs

OPTIMIZERS = {"Adam": "adam", "SGD": "sgd", "momentum": "momentum", "AdaGrad": "adagrad", "RMSProp": "rmsprop"}
ADAM = "Adam"
BUILT_IN = ("iris", "breast_cancer", "diabetes", "wine", "digits")
IMAGES = 2_000  # of MNIST as one of the data sets
TUNING = 1_000  # the first seed of those that choose
JUDGING = 3_000  # and of those that judge, others than in earlier runs
MOST_AT_END = 0.2
"""Share of choices that may be at the end of their grid without doubt about the whole."""

Pair = tuple[Dataset, Dataset]
"""A data set with rows to choose by, and with others to judge by, as its validation split."""


def data_sets(setup: Setup) -> dict[str, Pair]:
    """All of them by name."""
    return {**built_in(BUILT_IN), **made_sets(), setup.data.title: choosing_and_judging(setup.data, IMAGES)}


def built_in(names: Sequence[str]) -> dict[str, Pair]:
    """Those that need no file."""
    return {name: pair_of(load_data(name, validation=0.2, test=0.2)) for name in names}


def pair_of(dataset: Dataset) -> Pair:
    """A data set, and the same with its test rows to judge by."""
    judging = replace(dataset, name=f"{dataset.name}, test rows", validation=dataset.open_test_split())
    return dataset, judging


def made_sets() -> dict[str, Pair]:
    """Sets of the shapes of breast cancer and of diabetes, so that they share programs with them."""
    from sklearn import datasets as made

    drawn = stream(0, "best default")
    rare = (drawn.random((569, 30)) < np.geomspace(0.5, 0.01, 30)).astype(np.float32)
    weights = drawn.normal(size=30) / np.sqrt(np.geomspace(0.5, 0.01, 30))
    labels = rare @ weights > np.median(rare @ weights)
    classes = {
        "shells": made.make_gaussian_quantiles(n_samples=569, n_features=30, n_classes=2, random_state=0),
        "clusters": made.make_classification(569, 30, n_informative=8, n_clusters_per_class=4, random_state=0),
        "wrong labels": made.make_classification(569, 30, n_informative=8, flip_y=0.2, random_state=1),
        "rare features": (rare, labels.astype(int)),
    }
    number = made.make_friedman1(442, 10, noise=1.0, random_state=0)
    found = {name: (x, y, "classification") for name, (x, y) in classes.items()}
    return {
        name: pair_of(from_arrays(x, y, name=name, task=task, validation=0.2, test=0.2))
        for name, (x, y, task) in {**found, "interactions": (*number, "regression")}.items()
    }


def rates_of(optimizer: str, count: int, factor: float = 1.0) -> list[float]:
    """So many rates, a factor times the usual one first, then half decades below and above it in turn."""
    usual = factor * RULES[optimizer].defaults["learning_rate"]
    return [float(f"{usual * 10 ** (k / 2):.3g}") for k in sorted(range(-(count // 2), count // 2 + 1), key=abs)]


def means(
    setup: Setup, asked: Sequence[tuple[Dataset, Recipe]], seeds: Sequence[int], name: str = "loss/validation"
) -> list[float]:
    """The mean over seeds of the last observation of each; Inf where one diverged."""
    return [float(final(own, name, diverged=np.inf).mean()) for own in trained(setup, asked, seeds)]


def trained(setup: Setup, asked: Sequence[tuple[Dataset, Recipe]], seeds: Sequence[int]) -> list[list[Runs]]:
    """Networks of each recipe on its data, one per seed, all as one population."""
    found = iter(setup.train([(dataset, Run("", recipe, seed)) for dataset, recipe in asked for seed in seeds]))
    return [[next(found) for _ in seeds] for _ in asked]
