"""C-12: how far the outcome depends on the scale of the initial weights, with and without batch norm."""

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, STDS, WIDTH, normal
from trainwell.lecture.experiment import Chart, Part, above, below, curve, measured
from trainwell.lecture.measuring import best_rate, chosen, final, once, paired_difference, rates, ratio_of_means
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Recipe

WITH, WITHOUT = "batch norm", "no batch norm"  # F-6-19's contenders
HE_STD = sqrt(2 / WIDTH)
WINDOWS = (None, 100.0, 10.0, 3.2)
"""How many times smaller or larger than He's a standard deviation is at most; None is all of them."""
HALF, LITTLE = 0.5, 0.1
TUNING = 1_000  # the first seed of those that rates are tuned on
AS_GOOD = 0.01  # training accuracies that differ by a point are taken as equal when rates are chosen
TUNED_STDS = STDS[::5]


DESIGN = Design(
    varied="the standard deviation of the initial weights, at the book's sixteen values from 1 to 0.0001; batch norm "
    "before each activation, or none",
    fixed="F-6-19's network, first 1,000 images, batches of 100, 20 epochs; SGD at 0.01 as in the book, then at the "
    "best of one grid for each contender and standard deviation, by training accuracy on other seeds",
    measured="training accuracy, in inference mode, at the last of the 20 epochs; per seed its spread: best minus "
    "worst over standard deviations. A network that diverged has the accuracy of guessing",
    criterion="with batch norm the mean spread is at most half of that without; and small in itself, at most 10 points "
    "of accuracy. Half and 10 points are judgement calls",
    conditions="all standard deviations, and those within a factor of 100, 10 and 3.2 of He's, 0.14; at the book's "
    "rate, and four of them (1 to 0.0001) each at its best rate",
    precision="10 seeds; means with Student t intervals, ratios with those of their linearisation; 2 others tune",
    untested="other distributions of initial weights, other depths, and how fast it learns within the 20 epochs. The "
    "spread over more standard deviations is always wider: compare with and without batch norm, not windows with each "
    "other",
)

Outcomes = Mapping[tuple[str, float], Float[np.ndarray, " S"]]
"""Training accuracy at the end by contender and standard deviation, one number per seed."""


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-12."""
    dataset = BOOK["F-6-19"].data(setup.data)
    recipes = {run.label: run.recipe for run in BOOK["F-6-18"].runs(dataset)}
    seeds = setup.of(10, 4)
    stds = setup.of(STDS, STDS[::5])
    given = outcomes(setup, dataset, recipes, stds, seeds)
    grid = rates(1e-5, 3.0, setup.of(10, 4))
    tuned, numbers, doubt = tuned_outcomes(setup, dataset, recipes, setup.of(TUNED_STDS, TUNED_STDS[::3]), grid, seeds)
    return parts(given, tuned, numbers, doubt)


STATEMENT = Statement(
    "C-12",
    DESIGN,
    "With batch norm, too, scale the initial weights by He's rule, which costs nothing, and tune the learning rate for "
    "them: a rate that suits one scale can be far too low for another.",
    examined,
    trains=True,
)


def outcomes(
    setup: Setup, dataset: Dataset, recipes: Mapping[str, Recipe], stds: Sequence[float], seeds: int
) -> Outcomes:
    """Final accuracies of every contender and standard deviation, at its recipe's rate."""
    wanted = {
        (label, std): (dataset, recipe.evolve(**normal(std))) for label, recipe in recipes.items() for std in stds
    }
    found = setup.train_all(wanted, range(seeds))
    return {key: final(runs, "accuracy/training", diverged=guessing(dataset)) for key, runs in found.items()}


def guessing(dataset: Dataset) -> float:
    """The accuracy of guessing among all classes."""
    return 1 / dataset.num_outputs


