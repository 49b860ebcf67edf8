"""`descend`: runs optimizers on a surface from one or many starts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import jax
import numpy as np
from jaxtyping import ArrayLike, Float, Int

from trainwell.core import configure_runtime
from trainwell.landscape.descents.problem import Measures, SurfaceProblem
from trainwell.landscape.descents.result import Descents, norms, outcomes_of
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.settings import RaceSettings
from trainwell.landscape.surfaces.checks import at_least, whole_number
from trainwell.landscape.surfaces.registry import surface_of
from trainwell.landscape.surfaces.surface import Surface, shown
from trainwell.optim import RULES
from trainwell.training import Member, Recipe, Result, What, contenders_of, recipe_fields, train_problems

Contenders: TypeAlias = What | Mapping[str, What] | Sequence[What]
"""One contender, several by label, or a list, which is labelled automatically."""
FILES = (".toml", ".json")
OF_TRAINING = ("patience", "restore_best", "gradient_tolerance", "layer_learning_rates")
"""Fields without a meaning on a surface: it has no validation split and no layers, and one tolerance for all."""


def recipes_of(contenders: Contenders, steps: int, observe_every: int) -> dict[str, Recipe]:
    """The contenders' recipes by label, each with its budget.

    Args:
        contenders: see `contenders_of`. A text that does not end in `.toml` or `.json` is an optimizer's name. A
            mapping of recipe fields to values is one contender.
        steps: updates of each descent.
        observe_every: updates between observations.

    Raises:
        LandscapeError: there is no contender.
        RecipeError: one is not a contender, a field or optimizer is unknown, or a number is out of range.
    """
    given: Any = [contenders] if _is_one(contenders) else contenders
    if not isinstance(given, Mapping | Sequence) or not given:
        raise LandscapeError("there are no contenders: give one or several optimizers, such as ['sgd', 'adam']")
    if isinstance(given, Mapping):
        named: Any = {label: _named(what) for label, what in given.items()}
    else:
        named = [_named(what) for what in given]
    budget = {"steps": steps, "observe_every": observe_every, "observe_first": 0 if observe_every == 1 else None}
    return {
        one.label: one.recipe.evolve(**budget, **dict.fromkeys(OF_TRAINING)) for one in contenders_of(named, fewest=1)
    }


def _named(what: Any) -> Any:
    """Turn an optimizer's name into a recipe field."""
    return {"optimizer": what} if isinstance(what, str) and not what.endswith(FILES) else what


def _is_one(given: Any) -> bool:
    """Whether this is a single contender."""
    if isinstance(given, Mapping):
        # A label may also be a field's name, such as "momentum".
        labelled = any(isinstance(what, Mapping | Recipe) for what in given.values())
        return bool(given) and not labelled and all(name in recipe_fields() for name in given)
    return isinstance(given, Recipe | str | Path) or callable(given) or hasattr(given, "update")


PATH_NUMBERS = 50_000_000
"""Largest number of coordinates and values of kept paths."""


