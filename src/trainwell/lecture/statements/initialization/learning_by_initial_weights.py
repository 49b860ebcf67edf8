"""C-07: learning on MNIST by initial weights, in the book's setting and for longer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, LEARNING_RATE
from trainwell.lecture.experiment import Chart, Part, above, below, curve, measured
from trainwell.lecture.measuring import median, over_time, paired_difference, paired_ratio, points_of
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import first_reached, mean_interval
from trainwell.training import Recipe, Runs

FASTER = 10  # times the book's learning rate, to go farther
SMALL, XAVIER, HE = "std 0.01", "Xavier", "He"
LEVELS = (0.5, 0.25, 0.75)
"""Training losses to be reached, as shares of the loss of guessing."""
LEARNED, NOT_LEARNED = 0.5, 0.95
FADED, MATTERS = 0.2, 0.1
ROWS = 2_000  # for validation
OBSERVED = 1_000  # training rows that the loss is measured on


DESIGN = Design(
    varied="initial weights, as in F-6-15: standard deviation 0.01, Xavier's, He's; how far training goes: the book's "
    "2,000 updates at its learning rate of 0.01, and 1,000 updates at ten times that rate, about as much training as "
    "10,000 of the book's",
    fixed="the book's network (784-100×4-10, ReLU), SGD, batches of 128; batches and draws are common to all three. "
    "The statement is about the book's setting, so no rate is tuned",
    measured="the training loss on 1,000 rows, as a share of the loss of guessing (ln 10); accuracy on 2,000 "
    "training images that are not trained on; both every 50 updates",
    criterion="not learned: the loss is above 0.95 of that of guessing; learned: below half of it. Faster: He reaches "
    "a loss in fewer updates than Xavier. Faded: He's lead in loss, Xavier's minus He's, is below a fifth of the "
    "largest it had before at the book's rate, at the end of either training. The best accuracy during training is "
    "affected: He's and Xavier's differ by more than 0.1 points, in either direction. All bounds but that of faster "
    "are judgement calls",
    conditions="losses of a quarter, half and three quarters of that of guessing; 500, 1,000 and 2,000 updates at "
    "0.01; 250, 500 and 1,000 at 0.1",
    precision="10 seeds, paired",
    untested="rates tuned for each, which C-08 has",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-07."""
    seeds, steps, longer, every = setup.of((10, 2_000, 1_000, 50), (6, 160, 100, 20))
    data = rows_of(setup)
    contenders = recipes_of(data, every)
    books = {label: recipe.evolve(steps=steps) for label, recipe in contenders.items()}
    far = {
        f"{label}, longer": recipe.evolve(steps=longer, learning_rate=FASTER * LEARNING_RATE)
        for label, recipe in contenders.items()
    }
    trained = setup.train_each(data, books | far, range(seeds))
    book = Learning.of({label: trained[label] for label in books}, data, LEARNING_RATE)
    long = Learning.of({label: trained[f"{label}, longer"] for label in books}, data, FASTER * LEARNING_RATE)
    return (faster(book), not_learning(book, long), learning(book, long), fading(book, long), best_accuracy(book, long))


STATEMENT = Statement(
    "C-07",
    DESIGN,
    "With ReLU start from He's weights. If the loss stays at that of guessing, ln of the number of classes, look at "
    "the initial weights first.",
    examined,
    trains=True,
)


@dataclass(frozen=True)
class Learning:
    """What was observed of every initialization at one learning rate.

    Attributes:
        rate: the learning rate.
        updates: times of the observations.
        losses: by initialization, training losses as shares of the loss of guessing; NaN after divergence.
        accuracies: in points, on rows that are not trained on.
    """

    rate: float
    updates: Int[np.ndarray, " T"]
    losses: Mapping[str, Float[np.ndarray, "S T"]]
    accuracies: Mapping[str, Float[np.ndarray, "S T"]]

    @classmethod
    def of(cls, trained: Mapping[str, Sequence[Runs]], data: Dataset, rate: float) -> "Learning":
        """Read what was observed."""
        guessing = np.log(data.num_outputs)
        return cls(
            rate,
            points_of(next(iter(trained.values()))[0]),
            {label: over_time(runs, "loss/training") / guessing for label, runs in trained.items()},
            {label: 100 * over_time(runs, "accuracy/validation") for label, runs in trained.items()},
        )

    @property
    def when(self) -> str:
        """How far training goes."""
        return self.after(len(self.updates) - 1)

    def after(self, place: int) -> str:
        """How far it is at an observation."""
        return f"{self.updates[place]:,} updates at rate {self.rate:g}"

    @property
    def looks(self) -> list[int]:
        """Observations at about a quarter, half and all of the way."""
        return [int(np.argmin(abs(self.updates - share * self.updates[-1]))) for share in (0.25, 0.5, 1.0)]

    def lead(self) -> Float[np.ndarray, "S T"]:
        """Xavier's loss minus He's."""
        return np.asarray(self.losses[XAVIER] - self.losses[HE])


