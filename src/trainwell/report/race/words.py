"""What a race's page says in sentences."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

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


def race_headline(race: Race, order: Sequence[int]) -> str:
    """Who converged, after how many updates, and who did not; of several starts the shares with their intervals.

    Args:
        race: what was found.
        order: its contenders, best first.
    """
    descents = race.descents
    return _from_many(descents, order) if len(descents.starts) > 1 else _from_one(descents, order)


def _from_one(descents: Descents, order: Sequence[int]) -> str:
    converged = [k for k in order if descents.outcomes[k, 0] == "converged"]
    start = f"From the start {shown(descents.starts[0], 4)}"
    updates = f"{descents.steps:,} update{'s' * (descents.steps > 1)}"
    others = _others(descents, [k for k in order if k not in converged])
    if not converged:
        return f"{start}, {_nobody(len(order))} converged within {updates}: {others}.{_lowest(descents, order)}"
    first = [_settled(descents, k) for k in converged[:MOST_NAMED]]
    rest = len(converged) - len(first)
    text = f"{start}, {listed([*first, *([f'{rest} more later'] if rest else [])])} of {updates}."
    return f"{text} Not converged: {others}." if others else text


def _from_many(descents: Descents, order: Sequence[int]) -> str:
    n, known = len(descents.starts), lowest_known(descents.surface) is not None
    counts = (descents.at_global if known else descents.outcomes == "converged").sum(1)
    groups: dict[int, list[str]] = {}
    for k in order[:MOST_NAMED]:
        groups.setdefault(int(counts[k]), []).append(descents.labels[k])
    parts = [f"{listed(own)} from {share_cell(proportion_interval(k, n), 1).line}" for k, own in groups.items()]
    rest = len(order) - min(len(order), MOST_NAMED)
    more = f"; {rest} more in the table" if rest else ""
    return (
        f"Of {n:,} starts, converged to a {'global ' * known}minimum within {descents.steps:,} "
        f"update{'s' * (descents.steps > 1)}: {', '.join(parts)} (95% intervals){more}."
    )


def _settled(descents: Descents, k: int) -> str:
    reached, after = int(descents.reached[k, 0]), int(descents.settled[k, 0])
    local = reached >= 0 and not descents.surface.critical[reached].is_global
    return f"{descents.labels[k]} converged{' to a local minimum' if local else ''} after {after:,}"


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


def _lowest(descents: Descents, order: Sequence[int]) -> str:
    """Who was lowest when nobody had converged."""
    bottom, alive = lowest_known(descents.surface), [k for k in order if descents.left[k, 0] < 0]
    if bottom is None or len(alive) < 2:
        return ""
    k = min(alive, key=lambda k: float(descents.values[k, 0]))
    height = signed_text(float(descents.values[k, 0] - bottom))
    return f" The lowest at the end was {descents.labels[k]}, {height} above the minimum."


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
            starts < len(descents.starts),
            f"Drawn are the paths from the first {starts} of {len(descents.starts):,} starts.",
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
