"""Shows a network's curvature: its numbers with their meaning, a sentence, and the density of eigenvalues."""

from math import isfinite, isnan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trainwell.core import loss_text
from trainwell.display import Figure, Head, Row, Table, density_chart, signed_text
from trainwell.landscape.networks.eigenvalues import Share
from trainwell.training import Recipe

if TYPE_CHECKING:
    from trainwell.landscape.networks.curvature import NetworkCurvature

MOMENTUM = 0.9
KINDS = {
    "minimum": "all curve upwards",
    "maximum": "all curve downwards",
    "saddle": "some directions curve upwards, others downwards",
    "degenerate": "none curves the other way, but some are too flat to classify",
}


class Line(NamedTuple):
    """A number and what it means; `indented` says that it belongs to the number before it."""

    name: str
    value: str
    meaning: str
    indented: bool = False


def curvature_headline(found: "NetworkCurvature") -> str:
    """Three sentences: the stable learning rates, the kind of point, and the gradient's norm."""
    rate = found.stable_below()
    steps = (
        f"Gradient descent on these {found.rows:,} rows is stable below a learning rate of {loss_text(rate)}."
        if isfinite(rate)
        else "No direction curves upwards."
    )
    name = found.spectrum.kind
    point = "degenerate point" if name == "degenerate" else name
    kind = f"The eigenvalues are those of a {point}: {KINDS[name]}"
    kind += f" ({_negative_text(found)} negative)." if name == "saddle" else "."
    return f"{steps} {kind} The gradient's norm is {loss_text(found.gradient_norm)}; at a critical point it is 0."


def curvature_lines(found: "NetworkCurvature") -> list[Line]:
    """All numbers, each with its meaning.

    Args:
        found: the network's curvature.
    """
    spectrum, condition = found.spectrum, found.spectrum.condition
    leading = ", ".join(map(loss_text, found.leading()[: found.num_outliers or 1]))
    return [
        Line("loss", loss_text(found.loss), _loss_meaning(found)),
        Line(
            "gradient's norm",
            loss_text(found.gradient_norm),
            "0 at a critical point; the kind of point is meaningful only if it is small",
        ),
        Line(
            "largest eigenvalue",
            _sure(spectrum.largest, spectrum.largest_bound),
            "sharpness: the curvature of the steepest direction",
        ),
        Line(
            "smallest eigenvalue",
            _sure(spectrum.smallest, spectrum.smallest_bound),
            "if below 0, a direction curves downwards",
        ),
        *_rate_lines(found),
        Line("kind", spectrum.kind, KINDS[spectrum.kind]),
        Line("negative eigenvalues", _negative_text(found), _certain(found)),
        Line(
            "near zero",
            _share_text(spectrum.zero, spectrum.eigenvalues is not None, found),
            f"flat directions: eigenvalues within ±{loss_text(spectrum.near_zero)}, the precision reached"
            f"{_spread(spectrum.zero, spectrum.eigenvalues is not None)}",
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
            "outliers",
            f"{found.num_outliers:,}",
            f"eigenvalues above the largest gap: {leading} (often as many as outputs, here "
            f"{found.structure.num_outputs:,})",
        ),
    ]


def _rate_lines(found: "NetworkCurvature") -> list[Line]:
    if not isfinite(found.stable_below()):
        return []
    lines = [
        Line(
            "stable below",
            loss_text(found.stable_below()),
            "learning rate of gradient descent, 2/(largest eigenvalue): above it, steepest steps grow",
        ),
        Line(
            f"with momentum {MOMENTUM:g}",
            loss_text(found.stable_below(MOMENTUM)),
            "2(1 + momentum)/(largest eigenvalue): larger steps are stable with momentum",
            indented=True,
        ),
    ]
    recipe = found.recipe
    known = _trained_with(recipe)
    if recipe is not None and known is not None:
        rate, momentum = known
        lines.append(
            Line(
                "as trained",
                f"{rate / found.stable_below(momentum):.3g} ×",
                f"its learning rate, {rate:g} with {recipe.optimizer}, divided by the stable one",
                indented=True,
            )
        )
    return lines


def _trained_with(recipe: Recipe | None) -> tuple[float, float] | None:
    """Learning rate and momentum, for rules whose stability depends only on these."""
    if recipe is None or recipe.optimizer not in ("sgd", "momentum", "momentum_step"):
        return None
    numbers = recipe.rule_numbers
    return numbers["learning_rate"], numbers.get("momentum", 0.0)


def _loss_meaning(found: "NetworkCurvature") -> str:
    rows = f"mean over {found.rows:,} rows"
    if found.loss == found.plain_loss:
        return rows
    return f"{rows}, as it is trained; {loss_text(found.plain_loss)} without penalty and label smoothing"


def _negative_text(found: "NetworkCurvature") -> str:
    return _share_text(found.spectrum.negative, found.spectrum.eigenvalues is not None, found)


def _share_text(share: Share, exact: bool, found: "NetworkCurvature") -> str:
    P = found.spectrum.num_parameters
    if exact:
        return f"{round(share.share * P):,} of {P:,}"
    if isnan(share.share):
        return f"{_percent(share.low)} to {_percent(share.high)}"
    sure = "" if isnan(share.standard_error) else f" ± {_percent(share.standard_error)}"
    return f"{_percent(share.share)}{sure}"


def _percent(share: float) -> str:
    """A share in percent; small shares have more decimals."""
    return f"{share:.1%}" if share >= 0.1 or share == 0 else f"{share:.2%}"


def _certain(found: "NetworkCurvature") -> str:
    share, exact = found.spectrum.negative, found.spectrum.eigenvalues is not None
    bounds = "" if exact else f"; proven bounds: {_percent(share.low)} and {_percent(share.high)}"
    return f"below {signed_text(-found.spectrum.near_zero)}{_spread(share, exact)}{bounds}"


def _spread(share: Share, exact: bool) -> str:
    """What the ± behind a share is, if there is one."""
    return "" if exact or isnan(share.share) or isnan(share.standard_error) else "; share ± one standard error"


def _sure(value: float, bound: float) -> str:
    """An eigenvalue, with its error bound unless that is below the printed digits."""
    return f"{signed_text(value)} ± {loss_text(bound)}" if bound > 5e-4 * abs(value) else signed_text(value)


def numbers_table(found: "NetworkCurvature") -> Table:
    """All numbers, each with its meaning."""
    rows = [Row((line.name, line.value, line.meaning)) for line in curvature_lines(found)]
    return Table((Head("Number", ""), Head("Value"), Head("What it means", "long")), tuple(rows), "meanings")


def eigenvalues_chart(found: "NetworkCurvature") -> Figure:
    """The density of the eigenvalues, with ticks at those that are known."""
    spectrum, density = found.spectrum, found.density
    known = spectrum.eigenvalues
    if known is None:
        known = np.array([spectrum.smallest, *found.leading()[::-1]])
    alone = 1 / (spectrum.num_parameters * density.width * (2 * np.pi) ** 0.5)
    return density_chart(density.grid, density.density, density.standard_error, known, alone)
