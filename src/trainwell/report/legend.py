"""The page's own legend: one button per recipe and per kind of curve, for all charts together."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainwell.report.palette import GREY, MOST, Style
from trainwell.report.training.summary import RecipeSummary
from trainwell.training import Runs


@dataclass(frozen=True)
class Chip:
    """A button: what it switches, its text, how it looks, and whether it is on at first."""

    key: str
    text: str
    color: str
    symbol: str = ""
    on: bool = True


@dataclass(frozen=True)
class Legend:
    """The buttons of recipes and of kinds of curves."""

    recipes: tuple[Chip, ...]
    kinds: tuple[Chip, ...]


def legend(summaries: Sequence[RecipeSummary], chosen: Sequence[Style], runs: Runs) -> Legend:
    """The legend of a population's charts.

    Args:
        summaries: one per recipe.
        chosen: how each is drawn.
        runs: the population, for which curves there are.
    """
    recipes = [
        Chip(str(i), summary.label, style.color, style.symbol)
        for i, (summary, style) in enumerate(zip(summaries, chosen, strict=True))
        if style.own
    ]
    if rest := len(summaries) - len(recipes):
        recipes.append(Chip("rest", f"the other {rest} recipes", GREY))
    kinds = [
        Chip("validation", "validation", "currentColor"),
        Chip("training", "training", "currentColor", on=len(summaries) <= MOST),
    ]
    if "loss/batches" in runs.trace.values:
        kinds.append(Chip("batches", "training batches", "currentColor", on=len(summaries) == 1))
    return Legend(tuple(recipes), tuple(kinds))


def group_key(recipe: int, style: Style) -> str:
    """Key of the button that switches a recipe: its own, or that of all which share grey."""
    return str(recipe) if style.own else "rest"
