"""`trainwell lecture`: the lecture's statements, measured."""

from typing import Annotated, Literal

import typer

from trainwell.cli.show.output import Messages, print_json

EXAMPLE = "Example: trainwell lecture C-19 C-36 --size small"
Size = Literal["full", "small"]
Precision = Literal["float32", "float64"]
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", show_default=False, help="Statements, such as C-14. Default: list them."),
]


def lecture(
    ids: Ids = None,
    size: Annotated[Size, typer.Option(help="How much is measured: up to a minute each, or seconds.")] = "full",
    precision: Annotated[Precision | None, typer.Option(show_default="float32", help="Of arithmetic.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on stderr.")] = False,
) -> None:
    """Put statements of the lecture to the test: many starts or seeds each, and an interval beside every number.

    Each claim holds, does not hold, or is left open by its numbers; a statement that holds in part says in which.
    """
    from trainwell.cli.lecture.results import finding_json, list_json, print_finding, print_list
    from trainwell.core import configure_runtime
    from trainwell.lecture import STATEMENTS, examine, statement

    if not ids:
        if json:
            print_json(list_json(STATEMENTS.values()))
        else:
            print_list(STATEMENTS.values())
        return
    asked = [STATEMENTS[one] for one in dict.fromkeys(statement(one).id for one in ids)]
    configure_runtime(precision=precision)
    messages, findings = Messages(quiet=quiet), []
    for one in asked:
        if not quiet:
            messages.log(f"measuring {one.id}")
        findings.append(examine(one.id, size=size))
        if not json:
            print_finding(one, findings[-1])
    if json:
        print_json({"size": size, "findings": [finding_json(*pair) for pair in zip(asked, findings, strict=True)]})
