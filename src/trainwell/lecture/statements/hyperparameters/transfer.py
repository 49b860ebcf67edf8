"""C-35: transfer from a related task against training from scratch, with few and with more examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float, Int

from trainwell.core import stream
from trainwell.data import Dataset, Split
from trainwell.lecture.book import HE, BookData, Run, Setting
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import doubt, final, once, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.models import Model, Start, network_of
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Weights

FEW = (1, 3, 10)
"""Examples of every class that count as few."""
MORE = (30, 150)
SOURCE_ROWS, SOURCE_UPDATES = 6_000, 600
JUDGING = 1_000
WIDTH, BATCH, UPDATES = 50, 32, 150
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
Way: TypeAlias = Literal["scratch", "all of it", "head alone", "unrelated"]
WAYS: tuple[Way, ...] = ("scratch", "all of it", "head alone", "unrelated")
"""How examples are learned: from fresh weights; from a network of the related task, all of it trained or its new head
alone; from a network of the same task with its pixels in another order, all of it trained."""

DESIGN = Design(
    varied="the initial weights: fresh weights, or the hidden layers of a network that was trained on the first half "
    "of the classes (of MNIST, 0 to 4), with a new head; then all layers are trained, or the head alone",
    fixed="the second task (the other classes), its examples, the scaling of inputs, two hidden layers of 50 ReLU "
    "units, Adam, 150 updates of 32 rows; the learning rate of each way is tuned for each number of examples, from "
    "seven, with other examples and other first networks, on other rows",
    measured="accuracy on 1,000 rows of the second task, not used for training or choosing",
    criterion="with at most 10 examples of every class (a judgement call), transfer is more accurate than training "
    "from scratch: intervals of the paired difference above 0, for both ways to transfer",
    conditions="1, 3 and 10 examples of every class; not counted in the verdict: 30 and 150, and a first task that is "
    "unrelated: the same images with their pixels in another order",
    precision="40 repetitions, each with a first network and examples of its own; intervals of means over repetitions",
    untested="convolutional networks, for which transfer is mostly used; first tasks with far more examples (here "
    "about 3,000); other pairs of tasks",
)


@dataclass(frozen=True, eq=False)
class Learned:
    """Accuracies of every way to learn.

    Attributes:
        accuracies: by way and examples of every class, one per repetition.
        doubts: why a way's learning rate is doubtful.
    """

    accuracies: Mapping[tuple[Way, int], Float[np.ndarray, " R"]]
    doubts: Mapping[tuple[Way, int], str]

    def counts(self) -> list[int]:
        """Examples of every class."""
        return sorted({count for _, count in self.accuracies})


@dataclass(frozen=True, eq=False)
class Tasks:
    """The two tasks.

    Attributes:
        whole: the data, from which both are.
        source: of the related first task.
        pool: rows of the second task from which few examples are drawn.
        choosing: rows that learning rates are chosen on.
        judging: rows that are judged on.
    """

    whole: Dataset
    source: Dataset
    pool: Split
    choosing: Split
    judging: Split

    @classmethod
    def of(cls, data: BookData) -> "Tasks":
        """The first half of the classes, and the others, of different rows."""
        whole = data.part(None, "none")
        rows = whole.training
        classes = len(whole.class_names)
        half, seen = classes // 2, min(SOURCE_ROWS, len(rows))
        first = rows.at(np.flatnonzero(rows.targets[:seen] < half))
        second = np.flatnonzero(rows.targets >= half)
        size = min(JUDGING, len(second) // 4)
        parts = [
            _renumbered(rows.at(own), half) for own in (second[2 * size :], second[:size], second[size : 2 * size])
        ]
        source = replace(whole, training=first, class_names=whole.class_names[:half])
        return cls(replace(whole, class_names=whole.class_names[half:]), source, *parts)

    def unrelated(self) -> Dataset:
        """The first task with the pixels of all its images in one other order."""
        order = stream(0, "pixels").permutation(self.source.num_features)
        training = replace(
            self.source.training, inputs=self.source.training.flat[:, order].reshape(self.source.training.inputs.shape)
        )
        return replace(self.source, training=training)

    def examples(self, count: int, repetition: int, validation: Split, like: Start, size: int) -> Dataset:
        """A number of rows of every class, repeated so that all data sets have the same size.

        Args:
            count: different rows of every class.
            repetition: number of the repetition, which draws rows of its own.
            validation: the split to evaluate on.
            like: inputs are scaled as those of its network.
            size: rows of every class with repeats, a multiple of `count`.
        """
        drawn = stream(repetition, "few examples")
        classes = [np.flatnonzero(self.pool.targets == own) for own in range(len(self.whole.class_names))]
        rows = [drawn.permutation(own)[np.arange(size) % min(count, len(own))] for own in classes if len(own)]
        training = self.pool.at(np.concatenate(rows))
        return replace(self.whole, training=training, validation=validation, _fitted=like.inputs)


def _renumbered(rows: Split, first: int) -> Split:
    targets: Int[np.ndarray, " N"] = (rows.targets - first).astype(rows.targets.dtype)
    return replace(rows, targets=targets)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-35."""
    repetitions, tried, rates = setup.of((40, 3, RATES), (5, 1, RATES[1:4]))
    counts = setup.of((*FEW, *MORE), (*FEW[1:], *MORE[:1]))
    return parts_of(learned(setup, Tasks.of(setup.data), counts, rates, repetitions, tried))


