"""What came out, recipe by recipe: the numbers of the table and the sentence above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from trainwell.report.labels import checked_labels
from trainwell.report.numbers import ends_text, score_text
from trainwell.statistics import Interval, mean_interval
from trainwell.training import Runs

SCORES = {"accuracy/validation": "Validation accuracy", "r2/validation": "Validation R²"}


@dataclass(frozen=True)
class RecipeSummary:
    """What one recipe's members came to, over seeds; diverged members count in none of the means.

    Attributes:
        label: the recipe's short name.
        members: indices into the population.
        diverged: members whose loss stopped being finite.
        stopped: members that stopped early.
        score: validation accuracy, or R² for regression, of the kept parameters.
        loss: validation loss of the kept parameters.
        training_score: accuracy or R² on the training split.
        steps: updates done by each member.
        epochs: the same in passes over the training split.
    """

    label: str
    members: tuple[int, ...]
    diverged: int
    stopped: int
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
    training_name = runs.score_name.replace("validation", "training")
    within = score_range(runs)
    score, loss = runs.kept(runs.score_name), runs.kept("loss/validation")
    training = runs.kept(training_name)
    epochs = epochs_done(runs)
    return tuple(
        RecipeSummary(
            label,
            tuple(group),
            sum(runs.statuses[m] == "diverged" for m in group),
            sum(runs.statuses[m] == "stopped" for m in group),
            mean_interval(score[group], within=within),
            mean_interval(loss[group], within=(0, np.inf)),
            mean_interval(training[group], within=within),
            tuple(runs.steps[m] for m in group),
            tuple(epochs[m] for m in group),
        )
        for label, group in zip(checked_labels(runs, labels), runs.by_recipe(), strict=True)
    )


def score_range(runs: Runs) -> tuple[float, float]:
    """The range that the score lives in: [0, 1] for accuracy, (−∞, 1] for R²."""
    return (0.0, 1.0) if runs.dataset.task == "classification" else (-np.inf, 1.0)


def epochs_done(runs: Runs) -> list[float]:
    """Passes over the training split that each member did."""
    with np.errstate(all="ignore"):
        per_step = runs.trace.epochs / np.where(runs.trace.steps > 0, runs.trace.steps, np.nan)
    known = [row[np.isfinite(row)] for row in per_step]
    return [float(steps * row[0]) if len(row) else np.nan for steps, row in zip(runs.steps, known, strict=True)]


def best_first(summaries: Sequence[RecipeSummary]) -> list[int]:
    """Positions of the recipes by mean score, best first; those of which every member diverged last."""
    scores = [-np.inf if isnan(s.score.mean) else s.score.mean for s in summaries]
    return [int(i) for i in np.argsort(-np.array(scores), kind="stable")]


def headline(runs: Runs, summaries: Sequence[RecipeSummary]) -> str:
    """One or two plain sentences: the best mean with its interval and n, and what overlaps with it.

    Args:
        runs: the population.
        summaries: its summaries.
    """
    order = best_first(summaries)
    best, name = summaries[order[0]], SCORES[runs.score_name].replace("V", "v")
    if isnan(best.score.mean):
        lost = "The network" if len(runs) == 1 else f"All {len(runs)} networks"
        return f"{lost} diverged: lower the learning rate."
    if len(summaries) == 1:
        return f"{best.label} reached a {name} of {score_text(best.score.mean)} {_sureness(best.score)}."
    lead = f"{best.label} had the highest mean {name} of {len(summaries)} recipes:"
    sentence = f"{lead} {score_text(best.score.mean)} {_sureness(best.score)}."
    rivals = [summaries[i].label for i in order[1:] if summaries[i].score.high >= best.score.low]
    if not rivals:
        return sentence
    if len(rivals) == 1:
        return f"{sentence} The interval of {rivals[0]} overlaps with it."
    named = " and ".join(rivals) if len(rivals) == 2 else f"{len(rivals)} others"
    return f"{sentence} The intervals of {named} overlap with it."


def _sureness(score: Interval) -> str:
    left_out = f", {score.excluded} diverged" if score.excluded else ""
    if score.n == 1:
        return f"(1 seed{left_out}: no interval)"
    return f"(95% interval {ends_text(score)}, {score.n} seeds{left_out})"
