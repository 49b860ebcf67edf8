"""The page of `trainwell curvature`: how steep a network's loss is, what kind of point it is at, and how one knows."""

from pathlib import Path

import numpy as np

from trainwell.core import write_atomic
from trainwell.display import Head, Listing, ListingRow
from trainwell.landscape import NetworkCurvature
from trainwell.report.curvature.charts import MODELS, along_chart, density_chart
from trainwell.report.curvature.slices import slice_contour
from trainwell.report.curvature.words import curvature_headline, curvature_lines, method_notes, signed_text
from trainwell.report.frame.facts import Facts, command_facts, version_facts
from trainwell.report.frame.rendering import Chart, render
from trainwell.training import Recipe


def write_curvature_page(
    found: NetworkCurvature,
    path: str | Path,
    *,
    title: str,
    facts: Facts,
    recipe: Recipe | None = None,
    notices: tuple[str, ...] = (),
    command: str = "",
    seconds: float | None = None,
) -> Path:
    """Write the page of a network's curvature.

    Args:
        found: the curvature.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        facts: of the network and its rows.
        recipe: how the network was trained.
        notices: what is to be known of the rows.
        command: the command line that made it.
        seconds: wall-clock time of everything.

    Returns:
        The path.
    """
    path = Path(path)
    took = [("Measuring took", f"{seconds:,.1f} s")] if seconds is not None else []
    text = render(
        "curvature/curvature.html.jinja",
        title=title,
        headline=curvature_headline(found),
        numbers=_numbers(found, recipe),
        charts={chart.id: chart for chart in _charts(found)},
        models=MODELS,
        leading=_leading(found),
        methods=method_notes(found),
        facts=facts,
        notices=notices,
        making=[*command_facts(command), *took, *version_facts()],
    )
    write_atomic(path, text.encode())
    return path


def _charts(found: NetworkCurvature) -> list[Chart]:
    ticks = "all eigenvalues" if found.spectrum.eigenvalues is not None else "the largest and the smallest"
    return [
        Chart(
            "density",
            f"Density of the eigenvalues, ticks at {ticks}",
            density_chart(found.density, found.spectrum, found.leading()),
        ),
        Chart(
            "steepest",
            f"Along the steepest direction, eigenvalue {signed_text(found.spectrum.largest)}",
            along_chart(found.steepest),
        ),
        Chart(
            "lowest",
            f"Along the lowest direction, eigenvalue {signed_text(found.spectrum.smallest)}",
            along_chart(found.lowest),
        ),
        Chart("plane", "In the plane of both, the network in the middle", slice_contour(found.plane)),
    ]


def _numbers(found: NetworkCurvature, recipe: Recipe | None) -> Listing:
    rows = [
        ListingRow(((line.name.strip(), ""), (line.value, ""), (line.meaning, "")))
        for line in curvature_lines(found, recipe)
    ]
    return Listing((Head("Number", ""), Head("Value"), Head("What it means", "long")), tuple(rows))


def _leading(found: NetworkCurvature) -> Listing:
    """The largest eigenvalues and, of each, by how much it is above the next."""
    values = found.leading()
    drops = np.divide(values[:-1], values[1:], out=np.full(len(values) - 1, np.nan), where=values[1:] > 0)
    rows = [
        ListingRow(
            ((f"{i + 1}", ""), (signed_text(value), ""), (f"{drops[i]:.2f}" if i < len(drops) else "", "")),
            chosen=i < found.standing_apart,
        )
        for i, value in enumerate(values)
    ]
    return Listing((Head("", ""), Head("Eigenvalue"), Head("Over the next")), tuple(rows))
