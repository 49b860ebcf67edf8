"""The sentences of a race's page."""

from collections import Counter

import numpy as np

from trainwell.core import listed
from trainwell.display import Contour
from trainwell.landscape import Descents, Race, drawn_paths, shown
from trainwell.report.frame.page import Facts, sentences
from trainwell.report.race.charts import race_times
from trainwell.report.race.plane import Plane


def others_text(count: int) -> str:
    """On the button that shows paths from `count` starts beside the first."""
    return f"paths from {count} more start{'s' * (count > 1)}"


def race_caption(plane: Plane | None, contour: Contour | None) -> str:
    """Caption of the picture."""
    if plane is None or contour is None:
        return "The contenders’ points on the curve"
    spaced = "logarithmic" if contour.logarithmic else "even"
    where = "the whole domain" if plane.whole else "part of the domain"
    return f"The contenders’ paths on the contours ({spaced} levels, the stronger the tint the lower; {where})"


def race_notes(race: Race, plane: Plane | None) -> list[str]:
    """Notes on reading the picture."""
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
            "are where the contenders stand; a cross is one that went far outside the domain. What is outside "
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
            f"“{others_text(starts - 1)}” adds others.",
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
    far = "it went farther from the domain’s middle than 100 times half the domain’s width"
    meanings = {
        "converged": f"{small}, and there is a minimum (not necessarily the lowest)",
        "stuck": f"{small}, but no minimum is near: a saddle, a maximum, or a slope as flat as that",
        "running": f"the gradient’s norm is above {descents.tolerance:g} after the last update",
        "escaped": f"{far}, and was lower there than at its start: downhill for ever",
        "diverged": f"{far}, and was no lower there than at its start; or its value was not finite",
    }
    occurring = set(np.unique(descents.outcomes).tolist())
    return [(word, meaning) for word, meaning in meanings.items() if word in occurring]


def surface_facts(race: Race) -> Facts:
    """Facts about the race: the surface, the starts, and the number of updates."""
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
        (
            "Updates",
            f"{descents.steps:,} each; a descent has settled when the gradient’s norm is at most "
            f"{descents.tolerance:g}",
        ),
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
    return f"{listed(parts)}{'; there are no others' if surface.complete else ' known'}"
