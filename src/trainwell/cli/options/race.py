"""Options of a race: the surface, where to start, who races, and with which settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import Settings
from trainwell.cli.options.recipe import RECIPE, on_a_surface
from trainwell.cli.show.help import FIRST_PANEL
from trainwell.core import SEED_BOUND

NAMES = (
    "bowl, quadratic, beale, rosenbrock, himmelblau, booth, rastrigin, styblinski_tang, saddle, monkey_saddle, "
    "plateau, double_valley"
)
RACE = Settings("trainwell.landscape", "RaceSettings", lambda name: RaceOptions.PANEL)


@dataclass(frozen=True)
class RaceOptions:
    """Options of a race; None leaves the choice to the surface."""

    PANEL: ClassVar = "Race"
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SURFACE [PARAMETER=VALUE]…]",
            help=f"{NAMES}; with its parameters, e.g. 'quadratic condition=100 dimension=5'. Default: bowl.",
        ),
    ] = None
    show_list: Annotated[
        bool,
        typer.Option("--list", help="List the surfaces with their parameters, and end.", rich_help_panel=FIRST_PANEL),
    ] = False
    start: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y",
            help="Where to start (repeatable), one number per axis. Default: the surface's own start, unless there "
            "are --starts.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
    starts: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Number of random starts in the domain, after those of --start. Default: none.",
        ),
    ] = None
    start_seed: Annotated[
        int, typer.Option(min=0, max=SEED_BOUND - 1, metavar="N", help="Seed of the random starts.")
    ] = 0
    how: Annotated[Mapping[str, Any], RACE] = field(default_factory=dict)
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a,b,c",
            help="Values of a recipe's field; several --vary make a grid.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE …|FILE",
            help="A contender (repeatable), e.g. 'my label: optimizer=momentum momentum=0.8', or a recipe file. "
            "Default: on the bowl the four of 'Deep Learning from Scratch', ch. 6; elsewhere sgd, momentum, "
            "nesterov, adagrad, rmsprop and adam.",
            rich_help_panel=FIRST_PANEL,
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
            "(not those of the race) with the same number of updates. The rate that reaches a global minimum after the "
            "fewest updates is used; if fewer than half of the starts reach one at any rate, the rate that ends "
            "lowest. Default: tuned, except on the bowl, on surfaces "
            "without a minimum, or with named contenders.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
