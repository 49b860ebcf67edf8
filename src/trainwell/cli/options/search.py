"""Options of a search: what, how long, by whom, and where it is kept."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import Settings, Written
from trainwell.cli.options.run import HOW_MANY, parse_seeds
from trainwell.cli.show.help import FIRST_PANEL
from trainwell.core import SearchError, shortened

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
RENAMED = {"seconds": "time"}
"""The setting of plans and terms whose option has another name, since it is written with a unit."""
TEXTS = {
    "seconds": Written("90s|5m|1h"),
    "seeds": Written("N|LIST", HOW_MANY, lambda seeds: str(len(seeds))),
    "tune": Written("FIELD[=a..b|=a,b,c]"),
    "reference": Written("LABEL"),
}
"""How settings are written that are read here, and by the commands."""
PLAN = Settings("trainwell.search", "Plan", lambda name: SearchOptions.PANEL, renamed=RENAMED, texts=TEXTS)


@dataclass(frozen=True)
class SearchOptions:
    """Options of a search: its space, its plan, and its storage."""

    PANEL: ClassVar = "Search"
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a..b|a,b,c",
            help="Search a field over a range (dropout_rate=0..0.5, l2_penalty=1e-8..1e-2:log) or choices "
            "(repeatable). Adds to --space; without --space it replaces the default space.",
            rich_help_panel=FIRST_PANEL,
        ),
    ] = None
    space: Annotated[
        Path | None,
        typer.Option(help="File with the space to search (.toml or .json). Default: a wide one that suits the data."),
    ] = None
    show_space: Annotated[
        bool, typer.Option("--show-space", help="Print the space as TOML, to start from, and end.")
    ] = False
    given: Annotated[Mapping[str, Any], PLAN] = field(default_factory=dict)
    refit: Annotated[
        bool,
        typer.Option(
            "--refit/--no-refit", help="Train the best recipes again with fresh seeds; --no-refit is --refit-recipes 0."
        ),
    ] = True
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            help="Where the study is kept, to share it: a journal file, sqlite:///FILE, postgresql+psycopg2://…",
        ),
    ] = None
    study: Annotated[
        str | None, typer.Option(metavar="NAME", help="The study's name in that storage. Default: trainwell-DATA.")
    ] = None


def plan_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a plan, or of terms, from what was given: a length of time becomes seconds, words become seeds."""
    readers = {"seconds": parse_time, "seeds": parse_seeds}
    return {name: readers[name](value) if name in readers else value for name, value in given.items()}


def parse_time(text: str) -> float:
    """Seconds from `90`, `90s`, `5m` or `1.5h`.

    Example:
        >>> parse_time("5m"), parse_time("90")
        (300.0, 90.0)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h|)\s*", text)
    seconds = float(found[1]) * UNITS[found[2]] if found else math.nan
    if not 0 < seconds < math.inf:
        got = shortened(text, 40)
        raise SearchError(f"--time must be a length of time above 0, got '{got}': try 90s, 5m or 1h")
    return seconds
