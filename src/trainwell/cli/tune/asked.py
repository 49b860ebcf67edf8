"""What a search is asked for: how to search, and over which space."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from trainwell.cli.options.bundles import option_of
from trainwell.cli.options.fields import parse_axes
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.cli.options.search import SearchOptions, plan_values
from trainwell.core import SearchError
from trainwell.data import Dataset
from trainwell.search import Plan, check_sampler, default_space, metric_of
from trainwell.training import DERIVED, Space, load_space, user_of


def plan_of(options: SearchOptions, seeds: str | None) -> Plan:
    """How to search; the metric is not known yet."""
    for name, text, instead in (
        ("storage", options.storage, "name a journal file or a database"),
        ("study", options.study, "give a name"),
    ):
        if text is not None and not text.strip():
            raise SearchError(f"--{name} is empty: {instead}, or leave it out")
    wanted = plan_values(options.given) | {"seeds": parse_seeds(seeds, len(Plan.seeds))}
    wanted.pop("metric", None)  # the recipe's, which is checked
    if wanted.pop("halving", True) is False:
        wanted["halving"] = None
    if "seconds" in wanted:
        wanted.setdefault("trials", None)
    trials = wanted.get("trials", Plan.trials)
    wanted.setdefault("rounds", min(Plan.rounds, max(trials or Plan.rounds, 1)))
    plan = Plan(**wanted)
    check_sampler(plan.sampler)
    return plan if options.refit else replace(plan, refit_recipes=0)


def space_of(options: SearchOptions, dataset: Dataset, recipe: RecipeOptions, plan: Plan) -> tuple[Space, Plan]:
    """The space, and the plan with the metric, which `--metric` names for both."""
    base = recipe.build()
    fixed: dict[str, Any] = base.model_dump(exclude_unset=True)
    axes = parse_axes(options.search or [])
    _check_apart(axes, recipe)
    declared = None if options.space is None else load_space(options.space)
    file_metric = declared.base.model_dump(exclude_unset=True).get("metric") if declared else None
    metric = metric_of(dataset, fixed.pop("metric", file_metric))
    if declared is not None:
        space = declared.evolve(axes, **fixed, metric=metric)
    elif axes:
        space = Space(base.evolve(metric=metric), axes)
    else:
        space = default_space(dataset, metric, **fixed)
    return space, replace(plan, metric=metric)


def _check_apart(axes: Iterable[str], recipe: RecipeOptions) -> None:
    """Refuse a field that one option fixes and another searches; a recipe file's values may be searched."""
    given = recipe.changes()
    for name in axes:
        fixed = "hidden" if name in DERIVED and "hidden" in given else name
        if fixed in given:
            raise SearchError(
                f"--search {name} and {option_of(fixed)} (or --set {fixed}=…) both are there: leave one of them out"
            )


def not_searched(options: SearchOptions, space: Space, recipe: RecipeOptions) -> list[str]:
    """A note for every axis of the space's file that the options leave without an effect."""
    if options.space is None:
        return []
    gone = load_space(options.space).axes.keys() - space.axes.keys() - recipe.changes().keys()
    users = {name: user_of(name) for name in sorted(gone)}
    return [
        f"{name} of {options.space} is not searched: it has no effect with what the options say"
        + (f" of {user[0]}" if user else "")
        for name, user in users.items()
    ]
