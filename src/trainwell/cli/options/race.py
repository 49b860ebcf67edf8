"""Options of a race: the surface, where to start, who races, and with which settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainwell.cli.options.run import PANEL as RUN_PANEL, SEED_BOUND, Json, Quiet, RunOptions
from trainwell.core import Device, Precision, RecipeError

if TYPE_CHECKING:
    from trainwell.landscape import RaceSetup

PANEL = "Race"
NAMES = (
    "bowl, quadratic, beale, rosenbrock, himmelblau, booth, rastrigin, styblinski_tang, saddle, monkey_saddle, "
    "plateau, double_valley"
)


@dataclass(frozen=True)
class RaceOptions:
    """What races where; None leaves it to the surface."""

    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SURFACE [NUMBER=VALUE]…]",
            show_default=False,
            help=f"{NAMES}; with its numbers, as 'quadratic condition=100 dimension=5'. Default: bowl.",
        ),
    ] = None
    show_list: Annotated[bool, typer.Option("--list", help="List the surfaces with their numbers, and end.")] = False
    start: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y",
            show_default=False,
            help="Where to start (repeatable), one number per axis. Default: the surface's own start.",
            rich_help_panel=PANEL,
        ),
    ] = None
    starts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default=False,
            help="So many random starts in the domain, after those of --start.",
            rich_help_panel=PANEL,
        ),
    ] = None
    start_seed: Annotated[
        int, typer.Option(min=0, max=SEED_BOUND - 1, help="Seed of the random starts.", rich_help_panel=PANEL)
    ] = 0
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default=False,
            help="Updates of each descent. Default: 29 on the bowl, as in the lecture; 300 elsewhere.",
            rich_help_panel=PANEL,
        ),
    ] = None
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a,b,c",
            show_default=False,
            help="Values of a recipe's field; several --vary make a grid.",
            rich_help_panel=PANEL,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[LABEL:] FIELD=VALUE …|FILE",
            show_default=False,
            help="A contender (repeatable), as 'my label: optimizer=sgd learning_rate=0.1', or a recipe file. Default: "
            "the lecture's four with its settings on the bowl; sgd, momentum, nesterov, adagrad, rmsprop and adam "
            "elsewhere.",
            rich_help_panel=PANEL,
        ),
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            show_default=False,
            help="A recipe's field that all contenders have in common (repeatable).",
            rich_help_panel=PANEL,
        ),
    ] = None
    tuned: Annotated[
        bool | None,
        typer.Option(
            "--tuned/--as-given",
            show_default=False,
            help="Find each contender's learning rate first: 65 rates from 1e-6 to 100, each from the same 32 random "
            "starts (not those of the race) with the same number of updates. The best reaches a global minimum soonest "
            "in the mean, a descent that does not counting as twice the updates; where none does so from half of the "
            "starts, it ends lowest in the median, and at most a tenth of the descents leave the surface. Default: "
            "tuned where no contenders are named, but on the bowl.",
            rich_help_panel=PANEL,
        ),
    ] = None
    noise: Annotated[
        float,
        typer.Option(help="Standard deviation of the noise on each component of the gradients.", rich_help_panel=PANEL),
    ] = 0.0
    seed: Annotated[
        int, typer.Option(min=0, max=SEED_BOUND - 1, help="Seed of noise and tuning.", rich_help_panel=PANEL)
    ] = 0
    tolerance: Annotated[
        float | None,
        typer.Option(
            show_default=False,
            help="Norm of the gradient at which a descent has settled. Default: 0.001.",
            rich_help_panel=PANEL,
        ),
    ] = None

    def setup(self) -> "RaceSetup":
        """The race asked for, sound. Loads JAX: settle the runtime first.

        Raises:
            LandscapeError: the surface, a start or a number is wrong.
            RecipeError: a contender is.
        """
        from trainwell.cli.options.surface import starts_of, surface_of
        from trainwell.landscape import TOLERANCE, race_setup

        surface = surface_of(self.words or [])
        return race_setup(
            surface,
            self.contenders(),
            starts_of(surface, self.start or [], self.starts, self.start_seed),
            self.steps,
            tuned=self.tuned,
            noise=self.noise,
            seed=self.seed,
            tolerance=TOLERANCE if self.tolerance is None else self.tolerance,
        )

    def contenders(self) -> Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]] | None:
        """Fields by label; None where nobody is named."""
        from trainwell.cli.options.contenders import given_contenders
        from trainwell.cli.options.fields import parse_assignments

        shared = parse_assignments(self.settings or [])
        if self.vary or self.contender:
            given = given_contenders(self.vary or [], self.contender or [])
            return {label: {**shared, **changes} for label, changes in given.items()}
        if shared and "optimizer" not in shared:
            raise RecipeError("--set is for contenders that are named: name them by --contender or --vary")
        return [shared] if shared else None


@dataclass(frozen=True)
class RaceRunOptions:
    """Where the results go, and on what machine."""

    out: Annotated[
        Path | None,
        typer.Option(
            show_default=False, help="Run directory, new. Default: a fresh name under runs/.", rich_help_panel=RUN_PANEL
        ),
    ] = None
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out.", rich_help_panel=RUN_PANEL)
    ] = False
    device: Annotated[Device, typer.Option(help="Where to compute.", rich_help_panel=RUN_PANEL)] = "auto"
    precision: Annotated[Precision, typer.Option(help="Of all arithmetic.", rich_help_panel=RUN_PANEL)] = "float64"
    json: Json = False
    quiet: Quiet = False

    @property
    def run(self) -> RunOptions:
        """What every command that writes a run directory asks for; there are no seeds of networks."""
        return RunOptions(
            out=self.out,
            resume=self.resume,
            device=self.device,
            precision=self.precision,
            json=self.json,
            quiet=self.quiet,
        )
