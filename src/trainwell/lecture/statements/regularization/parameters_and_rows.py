"""C-27: overfitting by the number of parameters and of training images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, BookData
from trainwell.lecture.experiment import Chart, Criterion, Part, above, curve
from trainwell.lecture.measuring import (
    best_rate,
    chosen,
    ends,
    final,
    gap,
    mean,
    once,
    paired_difference,
    rates,
    sizes_there,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.training import Recipe

FULL, FAR = 0.99, 0.1
MANY = 100
"""Times as many parameters as images: what counts as many parameters and little data."""
SIZES = (100, 300, 1_000, 3_000)
WIDTHS = (2, 8, 32, 128)
"""Units in each of the two hidden layers of the networks that are swept."""
STEPS = 400
TUNING = 1_000  # the first seed of those that rates are tuned on
JUDGING = 4_000  # and of those that judge, others than in earlier runs
AS_GOOD = 0.02  # training losses that differ by less are taken as equal when rates are chosen


DESIGN = Design(
    varied="the number of training images and, by the width of its layers, of a network's parameters",
    fixed="first the book's network as given (F-6-20: six hidden layers of 100 units, 300 images, SGD at 0.01, 201 "
    "epochs); then networks of two hidden layers, batches of 100, 400 updates of SGD, at the rate whose "
    "training loss with the worst of three other seeds is lowest, so that every network fits its images as closely as "
    "it can. Nothing is regularized",
    measured="training and test accuracy at the end, and the gap: training accuracy minus test accuracy. All test "
    "images are used, and nothing is chosen on them",
    criterion="a training accuracy above 99% and a gap of at least 10 points, both, where there are at least 100 times "
    "as many parameters as images: these numbers for 'near 100%', 'far below', 'many' and 'little' are judgements. Not "
    "counted in the verdict, as the statement does not say it: networks with fewer parameters; and whether the gap "
    "widens with fewer images or with more parameters, among networks with a training accuracy above 99%, since one "
    "that has learned nothing has no gap. (In earlier runs both were claims of the statement and counted all networks: "
    "the gap widened with parameters because networks with 2 units a layer learn next to nothing. The seeds that judge "
    "now were used in no earlier run.) A best rate at the end of its grid leaves open what it decides, unless the "
    "training accuracy is above 99% anyway: a better rate could only raise it",
    conditions="100 to 3,000 images by widths of 2 to 128 units: from 2 thousand to 118 thousand parameters on MNIST",
    precision="10 seeds, from 4,000 on, paired; means with Student's intervals, which say what other seeds would give "
    "with the same images; 3 other seeds tune",
    untested="other images to train on, other depths, and training for longer where 400 updates do not fit the images",
)

Accuracies = Mapping[tuple[int, int], Float[np.ndarray, "S 2"]]
"""Training and test accuracy of each seed, by width and number of images."""


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-27."""
    seeds = setup.of(10, 5)
    widths = setup.of(WIDTHS, WIDTHS[1::2])
    sizes = sizes_there(setup.data, setup.of(SIZES, SIZES[:3:2]))
    grid = rates(0.02, 1.0, setup.of(5, 3))
    swept, rates_chosen, doubts = accuracies(setup, widths, sizes, grid, range(JUDGING, JUDGING + seeds))
    given = in_the_book(as_given(setup, range(JUDGING, JUDGING + seeds)))
    return (given, *parts(swept, counts(setup.data, widths), rates_chosen, doubts))


STATEMENT = Statement(
    "C-27",
    DESIGN,
    "Watch the gap between training and validation accuracy. With few rows it is wide for nearly every network that "
    "fits them, and more rows close it more surely than fewer parameters do.",
    examined,
    trains=True,
)


def as_given(setup: Setup, seeds: range) -> Float[np.ndarray, "S 2"]:
    """Training and test accuracy of the book's network on its 300 images."""
    setting = BOOK["F-6-20"]
    dataset = setting.data(setup.data)
    (run,) = setting.runs(dataset)
    recipe = once(run.recipe, setup.of(run.recipe.steps, 201))
    return ends(setup.train_each(dataset, {"": recipe}, seeds)[""])


def in_the_book(found: Float[np.ndarray, "S 2"]) -> Part:
    """Whether both accuracies of the book's network are as the statement says."""
    training, test = found.T
    behind = paired_difference("training minus test accuracy in the book's setting", training, test)
    return Part(
        "in the book's setting the training accuracy gets above 99% and the test accuracy stays at least 10 points "
        "below it",
        (above(behind, FAR), above(mean("training accuracy in the book's setting", training, (0, 1)), FULL)),
        (mean("test accuracy in the book's setting", test, (0, 1)),),
    )


def networks(dataset: Dataset, widths: Sequence[int]) -> dict[int, Recipe]:
    """By width, what is swept."""
    (run,) = BOOK["F-6-20"].runs(dataset)
    return {width: once(run.recipe, STEPS).evolve(hidden=(width, width)) for width in widths}


def counts(data: BookData, widths: Sequence[int]) -> dict[int, int]:
    """Numbers of parameters by width."""
    inputs, outputs = data.everything.num_features, data.everything.num_outputs
    return {width: (inputs + 1) * width + (width + 1) * width + (width + 1) * outputs for width in widths}


