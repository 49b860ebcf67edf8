"""C-34: whether validation accuracy that stalls while training accuracy rises calls for more regularization."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, BookData
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import (
    best_rate,
    chosen,
    ends,
    evaluated,
    mean,
    over_time,
    paired_difference,
    rates,
    sizes_there,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.training import Recipe

SIZES = (100, 1_000, 10_000)
STEPS, EVERY = 250, 10
NEAR, RISE = 0.01, 0.02
"""Validation accuracy has stalled once it is within a point of its best; training accuracy then rises by 2 or more."""
FAR, HELP = 0.05, 0.005
PENALTIES, DROPOUTS = (0.001, 0.005, 0.025), (0.1, 0.25, 0.5)
TUNING = 1_000  # the first seed of those that patterns are read from and settings tuned on
AS_GOOD = 0.005  # validation accuracies within half a point are taken as equal when the plain rate is chosen
PLAIN, L2, DROPOUT = "none", "L2 penalty", "dropout"


DESIGN = Design(
    varied="the number of training images, and with it whether validation accuracy stalls; no regularization, an L2 "
    "penalty or dropout",
    fixed="the book's overfitting network (F-6-20: six hidden layers of 100 ReLU units, He's weights), batches of 100, "
    "250 updates of SGD. Without regularization the rate is the best of six; a penalty and dropout are tried with "
    "three strengths at this rate and at half of it: six trials each, by accuracy on 2,000 images that are not "
    "trained on",
    measured="on seeds of tuning: by how much training accuracy still rises once validation accuracy is within a point "
    "of its best. On other seeds: accuracy on the training images and the first 2,000 test images, on which nothing "
    "is chosen",
    criterion="validation stalls at a size if training accuracy rises by more than 2 points after it has come within "
    "a point of its best, by the whole interval. There the training accuracy must end at least 5 points above the test "
    "accuracy, and the better of the two regularizers, as chosen on validation images, must raise the test accuracy by "
    "at least half a point. 2, 5 and half a point are judgements",
    conditions="100, 1,000 and 10,000 training images. Contrast: where validation does not stall, regularization "
    "raises the test accuracy by less than half a point",
    precision="10 seeds for patterns and 10 others to judge, paired; means with Student's intervals; 2 seeds tune",
)


@dataclass(frozen=True, eq=False)
class AtSize:
    """What was found at some number of images.

    Attributes:
        rise: rise of training accuracy after validation has stalled, one per seed of tuning.
        ends: by regularizer training and test accuracy at the end, one row per seed.
        picked: the regularizer that is best on validation images.
        numbers: what was chosen.
        doubt: on the plain network's rate.
        by_penalty: accuracy on validation images by penalty, one number per seed of tuning.
    """

    rise: Float[np.ndarray, " S"]
    ends: Mapping[str, Float[np.ndarray, "S 2"]]
    picked: str
    numbers: tuple[Measured, ...] = ()
    doubt: str = ""
    by_penalty: Mapping[float, Float[np.ndarray, " S"]] | None = None


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-34."""
    sizes = sizes_there(setup.data, setup.of(SIZES, SIZES[:2]))
    seeds, tuning = setup.of((10, 2), (6, 1))
    return parts(measured_at(setup, setup.data, sizes, rates(0.02, 0.8, setup.of(6, 4)), seeds, tuning))


STATEMENT = Statement(
    "C-34",
    DESIGN,
    "Look at training and validation accuracy together. Where the former goes on alone, try more regularization, and "
    "keep it if the validation accuracy rises; where both still rise, train longer first.",
    examined,
    trains=True,
)


def plain(data: BookData, size: int) -> Recipe:
    """F-6-20's network for some number of images, observed at the end alone."""
    (run,) = BOOK["F-6-20"].runs(data.part(size, "none"))
    return run.recipe.evolve(steps=STEPS, observe_first=STEPS, observe_every=STEPS)


