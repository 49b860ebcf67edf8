"""One self-contained HTML page about a population: it works offline and loads nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trainwell.core import METRICS, undefined_r2
from trainwell.data import TEST_SPLIT_USED
from trainwell.display import styles
from trainwell.models import Quality
from trainwell.report.frame.page import (
    Chart,
    Facts,
    SavedModel,
    data_facts,
    made_facts,
    quality_sentence,
    render,
    sentences,
    test_facts,
    write,
)
from trainwell.report.training.layers import layer_charts, layer_table
from trainwell.report.training.recipes import common_toml, differences, legend
from trainwell.training import (
    LayerSpreads,
    Recipe,
    RecipeSummary,
    Runs,
    best_first,
    final_scores,
    headline,
    layer_facts,
    loss_curves,
    results_table,
    score_curves,
    summarise,
)


def write_page(
    runs: Runs,
    path: str | Path,
    *,
    title: str,
    command: str = "",
    labels: Sequence[str] | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    start: Sequence[str] = (),
    layers: Sequence[LayerSpreads] = (),
    seconds: float | None = None,
) -> Path:
    """Write the page of a trained population: results, curves, data, recipes, and how to use the model.

    Args:
        runs: the population.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        labels: one per recipe; by default made of the fields in which they differ.
        model: the saved model, if there is one.
        test: its quality on the test split, if that was read.
        start: what the networks started from, in sentences, if from a trained one.
        layers: what was seen of each network's layers, if there is one recipe.
        seconds: wall-clock time of the training.

    Returns:
        The path.

    Raises:
        ValueError: there is not one label per recipe.
    """
    return write(path, render_page(runs, title, command, labels, model, test, start, layers, seconds))


def render_page(
    runs: Runs,
    title: str,
    command: str = "",
    labels: Sequence[str] | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    start: Sequence[str] = (),
    layers: Sequence[LayerSpreads] = (),
    seconds: float | None = None,
) -> str:
    """The page that `write_page` writes, as text."""
    summaries = summarise(runs, labels)
    labels = [summary.label for summary in summaries]
    recipes = [runs.members[summary.members[0]].recipe for summary in summaries]
    took = f"{seconds or 0:,.1f} s for {len(runs)} network{'s' if len(runs) > 1 else ''}"
    return render(
        "training/training.html.jinja",
        title=title,
        headline=f"{headline(runs, summaries)} {_tested(model, test)}".strip(),
        results=results_table(runs, summaries),
        result_notes=notes(runs, summaries),
        charts=_charts(runs, labels),
        legend=legend(summaries, styles(best_first(summaries)), runs),
        diverged=_diverged_facts(runs, summaries),
        test=test_facts(test) if test else None,
        untouched=TEST_SPLIT_USED if runs.dataset.validates_on_test else "",
        start=start,
        inside=_inside(layers, recipes[0]) if layers else None,
        model=model,
        data=data_facts(runs.dataset),
        notices=runs.dataset.notices,
        toml=common_toml(recipes),
        differences=differences(recipes, labels),
        making=made_facts(command, *([("Training took", took)] if seconds is not None else [])),
    )


def _tested(model: SavedModel | None, test: Quality | None) -> str:
    """The score on the test split, in a sentence; empty if it was not read."""
    return quality_sentence(test, model.description if model else "") if test else ""


def _inside(layers: Sequence[LayerSpreads], recipe: Recipe) -> dict[str, Any]:
    """The section on what went on inside the networks."""
    facts = layer_facts(layers)
    return {
        "charts": layer_charts(layers, facts, recipe.activation),
        "table": layer_table(facts),
        "rows": facts["rows"],
        "networks": len(layers),
    }


def _charts(runs: Runs, labels: Sequence[str]) -> list[Chart]:
    score = runs.metric.title.capitalize()
    found = [("Loss", "Loss while training, logarithmic", loss_curves(runs, labels))]
    if score != "Loss":
        found.insert(0, (score, f"{score} while training", score_curves(runs, labels)))
    if len(labels) > 1:
        caption = f"Validation {runs.metric.title} of every network, with mean and interval"
        found.append(("Final", caption, final_scores(runs, labels)))
    return [Chart(name.lower(), caption, figure) for name, caption, figure in found]


def notes(runs: Runs, summaries: Sequence[RecipeSummary]) -> list[str]:
    """Notes that a reader needs to understand the numbers."""
    validation = runs.dataset.validation
    undefined = runs.metric is METRICS["loss"] and undefined_r2(validation.targets, validation.weights)
    return sentences(
        (
            any(s.score.n > 1 for s in summaries),
            "Means over seeds of the weights that were kept, with 95% Student t intervals in brackets. "
            "They say how much the seed matters, not how much another split of the data would.",
        ),
        (
            any(s.score.n == 1 for s in summaries),
            "One seed says nothing about chance, so it has no interval: train with several seeds.",
        ),
        (any(s.diverged for s in summaries), "Diverged networks count in no mean, interval or band."),
        (
            any(s.stopped for s in summaries),
            "Some networks stopped early: a curve goes on as the mean of those still training, "
            "with a band as long as there are two.",
        ),
        (
            len(summaries) > 1,
            "The best of several recipes was chosen on the validation split and looks a little better there than "
            "it is" + ("." if runs.dataset.validates_on_test else "; only the test split, read once, tells."),
        ),
        (
            undefined,
            f"R² is undefined on the validation split ({undefined}), so networks are compared by the loss.",
        ),
        (runs.dataset.task == "regression", "The loss is in squared standard deviations of the target."),
    )


def _diverged_facts(runs: Runs, summaries: Sequence[RecipeSummary]) -> Facts:
    """Per recipe, the seeds whose loss stopped being finite and the update at which it did."""
    found = []
    for summary in summaries:
        lost = [m for m in summary.members if runs.statuses[m] == "diverged"]
        ends = [f"{runs.members[m].seed} (by update {runs.steps[m]:,})" for m in lost]
        if ends:
            found.append((summary.label, f"seed{'s' if len(ends) > 1 else ''} {', '.join(ends)}"))
    return found
