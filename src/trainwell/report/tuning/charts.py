"""The charts of a search's page beside its trials: ranges of the rounds, the best curves, and importance."""

from trainwell.core import METRICS
from trainwell.display import (
    Figure,
    LearningCurves,
    Round,
    best_curves_chart,
    importance_chart,
    parallel_chart,
    ranges_chart,
)
from trainwell.search import Importance, SearchResult, crowds_at_one, metric_scale, scales_of, trials_of


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
    """The learning curves of the best trials, best first, as errors where scores crowd at 1; without diverged ones."""
    metric, trials = METRICS[result.metric], {trial.number: trial for trial in trials_of(result)}
    best = [trial for trial in result.ranked() if trial.state != "diverged" and len(trial.curve.epochs)]
    found = []
    for place, one in enumerate(best[:count], 1):
        end = f", {one.state}" if one.state in ("pruned", "cut") else ""
        title, curve = f"Best-{place}: {metric.text(one.value)}{end}", one.curve
        found.append(LearningCurves(title, trials[one.number], curve.epochs, curve.training, curve.validation))
    return best_curves_chart(found, metric, errors=crowds_at_one(result))


def importance(result: SearchResult) -> Figure:
    """How much each hyperparameter mattered, the most important on top; grey bars: active in only some trials."""
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
