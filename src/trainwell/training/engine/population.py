"""A population: members, their numbers, and the groups that share a compiled program."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import METRICS
from trainwell.optim import RULES, RuleSpec, Schedule, make_schedule, schedule
from trainwell.training.engine.points import Points
from trainwell.training.engine.problem import Problem
from trainwell.training.engine.program import Limits, Parts
from trainwell.training.recipe.recipe import Recipe

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
        given = {name: getattr(self.recipe, name, None) for name in self.rule.hyperparameters}
        return {name: self.rule.hyperparameters[name] if value is None else value for name, value in given.items()}

    @property
    def structural(self) -> tuple[tuple[str, Any], ...]:
        """Those of them that its program depends on."""
        return tuple((name, self.hyper[name]) for name in sorted(self.rule.structural))

    @property
    def limits(self) -> dict[str, Any]:
        """The numbers of `Limits`."""
        layers = self.recipe.layer_learning_rates or (1.0,)
        return {
            "patience": np.int32(self.recipe.patience or np.iinfo(np.int32).max),
            "sign": -METRICS[self.problem.metric].sign,
            "clip_norm": self.recipe.clip_norm or 0.0,
            "gradient_tolerance": self.recipe.gradient_tolerance or 0.0,
            "layer_learning_rates": np.asarray(layers),
        }

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


def limits_of(entry: Entry, dtype: Any) -> Limits:
    """A member's `Limits` as arrays of the parameters' dtype."""
    cast: Mapping[str, Any] = {
        name: np.asarray(value, np.int32 if name == "patience" else dtype) for name, value in entry.limits.items()
    }
    return Limits(**cast)
