"""A run's numbers as JSON values: per recipe with intervals over seeds, and per network."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.core import METRICS, undefined_r2
from trainwell.statistics import mean_interval

if TYPE_CHECKING:
    from trainwell.training import Trained


def population_results(trained: "Trained", labels: Sequence[str]) -> dict[str, Any]:
    """Numbers of a population; those that are not finite are None, as JSON has neither NaN nor infinity.

    Args:
        trained: the population.
        labels: of its recipes, in their order.

    Returns:
        `score` (what members are judged by), `recipes` (in the order asked for), `members`, and where R² is undefined
        on validation `undefined`: by its name, why.
    """
    names = sorted(trained.trace.values)
    kept = {name: trained.kept(name) for name in names}
    groups = trained.by_recipe()
    recipes = [_recipe(trained, kept, label, members) for label, members in zip(labels, groups, strict=True)]
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
    found: dict[str, Any] = {"score": trained.score_name, "recipes": recipes, "members": members}
    validation = trained.dataset.validation
    if trained.dataset.task == "regression" and (why := undefined_r2(validation.targets, validation.weights)):
        found["undefined"] = {"r2/validation": why}
    return found


def _recipe(trained: "Trained", kept: Mapping[str, np.ndarray], label: str, members: Sequence[int]) -> dict[str, Any]:
    statuses = [trained.statuses[m] for m in members]
    values = {name: summary(seen[list(members)], name) for name, seen in kept.items()}
    return {
        "label": label,
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
    metric = METRICS.get(name.split("/")[0], METRICS["loss"])
    interval = mean_interval(values, within=metric.within)
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
