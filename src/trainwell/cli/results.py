"""A run's numbers as JSON values: per recipe with intervals over seeds, and per network."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.statistics import mean_interval

if TYPE_CHECKING:
    from trainwell.training import Recipe, Trained


def population_results(
    trained: "Trained", labels: Sequence[str], varied: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Numbers of a population; those that are not finite are None, as JSON has neither NaN nor infinity.

    Args:
        trained: the population.
        labels: of its recipes, in their order.
        varied: fields in which each recipe differs from the others.

    Returns:
        `score` (what members are judged by), `recipes` (in the order asked for) and `members`.
    """
    names = sorted(trained.trace.values)
    kept = {name: trained.kept(name) for name in names}
    groups = trained.by_recipe()
    recipes = [
        _recipe(trained, kept, label, fields, members)
        for label, fields, members in zip(labels, varied, groups, strict=True)
    ]
    members = [
        {
            "recipe": label,
            "seed": trained.members[m].seed,
            "status": trained.statuses[m],
            "steps": trained.steps[m],
            "kept_step": trained.kept_steps[m],
            "values": {name: finite(values[m]) for name, values in kept.items()},
        }
        for label, group in zip(labels, groups, strict=True)
        for m in group
    ]
    return {"score": trained.score_name, "recipes": recipes, "members": members}


def _recipe(
    trained: "Trained",
    kept: Mapping[str, np.ndarray],
    label: str,
    fields: Mapping[str, Any],
    members: Sequence[int],
) -> dict[str, Any]:
    statuses = [trained.statuses[m] for m in members]
    values = {name: summary(seen[list(members)], name) for name, seen in kept.items()}
    return {
        "label": label,
        "varied": dict(fields),
        "networks": len(members),
        "diverged": statuses.count("diverged"),
        "stopped": statuses.count("stopped"),
        "epochs": finite(_epochs(trained, members)),
        "values": values,
    }


def _epochs(trained: "Trained", members: Sequence[int]) -> float:
    """Mean number of passes over the training split that the members were trained for."""
    seen = trained.trace.epochs[list(members)]
    last = np.nanmax(np.where(np.isnan(seen), 0.0, seen), axis=1, initial=0.0)
    return float(np.mean(last))


def summary(values: np.ndarray, name: str) -> dict[str, Any]:
    """Mean and 95% interval over members; the ends are None for fewer than two."""
    within = {"accuracy": (0.0, 1.0), "loss": (0.0, math.inf), "r2": (-math.inf, 1.0)}[name.split("/")[0]]
    interval = mean_interval(values, within=within)
    return {
        "mean": finite(interval.mean),
        "low": finite(interval.low),
        "high": finite(interval.high),
        "n": interval.n,
    }


def finite(value: Any) -> Any:
    """A number for JSON: None where it is not finite; containers item by item."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def labels_of(varied: Sequence[Mapping[str, Any]], recipes: "Sequence[Recipe]") -> list[str]:
    """A short, unique name per recipe: the varied values, or the optimizer where nothing is varied."""
    from trainwell.cli.fields import written

    if not any(varied):
        return [recipe.optimizer for recipe in recipes]
    plain = all(len(fields) == 1 and isinstance(next(iter(fields.values())), str) for fields in varied)
    return [
        " ".join(written(value) if plain else f"{name}={written(value)}" for name, value in fields.items())
        for fields in varied
    ]
