"""Results per recipe: the table, and the sentence above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan

import numpy as np
from jaxtyping import Float

from trainwell.core import METRICS, Metric, short_text
from trainwell.display import NONE, Cell, Head, Table, range_text, row_of, styles
from trainwell.statistics import Interval, mean_interval
from trainwell.training.recipe.contenders import recipe_labels
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.results.runs import Runs, extreme_input

LOSS = METRICS["loss"]
CLEAR_FALL = 0.02
"""Share of the validation loss; a smaller fall over the last fifth of training is not worth more training."""
FEWEST_POINTS = 10
"""Observations of a curve whose last fifth is looked at."""


@dataclass(frozen=True)
class RecipeSummary:
    """Results of one recipe over its seeds; the means exclude diverged members.

    Attributes:
        label: the recipe's short name.
        members: indices into the population.
        diverged: members whose loss stopped being finite.
        stopped: members that stopped early.
        metric: the metric of the scores: accuracy, R², or the loss if R² is undefined.
        score: mean validation score of the kept parameters.
        loss: mean validation loss of the kept parameters.
        training_score: mean training score of the kept parameters.
        steps: updates done by each member.
        epochs: passes over the training split done by each member.
        fall: share by which the validation loss fell over the last fifth of training, see `fall_at_the_end`.
    """

    label: str
    members: tuple[int, ...]
    diverged: int
    stopped: int
    metric: Metric
    score: Interval
    loss: Interval
    training_score: Interval
    steps: tuple[int, ...]
    epochs: tuple[float, ...]
    fall: Interval

    @property
    def still_improving(self) -> bool:
        """Whether longer training would help: the validation loss still fell clearly, and the score can still rise.

        Clearly: by `CLEAR_FALL` or more on average, with an interval above zero where there are several seeds.
        """
        if not self.fall.mean >= CLEAR_FALL or (self.fall.n > 1 and not self.fall.low > 0):
            return False
        return not self.score.mean >= self.metric.within[1]  # a perfect score cannot improve, whatever the loss does

    @property
    def n(self) -> int:
        """Number of members, diverged ones included."""
        return len(self.members)


def summarise(runs: Runs, labels: Sequence[str] | None = None) -> tuple[RecipeSummary, ...]:
    """Summarise a population by recipe, in the order of its recipes.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.

    Returns:
        One summary per recipe, with 95% Student t intervals over seeds.

    Raises:
        ValueError: there is not one label per recipe.
    """
    groups = runs.by_recipe()
    if labels is None:
        labels = recipe_labels(runs.recipes)
    if len(labels) != len(groups):
        raise ValueError(f"give one label per recipe: got {len(labels)} labels for {len(groups)} recipes")
    metric, within = runs.metric, runs.metric.within
    score, loss = runs.kept(runs.score_name), runs.kept("loss/validation")
    training = runs.kept(runs.score_name.replace("validation", "training"))
    epochs, fall = epochs_done(runs), fall_at_the_end(runs)
    return tuple(
        RecipeSummary(
            label,
            tuple(group),
            sum(runs.statuses[m] == "diverged" for m in group),
            sum(runs.statuses[m] == "stopped" for m in group),
            metric,
            mean_interval(score[group], within=within),
            mean_interval(loss[group], within=(0, np.inf)),
            mean_interval(training[group], within=within),
            tuple(runs.steps[m] for m in group),
            tuple(epochs[m] for m in group),
            mean_interval(fall[group]),
        )
        for label, group in zip(labels, groups, strict=True)
    )


def epochs_done(runs: Runs) -> list[float]:
    """Passes over the training split that each member did."""
    with np.errstate(all="ignore"):
        per_step = runs.trace.epochs / np.where(runs.trace.steps > 0, runs.trace.steps, np.nan)
    known = [row[np.isfinite(row)] for row in per_step]
    return [float(steps * row[0]) if len(row) else np.nan for steps, row in zip(runs.steps, known, strict=True)]


def fall_at_the_end(runs: Runs) -> Float[np.ndarray, " M"]:
    """Share by which each member's validation loss fell over the last fifth of its training.

    1 − b/a, where a is the mean loss of the second last tenth of its observations, b that of the last tenth.

    Returns:
        One share per member, negative if the loss rose; NaN for members that did not train to the end, have fewer
        than `FEWEST_POINTS` observations, or whose loss is 0.
    """
    found = np.full(len(runs), np.nan)
    for m, status in enumerate(runs.statuses):
        losses = runs.trace["loss/validation"][m, runs.trace.steps[m] >= 0]
        tenth = len(losses) // FEWEST_POINTS
        if status == "finished" and tenth:
            before, last = losses[-2 * tenth : -tenth].mean(), losses[-tenth:].mean()
            found[m] = 1 - last / before if before > 0 else np.nan
    return found


def improving_sentence(summary: RecipeSummary, recipe: Recipe) -> str:
    """A sentence that longer training would help, with the loss's fall at the end and what to set; otherwise empty.

    Args:
        summary: of the recipe's members.
        recipe: the recipe.
    """
    if not summary.still_improving:
        return ""
    fall = summary.fall
    sure = f" [{fall.low:.0%}, {fall.high:.0%}]" if fall.n > 1 else ""
    name = "epochs" if recipe.steps is None else "steps"
    return (
        f"Still improving: the validation loss fell by {fall.mean:.0%}{sure} over the last fifth of training. "
        f"Train longer, as with {name} {short_text(2 * getattr(recipe, name))}."
    )


def best_first(summaries: Sequence[RecipeSummary]) -> list[int]:
    """Indices of the recipes by mean score, best first; recipes whose members all diverged are last."""
    return sorted(range(len(summaries)), key=lambda i: summaries[i].metric.order(summaries[i].score.mean))


def headline(runs: Runs, summaries: Sequence[RecipeSummary]) -> str:
    """Sentences: the best mean with its interval and n, recipes with overlapping intervals, and whether it improves.

    Args:
        runs: the population.
        summaries: its summaries.
    """
    order = best_first(summaries)
    best = summaries[order[0]]
    metric = best.metric
    if isnan(best.score.mean):
        lost = "The network" if len(runs) == 1 else f"All {len(runs)} networks"
        why = extreme_input(runs.dataset, runs.members[0].recipe)
        return f"{lost} diverged: {why or 'lower the learning rate'}."
    score = f"{metric.text(best.score.mean)} {_interval_text(best.score, metric)}"
    more = improving_sentence(best, runs.members[best.members[0]].recipe)
    return f"{_lead(summaries, order, score)} {more}".strip()


def _lead(summaries: Sequence[RecipeSummary], order: Sequence[int], score: str) -> str:
    """The best mean as a sentence, and the recipes whose intervals overlap with it."""
    best = summaries[order[0]]
    metric = best.metric
    if len(summaries) == 1:
        return f"{best.label} reached a {metric.validation} of {score}."
    most = "highest" if metric.larger_is_better else "lowest"
    sentence = f"{best.label} had the {most} mean {metric.validation} of {len(summaries)} recipes: {score}."
    near = [one for one in (summaries[i] for i in order[1:]) if one.score.high >= best.score.low]
    rivals = [one.label for one in near if best.score.high >= one.score.low]
    if not rivals:
        return sentence
    if len(rivals) == 1:
        return f"{sentence} The interval of {rivals[0]} overlaps with it."
    named = " and ".join(rivals) if len(rivals) == 2 else f"{len(rivals)} others"
    return f"{sentence} The intervals of {named} overlap with it."


def _interval_text(score: Interval, metric: Metric) -> str:
    left_out = f", {score.excluded} diverged" if score.excluded else ""
    if score.n == 1:
        return f"(1 seed{left_out}: no interval)"
    return f"(95% interval {metric.interval_text(score.low, score.high)}, {score.n} seeds{left_out})"


def results_table(runs: Runs, summaries: Sequence[RecipeSummary]) -> Table:
    """The table of results, best mean first.

    Args:
        runs: the population.
        summaries: one per recipe.
    """
    title = runs.metric.title
    losses = () if runs.metric is LOSS else ("Validation loss",)  # not twice if the score is the loss
    heads = (f"Validation {title}", *losses, f"Training {title}", "Seeds", "Diverged", "Updates", "Epochs")
    order = best_first(summaries)
    chosen = styles(order)
    rows = (row_of(chosen[i], *_cells(summaries[i])) for i in order)
    return Table((Head("Recipe", ""), *map(Head, heads)), tuple(rows), "results")


def _cells(summary: RecipeSummary) -> tuple[Cell | str, ...]:
    epochs = [e for e in summary.epochs if isfinite(e)]
    metric = summary.metric
    return (
        summary.label,
        _mean(summary.score, metric),
        *(() if metric is LOSS else (_mean(summary.loss, LOSS),)),
        _mean(summary.training_score, metric),
        str(summary.n),
        str(summary.diverged),
        Cell(range_text(summary.steps), f"{summary.stopped} stopped early" if summary.stopped else ""),
        range_text(epochs) if epochs else NONE,
    )


def _mean(interval: Interval, metric: Metric) -> Cell:
    return Cell(metric.text(interval.mean), metric.interval_text(interval.low, interval.high))
