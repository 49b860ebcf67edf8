"""The book's figures on MNIST: what each trains (recipes and seeds), on which images, and what is observed.

Common to all, as in the book: hidden layers of 100 ReLU units, pixels divided by 255 and not standardised, batches
drawn with replacement. Of a figure over epochs, point k (from 0) is taken after 1 + k·(N/B) updates. Any data set with
classes can stand in for MNIST; sizes then come from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Int

from trainwell.core import stream
from trainwell.data import IMAGE_SETS, Dataset, Split, load_data
from trainwell.lecture.experiment import LectureError
from trainwell.training import Recipe

Evaluation: TypeAlias = Literal["none", "test", "held out", "unused"]
"""What is evaluated on beside the training images: nothing, the test images, a share of them held out, or training
images that the figure does not use (of one that uses all, a sixth is held out)."""
Fields: TypeAlias = dict[str, Any]

WIDTH = 100
LEARNING_RATE = 0.01
ADAM_LEARNING_RATE = 0.001
MOMENTUM, BETA1, BETA2, EPS = 0.9, 0.9, 0.999, 1e-7
BATCH_NORM: Fields = {
    "batch_norm": True,
    "batch_norm_eps": 1e-6,
    "batch_norm_momentum": 0.9,
    "batch_norm_initial_variance": 0.0,
}
HE: Fields = {"initialization": "he"}
"""Of F-6-18, too, whose standard deviation the documents do not give: with √(2/n) both learn, with batch norm sooner,
as in the original. (Below 0.1 nothing is learned without batch norm in 20 epochs, above 0.13 it is the slower one.)"""
STDS = tuple(float(std) for std in np.logspace(0, -4, 16))
L2_PENALTY = 0.1
DROPOUT_RATE = 0.15
TRIALS, BEST_TRIALS = 100, 20
HELD_OUT = 0.2
MOST_UNUSED = 10_000
L2_EXPONENTS, RATE_EXPONENTS = (-8.0, -4.0), (-6.0, -2.0)
TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}

SGD: Fields = {"optimizer": "sgd", "learning_rate": LEARNING_RATE}
OPTIMIZERS: dict[str, Fields] = {
    "SGD": SGD | HE,
    "momentum": HE | {"optimizer": "momentum_step", "learning_rate": LEARNING_RATE, "momentum": MOMENTUM},
    "AdaGrad": HE | {"optimizer": "adagrad", "learning_rate": LEARNING_RATE, "eps": EPS},
    "Adam": HE
    | {
        "optimizer": "adam_folded",
        "learning_rate": ADAM_LEARNING_RATE,
        "beta1": BETA1,
        "beta2": BETA2,
        "eps": EPS,
    },
}


@dataclass(frozen=True, eq=False)
class BookData:
    """MNIST, or what stands in for it: the rows to train on in the order in which they are taken, and the test split.

    Attributes:
        everything: all rows to train on, nothing to validate on, and the test split, closed.
        title: as a reader knows it.
        published: whether the order of the rows is that of their publisher; otherwise they were shuffled.
    """

    everything: Dataset
    title: str
    published: bool
    _made: dict[Any, Dataset] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, source: str = "mnist", **options: Any) -> "BookData":
        """Load a data set.

        Args:
            source: see `load_data`.
            **options: further arguments of `load_data`, except those that split.

        Raises:
            DataError: see `load_data`.
            LectureError: the data have no classes.
        """
        published = source in IMAGE_SETS
        # One row is the least that can be split off; it is put back.
        loaded = load_data(source, validation=1, split="file order" if published else "stratified", **options)
        if loaded.task != "classification":
            raise LectureError(f"{loaded.name} is for regression, and the figures need classes: try digits")
        parts = (loaded.training, loaded.validation)
        whole = Split(*(np.concatenate([getattr(p, a) for p in parts]) for a in ("inputs", "targets", "weights")))
        order = np.arange(len(whole)) if published else stream(0, "split").permutation(len(whole))
        rows = replace(loaded, training=whole.at(order), validation=_none_of(whole), _own_weights=None)
        return cls(rows, TITLES.get(source, loaded.name), published)

    @property
    def noun(self) -> str:
        """What a row is."""
        return "images" if self.everything.training.inputs.dtype == np.uint8 else "rows"

    def part(self, images: int | None, evaluation: Evaluation, seed: int = 0) -> Dataset:
        """The first rows to train on, and what is evaluated on as the validation split.

        Its test split is empty: where the test images are evaluated on, none are left untouched.

        Args:
            images: how many; None, or more than there are, for all.
            evaluation: on what.
            seed: of the rows that are held out; it matters to nothing else.

        Returns:
            A data set whose name says all this; the same object for the same arguments.
        """
        whole = self.everything.training
        count = len(whole) if images is None else min(images, len(whole))
        key = (count, evaluation, seed if evaluation == "held out" else None)
        if key not in self._made:
            self._made[key] = self._part(count, evaluation, seed)
        return self._made[key]

    def _part(self, count: int, evaluation: Evaluation, seed: int) -> Dataset:
        whole, untouched = self.everything.training, self.everything.open_test_split()
        training, validation = whole.at(np.arange(count)), _none_of(whole)
        name, said = f"{self.title}, {self._used(count)}", self.everything.notices
        if evaluation == "test":
            validation, name = untouched, f"{name}, evaluated on its test {self.noun}"
            said += (f"the test {self.noun} are evaluated on while training, as in the book: none are left untouched",)
        if evaluation == "held out":
            kept, held_out = _held_out(count, seed)
            training, validation = training.at(kept), training.at(held_out)
            name = f"{name}, shuffled, {len(held_out):,} of them for validation"
        if evaluation == "unused":
            count = count if count < len(whole) else max(1, len(whole) - len(whole) // 6)
            training = whole.at(np.arange(count))
            validation = whole.at(np.arange(count, min(len(whole), count + MOST_UNUSED)))
            another = "the next" if self.published else "another"
            name = f"{self.title}, {self._used(count)}, {another} {len(validation):,} for validation"
        return replace(
            self.everything,
            name=name,
            training=training,
            validation=validation,
            notices=said,
            validates_on_test=evaluation == "test",
            _test=_none_of(whole),
        )

    def _used(self, count: int) -> str:
        """Which rows are trained on, in words."""
        if count == len(self.everything.training):
            return f"all {count:,} training {self.noun}"
        return f"first {count:,} {self.noun}" if self.published else f"{count:,} {self.noun}"


def _none_of(split: Split) -> Split:
    return split.at(np.arange(0))


def _held_out(count: int, seed: int) -> tuple[Int[np.ndarray, " n"], Int[np.ndarray, " v"]]:
    """Rows to train on and rows held out, shuffled."""
    order = stream(seed, "held out").permutation(count)
    size = max(1, round(HELD_OUT * count))
    return order[size:], order[:size]


@dataclass(frozen=True)
class Run:
    """One network of a figure: its label, how it is trained, and its own seed."""

    label: str
    recipe: Recipe
    seed: int


@dataclass(frozen=True)
class Setting:
    """What a figure trains, on which images, and what is observed.

    Attributes:
        id: the lecture's.
        hidden: number of hidden layers.
        batch_size: B.
        images: the first so many training images; None for all.
        evaluation: what is evaluated on beside them.
        points: observations: of epochs, or of updates.
        over: what the points are of.
        contenders: label -> fields of the recipe, in the figure's order; a function of the seed where they are drawn.
        shown: what a curve shows, in the words of its label -> its name in the trace.
    """

    id: str
    hidden: int
    batch_size: int
    images: int | None
    evaluation: Evaluation
    points: int
    over: Literal["updates", "epochs"]
    contenders: Mapping[str, Fields] | Callable[[int], Mapping[str, Fields]]
    shown: Mapping[str, str]

    def data(self, data: BookData, seed: int = 0) -> Dataset:
        """What one seed trains on; the same for all seeds unless some of the images are held out."""
        return data.part(self.images, self.evaluation, seed)

    def runs(self, dataset: Dataset, seed: int = 0) -> list[Run]:
        """All networks of one seed.

        Args:
            dataset: what they train on, as `data` gives it.
            seed: contenders share it, and with it initial weights (up to their scale) and batches; trials drawn at
                random do not: each has its own, seed · 100 + trial.

        Returns:
            The contenders in the figure's order.

        Example:
            >>> data = BookData.load("digits")
            >>> [run.label for run in BOOK["F-6-9"].runs(BOOK["F-6-9"].data(data))]
            ['SGD', 'momentum', 'AdaGrad', 'Adam']
        """
        common = self._common(dataset)
        if callable(self.contenders):
            drawn = self.contenders(seed).items()
            return [Run(label, Recipe(**common, **own), TRIALS * seed + i) for i, (label, own) in enumerate(drawn)]
        return [Run(label, Recipe(**common, **own), seed) for label, own in self.contenders.items()]

    def _common(self, dataset: Dataset) -> dict[str, Any]:
        training = dataset.training
        every = 1 if self.over == "updates" else max(1, len(training) // min(self.batch_size, len(training)))
        return {
            "hidden": (WIDTH,) * self.hidden,
            "inputs": "none" if _is_scaled(training) else "standardize",
            "batch_size": self.batch_size,
            "batches": "replacement",
            "steps": 1 + (self.points - 1) * every,
            "observe_first": 1,
            "observe_every": every,
            "observe_batch": self.over == "updates",
            "observe_training": 1 if self.over == "updates" else len(training),
        }


def _is_scaled(split: Split) -> bool:
    """Whether inputs are bytes, which are taken as fractions of 255, or fractions already."""
    inputs = split.inputs
    return inputs.dtype == np.uint8 or bool(inputs.min() >= 0 and inputs.max() <= 1)


def normal(std: float) -> Fields:
    """Fields of a recipe with normal initial weights of a standard deviation (T-INIT-1)."""
    return {"initialization": "normal", "weight_std": std}


def _both(initial: Fields, prefix: str = "") -> dict[str, Fields]:
    """With and without batch norm, from the same initial weights."""
    plain = SGD | initial
    return {f"{prefix}batch norm": plain | BATCH_NORM, f"{prefix}no batch norm": plain}


def random_trials(seed: int) -> dict[str, Fields]:
    """F-6-24's trials in the order in which they are drawn: penalty and learning rate, uniform in their exponents."""
    low, high = np.transpose([L2_EXPONENTS, RATE_EXPONENTS])
    drawn = 10.0 ** stream(seed, "trials").uniform(low, high, (TRIALS, 2))
    return {
        f"trial {i + 1}": SGD | HE | {"l2_penalty": penalty, "learning_rate": rate}
        for i, (penalty, rate) in enumerate(drawn.tolist())
    }


