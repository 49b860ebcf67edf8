"""A network's curvature as JSON values, where those that are not finite are left to the caller, and as tables."""

from typing import Any

import numpy as np
import polars as pl

from trainwell.landscape import NetworkCurvature
from trainwell.report import MOMENTUM, curvature_headline, curvature_lines
from trainwell.training import Recipe


def curvature_results(found: NetworkCurvature, recipe: Recipe) -> dict[str, Any]:
    """All numbers.

    Args:
        found: the curvature.
        recipe: how the network was trained.
    """
    spectrum = found.spectrum
    return {
        "parameters": spectrum.num_parameters,
        "activation": recipe.activation,
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


def density_table(found: NetworkCurvature) -> pl.DataFrame:
    """The density of the Hessian's eigenvalues."""
    density = found.density
    columns = {"eigenvalue": density.grid, "density": density.density, "standard_error": density.standard_error}
    return pl.DataFrame(columns).fill_nan(None)


def directions_table(found: NetworkCurvature) -> pl.DataFrame:
    """The loss along the extreme directions, with its expansions to first and second order."""
    return pl.concat(
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