def regularizers(rate: float) -> dict[str, list[dict[str, Any]]]:
    """What is tried of each: fields of the recipe."""
    around = (rate / 2, rate)
    return {
        L2: [{"learning_rate": one, "l2_penalty": penalty} for penalty in PENALTIES for one in around],
        DROPOUT: [{"learning_rate": one, "dropout_rate": share} for share in DROPOUTS for one in around],
    }


def measured_at(
    setup: Setup, data: BookData, sizes: Sequence[int], grid: Sequence[float], seeds: int, tuning: int
) -> dict[int, AtSize]:
    """Patterns on seeds of tuning, settings chosen on these, and what becomes of them on other seeds."""
    recipes = {size: plain(data, size) for size in sizes}
    validated = {size: evaluated(data, size, "unused") for size in sizes}
    first = range(TUNING, TUNING + tuning)
    tried = _validation(
        setup, {(s, rate): (validated[s], recipes[s].evolve(learning_rate=rate)) for s in sizes for rate in grid}, first
    )
    best = {s: best_rate({rate: -tried[s, rate] for rate in grid}, AS_GOOD, np.mean) for s in sizes}
    options = {(s, name): own for s in sizes for name, own in regularizers(best[s][0]).items()}
    tested = _validation(
        setup,
        {
            (s, name, i): (validated[s], recipes[s].evolve(**one))
            for (s, name), own in options.items()
            for i, one in enumerate(own)
        },
        first,
    )
    picked = {
        key: max(range(len(own)), key=lambda i: float(tested[(*key, i)].mean()))  # called at once
        for key, own in options.items()
    }
    watched = {
        s: (validated[s], recipes[s].evolve(learning_rate=best[s][0], observe_first=EVERY, observe_every=EVERY))
        for s in sizes
    }
    patterns = setup.train_all(watched, range(TUNING, TUNING + seeds))
    judged = {(s, PLAIN): recipes[s].evolve(learning_rate=best[s][0]) for s in sizes}
    judged |= {key: recipes[key[0]].evolve(**options[key][i]) for key, i in picked.items()}
    found = setup.train_all({key: (evaluated(data, key[0], "test"), one) for key, one in judged.items()}, range(seeds))
    return {
        s: AtSize(
            rise(over_time(patterns[s], "accuracy/training"), over_time(patterns[s], "accuracy/validation")),
            {name: ends(found[s, name]) for name in (PLAIN, L2, DROPOUT)},
            max((L2, DROPOUT), key=lambda name: float(tested[s, name, picked[s, name]].mean())),
            (
                chosen(f"rate chosen, no regularization, {s:,} images", best[s][0]),
                chosen(f"penalty chosen, {s:,} images", options[s, L2][picked[s, L2]]["l2_penalty"]),
                chosen(f"dropout rate chosen, {s:,} images", options[s, DROPOUT][picked[s, DROPOUT]]["dropout_rate"]),
            ),
            best[s][1],
            {
                penalty: np.max(
                    [tested[s, L2, i] for i, one in enumerate(options[s, L2]) if one["l2_penalty"] == penalty], 0
                )
                for penalty in PENALTIES
            },
        )
        for s in sizes
    }


def _validation(
    setup: Setup, wanted: Mapping[Any, tuple[Dataset, Recipe]], seeds: range
) -> dict[Any, Float[np.ndarray, " S"]]:
    """Accuracy on images that are not trained on, at the end."""
    return {key: ends(runs)[:, 1] for key, runs in setup.train_all(wanted, seeds).items()}


def rise(training: Float[np.ndarray, "S T"], validation: Float[np.ndarray, "S T"]) -> Float[np.ndarray, " S"]:
    """By how much training accuracy rises once validation accuracy is within a point of its best."""
    stalled = (validation >= np.nanmax(validation, axis=1, keepdims=True) - NEAR).argmax(1)
    return np.asarray(training[:, -1] - training[np.arange(len(training)), stalled])


