"""Showing a search: the best recipe in a sentence, the best recipes in a table, all trials in a chart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import isfinite, isnan, nan
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.core import METRICS, Metric, short_text
from trainwell.display import (
    NONE,
    STATES,
    Cell,
    Figure,
    Head,
    Row,
    Scale,
    Table,
    Trial,
    error_title,
    errors_of,
    progress_chart,
    strengths,
)
from trainwell.models import WIDE_AVERAGE
from trainwell.search.study.trials import TrialRecord
from trainwell.training import Choices, Range, Recipe, base_value

if TYPE_CHECKING:
    from trainwell.search.tuning.result import ConsideredModel, SearchResult, Tuned

MOST_NAMED = 4  # largest number of values in the headline
CROWDED = 0.8  # a median score above it leaves less than a fifth of the axis to the better half of the trials


def best_sentence(tuned: "Tuned") -> str:
    """The best recipe and its score with fresh seeds, in a sentence."""
    result = tuned.search
    ended = len(result.trials)
    alive = [trial for trial in result.ranked() if trial.state != "diverged"]
    if not alive:
        return f"{'The trial' if ended == 1 else f'All {ended} trials'} diverged: search lower learning rates."
    metric = METRICS[result.metric]
    of = f"{f'the best of {ended} trials' if ended > 1 else 'the only trial'}, judged on {judged_on(result.folds)}"
    if tuned.candidates:
        best = tuned.candidates[0]
        setting = _setting(result, best.trial.values)
        score = best.score
        if isnan(score.mean):
            why = "diverged" if best.diverged == len(best.seeds) else "diverged or ran out of time"
            return f"Trial {best.trial.number} was {of}, but all its networks with fresh seeds {why}."
        ends = metric.interval_text(score.low, score.high)
        sure = f"95% interval {ends}, n = {score.n} fresh seeds" if ends else f"n = {score.n} fresh seed: no interval"
        lost = f", {best.diverged} more diverged" if best.diverged else ""
        reached = f"{metric.validation} {metric.text(score.mean)} ({sure}{lost})"
        return f"Trial {best.trial.number}{setting} is {of}: {reached}."
    best_trial = alive[0]
    reached = f"{metric.validation} {metric.text(best_trial.value)} ({networks_text(result)})"
    setting = _setting(result, best_trial.values)
    return f"Trial {best_trial.number}{setting} is {of}: {reached}; it was not trained again with fresh seeds."


def why_chosen(options: "Sequence[ConsideredModel]", metric: Metric, text: Callable[[float], str]) -> str:
    """Why one of the models considered became the model, as the end of a sentence.

    Args:
        options: all models considered.
        metric: what they are judged by.
        text: how a score is written.

    Example:
        >>> from trainwell.search import ConsideredModel
        >>> best = ConsideredModel("best network", 1, 0.96, False)
        >>> wide = ConsideredModel("wide average", 15, 0.95, True)
        >>> why_chosen([best, wide], METRICS["accuracy"], str)
        'as many networks as stay within one standard error of the best, 0.96: closer scores may differ by chance'
    """
    chosen = next(one for one in options if one.chosen)
    others = [one.score for one in options if one is not chosen]
    if not others:
        return "there was no other"
    best = metric.best(others)
    if chosen.name == WIDE_AVERAGE:
        return (
            f"as many networks as stay within one standard error of the best, {text(best)}: closer scores may differ "
            "by chance"
        )
    ahead = metric.sign * (chosen.score - best) > 0
    return f"the best of {len(options)} considered" if ahead else "no other considered was better"


def _setting(result: "SearchResult", values: Mapping[str, Any]) -> str:
    """A trial's optimizer and learning rate, and its most important values that are not the default's, in brackets."""
    base = result.space.base
    optimizer, rate = (values.get(name, getattr(base, name)) for name in ("optimizer", "learning_rate"))
    named = [str(optimizer), *([f"learning rate {short_text(rate)}"] if rate is not None else [])]
    default = Recipe()
    changed = [
        name
        for name in (scale.name for scale in scales_of(result))
        if name in values and name not in ("optimizer", "learning_rate") and values[name] != base_value(default, name)
    ]
    shown = values_text({name: values[name] for name in changed[:MOST_NAMED]})
    left = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    return f" ({', '.join(named)}{f'; unlike the default: {shown}{left}' if changed else ''})"


def judged_on(folds: int) -> str:
    """How a search validated, as the end of a sentence.

    Example:
        >>> judged_on(1), judged_on(5)
        ('one validation split', '5-fold cross-validation')
    """
    return "one validation split" if folds == 1 else f"{folds}-fold cross-validation"


def networks_text(result: "SearchResult") -> str:
    """The number of networks that a trial's value is averaged over, as text."""
    seeds, folds = max(len(result.seeds), 1), result.folds
    parts = [f"{seeds} seed{'s' if seeds > 1 else ''}", *([f"{folds} folds"] if folds > 1 else [])]
    return f"n = {trial_networks(result)}: {' × '.join(parts)} per trial"


def trial_networks(result: "SearchResult") -> int:
    """Number of networks per trial: seeds times folds."""
    return max(len(result.seeds), 1) * result.folds


