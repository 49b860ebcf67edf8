"""What a race's page says in sentences."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.core import listed
from trainwell.display import Contour, share_cell, signed_text
from trainwell.landscape import Descents, Race, shown
from trainwell.report.frame.page import Facts, sentences
from trainwell.report.race.charts import lowest_known, race_times
from trainwell.report.race.plane import Plane, drawn_paths
from trainwell.statistics import proportion_interval

AS_GIVEN = (
    "Learning rates are as given, not tuned: the picture shows what these settings do, and says nothing about which "
    "optimizer is better."
)
MOST_NAMED = 5
OTHERS = "paths from {} more starts"
"""On the button that shows paths from all starts that are drawn."""


def race_headline(race: Race, order: Sequence[int]) -> str:
    """On which surface who is first and by how much, and what became of the others.

    Args:
        race: what was found.
        order: its contenders, best first.
    """
    descents = race.descents
    return _from_many(descents, order) if len(descents.starts) > 1 else _from_one(descents, order)


def _from_one(descents: Descents, order: Sequence[int]) -> str:
    converged = [k for k in order if descents.outcomes[k, 0] == "converged"]
    where = f"On {descents.surface.name}, from {shown(descents.starts[0], 4)},"
    others = _others(descents, [k for k in order if k not in converged])
    if not converged:
        nobody = f"{where} {_nobody(len(order))} converged within {_updates(descents.steps)}"
        return f"{nobody}.{_lowest(descents, order, descents.values[:, 0])} At the end: {others}."
    lead, *rest = converged
    after, next_after = (int(descents.settled[k, 0]) for k in (lead, rest[0] if rest else lead))
    same = rest and _to(descents, lead) == _to(descents, rest[0])
    ahead = f", {next_after / after:.2g} times as fast as the next" if same and next_after > 1.05 * after > 0 else ""
    named = [f"{descents.labels[k]}{_to(descents, k)} after {descents.settled[k, 0]:,}" for k in rest[: MOST_NAMED - 1]]
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
    n, known = len(descents.starts), lowest_known(descents.surface) is not None
    counts = (descents.at_global if known else descents.outcomes == "converged").sum(1)
    where, target = f"On {descents.surface.name},", f"a {'global ' * known}minimum"
    within = f"within {_updates(descents.steps)}"
    if not counts.any():
        none = share_cell(proportion_interval(0, n), 1).line
        values = np.median(np.where(descents.left < 0, descents.values, np.inf), 1)
        lowest = _lowest(descents, order, values, ", median of the starts")
        return f"{where} nobody converged to {target} {within} from any of {n:,} starts: {none} each.{lowest}"
    groups: dict[int, list[int]] = {}
    for k in order[:MOST_NAMED]:
        groups.setdefault(int(counts[k]), []).append(k)
    (best, leads), *rest = groups.items()
    place = "" if len(order) == 1 else "is first: " if len(leads) == 1 else "are first: "
    parts = [f"{_names(descents, own)} from {_share(k, n)}" for k, own in rest]
    more = len(order) - min(len(order), MOST_NAMED)
    return "".join(
        (
            f"{where} {_names(descents, leads)} {place}converged to {target} ",
            f"{within} from {_share(best, n)} of {n:,} starts",
            f", then {', '.join(parts)}" if parts else "",
            f" (95% intervals){f'; {more} more in the table' if more else ''}.",
            _fastest(descents, leads) if len(leads) > 1 else "",
        )
    )


def _names(descents: Descents, who: Sequence[int]) -> str:
    return listed([descents.labels[k] for k in who])


def _share(count: int, n: int) -> str:
    return share_cell(proportion_interval(count, n), 1).line


def _updates(count: int) -> str:
    return f"{count:,} update{'s' * (count > 1)}"


def _fastest(descents: Descents, who: Sequence[int]) -> str:
    """How fast those are that converged equally often."""
    converged = (descents.outcomes == "converged") & (descents.settled >= 0)
    medians = {k: float(np.median(descents.settled[k][converged[k]])) if converged[k].any() else np.inf for k in who}
    if not all(map(np.isfinite, medians.values())):
        return ""
    first, *others = sorted(who, key=lambda k: medians[k])
    lead = f"{descents.labels[first]}, after a median of {medians[first]:,.6g} updates"
    return f" Fastest of these is {lead}; then {descents.labels[others[0]]} after {medians[others[0]]:,.6g}."


def _to(descents: Descents, k: int) -> str:
    """Said of one that converged to a local minimum."""
    reached = int(descents.reached[k, 0])
    return " to a local minimum" if reached >= 0 and not descents.surface.critical[reached].is_global else ""


def _others(descents: Descents, who: Sequence[int]) -> str:
    """How those that did not converge ended."""
    groups: dict[str, list[int]] = {}
    for k in who:
        groups.setdefault(_end(descents, k), []).append(k)
    parts = []
    for end, own in groups.items():
        left = [f"{descents.left[k, 0]:,}" for k in own if descents.left[k, 0] >= 0]
        after = f" after {listed(left)}" if left else ""
        parts.append(f"{listed([descents.labels[k] for k in own])} ({end}{after})")
    return ", ".join(parts)


def _end(descents: Descents, k: int) -> str:
    end, reached = str(descents.outcomes[k, 0]), int(descents.reached[k, 0])
    where = f"at a {descents.surface.critical[reached].kind}" if reached >= 0 else "where it is flat"
    words = {"running": "still running", "stuck": f"stuck {where}", "escaped": "escaped downhill"}
    return words.get(end, end)


def _lowest(descents: Descents, order: Sequence[int], values: Float[np.ndarray, " C"], of: str = "") -> str:
    """Who was lowest when nobody had converged, and by how much."""
    bottom, alive = (
        lowest_known(descents.surface),
        [k for k in order if np.isfinite(values[k]) and descents.left[k].min() < 0],
    )
    if bottom is None or len(alive) < 2:
        return ""
    first, second = sorted(alive, key=lambda k: float(values[k]))[:2]
    heights = [f"{descents.labels[k]}, {signed_text(float(values[k] - bottom))}" for k in (first, second)]
    return f" Lowest is {heights[0]} above the minimum{of}; then {heights[1]}."


def _nobody(count: int) -> str:
    return "the contender had not" if count == 1 else "neither had" if count == 2 else f"none of the {count} had"


def start_note(race: Race) -> str:
    """What may be concluded from the starts there are."""
    n = len(race.descents.starts)
    if n == 1:
        return "All of this is from one start: elsewhere on the surface another contender may be first."
    return f"Shares and medians are over these {n:,} starts, the same for all contenders."


def race_caption(plane: Plane | None, contour: Contour | None) -> str:
    """What the picture shows."""
    if plane is None or contour is None:
        return "The contenders’ points on the curve"
    spaced = "logarithmic" if contour.logarithmic else "even"
    where = "the whole domain" if plane.whole else "part of the domain"
    return f"The contenders’ paths on the contours ({spaced} levels, the stronger the tint the lower; {where})"


def race_notes(race: Race, plane: Plane | None) -> list[str]:
    """What one has to know to read the picture."""
    descents, drawn = race.descents, drawn_paths(race.descents)
    stop, starts = race_times(descents)[-1], len(drawn.points[0])
    dense = int(np.argmax(np.diff(drawn.updates) > 1))
    return sentences(
        (
            plane is not None and descents.surface.dimension > 2,
            f"The surface has {descents.surface.dimension} dimensions. The picture is a plane through its global "
            "minimum (where none is known, through the lowest point reached), along the principal axes that are "
            "flattest and steepest there; the contours are those in the plane, the paths are projected onto it, so "
            "that a path need not be at the height of the contour that it crosses.",
        ),
        (
            plane is not None,
            "Stars are known minima (filled global, open local), thin crosses saddles, triangles maxima. Large markers "
            "are where the contenders stand; a cross is one that has left the surface’s surroundings. What is outside "
            "the picture is cut off at its edge.",
        ),
        (
            len(drawn.updates) <= descents.steps,
            f"After {dense:,} updates not every point of the paths is drawn.",
        ),
        (
            stop < descents.steps,
            f"The player ends at update {stop:,}: by then all have settled or left.",
        ),
        (
            starts > 1,
            f"Shown are the paths from the first of {len(descents.starts):,} starts; the button "
            f"“{OTHERS.format(starts - 1)}” adds others.",
        ),
        (
            race.noise,
            f"Every gradient has noise of standard deviation {race.noise:g}: one that has converged leaves the minimum "
            "again.",
        ),
    )


def end_words(descents: Descents) -> list[tuple[str, str]]:
    """The words for how descents end that occur, each with its meaning."""
    small = f"the gradient’s norm is at most {descents.tolerance:g} after the last update"
    meanings = {
        "converged": f"{small}, and there is a minimum (not necessarily the lowest)",
        "stuck": f"{small}, but no minimum is near: a saddle, a maximum, or a slope as flat as that",
        "running": f"the gradient’s norm is above {descents.tolerance:g} after the last update",
        "escaped": "it left the surroundings of the surface, lower than it started: downhill for ever",
        "diverged": "it left the surroundings of the surface no lower than it started, or its value was not finite",
    }
    there = set(np.unique(descents.outcomes).tolist())
    return [(word, meaning) for word, meaning in meanings.items() if word in there]


def tuning_notes(race: Race) -> list[str]:
    """How learning rates were found."""
    if not race.tunings:
        return []
    first = next(iter(race.tunings.values()))
    rates = first.learning_rates
    notes = [
        f"Every contender was tried with the same {len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}, from "
        f"the same {first.num_starts} random starts of the domain (those of the race are not among them), for "
        f"{first.steps:,} updates each. Other numbers are as given."
    ]
    meanings = {
        "updates": "mean number of updates (evaluations, with a line search) until a descent has settled in a global "
        "minimum, where one that does not counts as twice those it had",
        "height": "median height above the global minimum at the end, as at no rate half of the starts reach it (where "
        "none is known, the height above the lowest point that anybody reached), among rates at which at most a tenth "
        "of the descents leave the surface",
    }
    for criterion in ("updates", "height"):
        who = [label for label, one in race.tunings.items() if one.criterion == criterion]
        if who:
            whose = "" if len(who) == len(race.tunings) else f" for {listed(who)}"
            notes.append(
                f"The best rate{whose} has the least {meanings[criterion]}; of rates within 1% the middle one."
            )
    return notes + [f"{label}: {text}" for label, one in race.tunings.items() for text in one.advice]


def surface_facts(race: Race) -> Facts:
    """What was descended, from where, and how long."""
    descents, surface = race.descents, race.descents.surface
    low, high = surface.domain.T
    named = f"{surface.name}: {surface.description}" if surface.description else surface.name
    starts = ", ".join(shown(start) for start in descents.starts[:3])
    more = f" and {len(descents.starts) - 3:,} more" if len(descents.starts) > 3 else ""
    noise = f"normal, standard deviation {race.noise:g} on every component; seed {race.seed}"
    return [
        ("Surface", named + (f" ({surface.source})" if surface.source else "")),
        ("Domain", f"{surface.dimension} dimension{'s' * (surface.dimension > 1)}, from {shown(low)} to {shown(high)}"),
        ("Critical points", _critical(race)),
        ("Starts" if len(descents.starts) > 1 else "Start", starts + more),
        ("Updates", f"{descents.steps:,} each; settled is a gradient’s norm of at most {descents.tolerance:g}"),
        *([("Noise", noise)] if race.noise else []),
        ("Arithmetic", str(descents.points.dtype)),
    ]


def _critical(race: Race) -> str:
    surface = race.descents.surface
    if not surface.critical:
        return "none is known"
    kinds = Counter[str](one.kind for one in surface.critical)
    names = {"minimum": "minima", "saddle": "saddles", "maximum": "maxima"}
    parts = [f"{n} {many if n > 1 else one}" for one, many in names.items() if (n := kinds[one])]
    return f"{listed(parts)} known{': these are all' if surface.complete else ''}"
