"""C-28: large weights and overfitting, and the effect of a penalty on the weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, PyTree

from trainwell.core import configure_runtime
from trainwell.lecture.book import BOOK, L2_PENALTY, Run, Setting
from trainwell.lecture.experiment import Chart, Curve, Part, above, curve, measured
from trainwell.lecture.measuring import median, narrower_by, paired_difference, paired_ratio
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Trained, problems_of

SETTING = BOOK["F-6-20"]  # the book's network that overfits
IMAGES = 300  # the book's
SIZES = (100, IMAGES, 1_000)
PENALTIES = (L2_PENALTY, 0.01, 0.03, 0.3)  # the book's first
UPDATES = 601  # the book's 201 epochs of 300 images
NARROWER = 0.01
GROWN = 1.05


DESIGN = Design(
    varied="the weight λ of the penalty ½λ‖W‖², and how many images are trained on",
    fixed="the book's network that overfits (six hidden layers of 100 ReLU units, He's initial weights), SGD at rate "
    "0.01, batches of 100, 601 updates (the book's 201 epochs of 300 images), and the test images, evaluated after the "
    "first update and at the end, since the statement is about them, but used for no choice; all settings share their "
    "seeds",
    measured="the gap, training accuracy minus test accuracy; the test accuracy itself; the norm of all weights at the "
    "end over that before training",
    criterion="the penalty narrows the gap by more than one point of accuracy, a judgement call about what matters in "
    "practice. A narrower gap is left open where the network with the penalty has not learned half of its training "
    "images, another judgement call: one that learns nothing has no gap (earlier runs counted these). Overfitting goes "
    "with large weights if, whenever the gap gets wider (no penalty, longer training, fewer images), the weights "
    "become larger as well: by more than a twentieth during training, also a judgement call, and at all between "
    "settings; left open where the gap is not wider",
    conditions="penalties 0.01, 0.03, 0.1 (the book's) and 0.3, each with 100, 300 (the book's) and 1,000 images",
    precision="10 seeds, paired: enough to detect a narrowing of one point, by the interval widths in the book's "
    "figure",
)


@dataclass(frozen=True)
class Ended:
    """Networks of one setting, a number per seed: accuracies at the end and after one update, weights' norms."""

    training: Float[np.ndarray, " S"]
    test: Float[np.ndarray, " S"]
    first_gap: Float[np.ndarray, " S"]
    begun: Float[np.ndarray, " S"]
    weights: Float[np.ndarray, " S"]

    @property
    def gap(self) -> Float[np.ndarray, " S"]:
        """Training accuracy minus test accuracy."""
        return np.asarray(self.training - self.test)


Ends: TypeAlias = Mapping[tuple[int, float], Ended]
"""By number of images and penalty; 0 is none."""


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-28."""
    sizes, penalties, seeds, updates = setup.of((SIZES, PENALTIES, 10, UPDATES), (SIZES[:2], PENALTIES[:2], 6, 201))
    return parts_of(ends_of(setup, SETTING, sizes, (0.0, *penalties), seeds, updates))


STATEMENT = Statement(
    "C-28",
    DESIGN,
    "Try a penalty when the gap between training and test accuracy is wide, and choose it by validation: a narrower "
    "gap need not mean a higher accuracy on new data, and too strong a penalty narrows it by learning less.",
    examined,
    trains=True,
)


def ends_of(
    setup: Setup, setting: Setting, sizes: Sequence[int], penalties: Sequence[float], seeds: int, updates: int
) -> Ends:
    """Train the setting's network on each number of images (at most all) with each penalty."""
    rows = len(setup.data.everything.training)
    asked, places = [], []
    for images in dict.fromkeys(min(one, rows) for one in sizes):
        own = replace(setting, images=images)
        dataset = own.data(setup.data)
        common = own.runs(dataset)[0].recipe.evolve(steps=updates, observe_first=1, observe_every=updates - 1)
        for penalty in penalties:
            recipe = common.evolve(l2_penalty=penalty)
            asked += [(dataset, Run(f"λ {penalty:g}", recipe, seed)) for seed in range(seeds)]
            places += [(images, penalty)] * seeds
    found: dict[tuple[int, float], list[Trained]] = {}
    for place, one in zip(places, setup.train_whole(asked), strict=True):
        found.setdefault(place, []).append(one)
    return {place: _ended(own) for place, own in found.items()}


def _ended(networks: Sequence[Trained]) -> Ended:
    ends = np.array(
        [
            (one.trace["accuracy/training"][0, -1], one.trace["accuracy/validation"][0, -1], _first_gap(one))
            for one in networks
        ]
    )
    (problem,) = problems_of([networks[0].members[0].recipe], networks[0].dataset, configure_runtime().precision)
    begun = np.array([norm(problem.init(one.members[0].seed)[0]) for one in networks])
    training, test, first_gap = ends.T
    return Ended(training, test, first_gap, begun, np.array([norm(one.params[0]) for one in networks]))


def _first_gap(one: Trained) -> float:
    return float(one.trace["accuracy/training"][0, 0] - one.trace["accuracy/validation"][0, 0])


