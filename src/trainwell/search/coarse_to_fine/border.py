"""Whether the end of a declared range is better than what lies further inside, or only happens to be tried more."""

from collections.abc import Mapping, Sequence

import numpy as np
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from trainwell.search.coarse_to_fine.extent import Extent
from trainwell.search.coarse_to_fine.proposals import model

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