def tuned_outcomes(
    setup: Setup,
    dataset: Dataset,
    recipes: Mapping[str, Recipe],
    stds: Sequence[float],
    grid: Sequence[float],
    seeds: int,
) -> tuple[Outcomes, list[tuple[str, float]], str]:
    """The same at the best rate of a grid for each contender and standard deviation; the rates; and a doubt on them."""
    wanted = {
        (label, std, rate): (
            dataset,
            once(recipe).evolve(**normal(std), learning_rate=rate),
        )
        for label, recipe in recipes.items()
        for std in stds
        for rate in grid
    }
    diverged = guessing(dataset)
    tried = {
        key: final(runs, "accuracy/training", diverged=diverged)
        for key, runs in setup.train_all(wanted, range(TUNING, TUNING + 2)).items()
    }
    best = {
        (label, std): best_rate({rate: -tried[label, std, rate] for rate in grid}, AS_GOOD, least=-1.0)
        for label in recipes
        for std in stds
    }
    found = setup.train_all({key: wanted[(*key, rate)] for key, (rate, _) in best.items()}, range(seeds))
    ends = {key: final(runs, "accuracy/training", diverged=diverged) for key, runs in found.items()}
    named = [(f"rate chosen, {label}, std {std:.2g}", rate) for (label, std), (rate, _) in best.items()]
    return ends, named, next((why for _, why in best.values() if why), "")


def parts(given: Outcomes, tuned: Outcomes, rates_chosen: Sequence[tuple[str, float]], doubt: str) -> tuple[Part, ...]:
    """The two claims, over all standard deviations, within each window, and with tuned rates."""
    relative, absolute, numbers = [], [], []
    at_best = "each std at its best rate"
    for where, own, why in [*((w, o, "") for w, o in _windows(given)), (at_best, tuned, doubt)]:
        ours, theirs = _spread(own, WITH), _spread(own, WITHOUT)
        relative.append(
            below(ratio_of_means(f"spread with batch norm / without, {where}", ours, theirs), HALF, where, doubt=why)
        )
        spread = measured(f"spread with batch norm, {where}", mean_interval(ours))
        absolute.append(below(spread, LITTLE, where, doubt=why))
        numbers.append(measured(f"spread without batch norm, {where}", mean_interval(theirs)))
    curves = [
        curve(f"{label}{said}", _stds(own), [mean_interval(own[label, std], within=(0, 1)) for std in _stds(own)])
        for own, said in ((given, ""), (tuned, ", at its best rate"))
        for label in (WITH, WITHOUT)
    ]
    chart = Chart(
        "standard deviation of the initial weights", "training accuracy after 20 epochs", tuple(curves), log_x=True
    )
    worst = min(_stds(given), key=lambda std: float(given[WITH, std].mean()))
    lowest = measured(
        f"training accuracy with batch norm at its worst, std {worst:.2g}", mean_interval(given[WITH, worst])
    )
    gains = [
        above(
            paired_difference(
                f"accuracy with batch norm minus accuracy without, std {std:.2g}", given[WITH, std], given[WITHOUT, std]
            ),
            0.0,
            f"at std {std:.2g}",
        )
        for std in _stds(given)
    ]
    return (
        Part(
            "over initial standard deviations the training accuracy spreads at most half as far with batch norm as "
            "without",
            tuple(relative),
            tuple(numbers),
            chart,
        ),
        Part(
            "with batch norm the best and the worst standard deviation end within 10 points of training accuracy",
            tuple(absolute),
            (lowest, *(chosen(what, rate) for what, rate in rates_chosen)),
            chart,
        ),
        Part(
            "batch norm ends at the higher training accuracy",
            tuple(gains),
            beyond=True,
        ),
    )


def _stds(own: Outcomes) -> list[float]:
    return list(dict.fromkeys(std for _, std in own))


def _windows(own: Outcomes) -> Sequence[tuple[str, Outcomes]]:
    """Results for the standard deviations within each window; windows of one are left out."""
    found = []
    for times in WINDOWS:
        kept = [std for std in _stds(own) if times is None or HE_STD / times <= std <= HE_STD * times]
        if len(kept) > 1:
            where = "stds from 0.0001 to 1" if times is None else f"stds within a factor of {times:g} of He's"
            found.append((where, {key: values for key, values in own.items() if key[1] in kept}))
    return found


def _spread(own: Outcomes, label: str) -> Float[np.ndarray, " S"]:
    """Best minus worst over standard deviations, seed by seed."""
    table = np.array([values for (contender, _), values in own.items() if contender == label])
    return np.asarray(table.max(0) - table.min(0))