def norm(params: PyTree) -> float:
    """The Euclidean norm of all weights, biases left out."""
    return float(np.sqrt(sum((np.asarray(layer["weights"], np.float64) ** 2).sum() for layer in params)))


def parts_of(ends: Ends) -> tuple[Part, ...]:
    """The claims, from the final values."""
    return _narrowing(ends), _large_weights(ends), _test_accuracy(ends)


def _sizes(ends: Ends) -> list[int]:
    """Numbers of images, the book's first."""
    return sorted({images for images, _ in ends}, key=lambda images: (abs(images - IMAGES), images))


def _penalties(ends: Ends) -> list[float]:
    return [penalty for penalty in dict.fromkeys(penalty for _, penalty in ends) if penalty]


def _conditions(ends: Ends) -> dict[str, tuple[Ended, Ended]]:
    """Where -> networks without penalty and with it."""
    return {
        _named(images, penalty): (ends[images, 0.0], ends[images, penalty])
        for images in _sizes(ends)
        for penalty in _penalties(ends)
    }


def _chart(ends: Ends, y_label: str, quantity: str, bound: float) -> Chart:
    """Effects of the penalty, one curve per number of images."""
    penalties = sorted(_penalties(ends))
    sign = -1 if quantity == "gap" else 1
    curves: list[Curve] = []
    for images in sorted(_sizes(ends)):
        points = [
            mean_interval(sign * (getattr(ends[images, one], quantity) - getattr(ends[images, 0.0], quantity)))
            for one in penalties
        ]
        curves.append(curve(f"{images:,} images", penalties, points))
    return Chart("λ, weight of the penalty", y_label, tuple(curves), log_x=True, bound=bound)


def _narrowing(ends: Ends) -> Part:
    narrower = tuple(
        narrower_by(
            paired_difference(f"gap without penalty minus gap with it, {where}", none.gap, own.gap),
            NARROWER,
            where,
            own.training,
        )
        for where, (none, own) in _conditions(ends).items()
    )
    return Part(
        "weight decay narrows the gap between training and test accuracy, by more than one point",
        narrower,
        tuple(measured(f"gap, {_named(*place)}", mean_interval(one.gap)) for place, one in ends.items()),
        _chart(ends, "gap without penalty minus gap with it", "gap", NARROWER),
    )


def _large_weights(ends: Ends) -> Part:
    """The claim that the weights grow whenever the gap widens."""
    sizes, penalty = _sizes(ends), _penalties(ends)[0]
    book, few, many = sizes[0], min(sizes), max(sizes)
    plain, decayed = ends[book, 0.0], ends[book, penalty]
    fewer, more = ends[few, 0.0], ends[many, 0.0]
    routes = {
        f"without the penalty in place of λ {penalty:g}": (plain.gap, decayed.gap, plain.weights, decayed.weights, 1.0),
        "during training": (plain.gap, plain.first_gap, plain.weights, plain.begun, GROWN),
        f"with {few:,} images in place of {many:,}": (fewer.gap, more.gap, fewer.weights, more.weights, 1.0),
    }
    criteria, wider = [], []
    for where, (wide, narrow, large, small, bound) in routes.items():
        gap = paired_difference(f"widening of the gap, {where}", wide, narrow)
        known = "" if above(gap, 0.0).holds else "the gap is not known to be wider"
        larger = paired_ratio(f"ratio of the norms of the weights, {where}", large, small)
        criteria.append(above(larger, bound, where, doubt=known))
        wider.append(gap)
    return Part(
        "overfitting goes with large weights: whatever makes the gap wider makes the weights larger, too",
        tuple(criteria),
        (
            *wider,
            *(
                median(f"norm of the weights over that before training, {_named(*place)}", one.weights / one.begun)
                for place, one in ends.items()
            ),
        ),
        Chart(
            "norm of the weights over that before training",
            "gap",
            tuple(_gaps_over_weights(ends, images) for images in sorted(sizes)),
        ),
    )


def _named(images: int, penalty: float) -> str:
    return f"λ {penalty:g} with {images:,} images"


def _gaps_over_weights(ends: Ends, images: int) -> Curve:
    """The gap over the weights' median norm, from the strongest penalty to none."""
    own = [ends[images, penalty] for penalty in sorted((0.0, *_penalties(ends)), reverse=True)]
    norms = [float(np.median(one.weights / one.begun)) for one in own]
    return curve(
        f"{images:,} images, from the strongest penalty to none", norms, [mean_interval(one.gap) for one in own]
    )


def _test_accuracy(ends: Ends) -> Part:
    higher = {
        where: paired_difference(
            f"test accuracy with penalty minus test accuracy without, {where}", own.test, none.test
        )
        for where, (none, own) in _conditions(ends).items()
    }
    accuracies = [
        measured(f"{name} accuracy, {_named(*place)}", mean_interval(getattr(one, name)))
        for name in ("test", "training")
        for place, one in ends.items()
    ]
    return Part(
        "weight decay makes the test accuracy itself higher",
        tuple(above(one, 0.0, where) for where, one in higher.items()),
        tuple(accuracies),
        _chart(ends, "test accuracy with penalty minus without", "test", 0.0),
        beyond=True,
    )
