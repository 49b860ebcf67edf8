"""A population: members, their numbers, and the groups that share a compiled program."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int, PyTree

from trainwell.core import METRICS, RecipeError
from trainwell.optim import RULES, RuleSpec, Schedule, make_schedule, schedule
from trainwell.training.engine.problem import Problem
from trainwell.training.engine.program import RUNNING, Limits, Parts
from trainwell.training.recipe.recipe import Recipe

MOST_UPDATES = np.iinfo(np.int32).max  # the program counts them in 32 bits
MOST_OBSERVATIONS = 1_000_000


@dataclass(frozen=True)
class Points:
    """Updates after which a member is observed: `first`, then every `every`, and at the end, `total`."""

    first: int
    every: int
    total: int

    @classmethod
    def of(cls, recipe: Recipe, steps_per_epoch: int) -> "Points":
        """The points of a recipe: after each epoch unless it says otherwise."""
        every = recipe.observe_every or steps_per_epoch
        first = every if recipe.observe_first is None else recipe.observe_first
        total = recipe.steps or max(1, round(recipe.epochs * steps_per_epoch))
        if total > MOST_UPDATES:
            raise RecipeError(f"{total:.3g} updates are too many: at most {MOST_UPDATES:,} can be counted")
        if total // every > MOST_OBSERVATIONS:
            raise RecipeError(f"{total // every:,} observations are too many to keep: set a larger observe_every")
        return cls(min(first, total), every, total)

    @property
    def count(self) -> int:
        """Number of observations of a member that trains to the end."""
        return len(self.steps)

    @cached_property
    def steps(self) -> Int[np.ndarray, " T"]:
        """All points, ascending."""
        regular = np.arange(self.first, self.total + 1, self.every)
        return regular if regular[-1] == self.total else np.append(regular, self.total)

    def at_share(self, share: float) -> int:
        """The first observation's update at or after a share of the budget."""
        return int(self.steps[np.searchsorted(self.steps, share * self.total - 1e-9)])

    def segments(
        self, step: int, num_steps: int, num_segments: int, observed: int
    ) -> tuple[Int[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
        """Cut the updates from `step` on at the points.

        Args:
            step: updates done so far.
            num_steps: most updates to do.
            num_segments: most pieces to cut into.
            observed: observations made so far.

        Returns:
            Length of each piece, and whether it ends with an observation.
        """
        stop = min(step + num_steps, self.total)
        ends = self.steps[observed : observed + num_segments]
        ends = ends[ends <= stop]
        observes = np.ones(len(ends), bool)
        if len(ends) < num_segments and stop > (ends[-1] if len(ends) else step):
            ends, observes = np.append(ends, stop), np.append(observes, False)
        return np.diff(ends, prepend=step).astype(np.int32), observes


TRIED = 101  # times over the run at which a schedule is tried beforehand


@dataclass(frozen=True)
class Member:
    """One network of a population."""

    recipe: Recipe
    seed: int


@dataclass(frozen=True, eq=False)
class Entry:
    """A member with all that the engine needs to train it.

    Attributes:
        index: position in the population.
        member: recipe and seed.
        problem: what it minimises.
    """

    index: int
    member: Member
    problem: Problem

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        return self.member.recipe

    @property
    def rule(self) -> RuleSpec:
        """Its update rule."""
        return RULES[self.recipe.optimizer]

    @cached_property
    def points(self) -> Points:
        """When it is observed."""
        return Points.of(self.recipe, self.problem.steps_per_epoch)

    @cached_property
    def tracks_best(self) -> str | None:
        """The observed name that early stopping watches, if it does."""
        watches = self.recipe.keeps_best or self.recipe.patience is not None
        return f"{self.problem.metric}/validation" if watches else None

    @cached_property
    def hyper(self) -> dict[str, float]:
        """The rule's own numbers, the learning rate aside: the recipe's, else the rule's defaults."""
        given = {name: self.recipe.number(name) for name in self.rule.hyperparameters}
        return {name: self.rule.hyperparameters[name] if value is None else value for name, value in given.items()}

    @property
    def structural(self) -> tuple[tuple[str, Any], ...]:
        """Those of them that its program depends on; of a user's rule all that the recipe leaves open."""
        rule = self.rule
        open_ones = {name for name in rule.hyperparameters if rule.own and self.recipe.number(name) is None}
        return tuple((name, self.hyper[name]) for name in sorted(rule.structural | open_ones))

    def limits(self, dtype: Any) -> Limits:
        """Its numbers outside the loss and the rule, as arrays of the parameters' dtype."""
        recipe = self.recipe
        return Limits(
            patience=np.asarray(recipe.patience or np.iinfo(np.int32).max, np.int32),
            sign=np.asarray(-METRICS[self.problem.metric].sign, dtype),
            clip_norm=np.asarray(recipe.clip_norm or 0.0, dtype),
            gradient_tolerance=np.asarray(recipe.gradient_tolerance or 0.0, dtype),
            layer_learning_rates=np.asarray(recipe.layer_learning_rates or (1.0,), dtype),
        )

    def learning_rates(self, first: int, count: int) -> Float[np.ndarray, " count"]:
        """The learning rate of the updates `first` to `first + count - 1`."""
        base = self.rule.default_learning_rate if self.recipe.learning_rate is None else self.recipe.learning_rate
        return base * self._schedule((first + np.arange(count)) / self.problem.steps_per_epoch)

    @cached_property
    def _schedule(self) -> Schedule:
        recipe = self.recipe
        given = {name: getattr(recipe, f"schedule_{name}") for name in schedule(recipe.schedule).parameters}
        epochs = self.points.total / self.problem.steps_per_epoch
        made = make_schedule(
            recipe.schedule,
            epochs,
            recipe.warmup_epochs,
            recipe.schedule_stepwise,
            **{name: value for name, value in given.items() if value is not None},
        )
        made(np.linspace(0, epochs, TRIED))  # a user's that goes wrong late is refused now, not in the middle of work
        return made


@dataclass
class Lane:
    """A member in training, on the host's side."""

    entry: Entry
    seen: list[dict[str, np.ndarray]] = field(default_factory=list)  # one per chunk
    observed: int = 0
    step: int = 0
    status: int = RUNNING
    seconds: float = 0.0
    snapshots: list[tuple[int, PyTree]] = field(default_factory=list)  # update and parameters, as they were asked for

    @property
    def over(self) -> bool:
        """Whether it has nothing left to do."""
        return self.status != RUNNING or self.observed >= self.entry.points.count

    def history(self, until: int | None = None) -> dict[str, np.ndarray]:
        """All that was observed, by name; on request only up to an update."""
        seen_at = np.minimum(self.entry.points.steps[: self.observed], self.step)  # one that settled was seen there
        count = None if until is None else int(np.searchsorted(seen_at, until, side="right"))
        names = self.seen[0] if self.seen else {}
        return {name: np.concatenate([chunk[name] for chunk in self.seen])[:count] for name in names}

    def restore(self, seen: dict[str, np.ndarray], *, step: int, observed: int, status: int, seconds: float) -> None:
        """Go on from where a checkpoint was taken."""
        self.seen, self.step, self.observed, self.status, self.seconds = [seen], step, observed, status, seconds


@dataclass(frozen=True, eq=False)
class Result:
    """A member after training.

    Attributes:
        entry: the member.
        params: final parameters, or those of the best observation if the recipe restores them.
        carry: running statistics that belong to them.
        status: RUNNING (trained to the end), STOPPED (by its patience), DIVERGED, PRUNED or SETTLED.
        steps: updates done.
        best_step: update whose parameters these are.
        seen: observed values by name, one entry per observation.
        seconds: that its chunks took; a share of its block's.
        snapshots: updates at which they were asked for, ascending, and the parameters then.
    """

    entry: Entry
    params: PyTree
    carry: PyTree
    status: int
    steps: int
    best_step: int
    seen: dict[str, np.ndarray]
    seconds: float
    snapshots: tuple[tuple[int, PyTree], ...] = ()

    @property
    def observed_steps(self) -> np.ndarray:
        """Updates done at each observation; that of a member that settled was made where it did."""
        count = len(next(iter(self.seen.values()), ()))
        return np.asarray(np.minimum(self.entry.points.steps[:count], self.steps))


@dataclass(frozen=True, eq=False)
class Group:
    """Members whose training is one compiled program."""

    problem: Problem
    parts: Parts
    entries: tuple[Entry, ...]


def group(entries: Sequence[Entry], *, mixes: Callable[[Problem], bool], rules: Collection[str] = ()) -> list[Group]:
    """Sort members into groups of equal structure.

    Args:
        entries: all members.
        mixes: whether the lecture's rules share a problem's program, each member's picked by its index. That
            is as fast member by member; side by side under `vmap` every member would pay for all rules.
        rules: names of rules to put into shared programs beside those of the members.

    Returns:
        The groups, in the order of their first members.
    """
    found: dict[Any, list[Entry]] = {}
    data = [entry.problem.data for entry in entries]  # held, so that no two share an identity
    for entry, own in zip(entries, data, strict=True):
        spec, recipe = entry.rule, entry.recipe
        shared = mixes(entry.problem) and _shares_program(spec)
        extras = (
            recipe.clip_norm is not None,
            recipe.layer_learning_rates is not None,
            entry.tracks_best,
            recipe.gradient_tolerance is not None,
            entry.structural,
        )
        found.setdefault((entry.problem.structure, id(own), None if shared else spec.name, extras), []).append(entry)
    groups = []
    beside = {name for name in rules if _shares_program(RULES[name])}
    for (*_, alone, extras), members in found.items():
        names = {entry.recipe.optimizer for entry in members} | (beside if alone is None else set())
        groups.append(Group(members[0].problem, Parts(tuple(sorted(names)), *extras), tuple(members)))
    return groups


def _shares_program(spec: RuleSpec) -> bool:
    return spec.shares_slots and not spec.needs_lookahead
