"""`trainwell lecture`: the lecture's statements, measured."""

from typing import Annotated, Literal

import typer

from trainwell.cli.run.command import work
from trainwell.core import configure_runtime

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
    if not ids:
        work("lecture").print_statements(json=json)
        return
    configure_runtime(precision=precision)
    work("lecture").measure(ids, size, json=json, quiet=quiet)
