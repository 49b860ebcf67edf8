"""C-29: what dropout, in both of its forms, does to the gap between training and test accuracy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.lecture.book import BOOK, DROPOUT_RATE, LEARNING_RATE, Setting
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, curve, measured
from trainwell.lecture.measuring import at_places, first_places, narrower_by, over_time, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

Form: TypeAlias = Literal["lecture", "inverted"]
SETTING = BOOK["F-6-23"]  # the book's, without and with dropout
FORMS: tuple[Form, ...] = ("lecture", "inverted")
WORDS = {"lecture": "lecture's form", "inverted": "inverted form"}
RATES = (DROPOUT_RATE, 0.3, 0.5)
"""The book's first."""
UPDATES = {LEARNING_RATE: 901, 5 * LEARNING_RATE: 451}
"""By learning rate: the book's 301 epochs of 300 images, and at five times its rate half as many."""
OFTEN = 30
"""Observations of networks without dropout."""
NARROWER = 0.01
PLAIN = "no dropout"


DESIGN = Design(
    varied="the rate of dropout, and its form: the lecture's, which takes all units in testing and multiplies by the "
    "kept ratio, or the inverted one, which divides by it in training",
    fixed="the book's network (six hidden layers of 100 ReLU units, He's initial weights), the first 300 images, SGD, "
    "batches of 100, and the test images, evaluated since the statement is about them, but used for no choice; all "
    "settings share their seeds",
    measured="at the end the gap, training accuracy minus test accuracy, and both accuracies themselves",
    criterion="dropout narrows the gap by more than one point of accuracy, a judgement call about what matters in "
    "practice. A narrower gap is left open where the network with dropout has not learned half of its training images, "
    "another judgement call: one that learns nothing has no gap (earlier runs counted these). A network that learns "
    "more slowly has a narrower gap, too: not counted in the verdict, its test accuracy is also compared at equal "
    "training accuracy, read on a straight line between two observations (earlier runs took the later of the two, in "
    "favour of no dropout)",
    conditions="rates of dropout 0.15 (the book's), 0.3 and 0.5, each in both forms, at the book's learning rate 0.01 "
    "with its 901 updates, and at 0.05 with 451, where networks with dropout have learned more of their images",
    precision="10 seeds, paired: enough to detect a narrowing of one point, by the interval widths in the book's "
    "figure",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-29."""
    rates, seeds, lengths = setup.of((RATES, 10, UPDATES), (RATES[:1], 6, {LEARNING_RATE: 301}))
    return parts_of(
        [
            one
            for learning_rate, updates in lengths.items()
            for one in observed(setup, SETTING, learning_rate, rates, seeds, updates, setup.of(OFTEN, 10))
        ]
    )


STATEMENT = Statement(
    "C-29",
    DESIGN,
    "Try dropout when the gap between training and test accuracy is wide, and choose its rate by validation: a rate "
    "that keeps the network from learning its training images also narrows the gap. With the lecture's form give it "
    "more updates or a higher learning rate.",
    examined,
    trains=True,
)


@dataclass(frozen=True)
class Dropped:
    """Networks with dropout of one rate and form, one per seed, and the same networks without dropout."""

    learning_rate: float
    form: Form
    rate: float
    networks: Sequence[Runs]
    plain: Sequence[Runs]

    @property
    def where(self) -> str:
        """Name in criteria."""
        return f"dropout {self.rate:g} in the {WORDS[self.form]} at learning rate {self.learning_rate:g}"

    @property
    def curve(self) -> str:
        """Name in charts."""
        return f"{WORDS[self.form]}, learning rate {self.learning_rate:g}"


def observed(
    setup: Setup,
    setting: Setting,
    learning_rate: float,
    rates: Sequence[float],
    seeds: int,
    updates: int,
    often: int = OFTEN,
) -> list[Dropped]:
    """Train the setting's network without dropout and with each rate in both forms."""
    dataset = setting.data(setup.data)
    common = setting.runs(dataset)[0].recipe.evolve(
        learning_rate=learning_rate, steps=updates, observe_first=1, observe_every=updates - 1
    )
    contenders = {f"{form} {rate}": _dropping(common, form, rate) for form in FORMS for rate in rates}
    contenders[PLAIN] = common.evolve(observe_every=max(1, (updates - 1) // often))
    found = setup.train_each(dataset, contenders, range(seeds))
    return [
        Dropped(learning_rate, form, rate, found[f"{form} {rate}"], found[PLAIN]) for form in FORMS for rate in rates
    ]


def _dropping(recipe: Recipe, form: Form, rate: float) -> Recipe:
    return recipe.evolve(dropout_rate=rate, dropout=form)


def parts_of(found: Sequence[Dropped]) -> tuple[Part, ...]:
    """The claims, from the trained networks."""
    return _narrowing(found), _test_accuracy(found), _as_far_trained(found)


def _ends(networks: Sequence[Runs], split: str) -> Float[np.ndarray, " S"]:
    return np.asarray(over_time(networks, f"accuracy/{split}")[:, -1])


def _gaps(networks: Sequence[Runs]) -> Float[np.ndarray, " S"]:
    return np.asarray(_ends(networks, "training") - _ends(networks, "validation"))


def _chart(found: Sequence[Dropped], numbers: Sequence[Measured], y_label: str, bound: float) -> Chart:
    """A number over the rate of dropout, a curve for each form and learning rate."""
    curves = []
    for label in dict.fromkeys(one.curve for one in found):
        own = sorted((one.rate, i) for i, one in enumerate(found) if one.curve == label)
        curves.append(curve(label, [rate for rate, _ in own], [numbers[i] for _, i in own]))
    return Chart("rate of dropout", y_label, tuple(curves), bound=bound)


def _criteria(found: Sequence[Dropped], numbers: Sequence[Measured], bound: float) -> tuple[Criterion, ...]:
    return tuple(above(number, bound, one.where) for one, number in zip(found, numbers, strict=True))


def _each(
    found: Sequence[Dropped], what: str, of: Callable[[Sequence[Runs]], Float[np.ndarray, " S"]]
) -> list[Measured]:
    """A mean of each setting, those without dropout among them."""
    plain = {f"no dropout at learning rate {one.learning_rate:g}": one.plain for one in found}
    dropped = {one.where: one.networks for one in found}
    return [measured(f"{what}, {where}", mean_interval(of(own))) for where, own in (plain | dropped).items()]


def _narrowing(found: Sequence[Dropped]) -> Part:
    narrower = [
        paired_difference(f"gap without dropout minus gap with it, {one.where}", _gaps(one.plain), _gaps(one.networks))
        for one in found
    ]
    return Part(
        "dropout narrows the gap between training and test accuracy, by more than one point",
        tuple(
            narrower_by(number, NARROWER, one.where, _ends(one.networks, "training"))
            for one, number in zip(found, narrower, strict=True)
        ),
        tuple(_each(found, "gap", _gaps)),
        _chart(found, narrower, "gap without dropout minus gap with it", NARROWER),
    )


def _test_accuracy(found: Sequence[Dropped]) -> Part:
    higher = [
        paired_difference(
            f"test accuracy with dropout minus test accuracy without, {one.where}",
            _ends(one.networks, "validation"),
            _ends(one.plain, "validation"),
        )
        for one in found
    ]
    test = _each(found, "test accuracy", lambda networks: _ends(networks, "validation"))
    training = _each(found, "training accuracy", lambda networks: _ends(networks, "training"))
    return Part(
        "dropout makes the test accuracy itself higher",
        _criteria(found, higher, 0.0),
        (*test, *training),
        _chart(found, higher, "test accuracy with dropout minus without", 0.0),
        beyond=True,
    )


def _as_far_trained(found: Sequence[Dropped]) -> Part:
    """Test accuracies against those without dropout at the same training accuracy."""
    higher = []
    for one in found:
        training = _ends(one.networks, "training")
        reached = [accuracy_when_as_far(plain, float(own)) for plain, own in zip(one.plain, training, strict=True)]
        what = f"test accuracy with dropout minus test accuracy without, at equal training accuracy, {one.where}"
        higher.append(paired_difference(what, _ends(one.networks, "validation"), np.array(reached)))
    return Part(
        "dropout does more than slow learning: its test accuracy is higher than that without dropout when the "
        "training accuracy was the same",
        _criteria(found, higher, 0.0),
        (),
        _chart(found, higher, "test accuracy with dropout minus without", 0.0),
        beyond=True,
    )


def accuracy_when_as_far(plain: Runs, training: float) -> float:
    """The test accuracy when the training accuracy first reached a level, or was highest if it never did.

    Between two observations it is read on a straight line.
    """
    seen, test = (plain.trace[f"accuracy/{split}"] for split in ("training", "validation"))
    return float(at_places(test, first_places(seen, min(training, float(np.nanmax(seen)))))[0])
