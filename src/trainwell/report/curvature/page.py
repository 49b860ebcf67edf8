"""The page of `trainwell curvature`: how steep a network's loss is, what kind of point it is at, and how one knows."""

from pathlib import Path

import numpy as np

from trainwell.display import ALONG, Head, Row, Table, along_chart, density_chart, signed_text
from trainwell.landscape import NetworkCurvature
from trainwell.report.curvature.words import curvature_headline, curvature_lines, method_notes
from trainwell.report.frame.facts import Facts, made_facts
from trainwell.report.frame.rendering import Chart, render, write
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
    took = [("Measuring took", f"{seconds:,.1f} s")] if seconds is not None else []
    page = render(
        "curvature/curvature.html.jinja",
        title=title,
        headline=curvature_headline(found),
        numbers=_numbers(found, recipe),
        charts={chart.id: chart for chart in _charts(found)},
        models=ALONG,
        leading=_leading(found),
        methods=method_notes(found),
        facts=facts,
        notices=notices,
        making=made_facts(command, *took),
    )
    return write(path, page)


def _charts(found: NetworkCurvature) -> list[Chart]:
    spectrum, density = found.spectrum, found.density
    known, ticks = spectrum.eigenvalues, "all eigenvalues"
    if known is None:
        known, ticks = np.array([spectrum.smallest, *found.leading()[::-1]]), "the largest and the smallest"
    alone = 1 / (spectrum.num_parameters * density.width * (2 * np.pi) ** 0.5)
    curve = density_chart(density.grid, density.density, density.standard_error, known, alone)
    charts = [Chart("density", f"Density of the eigenvalues, ticks at {ticks}", curve)]
    for name, value, along in (
        ("steepest", spectrum.largest, found.steepest),
        ("lowest", spectrum.smallest, found.lowest),
    ):
        caption = f"Along the {name} direction, eigenvalue {signed_text(value)}"
        charts.append(Chart(name, caption, along_chart(along.distances, along.losses, along.first, along.second)))
    return [*charts, Chart("plane", "In the plane of both, the network in the middle", found.plane.chart())]


def _numbers(found: NetworkCurvature, recipe: Recipe | None) -> Table:
    rows = [Row((line.name.strip(), line.value, line.meaning)) for line in curvature_lines(found, recipe)]
    return Table((Head("Number", ""), Head("Value"), Head("What it means", "long")), tuple(rows))


def _leading(found: NetworkCurvature) -> Table:
    """The largest eigenvalues and, of each, by how much it is above the next."""
    values = found.leading()
    drops = np.divide(values[:-1], values[1:], out=np.full(len(values) - 1, np.nan), where=values[1:] > 0)
    over = [*(f"{drop:.2f}" for drop in drops), ""]
    rows = [
        Row((f"{i + 1}", signed_text(value), over[i]), chosen=i < found.standing_apart)
        for i, value in enumerate(values)
    ]
    return Table((Head("", ""), Head("Eigenvalue"), Head("Over the next")), tuple(rows))
