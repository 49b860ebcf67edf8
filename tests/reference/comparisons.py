"""Comparisons that never ran: their scores are given, everything else follows from them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from trainwell.comparison import Comparison, Comparisons, Terms, Tuning, pairs_asked
from trainwell.comparison.adding_seeds import guess_for
from trainwell.comparison.judging import across, detectable_effect, summaries, verdicts
from trainwell.comparison.result import Seconds, StoppedBy
from trainwell.comparison.tuning import space_for
from trainwell.core import METRICS
from trainwell.data import Dataset, load_data
from trainwell.search import Candidate, Curve, SearchResult, Seconds as SearchSeconds, TrialRecord, metric_of
from trainwell.statistics import Looks, decide, default_looks, mean_interval
from trainwell.training import (
    Axis,
    Choices,
    Contender,
    Range,
    Recipe,
    Runs,
    Space,
    Trace,
    TrainedMember,
    differing_fields,
)

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
POINTS, UPDATES = 6, 20  # observations of each run, and updates between them
WITHIN = {"accuracy": (0.0, 1.0), "loss": (0.0, np.inf), "r2": (-np.inf, 1.0)}


def normal(seed: int, mean: float, sd: float, n: int) -> list[float]:
    """Results like those of n seeds."""
    return np.random.default_rng(seed).normal(mean, sd, n).tolist()


def comparison(
    labels: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    data: str | Dataset = "iris",
    terms: Terms | None = None,
    diverged: Collection[tuple[int, int]] = (),
    stopped_by: StoppedBy = "decided",
) -> Comparison:
    """Contenders whose runs came to the given values, judged as the real ones are.

    Args:
        labels: names of the contenders.
        values: the metric of each contender's runs with seeds 0, 1, …; contenders may have different numbers.
        data: name of a built-in data set, or one.
        terms: of the comparison; its tuning is made up, the best learning rate of contender k being 10^(−k mod 4).
        diverged: contender and place of the runs that diverged, which count as guessing, or as the worst finished run
            with the same seed where that is worse, whatever their value.
        stopped_by: why no more seeds were added.
    """
    terms = terms or Terms()
    dataset = load_data(data) if isinstance(data, str) else data
    metric = metric_of(dataset, terms.metric)
    guess = guess_for(dataset, metric)
    results = np.full((len(labels), max(map(len, values))), np.nan)
    for k, own in enumerate(values):
        results[k, : len(own)] = [np.inf if (k, s) in diverged else value for s, value in enumerate(own)]
    worst = np.fmax if metric == "loss" else np.fmin
    finished = np.where(np.isfinite(results), results, np.nan)
    results = np.where(np.isinf(results), worst(worst.reduce(finished, axis=0), guess), results)
    recipes = [_recipe(k, metric) for k in range(len(labels))]
    fields = differing_fields(recipes)
    contenders = tuple(
        Contender(label, recipe, {name: getattr(recipe, name) for name in fields})
        for label, recipe in zip(labels, recipes, strict=True)
    )
    best = [float(np.nanmean(own)) for own in results]
    spaces = [space_for(one, contenders, terms) for one in contenders]
    tunings = [_tuning(k, space, terms, metric, best[k]) if space else None for k, space in enumerate(spaces)]
    runs = _runs(dataset, recipes, results, metric, diverged)
    asked = pairs_asked(contenders, terms.reference)
    looks = Looks((len(terms.seeds),)) if terms.seeds else default_looks(len(asked), terms.most_seeds, terms.looks)
    margin = terms.margin or METRICS[metric].margin(len(dataset.validation), best if terms.tune else [], guess)
    target = float(np.median(best)) if terms.target_score is None else terms.target_score
    decisions = decide(results, looks, margin=margin, pairs=asked)
    found = summaries(runs, results, metric, target)
    part = Comparison(
        dataset,
        terms,
        metric,
        contenders,
        tuple(tunings),
        tuple(t.recipe if t else c.recipe for t, c in zip(tunings, contenders, strict=True)),
        runs,
        tuple(range(results.shape[1])),
        looks.seeds,
        margin,
        guess,
        target,
        found,
        (),
        detectable_effect(looks, len(asked)),
        stopped_by,
        Seconds(31.5 if terms.tune else 0.0, 12.25),
    )
    return replace(part, pairs=verdicts(part, decisions, results))


def comparisons(*parts: Comparison) -> Comparisons:
    """Several data sets together; those of the same name are numbered."""
    named = [
        replace(part, dataset=replace(part.dataset, name=f"{part.dataset.name}-{i}")) if len(parts) > 1 else part
        for i, part in enumerate(parts, 1)
    ]
    return Comparisons(tuple(named), across(named))


def _recipe(k: int, metric: str) -> Recipe:
    """Another one for every contender."""
    return Recipe(optimizer=OPTIMIZERS[k % len(OPTIMIZERS)], epochs=float(10 + k // len(OPTIMIZERS)), metric=metric)


def _runs(
    dataset: Dataset, recipes: Sequence[Recipe], results: np.ndarray, metric: str, diverged: Collection[tuple[int, int]]
) -> Runs:
    """Curves that come nearer to the final value by half at each observation; diverged ones end after the second."""
    names = ["accuracy", "loss"] if dataset.task == "classification" else ["r2", "loss"]
    places = [(k, s) for k, own in enumerate(results) for s in range(int(np.isfinite(own).sum()))]
    lost = [place in diverged for place in places]
    steps = np.array([[UPDATES * (t + 1) if not bad or t < 2 else -1 for t in range(POINTS)] for bad in lost])
    away = 0.5 ** np.arange(POINTS)
    away[-1] = 0
    trace = {}
    for name in names:
        for split, better in (("validation", 0.0), ("training", 0.1)):
            rows = []
            for k, s in places:
                final = (
                    results[k, s] if name == metric else 1 - results[k, s] if name == "loss" else np.exp(-results[k, s])
                )
                falling = name == "loss"
                final = abs(final) * (1 - better) if falling else final + better * (1 - final)
                rows.append(final + (1 if falling else -1) * abs(final) * 0.6 * away)
            trace[f"{name}/{split}"] = np.where(steps > 0, np.array(rows), np.nan)
    trace["loss/batches"] = trace["loss/training"] * 1.05
    last = tuple(int(row.max()) for row in steps)
    return Runs(
        dataset,
        tuple(int(np.isfinite(own).sum()) for own in results),
        tuple(TrainedMember(recipes[k], s) for k, s in places),
        tuple("diverged" if bad else "finished" for bad in lost),
        last,
        last,
        Trace(trace, steps, np.where(steps > 0, steps / 10, np.nan)),
        tuple(0.25 * (1 + k % 5) for k, _ in places),
    )


def _tuning(k: int, space: Space, terms: Terms, metric: Any, best: float) -> Tuning:
    """Trials whose value falls with the distance of their learning rate from the best; those above 3 diverge."""
    rng = np.random.default_rng(k)
    sign = -1.0 if metric == "loss" else 1.0
    trials = []
    for i in range(terms.trials):
        values = {name: _draw(axis, rng) for name, axis in space.axes.items()}
        values = {name: value for name, value in values.items() if name in space.active(values)}
        rate = values.get("learning_rate", 0.1)
        off = min(abs(np.log10(rate) + k % 4), 3.0)
        value = best - sign * (0.12 * off + 0.004 * rng.random()) * max(abs(best), 0.1)
        lost = rate > 3
        epochs = np.arange(1.0, 4.0)
        curve = Curve(epochs, np.full(3, value), np.full(3, value))
        trials.append(
            TrialRecord(
                i,
                values,
                space.recipe(values),
                "diverged" if lost else "complete",
                float("nan") if lost else value,
                {} if lost else {f"{metric}/validation": value},
                {},
                curve,
            )
        )
    seconds = SearchSeconds(1.0, 0.4, 0.5, 0.1)
    search = SearchResult(space, metric, terms.sampler, tuple(trials), (), (), {}, terms.tuning_seeds[:1], 1, seconds)
    seeds = terms.tuning_seeds[1:]
    alive = [trial for trial in search.ranked() if trial.state == "complete"][: terms.candidates]
    candidates = tuple(
        Candidate(
            trial,
            seeds,
            mean_interval([trial.value - sign * 0.001 * s for s in range(len(seeds))], within=WITHIN[metric]),
            0,
        )
        for trial in alive
    )
    recipe = candidates[0].trial.recipe if candidates else search.ranked()[0].recipe
    return Tuning(search, candidates, recipe, (), 1.5 + k)


def _draw(axis: Axis, rng: np.random.Generator) -> Any:
    if isinstance(axis, Choices):
        return axis.values[int(rng.integers(len(axis.values)))]
    assert isinstance(axis, Range)
    if axis.log:
        return float(np.exp(rng.uniform(np.log(axis.low), np.log(axis.high))))
    return float(rng.uniform(axis.low, axis.high))
