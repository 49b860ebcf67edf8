"""What searches are compared on: validation accuracy of trained networks over two hyperparameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from trainwell.lecture.book import HE, SGD, Fields, Run, Setting, normal
from trainwell.lecture.measuring import final, once
from trainwell.lecture.statements.statement import Setup

IMAGES, VALIDATION = 400, 1_000
EPOCHS = 15
WIDTH = 32
RATES = (-3.0, 2.0)
"""Exponents of the learning rate, far beyond the good ones on both sides."""
STDS = (-3.5, 1.5)
"""Exponents of the initial standard deviation, in the same way."""
PENALTIES = (-8.0, -4.0)
"""Exponents of the penalty, the book's range in F-6-24: it hardly matters there."""


@dataclass(frozen=True, eq=False)
class Response:
    """How well a network does for two hyperparameters, between places where it was trained by straight lines.

    Attributes:
        axes: the places of each, in exponents of 10, ascending and evenly spaced.
        scores: accuracy on validation rows for every seed and place.
    """

    axes: tuple[Float[np.ndarray, " A"], Float[np.ndarray, " B"]]
    scores: Float[np.ndarray, "S A B"]

    def at(self, points: Float[np.ndarray, "... 2"], scores: Float[np.ndarray, "A B"]) -> Float[np.ndarray, "..."]:
        """Scores at any point, by bilinear interpolation; outside the grid those of its border."""
        places = []
        for axis, x in zip(self.axes, np.moveaxis(points, -1, 0), strict=True):
            places.append(np.clip((x - axis[0]) / (axis[1] - axis[0]), 0, len(axis) - 1))
        low = [np.minimum(np.floor(at), len(axis) - 2).astype(int) for at, axis in zip(places, self.axes, strict=True)]
        (i, j), (a, b) = low, (at - below for at, below in zip(places, low, strict=True))
        first = scores[i, j] * (1 - b) + scores[i, j + 1] * b
        second = scores[i + 1, j] * (1 - b) + scores[i + 1, j + 1] * b
        return np.asarray(first * (1 - a) + second * a)

    def chosen_by(self, seed: int) -> Float[np.ndarray, "A B"]:
        """What a search sees: the scores of one seed."""
        return np.asarray(self.scores[seed])

    def judged_by(self, seed: int) -> Float[np.ndarray, "A B"]:
        """The evaluation: the mean over the other seeds, so that luck with the seed does not count."""
        return np.asarray(np.delete(self.scores, seed, axis=0).mean(0))

    def seed_of(self, repetition: Int[np.ndarray, "..."] | int) -> Int[np.ndarray, "..."]:
        """The seed that a repetition of a search chooses by: they take turns."""
        return np.asarray(repetition) % len(self.scores)

    def by_seed(self, values: Float[np.ndarray, " R"]) -> Float[np.ndarray, " S"]:
        """The mean over the repetitions of every seed: those that chose by one seed are not independent."""
        own = self.seed_of(np.arange(len(values)))
        return np.array([values[own == seed].mean() for seed in range(len(self.scores))])

    @property
    def best(self) -> Float[np.ndarray, " 2"]:
        """The grid point with the highest mean over seeds."""
        i, j = np.unravel_index(self.scores.mean(0).argmax(), self.scores.shape[1:])
        return np.array([self.axes[0][i], self.axes[1][j]])

    def range_of(self, axis: int) -> float:
        """Range of the mean over seeds along an axis, at the best value of the other."""
        means = np.moveaxis(self.scores.mean(0), axis, 0)
        return float(np.ptp(means[:, means.max(0).argmax()]))


def trained_response(
    setup: Setup, second: Sequence[float], fields: Mapping[float, Fields], rates: Sequence[float], seeds: int
) -> Response:
    """Train a network for every learning rate and every value of a second hyperparameter.

    Args:
        setup: what it is trained on; all is trained as one population.
        second: exponents of the second hyperparameter.
        fields: of the recipe, by exponent of the second.
        rates: exponents of the learning rate.
        seeds: how many of each.
    """
    dataset = setup.data.part(IMAGES, "unused")
    dataset = replace(dataset, validation=dataset.validation.at(np.arange(min(VALIDATION, len(dataset.validation)))))
    (plain,) = Setting("", 2, 100, IMAGES, "unused", 2, "epochs", {"": SGD}, {}).runs(dataset)
    assert plain.recipe.steps is not None
    recipe = once(plain.recipe, EPOCHS * plain.recipe.steps).evolve(hidden=(WIDTH, WIDTH), observe_training=1)
    recipes = [recipe.evolve(learning_rate=10.0**rate, **fields[other]) for rate in rates for other in second]
    runs = setup.train([(dataset, Run("", one, seed)) for seed in range(seeds) for one in recipes])
    chance = 1 / len(np.unique(dataset.training.targets))
    found = final(runs, "accuracy/validation", diverged=chance).reshape(seeds, len(rates), len(second))
    return Response((np.asarray(rates, np.float64), np.asarray(second, np.float64)), found)


def rate_and_penalty(setup: Setup) -> Response:
    """Over learning rate and a penalty that is too small to matter (the book's F-6-24): only one of two matters."""
    rates, second, seeds = setup.of((41, 2, 10), (13, 2, 3))
    exponents = np.linspace(*PENALTIES, second).tolist()
    fields = {one: {**HE, "l2_penalty": 10.0**one} for one in exponents}
    return trained_response(setup, exponents, fields, np.linspace(*RATES, rates).tolist(), seeds)


def rate_and_std(setup: Setup) -> Response:
    """Over learning rate and standard deviation of the initial weights: both matter."""
    places, seeds = setup.of((16, 10), (7, 3))
    exponents = np.linspace(*STDS, places).tolist()
    fields = {one: normal(10.0**one) for one in exponents}
    return trained_response(setup, exponents, fields, np.linspace(*RATES, places).tolist(), seeds)
