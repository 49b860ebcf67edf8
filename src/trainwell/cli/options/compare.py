"""Options of a comparison: what is compared, how it is tuned, and how sure the verdicts must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.core import RecipeError, nearest

if TYPE_CHECKING:
    from trainwell.comparison import Terms
    from trainwell.training import Axis, Recipe

PANEL = "Comparison"
TUNED = "learning_rate"
"""What is tuned unless the user says."""


@dataclass(frozen=True)
class ComparisonOptions:
    """Contenders and terms of a comparison; None leaves a term at its default."""

    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=a,b,c",
            show_default=False,
            help="Values of a recipe's field; several --vary make a grid. Lists are joined by x: hidden=100x100,50.",
            rich_help_panel=PANEL,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[LABEL:] FIELD=VALUE …|FILE",
            show_default=False,
            help="A contender (repeatable): changed fields, as 'my label: optimizer=sgd momentum=0.9', or a recipe "
            "file; what it leaves out is as the recipe options say.",
            rich_help_panel=PANEL,
        ),
    ] = None
    as_given: Annotated[
        bool,
        typer.Option("--as-given", help="Tune nothing: quick, and no fair comparison.", rich_help_panel=PANEL),
    ] = False
    tune: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD[=a..b|=a,b,c]",
            show_default=False,
            help="What to tune for each contender beside its learning rate (repeatable), over its usual range if none "
            "is given; or another range for that. Default: learning_rate=1e-5..10:log.",
            rich_help_panel=PANEL,
        ),
    ] = None
    trials: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help="Values tried per contender, one seed each. Default: 24.",
            rich_help_panel=PANEL,
        ),
    ] = None
    rounds: Annotated[
        int | None,
        typer.Option(min=1, show_default=False, help="Rounds, coarse to fine. Default: 3.", rich_help_panel=PANEL),
    ] = None
    sampler: Annotated[
        str | None,
        typer.Option(
            show_default=False,
            help="coarse_to_fine (default), coarse_to_fine_uniform, random, grid, quasi_random, tpe, gp, cma_es.",
            rich_help_panel=PANEL,
        ),
    ] = None
    candidates: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help="Best values trained again, the best mean is taken. Default: 3.",
            rich_help_panel=PANEL,
        ),
    ] = None
    candidate_seeds: Annotated[
        int | None,
        typer.Option(
            min=1, show_default=False, help="Fresh seeds for each of them. Default: 3.", rich_help_panel=PANEL
        ),
    ] = None
    sampler_seed: Annotated[
        int | None,
        typer.Option(min=0, show_default=False, help="Seed of the sampler. Default: 0.", rich_help_panel=PANEL),
    ] = None
    most_seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help="Seeds per contender at most; --seeds says exactly which, judged once. Default: 30.",
            rich_help_panel=PANEL,
        ),
    ] = None
    looks: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            help="How often differences are judged while seeds are added. Default: 4.",
            rich_help_panel=PANEL,
        ),
    ] = None
    error_rate: Annotated[
        float | None,
        typer.Option(
            show_default=False,
            help="Chance of any false difference among all pairs of a data set, all looks included. Default: 0.05.",
            rich_help_panel=PANEL,
        ),
    ] = None
    margin: Annotated[
        float | None,
        typer.Option(
            show_default=False,
            help="The smallest difference that matters, in the metric's unit (0.002: 0.2 points of accuracy). Default: "
            "0.2 points of accuracy, or one validation row where that is more; 0.005 of R²; 2% of the best tuned loss.",
            rich_help_panel=PANEL,
        ),
    ] = None
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            show_default=False,
            help="Ask only how the others differ from this contender. Default: all pairs.",
            rich_help_panel=PANEL,
        ),
    ] = None
    target_score: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE",
            show_default=False,
            help="Score whose first observation is timed. Default: the median of what tuning reached.",
            rich_help_panel=PANEL,
        ),
    ] = None
    time: Annotated[
        str | None,
        typer.Option(
            metavar="90|10m|1h",
            show_default=False,
            help="After so long no further seeds begin; tuning is never cut short, it must be equal for all.",
            rich_help_panel=PANEL,
        ),
    ] = None

    def contenders(self) -> dict[str, Mapping[str, Any]]:
        """Changes of the base by label; see `given_contenders`."""
        from trainwell.cli.options.contenders import given_contenders

        return given_contenders(self.vary or [], self.contender or [])

    def base(self, recipe: RecipeOptions) -> "Recipe | dict[str, Any]":
        """What contenders are changes of: the file's recipe, or changes of the data set's default one."""
        return recipe.changes() if recipe.recipe is None else recipe.build()

    def terms(self, seeds: str | None, recipe: RecipeOptions) -> "Terms":
        """The terms. Loads JAX: settle the runtime first.

        Args:
            seeds: what `--seeds` says.
            recipe: names the metric, and fixes fields, which are then not tuned.

        Raises:
            RecipeError: a term is out of range, or two options contradict each other.
        """
        from trainwell.cli.options.search import parse_time
        from trainwell.comparison import Terms
        from trainwell.search import check_sampler

        self._check_apart(seeds)
        fixed = recipe.changes()
        terms = Terms(tune=self._axes(fixed), metric=fixed.get("metric"))
        wanted: dict[str, Any] = {
            "trials": self.trials,
            "rounds": self.rounds,
            "sampler": self.sampler,
            "candidates": self.candidates,
            "candidate_seeds": self.candidate_seeds,
            "seed": self.sampler_seed,
            "seeds": None if seeds is None else parse_seeds(seeds, 1),
            "most_seeds": self.most_seeds,
            "looks": self.looks,
            "error_rate": self.error_rate,
            "margin": self.margin,
            "reference": self.reference,
            "target": self.target_score,
            "seconds": None if self.time is None else parse_time(self.time),
        }
        terms = replace(terms, **{name: value for name, value in wanted.items() if value is not None})
        check_sampler(terms.sampler)
        self._check_parts(terms)
        return terms

    def _axes(self, fixed: Mapping[str, Any]) -> "dict[str, Axis]":
        """What is tuned, by field: what `--tune` says, and the learning rate unless it is fixed."""
        from trainwell.cli.options.space import parse_axes
        from trainwell.comparison import LEARNING_RATES

        if self.as_given:
            return {}
        axes: dict[str, Axis] = {}
        for text in self.tune or []:
            found = parse_axes([text], "--tune") if "=" in text else _usual(text.strip().replace("-", "_"))
            if twice := axes.keys() & found.keys():
                raise RecipeError(f"--tune names {twice.pop()} twice: give all its values at once")
            axes |= found
        for name in axes:
            if name in fixed:
                raise RecipeError(f"--tune {name} and a value for {name} both are there: leave one of them out")
        if TUNED in fixed and not axes:
            raise RecipeError(
                "a learning rate for all is no fair comparison: leave --learning-rate out, which tunes each "
                "contender's, or say --as-given"
            )
        return axes if TUNED in (*axes, *fixed) else {TUNED: LEARNING_RATES, **axes}

    def _check_apart(self, seeds: str | None) -> None:
        """Refuse options that have no effect beside others."""
        if self.as_given:
            names = ("tune", "trials", "rounds", "sampler", "candidates", "candidate_seeds", "sampler_seed")
            self._refuse(names, "--as-given tunes nothing")
        if seeds is not None:
            self._refuse(("most_seeds", "looks", "time"), "--seeds names all seeds, which are judged once")

    def _check_parts(self, terms: "Terms") -> None:
        """Refuse more rounds or candidates than there are trials."""
        for name in ("rounds", "candidates"):
            wanted = getattr(self, name)
            if wanted is not None and wanted > terms.trials:
                raise RecipeError(
                    f"--{name} {wanted} is more than the {terms.trials} trials: lower it, or raise --trials"
                )

    def _refuse(self, names: Sequence[str], why: str) -> None:
        for name in names:
            if getattr(self, name) not in (None, []):
                raise RecipeError(f"{why}: leave --{name.replace('_', '-')} out")


def usual_axes() -> "dict[str, Axis]":
    """The range or choices over which a field is tuned unless the user says, by field."""
    from trainwell.comparison import LEARNING_RATES
    from trainwell.search import AXES

    return {name: replace(axis, when=None) for name, axis in AXES.items()} | {TUNED: LEARNING_RATES}


def _usual(name: str) -> "dict[str, Axis]":
    from trainwell.training import Recipe

    usual = usual_axes()
    if name in usual:
        return {name: usual[name]}
    if name in Recipe.model_fields:
        raise RecipeError(f"--tune {name} has no usual range: write {name}=a..b or {name}=a,b,c")
    raise RecipeError(f"--tune: unknown field '{name}': {nearest(name, {*Recipe.model_fields, *usual})}")
