"""Contenders of a race, best first, and how each is drawn."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from trainwell.report.palette import COLORS, GREY, MOST, SYMBOLS, Style

if TYPE_CHECKING:
    from trainwell.landscape import Descents


def race_order(descents: "Descents") -> list[int]:
    """Contenders by how many descents converged to a global minimum, to any minimum, how fast, and how low they got.

    Args:
        descents: of the race.
    """
    found = descents.outcomes == "converged"
    best = at_global(descents)
    updates = np.where(descents.settled < 0, np.inf, descents.settled)
    values = np.nan_to_num(np.asarray(descents.values, np.float64), nan=np.inf, posinf=np.inf, neginf=-np.inf)
    values = np.where(descents.left >= 0, np.inf, values)

    def rank(k: int) -> tuple[float, ...]:
        settled = updates[k][found[k]]
        fast = float(np.median(settled)) if len(settled) else np.inf
        return -float(best[k].sum()), -float(found[k].sum()), fast, float(np.median(values[k])), float(k)

    return sorted(range(len(descents.labels)), key=rank)


def at_global(descents: "Descents") -> Bool[np.ndarray, "C S"]:
    """Whether each descent converged to a known global minimum."""
    is_best = np.array([one.kind == "minimum" and one.is_global for one in descents.surface.critical] + [False])
    return np.asarray((descents.outcomes == "converged") & is_best[descents.reached])


def race_styles(descents: "Descents") -> list[Style]:
    """A style per contender: up to ten their own, in the contenders' order; of more, the rest share grey."""
    styles = [Style(GREY, "", False)] * len(descents.labels)
    for place, k in enumerate(sorted(race_order(descents)[:MOST])):
        styles[k] = Style(COLORS[place % len(COLORS)], SYMBOLS[place // len(COLORS)], True)
    return styles
