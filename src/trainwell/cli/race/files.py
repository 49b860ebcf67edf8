"""What a race leaves in its run directory beside page and numbers: paths, descents, tuning, recipes."""

import io
from pathlib import Path

import numpy as np
import polars as pl

from trainwell.cli.race.results import measures
from trainwell.cli.run.directory import RunDirectory
from trainwell.cli.run.file_names import file_names
from trainwell.core import write_atomic
from trainwell.landscape import Descents, Race, RateTuning
from trainwell.training import save_recipe


def write_files(race: Race, directory: RunDirectory) -> list[str]:
    """Write all tables as Parquet and CSV, and the contenders' recipes.

    Returns:
        Names of the files that a person can read without a program for Parquet.
    """
    tables = {"paths": paths_table(race.descents), "descents": descents_table(race.descents)}
    if race.tunings:
        tables["tuning"] = pl.concat([_tuning(one) for one in race.tunings.values()])
    for name, table in tables.items():
        _write(table, directory.path / name)
    directory.recipes.mkdir(parents=True, exist_ok=True)
    recipes = race.descents.recipes
    for file, recipe in zip(file_names(list(recipes)), recipes.values(), strict=True):
        save_recipe(recipe, directory.recipes / f"{file}.toml")
    return [*(f"{name}.csv" for name in tables), "recipes"]


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
        the measures of `race_results.measures`; null where there is nothing.
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


def _tuning(tuning: RateTuning) -> pl.DataFrame:
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


def _write(table: pl.DataFrame, stem: Path) -> None:
    """A table as `.parquet` and `.csv`, each atomically."""
    for form in ("parquet", "csv"):
        content = io.BytesIO()
        table.write_parquet(content) if form == "parquet" else table.write_csv(content)
        write_atomic(stem.with_name(f"{stem.name}.{form}"), content.getvalue())
