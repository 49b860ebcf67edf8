"""The charts of a search's page: every trial, the ranges of the rounds, the best curves, and importance."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from trainwell.core import METRICS, short_text
from trainwell.display import (
    Figure,
    Learning,
    Round,
    Scale,
    Trial,
    best_curves_chart,
    importance_chart,
    parallel_chart,
    progress_chart,
    ranges_chart,
    strengths,
)
from trainwell.search import Importance, SearchResult, TrialRecord
from trainwell.training import Choices, Range


def scales_of(result: SearchResult) -> list[Scale]:
    """All axes of a search, the most important first; as declared where importance is not known."""
    axes = result.space.axes
    names = dict.fromkeys([*(name for name in result.importance if name in axes), *axes])
    return [scale_of(name, axes[name]) for name in names]


def scale_of(name: str, declared: Range | Choices) -> Scale:
    """The scale of a parameter that varies over what was declared."""
    if isinstance(declared, Range):
        return Scale(name, "log" if declared.log else "linear", declared.low, declared.high, integer=declared.integer)
    numbers = [one for one in declared.labels if isinstance(one, (int, float)) and not isinstance(one, bool)]
    ordered = sorted(numbers) if len(numbers) == len(declared.labels) else declared.labels
    return Scale(name, "choices", 0, len(ordered) - 1, tuple(map(short_text, ordered)))


def metric_scale(result: SearchResult) -> Scale:
    """The scale of what trials are judged by, over those that have a finite value."""
    values = [trial.value for trial in result.trials if isfinite(trial.value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    metric = METRICS[result.metric]
    if metric.relative and low > 0:
        return Scale(metric.validation, "log", low, high)
    return Scale(metric.validation, "linear", max(low, metric.floor) if high > metric.floor else low, high)


def trials_of(result: SearchResult) -> list[Trial]:
    """All trials, by number."""
    complete = [trial for trial in result.trials if trial.state == "complete" and isfinite(trial.value)]
    shares = strengths([result.sign * trial.value for trial in complete])
    strong = {trial.number: share for trial, share in zip(complete, shares, strict=True)}
    best = next((trial.number for trial in result.ranked()[:1] if trial.state == "complete"), None)
    return [
        Trial(
            trial.number,
            trial.state,
            trial.value,
            trial.values,
            _text(result, trial),
            strong.get(trial.number, 0.0),
            trial.number == best,
        )
        for trial in result.trials
    ]


def _text(result: SearchResult, trial: TrialRecord) -> str:
    """A trial in one line, for those who point at it."""
    if trial.state == "diverged":
        return f"trial {trial.number}: diverged"
    metric, is_short = METRICS[result.metric], trial.state in ("pruned", "cut")
    reached = f" after {max(trial.rungs):g} epochs" if is_short and trial.rungs else ""
    end = f", {trial.state}{reached}" if is_short else ""
    return f"trial {trial.number}: {metric.validation} {metric.text(trial.value)}{end}"


def progress(result: SearchResult) -> Figure:
    """The metric of every trial against its number, with the best complete one so far."""
    first = [one.first_trial for one in result.rounds]
    return progress_chart(trials_of(result), metric_scale(result), metric_title(result), result.sign, first)


def ranges(result: SearchResult) -> Figure:
    """One panel per parameter: what each round drew it from, and its trials, good ones on top."""
    rounds = [
        Round(
            one.first_trial,
            one.last_trial,
            {n: (own.low, own.high) for n, own in one.extents.items() if own.low is not None and own.high is not None},
            {n: own.choices for n, own in one.extents.items() if own.choices is not None},
            one.reasons,
        )
        for one in result.rounds
    ]
    order = METRICS[result.metric].order
    worst_first = sorted(trials_of(result), key=lambda trial: order(trial.value), reverse=True)
    return ranges_chart(worst_first, scales_of(result), rounds)


def parallel(result: SearchResult) -> Figure:
    """Every trial as a line through its values, the most important parameter on top, what it reached at the bottom."""
    texts = [METRICS[result.metric].text(trial.value) for trial in result.trials]
    return parallel_chart(trials_of(result), scales_of(result), metric_scale(result), texts)


def best_curves(result: SearchResult, count: int = 20) -> Figure:
    """The learning curves of the best trials, best first; diverged ones are left out."""
    metric, trials = METRICS[result.metric], {trial.number: trial for trial in trials_of(result)}
    best = [trial for trial in result.ranked() if trial.state != "diverged" and len(trial.curve.epochs)]
    found = []
    for place, one in enumerate(best[:count], 1):
        end = f", {one.state}" if one.state in ("pruned", "cut") else ""
        title, curve = f"Best-{place}: {metric.text(one.value)}{end}", one.curve
        found.append(Learning(title, trials[one.number], curve.epochs, curve.training, curve.validation))
    return best_curves_chart(found, metric)


def importance(result: SearchResult) -> Figure:
    """How much each hyperparameter mattered, the most important on top; grey is what only some trials have."""
    found = result.importance
    shares = {name: (one.share, one.low, one.high) for name, one in found.items()}
    where = [one.where and f"{one.where}, n = {one.n}" for one in found.values()]
    return importance_chart(shares, [*map(importance_text, found.values())], where)


def importance_text(one: Importance) -> str:
    """A share in words.

    Example:
        >>> from trainwell.search import Importance
        >>> importance_text(Importance(0.62, 0.41, 0.8, 100))
        '62% [41%, 80%], n = 100'
    """
    share = f"{one.share:.0%}" if one.share >= 0.005 or one.share == 0 else "under 1%"
    return f"{share} [{one.low:.0%}, {one.high:.0%}], n = {one.n}"


def metric_title(result: SearchResult) -> str:
    """What trials are judged by, as the title of an axis or a column."""
    return f"Validation {METRICS[result.metric].title}"


def values_text(values: Mapping[str, Any]) -> str:
    """The values of a trial in one line."""
    return ", ".join(f"{name}={short_text(value)}" for name, value in values.items())
