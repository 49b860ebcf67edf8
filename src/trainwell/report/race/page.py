"""The page of `trainwell race`: the race itself to be played, what every contender came to, and how."""

from collections.abc import Sequence
from pathlib import Path

from trainwell.display import GREY, OTHER_STARTS, Chip, Style, chips, ends_chart, styles as styles_of
from trainwell.landscape import AS_GIVEN, Race, drawn_paths, heights_chart, start_note, tuning_notes
from trainwell.optim import RULES
from trainwell.report.frame.page import Chart, made_facts, render, run_facts, write
from trainwell.report.race import charts
from trainwell.report.race.plane import Plane, contour_of, race_plane
from trainwell.report.race.tables import MEASURES, ends_table, glance_table, medians_table, results_table
from trainwell.report.race.words import (
    end_words,
    others_text,
    race_caption,
    race_notes,
    surface_facts,
)

GRIDS = {"plane": (112, 48), "solid": (160, 72)}
"""Points along the axes of the race's contours and of the panels', by what is on the page beside them."""


def write_race_page(
    race: Race,
    path: str | Path,
    *,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> Path:
    """Write the page of a race: the animated paths, curves, ends, tuning, and the optimizers at a glance.

    Args:
        race: what was found, with paths.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        seconds: wall-clock time of everything.
        files: names of the files beside the page that hold its numbers.

    Returns:
        The path.

    Raises:
        ValueError: the race has no paths.
    """
    return write(path, render_race_page(race, title=title, command=command, seconds=seconds, files=files))


def render_race_page(
    race: Race, *, title: str, command: str = "", seconds: float | None = None, files: Sequence[str] = ()
) -> str:
    """The page that `write_race_page` writes, as text.

    Raises:
        ValueError: the race has no paths.
    """
    descents = race.descents
    order, many = descents.ranking(), len(descents.starts) > 1
    styles, ends = styles_of(order), charts.ends_of(descents)
    used = list(dict.fromkeys(recipe.optimizer for recipe in descents.recipes.values()))
    starts = len(drawn_paths(descents).points[0])
    plane = race_plane(race, starts) if descents.surface.dimension > 1 else None
    drawn = _charts(race, plane, styles, order)
    return render(
        "race/race.html.jinja",
        bundle="solid" if any(chart.in_space for chart in drawn) else "plane",
        title=title,
        headline=race.headline,
        as_given="" if race.tunings else AS_GIVEN,
        start_note=start_note(race),
        contenders=chips(descents.labels, styles),
        more_starts=[Chip(OTHER_STARTS, others_text(starts - 1), GREY, on=False)] if starts > 1 else [],
        charts={chart.id: chart for chart in drawn},
        race_notes=race_notes(race, plane),
        results=None if many else results_table(descents, styles, order),
        ends=ends_table(descents, ends, styles, order) if many else None,
        medians=medians_table(descents, styles, order) if many else None,
        ways=charts.ways_of(ends),
        starts=len(descents.starts),
        end_words=end_words(descents),
        measure_words=MEASURES.items(),
        tuning_notes=tuning_notes(race),
        glance=glance_table(used),
        others=glance_table(name for name in RULES if name not in used),
        making=[*surface_facts(race), *made_facts(command, *run_facts(seconds, files))],
    )


def _charts(race: Race, plane: Plane | None, styles: Sequence[Style], order: Sequence[int]) -> list[Chart]:
    descents = race.descents
    if plane is None:
        found = [Chart("race", race_caption(None, None), charts.line_picture(race, styles))]
    else:
        fine, coarse = GRIDS["solid" if descents.surface.dimension == 2 else "plane"]
        contour = contour_of(descents.surface, plane, fine)
        found = [Chart("race", race_caption(plane, contour), charts.picture(race, plane, contour, styles))]
        if 1 < len(styles) <= charts.MOST_PANELS:
            ground = contour_of(descents.surface, plane, coarse)
            found.append(Chart("panels", "Every contender’s path", charts.panels(race, plane, ground, styles)))
        if descents.surface.dimension == 2:
            k = charts.ball_contender(race, order)
            ball = f"{descents.labels[k]} from the first start, like a ball that rolls down the surface"
            found.append(Chart("ball", ball, charts.ball(race, k, plane, styles[k])))
    of = f"; the median of {len(descents.starts):,} starts" if len(descents.starts) > 1 else ""
    height = "Value" if descents.surface.lowest is None else "Height above the minimum, logarithmic"
    found.append(Chart("height", f"{height}{of}", heights_chart(race)))
    slope = f"Norm of the gradient, logarithmic{of}; dashed the tolerance"
    found.append(Chart("slope", slope, charts.slopes(race, styles)))
    if len(descents.starts) > 1:
        ends = charts.ends_of(descents)
        labels, shares = [descents.labels[k] for k in order], [ends[k] for k in order]
        found.append(Chart("ends", "How the descents ended", ends_chart(labels, shares, charts.ways_of(ends))))
    for criterion in dict.fromkeys(one.criterion for one in (race.tunings or {}).values()):
        caption = f"{charts.TITLES[criterion]}, by learning rate: lower is better, stars are the chosen"
        found.append(Chart(f"rates-{criterion}", caption, charts.rates(race, criterion, styles)))
    return found