STATEMENT = Statement(
    "C-35",
    DESIGN,
    "With a handful of examples of every class, try a network that was trained on a similar task: give it a new head, "
    "continue training all layers, and compare it on validation rows with one trained from scratch.",
    examined,
    trains=True,
)


def parts_of(found: Learned) -> tuple[Part, ...]:
    """The claims, by examples of every class."""
    counts = found.counts()
    few, more = [n for n in counts if n <= max(FEW)], [n for n in counts if n > max(FEW)]
    chart = Chart(
        "examples of every class",
        "accuracy gained over training from scratch",
        tuple(curve(_named(way), counts, [_gain(found, way, n) for n in counts]) for way in WAYS[1:]),
        log_x=True,
        bound=0.0,
    )
    return (
        _ahead(found, "all of it", few, "a network of a related task that is trained on in all its layers", chart),
        _ahead(found, "head alone", few, "a new head on the hidden layers of such a network", chart),
        _still_ahead(found, more, chart),
        _unrelated(found, few, chart),
    )


def _named(way: Way) -> str:
    return "from an unrelated task" if way == "unrelated" else f"transfer, {way} trained"


def _ahead(found: Learned, way: Way, counts: Sequence[int], what: str, chart: Chart) -> Part:
    gains = {n: _gain(found, way, n) for n in counts}
    order = sorted(counts, key=lambda n: (n != FEW[1], n))  # the middle first: its number is what tables show
    return Part(
        f"with few examples, {what} is more accurate than one trained from scratch",
        tuple(above(gains[n], 0.0, f"{n} of every class", doubt=_doubt(found, way, n)) for n in order),
        tuple(
            measured(f"accuracy from scratch, {n} of every class", mean_interval(found.accuracies["scratch", n]))
            for n in counts
        ),
        chart,
    )


def _gain(found: Learned, way: Way, count: int) -> Measured:
    what = f"accuracy gained, {_named(way)}, {count} of every class"
    return paired_difference(what, found.accuracies[way, count], found.accuracies["scratch", count])


def _doubt(found: Learned, way: Way, count: int) -> str:
    return found.doubts[way, count] or found.doubts["scratch", count]


def _still_ahead(found: Learned, counts: Sequence[int], chart: Chart) -> Part:
    return Part(
        "with more examples transfer is still more accurate",
        tuple(
            above(_gain(found, way, n), 0.0, f"{way} trained, {n} of every class", doubt=_doubt(found, way, n))
            for way, n in product(WAYS[1:3], counts)
        ),
        (),
        chart,
        beyond=True,
    )