def descend(
    surface: Surface | str,
    contenders: Contenders,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    steps: int = 1000,
    *,
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    paths: bool = False,
    tolerance: float = RaceSettings.tolerance,
) -> Descents:
    """Run every contender from every start on a surface.

    A descent depends on its recipe and its start; with noise also on the seed and the index of its start. Second-order
    methods stop when they have settled.

    Args:
        surface: a surface, or a key of `SURFACES`.
        contenders: an optimizer's name, a recipe, recipe fields, a recipe's file, or a function
            `learning_rate -> optimizer`, such as `optax.lion`; or several, by label or as a list. Only optimizer,
            learning rate, schedule and clipping of a recipe have an effect. An epoch of a schedule is one update.
        starts: one or several start points, such as `surface.random_starts(100)`; None is the surface's own start.
        steps: updates of each descent, at least 1.
        noise: standard deviation of the normal noise that is added to each component of the optimizer's gradient.
        seed: seed of the noise; all contenders get the same noise from the same start.
        paths: whether to keep all points; otherwise only measures are kept, which saves memory.
        tolerance: norm of the gradient (without noise) at or below which a descent has settled.

    Returns:
        Last points, measures and outcomes of the descents, and the paths if asked for.

    Raises:
        LandscapeError: the surface is unknown; a start has the wrong size, is outside the domain, or has no finite
            value; or a number is out of range.
        RecipeError: a contender is not a valid recipe.
        Interrupted: Ctrl-C was pressed.

    Example:
        >>> found = descend("bowl", {"plain": {"optimizer": "sgd", "learning_rate": 0.5}}, [[-7, 2], [5, 5]], 200)
        >>> found.outcomes.tolist()
        [['converged', 'converged']]
    """
    surface = surface_of(surface)
    steps, seed = whole_number("steps", steps), whole_number("seed", seed, 0)
    noise, tolerance = at_least("noise", noise), at_least("tolerance", tolerance)
    begun = starts_on(surface, starts)
    recipes = {
        label: _stopping(recipe, tolerance)
        for label, recipe in recipes_of(contenders, steps, 1 if paths else steps).items()
    }
    S, D, T = len(begun), surface.dimension, steps
    if paths and len(recipes) * S * (T + 1) * (D + 1) > PATH_NUMBERS:
        raise LandscapeError(
            f"paths of {len(recipes)} x {S:,} descents of {T:,} updates need too much memory: leave paths out, or use "
            "fewer starts or updates"
        )
    dtype = np.dtype(configure_runtime().precision)
    problems = {
        ahead: SurfaceProblem(surface, begun.astype(dtype), tolerance, noise, seed, ahead, paths, dtype)
        for ahead in (False, True)
    }
    _check_finite(problems[False], begun)
    members = [
        Member(recipe, cohort, problems[RULES[recipe.optimizer].needs_lookahead])
        for recipe in recipes.values()
        for cohort in range(len(problems[False].cohorts))
    ]
    return _descents(surface, recipes, begun, problems[False], train_problems(members))


def _stopping(recipe: Recipe, tolerance: float) -> Recipe:
    """Make a second-order method stop when it has settled: further steps would be rounding errors, or 0/0."""
    if RULES[recipe.optimizer].second_order and tolerance > 0:
        return recipe.evolve(gradient_tolerance=tolerance)
    return recipe


def starts_on(surface: Surface, starts: Any) -> Float[np.ndarray, "S D"]:
    """Check starts and return them as an array; None is the surface's own start.

    Raises:
        LandscapeError: they are not numbers, have the wrong size, or are not all within the domain.
    """
    try:
        begun = np.array(surface.start if starts is None else starts, np.float64)
    except (TypeError, ValueError) as error:
        raise LandscapeError(f"starts must be numbers, one row per start ({error})") from error
    D = surface.dimension
    begun = begun[None] if begun.shape == (D,) else begun
    if begun.ndim != 2 or begun.shape[1] != D or not len(begun):
        raise LandscapeError(
            f"'{surface.name}' has {D} dimension{'s' * (D > 1)}, but the starts have shape {list(begun.shape)}: give "
            f"{D} number{'s' * (D > 1)} per start"
        )
    outside = np.flatnonzero(~surface.inside(begun))
    if len(outside):
        low, high = surface.domain.T
        raise LandscapeError(
            f"start {shown(begun[outside[0]])} is outside the domain of '{surface.name}', which is from {shown(low)} "
            f"to {shown(high)}: choose a start inside"
        )
    return begun


def _check_finite(problem: SurfaceProblem, starts: Float[np.ndarray, "S D"]) -> None:
    """Check that value and gradient are finite at all starts."""
    at = problem.at_start
    wrong = np.flatnonzero(~(np.isfinite(at.value) & np.isfinite(at.gradient).all(-1)))
    if len(wrong):
        raise LandscapeError(
            f"'{problem.surface.name}' or its gradient is not finite at the start {shown(starts[wrong[0]])}: choose "
            "another"
        )