def rows_of(setup: Setup) -> Dataset:
    """All rows but some for validation."""
    data = setup.data.part(None, "unused")
    kept = np.arange(min(ROWS, len(data.validation)))
    return replace(data, name=f"{data.name}, of which {len(kept):,}", validation=data.validation.at(kept))


def recipes_of(data: Dataset, every: int) -> dict[str, Recipe]:
    """The contenders of F-6-15, observed now and then."""
    return {
        run.label: run.recipe.evolve(
            observe_first=every, observe_every=every, observe_batch=False, observe_training=OBSERVED
        )
        for run in BOOK["F-6-15"].runs(data)
    }


def faster(book: Learning) -> Part:
    """Updates of He against Xavier's until losses are reached."""

    def updates(label: str, level: float) -> Float[np.ndarray, " S"]:
        losses = np.nan_to_num(book.losses[label], nan=np.inf)
        times = np.broadcast_to(book.updates, losses.shape)
        return np.asarray(first_reached(losses, times, level, larger_is_better=False), np.float64)

    found = {level: {label: updates(label, level) for label in (HE, XAVIER)} for level in LEVELS}
    numbers = {
        level: paired_ratio(
            f"updates until the loss is {level:g} times that of guessing, He's / Xavier's",
            own[HE],
            own[XAVIER],
            book.updates[-1],
        )
        for level, own in found.items()
    }
    known = [
        median(f"updates to {level:g} of the loss of guessing, {label}", one)
        for level, own in found.items()
        for label, one in own.items()
    ]
    shown = {label: [mean_interval(column) for column in own.T] for label, own in book.losses.items()}
    return Part(
        f"He's weights learn faster than Xavier's at the book's learning rate, {book.rate:g}",
        tuple(below(number, 1.0, f"to {level:g} of the loss of guessing") for level, number in numbers.items()),
        tuple(known),
        Chart(
            "updates",
            "training loss over that of guessing",
            tuple(curve(label, book.updates, own) for label, own in shown.items()),
            log_y=True,
        ),
    )


def not_learning(*found: Learning) -> Part:
    """Where training from a standard deviation of 0.01 ends."""
    numbers = {
        one.after(place): measured(
            f"training loss over that of guessing, {SMALL}, {one.after(place)}",
            mean_interval(one.losses[SMALL][:, place]),
        )
        for one in found
        for place in reversed(one.looks)
    }
    return Part(
        "with a standard deviation of 0.01 nothing is learned: the training loss stays above 0.95 of that of guessing",
        tuple(above(number, NOT_LEARNED, where) for where, number in numbers.items()),
    )


def learning(*found: Learning) -> Part:
    """Where training from Xavier's and He's weights ends."""
    numbers = {
        f"{label}, {one.when}": measured(
            f"training loss over that of guessing, {label}, {one.when}", mean_interval(one.losses[label][:, -1])
        )
        for one in found
        for label in (XAVIER, HE)
    }
    return Part(
        "Xavier's and He's weights do learn: the training loss falls below half of that of guessing",
        tuple(below(number, LEARNED, where) for where, number in numbers.items()),
    )


def fading(book: Learning, long: Learning) -> Part:
    """He's lead over time, as a share of the largest."""
    largest = np.fmax.accumulate(book.lead(), axis=1)
    found = {
        (one.after(place), place == one.looks[-1]): paired_ratio(
            f"He's lead over its largest, {one.after(place)}",
            np.maximum(one.lead()[:, place], 0),
            largest[:, place if one is book else -1],
        )
        for one in (book, long)
        for place in reversed(one.looks)
    }
    earlier = [number for (_, is_end), number in found.items() if not is_end]
    curves = [
        curve(
            f"rate {one.rate:g}",
            one.updates * one.rate / LEARNING_RATE,
            [mean_interval(column) for column in one.lead().T],
        )
        for one in (book, long)
    ]
    return Part(
        "He's lead over Xavier's fades with long training: below a fifth of the largest is left",
        tuple(below(number, FADED, where) for (where, is_end), number in found.items() if is_end),
        (median("He's largest lead, share of the loss of guessing", largest[:, -1]), *earlier),
        Chart(
            f"updates times the learning rate over {LEARNING_RATE:g}",
            "Xavier's loss minus He's, over guessing's",
            tuple(curves),
            log_x=True,
        ),
    )


def best_accuracy(*found: Learning) -> Part:
    """The best accuracy on the way: how far He's and Xavier's are apart."""
    best = [{label: np.nanmax(own, axis=1) for label, own in one.accuracies.items()} for one in found]
    numbers = {}
    for one, own in zip(found, best, strict=True):
        more, less = (HE, XAVIER) if own[HE].mean() >= own[XAVIER].mean() else (XAVIER, HE)
        numbers[one.when] = paired_difference(
            f"points of best accuracy, {more} minus {less}, {one.when}", own[more], own[less]
        )
    known = [
        measured(f"best accuracy in points, {label}, {one.when}", mean_interval(own[label]))
        for one, own in zip(found, best, strict=True)
        for label in own
    ]
    return Part(
        "initial weights affect the best accuracy reached: He's and Xavier's are more than 0.1 points apart",
        tuple(above(number, MATTERS, where) for where, number in numbers.items()),
        tuple(known),
    )
