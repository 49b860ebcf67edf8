"""Options of a race: the surface, where to start, who races, and with which settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import FIRST, option_of
from trainwell.cli.options.recipe import RECIPE, changes_of, on_a_surface
from trainwell.cli.options.run import SEED_BOUND
from trainwell.core import RecipeError

if TYPE_CHECKING:
    from trainwell.landscape import RaceSetup

NAMES = (
    "bowl, quadratic, beale, rosenbrock, himmelblau, booth, rastrigin, styblinski_tang, saddle, monkey_saddle, "
    "plateau, double_valley"
)


@dataclass(frozen=True)
class RaceOptions:
    """What races where; None leaves it to the surface."""

    PANEL: ClassVar = "Race"
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SURFACE [NUMBER=VALUE]…]",
            help=f"{NAMES}; with its numbers, as 'quadratic condition=100 dimension=5'. Default: bowl.",
        ),
    ] = None
    show_list: Annotated[
        bool, typer.Option("--list", help="List the surfaces with their numbers, and end.", rich_help_panel=FIRST)
    ] = False
    start: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y",
            help="Where to start (repeatable), one number per axis. Default: the surface's own start.",
            rich_help_panel=FIRST,
        ),
    ] = None
    starts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="So many random starts in the domain, after those of --start.",
        ),
    ] = None
    start_seed: Annotated[
        int, typer.Option(min=0, max=SEED_BOUND - 1, metavar="N", help="Seed of the random starts.")
    ] = 0
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Updates of each descent. Default: 29 on the bowl, as in the lecture; 300 elsewhere.",
            rich_help_panel=FIRST,
        ),
    ] = None
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a,b,c",
            help="Values of a recipe's field; several --vary make a grid.",
            rich_help_panel=FIRST,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE …|FILE",
            help="A contender (repeatable), as 'my label: optimizer=momentum momentum=0.8', or a recipe file. Default: "
            "the lecture's four with its settings on the bowl; sgd, momentum, nesterov, adagrad, rmsprop and adam "
            "elsewhere.",
            rich_help_panel=FIRST,
        ),
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A recipe's field by its name (repeatable)."),
    ] = None
    given: Annotated[Mapping[str, Any], replace(RECIPE, only=on_a_surface, aside=True)] = field(default_factory=dict)
    tuned: Annotated[
        bool | None,
        typer.Option(
            "--tuned/--as-given",
            help="Find each contender's learning rate first: a wide range of rates, each from the same random starts "
            "(not those of the race) with the same number of updates. The best reaches a global minimum soonest, or "
            "ends lowest where few do. Default: tuned where no contenders are named, but on the bowl.",
            rich_help_panel=FIRST,
        ),
    ] = None
    noise: Annotated[
        float,
        typer.Option(help="Standard deviation of the noise on each component of the gradients."),
    ] = 0.0
    seed: Annotated[int, typer.Option(min=0, max=SEED_BOUND - 1, metavar="N", help="Seed of noise and tuning.")] = 0
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="Norm of the gradient at which a descent has settled. Default: 0.001.",
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

        shared = changes_of(self.given, self.settings)
        if self.vary or self.contender:
            given = given_contenders(self.vary or [], self.contender or [])
            return {label: {**shared, **changes} for label, changes in given.items()}
        if shared and "optimizer" not in shared:
            option = "--set" if self.settings else option_of(next(iter(self.given)))
            raise RecipeError(f"{option} is for contenders that are named: name them by --contender or --vary")
        return [shared] if shared else None
