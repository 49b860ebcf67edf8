"""Importance of each axis of a search space for the metric, with confidence intervals."""

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

FEWEST = 30  # trials; with fewer the intervals would be too wide
MOST_CHOICES, FEWEST_OF_CHOICE = 20, 3
REPLICATES = 200  # bootstrap replicates
RIDGE = 0.1  # ridge penalty: added to the diagonal of the normal equations of standardized values


def importance_of(trials: Sequence[TrialRecord], space: Space, metric: str) -> dict[str, Importance]:
    """Each axis's share of the variance of the metric that the axes explain over the declared space.

    All trials are compared at the same point of training: at the end, or at the first rung if some were pruned.
    Diverged trials get the worst value; trials that were cut off earlier are left out.

    An additive model is fitted: indicators for choices, cubic polynomials for numbers on their (log) scale. The
    importance of an axis is the variance of its term under a uniform distribution over the declared range, so it does
    not matter that trials of a narrowed search crowd in a part of the range. The variance expected from noise alone is
    subtracted. Interactions of axes are ignored. A conditional axis is computed from the trials that have it.

    Args:
        trials: trials that ended, pruned and diverged ones too.
        space: the search space.
        metric: `accuracy`, `loss` or `r2`.

    Returns:
        Importance by axis name: first the axes that all trials have, each group sorted by share. Axes that fewer than
        30 trials have are left out. Intervals are 95% bootstrap intervals over trials.

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
    """The trials to compare, and their values at the same point of training."""
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
    """The design matrix of the additive model.

    Attributes:
        columns: one row per trial; a constant, then the columns of each axis, with mean 0 over the declared range.
        parts: indices of the columns of each axis.
        spreads: covariance matrix of the columns of each axis over the declared range.
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
        """The matrix of the normal equations; `counts` are weights of the trials."""
        ridge = np.full(self.columns.shape[1], RIDGE)
        ridge[0] = 0.0
        return np.asarray((self.columns * counts[:, None]).T @ self.columns + np.diag(ridge))

    def solve(self, values: Float[np.ndarray, " N"], counts: Float[np.ndarray, " N"]) -> Float[np.ndarray, " P"]:
        """Ridge regression coefficients; `counts` are weights of the trials."""
        return np.linalg.solve(self.normal(counts), self.columns.T @ (counts * values))

    def variances(self, coefficients: Float[np.ndarray, " P"]) -> Float[np.ndarray, " J"]:
        """The variance of each axis's term over the declared range."""
        own = [coefficients[part] for part in self.parts]
        return np.array([each @ spread @ each for each, spread in zip(own, self.spreads, strict=True)])


def _indicators(chosen: Int[np.ndarray, " N"], count: int) -> Float[np.ndarray, "K Q"]:
    """The columns for each of `count` choices, with mean 0 over all choices.

    A choice has its own column if it is one of the 20 most frequent and at least three trials have it. All others share
    one column, as one or two trials say little about a choice.
    """
    frequency = np.bincount(chosen, minlength=count)
    own = [int(i) for i in np.argsort(-frequency, kind="stable")[:MOST_CHOICES] if frequency[i] >= FEWEST_OF_CHOICE]
    every = np.zeros((count, len(own) + 1))
    every[:, -1] = 1.0
    every[own] = np.eye(len(own) + 1)[: len(own)]
    return np.asarray(every - every.mean(axis=0))


def _cubic(positions: Float[np.ndarray, " N"]) -> Float[np.ndarray, "N 3"]:
    """Legendre polynomials on [0, 1] of degrees 1 to 3, with variance 1."""
    z = 2 * positions - 1
    each = (z, (3 * z**2 - 1) / 2, (5 * z**3 - 3 * z) / 2)
    return np.stack([np.sqrt(2 * degree + 1) * one for degree, one in enumerate(each, 1)], axis=1)


def _shares(design: _Design, values: Float[np.ndarray, " N"]) -> list[tuple[float, float, float]]:
    """Share and interval ends of each axis; empty if the axes explain no more than noise would."""
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
            # A replicate has noise twice: from the trials, and from resampling them.
            drawn.append(np.maximum(design.variances(again) - 2 * by_noise, 0.0))
    totals = np.sum(drawn, axis=1, keepdims=True)
    low, high = np.quantile(np.array(drawn) / np.where(totals > 0, totals, 1.0), [0.025, 0.975], axis=0)
    shares = variances / variances.sum()
    # Bootstrap shares near 0 or 1 are skewed: at each end take the wider of the percentile and the "basic" interval.
    ends = np.clip([np.minimum(low, 2 * shares - high), np.maximum(high, 2 * shares - low)], 0.0, 1.0)
    return [(float(share), float(a), float(b)) for share, a, b in zip(shares, *ends, strict=True)]


def _where(space: Space, name: str) -> str:
    """The condition of an axis as text."""
    when = space.axes[name].when or {}
    each = (f"{parent} is {' or '.join(value_text(value, str) for value in values)}" for parent, values in when.items())
    return f"where {' and '.join(each)}"
