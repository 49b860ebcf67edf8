"""The page of `trainwell curvature`: how steep a network's loss is, what kind of point it is at, and how one knows."""

from pathlib import Path

import numpy as np

from trainwell.core import loss_text
from trainwell.display import ALONG_BUTTONS, Head, Row, Table, along_chart, signed_text
from trainwell.landscape import NetworkCurvature
from trainwell.report.frame.page import Chart, Facts, made_facts, render, write


def write_curvature_page(
    found: NetworkCurvature,
    path: str | Path,
    *,
    title: str,
    facts: Facts,
    notices: tuple[str, ...] = (),
    command: str = "",
    seconds: float | None = None,
) -> Path:
    """Write the page of a network's curvature.

    Args:
        found: the curvature.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        facts: facts about the network and its rows.
        notices: notices on the rows, such as that only some of them were measured.
        command: the command line that made it.
        seconds: wall-clock time of everything.

    Returns:
        The path.
    """
    took = [("Measuring took", f"{seconds:,.1f} s")] if seconds is not None else []
    page = render(
        "curvature/curvature.html.jinja",
        title=title,
        headline=found.headline,
        numbers=found.table(),
        charts={chart.id: chart for chart in _charts(found)},
        models=ALONG_BUTTONS,
        leading=_leading(found),
        methods=method_notes(found),
        facts=facts,
        notices=notices,
        making=made_facts(command, *took),
    )
    return write(path, page)


def _charts(found: NetworkCurvature) -> list[Chart]:
    spectrum = found.spectrum
    ticks = "all eigenvalues" if spectrum.eigenvalues is not None else "the largest and the smallest"
    charts = [Chart("density", f"Density of the eigenvalues, ticks at {ticks}", found.chart())]
    for name, value, along in (
        ("steepest", spectrum.largest, found.steepest),
        ("lowest", spectrum.smallest, found.lowest),
    ):
        caption = f"Along the {name} direction, eigenvalue {signed_text(value)}"
        charts.append(Chart(name, caption, along_chart(along.distances, along.losses, along.first, along.second)))
    return [*charts, Chart("plane", "In the plane of both, the network in the middle", found.plane.chart())]


def _leading(found: NetworkCurvature) -> Table:
    """The largest eigenvalues and, of each, by how much it is above the next."""
    values = found.leading()
    drops = np.divide(values[:-1], values[1:], out=np.full(len(values) - 1, np.nan), where=values[1:] > 0)
    over = [*(f"{drop:.2f}" for drop in drops), ""]
    rows = [
        Row((f"{i + 1}", signed_text(value), over[i]), chosen=i < found.num_outliers) for i, value in enumerate(values)
    ]
    return Table((Head("", ""), Head("Eigenvalue"), Head("Ratio to the next")), tuple(rows))


def method_notes(found: NetworkCurvature) -> list[str]:
    """How it was measured, and what the numbers do not say."""
    spectrum = found.spectrum
    notes = [
        "The loss is that of inference: without dropout, and with batch norm's running statistics. It is taken with "
        "the penalty and the label smoothing of training.",
        "“Stable” refers to gradient descent on all of these rows: at a larger learning rate, steps along the steepest "
        "direction grow as long as the loss resembles the parabola. Updates on batches are noisy, and need smaller "
        "rates.",
        "A trained network is seldom at a critical point. Kind and share of negative eigenvalues are those of its "
        f"Hessian; eigenvalues of at most {loss_text(spectrum.near_zero)} in size count as zero, since rounding "
        "decides their sign.",
    ]
    if found.piecewise is not False:
        kinks = "Hidden units are piecewise linear, so that the loss has kinks"
        if found.piecewise is None:
            kinks = "Whether the loss has kinks, as ReLU makes them, is not known of this network"
        notes.append(
            f"{kinks}. The Hessian is that of the smooth piece on which the network lies; a step may leave that piece, "
            "and the curves show how soon."
        )
    if spectrum.eigenvalues is not None:
        notes.append(f"All {spectrum.num_parameters:,} eigenvalues were computed from the full Hessian.")
    else:
        R, K = spectrum.nodes.shape
        notes.append(
            f"The Hessian of {spectrum.num_parameters:,} parameters was never formed. The largest and the smallest "
            "eigenvalue come from Lanczos' method, and the length of the residual bounds their error; shares and "
            f"density come from stochastic Lanczos quadrature ({R} random vectors, {K} products each), ± one standard "
            "error over these; the trace comes from Hutch++, with its 95% interval."
        )
    return notes
