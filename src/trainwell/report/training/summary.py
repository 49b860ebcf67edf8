"""What came out, recipe by recipe: the numbers of the table and the sentence above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from trainwell.core import Metric
from trainwell.statistics import Interval, mean_interval
from trainwell.training import Runs, extreme_input, recipe_labels


@dataclass(frozen=True)
class RecipeSummary:
    """What one recipe's members came to, over seeds; diverged members count in none of the means.

    Attributes:
        label: the recipe's short name.
        members: indices into the population.
        diverged: members whose loss stopped being finite.
        stopped: members that stopped early.
        metric: what they are judged by: accuracy, R², or the loss where R² is undefined.
        score: that metric on validation, of the kept parameters.
        loss: validation loss of the kept parameters.
        training_score: that metric on the training split.
        steps: updates done by each member.
        epochs: the same in passes over the training split.
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
        labels = recipe_labels([runs.members[group[0]].recipe for group in groups])
    if len(labels) != len(groups):
        raise ValueError(f"give one label per recipe: got {len(labels)} labels for {len(groups)} recipes")
    metric, within = runs.metric, runs.metric.within
    score, loss = runs.kept(runs.score_name), runs.kept("loss/validation")
    training = runs.kept(runs.score_name.replace("validation", "training"))
    epochs = epochs_done(runs)
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
        )
        for label, group in zip(labels, groups, strict=True)
    )


def epochs_done(runs: Runs) -> list[float]:
    """Passes over the training split that each member did."""
    with np.errstate(all="ignore"):
        per_step = runs.trace.epochs / np.where(runs.trace.steps > 0, runs.trace.steps, np.nan)
    known = [row[np.isfinite(row)] for row in per_step]
    return [float(steps * row[0]) if len(row) else np.nan for steps, row in zip(runs.steps, known, strict=True)]


def best_first(summaries: Sequence[RecipeSummary]) -> list[int]:
    """Positions of the recipes by mean score, best first; those of which every member diverged last."""
    return sorted(range(len(summaries)), key=lambda i: summaries[i].metric.order(summaries[i].score.mean))


def headline(runs: Runs, summaries: Sequence[RecipeSummary]) -> str:
    """One or two plain sentences: the best mean with its interval and n, and what overlaps with it.

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
    score = f"{metric.text(best.score.mean)} {_sureness(best.score, metric)}"
    if len(summaries) == 1:
        return f"{best.label} reached a {metric.validation} of {score}."
    most = "highest" if metric.larger_is_better else "lowest"
    sentence = f"{best.label} had the {most} mean {metric.validation} of {len(summaries)} recipes: {score}."
    rivals = [summaries[i].label for i in order[1:] if _overlap(summaries[i].score, best.score)]
    if not rivals:
        return sentence
    if len(rivals) == 1:
        return f"{sentence} The interval of {rivals[0]} overlaps with it."
    named = " and ".join(rivals) if len(rivals) == 2 else f"{len(rivals)} others"
    return f"{sentence} The intervals of {named} overlap with it."


def _overlap(one: Interval, other: Interval) -> bool:
    return one.high >= other.low and other.high >= one.low


def _sureness(score: Interval, metric: Metric) -> str:
    left_out = f", {score.excluded} diverged" if score.excluded else ""
    if score.n == 1:
        return f"(1 seed{left_out}: no interval)"
    return f"(95% interval {metric.ends(score.low, score.high)}, {score.n} seeds{left_out})"
