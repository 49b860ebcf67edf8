"""Colours and markers that tell recipes apart, for colour-blind readers too, on light and on dark ground."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainwell.report.training.summary import RecipeSummary, best_first

# Okabe & Ito (2008), "Color universal design", without black and yellow, which are unseen on dark or on light ground,
# and with a lighter blue: theirs is faint on dark.
COLORS = ("#1F86D1", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = ("", "diamond", "square", "triangle-up")
GREY = "#8C8C8C"
MOST = 10
"""As many recipes get a colour of their own; of more, the best do."""


@dataclass(frozen=True)
class Style:
    """How a recipe is drawn.

    Attributes:
        color: of its lines.
        symbol: Plotly's name of the marker on its lines; empty for none.
        own: whether no other recipe is drawn the same way.
    """

    color: str
    symbol: str
    own: bool

    def fill(self, opacity: float) -> str:
        """The colour with an opacity, as CSS."""
        red, green, blue = (int(self.color[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{opacity})"


def styles(summaries: Sequence[RecipeSummary], order: Sequence[int] | None = None) -> list[Style]:
    """A style per recipe: up to `MOST` their own, in the recipes' order; of more, the rest share grey.

    Args:
        summaries: one per recipe.
        order: the recipes, best first; by default by their mean score.
    """
    chosen = sorted((best_first(summaries) if order is None else order)[:MOST])
    found = [Style(GREY, "", False)] * len(summaries)
    for k, i in enumerate(chosen):
        found[i] = Style(COLORS[k % len(COLORS)], SYMBOLS[k // len(COLORS)], True)
    return found
