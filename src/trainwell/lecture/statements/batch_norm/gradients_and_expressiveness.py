"""C-38: gradients by depth with and without batch norm, and what its scale and shift are good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset, from_arrays
from trainwell.lecture.book import BOOK, HE, normal
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import best_rate, chosen, final, mean, median, paired_difference, rates
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import gradients, network_of
from trainwell.nn import Network
from trainwell.training import Recipe

DEPTHS = (2, 5, 10, 20)
BOOK_DEPTH = 5  # of F-6-18: its numbers stand first
VANISHED, EXPLODED = 0.1, 10.0
STARTS: dict[str, tuple[Any, Mapping[str, Any]]] = {
    "sigmoid with Xavier's weights": ("sigmoid", {"initialization": "xavier"}),
    "ReLU with std 0.01": ("relu", normal(0.01)),
    "ReLU with He's weights": ("relu", HE),
}
"""Activation and initial weights; with the last nothing vanishes without batch norm, so it is told beside the claim."""
NEVER_VANISHES = "ReLU with He's weights"
BAND = (0.3, 0.7)
ROWS, UNITS = 500, 32
LINE_STEPS = 400
COST = 0.05
LEARNED, FIXED = "scale and shift learned", "scale 1, shift 0"
TUNING = 1_000  # the first seed of those that rates are tuned on
AS_GOOD = 0.005  # training accuracies within half a point are taken as equal when rates are chosen


DESIGN = Design(
    varied="batch norm or none, by depth; with batch norm, whether its scale and shift are learned or stay 1 and 0",
    fixed="for gradients: untrained networks of 100 units a layer, 500 standard-normal inputs with classes at random, "
    "batch statistics. For expressiveness: the learning rate of each is the best of one grid by training accuracy on "
    "other seeds; the book's networks and SGD on images, Adam and full batches on the line",
    measured="how large the gradient by what enters the activation is in the first layer, of that in the last hidden "
    "layer (root mean squares); and the training accuracy at the end: what a network can express shows on the "
    "rows that it is fitted to",
    criterion="without batch norm the first layer's gradient is below a tenth of the last one's, with it at least a "
    "tenth. And without learned scale and shift the training accuracy is lower by at least 5 points. A tenth and 5 "
    "points are judgements",
    conditions="2 to 20 layers of sigmoid units (Xavier's weights) and of ReLU units (std 0.01). For expressiveness a "
    "task where it must matter, a band on a line, 0.3 < x < 0.7 of -1 to 1, which one hidden layer cannot cut out if "
    "all its units bend at the mean (a check), with 1, 2 and 4 hidden layers; and one where nothing says that it "
    "must, the first 1,000 images with 1 and 5 hidden layers",
    precision="20 draws for gradients, medians with intervals of their order statistics; 10 seeds of training, paired, "
    "means with Student's intervals; 2 other seeds tune",
    untested="gradients later in training; scale without shift and shift without scale; whether longer training closes "
    "the difference",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-38."""
    depths, draws = setup.of((DEPTHS, 20), (DEPTHS[1:2], 8))
    found = {name: sizes(activation, initial, depths, draws) for name, (activation, initial) in STARTS.items()}
    images = BOOK["F-6-18"].data(setup.data)
    tasks = line_tasks(setup.of((1, 2, 4), (1, 2)))
    tasks |= image_tasks(images, setup.of((1, 5), (5,)))
    grids = {"line": rates(0.003, 0.3, setup.of(5, 3)), "images": rates(0.03, 3.0, setup.of(6, 3))}
    outcomes = trained(setup, tasks, grids, setup.of(10, 5), setup.of(2, 1))
    return (*gradient_parts(found), expressiveness(outcomes))


STATEMENT = Statement(
    "C-38",
    DESIGN,
    "Take batch norm where gradients vanish on the way to the first layers. Leave its scale and shift learned, as "
    "libraries do: they cost next to nothing, and shallow networks may need them.",
    examined,
    trains=True,
)

Sizes = Mapping[int, tuple[Float[np.ndarray, " S"], Float[np.ndarray, " S"]]]
"""By depth: the first layer's gradient over the last hidden one's, with batch norm and without, draw by draw."""


def sizes(activation: Any, initial: Mapping[str, Any], depths: Sequence[int], draws: int) -> Sizes:
    """How much of the gradient arrives at the first layer, with batch norm and without."""

    def arriving(network: Network) -> Float[np.ndarray, " S"]:
        return gradients(network, initial, range(draws)).arriving

    plain = {depth: network_of(activation, depth) for depth in depths}
    return {depth: (arriving(replace(one, batch_norm=True)), arriving(one)) for depth, one in plain.items()}


def gradient_parts(found: Mapping[str, Sizes]) -> tuple[Part, ...]:
    """Whether batch norm keeps gradients from vanishing; and whether they grow instead."""
    medians = {
        name: {
            depth: tuple(
                median(f"first layer's gradient over the last's, {name}, {depth} layers, {word} batch norm", values)
                for word, values in zip(("with", "without"), pair, strict=True)
            )
            for depth, pair in own.items()
        }
        for name, own in found.items()
    }
    kept: list[Criterion] = []
    grown: list[Criterion] = []
    for name, by_depth in medians.items():
        for depth, (ours, theirs) in sorted(by_depth.items(), key=lambda one: one[0] != BOOK_DEPTH):
            where = f"{name} at {depth} layers"
            if name != NEVER_VANISHES:
                kept += [above(ours, VANISHED, where), below(theirs, VANISHED, where)]
            grown.append(above(ours, EXPLODED, where))
    chart = Chart(
        "hidden layers",
        "first layer's gradient over the last's",
        tuple(
            curve(f"{name}, {word} batch norm", list(own), [pair[i] for pair in own.values()])
            for name, own in medians.items()
            for i, word in enumerate(("with", "without"))
        ),
        log_y=True,
        bound=VANISHED,
    )
    he = tuple(one for pair in medians.get(NEVER_VANISHES, {}).values() for one in pair)
    return (
        Part(
            "without batch norm less than a tenth of the gradient arrives at the first layer, and with it at least a "
            "tenth",
            tuple(kept),
            he,
            chart,
        ),
        Part(
            "with batch norm the gradient grows on its way back instead, to more than 10 times",
            tuple(grown),
            (),
            chart,
            beyond=True,
        ),
    )