def parts(found: Mapping[int, AtSize]) -> tuple[Part, ...]:
    """What a stalled validation accuracy means, whether regularization helps there, and where it does not stall."""
    sizes = list(found)
    rises = {
        s: mean(f"rise of training accuracy after validation has stalled, {s:,} images", found[s].rise) for s in sizes
    }
    stalls = {s: above(rises[s], RISE).holds for s in sizes}
    gaps = {s: paired_difference(f"training less test accuracy, {s:,} images", *found[s].ends[PLAIN].T) for s in sizes}
    gains = {name: [_gain(s, found[s], name) for s in sizes] for name in (L2, DROPOUT)}
    helped = {s: _gain(s, found[s], found[s].picked, "the regularizer chosen") for s in sizes}
    overfits, helps, contrast = [], [], []
    for s in sizes:
        where = f"with {s:,} images"
        unclear = "" if stalls[s] is not None else "whether validation stalls there is open itself"
        if stalls[s] is not False:
            overfits.append(above(gaps[s], FAR, where, doubt=unclear))
            helps.append(above(helped[s], HELP, where, doubt=unclear or found[s].doubt))
        if stalls[s] is not True:
            contrast.append(below(helped[s], HELP, where, doubt=unclear or found[s].doubt))
    tests = [
        mean(f"{kind} accuracy, {'no regularization' if name == PLAIN else name}, {s:,} images", column, (0, 1))
        for s in sizes
        for name, own in found[s].ends.items()
        for kind, column in zip(("training", "test"), own.T, strict=True)
    ]
    chart = Chart(
        "training images",
        "test accuracy gained",
        tuple(curve(name, sizes, own) for name, own in gains.items()),
        log_x=True,
        bound=HELP,
    )
    stalling = Chart(
        "training images",
        "rise of training accuracy after validation has stalled",
        (curve("no regularization", sizes, [rises[s] for s in sizes]),),
        log_x=True,
        bound=RISE,
    )
    made = (
        Part(
            "where training accuracy rises by more than 2 points after validation accuracy has come within a point of "
            "its best, the network overfits: its training accuracy ends at least 5 points above its test accuracy",
            tuple(overfits),
            tuple(rises.values()),
            stalling,
        ),
        Part(
            "there more regularization, chosen on validation images, raises the test accuracy by at least half a point",
            tuple(helps),
            (
                *(one for own in gains.values() for one in own),
                *tests,
                *(one for s in sizes for one in found[s].numbers),
            ),
            chart,
        ),
        Part(
            "where validation does not stall, more regularization raises the test accuracy by less than half a point",
            tuple(contrast),
            beyond=True,
        ),
        _by_penalty(found),
    )
    return tuple(part for part in made if part.criteria)


def _gain(size: int, at: AtSize, name: str, said: str = "") -> Measured:
    what = f"test accuracy gained by {said or name}, {size:,} images"
    return paired_difference(what, at.ends[name][:, 1], at.ends[PLAIN][:, 1])


def _by_penalty(found: Mapping[int, AtSize]) -> Part:
    """The dose: more is not always better."""
    criteria: list[Criterion] = []
    curves = []
    for s, at in found.items():
        if at.by_penalty is None:
            continue
        points = [
            mean(f"validation accuracy, penalty {p:g}, {s:,} images", own, (0, 1)) for p, own in at.by_penalty.items()
        ]
        curves.append(curve(f"{s:,} images", list(at.by_penalty), points))
        values = list(at.by_penalty.values())
        most = paired_difference(
            f"validation accuracy, strongest less weakest penalty, {s:,} images", values[-1], values[0]
        )
        criteria.append(below(most, 0.0, f"with {s:,} images"))
    chart = (
        Chart("L2 penalty", "validation accuracy, better of two rates", tuple(curves), log_x=True) if curves else None
    )
    return Part("the strongest penalty does worse than the weakest", tuple(criteria), (), chart, beyond=True)
