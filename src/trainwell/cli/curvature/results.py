"""A network's curvature as JSON values and as CSV files."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.cli.run.results import finite
from trainwell.core import write_atomic
from trainwell.landscape import NetworkCurvature
from trainwell.report import MOMENTUM, curvature_headline, curvature_lines
from trainwell.training import Recipe

if TYPE_CHECKING:
    import polars as pl


def curvature_results(found: NetworkCurvature, recipe: Recipe, facts: Mapping[str, Any]) -> dict[str, Any]:
    """All numbers; those that are not finite are None, as JSON has neither NaN nor infinity.

    Args:
        found: the curvature.
        recipe: how the network was trained.
        facts: of the network and the rows.
    """
    spectrum = found.spectrum
    results: dict[str, Any] = finite(
        {
            "command": "curvature",
            **facts,
            "parameters": spectrum.num_parameters,
            "activation": found.structure.activation,
            "loss": found.loss,
            "plain_loss": found.plain_loss,
            "gradient_norm": found.gradient_norm,
            "largest": {"value": spectrum.largest, "bound": spectrum.largest_bound},
            "smallest": {"value": spectrum.smallest, "bound": spectrum.smallest_bound},
            "stable_below": {
                "gradient_descent": found.stable_below(),
                f"momentum_{MOMENTUM:g}": found.stable_below(MOMENTUM),
            },
            "kind": spectrum.kind,
            "index": spectrum.index,
            "near_zero": spectrum.near_zero,
            "negative_share": spectrum.negative._asdict(),
            "zero_share": spectrum.zero._asdict(),
            "condition_number": {
                **spectrum.condition._asdict(),
                "singular": bool(np.isinf(spectrum.condition.number)),
            },
            "trace": found.trace._asdict(),
            "leading": found.leading().tolist(),
            "standing_apart": found.standing_apart,
            "all_eigenvalues": None if spectrum.eigenvalues is None else spectrum.eigenvalues.tolist(),
            "headline": curvature_headline(found),
            "lines": [line._asdict() for line in curvature_lines(found, recipe)],
        }
    )
    return results


def write_tables(found: NetworkCurvature, folder: Path) -> None:
    """Write the density as `density.csv`, and the loss along the extreme directions as `directions.csv`."""
    import polars as pl

    density = pl.DataFrame(
        {
            "eigenvalue": found.density.grid,
            "density": found.density.density,
            "standard_error": found.density.standard_error,
        }
    )
    along = pl.concat(
        pl.DataFrame(
            {
                "direction": [name] * len(one.distances),
                "distance": one.distances,
                "loss": one.losses,
                "first_order": one.first,
                "second_order": one.second,
            }
        )
        for name, one in (("steepest", found.steepest), ("lowest", found.lowest))
    )
    _write(density.fill_nan(None), folder / "density.csv")
    _write(along, folder / "directions.csv")


def _write(table: "pl.DataFrame", path: Path) -> None:
    content = io.BytesIO()
    table.write_csv(content)
    write_atomic(path, content.getvalue())