def candidates_table(tuned: "Tuned") -> Table:
    """The best recipes trained again with fresh seeds, best first, with their scores in the search."""
    result, metric = tuned.search, METRICS[tuned.search.metric]
    heads = ("Fresh seeds", "Diverged", "Score in the search")
    rows: list[Row] = []
    for one in tuned.candidates:
        score = one.score
        cells = (
            f"trial {one.trial.number}",
            Cell(metric.text(score.mean), metric.interval_text(score.low, score.high)),
            str(len(one.seeds)),
            str(one.diverged),
            Cell(metric.text(one.trial.value), f"n = {trial_networks(result)}"),
            values_text(one.trial.values),
        )
        rows.append(Row(cells, chosen=not rows))
    return Table(
        (Head("Trial", ""), Head(metric_title(result)), *map(Head, heads), Head("Recipe", "long")), tuple(rows)
    )


def best_table(result: "SearchResult", count: int = 20) -> Table:
    """The best trials, best first, with their values."""
    names = [scale.name for scale in scales_of(result)]
    losses = [] if METRICS[result.metric] is METRICS["loss"] else [Head("Loss")]  # no second column with the loss
    heads = (Head("Trial", ""), Head(metric_title(result)), *losses, Head("Epochs"), Head("End", ""))
    rows = (Row(_trial_cells(result, trial, names), chosen=i == 0) for i, trial in enumerate(result.ranked()[:count]))
    return Table((*heads, *(Head(name, "") for name in names)), tuple(rows))


def _trial_cells(result: "SearchResult", trial: TrialRecord, names: Sequence[str]) -> tuple[Cell | str, ...]:
    metric, epochs = METRICS[result.metric], trial.curve.epochs
    training = trial.scores.get(f"{result.metric}/training", nan)
    return (
        f"trial {trial.number}",
        Cell(metric.text(trial.value), f"training {metric.text(training)}" if training == training else ""),
        *([] if metric is METRICS["loss"] else [METRICS["loss"].text(trial.scores.get("loss/validation", nan))]),
        f"{epochs[-1]:.4g}" if len(epochs) else NONE,
        STATES[trial.state],
        *(short_text(trial.values[name]) if name in trial.values else NONE for name in names),
    )


def scales_of(result: "SearchResult") -> list[Scale]:
    """The scales of all axes of a search, the most important first; axes of unknown importance in declared order."""
    axes = result.space.axes
    names = dict.fromkeys([*(name for name in result.importance if name in axes), *axes])
    return [scale_of(name, axes[name]) for name in names]


def scale_of(name: str, declared: Range | Choices) -> Scale:
    """The scale of a parameter with this declared range or choices."""
    if isinstance(declared, Range):
        return Scale(name, "log" if declared.log else "linear", declared.low, declared.high, integer=declared.integer)
    numbers = [one for one in declared.labels if isinstance(one, (int, float)) and not isinstance(one, bool)]
    ordered = sorted(numbers) if len(numbers) == len(declared.labels) else declared.labels
    return Scale(name, "choices", 0, len(ordered) - 1, tuple(map(short_text, ordered)))


def metric_scale(result: "SearchResult") -> Scale:
    """The scale of the metric over all trials with a finite value."""
    values = [trial.value for trial in result.trials if isfinite(trial.value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    metric = METRICS[result.metric]
    if metric.relative and low > 0:
        return Scale(metric.validation, "log", low, high)
    return Scale(metric.validation, "linear", max(low, metric.floor) if high > metric.floor else low, high)


def trials_of(result: "SearchResult") -> list[Trial]:
    """All trials, as the charts need them, by number."""
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


def _text(result: "SearchResult", trial: TrialRecord) -> str:
    """A trial in one line, for the hover text of charts."""
    if trial.state == "diverged":
        return f"trial {trial.number}: diverged"
    metric, is_short = METRICS[result.metric], trial.state in ("pruned", "cut")
    reached = f" after {max(trial.rungs):g} epochs" if is_short and trial.rungs else ""
    end = f", {trial.state}{reached}" if is_short else ""
    return f"trial {trial.number}: {metric.validation} {metric.text(trial.value)}{end}"


def trials_chart(result: "SearchResult") -> Figure:
    """The metric of every trial against its number, and the best so far; errors where scores crowd at 1."""
    first, trials = [one.first_trial for one in result.rounds], trials_of(result)
    if not crowds_at_one(result):
        return progress_chart(trials, metric_scale(result), metric_title(result), result.sign, first)
    errors = errors_of([trial.value for trial in trials])
    of_errors = [replace(trial, value=value) for trial, value in zip(trials, errors, strict=True)]
    known = errors[np.isfinite(errors)]
    scale = Scale("error", "log", float(known.min()), float(known.max()))
    return progress_chart(of_errors, scale, f"Validation {error_title(METRICS[result.metric])}", -1.0, first)


def crowds_at_one(result: "SearchResult") -> bool:
    """Whether the better half of the trials differ by so little below 1 that only a logarithm of the error shows it."""
    values = [trial.value for trial in result.trials if isfinite(trial.value)]
    return METRICS[result.metric].within[1] == 1 and bool(values) and median(values) >= CROWDED


def metric_title(result: "SearchResult") -> str:
    """The optimized metric as the title of an axis or a column."""
    return f"Validation {METRICS[result.metric].title}"


def values_text(values: Mapping[str, Any]) -> str:
    """The values of a trial in one line."""
    return ", ".join(f"{name}={short_text(value)}" for name, value in values.items())