_LOSS = {"training loss": "loss/last_batch"}
_TRAINING = {"training accuracy": "accuracy/training"}
_TEST = {**_TRAINING, "test accuracy": "accuracy/validation"}
_VALIDATION = {"validation accuracy": "accuracy/validation", **_TRAINING}
INITIALIZATIONS: dict[str, Fields] = {
    "std 0.01": SGD | normal(0.01),
    "Xavier": SGD | {"initialization": "xavier"},
    "He": SGD | HE,
}
_STDS = {label: fields for std in STDS for label, fields in _both(normal(std), f"std {std:.3g}, ").items()}
_DROPOUT: dict[str, Fields] = {
    "no dropout": SGD | HE,
    f"dropout {DROPOUT_RATE}": SGD | HE | {"dropout_rate": DROPOUT_RATE, "dropout": "lecture"},
}
_SETTINGS = (
    Setting("F-6-9", 4, 128, None, "none", 2000, "updates", OPTIMIZERS, _LOSS),
    Setting("F-6-15", 4, 128, None, "none", 2000, "updates", INITIALIZATIONS, _LOSS),
    Setting("F-6-18", 5, 100, 1000, "none", 20, "epochs", _both(HE), _TRAINING),
    Setting("F-6-19", 5, 100, 1000, "none", 20, "epochs", _STDS, _TRAINING),
    Setting("F-6-20", 6, 100, 300, "test", 201, "epochs", {"no weight decay": SGD | HE}, _TEST),
    Setting(
        "F-6-21", 6, 100, 300, "test", 201, "epochs", {"weight decay 0.1": SGD | HE | {"l2_penalty": L2_PENALTY}}, _TEST
    ),
    Setting("F-6-23", 6, 100, 300, "test", 301, "epochs", _DROPOUT, _TEST),
    Setting("F-6-24", 6, 100, 500, "held out", 50, "epochs", random_trials, _VALIDATION),
)
BOOK = {setting.id: setting for setting in _SETTINGS}
"""ID -> what the figure trains."""
