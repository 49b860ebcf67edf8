"""C-38: gradients by depth with and without batch norm, and what its scale and shift are good for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.data import Dataset, from_arrays
from trainwell.lecture.book import BOOK, HE, normal
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import best_rate, chosen, final, mean, median, once, paired_difference, rates
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import Gradients, gradients, network_of
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
"""Activation and initial weights."""
BAND = (0.3, 0.7)
ROWS, UNITS = 500, 32
LINE_STEPS = 400
COST = 0.05
LEARNED, FIXED = "scale and shift learned", "scale 1, shift 0"
TUNING = 1_000  # the first seed of those that rates are tuned on
JUDGING = 3_000  # and of draws and seeds that judge, others than in earlier runs
AS_GOOD = 0.005  # training accuracies within half a point are taken as equal when rates are chosen


DESIGN = Design(
    varied="batch norm or none, by depth; with batch norm, whether its scale and shift are learned or stay 1 and 0",
    fixed="for gradients: untrained networks of 100 units a layer, 500 standard-normal inputs with classes at random, "
    "batch statistics. For expressiveness: the learning rate of each is the best of one grid by training accuracy on "
    "other seeds; the book's networks and SGD on images, Adam and full batches on the line",
    measured="the gradient in the first layer divided by that in the last hidden layer: of the loss with respect to "
    "what enters the activation (with batch norm, what leaves batch norm), as root mean square over rows and units. "
    "Not counted in the verdict, the same for gradients with respect to the weights: of each hidden layer the matrix "
    "that leads into it, without biases, scale, shift and the output layer. And the training accuracy at the end, "
    "because what a network can express shows on the rows that it is fitted to",
    criterion="the gradient vanishes where the first layer's is below a tenth of the last one's, by its whole "
    "interval. It may vanish only without batch norm: where it vanishes with batch norm, the claim is refuted. Depths "
    "at which it vanishes neither with nor without do not count, as there is nothing to keep; their numbers stand "
    "below the claim. (In earlier runs they counted against the statement, as 2 layers of sigmoid units did, and ReLU "
    "units with He's weights were left out by name; then all depths at which it does not vanish without batch norm "
    "were left out, whatever it does with batch norm.) And without learned scale and shift the training accuracy is "
    "lower by at least 5 points. A tenth and 5 points are judgements",
    conditions="2 to 20 layers of sigmoid units (Xavier's weights) and of ReLU units (std 0.01, He's weights). For "
    "expressiveness a task where it must matter: the numbers with 0.3 < x < 0.7 among those from -1 to 1, which one "
    "hidden layer cannot separate if all its units bend at the mean (a check of the experiment), with 1, 2 and 4 "
    "hidden layers. And one where it need not matter: the first 1,000 images with 1 and 5 hidden layers, their classes "
    "shuffled, because images that are harder to fit show better what a network can express (with their own classes "
    "both kinds ended at exactly 100% in earlier runs, so that nothing could be lost)",
    precision="draws and seeds from 3,000 on, which no earlier run used; 20 draws for gradients, medians with "
    "intervals of their order statistics; 10 seeds of training, paired, means with Student's intervals; 2 others tune",
    untested="gradients later in training; scale without shift and shift without scale; whether longer training closes "
    "the difference",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-38."""
    depths, draws = setup.of((DEPTHS, 20), (DEPTHS[1:2], 8))
    found = {
        name: sizes(activation, initial, depths, range(JUDGING, JUDGING + draws))
        for name, (activation, initial) in STARTS.items()
    }
    images = BOOK["F-6-18"].data(setup.data)
    tasks = line_tasks(setup.of((1, 2, 4), (1, 2)))
    tasks |= image_tasks(images, setup.of((1, 5), (5,)))
    grids = {"line": rates(0.003, 0.3, setup.of(5, 3)), "images": rates(0.03, 3.0, setup.of(6, 3))}
    outcomes = train_both(setup, tasks, grids, range(JUDGING, JUDGING + setup.of(10, 5)), setup.of(2, 1))
    return (*gradient_parts(found), expressiveness(outcomes))


STATEMENT = Statement(
    "C-38",
    DESIGN,
    "Take batch norm where gradients vanish on the way to the first layers. Leave its scale and shift learned, as "
    "libraries do: they cost next to nothing, and shallow networks may need them.",
    examined,
    trains=True,
)

Sizes = Mapping[int, tuple[Gradients, Gradients]]
"""By depth: gradients with batch norm and without, one row per draw."""


def sizes(activation: Any, initial: Mapping[str, Any], depths: Sequence[int], draws: range) -> Sizes:
    """Gradients with batch norm and without."""

    def found(network: Network) -> Gradients:
        return gradients(network, initial, draws)

    plain = {depth: network_of(activation, depth) for depth in depths}
    return {depth: (found(replace(one, batch_norm=True)), found(one)) for depth, one in plain.items()}


Pairs = Mapping[str, Mapping[int, tuple[Measured, Measured]]]
"""By start and depth: how much of the gradient arrives, with batch norm and without."""


