"""Options of every command that trains: where results go, and the machine; and how seeds are written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from trainwell.cli.show.help import FIRST_PANEL
from trainwell.core import SEED_BOUND, Device, Precision, RecipeError, shortened

MOST_SEEDS = 100_000  # as a count
HOW_MANY = "how many (numbered from 0), or a list, e.g. 0,4,9"
MOST_JOBS = 10_000
Json = Annotated[
    bool,
    typer.Option("--json", help="Print only one JSON object on stdout.", rich_help_panel=FIRST_PANEL),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no notes on stderr.", rich_help_panel=FIRST_PANEL)
]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """Where the results go, and on what machine they are computed."""

    PANEL: ClassVar = "Run"
    out: Annotated[
        Path | None,
        typer.Option(help="Run directory, new. Default: a fresh name under runs/.", rich_help_panel=FIRST_PANEL),
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in --out.")] = False
    device: Annotated[Device, typer.Option(help="Where to compute.")] = "auto"
    precision: Annotated[Precision, typer.Option(help="Floating-point precision.")] = "float32"
    json: Json = False
    quiet: Quiet = False

    def start_runtime(self) -> None:
        """Settle JAX's settings. Call it before anything that imports JAX."""
        from trainwell.core import configure_runtime

        configure_runtime(device=self.device, jobs=getattr(self, "jobs", None), precision=self.precision)


@dataclass(frozen=True, kw_only=True)
class PreciseRunOptions(RunOptions):
    """Options of commands that compute in float64 by default."""

    precision: Annotated[Precision, typer.Option(help="Floating-point precision.")] = "float64"


@dataclass(frozen=True, kw_only=True)
class TrainingRunOptions(RunOptions):
    """Options of commands that train networks."""

    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_JOBS,
            metavar="N",
            help="Networks trained side by side. Default: one per core. Results do not depend on it.",
        ),
    ] = None


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds from `3` (the first three) or `0,4,9` (these; `7,` is seed 7 alone).

    Example:
        >>> parse_seeds("3"), parse_seeds("7,"), parse_seeds("0,4")
        ((0, 1, 2), (7,), (0, 4))
    """
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        numbers = []
    shown = shortened(text.strip(), 40)
    is_count = len(numbers) == 1 and "," not in text
    if is_count and numbers[0] > MOST_SEEDS:
        raise RecipeError(
            f"--seeds asks for {shown} seeds, and {MOST_SEEDS} are the most: for one seed of that number write {shown},"
        )
    seeds = tuple(range(numbers[0])) if is_count else tuple(numbers)
    if not seeds or min(seeds) < 0:
        raise RecipeError(f"--seeds must be a number from 1 or a list of seeds from 0, got '{shown}': try 3 or 0,4,9")
    if max(seeds) >= SEED_BOUND:
        raise RecipeError(
            f"--seeds has the seed {shortened(str(max(seeds)), 40)}: seeds must be below 2**63, choose a smaller one"
        )
    if len(set(seeds)) < len(seeds):
        raise RecipeError(f"--seeds names a seed twice in '{shown}': the same seed trains the same network")
    return seeds
