"""What a statement of the lecture is: a design that is written before anything is measured, and what measures it."""

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
from trainwell.lecture.figures.study import Asked, Begin, key_of, train_asked, work_of
from trainwell.lecture.measuring import best_rate, final
from trainwell.training import Recipe, Runs, Trained, Weights, train_each

T = TypeVar("T")
K = TypeVar("K")


@dataclass(frozen=True)
class Design:
    """How a statement is put to the test, in plain words, written before it was measured in full.

    Attributes:
        varied: what differs between what is compared.
        fixed: what is the same.
        measured: what is observed of each.
        criterion: when the statement counts as true; why a bound is what it is, where it is a judgement.
        conditions: what is swept, to see where it stops being true.
        precision: how narrow intervals are to be, from how many seeds or starts, at most how many.
        untested: what the statement names that is not tested.
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
    """What a statement is measured with.

    Attributes:
        size: how much is computed.
        book: what is trained on in place of MNIST; None is MNIST, loaded when it is first needed.
        fresh: whether networks of earlier calls are trained again.
        checkpoints: folder to resume training from, see `train`.
        begin: told the work of each training, see `make_figures`.
    """

    size: Size = "full"
    book: BookData | None = None
    fresh: bool = False
    checkpoints: Path | None = None
    begin: Begin | None = field(default=None, repr=False)

    @cached_property
    def data(self) -> BookData:
        """What is trained on.

        Raises:
            DataError: MNIST cannot be read.
        """
        return self.book or BookData.load()

    def of(self, full: T, small: T) -> T:
        """What the size asks for."""
        return full if self.size == "full" else small

    def train(self, asked: Sequence[Asked]) -> list[Runs]:
        """Train networks as one population, unless they are known from an earlier call.

        Args:
            asked: the data of each, and its recipe and seed.

        Returns:
            Of each a population of one network, in their order.

        Raises:
            RecipeError: a recipe does not fit its data.
            Interrupted: Ctrl-C; the chunks under way were finished and kept.
        """
        found = train_asked(
            asked, cache_folder() / "lecture", fresh=self.fresh, checkpoints=self._folder(asked), begin=self.begin
        )
        return [found[key_of(*one)] for one in asked]

    def train_whole(self, asked: Sequence[Asked], initial: Sequence[Weights | None] | None = None) -> list[Trained]:
        """Train networks whose parameters are needed, which are not kept from call to call; else see `train`.

        Args:
            asked: see `train`.
            initial: what each starts from, see `train` of `trainwell.training`; None for fresh weights.
        """
        own = [(dataset, run.recipe, run.seed) for dataset, run in asked]
        progress = self.begin(work_of(own)) if self.begin else None
        return train_each(own, initial=initial, checkpoints=self._folder(asked), progress=progress)

    def _folder(self, asked: Sequence[Asked]) -> Path | None:
        """A folder for the checkpoints of one population: a statement may train several."""
        if self.checkpoints is None:
            return None
        folder = self.checkpoints / sha256("".join(key_of(*one) for one in asked).encode())[:16]
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def train_each(
        self, dataset: Dataset, contenders: Mapping[str, Recipe], seeds: Iterable[int]
    ) -> dict[str, list[Runs]]:
        """Train contenders on one data set, each with every seed: label -> a population of one network per seed.

        Contenders share seeds, and with them initial weights (up to their scale) and batches.
        """
        asked = [(dataset, Run(label, recipe, seed)) for label, recipe in contenders.items() for seed in seeds]
        found: dict[str, list[Runs]] = {label: [] for label in contenders}
        for (_, run), runs in zip(asked, self.train(asked), strict=True):
            found[run.label].append(runs)
        return found

    def train_all(self, wanted: Mapping[K, tuple[Dataset, Recipe]], seeds: Iterable[int]) -> dict[K, list[Runs]]:
        """Train networks that differ in their data as well, each with every seed: key -> one network per seed."""
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
        """Each contender at its best learning rate, of those tried with seeds of their own.

        Args:
            dataset: what they train on.
            contenders: by label; several recipes are variants, of which the best is taken with its best rate.
            rates: learning rates, the same for all.
            seeds: others than those that the choice is then judged on.
            name: in the trace, of what is to be small on average at last.

        Returns:
            The recipes, and by label why their choice is doubtful: empty, or that the rate is at the end of the grid.
        """
        variants = {label: [own] if isinstance(own, Recipe) else list(own) for label, own in contenders.items()}
        tried = {
            (label, place, rate): (dataset, one.evolve(learning_rate=rate))
            for label, own in variants.items()
            for place, one in enumerate(own)
            for rate in rates
        }
        costs = {key: final(runs, name, diverged=np.inf) for key, runs in self.train_all(tried, seeds).items()}
        recipes, doubts = {}, {}
        for label, own in variants.items():
            best = {
                place: best_rate({rate: costs[label, place, rate] for rate in rates}, summary=np.mean)
                for place in range(len(own))
            }
            place = min(best, key=lambda at: costs[label, at, best[at][0]].mean())
            rate, doubts[label] = best[place]
            recipes[label] = tried[label, place, rate][1]
        return recipes, doubts


def seeds_enough(measure: Callable[[range], T], is_precise: Callable[[T], bool], first: int, most: int) -> T:
    """Measure with more and more seeds until it is precise.

    Only the width of intervals may decide when to stop, never on which side of a bound they are: that would make chance
    findings likelier than their intervals say.

    Args:
        measure: given the seeds.
        is_precise: whether what was measured needs no more of them.
        first: number of seeds to begin with; each look doubles it.
        most: number of seeds at most.

    Example:
        >>> seeds_enough(len, lambda found: found > 30, first=10, most=100)
        40
    """
    while not is_precise(found := measure(range(first))) and first < most:
        first = min(2 * first, most)
    return found


@dataclass(frozen=True)
class Statement:
    """A statement of the lecture.

    Attributes:
        id: of the lecture, such as `C-14`.
        design: how it is put to the test.
        advice: what somebody who trains networks does with it, as far as it holds.
        run: measures its parts.
        trains: whether it trains on MNIST, or the data in place of it.
    """

    id: str
    design: Design
    advice: str
    run: Callable[[Setup], tuple[Part, ...]]
    trains: bool = False

    @property
    def text(self) -> str:
        """What it says."""
        return CONTENTS[self.id]
