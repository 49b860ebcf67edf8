"""`trainwell lecture`: make the lecture's figures and test its statements."""

from typing import Annotated, Literal

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import KINDS, TARGET, FileOptions
from trainwell.cli.options.run import HOW_MANY, TrainingRunOptions
from trainwell.cli.run.command import execute, work
from trainwell.cli.show.help import FIRST_PANEL

EXAMPLE = "Example: trainwell lecture F-6-9 F-6-15 C-19 --seeds 5"
Size = Literal["full", "small"]
Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID]...",
        help="IDs of figures and statements, such as F-6-9 and C-14; or figures, statements, all. Default: list them.",
    ),
]


@bundled
def lecture(
    context: typer.Context,
    run: TrainingRunOptions,
    files: FileOptions,
    ids: Ids = None,
    seeds: Annotated[
        str,
        typer.Option(
            metavar="N|LIST",
            help=f"Seeds of figures: {HOW_MANY}. Statements choose their own.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = "5",
    data: Annotated[
        str,
        typer.Option(
            metavar="DATA", help=f"Data to train on instead of MNIST: {KINDS} file.", rich_help_panel=FIRST_PANEL
        ),
    ] = "mnist",
    target: Annotated[str | None, typer.Option(metavar="COLUMN", help=TARGET)] = None,
    size: Annotated[
        Size,
        typer.Option(
            help="How much is trained: full, as in the courses; small, a first look.", rich_help_panel=FIRST_PANEL
        ),
    ] = "full",
    tuned: Annotated[
        bool,
        typer.Option(
            "--tuned", help="Also draw figures with each contender's learning rate tuned.", rich_help_panel=FIRST_PANEL
        ),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train and measure again instead of reading earlier results.")
    ] = False,
) -> None:
    """Make the figures of two courses on training networks as a gallery of pages, and test their statements.

    The lecture: notes on Stanford's CS231n (IDs F-C-…) and on "Deep Learning from Scratch", chapter 6 (F-6-…);
    statements of both are C-….

    A figure about training shows one seed, then all seeds (mean and 95% band) and, with --tuned, the same at tuned
    learning rates. A statement holds, holds under conditions, does not hold, or is undecided. Results are
    cached; --fresh recomputes them.
    """
    if not ids:
        work("lecture").print_contents(json=run.json)
        return
    execute("lecture", context.obj, run, ids, data, files, target, seeds=seeds, size=size, tuned=tuned, fresh=fresh)
