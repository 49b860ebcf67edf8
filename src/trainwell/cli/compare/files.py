"""What a comparison leaves in its run directory beside page and numbers: tables, observations, recipes."""

from pathlib import Path

import polars as pl

from trainwell.cli.run.directory import RunDirectory
from trainwell.cli.run.file_names import file_names
from trainwell.cli.run.trace_file import trace_table, write_parquet
from trainwell.comparison import Comparison, Comparisons, export, paper_table
from trainwell.core import write_atomic
from trainwell.training import save_recipe


def write_files(found: Comparisons, directory: RunDirectory) -> list[str]:
    """Write all tables as Parquet and CSV, the paper's table, every observation, and the contenders' recipes.

    Returns:
        Names of the files that a person can read without a program for Parquet.
    """
    tables = [path.name for path in export(found, directory.path) if path.suffix == ".csv"]
    write_atomic(directory.path / "table.md", paper_table(found, "markdown").encode())
    write_atomic(directory.path / "table.tex", paper_table(found, "latex").encode())
    traces = [
        trace_table(part.runs, part.labels, "contender").select(pl.lit(part.dataset.name).alias("data"), pl.all())
        for part in found.parts
    ]
    write_parquet(pl.concat(traces), directory.trace)
    for part in found.parts:
        several = len(found.parts) > 1
        _save_recipes(part, directory.recipes / part.dataset.name if several else directory.recipes)
    return [*tables, "table.md", "table.tex"]


def _save_recipes(part: Comparison, folder: Path) -> None:
    """Write the recipe of each contender, tuned, under its label."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, recipe in zip(file_names(part.labels), part.recipes, strict=True):
        save_recipe(recipe, folder / f"{name}.toml")