def gradient_parts(found: Mapping[str, Sizes]) -> tuple[Part, ...]:
    """Whether batch norm keeps gradients from vanishing; and whether they grow instead."""
    signals = _medians(found, "first layer's gradient over the last's", lambda one: one.arriving)
    weights = _medians(
        found, "first layer's gradient by its weights over the last's", lambda one: one.arriving_at_weights
    )
    chart = _arriving(signals, "first layer's gradient over the last's")
    return (
        Part(
            "where the gradient vanishes with batch norm or without (less than a tenth of it arrives at the first "
            "layer), more than a tenth arrives with batch norm",
            *_kept(signals),
            chart,
        ),
        Part(
            "where the gradient by the weights that lead into the first layer is less than a tenth of that by the "
            "last hidden layer's with batch norm or without, it is more than a tenth with batch norm",
            *_kept(weights),
            _arriving(weights, "the same of gradients by weights"),
            beyond=True,
        ),
        Part(
            "with batch norm the gradient grows on its way back instead, to more than 10 times",
            tuple(above(ours, EXPLODED, where) for where, (ours, _) in _by_place(signals).items()),
            chart=chart,
            beyond=True,
        ),
    )


def _medians(
    found: Mapping[str, Sizes], what: str, ratio: Callable[[Gradients], Float[np.ndarray, " S"]]
) -> dict[str, dict[int, tuple[Measured, Measured]]]:
    def of(name: str, depth: int, word: str, own: Gradients) -> Measured:
        return median(f"{what}, {name}, {depth} layers, {word} batch norm", ratio(own))

    return {
        name: {
            depth: (of(name, depth, "with", ours), of(name, depth, "without", theirs))
            for depth, (ours, theirs) in by_depth.items()
        }
        for name, by_depth in found.items()
    }


def _by_place(medians: Pairs) -> dict[str, tuple[Measured, Measured]]:
    """Of every start and depth, in words, the book's depth first."""
    return {
        f"{name} at {depth} layers": pair
        for name, by_depth in medians.items()
        for depth, pair in sorted(by_depth.items(), key=lambda one: one[0] != BOOK_DEPTH)
    }


def _kept(medians: Pairs) -> tuple[tuple[Criterion, ...], tuple[Measured, ...]]:
    """That enough arrives with batch norm, where it vanishes with it or without; and what else there is to know."""
    kept: list[Criterion] = []
    reported: list[Measured] = []
    for where, (ours, theirs) in _by_place(medians).items():
        vanishes, harmed = (below(one, VANISHED).holds for one in (theirs, ours))
        unclear = "whether it vanishes without batch norm is open itself" if vanishes is None and not harmed else ""
        if vanishes is not False or harmed is not False:
            kept.append(above(ours, VANISHED, where, doubt=unclear))
        reported += [ours, theirs]
    if not kept:  # a statement needs a claim of its own
        kept.append(above(reported[0], VANISHED, doubt="nothing vanishes under any condition"))
    return tuple(kept), tuple(reported)


def _arriving(medians: Pairs, y_label: str) -> Chart:
    """How much arrives over depth, with batch norm and without."""
    curves = tuple(
        curve(f"{name}, {word} batch norm", list(own), [pair[i] for pair in own.values()])
        for name, own in medians.items()
        for i, word in enumerate(("with", "without"))
    )
    return Chart("hidden layers", y_label, curves, log_y=True, bound=VANISHED)


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
    data = from_arrays(x[:, None], band.astype(int), name="a band on a line", validation=1, test=1, split="file-order")
    common = once(Recipe(inputs="none", batch_norm=True, optimizer="adam", batch_size="full"), LINE_STEPS)
    return {
        f"a band on a line by {_layers(depth)}": Task(data, common.evolve(hidden=(UNITS,) * depth), "line", depth)
        for depth in depths
    }


def image_tasks(data: Dataset, depths: Sequence[int]) -> dict[str, Task]:
    """The book's images with their classes shuffled, for networks of several depths: at F-6-18's it is its own."""
    rows = data.training
    shuffled = replace(rows, targets=stream(0, "shuffled classes").permutation(rows.targets))
    data = replace(data, name=f"{data.name}, classes shuffled", training=shuffled)
    (run,) = (run for run in BOOK["F-6-18"].runs(data) if run.recipe.batch_norm)
    return {
        f"{len(rows):,} images with shuffled classes by {_layers(depth)}": Task(
            data, once(run.recipe).evolve(hidden=run.recipe.hidden[:1] * depth), "images", depth
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


def train_both(
    setup: Setup, tasks: Mapping[str, Task], grids: Mapping[str, Sequence[float]], seeds: range, tuning: int
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
            least=-1.0,
        )
        for name, task in tasks.items()
        for label in (LEARNED, FIXED)
    }
    found = setup.train_all({key: wanted[(*key, rate)] for key, (rate, _) in best.items()}, seeds)
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
        name: paired_difference(
            f"training accuracy, {FIXED}, minus that with both learned, {name}", one.fixed, one.learned
        )
        for name, one in outcomes.items()
    }
    numbers: list[Measured] = []
    for name, one in outcomes.items():
        for label, values, rate in zip((LEARNED, FIXED), (one.learned, one.fixed), one.rates, strict=True):
            numbers.append(mean(f"training accuracy, {label}, {name}", values, (0, 1)))
            numbers.append(chosen(f"rate chosen, {label}, {name}", rate))
    kinds = {
        one.task.grid: "a band on a line" if one.task.grid == "line" else "images, classes shuffled"
        for one in outcomes.values()
    }
    curves = []
    for grid, said in kinds.items():
        own = {one.task.depth: lost[name] for name, one in outcomes.items() if one.task.grid == grid}
        curves.append(curve(said, list(own), list(own.values())))
    return Part(
        "without learned scale and shift the training accuracy is lower by at least 5 points",
        tuple(below(lost[name], -COST, name, doubt=one.doubt) for name, one in outcomes.items()),
        tuple(numbers),
        Chart("hidden layers", f"training accuracy, {FIXED}, minus that with both learned", tuple(curves), bound=-COST),
    )