def accuracies(
    setup: Setup, widths: Sequence[int], sizes: Sequence[int], grid: Sequence[float], seeds: range
) -> tuple[dict[tuple[int, int], Float[np.ndarray, "S 2"]], dict[tuple[int, int], float], dict[tuple[int, int], str]]:
    """Training and test accuracy by width and size; the rates chosen; and doubts on these."""
    wanted: dict[Any, tuple[Dataset, Recipe]] = {}
    for size in sizes:
        dataset = setup.data.part(size, "none")
        for width, recipe in networks(dataset, widths).items():
            wanted |= {(width, size, rate): (dataset, recipe.evolve(learning_rate=rate)) for rate in grid}
    tried = setup.train_all(wanted, range(TUNING, TUNING + setup.of(3, 2)))
    losses = {key: final(runs, "loss/training", diverged=np.inf) for key, runs in tried.items()}
    best = {
        (width, size): best_rate({rate: losses[width, size, rate] for rate in grid}, AS_GOOD, np.max)
        for size in sizes
        for width in widths
    }
    judged = {
        (width, size): (setup.data.part(size, "test"), wanted[width, size, rate][1])
        for (width, size), (rate, _) in best.items()
    }
    found = setup.train_all(judged, seeds)
    rates_chosen, doubts = {key: rate for key, (rate, _) in best.items()}, {key: why for key, (_, why) in best.items()}
    return {key: ends(runs) for key, runs in found.items()}, rates_chosen, doubts


def parts(
    found: Accuracies,
    parameters: Mapping[int, int],
    rates_chosen: Mapping[tuple[int, int], float],
    doubts: Mapping[tuple[int, int], str],
) -> tuple[Part, ...]:
    """Where both accuracies are as the statement says; and beside it, what widens the gap."""
    left_open = {key: "" if _fits(found[key]) else why for key, why in doubts.items()}
    many, fewer = _both_accuracies(found, parameters, left_open)
    chosen_rates = [
        chosen(f"rate chosen, {parameters[width]:,} parameters, {size:,} images", rate)
        for (width, size), rate in rates_chosen.items()
    ]
    chart = _gaps(found, parameters)
    claim = "the training accuracy gets above 99% and the test accuracy stays at least 10 points below it"
    by_images, by_parameters = _ends(found)
    beside = {
        f"with fewer than {MANY} times as many parameters as images {claim}, too": tuple(fewer),
        "among networks that fit their images the gap is wider with the fewest images than with the most": _wider(
            found, parameters, by_images
        ),
        "among networks that fit their images the gap is wider with the most parameters than with the fewest": _wider(
            found, parameters, by_parameters
        ),
    }
    return (
        Part(
            f"with at least {MANY} times as many parameters as images {claim}", tuple(many), tuple(chosen_rates), chart
        ),
        *(Part(said, criteria, chart=chart, beyond=True) for said, criteria in beside.items() if criteria),
    )


def _swept(found: Accuracies) -> tuple[list[int], list[int]]:
    """Widths and numbers of images, ascending."""
    return sorted({width for width, _ in found}), sorted({size for _, size in found})


def _fits(found: Float[np.ndarray, "S 2"]) -> bool:
    """Whether the training accuracy is as near to 100% as asked."""
    return bool(above(mean("training accuracy", found[:, 0], (0, 1)), FULL).holds)


def _both_accuracies(
    found: Accuracies, parameters: Mapping[int, int], doubts: Mapping[tuple[int, int], str]
) -> tuple[list[Criterion], list[Criterion]]:
    """The gap and the training accuracy, where parameters are many for the images, and where they are fewer."""
    many: list[Criterion] = []
    fewer: list[Criterion] = []
    for (width, size), values in found.items():
        named = f"{parameters[width]:,} parameters, {size:,} images"
        where = f"with {parameters[width]:,} parameters and {size:,} images"
        own, doubt = many if parameters[width] >= MANY * size else fewer, doubts[width, size]
        own += [
            above(paired_difference(f"training minus test accuracy, {named}", *values.T), FAR, where, doubt=doubt),
            above(mean(f"training accuracy, {named}", values[:, 0], (0, 1)), FULL, where, doubt=doubt),
        ]
    return many, fewer


def _gaps(found: Accuracies, parameters: Mapping[int, int]) -> Chart:
    """The gap over the number of parameters, a curve per number of images."""
    widths, sizes = _swept(found)
    x = [parameters[width] for width in widths]
    curves = [
        curve(f"{size:,} images", x, [paired_difference("", *found[width, size].T) for width in widths])
        for size in sizes
    ]
    return Chart("parameters", "training minus test accuracy", tuple(curves), log_x=True, bound=FAR)


Pairs = list[tuple[tuple[int, int], tuple[int, int]]]
"""Width and number of images of two kinds of network, of which the first is to have the wider gap."""


def _ends(found: Accuracies) -> tuple[Pairs, Pairs]:
    """Of those that fit, the fewest and the most images at every width, the most and the fewest units at every size."""
    widths, sizes = _swept(found)
    sizes_of = {width: [size for size in sizes if _fits(found[width, size])] for width in widths}
    widths_of = {size: [width for width in widths if size in sizes_of[width]] for size in sizes}
    return (
        [((width, own[0]), (width, own[-1])) for width, own in sizes_of.items() if len(own) > 1],
        [((own[-1], size), (own[0], size)) for size, own in widths_of.items() if len(own) > 1],
    )


def _wider(found: Accuracies, parameters: Mapping[int, int], pairs: Pairs) -> tuple[Criterion, ...]:
    """The gap of the first of every pair minus that of the second, at common seeds."""

    def named(key: tuple[int, int]) -> str:
        return f"{parameters[key[0]]:,} parameters and {key[1]:,} images"

    return tuple(
        above(
            paired_difference(
                f"gap with {named(ours)} minus gap with {named(theirs)}", gap(found[ours]), gap(found[theirs])
            ),
            0.0,
            f"{named(ours)} against {named(theirs)}",
        )
        for ours, theirs in pairs
    )
