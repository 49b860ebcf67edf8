"""The trials of a guided round: candidates in the narrowed ranges with the largest expected improvement."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from trainwell.search.coarse_to_fine.encoding import Candidates, Encoding
from trainwell.search.coarse_to_fine.ranges import Extent
from trainwell.search.coarse_to_fine.rounds import SortKey, ranks, sort_key
from trainwell.search.coarse_to_fine.surrogate import GaussianProcess, batch, fit, half_ranked, improvements, plain

MOST = 300  # largest number of trials to fit the Gaussian process to, as its cost is cubic
WIDE, LOCAL, FINE = 1000, 1000, 500  # numbers of candidates: in all ranges, near the best trials, near the best of both
BEST_TRIALS, BEST_CANDIDATES = 5, 10


def propose(
    trials: Sequence[FrozenTrial],
    extents: Mapping[str, Extent],
    direction: StudyDirection,
    count: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Choose a batch of trials with a Gaussian process that is fitted to the trials so far.

    Args:
        trials: finished trials of completed rounds, at least 2.
        extents: extents of the round, by parameter.
        direction: direction of the study.
        count: number of trials to choose.
        rng: draws the candidates.

    Returns:
        The parameters of each trial, the best candidate first; conditional parameters only if they seem to be active.
        All trials differ; there are fewer than `count` if few untried ones are left.
    """
    extents = {name: extents[name] for name in sorted(extents) if not extents[name].distribution.single()}
    if not extents:
        return [{} for _ in range(count)]
    with threadpool_limits(1, "blas"):  # faster for small matrices, and the same on machines with more cores
        process, encoding, best = model(trials, extents, direction)
        candidates = Candidates(encoding, extents, rng)
        found = np.concatenate([candidates.wide(WIDE), candidates.around(best, LOCAL)])
        top = np.argsort(-improvements(process, encoding.points(found)), kind="stable")[:BEST_CANDIDATES]
        found = _untried(np.concatenate([found, candidates.around(found[top], FINE)]), encoding.positions)
        picked = batch(process, encoding.points(found), min(count, len(found)))
        return [encoding.values(found[index]) for index in picked]


def model(
    trials: Sequence[FrozenTrial], extents: Mapping[str, Extent], direction: StudyDirection
) -> tuple[GaussianProcess, Encoding, Float[np.ndarray, "K J"]]:
    """A Gaussian process fitted to trials, their encoding, and the encoded best trials [K, parameters], best first."""
    trials = _most_informative(trials, direction)
    encoding = Encoding(
        {name: extent.distribution for name, extent in extents.items()}, [trial.params for trial in trials]
    )
    keys = [sort_key(trial, direction) for trial in trials]
    process = surrogate(encoding.points(encoding.positions), keys, encoding.groups())
    return process, encoding, encoding.positions[np.argsort(ranks(keys), kind="stable")[:BEST_TRIALS]]


def surrogate(
    points: Float[np.ndarray, "N C"], keys: Sequence[SortKey], groups: Int[np.ndarray, " C"]
) -> GaussianProcess:
    """Fit a Gaussian process to the values and one to the half-ranked values; take the better one.

    The better one has leave-one-out predictions with the higher rank correlation to the values.
    """
    fits = [(fit(points, values, groups), values) for values in (plain(keys), half_ranked(keys)) if values is not None]
    return max(fits, key=lambda each: _agreement(each[0].leave_one_out(each[1]), each[1]))[0]


def _agreement(predicted: Float[np.ndarray, " N"], values: Float[np.ndarray, " N"]) -> float:
    """Spearman's correlation; 0 where one of both is constant."""
    a, b = (ranks([(0, 0.0, float(value)) for value in each]) for each in (predicted, values))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def _untried(candidates: Float[np.ndarray, "M J"], tried: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "K J"]:
    """The candidates without repetitions and without points that were trials already."""
    both = np.round(np.concatenate([tried, candidates]), 9)  # positions computed from values have rounding errors
    _, first = np.unique(both, axis=0, return_index=True)
    return candidates[np.sort(first[first >= len(tried)]) - len(tried)]


def _most_informative(trials: Sequence[FrozenTrial], direction: StudyDirection) -> list[FrozenTrial]:
    """All trials by number; if there are more than 300, the best 150 and the latest 150."""
    if len(trials) <= MOST:
        return list(trials)
    order = sorted(trials, key=lambda trial: (sort_key(trial, direction), trial.number))
    kept = {trial.number: trial for trial in (*order[: MOST // 2], *trials[-MOST // 2 :])}
    return [kept[number] for number in sorted(kept)]


INWARD = 0.25  # distance from the end that is compared with, as a share of the declared range
SURE = 2.0  # smallest difference in standard deviations


def better_at_its_end(
    names: Sequence[str], trials: Sequence[FrozenTrial], extents: Mapping[str, Extent], direction: StudyDirection
) -> list[str]:
    """The parameters for which a value at the end of the range is predicted to be better than one further inside.

    Args:
        names: numeric parameters whose good values lie at an end of the declared range.
        trials: finished trials, at least 2.
        extents: extents by parameter.
        direction: direction of the study.

    Returns:
        The names for which a Gaussian process predicts that the best trial gets worse, by more than two standard
        deviations of the difference, if the parameter is moved inward by a quarter of the declared range.
    """
    with threadpool_limits(1, "blas"):
        process, encoding, best = model(trials, extents, direction)
        found = []
        for name in names:
            j = encoding.names.index(name)
            having = best[best[:, j] >= 0]
            if not len(having):
                continue
            pair = np.stack([having[0], having[0]])
            pair[1, j] += INWARD if pair[0, j] < 0.5 else -INWARD
            points = encoding.points(encoding.valid(pair))
            mean, V = process.predict(points)
            covariance = process.covariance(points, points) - V.T @ V
            variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
            if mean[1] - mean[0] > SURE * np.sqrt(max(variance, 0.0)):
                found.append(name)
        return found