def _unrelated(found: Learned, counts: Sequence[int], chart: Chart) -> Part:
    return Part(
        "from an unrelated task, the same images with their pixels in another order, less is gained than from the "
        "related one",
        tuple(
            below(
                paired_difference(
                    f"accuracy, unrelated minus related task, {n} of every class",
                    found.accuracies["unrelated", n],
                    found.accuracies["all of it", n],
                ),
                0.0,
                f"{n} of every class",
                doubt=found.doubts["unrelated", n] or found.doubts["all of it", n],
            )
            for n in counts
        ),
        tuple(_gain(found, "unrelated", n) for n in counts),
        chart,
        beyond=True,
    )


def learned(
    setup: Setup, tasks: Tasks, counts: Sequence[int], rates: Sequence[float], repetitions: int, tried: int
) -> Learned:
    """Train first networks, tune the learning rate of every way and number of examples, and evaluate.

    Args:
        setup: of the statement.
        tasks: both tasks.
        counts: examples of every class, the last a multiple of the others.
        rates: learning rates to choose from.
        repetitions: for the comparison.
        tried: further repetitions, for tuning.
    """
    seeds = range(repetitions + tried)  # the last are for choosing
    related, unrelated = _first_networks(setup, tasks, seeds)
    starts: dict[Way, list[Start]] = dict.fromkeys(WAYS, related) | {"unrelated": unrelated}
    contenders = list(product(WAYS, counts))

    def trained(
        recipes: Mapping[tuple[Way, int], Sequence[float]], own: range, validation: Split
    ) -> Float[np.ndarray, " N"]:
        data = {(n, r): tasks.examples(n, r, validation, related[r], max(counts)) for n in counts for r in own}
        asked, initial = [], []
        for (way, n), tuned in recipes.items():
            for rate, r in product(tuned, own):
                recipe, weights = _started(starts[way][r], way, _recipe(data[n, r], UPDATES, BATCH), rate)
                asked.append((data[n, r], Run(way, recipe, r)))
                initial.append(weights)
        return final(setup.train_whole(asked, initial), "accuracy/validation", diverged=0.0)

    choosing = trained(dict.fromkeys(contenders, rates), seeds[repetitions:], tasks.choosing)
    scores = dict(zip(contenders, choosing.reshape(len(contenders), len(rates), tried).mean(-1), strict=True))
    best = {key: int(own.argmax()) for key, own in scores.items()}
    judged = trained({key: [rates[i]] for key, i in best.items()}, seeds[:repetitions], tasks.judging)
    return Learned(
        dict(zip(contenders, judged.reshape(len(contenders), repetitions), strict=True)),
        {key: doubt(0 < i < len(rates) - 1) for key, i in best.items()},
    )


def _first_networks(setup: Setup, tasks: Tasks, seeds: range) -> tuple[list[Start], list[Start]]:
    """Networks of the related and of the unrelated first task, one of every seed."""
    datasets = (tasks.source, tasks.unrelated())
    asked = [
        (dataset, Run("first", _recipe(dataset, SOURCE_UPDATES, BATCH).evolve(learning_rate=0.001), seed))
        for dataset in datasets
        for seed in seeds
    ]
    trained = setup.train_whole(asked)
    starts = [Start.of_model(Model.of_networks(one.dataset, [network_of(one, 0)], {})) for one in trained]
    return starts[: len(seeds)], starts[len(seeds) :]


def _recipe(dataset: Dataset, updates: int, batch: int) -> Recipe:
    (plain,) = Setting("", 2, batch, None, "none", 2, "epochs", {"": {"optimizer": "adam"} | HE}, {}).runs(dataset)
    return once(plain.recipe, updates).evolve(hidden=(WIDTH, WIDTH), observe_training=1)


def _started(start: Start, way: Way, recipe: Recipe, rate: float) -> tuple[Recipe, Weights | None]:
    """The recipe of a way to learn, and the weights that it starts from; none for fresh ones."""
    recipe = recipe.evolve(learning_rate=rate)
    if way == "scratch":
        return recipe, None
    recipe = start.recipe(recipe, "body" if way == "head alone" else None)
    return recipe, start.weights(recipe)
