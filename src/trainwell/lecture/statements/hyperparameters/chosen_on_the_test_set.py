"""C-33: the reported accuracy of the best of many trials, chosen on the test set or on a validation split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from trainwell.core import stream
from trainwell.data import Dataset
from trainwell.lecture.book import HE, SGD, BookData, Fields, Run, Setting
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import once, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.models import network_of
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Trained

TRAINING, POOL = 200, 3_000
WIDTH, EPOCHS = 32, 30
RATES, PENALTIES = (-2.0, 0.0), (-6.0, -2.0)
"""Exponents of the learning rates and penalties that trials draw: from slow to nearly too fast."""
ALIKE: Fields = {"learning_rate": 10**-0.5, "l2_penalty": 1e-4}
"""Hyperparameters of the trials that differ only in their seed."""
TRIALS = (1, 2, 4, 8, 16, 32, 64)
SIZES = (25, 50, 100, 200, 500)
USUAL = 200
"""Rows of the test set where the number of trials is varied, and the most trials where its size is."""
DRAWS = 100
"""Of test sets and of trials in every repetition."""
NOTICED = 0.005
"""Half a percentage point of accuracy: a smaller overstatement does not matter."""
DIFFERENT, SEEDS = "different hyperparameters", "seeds alone"

DESIGN = Design(
    varied="the rows on which the best of k trials is chosen: the test set itself, or a validation split of the same "
    "size",
    fixed="the trials: networks (two hidden layers of 32, SGD) on 200 rows, with random learning rates and penalties; "
    "the size of the test set on which the chosen one is reported",
    measured="overstatement: accuracy as reported on the test set, minus that of the same network on fresh rows used "
    "neither for training nor for choosing; all of these rows come from the training split, the real test split is not "
    "read",
    criterion="chosen on the test set, the overstatement is above 0; chosen on a validation split, it is below half a "
    "percentage point (a judgement call); by whole intervals, for every number of trials from 2",
    conditions="2 to 64 trials; test sets of 25 to 500 rows; trials that differ in their hyperparameters, and trials "
    "that differ only in their seed",
    precision="12 repetitions with hyperparameters, initial weights, training rows and other rows of their own, each "
    "the mean over 100 draws of its test set; intervals of means over repetitions",
    untested="searches guided by earlier trials, which fit the test set more closely than random ones",
)
Correct: TypeAlias = Sequence[Bool[np.ndarray, "K P"]]
"""Which rows of the pool every trial of a repetition gets right."""


@dataclass(frozen=True, eq=False)
class Reports:
    """Means over the draws of each repetition.

    Attributes:
        overstated: accuracy as reported minus the true one, by what was chosen on, rows of the test set, and trials.
        true: accuracy of the chosen trial on fresh rows.
    """

    overstated: Mapping[tuple[str, int, int], Float[np.ndarray, " R"]]
    true: Mapping[tuple[str, int, int], Float[np.ndarray, " R"]]

    def sizes(self) -> list[int]:
        """Rows of test sets."""
        return sorted({size for _, size, _ in self.overstated})

    def trials(self) -> list[int]:
        """Numbers of trials."""
        return sorted({count for _, _, count in self.overstated})


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-33."""
    repetitions, most, draws = setup.of((12, 64, DRAWS), (6, 16, 50))
    correct = trained_trials(setup, repetitions, {DIFFERENT: most, SEEDS: most // 2})
    return parts_of({label: reports(own, draws) for label, own in correct.items()})


STATEMENT = Statement(
    "C-33",
    DESIGN,
    "Choose on a validation split, and report the test set once. A score used for choosing is too optimistic, most of "
    "all with many trials, small test sets, and trials of nearly equal quality.",
    examined,
    trains=True,
)


def trained_trials(setup: Setup, repetitions: int, counts: Mapping[str, int]) -> dict[str, Correct]:
    """Trials of every repetition, on rows of its own, and which rows of its pool they get right."""
    dealt = [_rows(setup.data, i, repetitions) for i in range(repetitions)]
    asked = {
        label: [
            (rows, Run(label, recipe, seed))
            for i, rows in enumerate(dealt)
            for seed, recipe in _recipes(rows, label, count, i)
        ]
        for label, count in counts.items()
    }
    trained = iter(setup.train_whole([one for own in asked.values() for one in own]))
    return {
        label: [np.array([_is_right(next(trained)) for _ in range(count)]) for _ in dealt]
        for label, count in counts.items()
    }


def _rows(data: BookData, repetition: int, repetitions: int) -> Dataset:
    """Rows of one repetition alone: some for training, and a pool for testing."""
    whole = data.part(None, "none")
    each = len(whole.training) // repetitions
    count = min(TRAINING, each // 3)
    rows = np.arange(repetition * each, min((repetition + 1) * each, repetition * each + count + POOL))
    return replace(whole, training=whole.training.at(rows[:count]), validation=whole.training.at(rows[count:]))


def _recipes(rows: Dataset, label: str, count: int, repetition: int) -> list[tuple[int, Recipe]]:
    """Trials of a repetition, each with a seed that no other has."""
    (plain,) = Setting("", 2, 100, TRAINING, "none", 2, "epochs", {"": SGD | HE}, {}).runs(rows)
    assert plain.recipe.steps is not None
    recipe = once(plain.recipe, EPOCHS * (plain.recipe.steps - 1)).evolve(hidden=(WIDTH, WIDTH))
    low, high = np.transpose([RATES, PENALTIES])
    drawn = 10.0 ** stream(repetition, "trials to choose from").uniform(low, high, (count, 2))
    different = [{"learning_rate": rate, "l2_penalty": penalty} for rate, penalty in drawn.tolist()]
    first = repetition * max(TRIALS)
    return [(first + i, recipe.evolve(**(one if label == DIFFERENT else ALIKE))) for i, one in enumerate(different)]


def _is_right(trained: Trained) -> Bool[np.ndarray, " P"]:
    """Which rows of the validation split a network gets right; one that diverged, none."""
    pool = trained.dataset.validation
    if trained.statuses == ("diverged",):
        return np.zeros(len(pool), bool)
    return np.asarray(network_of(trained, 0).logits(pool.inputs).argmax(1) == pool.targets)


def reports(correct: Correct, draws: int, *, splits: Mapping[str, int] | None = None) -> Reports:
    """Split the pool many times; choose the best of k trials on one part, and report it on another.

    Args:
        correct: of each repetition, which rows of its pool every trial gets right.
        draws: of every repetition.
        splits: name of the rows for choosing -> part of the pool: 0 is the test set, 1 the validation split.
    """
    splits = splits or {"test set": 0, "validation split": 1}
    sizes = [size for size in SIZES if 4 * size <= correct[0].shape[1]]
    counts = [count for count in TRIALS if count <= len(correct[0])]
    keys = [(label, size, count) for label in splits for size in sizes for count in counts]
    found = np.zeros((len(keys), 2, len(correct)))
    for r, own in enumerate(correct):
        for draw in range(draws):
            order = stream(r, "test sets", draw).permutation(own.shape[1])
            trials = stream(r, "which trials", draw).permutation(len(own))
            for size in sizes:
                parts = [own[:, order[:size]].mean(1), own[:, order[size : 2 * size]].mean(1)]
                fresh = own[:, order[2 * size :]].mean(1)
                for i, (label, of, count) in enumerate(keys):
                    if of == size:
                        tried = trials[:count]
                        best = tried[parts[splits[label]][tried].argmax()]
                        found[i, :, r] += parts[0][best] - fresh[best], fresh[best]
    means = found / draws
    return Reports({key: means[i, 0] for i, key in enumerate(keys)}, {key: means[i, 1] for i, key in enumerate(keys)})


def parts_of(found: Mapping[str, Reports]) -> tuple[Part, ...]:
    """The claims, for both kinds of trials."""
    usual = next(iter(found.values()))
    size, most = max(one for one in usual.sizes() if one <= USUAL), usual.trials()[-1]
    return (
        overstated(found, "test set", size),
        overstated(found, "validation split", size),
        _by_size(found, most),
        _what_is_chosen(usual, size),
    )


def _said(own: Reports, chosen_on: str, size: int, count: int, label: str) -> Measured:
    by = "" if chosen_on == "test set" else " by validation"
    what = f"accuracy overstated, best of {count}{by}, {size} test rows, {label}"
    return measured(what, mean_interval(own.overstated[chosen_on, size, count]))


def overstated(found: Mapping[str, Reports], chosen_on: str, size: int) -> Part:
    """How far the reported accuracy is from the truth, with more and more trials."""
    is_test, curves, criteria, alone = chosen_on == "test set", [], [], []
    for label, own in found.items():
        counts = own.trials()
        numbers = {count: _said(own, chosen_on, size, count, label) for count in counts}
        curves.append(curve(label, counts, list(numbers.values())))
        alone.append(numbers[counts[0]])
        for count in reversed(counts[1:]):  # the most trials first: their number is what tables show
            where = f"{count} trials, {label}"
            criteria.append(above(numbers[count], 0.0, where) if is_test else below(numbers[count], NOTICED, where))
    claim = (
        f"the accuracy of the best trial on the test set of {size} rows that it was chosen on overstates its accuracy "
        "on fresh rows"
        if is_test
        else "of a trial that was chosen on a validation split of the same size, accuracy on the test set overstates "
        "that on fresh rows by less than half a percentage point"
    )
    chart = Chart("trials", f"overstatement, chosen on the {chosen_on}", tuple(curves), log_x=True)
    return Part(claim, tuple(criteria), tuple(alone), replace(chart, bound=0.0 if is_test else NOTICED))


def _by_size(found: Mapping[str, Reports], most: int) -> Part:
    """How the overstatement shrinks as test sets grow, with many trials."""
    curves, criteria = [], []
    for label, own in found.items():
        count, sizes = min(most, own.trials()[-1]), own.sizes()
        numbers = [_said(own, "test set", size, count, label) for size in sizes]
        curves.append(curve(f"{count} trials, {label}", sizes, numbers))
        criteria += [above(one, 0.0, f"{size} rows, {label}") for size, one in zip(sizes, numbers, strict=True)]
        if len(sizes) > 1:
            ends = [own.overstated["test set", size, count] for size in (sizes[0], sizes[-1])]
            more = paired_difference(f"overstatement with {sizes[0]} rows minus that with {sizes[-1]}, {label}", *ends)
            criteria.append(above(more, 0.0, f"fewest against most rows, {label}"))
    return Part(
        "with the most trials, accuracy is overstated on test sets of all sizes, and on the smallest by more than on "
        "the largest",
        tuple(criteria),
        (),
        Chart("rows of the test set", "overstatement, chosen on the test set", tuple(curves), log_x=True, bound=0.0),
    )


def _what_is_chosen(own: Reports, size: int) -> Part:
    """Whether the trial that the test set chooses is itself better or worse than what a validation split chooses."""
    differences = [
        paired_difference(
            f"accuracy on fresh rows, chosen on the test set minus on a validation split, {count} trials",
            own.true["test set", size, count],
            own.true["validation split", size, count],
        )
        for count in own.trials()[1:]
    ]
    counts = own.trials()[1:]
    return Part(
        "what is wrong is the report, not the choice: the trial chosen on the test set is within half a percentage "
        "point of the one that a validation split of the same size chooses",
        tuple(
            one
            for count, number in zip(counts, differences, strict=True)
            for one in (above(number, -NOTICED, f"{count} trials"), below(number, NOTICED, f"{count} trials"))
        ),
        (),
        beyond=True,
    )
