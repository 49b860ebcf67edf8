"""The trials of a guided round: where a surrogate expects the most, inside the narrowed ranges."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from trainwell.search.coarse_to_fine.encoding import Candidates, Encoding
from trainwell.search.coarse_to_fine.ranges import Extent
from trainwell.search.coarse_to_fine.rounds import Place, place, ranks
from trainwell.search.coarse_to_fine.surrogate import GaussianProcess, batch, fit, half_ranked, improvements, plain

MOST = 300  # trials that a surrogate is fitted to; its cost grows with the cube
WIDE, LOCAL, FINE = 1000, 1000, 500  # candidates: all over, around the best trials, around the best candidates
BEST_TRIALS, BEST_CANDIDATES = 5, 10


def propose(
    trials: Sequence[FrozenTrial],
    extents: Mapping[str, Extent],
    direction: StudyDirection,
    count: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Choose trials together, by a Gaussian process over those of the completed rounds.

    Args:
        trials: that have ended, at least 2.
        extents: of the round, by parameter.
        direction: of the study.
        count: how many to choose.
        rng: draws the candidates.

    Returns:
        The parameters of each trial, the most promising first; conditional ones where their condition seems met. No
        trial twice: fewer than asked for where little is left to try.
    """
    extents = {name: extents[name] for name in sorted(extents) if not extents[name].distribution.single()}
    if not extents:
        return [{} for _ in range(count)]
    with threadpool_limits(1, "blas"):  # faster for small matrices, and the same on machines with more cores
        process, encoding, best = model(trials, extents, direction)
        candidates = Candidates(encoding, extents, rng)
        found = np.concatenate([candidates.wide(WIDE), candidates.around(best, LOCAL)])
        top = np.argsort(-improvements(process, encoding.points(found)), kind="stable")[:BEST_CANDIDATES]
        found = _untried(np.concatenate([found, candidates.around(found[top], FINE)]), encoding.places)
        picked = batch(process, encoding.points(found), min(count, len(found)))
        return [encoding.values(found[index]) for index in picked]


def model(
    trials: Sequence[FrozenTrial], extents: Mapping[str, Extent], direction: StudyDirection
) -> tuple[GaussianProcess, Encoding, Float[np.ndarray, "K J"]]:
    """A surrogate of the trials, how it sees them, and the places of the best, best first."""
    trials = _most_telling(trials, direction)
    encoding = Encoding(
        {name: extent.distribution for name, extent in extents.items()}, [trial.params for trial in trials]
    )
    places = [place(trial, direction) for trial in trials]
    process = surrogate(encoding.points(encoding.places), places, encoding.groups())
    return process, encoding, encoding.places[np.argsort(ranks(places), kind="stable")[:BEST_TRIALS]]


def surrogate(
    points: Float[np.ndarray, "N C"], places: Sequence[Place], groups: Int[np.ndarray, " C"]
) -> GaussianProcess:
    """Fit the values and the half-ranked values; take the fit that orders trials left out best."""
    fits = [
        (fit(points, values, groups), values) for values in (plain(places), half_ranked(places)) if values is not None
    ]
    return max(fits, key=lambda each: _agreement(each[0].left_out(each[1]), each[1]))[0]


def _agreement(predicted: Float[np.ndarray, " N"], values: Float[np.ndarray, " N"]) -> float:
    """Spearman's correlation; 0 where one of both is constant."""
    a, b = (ranks([(0, 0.0, float(value)) for value in each]) for each in (predicted, values))
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else 0.0


def _untried(candidates: Float[np.ndarray, "M J"], places: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "K J"]:
    """Each candidate once, without those that were trials already."""
    both = np.round(np.concatenate([places, candidates]), 9)  # a value's position comes back up to rounding
    _, first = np.unique(both, axis=0, return_index=True)
    return candidates[np.sort(first[first >= len(places)]) - len(places)]


def _most_telling(trials: Sequence[FrozenTrial], direction: StudyDirection) -> list[FrozenTrial]:
    """All trials, or the best and the latest of very many, by number."""
    if len(trials) <= MOST:
        return list(trials)
    order = sorted(trials, key=lambda trial: (place(trial, direction), trial.number))
    kept = {trial.number: trial for trial in (*order[: MOST // 2], *trials[-MOST // 2 :])}
    return [kept[number] for number in sorted(kept)]


INWARD = 0.25  # of the declared range
SURE = 2.0  # standard deviations


def better_at_its_end(
    names: Sequence[str], trials: Sequence[FrozenTrial], extents: Mapping[str, Extent], direction: StudyDirection
) -> list[str]:
    """The parameters whose value in the best trial is expected to be better than one further inside.

    Args:
        names: of numbers whose good values lie at an end of the declared range.
        trials: that have ended, at least 2.
        extents: by parameter.
        direction: of the study.

    Returns:
        Those of the names for which a Gaussian process over the trials expects the best trial to be worse by more than
        two standard deviations of that difference, were the parameter a quarter of its range away from that end.
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
            points = encoding.points(encoding.settled(pair))
            mean, rows = process.predict(points)
            covariance = process.covariance(points, points) - rows.T @ rows
            variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
            if mean[1] - mean[0] > SURE * np.sqrt(max(variance, 0.0)):
                found.append(name)
        return found