@dataclass(frozen=True, eq=False)
class Task:
    """What networks with and without learned scale and shift are fitted to.

    Attributes:
        data: training rows.
        recipe: of the network with batch norm.
        grid: the name of the grid of rates.
        depth: hidden layers.
    """

    data: Dataset
    recipe: Recipe
    grid: str
    depth: int


def line_tasks(depths: Sequence[int]) -> dict[str, Task]:
    """A band on a line, for networks of several depths."""
    x = np.linspace(-1, 1, ROWS)
    band = (x > BAND[0]) & (x < BAND[1])
    data = from_arrays(x[:, None], band.astype(int), name="a band on a line", validation=1, test=1, split="file order")
    common = Recipe(
        inputs="none",
        batch_norm=True,
        optimizer="adam",
        batch_size="full",
        steps=LINE_STEPS,
        observe_first=LINE_STEPS,
        observe_every=LINE_STEPS,
    )
    return {
        f"a band on a line by {_layers(depth)}": Task(data, common.evolve(hidden=(UNITS,) * depth), "line", depth)
        for depth in depths
    }


def image_tasks(data: Dataset, depths: Sequence[int]) -> dict[str, Task]:
    """The book's images, for networks of several depths: at F-6-18's it is its own."""
    (run,) = (run for run in BOOK["F-6-18"].runs(data) if run.recipe.batch_norm)
    once = {"observe_first": run.recipe.steps, "observe_every": run.recipe.steps}
    return {
        f"1,000 images by {_layers(depth)}": Task(
            data, run.recipe.evolve(hidden=run.recipe.hidden[:1] * depth, **once), "images", depth
        )
        for depth in depths
    }


def _layers(depth: int) -> str:
    return f"{depth} hidden {'layer' if depth == 1 else 'layers'}"


@dataclass(frozen=True, eq=False)
class Outcome:
    """Training accuracies on one task, one number per seed, each at its best rate.

    Attributes:
        task: what it was.
        learned: with learned scale and shift.
        fixed: without.
        rates: chosen, of both.
        doubt: on these.
    """

    task: Task
    learned: Float[np.ndarray, " S"]
    fixed: Float[np.ndarray, " S"]
    rates: tuple[float, float] = (np.nan, np.nan)
    doubt: str = ""


def trained(
    setup: Setup, tasks: Mapping[str, Task], grids: Mapping[str, Sequence[float]], seeds: int, tuning: int
) -> dict[str, Outcome]:
    """Both kinds of network on every task, at rates tuned on other seeds."""
    wanted = {
        (name, label, rate): (
            task.data,
            task.recipe.evolve(batch_norm_affine=label == LEARNED, learning_rate=rate),
        )
        for name, task in tasks.items()
        for label in (LEARNED, FIXED)
        for rate in grids[task.grid]
    }
    tried = setup.train_all(wanted, range(TUNING, TUNING + tuning))
    best = {
        (name, label): best_rate(
            {rate: -final(tried[name, label, rate], "accuracy/training", diverged=0) for rate in grids[task.grid]},
            AS_GOOD,
            np.mean,
        )
        for name, task in tasks.items()
        for label in (LEARNED, FIXED)
    }
    found = setup.train_all({key: wanted[(*key, rate)] for key, (rate, _) in best.items()}, range(seeds))
    ends = {key: final(runs, "accuracy/training", diverged=0) for key, runs in found.items()}
    return {
        name: Outcome(
            task,
            ends[name, LEARNED],
            ends[name, FIXED],
            (best[name, LEARNED][0], best[name, FIXED][0]),
            best[name, LEARNED][1] or best[name, FIXED][1],
        )
        for name, task in tasks.items()
    }


def expressiveness(outcomes: Mapping[str, Outcome]) -> Part:
    """What is lost without learned scale and shift, task by task."""
    lost = {
        name: paired_difference(f"training accuracy without less with scale and shift, {name}", one.fixed, one.learned)
        for name, one in outcomes.items()
    }
    numbers: list[Measured] = []
    for name, one in outcomes.items():
        for label, values, rate in zip((LEARNED, FIXED), (one.learned, one.fixed), one.rates, strict=True):
            numbers.append(mean(f"training accuracy, {label}, {name}", values, (0, 1)))
            numbers.append(chosen(f"rate chosen, {label}, {name}", rate))
    kinds = {one.task.grid: "a band on a line" if one.task.grid == "line" else "images" for one in outcomes.values()}
    curves = []
    for grid, said in kinds.items():
        own = {one.task.depth: lost[name] for name, one in outcomes.items() if one.task.grid == grid}
        curves.append(curve(said, list(own), list(own.values())))
    return Part(
        "without learned scale and shift the training accuracy is lower by at least 5 points",
        tuple(below(lost[name], -COST, name, doubt=one.doubt) for name, one in outcomes.items()),
        tuple(numbers),
        Chart("hidden layers", "training accuracy without less with scale and shift", tuple(curves), bound=-COST),
    )