def _descents(
    surface: Surface,
    recipes: dict[str, Recipe],
    starts: Float[np.ndarray, "S D"],
    problem: SurfaceProblem,
    results: Sequence[Result],
) -> Descents:
    C, S, K = len(recipes), len(starts), len(problem.cohorts)
    steps, tolerance = next(iter(recipes.values())).steps or 0, problem.tolerance
    by_contender = [results[i * K : (i + 1) * K] for i in range(C)]
    last = _joined([_joined([result.carry for result in own], S) for own in by_contender])
    begun = np.tile(problem.at_start.value, C)
    outcomes, reached = outcomes_of(surface, last.x, last.value, last.gradient, last.left, begun, tolerance)
    axes = np.asarray(problem.data["ground"].axes)
    overshoots = _overshoots(surface, axes, last, reached, np.tile(starts, (C, 1)))
    paths, path_values = _paths(by_contender, last, surface.dimension, S) if problem.paths else (None, None)

    def table(array: np.ndarray) -> np.ndarray:
        return array.reshape(C, S, *array.shape[1:])

    return Descents(
        surface=surface,
        recipes=recipes,
        starts=starts,
        steps=steps,
        tolerance=tolerance,
        axes=axes,
        outcomes=table(outcomes),
        critical_indices=table(reached),
        points=table(last.x),
        values=table(last.value),
        gradient_norms=table(norms(last.gradient)),
        lowest_values=table(last.least),
        settled_after=table(last.settled),
        left_after=table(last.left),
        lengths=table(last.length),
        turns=table(last.turns),
        evaluations=_evaluations(by_contender, S, steps),
        overshoots=table(overshoots),
        paths=None if paths is None else table(paths),
        path_values=None if path_values is None else table(path_values),
        seconds={
            label: sum(result.seconds for result in own) for label, own in zip(recipes, by_contender, strict=True)
        },
    )


def _joined(parts: Sequence[Measures], count: int | None = None) -> Measures:
    """Concatenate the measures of several cohorts or contenders, up to `count` points."""
    joined: Measures = jax.tree.map(lambda *leaves: np.concatenate(leaves)[:count], *parts)
    return joined


def _overshoots(
    surface: Surface,
    axes: Float[np.ndarray, "D D"],
    last: Measures,
    reached: np.ndarray,
    starts: Float[np.ndarray, "N D"],
) -> Float[np.ndarray, "N D"]:
    """How far paths went past their targets along each principal axis, away from the start."""
    target = np.array(last.x, np.float64)
    known = reached >= 0
    if known.any():
        target[known] = np.stack([one.point for one in surface.critical])[reached[known]]
    target, begin = target @ axes.T, starts @ axes.T
    past = np.where(begin < target, last.high - target, target - last.low)
    past = np.where(begin == target, np.maximum(last.high - target, target - last.low), past)
    return np.where(np.asarray(last.left)[:, None] >= 0, np.nan, np.maximum(past, 0))


def _paths(
    by_contender: Sequence[Sequence[Result]], last: Measures, D: int, S: int
) -> tuple[Float[np.ndarray, "N T+1 D"], Float[np.ndarray, "N T+1"]]:
    """The observed points and values; NaN after a descent has left."""

    def observed(name: str) -> Float[np.ndarray, "N T+1"]:
        own = [np.concatenate([result.seen[name] for result in results], axis=-1)[:, :S] for results in by_contender]
        values = np.concatenate(own, axis=-1).T
        after = np.arange(values.shape[1]) > np.asarray(last.left)[:, None]
        return np.where(after & (np.asarray(last.left)[:, None] >= 0), np.nan, values)

    return np.stack([observed(f"x{i}") for i in range(D)], axis=-1), observed("value")


def _evaluations(by_contender: Sequence[Sequence[Result]], S: int, steps: int) -> Int[np.ndarray, "C S"]:
    """Evaluations of each descent: counted by the rule, otherwise one per update and one for stopping."""

    def of(own: Sequence[Result]) -> np.ndarray:
        if "evaluations" in own[0].seen:
            return np.concatenate([result.seen["evaluations"][-1] for result in own])[:S]
        ends = _joined([result.carry for result in own], S)
        stops = own[0].member.training.gradient_tolerance is not None
        done = np.where(ends.left >= 0, ends.left, steps)
        return np.where(stops & (ends.settled >= 0), np.minimum(ends.settled + 1, steps), done)

    return np.stack([of(own) for own in by_contender]).astype(np.int64)
