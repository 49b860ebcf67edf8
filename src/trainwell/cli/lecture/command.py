"""`trainwell lecture`: the lecture's statements, measured."""

from typing import Annotated, Literal

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.run import Json, Quiet
from trainwell.cli.run.command import work
from trainwell.core import Precision, configure_runtime

EXAMPLE = "Example: trainwell lecture C-19 C-36 --size small"
Size = Literal["full", "small"]
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="Statements, such as C-14. Default: list them."),
]


@bundled
def lecture(
    ids: Ids = None,
    size: Annotated[Size, typer.Option(help="How much is measured: up to a minute each, or seconds.")] = "full",
    precision: Annotated[Precision | None, typer.Option(help="Of all arithmetic. Default: float32.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Put statements of the lecture to the test: many starts or seeds each, and an interval beside every number.

    Each claim holds, does not hold, or is left open by its numbers; a statement that holds in part says in which.
    """
    if not ids:
        work("lecture").print_statements(json=json)
        return
    configure_runtime(precision=precision)
    work("lecture").measure(ids, size, json=json, quiet=quiet)
