"""The table of results and the notes below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from trainwell.core import METRICS, Metric, undefined_r2
from trainwell.report.numbers import NONE, range_text
from trainwell.report.palette import styles
from trainwell.report.training.summary import RecipeSummary, best_first
from trainwell.statistics import Interval
from trainwell.training import Runs


@dataclass(frozen=True)
class Row:
    """A recipe's row: how it is drawn, its label, and cells of a value with what is said in small print beside it."""

    color: str
    symbol: str
    label: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Column heads and rows, best recipe first."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def results_table(runs: Runs, summaries: Sequence[RecipeSummary]) -> Table:
    """The table of results, best mean first.

    Args:
        runs: the population.
        summaries: one per recipe.
    """
    title = runs.metric.title
    losses = () if runs.metric is METRICS["loss"] else ("Validation loss",)  # once, where members are judged by it
    heads = ("Recipe", f"Validation {title}", *losses, f"Training {title}", "Seeds", "Diverged", "Updates", "Epochs")
    chosen, order = styles(summaries), best_first(summaries)
    rows = (Row(chosen[i].color, chosen[i].symbol, summaries[i].label, _cells(summaries[i])) for i in order)
    return Table(heads, tuple(rows))


def _cells(summary: RecipeSummary) -> tuple[tuple[str, str], ...]:
    epochs = [e for e in summary.epochs if isfinite(e)]
    stopped = f"{summary.stopped} stopped early" if summary.stopped else ""
    metric, loss = summary.metric, METRICS["loss"]
    return (
        _cell(summary.score, metric),
        *(() if metric is loss else (_cell(summary.loss, loss),)),
        _cell(summary.training_score, metric),
        (str(summary.n), ""),
        (str(summary.diverged), ""),
        (range_text(list(summary.steps)), stopped),
        (range_text(epochs) if epochs else NONE, ""),
    )


def _cell(interval: Interval, metric: Metric) -> tuple[str, str]:
    return metric.text(interval.mean), metric.ends(interval.low, interval.high)


def notes(runs: Runs, summaries: Sequence[RecipeSummary]) -> list[str]:
    """What a reader must know to read the numbers right."""
    found = []
    if any(s.score.n > 1 for s in summaries):
        found.append(
            "Means over seeds of the weights that were kept, with 95% Student t intervals in brackets. "
            "They say how much the seed matters, not how much another split of the data would."
        )
    if any(s.score.n == 1 for s in summaries):
        found.append("One seed says nothing about chance, so it has no interval: train with several seeds.")
    if any(s.diverged for s in summaries):
        found.append("Diverged networks count in no mean, interval or band.")
    if any(s.stopped for s in summaries):
        found.append(
            "Some networks stopped early: a curve goes on as the mean of those still training, "
            "with a band as long as there are two."
        )
    if len(summaries) > 1:
        found.append(
            "The best of several recipes was chosen on the validation split and looks a little better there than "
            "it is; only the test split, read once, tells."
        )
    validation = runs.dataset.validation
    if why := runs.score_name == "loss/validation" and undefined_r2(validation.targets, validation.weights):
        found.append(f"R² is undefined on the validation split ({why}), so that networks are judged by the loss.")
    if runs.dataset.task == "regression":
        found.append("The loss is in squared standard deviations of the target.")
    return found
