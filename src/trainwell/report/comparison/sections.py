"""The sections of a comparison's page."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from trainwell.comparison import AS_GIVEN, Comparison, Comparisons, headline, headlines
from trainwell.core import METRICS, METRICS_OF
from trainwell.display import Listing
from trainwell.report.comparison.aggregates import aggregates_chart
from trainwell.report.comparison.forest import MOST_PAIRS, forest_chart
from trainwell.report.comparison.labels import chart_labels
from trainwell.report.comparison.matrix import Matrix, improvement_matrix, pairs_matrix
from trainwell.report.comparison.methods import methods
from trainwell.report.comparison.profiles import profiles_chart
from trainwell.report.comparison.ranking import ranking_chart
from trainwell.report.comparison.ranks import rank_order, ranks_chart
from trainwell.report.comparison.sensitivity import sensitivity_chart, tuned_axes
from trainwell.report.comparison.tables import (
    across_listing,
    decided_first,
    pairs_listing,
    ranking_listing,
    time_listing,
    tuned_listing,
)
from trainwell.report.comparison.target import target_chart
from trainwell.report.comparison.words import (
    across_notes,
    improvement_notes,
    matrix_head,
    pair_notes,
    part_facts,
    ranking_notes,
    run_facts,
    sensitivity_caption,
    terms_facts,
    time_notes,
    verdict_notes,
)
from trainwell.report.frame.facts import Facts, data_facts
from trainwell.report.frame.rendering import Chart, render
from trainwell.report.legend import Legend, legend
from trainwell.report.palette import Style, styles
from trainwell.report.training.curves import loss_curves, score_curves
from trainwell.report.training.recipe_text import common_toml, differences
from trainwell.report.training.summary import summarise
from trainwell.training import differing_fields

MOST_VERDICTS = 15


@dataclass(frozen=True, eq=False)
class PartSections:
    """What the page shows of one data set; charts by name, as far as there is something to draw."""

    key: str
    name: str
    headline: str
    ranking: Listing
    ranking_notes: Sequence[str]
    matrix: Matrix
    matrix_head: str
    verdicts: Sequence[str]
    more_verdicts: Sequence[str]
    verdict_notes: Sequence[str]
    pairs: Listing
    pair_notes: Sequence[str]
    charts: dict[str, Chart]
    legend: Legend
    tuned: Listing | None
    advice: Sequence[str]
    time: Listing
    time_notes: Sequence[str]
    data: Facts
    notices: Sequence[str]
    facts: Facts
    toml: str
    fields: Sequence[str]
    differences: Sequence[tuple[str, Sequence[str]]]


@dataclass(frozen=True, eq=False)
class AcrossSections:
    """What the page shows of all data sets together."""

    notes: Sequence[str]
    table: Listing
    improvement: Matrix
    improvement_notes: Sequence[str]
    charts: dict[str, Chart]
    legend: Legend


def render_comparison_page(
    comparisons: Comparisons,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> str:
    """The page that `write_comparison_page` writes, as text."""
    first, across = comparisons.parts[0], comparisons.across
    order = first.ranking() if across is None else rank_order(across)
    return render(
        "comparison/comparison.html.jinja",
        title=title,
        headline=headlines(comparisons),
        as_given="" if first.terms.tune else AS_GIVEN,
        across=None if across is None else _across(comparisons, order),
        parts=[_part(part, str(i), order) for i, part in enumerate(comparisons.parts)],
        terms=terms_facts(comparisons),
        making=run_facts(command, seconds, files),
        methods=methods(comparisons),
    )


def _part(part: Comparison, key: str, order: Sequence[int]) -> PartSections:
    found = summarise(part.runs, part.labels)
    drawn = styles(found, order)
    pairs = [pair.words for pair in decided_first(part)]
    tuned = any(part.tunings)
    return PartSections(
        key,
        part.dataset.name,
        headline(part),
        ranking_listing(part, drawn),
        ranking_notes(part),
        pairs_matrix(part),
        matrix_head(part),
        pairs[:MOST_VERDICTS],
        pairs[MOST_VERDICTS:],
        verdict_notes(part),
        pairs_listing(part),
        pair_notes(part),
        {
            name: Chart(f"{name}-{key}", caption, figure)
            for name, (caption, figure) in _charts(part, drawn, order).items()
        },
        legend(found, drawn, part.runs),
        tuned_listing(part, drawn) if tuned else None,
        [
            f"{label}: {text}"
            for label, own in zip(part.labels, part.tunings, strict=True)
            if own
            for text in own.advice
        ],
        time_listing(part, drawn),
        time_notes(part),
        data_facts(part.dataset),
        (*part.notices, *part.dataset.notices),
        part_facts(part),
        common_toml(part.recipes),
        differing_fields(part.recipes),
        list(zip(part.labels, differences(part.recipes), strict=True)),
    )


def _charts(part: Comparison, drawn: Sequence[Style], order: Sequence[int]) -> dict[str, tuple[str, go.Figure]]:
    """Caption and figure by name."""
    metric = METRICS[part.metric]
    score = METRICS[METRICS_OF[part.dataset.task][0]].title
    found = {
        "ranking": (
            f"{metric.head}, every run and the mean with its interval; {metric.better} is better",
            ranking_chart(part, drawn),
        ),
        "score": (f"{score.capitalize()} while training", score_curves(part.runs, part.labels, order)),
        "loss": ("Loss while training, logarithmic", loss_curves(part.runs, part.labels, order)),
        "target": (
            "Epochs until the target was first observed, every run and the median with its interval; crosses never did",
            target_chart(part, drawn),
        ),
    }
    if len(part.pairs) <= MOST_PAIRS:
        found["forest"] = ("Differences with their intervals; the band is the margin", forest_chart(part))
    if tuned_axes(part):
        found["sensitivity"] = (sensitivity_caption(part), sensitivity_chart(part, drawn))
    return found


def _across(comparisons: Comparisons, order: Sequence[int]) -> AcrossSections:
    across, first = comparisons.across, comparisons.parts[0]
    assert across is not None  # there is such a section for several data sets only
    labels, short, names = (
        first.labels,
        chart_labels(first.contenders),
        [part.dataset.name for part in comparisons.parts],
    )
    found = summarise(first.runs, labels)
    drawn = styles(found, order)
    charts = {
        "ranks": ("Mean ranks; strokes join contenders that are not told apart", ranks_chart(across, short, drawn)),
        "aggregates": (
            "Normalised score of every run, and the interquartile mean with its interval",
            aggregates_chart(across, short, drawn, names),
        ),
        "profiles": ("Share of runs above every normalised score", profiles_chart(across, labels, drawn)),
    }
    return AcrossSections(
        across_notes(comparisons),
        across_listing(comparisons, drawn),
        improvement_matrix(across, short, order),
        improvement_notes(across),
        {name: Chart(f"{name}-all", caption, figure) for name, (caption, figure) in charts.items()},
        legend(found, drawn, first.runs),
    )
