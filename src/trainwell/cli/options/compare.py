"""Options of a comparison: what is compared, how it is tuned, and how sure the verdicts must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import Settings
from trainwell.cli.options.search import RENAMED, TEXTS
from trainwell.cli.show.help import FIRST_PANEL

TERMS = Settings("trainwell.comparison", "Terms", lambda name: ComparisonOptions.PANEL, renamed=RENAMED, texts=TEXTS)


@dataclass(frozen=True)
class ComparisonOptions:
    """Contenders and terms of a comparison; terms that are not given stay at their defaults."""

    PANEL: ClassVar = "Comparison"
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a,b,c",
            help="Compare these values of a recipe's field; several --vary make a grid. Lists are joined by x: "
            "hidden=100x100,50.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE …|FILE",
            help="A contender (repeatable): changed fields, e.g. 'my label: optimizer=sgd momentum=0.9', or a recipe "
            "file; other fields come from the recipe options.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
    as_given: Annotated[
        bool,
        typer.Option(
            "--as-given",
            help="Tune nothing: each contender runs with its numbers as given. Quick, but no fair comparison of "
            "optimizers.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = False
    given: Annotated[Mapping[str, Any], TERMS] = field(default_factory=dict)
