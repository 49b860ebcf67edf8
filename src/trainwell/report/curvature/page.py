"""The page of `trainwell curvature`: how steep a network's loss is, what kind of point it is at, and how one knows."""

from math import isfinite, isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np

from trainwell.core import loss_text
from trainwell.display import ALONG_BUTTONS, Head, Row, Table, along_chart, density_chart, signed_text
from trainwell.landscape import NetworkCurvature, Share
from trainwell.report.frame.page import Chart, Facts, made_facts, render, write
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
        models=ALONG_BUTTONS,
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


MOMENTUM = 0.9
KINDS = {
    "minimum": "all curve upwards",
    "maximum": "all curve downwards",
    "saddle": "some directions curve upwards, others downwards",
    "degenerate": "none curves the other way, but some are too flat to tell",
}


class Line(NamedTuple):
    """A number and what it means."""

    name: str
    value: str
    meaning: str


def curvature_headline(found: NetworkCurvature) -> str:
    """Two or three plain sentences: which steps are stable, and what kind of point this is."""
    rate = found.stable_below()
    steps = (
        f"Gradient descent on these {found.rows:,} rows is stable below a learning rate of {loss_text(rate)}."
        if isfinite(rate)
        else "No direction curves upwards."
    )
    name = found.spectrum.kind
    kind = f"The eigenvalues are those of a {name}: {KINDS[name]}"
    kind += f" ({_negative_text(found)} negative)." if name == "saddle" else "."
    return f"{steps} {kind} The gradient's norm is {loss_text(found.gradient_norm)}; at a critical point it is 0."


def curvature_lines(found: NetworkCurvature, recipe: Recipe | None = None) -> list[Line]:
    """All numbers, each with its meaning.

    Args:
        found: the network's curvature.
        recipe: how it was trained, to say how its learning rate compares.
    """
    spectrum, condition = found.spectrum, found.spectrum.condition
    leading = ", ".join(map(loss_text, found.leading()[: found.standing_apart or 1]))
    return [
        Line("loss", loss_text(found.loss), _loss_meaning(found)),
        Line(
            "gradient's norm",
            loss_text(found.gradient_norm),
            "0 at a critical point; the smaller, the more the kind of point means",
        ),
        Line(
            "largest eigenvalue",
            _sure(spectrum.largest, spectrum.largest_bound),
            "sharpness: the curvature of the steepest direction",
        ),
        Line(
            "smallest eigenvalue",
            _sure(spectrum.smallest, spectrum.smallest_bound),
            "below 0 there is a direction that curves downwards",
        ),
        *_rate_lines(found, recipe),
        Line("kind", spectrum.kind, KINDS[spectrum.kind]),
        Line("negative eigenvalues", _negative_text(found), _certain(found)),
        Line(
            "near zero",
            _share_text(spectrum.zero, spectrum.eigenvalues is not None, found),
            f"flat directions: at most {loss_text(spectrum.near_zero)} up or down",
        ),
        Line(
            "condition number",
            ("" if condition.exact else "at least ")
            + (loss_text(condition.number) if isfinite(condition.number) else "infinite"),
            "steepest over flattest direction: the larger, the slower gradient descent",
        ),
        Line(
            "trace",
            signed_text(found.trace.trace)
            + (
                ""
                if found.trace.low == found.trace.high
                else f" [{signed_text(found.trace.low)}, {signed_text(found.trace.high)}]"
            ),
            f"sum of all eigenvalues; their mean is {signed_text(found.trace.trace / spectrum.num_parameters)}",
        ),
        Line(
            "standing apart",
            f"{found.standing_apart:,}",
            f"eigenvalues before the largest drop: {leading}; outputs: {found.structure.num_outputs:,}",
        ),
    ]


def method_notes(found: NetworkCurvature) -> list[str]:
    """How it was measured, and what the numbers do not say."""
    spectrum = found.spectrum
    notes = [
        "The loss is that of inference: without dropout, and with batch norm's running statistics. It is taken with "
        "the penalty and the label smoothing of training.",
        "Stable is meant for gradient descent on all of these rows: where the parabola of the steepest direction "
        "holds, larger steps grow there. Updates on batches are noisy, and need smaller ones.",
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
        notes.append(f"All {spectrum.num_parameters:,} eigenvalues are of the whole Hessian.")
    else:
        R, K = spectrum.nodes.shape
        notes.append(
            f"The Hessian of {spectrum.num_parameters:,} parameters was never formed. The two ends are Lanczos' "
            "method's, with the length of the residual as their bound; shares and density are stochastic Lanczos "
            f"quadrature's ({R} random vectors, {K} products each), ± one standard error over these; the trace is "
            "Hutch++'s, with its 95% interval."
        )
    return notes


def _rate_lines(found: NetworkCurvature, recipe: Recipe | None) -> list[Line]:
    if not isfinite(found.stable_below()):
        return []
    lines = [
        Line(
            "stable below",
            loss_text(found.stable_below()),
            "learning rate of gradient descent, 2/λ: above it, steps along the steepest direction grow",
        ),
        Line(
            f"  with momentum {MOMENTUM:g}",
            loss_text(found.stable_below(MOMENTUM)),
            "2(1+ρ)/λ: momentum bears larger steps",
        ),
    ]
    known = _trained_with(recipe)
    if recipe is not None and known is not None:
        rate, momentum = known
        lines.append(
            Line(
                "  as trained",
                f"{rate / found.stable_below(momentum):.3g} ×",
                f"its learning rate, {rate:g} with {recipe.optimizer}, over the stable one",
            )
        )
    return lines


def _trained_with(recipe: Recipe | None) -> tuple[float, float] | None:
    """Learning rate and momentum, of rules whose stability the two decide."""
    if recipe is None or recipe.optimizer not in ("sgd", "momentum", "momentum_step"):
        return None
    numbers = recipe.rule_numbers
    return numbers["learning_rate"], numbers.get("momentum", 0.0)


def _loss_meaning(found: NetworkCurvature) -> str:
    rows = f"mean over {found.rows:,} rows"
    if found.loss == found.plain_loss:
        return rows
    return f"{rows}, as it is trained; {loss_text(found.plain_loss)} without penalty and label smoothing"


def _negative_text(found: NetworkCurvature) -> str:
    return _share_text(found.spectrum.negative, found.spectrum.eigenvalues is not None, found)


def _share_text(share: Share, exact: bool, found: NetworkCurvature) -> str:
    P = found.spectrum.num_parameters
    if exact:
        return f"{round(share.share * P):,} of {P:,}"
    if isnan(share.share):
        return f"{_percent(share.low)} to {_percent(share.high)}"
    sure = "" if isnan(share.standard_error) else f" ± {_percent(share.standard_error)}"
    return f"{_percent(share.share)}{sure}"


def _percent(share: float) -> str:
    """A share in per cent, with decimals where it is small."""
    return f"{share:.1%}" if share >= 0.1 or share == 0 else f"{share:.2%}"


def _certain(found: NetworkCurvature) -> str:
    share = found.spectrum.negative
    if found.spectrum.eigenvalues is not None:
        return f"below {signed_text(-found.spectrum.near_zero)}"
    return (
        f"below {signed_text(-found.spectrum.near_zero)}; certain is {_percent(share.low)} to {_percent(share.high)}, "
        "the rest is too near zero to tell"
    )


def _sure(value: float, bound: float) -> str:
    """An eigenvalue, with its bound where that can be seen in three digits."""
    return f"{signed_text(value)} ± {loss_text(bound)}" if bound > 5e-4 * abs(value) else signed_text(value)
