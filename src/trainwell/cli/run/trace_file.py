"""A trace as a Parquet file in long form: one row per network, observation and name."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainwell.core import write_atomic

if TYPE_CHECKING:
    import polars as pl

    from trainwell.training import Runs


def trace_table(runs: "Runs", labels: Sequence[str], column: str = "recipe") -> "pl.DataFrame":
    """The trace as a table with the columns recipe, seed, step, epoch, name, value.

    Args:
        runs: of a population.
        labels: of its recipes, in their order.
        column: name of the column that holds them.
    """
    import polars as pl

    trace = runs.trace
    member, point = np.nonzero(trace.steps >= 0)
    recipe_of = np.repeat(np.arange(len(runs.sizes)), runs.sizes)
    seeds = np.array([m.seed for m in runs.members])
    common = {
        column: np.array(labels, dtype=object)[recipe_of[member]],
        "seed": seeds[member],
        "step": trace.steps[member, point],
        "epoch": trace.epochs[member, point],
    }
    parts = [
        pl.DataFrame({**common, "name": [name] * len(member), "value": values[member, point]})
        for name, values in sorted(trace.values.items())
    ]
    return pl.concat(parts)


def write_parquet(table: "pl.DataFrame", path: Path) -> None:
    """Write a table as Parquet, atomically."""
    content = io.BytesIO()
    table.write_parquet(content)
    write_atomic(path, content.getvalue())
