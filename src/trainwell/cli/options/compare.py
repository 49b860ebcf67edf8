"""Options of a comparison: what is compared, how it is tuned, and how sure the verdicts must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import FIRST, Settings, option_of
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.cli.options.search import RENAMED, TEXTS, plan_values
from trainwell.core import RecipeError, nearest

if TYPE_CHECKING:
    from trainwell.comparison import Terms
    from trainwell.training import Axis, Recipe

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
            rich_help_panel=FIRST,
        ),
    ] = None
    contender: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE …|FILE",
            help="A contender (repeatable): changed fields, as 'my label: optimizer=sgd momentum=0.9', or a recipe "
            "file; what it leaves out is as the recipe options say.",
            rich_help_panel=FIRST,
        ),
    ] = None
    as_given: Annotated[
        bool,
        typer.Option("--as-given", help="Tune nothing: quick, and no fair comparison.", rich_help_panel=FIRST),
    ] = False
    given: Annotated[Mapping[str, Any], TERMS] = field(default_factory=dict)

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
        from trainwell.comparison import Terms
        from trainwell.search import check_sampler

        self._check_apart(seeds)
        fixed = recipe.changes()
        wanted = plan_values(self.given) | {"tune": self._axes(fixed), "metric": fixed.get("metric")}
        terms = Terms(seeds=None if seeds is None else parse_seeds(seeds, 1), **wanted)
        check_sampler(terms.sampler)
        self._check_parts(terms)
        return terms

    def _axes(self, fixed: Mapping[str, Any]) -> "dict[str, Axis]":
        """What is tuned, by field: what `--tune` says, and the learning rate unless it is fixed."""
        from trainwell.cli.options.space import parse_axes
        from trainwell.comparison import Terms

        if self.as_given:
            return {}
        always, axes = Terms().tune, dict[str, "Axis"]()
        for text in self.given.get("tune", ()):
            found = parse_axes([text], "--tune") if "=" in text else _usual(text.strip().replace("-", "_"))
            if twice := axes.keys() & found.keys():
                raise RecipeError(f"--tune names {twice.pop()} twice: give all its values at once")
            axes |= found
        for name in axes:
            if name in fixed:
                raise RecipeError(f"--tune {name} and a value for {name} both are there: leave one of them out")
        if not axes and always.keys() <= fixed.keys():
            name = next(iter(always))
            raise RecipeError(
                f"a {name.replace('_', ' ')} for all is no fair comparison: leave {option_of(name)} out, which tunes "
                "each contender's, or say --as-given"
            )
        return {name: axis for name, axis in always.items() if name not in (*axes, *fixed)} | axes

    def _check_apart(self, seeds: str | None) -> None:
        """Refuse options that have no effect beside others."""
        if self.as_given:
            names = ("tune", "trials", "rounds", "sampler", "candidates", "candidate_seeds", "seed")
            self._refuse(names, "--as-given tunes nothing")
        if seeds is not None:
            self._refuse(("most_seeds", "looks", "seconds"), "--seeds names all seeds, which are judged once")

    def _check_parts(self, terms: "Terms") -> None:
        """Refuse more rounds or candidates than there are trials."""
        for name in ("rounds", "candidates"):
            if self.given.get(name, 0) > terms.trials:
                raise RecipeError(
                    f"--{name} {self.given[name]} is more than the {terms.trials} trials: lower it, or raise --trials"
                )

    def _refuse(self, names: Sequence[str], why: str) -> None:
        for name in names:
            if name in self.given:
                raise RecipeError(f"{why}: leave {option_of(RENAMED.get(name, name))} out")


def usual_axes() -> "dict[str, Axis]":
    """The range or choices over which a field is tuned unless the user says, by field."""
    from trainwell.comparison import Terms
    from trainwell.search import AXES

    return {name: replace(axis, when=None) for name, axis in AXES.items()} | dict(Terms().tune)


def _usual(name: str) -> "dict[str, Axis]":
    from trainwell.training import recipe_fields

    usual = usual_axes()
    if name in usual:
        return {name: usual[name]}
    if name in recipe_fields():
        raise RecipeError(f"--tune {name} has no usual range: write {name}=a..b or {name}=a,b,c")
    raise RecipeError(f"--tune: unknown field '{name}': {nearest(name, {*recipe_fields(), *usual})}")
