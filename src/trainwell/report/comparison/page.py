"""The page of `trainwell compare`: the verdict, and everything it rests on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from trainwell.comparison import (
    AS_GIVEN,
    Comparison,
    Comparisons,
    across_chart,
    across_table,
    headline,
    headlines,
    is_spread_out,
    rank_order,
    ranking_chart,
    ranking_table,
    short_names,
)
from trainwell.core import METRICS, METRICS_OF, file_names
from trainwell.data import TEST_SPLIT_USED
from trainwell.display import Style, styles
from trainwell.report.comparison import charts
from trainwell.report.comparison.pairs import CHANCES, LONGEST, SIGNS, improvement_table, pairs_table, signs_in
from trainwell.report.comparison.tables import (
    decided_first,
    differences_table,
    time_table,
    tuned_table,
)
from trainwell.report.comparison.words import (
    across_notes,
    brief,
    improvement_notes,
    matrix_head,
    methods,
    pair_notes,
    part_facts,
    ranking_notes,
    sensitivity_caption,
    terms_facts,
    time_notes,
    verdict_notes,
)
from trainwell.report.frame.page import Chart, data_facts, made_facts, render, run_facts, write
from trainwell.report.training.recipes import common_toml, differences, legend
from trainwell.training import loss_curves, score_curves, summarise

DATA_PAGES = "pages"
"""Folder of the pages of each data set, beside the page over all of them."""


def write_comparison_page(
    comparisons: Comparisons,
    path: str | Path,
    *,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> Path:
    """Write the page of a comparison: verdict, ranking, pairs, curves, sensitivity, time, terms, recipes.

    With several data sets this is a page over all of them, which links to one page for each, in the folder `pages`.

    Args:
        comparisons: what `compare_on` gave back.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        seconds: wall-clock time of everything.
        files: names of the files beside the page that hold its numbers.

    Returns:
        The path.
    """
    path = Path(path)
    for link, part in _pages(comparisons):
        one, page = Comparisons((part,), None), path.parent / link
        page.parent.mkdir(exist_ok=True)
        whole = f"../{quote(path.name)}"
        write(page, render_comparison_page(one, f"Compare: {part.dataset.name}", command, seconds, whole=whole))
    return write(path, render_comparison_page(comparisons, title, command, seconds, files))


def _pages(comparisons: Comparisons) -> list[tuple[str, Comparison]]:
    """The page of each data set, as the path from the page over all, and its comparison; empty for a single one."""
    if comparisons.across is None:
        return []
    names = file_names([part.dataset.name for part in comparisons.parts])
    return [(f"{DATA_PAGES}/{name}.html", part) for name, part in zip(names, comparisons.parts, strict=True)]


def render_comparison_page(
    comparisons: Comparisons,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
    *,
    whole: str = "",
) -> str:
    """The page that `write_comparison_page` writes, as text; `whole` is the address of the page over all data sets."""
    first, across = comparisons.parts[0], comparisons.across
    order = first.ranking() if across is None else rank_order(across)
    return render(
        "comparison/comparison.html.jinja",
        title=title,
        headline=headlines(replace(comparisons, parts=tuple(map(brief, comparisons.parts)))),
        as_given="" if first.terms.tune else AS_GIVEN,
        across=None if across is None else _across(comparisons, order),
        untouched=_untouched(comparisons),
        part=_part(first, order) if across is None else None,
        pages=[(quote(link), part.dataset.name, headline(brief(part))) for link, part in _pages(comparisons)],
        whole=whole,
        terms=terms_facts(comparisons),
        making=made_facts(command, *run_facts(seconds, files)),
        methods=methods(comparisons),
    )


def _untouched(comparisons: Comparisons) -> str:
    """The warning for data sets on which contenders were judged on the test set."""
    parts = comparisons.parts
    names = [part.dataset.name for part in parts if part.dataset.validates_on_test]
    if not names:
        return ""
    return TEST_SPLIT_USED if len(names) == len(parts) else f"of {' and '.join(names)}, {TEST_SPLIT_USED}"


def _part(part: Comparison, order: Sequence[int]) -> dict[str, Any]:
    """Contents of the page for one data set; charts by name, if there is something to draw."""
    drawn, tuned = styles(order), any(part.tunings)
    square = pairs_table(part, short_names(part, LONGEST))
    tunings = [(label, own) for label, own in zip(part.labels, part.tunings, strict=True) if own]
    return {
        "ranking": ranking_table(part, drawn),
        "ranking_notes": ranking_notes(part),
        "matrix": square,
        "signs": signs_in(square, SIGNS),
        "matrix_head": matrix_head(part),
        "verdicts": [pair.words for pair in decided_first(brief(part))],
        "verdict_notes": verdict_notes(part),
        "pairs": differences_table(part),
        "pair_notes": pair_notes(part),
        "charts": {chart.id: chart for chart in _charts(part, drawn, order)},
        "legend": legend(summarise(part.runs, part.labels), drawn, part.runs),
        "tuned": tuned_table(part, drawn) if tuned else None,
        "advice": [f"{label}: {text}" for label, own in tunings for text in own.advice],
        "time": time_table(part, drawn),
        "time_notes": time_notes(part),
        "data": data_facts(part.dataset),
        "notices": (*part.notices, *part.dataset.notices),
        "facts": part_facts(part),
        "toml": common_toml(part.recipes),
        "differences": differences(part.recipes, part.labels, "Contender"),
    }


def _charts(part: Comparison, drawn: Sequence[Style], order: Sequence[int]) -> list[Chart]:
    metric = METRICS[part.metric]
    score = METRICS[METRICS_OF[part.dataset.task][0]].title.capitalize()
    ranking = f"{metric.head}, every run and the mean with its interval; {metric.better} is better"
    target = (
        "Epochs to the target score, every run and the median with its interval; crosses are runs that never reached it"
    )
    found = [
        Chart("ranking", ranking, ranking_chart(part, drawn, whole=True)),
        Chart("score", f"{score} while training", score_curves(part.runs, part.labels, order)),
        Chart("loss", "Loss while training, logarithmic", loss_curves(part.runs, part.labels, order)),
        Chart("target", target, charts.target(part, drawn)),
    ]
    if is_spread_out(part):
        found.append(Chart("enlarged", "The same, enlarged where most are", ranking_chart(part, drawn)))
    if len(part.pairs) <= charts.MOST_PAIRS:
        caption = "Differences with their intervals; the band is the margin"
        found.append(Chart("forest", caption, charts.forest(part)))
    if charts.tuned_scales(part):
        found.append(Chart("sensitivity", sensitivity_caption(part), charts.sensitivity(part, drawn)))
    return found


def _across(comparisons: Comparisons, order: Sequence[int]) -> dict[str, Any]:
    """Contents of the page for all data sets together."""
    across, first = comparisons.across, comparisons.parts[0]
    assert across is not None  # there is such a section for several data sets only
    short, drawn = short_names(first), styles(order)
    data = [part.dataset.name for part in comparisons.parts]
    improvement = improvement_table(across, short, order)
    aggregates = "Normalised score of every run, and the interquartile mean with its interval"
    found = {
        "ranks": (
            "Mean ranks; lines join contenders that do not differ significantly",
            across_chart(across, short, drawn),
        ),
        "aggregates": (aggregates, charts.aggregates(across, short, drawn, data)),
        "profiles": ("Share of runs above every normalised score", charts.profiles(across, first.labels, drawn)),
    }
    return {
        "notes": across_notes(comparisons),
        "table": across_table(comparisons, drawn),
        "improvement": improvement,
        "signs": signs_in(improvement, CHANCES),
        "improvement_notes": improvement_notes(across),
        "charts": {name: Chart(name, caption, figure) for name, (caption, figure) in found.items()},
        "legend": legend(summarise(first.runs, first.labels), drawn, first.runs),
    }
