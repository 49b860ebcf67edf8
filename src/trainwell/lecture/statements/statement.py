"""A statement of the lecture: its design, written before measuring, and the code that measures it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np

from trainwell.core import cache_folder, sha256
from trainwell.data import Dataset
from trainwell.lecture.book import BookData, Run
from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.experiment import Part, Size
from trainwell.lecture.figures.study import Asked, Begin, keys_of, train_asked, work_of
from trainwell.lecture.measuring import best_rate, final
from trainwell.training import Recipe, Runs, Trained, Weights, train_each

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class Design:
    """How a statement is tested, in plain words, written before the full measurement.

    Attributes:
        varied: what differs between the runs that are compared.
        fixed: what they have in common.
        measured: what is observed in each run.
        criterion: when the statement counts as true, with the reasons for bounds that are choices.
        conditions: what is swept, to find where the statement stops being true.
        precision: the interval width to reach; first and largest number of seeds or starts.
        untested: parts of the statement that are not tested.
    """

    varied: str
    fixed: str
    measured: str
    criterion: str
    conditions: str
    precision: str
    untested: str = ""


@dataclass(frozen=True, eq=False)
class Setup:
    """Everything that a statement is measured with.

    Attributes:
        size: `full` or `small`.
        book: data to train on instead of MNIST; None is MNIST, loaded when it is first needed.
        fresh: train networks of earlier calls again.
        checkpoints: folder to resume training from, see `train`.
        begin: called when a training starts, see `make_figures`.
    """

    size: Size = "full"
    book: BookData | None = None
    fresh: bool = False
    checkpoints: Path | None = None
    begin: Begin | None = field(default=None, repr=False)

    @cached_property
    def data(self) -> BookData:
        """The data to train on.

        Raises:
            DataError: MNIST cannot be read.
        """
        return self.book or BookData.load()

    def of(self, full: T, small: T) -> T:
        """The value for this size."""
        return full if self.size == "full" else small

    def train(self, asked: Sequence[Asked]) -> list[Runs]:
        """Train networks as one population, or read those that an earlier call has trained.

        Args:
            asked: for each network its data, recipe and seed.

        Returns:
            Populations of one network each, in the same order.

        Raises:
            RecipeError: a recipe does not fit its data.
            Interrupted: Ctrl-C; the chunks under way were finished and kept.
        """
        cache, checkpoints = cache_folder() / "lecture", self._folder(asked)
        return train_asked(asked, cache, fresh=self.fresh, checkpoints=checkpoints, begin=self.begin)

    def train_whole(self, asked: Sequence[Asked], initial: Sequence[Weights | None] | None = None) -> list[Trained]:
        """Train networks and return their parameters. Unlike those of `train` they are not cached.

        Args:
            asked: see `train`.
            initial: initial weights of each, see `trainwell.train`; None draws them.
        """
        own = [(dataset, run.recipe, run.seed) for dataset, run in asked]
        progress = self.begin(work_of(own)) if self.begin else None
        return train_each(own, initial=initial, checkpoints=self._folder(asked), progress=progress)

    def _folder(self, asked: Sequence[Asked]) -> Path | None:
        """A checkpoint folder for one population; a statement may train several."""
        if self.checkpoints is None:
            return None
        folder = self.checkpoints / sha256("".join(keys_of(asked)).encode())[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def train_each(
        self, dataset: Dataset, contenders: Mapping[str, Recipe], seeds: Iterable[int]
    ) -> dict[str, list[Runs]]:
        """Train contenders on one data set, each with every seed.

        With the same seed, contenders have the same initial weights (up to their scale) and batches.

        Returns:
            Label -> one population of one network per seed.
        """
        asked = [(dataset, Run(label, recipe, seed)) for label, recipe in contenders.items() for seed in seeds]
        found: dict[str, list[Runs]] = {label: [] for label in contenders}
        for (_, run), runs in zip(asked, self.train(asked), strict=True):
            found[run.label].append(runs)
        return found

    def train_all(self, wanted: Mapping[K, tuple[Dataset, Recipe]], seeds: Iterable[int]) -> dict[K, list[Runs]]:
        """Train recipes, each on its own data, with every seed: key -> one network per seed."""
        chosen = list(seeds)
        asked = [(dataset, Run("", recipe, seed)) for dataset, recipe in wanted.values() for seed in chosen]
        found = iter(self.train(asked))
        return {key: [next(found) for _ in chosen] for key in wanted}

    def tuned(
        self,
        dataset: Dataset,
        contenders: Mapping[str, Recipe | Sequence[Recipe]],
        rates: Sequence[float],
        seeds: Iterable[int],
        name: str = "loss/training",
    ) -> tuple[dict[str, Recipe], dict[str, str]]:
        """Give each contender its best learning rate, chosen with separate seeds.

        Args:
            dataset: the data to train on.
            contenders: label -> recipe; of several recipes the best one is taken with its best rate.
            rates: learning rates to try, the same for all.
            seeds: other seeds than those used to compare the contenders later.
            name: quantity of the trace whose mean final value is minimized.

        Returns:
            Label -> recipe, and label -> why a rate beyond the grid may be better (empty if not).
        """
        variants = {label: [own] if isinstance(own, Recipe) else list(own) for label, own in contenders.items()}
        tried = {
            (label, i, rate): (dataset, one.evolve(learning_rate=rate))
            for label, own in variants.items()
            for i, one in enumerate(own)
            for rate in rates
        }
        costs = {key: final(runs, name, diverged=np.inf) for key, runs in self.train_all(tried, seeds).items()}
        recipes, doubts = {}, {}
        for label, own in variants.items():
            best = {
                i: best_rate({rate: costs[label, i, rate] for rate in rates}, summary=np.mean) for i in range(len(own))
            }
            first = min(best, key=lambda i: costs[label, i, best[i][0]].mean())
            rate, doubts[label] = best[first]
            recipes[label] = tried[label, first, rate][1]
        return recipes, doubts


def seeds_enough(measure: Callable[[range], T], is_precise: Callable[[T], bool], first: int, most: int) -> T:
    """Measure with more and more seeds until the intervals are narrow enough.

    Only the width of intervals may decide when to stop, never their side of a bound: that would raise the rate of false
    findings.

    Args:
        measure: seeds -> measurement.
        is_precise: whether a measurement is precise enough.
        first: number of seeds to begin with; doubled until precise.
        most: largest number of seeds.

    Example:
        >>> seeds_enough(len, lambda found: found > 30, first=10, most=100)
        40
    """
    while not is_precise(found := measure(range(first))) and first < most:
        first = min(2 * first, most)
    return found


@dataclass(frozen=True, repr=False)
class Statement:
    """A statement of the lecture.

    Attributes:
        id: ID in the lecture, such as `C-14`.
        design: how it is tested.
        advice: what it means in practice, as far as it holds.
        run: measures its claims.
        trains: whether it trains on MNIST, or on the data that replace it.
    """

    id: str
    design: Design
    advice: str
    run: Callable[[Setup], tuple[Part, ...]]
    trains: bool = False

    def __repr__(self) -> str:
        return f"{self.id}: {self.text}"

    @property
    def text(self) -> str:
        """What the statement says."""
        return CONTENTS[self.id]
