"""From results to verdicts: summaries of the contenders, decisions about their pairs."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Float

from trainwell.comparison.contenders import Contender
from trainwell.comparison.result import Pair, Summary
from trainwell.comparison.terms import Terms
from trainwell.comparison.words import verdict
from trainwell.core.errors import RecipeError
from trainwell.core.names import nearest
from trainwell.data import Dataset
from trainwell.search.setting import Metric
from trainwell.statistics import (
    Looks,
    PairDecision,
    bootstrap_interval,
    detectable,
    first_reached,
    mean_interval,
    paired_improvement_interval,
    standard_deviation,
    time_to_target,
)
from trainwell.training import Axis, Runs

LEAST_ACCURACY, LEAST_R2, LEAST_LOSS = 0.002, 0.005, 0.02
WITHIN: Mapping[str, tuple[float, float]] = {
    "accuracy": (0.0, 1.0),
    "loss": (0.0, np.inf),
    "r2": (-np.inf, 1.0),
}
POWER = 0.8


def pairs_asked(contenders: Sequence[Contender], reference: str | None) -> list[tuple[int, int]]:
    """The pairs asked about, as indices: all, or those with the reference.

    Raises:
        RecipeError: no contender is called like the reference.
    """
    labels = [contender.label for contender in contenders]
    if reference is None:
        return list(combinations(range(len(labels)), 2))
    if reference not in labels:
        raise RecipeError(f"the reference '{reference}' is no contender: {nearest(reference, labels)}")
    at = labels.index(reference)
    return [(at, k) for k in range(len(labels)) if k != at]


def margin_for(dataset: Dataset, metric: Metric, best: float) -> float:
    """The difference below which nobody cares, where the user does not say.

    Args:
        dataset: one validation row is the least step of an accuracy.
        metric: 0.2 points of accuracy, or one row where that is more; 0.005 of R²; 2% of the loss.
        best: the best loss known before the seeds are used.
    """
    if metric == "accuracy":
        return max(LEAST_ACCURACY, 1 / max(len(dataset.validation), 1))
    return LEAST_R2 if metric == "r2" else LEAST_LOSS * abs(best)


def summaries(runs: Runs, values: Float[np.ndarray, "K S"], metric: Metric, target: float) -> tuple[Summary, ...]:
    """What each contender came to.

    Args:
        runs: contender by contender.
        values: result of each contender with each seed; NaN where it was not run.
        metric: what they are judged by.
        target: score whose first observation is timed.
    """
    observed = runs.trace[f"{metric}/validation"]
    better = metric != "loss"
    steps = first_reached(
        observed, np.where(runs.trace.steps >= 0, runs.trace.steps, np.inf), target, larger_is_better=better
    )
    epochs = first_reached(observed, np.nan_to_num(runs.trace.epochs, nan=np.inf), target, larger_is_better=better)
    found = []
    for k, group in enumerate(runs.by_recipe()):
        own = values[k][np.isfinite(values[k])]
        to_target = time_to_target(steps[group])
        found.append(
            Summary(
                own,
                sum(runs.statuses[m] == "diverged" for m in group),
                mean_interval(own, within=WITHIN[metric]),
                standard_deviation(own),
                bootstrap_interval(own, within=WITHIN[metric]),
                to_target.share,
                to_target.median,
                time_to_target(epochs[group]).median,
                float(np.median([runs.seconds[m] for m in group])),
            )
        )
    return tuple(found)


def verdicts(
    decisions: Sequence[PairDecision],
    values: Float[np.ndarray, "K S"],
    labels: Sequence[str],
    metric: Metric,
    margin: float,
    looks: Looks,
    how: str,
) -> tuple[Pair, ...]:
    """The decisions with what makes them readable.

    Args:
        decisions: about the pairs asked about.
        values: result of each contender with each seed; NaN where it was not run.
        labels: the contenders' names.
        metric: what they are judged by.
        margin: differences below it do not matter.
        looks: when differences were judged.
        how: how the contenders' numbers were found.
    """
    effect = detectable_effect(looks, len(decisions))
    found = []
    for decision in decisions:
        first, second = (values[k, : decision.n] for k in (decision.first, decision.second))
        improvement = paired_improvement_interval(first, second, larger_is_better=metric != "loss")
        sign = -1.0 if metric == "loss" else 1.0
        leads = decision.first if sign * decision.difference > 0 else decision.second
        words = verdict(
            decision,
            (labels[decision.first], labels[decision.second]),
            improvement,
            metric,
            margin,
            how=how,
            detectable=effect * standard_deviation(first - second),
            num_pairs=len(decisions),
        )
        found.append(Pair(decision, improvement, leads if decision.differs else None, words))
    return tuple(found)


def detectable_effect(looks: Looks, num_pairs: int) -> float:
    """The difference found with 80% power by the last look, in standard deviations of the pairs' differences."""
    return detectable(looks, POWER, level=looks.error_rate / max(num_pairs, 1))


def how_tuned(axes: Sequence[Mapping[str, Axis]], terms: Terms) -> str:
    """How the contenders' numbers were found, in words.

    Args:
        axes: what was tuned for each contender.
        terms: of the comparison.
    """
    names = list(dict.fromkeys(name.replace("_", " ") for own in axes for name in own))
    if not names:
        return "run as given"
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    some = "each " if all(axes) else "where they are not what is compared, "
    return f"{some}{listed} tuned over {terms.trials} values"
