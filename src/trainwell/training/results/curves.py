"""Charts of a population: loss and score against epochs, and every network's final score."""

from collections.abc import Sequence

import numpy as np

from trainwell.core import METRICS
from trainwell.display import (
    Curve,
    Figure,
    Results,
    Style,
    curve_chart,
    seeds_chart,
    short_label,
    styles,
)
from trainwell.statistics import mean_intervals
from trainwell.training.results.runs import Runs
from trainwell.training.results.summary import RecipeSummary, best_first, summarise


def loss_curves(runs: Runs, labels: Sequence[str] | None = None, order: Sequence[int] | None = None) -> Figure:
    """The loss against epochs, on a logarithmic axis: validation solid, training dashed, batches dotted.

    Lines are means over seeds, bands are 95% Student t intervals where at least two seeds are still training. Both
    exclude diverged members, which are thin lines of their own with a cross at the last finite loss. With more than ten
    recipes, the best ten have colours and the others are grey.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.
        order: indices of recipes, best first; the first ten have colours. By default the order of mean scores.

    Raises:
        ValueError: there is not one label per recipe.
    """
    return _curves(runs, labels, ("loss/batches", "loss/training", "loss/validation"), order)


def score_curves(runs: Runs, labels: Sequence[str] | None = None, order: Sequence[int] | None = None) -> Figure:
    """Accuracy, or R² for regression, against epochs: validation solid, training dashed; drawn as in `loss_curves`.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.
        order: indices of recipes, best first; the first ten have colours. By default the order of mean scores.

    Raises:
        ValueError: there is not one label per recipe.
    """
    return _curves(runs, labels, (runs.score_name.replace("validation", "training"), runs.score_name), order)


def _curves(runs: Runs, labels: Sequence[str] | None, names: Sequence[str], order: Sequence[int] | None) -> Figure:
    summaries = summarise(runs, labels)
    drawn = [
        _curve(runs, i, summary, name, style)
        for i, (summary, style) in enumerate(zip(summaries, styles(order or best_first(summaries)), strict=True))
        for name in names
        if name in runs.trace.values and (style.own or not name.endswith("/batches"))
    ]
    metric = METRICS[names[0].split("/")[0]]
    return curve_chart(drawn, metric.title.capitalize(), logarithmic=metric.relative)


def _curve(runs: Runs, i: int, summary: RecipeSummary, name: str, style: Style) -> Curve:
    """The mean of `name` over members that did not diverge, with its interval, at every observation."""
    quantity, kind = name.split("/")
    metric, trace = METRICS[quantity], runs.trace
    alive = [m for m in summary.members if runs.statuses[m] != "diverged"]
    found = mean_intervals(trace[name][alive], within=metric.within)
    longest = max(alive, key=lambda m: int((trace.steps[m] >= 0).sum()), default=summary.members[0])
    count = int(np.flatnonzero(found.n > 0)[-1] + 1) if (found.n > 0).any() else 0
    mean, low, high, n = (part[:count] for part in (found.mean, found.low, found.high, found.n))
    texts = [
        f"{metric.text(m)}{f' {metric.interval_text(a, b)}' if k > 1 else ''}, n = {k}"
        for m, a, b, k in zip(mean, low, high, n, strict=True)
    ]
    lost = []
    for m in summary.members if kind == "validation" else ():
        finite = np.isfinite(trace[name][m]) & (trace.steps[m] >= 0)
        if runs.statuses[m] == "diverged" and finite.any():
            lost.append((runs.members[m].seed, trace.epochs[m][finite], trace[name][m][finite]))
    return Curve(i, summary.label, style, kind, trace.epochs[longest][:count], mean, low, high, texts, lost)


def final_scores(runs: Runs, labels: Sequence[str] | None = None) -> Figure:
    """Every member's validation accuracy (R² for regression), and each recipe's mean and interval; best recipe on top.

    Recipes whose members all diverged have no row.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.

    Raises:
        ValueError: there is not one label per recipe.
    """
    summaries, metric = summarise(runs, labels), runs.metric
    order = best_first(summaries)
    chosen, scores, rows = styles(order), runs.kept(runs.score_name), []
    for i in (i for i in order if summaries[i].score.n):
        one, mean = summaries[i], summaries[i].score
        own = scores[list(one.members)]
        texts = [f"seed {runs.members[m].seed}: {score:.4f}" for m, score in zip(one.members, own, strict=True)]
        said = f"mean {metric.text(mean.mean)} {metric.interval_text(mean.low, mean.high)}, n = {mean.n}"
        short = short_label(one.label)
        rows.append(Results(i, one.label, chosen[i], short, own, np.isnan(own), texts, mean, said))
    return seeds_chart(rows, f"Validation {metric.title}")
