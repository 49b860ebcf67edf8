"""The rows of each batch, shuffled per epoch or drawn with replacement, and when members are observed."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from trainwell.core import RecipeError, stream
from trainwell.training.recipe.training_settings import TrainingSettings

BLOCK_ROWS = 1 << 16  # rows per draw: few random generators to create, little memory (256 KiB)

MOST_UPDATES = np.iinfo(np.int32).max  # the program counts them in 32 bits
MOST_OBSERVATIONS = 1_000_000


@dataclass(frozen=True)
class Order:
    """Computes the rows of every batch.

    Attributes:
        num_rows: examples in the training split, N.
        batch_size: B, at most N.
        batches: "shuffle" uses each row once per epoch, "replacement" draws rows independently, "full" uses all
            rows, in order, in every update.
        last_batch: "keep" makes a short batch of an epoch's last N mod B rows, padded with -1; "drop" leaves them
            out. With "replacement" an epoch is N // B updates.
    """

    num_rows: int
    batch_size: int
    batches: Literal["shuffle", "replacement", "full"] = "shuffle"
    last_batch: Literal["keep", "drop"] = "keep"

    @property
    def ragged(self) -> bool:
        """Whether some batches are short."""
        return self.batches == "shuffle" and self.last_batch == "keep" and self.num_rows % self.batch_size > 0

    @property
    def steps_per_epoch(self) -> int:
        """Updates per epoch."""
        return self.num_rows // self.batch_size + self.ragged

    def rows(self, seed: int, first: int, count: int) -> Int[np.ndarray, "count B"]:
        """Row indices of the updates `first` to `first + count - 1`; -1 pads a short batch."""
        if self.batches == "full":
            return np.tile(np.arange(self.num_rows, dtype=np.int32), (count, 1))
        steps = self._steps_per_block()
        blocks = range(first // steps, (first + count - 1) // steps + 1)
        block_of = _block_of_many if self.num_rows <= BLOCK_ROWS else _block_of_few
        drawn = np.concatenate([block_of(self, seed, block) for block in blocks])
        start = first - blocks[0] * steps
        return drawn[start : start + count]

    def _epochs_per_block(self) -> int:
        return max(1, BLOCK_ROWS // (self.steps_per_epoch * self.batch_size))

    def _steps_per_block(self) -> int:
        return self._epochs_per_block() * self.steps_per_epoch


def _block(order: Order, seed: int, block: int) -> Int[np.ndarray, "steps B"]:
    """The rows of several whole epochs, drawn together."""
    rng = stream(seed, "order", block)
    epochs, steps, size = order._epochs_per_block(), order.steps_per_epoch, order.batch_size
    if order.batches == "replacement":
        return rng.integers(0, order.num_rows, (epochs * steps, size), np.int32)
    rows = np.full((epochs, steps * size), -1, np.int32)
    every = np.tile(np.arange(order.num_rows, dtype=np.int32), (epochs, 1))
    used = min(order.num_rows, steps * size)
    rows[:, :used] = rng.permuted(every, axis=1)[:, :used]
    return rows.reshape(epochs * steps, size)


# Cached because members share seeds. Long epochs take much memory, so few of them are kept: about one per thread.
_block_of_many, _block_of_few = lru_cache(maxsize=128)(_block), lru_cache(maxsize=4)(_block)


@dataclass(frozen=True)
class Points:
    """Numbers of updates after which a member is observed: `first`, then every `every`, and `total`, the end."""

    first: int
    every: int
    total: int

    @classmethod
    def of(cls, training: TrainingSettings, steps_per_epoch: int) -> "Points":
        """When a member with these settings is observed: after each epoch by default."""
        every = training.observe_every or steps_per_epoch
        first = every if training.observe_first is None else training.observe_first
        total = training.steps or max(1, round(training.epochs * steps_per_epoch))
        if total > MOST_UPDATES:
            raise RecipeError(f"{total:.3g} updates are too many: the most is {MOST_UPDATES:,}")
        if total // every > MOST_OBSERVATIONS:
            raise RecipeError(f"{total // every:,} observations are too many to keep: set a larger observe_every")
        return cls(min(first, total), every, total)

    @property
    def count(self) -> int:
        """Number of observations of a member that trains to the end."""
        return len(self.steps)

    @cached_property
    def steps(self) -> Int[np.ndarray, " T"]:
        """Updates done at each observation, ascending."""
        regular = np.arange(self.first, self.total + 1, self.every)
        return regular if regular[-1] == self.total else np.append(regular, self.total)

    def at_share(self, share: float) -> int:
        """The update of the first observation at or after a share of the budget."""
        return int(self.steps[np.searchsorted(self.steps, share * self.total - 1e-9)])

    def segments(
        self, step: int, num_steps: int, num_segments: int, observed: int
    ) -> tuple[Int[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
        """Cut the next updates into pieces that end at observations.

        Args:
            step: updates done so far.
            num_steps: maximum number of updates.
            num_segments: maximum number of pieces.
            observed: observations made so far.

        Returns:
            The number of updates of each piece, and whether it ends with an observation.
        """
        stop = min(step + num_steps, self.total)
        ends = self.steps[observed : observed + num_segments]
        ends = ends[ends <= stop]
        observes = np.ones(len(ends), bool)
        if len(ends) < num_segments and stop > (ends[-1] if len(ends) else step):
            ends, observes = np.append(ends, stop), np.append(observes, False)
        return np.diff(ends, prepend=step).astype(np.int32), observes
