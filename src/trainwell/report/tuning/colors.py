"""How trials are drawn: good ones strong, poor ones grey, pruned ones faint, diverged ones crossed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.report.palette import COLORS, GREY

if TYPE_CHECKING:
    from trainwell.search import SearchResult, TrialRecord

BEST, STRONG = COLORS[0], COLORS[1]
STATES = {
    "complete": "trained to the end",
    "pruned": "pruned",
    "cut": "cut off by the time limit",
    "diverged": "diverged",
}
SYMBOLS = {"complete": "circle", "pruned": "circle-open", "cut": "diamond-open", "diverged": "x-thin"}


def strengths(result: "SearchResult") -> dict[int, float]:
    """How good each complete trial is, by number: 1 for the best, 0 from the median down."""
    complete = [trial for trial in result.trials if trial.state == "complete" and np.isfinite(trial.value)]
    if not complete:
        return {}
    values = result.sign * np.array([trial.value for trial in complete], np.float64)
    low, high = float(np.median(values)), float(values.max())
    shares = np.clip((values - low) / (high - low), 0, 1) if high > low else np.ones(len(values))
    return {trial.number: float(share) for trial, share in zip(complete, shares, strict=True)}


def shade(share: float) -> str:
    """The colour between grey (0) and the strongest (1), as CSS; weaker is fainter, too.

    Example:
        >>> shade(0.0), shade(1.0)
        ('rgba(140,140,140,0.45)', 'rgba(213,94,0,1)')
    """
    ends = [[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in (GREY, STRONG)]
    mixed = [round(a + (b - a) * share) for a, b in zip(*ends, strict=True)]
    return f"rgba({','.join(map(str, mixed))},{0.45 + 0.55 * share:.3g})"


def best_number(result: "SearchResult") -> int | None:
    """Number of the best complete trial."""
    ranked = result.ranked()
    return ranked[0].number if ranked and ranked[0].state == "complete" else None


def markers(result: "SearchResult", trials: Sequence["TrialRecord"], state: str) -> dict[str, Any]:
    """How trials of one state are marked; the best of all is a blue star."""
    strong, best = strengths(result), best_number(result)
    size = 8 if state == "complete" else 7
    shades = [BEST if trial.number == best else shade(strong.get(trial.number, 0.0)) for trial in trials]
    return {
        "symbol": ["star" if trial.number == best else SYMBOLS[state] for trial in trials],
        "size": [14 if trial.number == best else size for trial in trials],
        "color": shades,
        "opacity": 1,
        "line": {
            "width": [1.2 if trial.number == best else 1.4 if state == "diverged" else 0 for trial in trials],
            "color": [
                "#FFFFFF" if trial.number == best else color for trial, color in zip(trials, shades, strict=True)
            ],
        },
    }
