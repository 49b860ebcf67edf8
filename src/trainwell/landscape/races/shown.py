"""Shows a race: sentences on the winner, a table of all contenders, and heights against updates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.core import listed
from trainwell.display import (
    Cell,
    Figure,
    Head,
    Paths,
    Table,
    descents_chart,
    number_text,
    row_of,
    share_cell,
    signed_text,
    styles as styles_of,
)
from trainwell.landscape.descents.result import Descents
from trainwell.landscape.races.tuning import ENOUGH, LATE, MOST_LEFT, NEARLY
from trainwell.landscape.surfaces.surface import shown
from trainwell.statistics import proportion_interval

if TYPE_CHECKING:
    from trainwell.landscape.races.race import Race

AS_GIVEN = (
    "Learning rates are as given, not tuned: the picture shows these settings only, not which optimizer is better."
)
MOST_NAMED = 5
MOST_STARTS = 5
"""Largest number of starts from which paths are drawn."""
MOST_POINTS = 3000
"""Largest number of points of all paths in a chart."""
CURVE_POINTS = 2400
"""Largest number of points of all curves over updates in a chart."""


def race_headline(race: "Race") -> str:
    """Sentences: the surface, the first contender and its lead, and how the others ended."""
    descents, order = race.descents, race.descents.ranking()
    return _from_many(descents, order) if len(descents.starts) > 1 else _from_one(descents, order)


def _from_one(descents: Descents, order: Sequence[int]) -> str:
    converged = [k for k in order if descents.outcomes[k, 0] == "converged"]
    where = f"On {descents.surface.name}, from {shown(descents.starts[0], 4)},"
    others = _others(descents, [k for k in order if k not in converged])
    if not converged:
        nobody = f"{where} {_nobody(len(order))} converged within {_updates(descents.steps)}"
        return f"{nobody}.{_lowest(descents, order, descents.values[:, 0])} At the end: {others}."
    lead, *rest = converged
    after, next_after = (int(descents.settled_after[k, 0]) for k in (lead, rest[0] if rest else lead))
    same = rest and _to(descents, lead) == _to(descents, rest[0])
    ahead = f", {next_after / after:.2g} times as fast as the next" if same and next_after > 1.05 * after > 0 else ""
    named = [
        f"{descents.labels[k]}{_to(descents, k)} after {descents.settled_after[k, 0]:,}" for k in rest[: MOST_NAMED - 1]
    ]
    more = len(rest) - len(named)
    return "".join(
        (
            f"{where} {descents.labels[lead]} {'is first: ' * (len(order) > 1)}converged{_to(descents, lead)} ",
            f"after {after:,} of {_updates(descents.steps)}{ahead}.",
            f" Then {listed([*named, *([f'{more} more later'] if more else [])])}." if rest else "",
            f" Not converged: {others}." if others else "",
        )
    )


def _from_many(descents: Descents, order: Sequence[int]) -> str:
    n, known = len(descents.starts), descents.surface.lowest is not None
    found = descents.at_global if known else descents.outcomes == "converged"
    counts = found.sum(1)
    where, target = f"On {descents.surface.name},", f"a {'global ' * known}minimum"
    within = f"within {_updates(descents.steps)}"
    if not counts.any():
        none = share_cell(proportion_interval(0, n), 1).line
        values = np.median(np.where(descents.left_after < 0, descents.values, np.inf), 1)
        lowest = _lowest(descents, order, values, ", median of the starts")
        return f"{where} nobody converged to {target} {within} from any of {n:,} starts: {none} each.{lowest}"
    groups: dict[int, list[int]] = {}
    for k in order[:MOST_NAMED]:
        groups.setdefault(int(counts[k]), []).append(k)
    (best, leads), *rest = groups.items()
    place = "" if len(order) == 1 else "is first: " if len(leads) == 1 else "are first: "
    more = len(order) - min(len(order), MOST_NAMED)
    named = [(_names(descents, own), k) for k, own in rest]
    if rest and not rest[-1][0] and len(rest[-1][1]) + more > 1:  # nobody is ranked among those that never did
        named[-1], more = ("all others", 0), 0
    parts = [f"{names} from {_share(k, n)}" for names, k in named]
    return "".join(
        (
            f"{where} {_names(descents, leads)} {place}converged to {target} ",
            f"{within} from {_share(best, n)} of {n:,} starts",
            f", then {', '.join(parts)}" if parts else "",
            f" (95% intervals){f'; {more} more in the table' if more else ''}.",
            _fastest(descents, leads, found) if len(leads) > 1 and 2 * best >= n else "",
        )
    )


def _names(descents: Descents, who: Sequence[int]) -> str:
    return listed([descents.labels[k] for k in who])


def _share(count: int, n: int) -> str:
    return share_cell(proportion_interval(count, n), 1).line


def _updates(count: int) -> str:
    return f"{count:,} update{'s' * (count > 1)}"


def _fastest(descents: Descents, who: Sequence[int], found: Bool[np.ndarray, "C S"]) -> str:
    """The fastest of the contenders that converged equally often."""
    converged = found & (descents.settled_after >= 0)
    medians = {
        k: float(np.median(descents.settled_after[k][converged[k]])) if converged[k].any() else np.inf for k in who
    }
    if not all(map(np.isfinite, medians.values())):
        return ""
    first, *others = sorted(who, key=lambda k: medians[k])
    lead = f"{descents.labels[first]}, after a median of {medians[first]:,.6g} updates"
    return f" Fastest of these is {lead}; then {descents.labels[others[0]]} after {medians[others[0]]:,.6g}."


def _to(descents: Descents, k: int) -> str:
    """The words for a contender that converged to a local minimum; otherwise empty."""
    reached = int(descents.critical_indices[k, 0])
    return " to a local minimum" if reached >= 0 and not descents.surface.critical[reached].is_global else ""


def _others(descents: Descents, who: Sequence[int]) -> str:
    """How the contenders that did not converge ended."""
    groups: dict[str, list[int]] = {}
    for k in who:
        groups.setdefault(_end(descents, k), []).append(k)
    parts = []
    for end, own in groups.items():
        left = [f"{descents.left_after[k, 0]:,}" for k in own if descents.left_after[k, 0] >= 0]
        after = f" after {listed(left)}" if left else ""
        parts.append(f"{listed([descents.labels[k] for k in own])} ({end}{after})")
    return ", ".join(parts)


def _end(descents: Descents, k: int) -> str:
    end, reached = str(descents.outcomes[k, 0]), int(descents.critical_indices[k, 0])
    where = f"at a {descents.surface.critical[reached].kind}" if reached >= 0 else "where it is flat"
    words = {"running": "still running", "stuck": f"stuck {where}", "escaped": "escaped downhill"}
    return words.get(end, end)


def _lowest(descents: Descents, order: Sequence[int], values: Float[np.ndarray, " C"], of: str = "") -> str:
    """The contender with the lowest value if none converged, and its lead."""
    bottom = descents.surface.lowest
    alive = [k for k in order if np.isfinite(values[k]) and descents.left_after[k].min() < 0]
    if bottom is None or len(alive) < 2:
        return ""
    first, second = sorted(alive, key=lambda k: float(values[k]))[:2]
    heights = [f"{descents.labels[k]}, {signed_text(float(values[k] - bottom))}" for k in (first, second)]
    return f" Lowest is {heights[0]} above the minimum{of}; then {heights[1]}."


def _nobody(count: int) -> str:
    return "the contender had not" if count == 1 else "neither had" if count == 2 else f"none of the {count} had"


def start_note(race: "Race") -> str:
    """A note on the number of starts."""
    n = len(race.descents.starts)
    if n == 1:
        return "These results are from one start: from another start another contender may be first."
    return f"Shares and medians are over these {n:,} starts, the same for all contenders."


def tuning_notes(race: "Race") -> list[str]:
    """Notes on how learning rates were tuned; empty where they are as given."""
    if not race.tunings:
        return []
    first = next(iter(race.tunings.values()))
    rates = first.learning_rates
    notes = [
        f"Every contender was tried with the same {len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}, from "
        f"the same {first.num_starts} random starts of the domain (different from the race's), for "
        f"{first.steps:,} updates each. Other hyperparameters are as given."
    ]
    meanings = {
        "updates": "ranked by the mean number of updates (evaluations, with a line search) until a descent has settled "
        f"in a global minimum; a descent that does not counts as {LATE} times its updates",
        "height": "ranked by the median height at the end above the global minimum (if none is known, above the lowest "
        f"point that any contender reached), since at no rate {ENOUGH:.0%} of the starts reached that minimum. Rates "
        f"at which over {MOST_LEFT:.0%} of the descents left the surface were excluded",
    }
    for criterion in ("updates", "height"):
        who = [label for label, one in race.tunings.items() if one.criterion == criterion]
        if who:
            whose = "" if len(who) == len(race.tunings) else f" for {listed(who)}"
            notes.append(
                f"Rates{whose} were {meanings[criterion]}. Among rates within {NEARLY:.0%} of the best, the middle one "
                "is used."
            )
    return notes + [f"{label}: {text}" for label, one in race.tunings.items() for text in one.advice]


def remarks(race: "Race") -> list[str]:
    """Notes on a race: its starts, and how learning rates were chosen."""
    return [start_note(race), *(tuning_notes(race) or [AS_GIVEN])]


def race_table(race: "Race") -> Table:
    """One row per contender, best first: outcomes, and medians over the starts."""
    descents, order = race.descents, race.descents.ranking()
    styles = styles_of(order)
    rows = []
    for k in order:
        label = descents.labels[k]
        ends = sorted(descents.count(label).items(), key=lambda end: -end[1])
        said = ends[0][0] if len(descents.starts) == 1 else ", ".join(f"{count:,} {way}" for way, count in ends)
        settled = np.where(descents.settled_after[k] < 0, np.inf, descents.settled_after[k])
        rate = f"{descents.recipes[label].rule_numbers['learning_rate']:.4g}"
        cells = (label, rate, Cell(said), number_text(float(np.median(settled))))
        rows.append(row_of(styles[k], *cells, signed_text(float(np.median(descents.values[k])))))
    heads = (Head("Learning rate"), Head("End", "word"), Head("Settled after"), Head("Value"))
    return Table((Head("Contender", ""), *heads), tuple(rows))


def heights_chart(race: "Race") -> Figure:
    """The height above the global minimum on a logarithmic axis; the value if no global minimum is known."""
    descents, paths = race.descents, drawn_paths(race.descents, CURVE_POINTS, None)
    styles = styles_of(descents.ranking())
    bottom = descents.surface.lowest
    if bottom is None:
        figure = descents_chart(paths.updates, paths.values, paths.labels, styles, "Value", "value", thin=MOST_STARTS)
        inside = descents.surface.inside(np.nan_to_num(paths.points, nan=np.inf)) & np.isfinite(paths.values)
        return figure.update_yaxes(range=roomy(paths.values[inside]))
    floor = resolution(descents, bottom)
    above = np.maximum(np.asarray(paths.values, np.float64) - bottom, floor)  # NaN stays
    return descents_chart(
        paths.updates, above, paths.labels, styles, "Height above the minimum", "height", floor, MOST_STARTS
    )


def roomy(values: np.ndarray) -> list[float]:
    """An axis range from the lowest to the highest value, with a margin."""
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]


def resolution(descents: Descents, bottom: float) -> float:
    """The smallest height that the descents' precision can distinguish from 0."""
    eps = float(np.finfo(descents.values.dtype).eps)
    return max(eps * abs(bottom), 1e-14 if bottom == 0 else 0.0)


def drawn_paths(descents: Descents, most: int = MOST_POINTS, starts: int | None = MOST_STARTS) -> Paths:
    """The paths from the first few starts; long paths are thinned.

    Args:
        descents: descents with paths.
        most: largest number of points of all paths.
        starts: number of starts; None for all.
    """
    paths, values = descents.kept
    C, P = len(paths), paths.shape[1]
    updates = drawn_updates(paths.shape[2] - 1, most // (C * min(P, MOST_STARTS)))
    some = slice(starts)
    return Paths(
        descents.labels, updates, paths[:, some, updates], values[:, some, updates], descents.left_after[:, some] >= 0
    )


def drawn_updates(steps: int, most: int) -> Int[np.ndarray, " U"]:
    """The updates to draw: all, or the first ones and an evenly spaced selection of the others.

    Args:
        steps: the last update.
        most: largest number of updates to draw; values below 100 count as 100.

    Example:
        >>> len(drawn_updates(29, 1000)), len(drawn_updates(100_000, 1000))
        (30, 1000)
    """
    most = max(most, 100)
    if steps < most:
        return np.arange(steps + 1)
    rest = np.linspace(most // 2, steps, most - most // 2)
    return np.concatenate([np.arange(most // 2), rest.round().astype(np.int64)])
