"""The book's figures on MNIST: recipes, seeds, images and observations of each.

Common to all, as in the book: hidden layers of 100 ReLU units, pixels divided by 255 and not standardized, batches
drawn with replacement. In figures over epochs, point k (from 0) is observed after 1 + k·(N/B) updates. Any
classification data can replace MNIST; input and output sizes then follow from it.
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
"""The validation split of a figure: none, the test images, a held-out share of its training images, or training images
that it does not use (if it uses all, a sixth is held out)."""
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
"""Also used for F-6-18, whose standard deviation the documents do not give: with √(2/n) both networks learn, the one
with batch norm sooner, as in the original. (Without batch norm, nothing is learned in 20 epochs below 0.1; above 0.13
batch norm is slower.)"""
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
    """MNIST, or the data that replace it: the training rows in their order of use, and the test split.

    Attributes:
        everything: all training rows, an empty validation split, and the test split, not yet read.
        title: name to show.
        published: whether rows are in the published order; otherwise they were shuffled.
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
            LectureError: the data is not for classification.
        """
        published = source in IMAGE_SETS
        # At least one row must be split off; it is put back below.
        loaded = load_data(source, validation=1, split="file-order" if published else "stratified", **options)
        if loaded.task != "classification":
            raise LectureError(f"{loaded.name} is for regression, and the figures need classes: try digits")
        parts = (loaded.training, loaded.validation)
        whole = Split(*(np.concatenate([getattr(p, a) for p in parts]) for a in ("inputs", "targets", "weights")))
        order = np.arange(len(whole)) if published else stream(0, "split").permutation(len(whole))
        rows = replace(loaded, training=whole.at(order), validation=_none_of(whole), _own_weights=None)
        return cls(rows, TITLES.get(source, loaded.name), published)

    @property
    def noun(self) -> str:
        """`images` or `rows`."""
        return "images" if self.everything.training.inputs.dtype == np.uint8 else "rows"

    def part(self, images: int | None, evaluation: Evaluation, seed: int = 0) -> Dataset:
        """A data set of the first training rows with a validation split.

        Its test split is empty, since figures may evaluate on the test images during training.

        Args:
            images: number of training rows; None, or more than exist, for all.
            evaluation: the validation split.
            seed: chooses the held-out rows, nothing else.

        Returns:
            A data set whose name describes it; the same object for the same arguments.
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
        """Description of the training rows."""
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
    """The networks of a figure, their images, and what is observed.

    Attributes:
        id: ID in the lecture.
        hidden: number of hidden layers.
        batch_size: B.
        images: number of training images, taken from the start; None for all.
        evaluation: the validation split.
        points: number of observations.
        over: whether observations count updates or epochs.
        contenders: label -> fields of the recipe, in the figure's order; a function of the seed if drawn at random.
        shown: curve label -> name in the trace.
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
        """The data of one seed; the same for all seeds unless images are held out."""
        return data.part(self.images, self.evaluation, seed)

    def runs(self, dataset: Dataset, seed: int = 0) -> list[Run]:
        """All networks of one seed.

        Args:
            dataset: data to train on, from `data`.
            seed: shared by all contenders, which so have the same initial weights (up to their scale) and batches;
                random trials have their own seeds, seed · 100 + trial.

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
    """Whether inputs are bytes, which are divided by 255, or already between 0 and 1."""
    inputs = split.inputs
    return inputs.dtype == np.uint8 or bool(inputs.min() >= 0 and inputs.max() <= 1)


def normal(std: float) -> Fields:
    """Recipe fields for normally distributed initial weights.

    Source: T-INIT-1.
    """
    return {"initialization": "normal", "weight_std": std}


def _both(initial: Fields, prefix: str = "") -> dict[str, Fields]:
    """With and without batch norm, from the same initial weights."""
    plain = SGD | initial
    return {f"{prefix}batch norm": plain | BATCH_NORM, f"{prefix}no batch norm": plain}


def random_trials(seed: int) -> dict[str, Fields]:
    """The random trials of figure F-6-24, in order: L2 penalty and learning rate, both log-uniform."""
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
"""ID -> setting of the figure."""
