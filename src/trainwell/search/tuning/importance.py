"""How much each axis matters for the metric, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import isfinite, log
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from optuna.distributions import CategoricalDistribution
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from trainwell.core import METRICS, Metric, stream, value_text
from trainwell.search.study.distributions import distributions, labels_of, to_unit
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.result import Importance
from trainwell.training import Space

FEWEST = 30  # trials; of fewer the intervals say nothing
MOST_CHOICES, FEWEST_OF_CHOICE = 20, 3
REPLICATES = 200  # of the bootstrap
RIDGE = 0.1  # added to the diagonal of the normal equations, for values standardised


def importance_of(trials: Sequence[TrialRecord], space: Space, metric: str) -> dict[str, Importance]:
    """Each axis's share of what the axes explain of the metric over the declared space.

    The metric is taken where all trials have one: at the end, or at the first rung where some were pruned; diverged
    trials count as the worst. Trials cut off before that are left out. An additive model is fitted (choices as
    indicators, numbers as cubic polynomials on their own scale), and an axis's share is the variance of its term over
    the declared range, drawn evenly: so trials may be crowded into a part of it, as those of a narrowed search are.
    The part that noise alone would give is subtracted. What axes do only together counts for none of them.

    An axis that only some trials have is judged among those, beside the axes that all of them have, and says so.

    Args:
        trials: that have ended.
        space: what was searched.
        metric: `accuracy`, `loss` or `r2`.

    Returns:
        By name: axes that all trials have first, largest share first, equals by name; without axes that fewer than
        30 trials have. Intervals are of 95%, by a bootstrap over trials.

    Source: the additive part of a functional analysis of variance, as Hutter, Hoos and Leyton-Brown, "An Efficient
    Approach for Assessing Hyperparameter Importance", ICML 2014, take it from a forest.
    """
    usable, values = _comparable(trials, METRICS[metric])
    groups: dict[tuple[int, ...], list[str]] = {}
    for name in space.axes:
        having = tuple(i for i, trial in enumerate(usable) if name in trial.values)
        groups.setdefault(having, []).append(name)
    found: list[tuple[str, Importance]] = []
    for rows, own in groups.items():
        if len(rows) < FEWEST:
            continue
        names = [name for name in space.axes if all(name in usable[i].values for i in rows)]
        shares = _shares(_Design.of([usable[i].values for i in rows], space, names), values[list(rows)])
        for name, (share, low, high) in zip(names, shares, strict=False):
            if name in own:
                where = "" if len(rows) == len(usable) else _where(space, name)
                found.append((name, Importance(share, low, high, len(rows), where)))
    return dict(sorted(found, key=lambda each: (bool(each[1].where), -each[1].share, each[0])))


def _comparable(trials: Sequence[TrialRecord], metric: Metric) -> tuple[list[TrialRecord], Float[np.ndarray, " N"]]:
    """The trials that have a value where all have one, or diverged; and that value."""
    reached = {
        trial.number: [
            *takewhile(isfinite, [*trial.rungs.values(), *([trial.value] if trial.state == "complete" else [])])
        ]
        for trial in trials
        if trial.state != "diverged"
    }
    counts = [len(values) for values in reached.values() if values]
    usable = [trial for trial in trials if trial.state == "diverged" or reached[trial.number]]
    if not counts:
        return [], np.zeros(0)
    level = min(counts) - 1
    known = {number: max(values[level], metric.floor) for number, values in reached.items() if values}
    if metric.relative:
        known = {number: log(value) for number, value in known.items()}
    worst = metric.worst(known.values())
    return usable, np.array([known.get(trial.number, worst) for trial in usable], np.float64)


@dataclass(frozen=True)
class _Design:
    """Trials as rows of an additive model.

    Attributes:
        columns: a constant, then the terms of each axis, each of mean 0 over the declared range.
        parts: which columns each axis has.
        spreads: of each axis the covariance of its columns over the declared range.
    """

    columns: Float[np.ndarray, "N P"]
    parts: list[Int[np.ndarray, " Q"]]
    spreads: list[Float[np.ndarray, "Q Q"]]

    @classmethod
    def of(cls, points: Sequence[Mapping[str, Any]], space: Space, names: Sequence[str]) -> "_Design":
        labels = [labels_of(values, space) for values in points]
        columns, spreads = [np.ones((len(points), 1))], {}
        known = {name: one for name, one in distributions(space).items() if name in names}
        for name, one in known.items():
            if isinstance(one, CategoricalDistribution):
                chosen = np.array([int(one.to_internal_repr(each[name])) for each in labels])
                every = _indicators(chosen, len(one.choices))
                columns.append(every[chosen])
            else:
                every = _cubic((np.arange(200) + 0.5) / 200)
                columns.append(_cubic(np.array([to_unit(one, each[name]) for each in labels])))
            spreads[name] = every.T @ every / len(every)
        ends = np.cumsum([column.shape[1] for column in columns])
        parts = {name: np.arange(first, end) for name, first, end in zip(known, ends, ends[1:], strict=False)}
        return cls(np.concatenate(columns, 1), [parts[name] for name in names], [spreads[name] for name in names])

    def normal(self, counts: Float[np.ndarray, " N"]) -> Float[np.ndarray, "P P"]:
        """The matrix of the normal equations with every trial taken so many times."""
        ridge = np.full(self.columns.shape[1], RIDGE)
        ridge[0] = 0.0
        return np.asarray((self.columns * counts[:, None]).T @ self.columns + np.diag(ridge))

    def solve(self, values: Float[np.ndarray, " N"], counts: Float[np.ndarray, " N"]) -> Float[np.ndarray, " P"]:
        """Coefficients with every trial taken so many times."""
        return np.linalg.solve(self.normal(counts), self.columns.T @ (counts * values))

    def variances(self, coefficients: Float[np.ndarray, " P"]) -> Float[np.ndarray, " J"]:
        """Of each axis's term over its declared range."""
        own = [coefficients[part] for part in self.parts]
        return np.array([each @ spread @ each for each, spread in zip(own, self.spreads, strict=True)])


