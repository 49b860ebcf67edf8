"""What fits into a search's time limit: how many trials next, and how much of the final training; and what did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from trainwell.search.tuning.plan import TRIALS, Plan

SEARCH_SHARE = 0.75  # share of the time limit for trials where the best recipes are trained again
COMPILE_SECONDS, FLOPS = 3.0, 1e10  # of a program, and per second, on one core: a guess until trials are measured
FIRST_SHARE = 0.25  # of the time left that the first trials may take by this guess
LATER_SHARE = 0.8  # of the time left that later ones may take by what is measured
REFIT_SHARE = 0.8  # of the time left that the final training may take; saving and reporting need some of it


def search_share(plan: Plan) -> float:
    """The share of the time limit that trials may use."""
    return SEARCH_SHARE if plan.refit_recipes else 1.0


@dataclass
class Pace:
    """How fast trials are trained.

    Attributes:
        guess: estimated seconds of a trial before any is measured.
        jobs: number of networks trained side by side.
        trials: number of trials trained so far.
        seconds: that they took, compiling included.
        training: seconds of them without compiling.
        flops: floating-point operations done in this time.
    """

    guess: float
    jobs: int = 1
    trials: int = 0
    seconds: float = 0.0
    training: float = 0.0
    flops: float = 0.0

    @classmethod
    def guessed(cls, members: Sequence[float], jobs: int) -> "Pace":
        """The guess for trials with members of so many floating-point operations each."""
        return cls(sum(COMPILE_SECONDS + work / FLOPS for work in members) / jobs, jobs)

    def add(self, shares: Sequence[float], work: Sequence[float], seconds: float, training: float) -> None:
        """Take in a trained batch.

        Args:
            shares: how much of its full training each trial had, from 0 to 1.
            work: floating-point operations of each trial's full training.
            seconds: wall-clock time of the batch.
            training: the part of it after compiling.
        """
        self.trials, self.seconds = self.trials + len(shares), self.seconds + seconds
        self.training += training
        self.flops += sum(share * flops for share, flops in zip(shares, work, strict=True))

    @property
    def each(self) -> float:
        """Seconds of a trial."""
        return self.seconds / self.trials if self.trials else self.guess

    def trials_in(self, left: float) -> int:
        """How many trials can be trained in the time left; of the first ones as many as run side by side at least."""
        if not self.trials:
            return max(int(FIRST_SHARE * left / self.guess), self.jobs)
        return max(int(LATER_SHARE * left / self.each), 0)

    def refit_in(self, left: float, work: Sequence[float], recipes: int, seeds: int) -> tuple[int, int]:
        """The number of recipes and of seeds that can be trained to the end in the time left.

        Fewer recipes come before fewer seeds; (0, 0) if nothing fits.

        Args:
            left: seconds left.
            work: floating-point operations of one seed of each recipe, best recipe first.
            recipes: number of recipes wanted.
            seeds: number of seeds wanted.
        """
        fits = REFIT_SHARE * left * self.flops / max(self.training, 1e-9)
        options = [*((r, seeds) for r in range(recipes, 0, -1)), *((1, s) for s in range(seeds - 1, 0, -1))]
        return next(((r, s) for r, s in options if sum(work[:r]) * s <= fits), (0, 0))


def search_words(
    plan: Plan, trials: int, pace: Pace, cut: Sequence[float] = (), *, exhausted: bool = False
) -> list[str]:
    """Notices on what the time limit left out of the search.

    Args:
        plan: with a time limit.
        trials: number of all trials of the search.
        pace: how fast they were.
        cut: of each trial that the time limit cut off, the share of its training that it had.
        exhausted: whether every recipe of the space was tried, so that there is nothing left to try.
    """
    wanted, found = plan.trials or TRIALS, []
    if trials < wanted and pace.trials and not exhausted:
        enough = wanted * pace.each / search_share(plan)
        time = f"{ceil(enough / 60)}m" if enough > 90 else f"{ceil(enough)}"
        early = ", before its first round was complete, so no range was narrowed"
        found.append(
            f"the time limit ended the search after {trials} trial{'s' if trials > 1 else ''}"
            f"{early if trials < plan.trials_per_round else ''}; {wanted} trials of this size need a "
            f"time limit (--time) of about {time}"
        )
    if cut:
        shares = " to ".join(dict.fromkeys(f"{share:.0%}" for share in (min(cut), max(cut))))
        found.append(
            f"the time limit cut off {len(cut)} trial{'s' if len(cut) > 1 else ''} after {shares} of the training"
        )
    return found


def few_words(plan: Plan, complete: int) -> list[str]:
    """A notice if some recipes were trained to the end, but fewer than the plan asks to train again."""
    if not 0 < complete < plan.refit_recipes:
        return []
    return [f"only {complete} of {plan.refit_recipes} recipes can be trained again: no others were trained to the end"]


def refit_words(plan: Plan, recipes: int, seeds: int, wanted: int) -> list[str]:
    """A notice if the time limit left less than the plan's final training, of `wanted` recipes."""
    if not recipes:
        return ["no time was left to train the best recipes again: scores are those of the search, and flatter"]
    if (recipes, seeds) == (wanted, plan.refit_seeds):
        return []
    which = f"{recipes} of the {wanted} best recipes" if wanted > 1 else "the best recipe"
    fewer = f", with {seeds} of {plan.refit_seeds} fresh seeds" if seeds < plan.refit_seeds else ""
    return [f"the time limit left time to train only {which} again{fewer}"]
