"""Options of a search: what, how long, by whom, and where it is kept."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import FIRST, Settings, option_of
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.core import shortened

if TYPE_CHECKING:
    from trainwell.data import Dataset
    from trainwell.search import Plan
    from trainwell.training import Space

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
RENAMED = {"seconds": "time", "seed": "sampler_seed", "target": "target_score"}
"""Settings of plans and terms that have another name as options, where others beside them are called so."""
TEXTS = {
    "seconds": "90|5m|1h",
    "tune": "FIELD[=a..b|=a,b,c]",
    "reference": "LABEL",
}
"""How settings are written that are read here."""
PLAN = Settings("trainwell.search", "Plan", lambda name: SearchOptions.PANEL, renamed=RENAMED, texts=TEXTS)


@dataclass(frozen=True)
class SearchOptions:
    """What is searched and how."""

    PANEL: ClassVar = "Search"
    search: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a..b|a,b,c",
            help="Search a field over a range (dropout_rate=0..0.5, l2_penalty=1e-8..1e-2:log) or choices "
            "(repeatable). Adds to --space; without one, nothing else is searched.",
            rich_help_panel=FIRST,
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
        bool, typer.Option("--refit/--no-refit", help="Train the best recipes again with fresh seeds.")
    ] = True
    storage: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|URL",
            help="Where the study is kept, to share it: a journal file, sqlite:///FILE, postgresql+psycopg2://…",
        ),
    ] = None
    study: Annotated[str | None, typer.Option(help="The study's name there. Default: trainwell-DATA.")] = None

    @property
    def shown_storage(self) -> str | None:
        """Where the study is kept, as it may be written down: run directories and pages are passed on."""
        from trainwell.search import without_password

        return None if self.storage is None else without_password(self.storage)

    def without_password(self, word: str) -> str:
        """A word of the command line as it may be written down."""
        return word.replace(self.storage, str(self.shown_storage)) if self.storage else word

    def plan(self, seeds: str | None) -> "Plan":
        """How to search; the metric is not known yet."""
        from trainwell.search import Plan, check_sampler

        self._check_names()
        wanted = plan_values(self.given) | {"seeds": parse_seeds(seeds, len(Plan.seeds))}
        wanted.pop("metric", None)  # the recipe's, which is checked
        if wanted.pop("halving", True) is False:
            wanted["halving"] = None
        if "seconds" in wanted:
            wanted.setdefault("trials", None)
        trials = wanted.get("trials", Plan.trials)
        wanted.setdefault("rounds", min(Plan.rounds, max(trials or Plan.rounds, 1)))
        plan = Plan(**wanted)
        check_sampler(plan.sampler)
        return plan if self.refit else replace(plan, refit_recipes=0)

    def space_for(self, dataset: "Dataset", recipe: RecipeOptions, plan: "Plan") -> "tuple[Space, Plan]":
        """The space, and the plan with the metric, which `--metric` names for both."""
        from trainwell.cli.options.space import parse_axes
        from trainwell.search import default_space, metric_of
        from trainwell.training import Space, load_space

        base = recipe.build()
        fixed: dict[str, Any] = base.model_dump(exclude_unset=True)
        axes = parse_axes(self.search or [])
        _check_apart(axes, recipe)
        declared = None if self.space is None else load_space(self.space)
        file_metric = declared.base.model_dump(exclude_unset=True).get("metric") if declared else None
        metric = metric_of(dataset, fixed.pop("metric", file_metric))
        if declared is not None:
            space = declared.evolve(axes, **fixed, metric=metric)
        elif axes:
            space = Space(base.evolve(metric=metric), axes)
        else:
            space = default_space(dataset, metric, **fixed)
        return space, replace(plan, metric=metric)

    def not_searched(self, space: "Space", recipe: RecipeOptions) -> list[str]:
        """A note for every axis of the space's file that the options leave without an effect."""
        from trainwell.training import load_space, user_of

        if self.space is None:
            return []
        gone = load_space(self.space).axes.keys() - space.axes.keys() - recipe.changes().keys()
        users = {name: user_of(name) for name in sorted(gone)}
        return [
            f"{name} of {self.space} is not searched: it has no effect with what the options say"
            + (f" of {user[0]}" if user else "")
            for name, user in users.items()
        ]

    def _check_names(self) -> None:
        from trainwell.search import SearchError

        if self.storage is not None and not self.storage.strip():
            raise SearchError("--storage is empty: name a journal file or a database, or leave it out")
        if self.study is not None and not self.study.strip():
            raise SearchError("--study is empty: give a name, or leave it out")


def _check_apart(axes: Iterable[str], recipe: RecipeOptions) -> None:
    """Refuse a field that one option fixes and another searches; a recipe file's values may be searched."""
    from trainwell.search import SearchError
    from trainwell.training import DERIVED

    given = recipe.changes()
    for name in axes:
        fixed = "hidden" if name in DERIVED and "hidden" in given else name
        if fixed in given:
            raise SearchError(
                f"--search {name} and {option_of(fixed)} (or --set {fixed}=…) both are there: leave one of them out"
            )


def plan_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a plan, or of terms, from what was given: a length of time becomes seconds."""
    return {name: parse_time(value) if name == "seconds" else value for name, value in given.items()}


def parse_time(text: str) -> float:
    """Seconds from `90`, `90s`, `5m` or `1.5h`.

    Example:
        >>> parse_time("5m"), parse_time("90")
        (300.0, 90.0)
    """
    from trainwell.search import SearchError

    found = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h|)\s*", text)
    seconds = float(found[1]) * UNITS[found[2]] if found else math.nan
    if not 0 < seconds < math.inf:
        got = shortened(text, 40)
        raise SearchError(f"--time must be a length of time above 0, got '{got}': try 90, 5m or 1h")
    return seconds
