"""One self-contained HTML page about a population: it works offline and loads nothing."""

from collections.abc import Sequence
from pathlib import Path

from trainwell.core import write_atomic
from trainwell.models import Quality
from trainwell.report.frame.facts import data_facts, diverged_facts, making_facts, test_facts
from trainwell.report.frame.model_card import SavedModel
from trainwell.report.frame.rendering import Chart, render
from trainwell.report.legend import legend
from trainwell.report.palette import styles
from trainwell.report.training.curves import loss_curves, score_curves
from trainwell.report.training.labels import checked_labels
from trainwell.report.training.recipe_text import common_toml, differences
from trainwell.report.training.scores import final_scores
from trainwell.report.training.summary import headline, summarise
from trainwell.report.training.table import notes, results_table
from trainwell.training import Runs, differing_fields


def write_page(
    runs: Runs,
    path: str | Path,
    *,
    title: str,
    command: str = "",
    labels: Sequence[str] | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
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
        seconds: wall-clock time of the training.

    Returns:
        The path.

    Raises:
        ValueError: there is not one label per recipe.
    """
    path = Path(path)
    write_atomic(path, render_page(runs, title, command, labels, model, test, seconds).encode())
    return path


def render_page(
    runs: Runs,
    title: str,
    command: str = "",
    labels: Sequence[str] | None = None,
    model: SavedModel | None = None,
    test: Quality | None = None,
    seconds: float | None = None,
) -> str:
    """The page that `write_page` writes, as text."""
    labels = checked_labels(runs, labels)
    summaries = summarise(runs, labels)
    recipes = [runs.members[summary.members[0]].recipe for summary in summaries]
    return render(
        "training/training.html.jinja",
        title=title,
        headline=headline(runs, summaries),
        table=results_table(runs, summaries),
        notes=notes(runs, summaries),
        charts=_charts(runs, labels),
        legend=legend(summaries, styles(summaries), runs),
        diverged=diverged_facts(runs, summaries),
        test=test_facts(test) if test else None,
        model=model,
        data=data_facts(runs.dataset),
        notices=runs.dataset.notices,
        toml=common_toml(recipes),
        fields=differing_fields(recipes),
        differences=list(zip(labels, differences(recipes), strict=True)),
        making=making_facts(runs, command, seconds),
    )


def _charts(runs: Runs, labels: Sequence[str]) -> list[Chart]:
    score = runs.metric.title.capitalize()
    found = [("Loss", "Loss while training, logarithmic", loss_curves(runs, labels))]
    if score != "Loss":
        found.insert(0, (score, f"{score} while training", score_curves(runs, labels)))
    if len(labels) > 1:
        caption = f"Validation {runs.metric.title} of every network, with mean and interval"
        found.append(("Final", caption, final_scores(runs, labels)))
    return [Chart(name.lower(), caption, figure) for name, caption, figure in found]