def _indicators(chosen: Int[np.ndarray, " N"], count: int) -> Float[np.ndarray, "K Q"]:
    """For each of so many choices its columns, of mean 0 over all.

    A choice has a column of its own if it is one of the 20 most frequent and three trials have it; the others share
    one: what a single trial came to says nothing about its choice.
    """
    frequency = np.bincount(chosen, minlength=count)
    own = [int(i) for i in np.argsort(-frequency, kind="stable")[:MOST_CHOICES] if frequency[i] >= FEWEST_OF_CHOICE]
    every = np.zeros((count, len(own) + 1))
    every[:, -1] = 1.0
    every[own] = np.eye(len(own) + 1)[: len(own)]
    return np.asarray(every - every.mean(axis=0))


def _cubic(places: Float[np.ndarray, " N"]) -> Float[np.ndarray, "N 3"]:
    """Legendre polynomials on [0, 1] of degrees 1 to 3, of variance 1."""
    z = 2 * places - 1
    each = (z, (3 * z**2 - 1) / 2, (5 * z**3 - 3 * z) / 2)
    return np.stack([np.sqrt(2 * degree + 1) * one for degree, one in enumerate(each, 1)], axis=1)


def _shares(design: _Design, values: Float[np.ndarray, " N"]) -> list[tuple[float, float, float]]:
    """Share and its interval, by axis; nothing where the axes explain nothing beyond noise."""
    count, spread = len(values), values.std()
    if spread == 0:
        return []
    values = (values - values.mean()) / spread
    with threadpool_limits(1, "blas"):  # faster for small matrices, and the same on machines with more cores
        found, inverse = design.solve(values, np.ones(count)), np.linalg.inv(design.normal(np.ones(count)))
        used = float(np.trace(inverse @ design.columns.T @ design.columns))
        noise = float(((values - design.columns @ found) ** 2).sum()) / max(count - used, 1.0)
        covariance = noise * inverse @ design.columns.T @ design.columns @ inverse
        by_noise = np.array(
            [
                np.trace(one @ covariance[np.ix_(part, part)])
                for part, one in zip(design.parts, design.spreads, strict=True)
            ]
        )
        variances = np.maximum(design.variances(found) - by_noise, 0.0)
        if variances.sum() == 0:
            return []
        rng, drawn = stream(0, "importance"), []
        for _ in range(REPLICATES):
            again = design.solve(values, np.bincount(rng.integers(count, size=count), minlength=count).astype(float))
            # Noise comes twice into a replicate: with the trials, and with drawing them again.
            drawn.append(np.maximum(design.variances(again) - 2 * by_noise, 0.0))
    totals = np.sum(drawn, axis=1, keepdims=True)
    low, high = np.quantile(np.array(drawn) / np.where(totals > 0, totals, 1.0), [0.025, 0.975], axis=0)
    shares = variances / variances.sum()
    # Shares near 0 or 1 are skewed: the wider of the percentile and the reflected ("basic") interval at either end.
    ends = np.clip([np.minimum(low, 2 * shares - high), np.maximum(high, 2 * shares - low)], 0.0, 1.0)
    return [(float(share), float(a), float(b)) for share, a, b in zip(shares, *ends, strict=True)]


def _where(space: Space, name: str) -> str:
    """When an axis is active, in words."""
    when = space.axes[name].when or {}
    each = (f"{parent} is {' or '.join(value_text(value, str) for value in values)}" for parent, values in when.items())
    return f"where {' and '.join(each)}"
