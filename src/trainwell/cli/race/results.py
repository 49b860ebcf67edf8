"""A race's numbers as JSON values; those that are not finite are left to the caller."""

from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.landscape import Descents, Race, RateTuning
from trainwell.optim import RULES
from trainwell.report import AS_GIVEN, race_headline, race_order, start_note, tuning_notes
from trainwell.statistics import median_interval


def race_results(race: Race) -> dict[str, Any]:
    """All numbers: every contender's, best first, with medians over the starts, and the descents that are drawn."""
    found = race.descents
    surface, order = found.surface, race_order(found)
    return {
        "headline": race_headline(race, order),
        "remarks": [start_note(race), *(tuning_notes(race) if race.tunings else [AS_GIVEN])],
        "surface": {
            "name": surface.name,
            "dimension": surface.dimension,
            "domain": surface.domain.tolist(),
            "description": surface.description,
        },
        "steps": found.steps,
        "tolerance": found.tolerance,
        "noise": race.noise,
        "seed": race.seed,
        "tuned": race.tunings is not None,
        "starts": len(found.starts),
        "drawn": 0 if found.paths is None else found.paths.shape[1],
        "contenders": [_contender(race, c) for c in order],
    }


def measures(found: Descents) -> dict[str, Float[np.ndarray, "C S"]]:
    """What is measured of every descent; NaN where there is nothing, as the overshoot of one that has left."""
    return {
        "value": found.values,
        "gradient_norm": found.gradient_norms,
        "least": found.least,
        "settled": np.where(found.settled < 0, np.nan, found.settled),
        "left": np.where(found.left < 0, np.nan, found.left),
        "zigzags": found.zigzags,
        "overshoot": found.overshoot,
        "length": found.lengths,
        "evaluations": found.evaluations,
    }


def _contender(race: Race, c: int) -> dict[str, Any]:
    found = race.descents
    label = found.labels[c]
    recipe, tunings = found.recipes[label], race.tunings or {}
    drawn = 0 if found.paths is None else found.paths.shape[1]
    return {
        "label": label,
        "optimizer": recipe.optimizer,
        "learning_rate": RULES[recipe.optimizer].default_learning_rate
        if recipe.learning_rate is None
        else recipe.learning_rate,
        "outcomes": found.count(label),
        "medians": {name: _median(name, values[c]) for name, values in measures(found).items()},
        "seconds": found.seconds[label],
        "tuning": _tuning(tunings[label]) if label in tunings else None,
        "recipe": recipe.model_dump(mode="json"),
        "descents": [_descent(found, c, s) for s in range(drawn)],
    }


def _median(name: str, values: Float[np.ndarray, " S"]) -> dict[str, Any]:
    """A median over the starts that have a value, and how many these are; what never settles, does so last."""
    values = np.where(np.isnan(values), np.inf, values) if name == "settled" else values
    interval = median_interval(values)
    return {"median": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n}


def _descent(found: Descents, c: int, s: int) -> dict[str, Any]:
    reached = int(found.reached[c, s])
    point = None if reached < 0 else found.surface.critical[reached]
    return {
        "start": found.starts[s].tolist(),
        "outcome": str(found.outcomes[c, s]),
        "reached": None
        if point is None
        else {"kind": point.kind, "global": point.is_global, "point": point.point.tolist(), "value": point.value},
        "point": found.points[c, s].tolist(),
        **{name: values[c, s].item() for name, values in measures(found).items()},
    }


def _tuning(tuning: RateTuning) -> dict[str, Any]:
    return {
        "criterion": tuning.criterion,
        "score": tuning.scores[tuning.chosen].item(),
        "share": tuning.shares[tuning.chosen].item(),
        "learning_rates": len(tuning.learning_rates),
        "starts": tuning.num_starts,
        "steps": tuning.steps,
        "advice": list(tuning.advice),
    }
