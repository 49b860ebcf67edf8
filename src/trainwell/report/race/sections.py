"""The sections of a race's page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainwell.optim import RULES
from trainwell.report.frame.rendering import Chart, render
from trainwell.report.legend import Chip
from trainwell.report.palette import GREY, Style
from trainwell.report.race.animation import line_race_chart, race_chart
from trainwell.report.race.ball import ball_chart, ball_contender
from trainwell.report.race.contour import Contour, contour_of
from trainwell.report.race.curves import height_chart, lowest_known, slope_chart
from trainwell.report.race.glance import glance_listing
from trainwell.report.race.outcomes import ends_of, outcomes_chart, ways_of
from trainwell.report.race.panels import MOST_PANELS, panels_chart
from trainwell.report.race.plane import Plane, race_plane
from trainwell.report.race.ranking import race_order, race_styles
from trainwell.report.race.rates import TITLES, rates_chart
from trainwell.report.race.tables import ends_listing, medians_listing, results_listing
from trainwell.report.race.traces import drawn_paths
from trainwell.report.race.words import (
    AS_GIVEN,
    end_words,
    making_facts,
    measure_words,
    race_caption,
    race_headline,
    race_notes,
    start_note,
    tuning_notes,
)

if TYPE_CHECKING:
    from trainwell.landscape import Race

COARSE = 80


def race_page(
    race: "Race",
    *,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> str:
    """The page that `write_race_page` writes, as text.

    Raises:
        ValueError: the race has no paths.
    """
    descents = race.descents
    if descents.paths is None:
        raise ValueError("a race's page draws paths: descend with paths=True")
    order, styles = race_order(descents), race_styles(descents)
    many = len(descents.starts) > 1
    ends = ends_of(descents)
    plane = race_plane(race, len(drawn_paths(race).points[0])) if descents.surface.dimension > 1 else None
    contour = None if plane is None else contour_of(descents.surface, plane)
    used = list(dict.fromkeys(recipe.optimizer for recipe in descents.recipes.values()))
    return render(
        "race/race.html.jinja",
        title=title,
        headline=race_headline(race, order),
        as_given="" if race.tunings else AS_GIVEN,
        start_note=start_note(race),
        contenders=_chips(race, styles),
        charts={chart.id: chart for chart in _charts(race, plane, contour, styles, order, ends)},
        race_notes=race_notes(race, plane),
        results=None if many else results_listing(descents, styles, order),
        ends=ends_listing(descents, ends, styles, order) if many else None,
        medians=medians_listing(descents, styles, order) if many else None,
        ways=ways_of(ends),
        starts=len(descents.starts),
        end_words=end_words(descents),
        measure_words=measure_words(),
        tuning_notes=tuning_notes(race),
        glance=glance_listing(used),
        others=glance_listing(name for name in RULES if name not in used),
        making=making_facts(race, command, seconds, files),
    )


def _charts(
    race: "Race",
    plane: Plane | None,
    contour: Contour | None,
    styles: Sequence[Style],
    order: Sequence[int],
    ends: Sequence[dict[str, int]],
) -> list[Chart]:
    descents = race.descents
    caption = race_caption(plane, contour)
    if plane is None or contour is None:
        found = [Chart("race", caption, line_race_chart(race, styles))]
    else:
        found = [Chart("race", caption, race_chart(race, plane, contour, styles))]
        if 1 < len(styles) <= MOST_PANELS:
            coarse = contour_of(descents.surface, plane, COARSE)
            found.append(Chart("panels", "Every contender’s path", panels_chart(race, plane, coarse, styles)))
        if descents.surface.dimension == 2:
            k = ball_contender(race, list(order))
            ball = f"{descents.labels[k]} from the first start, like a ball that rolls down the surface"
            found.append(Chart("ball", ball, ball_chart(race, k, plane, styles[k])))
    height = "Value" if lowest_known(descents.surface) is None else "Height above the minimum, logarithmic"
    found.append(Chart("height", height, height_chart(race, styles)))
    found.append(Chart("slope", "Norm of the gradient, logarithmic; dashed the tolerance", slope_chart(race, styles)))
    if len(descents.starts) > 1:
        found.append(Chart("ends", "How the descents ended", outcomes_chart(descents, ends, order)))
    if race.tunings:
        criteria = dict.fromkeys(one.criterion for one in race.tunings.values())
        for criterion in criteria:
            figure = rates_chart(race.tunings, criterion, descents.labels, styles)
            caption = f"{TITLES[criterion]}, by learning rate: lower is better, stars are the chosen"
            found.append(Chart(f"rates-{criterion}", caption, figure))
    return found


def _chips(race: "Race", styles: Sequence[Style]) -> tuple[Chip, ...]:
    """The buttons of the contenders."""
    labels = race.descents.labels
    own = [
        Chip(str(k), label, style.color, style.symbol)
        for k, (label, style) in enumerate(zip(labels, styles, strict=True))
        if style.own
    ]
    rest = len(labels) - len(own)
    return (*own, *([Chip("rest", f"the other {rest}", GREY)] if rest else []))
