"""From results to verdicts: summaries of the contenders, decisions about their pairs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float

from trainwell.comparison.result import Pair, Summary, Tuning
from trainwell.comparison.words import verdict
from trainwell.core import METRICS, MetricName, RecipeError, nearest
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
from trainwell.training import Axis, Contender, Runs

POWER = 0.8
UNSEEN = 0.05  # a rate of failures with a larger chance to show none may be there


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


def summaries(runs: Runs, values: Float[np.ndarray, "K S"], metric: MetricName, target: float) -> tuple[Summary, ...]:
    """What each contender came to.

    Args:
        runs: contender by contender.
        values: result of each contender with each seed; NaN where it was not run.
        metric: what they are judged by.
        target: score whose first observation is timed.
    """
    observed = runs.trace[f"{metric}/validation"]
    within, better = METRICS[metric].within, METRICS[metric].larger_is_better
    lost = np.array(runs.statuses) == "diverged"
    observed = np.where(lost[:, None], np.nan, observed)  # what diverged later has reached nothing
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
                mean_interval(own, within=within),
                standard_deviation(own),
                bootstrap_interval(own, within=within),
                to_target.share,
                to_target.median,
                time_to_target(epochs[group]).median,
                float(np.median([runs.seconds[m] for m in group])),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Told:
    """What verdicts tell beside the decision.

    Attributes:
        labels: the contenders' names.
        metric: what they are judged by.
        margin: differences below it do not matter.
        tunings: how each contender's numbers were found; None for one that runs as given.
        axes: what was tuned for each contender.
        diverged: how many runs of each contender did.
        guess: what a failed run counts as.
    """

    labels: Sequence[str]
    metric: MetricName
    margin: float
    tunings: Sequence[Tuning | None]
    axes: Sequence[Mapping[str, Axis]]
    diverged: Sequence[int]
    guess: float


def verdicts(
    decisions: Sequence[PairDecision], values: Float[np.ndarray, "K S"], told: Told, effect: float
) -> tuple[Pair, ...]:
    """The decisions with what makes them readable.

    Args:
        decisions: about the pairs asked about.
        values: result of each contender with each seed; NaN where it was not run.
        told: what else the words need.
        effect: see `detectable_effect`.
    """
    metric = METRICS[told.metric]
    sign = metric.sign
    found = []
    for decision in decisions:
        both = (decision.first, decision.second)
        first, second = (values[k, : decision.n] for k in both)
        leads = decision.first if sign * decision.difference > 0 else decision.second
        # One that is behind might not be, were it tuned better; the lead of the other would only grow.
        doubtful = [k for k in both if k != leads or not decision.differs]
        doubts = tuple(
            f"{told.labels[k]}'s {doubt}" for k in doubtful if (own := told.tunings[k]) for doubt in own.doubts
        )
        undone = undone_by(decision, sign * float(np.mean(values[leads, : decision.n])), sign * told.guess)
        words = verdict(
            decision,
            (told.labels[decision.first], told.labels[decision.second]),
            metric,
            told.margin,
            wins=(float(np.mean(sign * (first - second) > 0)), float(np.mean(sign * (second - first) > 0))),
            diverged=(told.diverged[decision.first], told.diverged[decision.second]),
            how=how_tuned(
                {told.labels[k]: told.axes[k] for k in both},
                [len(own.trials) if (own := told.tunings[k]) else 0 for k in both],
            ),
            detectable=effect * standard_deviation(first - second),
            num_pairs=len(decisions),
            doubts=doubts,
            undone_by=undone,
        )
        improvement = paired_improvement_interval(first, second, larger_is_better=metric.larger_is_better)
        found.append(Pair(decision, improvement, leads if decision.differs else None, words, doubts, undone))
    return tuple(found)


def undone_by(decision: PairDecision, ahead: float, guess: float) -> float:
    """The share of failures, of the one ahead, that would undo a difference and that its seeds may not show.

    Args:
        decision: the test.
        ahead: mean of the one that is ahead, of a metric that is better if larger: minus the loss.
        guess: what a failed run counts as, where that is worse than the worst finished run with its seed.

    Returns:
        See `Pair`; NaN also for one that is no better than guessing, as its failures would not count as that.
    """
    lost = ahead - guess
    share = abs(decision.difference) / lost if lost > 0 else float("inf")
    return share if decision.differs and share < 1 and (1 - share) ** decision.n > UNSEEN else float("nan")


def reached_looks(looks: Looks, seeds: int) -> Looks:
    """The plan as far as it came: a time limit ends it at an earlier look."""
    reached = tuple(n for n in looks.seeds if n <= seeds)
    return Looks(reached, looks.error_rate, looks.spending, looks.most or looks.seeds[-1])


def detectable_effect(looks: Looks, num_pairs: int) -> float:
    """The difference found with 80% power by the last look, in standard deviations of the pairs' differences."""
    return detectable(looks, POWER, level=looks.error_rate / max(num_pairs, 1))


def how_tuned(axes: Mapping[str, Mapping[str, Axis]], trials: Sequence[int]) -> str:
    """How the numbers of contenders were found, in words.

    Args:
        axes: what was tuned for each contender, by label.
        trials: values tried for each.

    Example:
        >>> from trainwell.training import Range
        >>> rate = {"learning_rate": Range(1e-4, 1, log=True)}
        >>> how_tuned({"a": rate, "b": rate}, [24, 24]), how_tuned({"a": rate, "b": {}}, [24, 0])
        ('each learning rate tuned over 24 values', "a's learning rate tuned over 24 values, b run as given")
        >>> how_tuned({"a": rate, "b": rate}, [24, 26])
        "a's learning rate tuned over 24 values, b's over 26"
    """
    names = {label: _listed(own) for label, own in axes.items()}
    if not any(names.values()):
        return "run as given"
    if len({*zip(names.values(), trials, strict=True)}) == 1:
        return f"each {next(iter(names.values()))} tuned over {trials[0]} values"
    if len(set(names.values())) == 1:
        (first, own), *others = names.items()
        rest = (f"{label}'s over {count}" for (label, _), count in zip(others, trials[1:], strict=True))
        return ", ".join([f"{first}'s {own} tuned over {trials[0]} values", *rest])
    return ", ".join(
        f"{label}'s {own} tuned over {count} values" if own else f"{label} run as given"
        for (label, own), count in zip(names.items(), trials, strict=True)
    )


def _listed(fields: Iterable[str]) -> str:
    words = [name.replace("_", " ") for name in fields]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
