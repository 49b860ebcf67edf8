"""What `trainwell lecture` does: statements measured, and what was found as JSON and as tables."""

import math
from collections.abc import Sequence
from typing import Any

from rich.table import Column, Table

from trainwell.cli.show.output import Messages, print_json, results_console
from trainwell.cli.show.tables import BEST, new_table, numbers
from trainwell.lecture import STATEMENTS, Curve, Finding, Measured, Part, Size, Statement, examine, statement


def print_statements(*, json: bool) -> None:
    """All statements, as a table or as one JSON object on stdout."""
    if json:
        print_json({"statements": [{"id": one.id, "text": one.text} for one in STATEMENTS.values()]})
        return
    columns = [Column("ID", style=BEST, no_wrap=True), Column("what the lecture says")]
    rows = ([one.id, one.text] for one in STATEMENTS.values())
    results_console().print(new_table("statements that can be put to the test", columns, rows))


def measure(ids: Sequence[str], size: Size, *, json: bool, quiet: bool) -> None:
    """Put statements to the test and print each as soon as it is measured, or all as one JSON object at the end.

    Raises:
        LectureError: an ID is unknown; nothing was measured.
    """
    asked = [STATEMENTS[one] for one in dict.fromkeys(statement(one).id for one in ids)]
    say, findings = Messages(quiet=quiet), []
    for one in asked:
        say.log(f"measuring {one.id}")
        finding = examine(one.id, size=size)
        findings.append(_finding_json(one, finding))
        if not json:
            _print_finding(one, finding)
    if json:
        print_json({"size": size, "findings": findings})


def _finding_json(statement: Statement, finding: Finding) -> dict[str, Any]:
    """A finding as JSON values; numbers that are not finite are null, or the text `inf`."""
    return {
        "id": finding.id,
        "text": statement.text,
        "verdict": finding.verdict,
        "sentence": finding.sentence,
        "seconds": round(finding.seconds, 3),
        "parts": [_part_json(part) for part in finding.parts],
    }


def _part_json(part: Part) -> dict[str, Any]:
    chart = part.chart
    return {
        "claim": part.claim,
        "holds": part.holds,
        "beyond": part.beyond,
        "measured": [_measured_json(one) for one in part.measured],
        "chart": None
        if chart is None
        else {
            "x_label": chart.x_label,
            "y_label": chart.y_label,
            "log_x": chart.log_x,
            "log_y": chart.log_y,
            "curves": [_curve_json(one) for one in chart.curves],
        },
    }


def _measured_json(one: Measured) -> dict[str, Any]:
    ends = {name: _finite(getattr(one, name)) for name in ("estimate", "low", "high")}
    return {"what": one.what, **ends, "n": one.n}


def _curve_json(one: Curve) -> dict[str, Any]:
    return {
        "label": one.label,
        **{name: [_finite(v) for v in getattr(one, name)] for name in ("x", "y", "low", "high")},
    }


def _finite(value: float) -> float | str | None:
    """JSON has no infinity: a time that was never reached is the text `inf`."""
    return value if math.isfinite(value) else None if math.isnan(value) else str(value)


def _print_finding(statement: Statement, finding: Finding) -> None:
    """The statement, the verdict, and each part with its numbers."""
    console = results_console()
    console.print(f"{statement.id}: {statement.text}", style="bold")
    console.print(f"{finding.verdict}. {finding.sentence}")
    for part in finding.parts:
        console.print(_part_table(part))


def _part_table(part: Part) -> Table:
    word = {True: "holds", False: "does not hold", None: "open"}[part.holds]
    beyond = ", beyond the statement" if part.beyond else ""
    return new_table(
        f"{word}{beyond}: {part.claim}",
        [Column("measured"), numbers("estimate", BEST), numbers("95% interval"), numbers("n")],
        (
            [one.what, _number(one.estimate), f"{_number(one.low)} – {_number(one.high)}", f"{one.n:,}"]
            for one in part.measured
        ),
    )


def _number(value: float) -> str:
    return (
        "–"
        if math.isnan(value)
        else "never"
        if math.isinf(value)
        else f"{value:,.0f}"
        if abs(value) >= 1e4
        else f"{value:.4g}"
    )
