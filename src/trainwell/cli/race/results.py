"""A race's numbers as JSON values, as tables for files, and as a table a person can read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float
from rich.table import Column, Table
from rich.text import Text

from trainwell.cli.show.tables import new_table, numbers
from trainwell.landscape import Descents, Race, RateTuning
from trainwell.report import AS_GIVEN, race_headline, start_note, tuning_notes
from trainwell.statistics import median_interval

COLORS = {"converged": "green", "stuck": "yellow", "running": "", "escaped": "magenta", "diverged": "red"}
LONGEST = 24  # characters of a label before it is broken
NOTHING = 1e-9
COLUMNS = (
    ("value", "value"),
    ("gradient_norm", "gradient\nnorm"),
    ("settled", "settled\nafter"),
    ("zigzags", "zigzags"),
    ("overshoot", "overshoot"),
    ("length", "path\nlength"),
    ("evaluations", "evalua-\ntions"),
)


def race_results(race: Race) -> dict[str, Any]:
    """All numbers: every contender's, best first, with medians over the starts, and the descents that are drawn."""
    found = race.descents
    surface, order = found.surface, found.ranking()
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
        "learning_rate": recipe.rule_numbers["learning_rate"],
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


def race_tables(race: Race) -> dict[str, pl.DataFrame]:
    """All tables by name; that of tuning is left out where nothing was tuned."""
    tables = {"paths": paths_table(race.descents), "descents": descents_table(race.descents)}
    if race.tunings:
        tables["tuning"] = pl.concat([_tuning_table(one) for one in race.tunings.values()])
    return tables


def paths_table(found: Descents) -> pl.DataFrame:
    """One row per contender, start and update of the descents that are drawn, until they have left.

    Returns:
        Columns contender, start (its number, from 0), step, x0, x1, … and value.
    """
    if found.paths is None or found.path_values is None:
        raise ValueError("paths were not kept")
    C, P, T, D = found.paths.shape
    contender, start, step = (index.ravel() for index in np.indices((C, P, T)))
    points, values = found.paths.reshape(-1, D), found.path_values.ravel()
    there = ~np.isnan(points).all(1)
    return pl.DataFrame(
        {
            "contender": np.array(found.labels, dtype=object)[contender[there]].tolist(),
            "start": start[there],
            "step": step[there],
            **{f"x{i}": points[there, i] for i in range(D)},
            "value": values[there],
        }
    )


def descents_table(found: Descents) -> pl.DataFrame:
    """One row per contender and start: how the descent ended, and its measures.

    Returns:
        Columns contender, start, start_x0, …, outcome, reached (number of a known critical point, from 0), x0, … and
        the `measures`; null where there is nothing.
    """
    C, S, D = found.points.shape
    contender, start = (index.ravel() for index in np.indices((C, S)))
    return pl.DataFrame(
        {
            "contender": np.array(found.labels, dtype=object)[contender].tolist(),
            "start": start,
            **{f"start_x{i}": found.starts[start, i] for i in range(D)},
            "outcome": found.outcomes.ravel().tolist(),
            "reached": found.reached.ravel(),
            **{f"x{i}": found.points[..., i].ravel() for i in range(D)},
            **{name: values.ravel() for name, values in measures(found).items()},
        },
        nan_to_null=True,
    ).with_columns(pl.col("reached").replace(-1, None))


def _tuning_table(tuning: RateTuning) -> pl.DataFrame:
    """One row per learning rate that was tried."""
    R = len(tuning.learning_rates)
    return pl.DataFrame(
        {
            "contender": [tuning.label] * R,
            "learning_rate": tuning.learning_rates,
            "criterion": [tuning.criterion] * R,
            "score": tuning.scores,
            "share": tuning.shares,
            "chosen": np.arange(R) == tuning.chosen,
        }
    )


def race_table(results: Mapping[str, Any], title: str) -> Table:
    """One row per contender, best first; of several starts counts and medians."""
    longest = min(max(len("contender"), *(len(one["label"]) for one in results["contenders"])), LONGEST)
    columns = [
        numbers("", "dim"),
        Column("contender", style="bold", overflow="fold", min_width=longest, max_width=LONGEST),
        numbers("learning\nrate" + (", tuned" if results["tuned"] else "")),
        Column("end", no_wrap=True),
        *(numbers(heading, no_wrap=True) for _, heading in COLUMNS),
    ]
    rows = (
        [
            str(place),
            one["label"],
            f"{one['learning_rate']:.4g}",
            _end(one, results["starts"]),
            *(_cell(name, one["medians"][name]["median"]) for name, _ in COLUMNS),
        ]
        for place, one in enumerate(results["contenders"], 1)
    )
    return new_table(title, columns, rows)


def short(value: float | None) -> str:
    """A number in few characters.

    Example:
        >>> short(0.0), short(28.0), short(123456.0), short(1.2e-9), short(3.14159), short(None)
        ('0', '28', '123,456', '1.2e-09', '3.142', '–')
    """
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.2g}" if abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4g}"


def _cell(name: str, value: float | None) -> str:
    """A measure's median; an overshoot of rounding is none."""
    return short(0.0 if name == "overshoot" and value is not None and value < NOTHING else value)


def _end(one: Mapping[str, Any], starts: int) -> Text:
    """How a contender's descent ended, or how many in each way."""
    if starts > 1:
        ends = sorted(one["outcomes"].items(), key=lambda end: -end[1])
        return Text("\n").join(Text(f"{count:,} {name}", style=COLORS[name]) for name, count in ends)
    (name,) = one["outcomes"]
    reached = one["descents"][0]["reached"]
    local = reached is not None and reached["kind"] == "minimum" and not reached["global"]
    where = "local minimum" if local else reached["kind"] if name == "stuck" and reached is not None else ""
    return Text(f"{name}\n{where}" if where else name, style=COLORS[name])


def race_title(results: Mapping[str, Any]) -> str:
    """What raced where."""
    starts, surface = results["starts"], results["surface"]
    D = surface["dimension"]
    of = f" in {D} dimension{'s' * (D > 1)}" if D != 2 else ""
    medians = f", medians over {starts:,} starts" if starts > 1 else ""
    return f"{surface['name']}{of}, {results['steps']:,} update{'s' * (results['steps'] > 1)}{medians}"
