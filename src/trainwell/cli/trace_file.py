"""A trace as a Parquet file in long form: one row per network, observation and name."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainwell.core.files import write_atomic

if TYPE_CHECKING:
    import polars as pl

    from trainwell.training import Trained


def trace_table(trained: "Trained", labels: Sequence[str]) -> "pl.DataFrame":
    """The trace as a table with the columns recipe, seed, step, epoch, name, value.

    Args:
        trained: a population.
        labels: of its recipes, in their order.
    """
    import polars as pl

    trace = trained.trace
    member, point = np.nonzero(trace.steps >= 0)
    recipe_of = np.empty(len(trained), np.int64)
    for number, members in enumerate(trained.by_recipe()):
        recipe_of[members] = number
    seeds = np.array([m.seed for m in trained.members])
    common = {
        "recipe": np.array(labels, dtype=object)[recipe_of[member]],
        "seed": seeds[member],
        "step": trace.steps[member, point],
        "epoch": trace.epochs[member, point],
    }
    parts = [
        pl.DataFrame({**common, "name": [name] * len(member), "value": values[member, point]})
        for name, values in sorted(trace.values.items())
    ]
    return pl.concat(parts)


def write_trace(trained: "Trained", labels: Sequence[str], path: Path) -> None:
    """Write `trace_table` as Parquet, atomically."""
    content = io.BytesIO()
    trace_table(trained, labels).write_parquet(content)
    write_atomic(path, content.getvalue())
