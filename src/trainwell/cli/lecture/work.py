"""What `trainwell lecture` does: statements measured, and what was found as JSON and as tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Column, Table

from trainwell.cli.show.output import Messages, print_json, results_console
from trainwell.cli.show.tables import BEST, new_table, numbers
from trainwell.lecture import STATEMENTS, Finding, Part, Size, Statement, examine, statement


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
    """A finding as JSON values."""
    found = _json(asdict(finding))
    return {"id": finding.id, "text": statement.text, **found, "seconds": round(finding.seconds, 3)}


def _json(value: Any) -> Any:
    """JSON has neither NaN, which is null, nor infinity: a time that was never reached is the text `inf`."""
    if isinstance(value, Mapping):
        return {name: _json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value


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
