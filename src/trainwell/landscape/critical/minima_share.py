"""The share of minima among critical points, for random functions by dimension and for networks by size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.core import nearest, stream
from trainwell.data import Dataset, load_data
from trainwell.landscape.critical.search import ENDS, CriticalSet, critical_points, lowered, merged
from trainwell.landscape.descents.run import descend
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import whole_number
from trainwell.landscape.surfaces.losses import L2_PENALTY, SIDE, WAVES, network_surface, random_function
from trainwell.landscape.surfaces.surface import Surface
from trainwell.statistics import Interval, mean_interval, proportion_interval

ALIKE = 1e-6
"""Values and eigenvalues that differ by less than this share of the largest are the same."""


@dataclass(frozen=True, eq=False)
class MinimaShare:
    """Critical points found on F functions of one dimension.

    Attributes:
        dimension: D, the number of coordinates or parameters.
        share: share of minima among points that are not degenerate, with a 95% Wilson interval.
        expected: theoretical share among all critical points; None if there is no theory.
        values: the function's value at each of N points.
        indices: number of negative eigenvalues at each point.
        per_function: for each function the number of minima and the number of points.
        degenerate: number of degenerate points (with an eigenvalue near zero), which are left out.
        ends: number of searches by end, see `CriticalSet`.
    """

    dimension: int
    share: Interval
    expected: float | None
    values: Float[np.ndarray, " N"]
    indices: Int[np.ndarray, " N"]
    per_function: Int[np.ndarray, "F 2"]
    degenerate: int
    ends: Mapping[str, int]

    @property
    def index_share(self) -> Interval:
        """Mean share of negative eigenvalues, with a 95% interval."""
        return mean_interval(self.indices / self.dimension, within=(0.0, 1.0))

    def by_value(self, parts: int = 5) -> tuple["ValuePart", ...]:
        """Divide the points by value into parts of about equal size, lowest values first.

        Args:
            parts: largest number of parts, at least 1; empty parts are left out.
        """
        order = np.argsort(self.values, kind="stable")
        split = [rows for rows in np.array_split(order, parts) if len(rows)]
        shares = self.indices / self.dimension
        return tuple(
            ValuePart(
                float(self.values[rows].min()),
                float(self.values[rows].max()),
                mean_interval(shares[rows], within=(0.0, 1.0)),
            )
            for rows in split
        )


@dataclass(frozen=True)
class ValuePart:
    """Critical points with similar values.

    Attributes:
        low: the lowest value.
        high: the highest value.
        index_share: mean share of negative eigenvalues.
    """

    low: float
    high: float
    index_share: Interval


def minima_share(found: Sequence[CriticalSet], expected: float | None = None) -> MinimaShare:
    """The share of minima among the points found on functions of one dimension.

    Points of one function with equal values and equal eigenvalues are counted once: they are copies by a symmetry, such
    as exchanging two hidden units.

    Args:
        found: critical points of each function, at least one function.
        expected: theoretical share; None if there is no theory.
    """
    once = [_first_of_copies(one) for one in found]
    kept = [rows & (one.kinds != "degenerate") for one, rows in zip(found, once, strict=True)]
    each = [one.indices[rows] for one, rows in zip(found, kept, strict=True)]
    indices = np.concatenate(each)
    return MinimaShare(
        dimension=found[0].surface.dimension,
        share=proportion_interval(int((indices == 0).sum()), len(indices)),
        expected=expected,
        values=np.concatenate([one.values[rows] for one, rows in zip(found, kept, strict=True)]),
        indices=indices,
        per_function=np.array([((some == 0).sum(), len(some)) for some in each]),
        degenerate=int(sum(rows.sum() for rows in once)) - len(indices),
        ends={end: sum(one.by_end.get(end, 0) for one in found) for end in ENDS},
    )


def _first_of_copies(found: CriticalSet) -> Bool[np.ndarray, " N"]:
    """Which points are not copies of an earlier point, by value and eigenvalues."""
    first = np.zeros(len(found), bool)
    if len(found):
        size = float(abs(found.eigenvalues).max())
        prints = np.column_stack([found.values / max(1, abs(found.values).max()), found.eigenvalues / (size or 1)])
        first[np.unique(merged(prints, ALIKE), return_index=True)[1]] = True
    return first


DRAWS = 4000


def expected_index_shares(dimension: int, *, draws: int = DRAWS, seed: int = 0) -> Float[np.ndarray, " D+1"]:
    """The share of each index, from 0 (minima) to D (maxima), among all critical points of `random_function`.

        share of index k = E exp(−λₖ²/4) / Σᵢ E exp(−λᵢ²/4)

    with the ascending eigenvalues λ₀ ≤ … ≤ λ_D of a symmetric Gaussian matrix with D + 1 rows, variance 2 on the
    diagonal and 1 elsewhere. It follows from the Kac-Rice formula: where the function has the value f, its Hessian is
    G − f I with such a matrix G of D rows, weighted by the absolute determinant, and f acts as one more eigenvalue
    besides those of G; at a minimum it is the lowest. Since λ₀ is about −2√(D + 1), about one in exp(D) is a minimum.

    Args:
        dimension: D.
        draws: number of random matrices to average over.
        seed: seed of the matrices.

    Returns:
        D + 1 shares, symmetric, with sum 1.

    Raises:
        LandscapeError: a number is out of range.

    Example:
        >>> expected_index_shares(2).round(2).tolist()  # as many saddles as minima and maxima
        [0.25, 0.5, 0.25]

    Source: Auffinger, Ben Arous & Černý (2013), "Random matrices and complexity of spin glasses", Lemma 3.3; Cheng &
    Schwartzman (2018), "Expected number and height distribution of critical points of smooth isotropic Gaussian random
    fields".
    """
    N = whole_number("dimension", dimension) + 1
    normal = stream(whole_number("seed", seed, 0), "symmetric matrices", N)
    square = normal.standard_normal((whole_number("draws", draws), N, N))
    weights = np.exp(-(np.linalg.eigvalsh((square + square.swapaxes(1, 2)) / np.sqrt(2)) ** 2) / 4).mean(0)
    both = weights + weights[::-1]  # the matrix and its negative have the same distribution
    return np.asarray(both / both.sum())


DIMENSIONS = (1, 2, 3, 5, 8, 12, 20, 30)
Begin: TypeAlias = Literal["anywhere", "low"]
BEGINS: tuple[Begin, ...] = get_args(Begin)


def minima_against_dimension(
    dimensions: Sequence[int] = DIMENSIONS,
    *,
    functions: int = 8,
    starts: int = 64,
    begin: Begin = "anywhere",
    waves: int = WAVES,
    seed: int = 0,
) -> tuple[MinimaShare, ...]:
    """The share of minima among the critical points found on random functions, for each dimension.

    Starts are much farther apart than the function's length scale, so that results are almost independent, as the
    Wilson interval assumes.

    Which points are found depends on the starts. From random starts they are almost a random sample of all critical
    points, as the comparison with theory shows. From low points, the ends of descents, almost all are minima in any
    dimension: most critical points are saddles, but descents do not end at them.

    Args:
        dimensions: at least one.
        functions: number of random functions of each dimension.
        starts: number of searches on each function.
        begin: `anywhere`, uniform random starts; `low`, the results of `lowered` from these.
        waves: see `random_function`.
        seed: seed of functions, starts and theory.

    Returns:
        One result per dimension.

    Raises:
        LandscapeError: there is no dimension, `begin` is unknown, or a number is out of range.

    Example:
        >>> found = minima_against_dimension((1,), functions=2, starts=16, waves=64)
        >>> [one.dimension for one in found], round(found[0].expected, 2)
        ([1], 0.5)

    Source: C-17; Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional
    non-convex optimization".
    """
    if begin not in BEGINS:
        raise LandscapeError(f"begin '{begin}' is unknown: {nearest(str(begin), BEGINS)}")
    if not len(dimensions):
        raise LandscapeError("there is no dimension: give at least one, such as (1, 2, 5)")
    functions, starts = whole_number("functions", functions), whole_number("starts", starts)
    seed, found = whole_number("seed", seed, 0), []
    for dimension in dimensions:
        # Not seed + i: neighbouring seeds would share almost all functions.
        seeds = [int(stream(seed, "seed of a function", i).integers(1 << 62)) for i in range(functions)]
        drawn = [random_function(dimension, one, waves=waves) for one in seeds]
        points = [critical_points(one, _starts(one, starts, begin, seeds[i])) for i, one in enumerate(drawn)]
        found.append(minima_share(points, float(expected_index_shares(dimension, seed=seed)[0])))
    return tuple(found)


def _starts(surface: Surface, count: int, begin: Begin, seed: int) -> Float[np.ndarray, "S D"]:
    """Starts in the domain's inner half, so that searches stay in the domain."""
    drawn = stream(seed, "starts of searches", surface.dimension).uniform(-1, 1, (count, surface.dimension))
    return lowered(surface, drawn * SIDE / 2) if begin == "low" else drawn * SIDE / 2


HIDDEN = (1, 2, 3, 4, 6)
NetworkBegin: TypeAlias = Literal["anywhere", "paths"]
NETWORK_BEGINS: tuple[NetworkBegin, ...] = get_args(NetworkBegin)
SCALES = (0.1, 3.0)
"""Range of standard deviations of random starts; drawn uniformly on a logarithmic scale."""
NOISE = (0.01, 1.0)
"""Range of standard deviations of the noise added to points of training paths; drawn likewise."""
UPDATES = 300


def minima_against_size(
    data: Dataset | str = "iris",
    *,
    hidden: Sequence[int] = HIDDEN,
    components: int = 2,
    losses: int = 4,
    starts: int = 32,
    begin: NetworkBegin = "anywhere",
    l2_penalty: float = L2_PENALTY,
    seed: int = 0,
) -> tuple[MinimaShare, ...]:
    """The share of minima among the critical points found on the losses of networks of growing size.

    Each network has one hidden layer of tanh units. Each loss is over a bootstrap sample of the training rows, reduced
    to their first principal components, with a small penalty on all parameters; see `network_surface`. Copies of a
    point, made by exchanging units or flipping signs, are counted once.

    Which points are found depends on the starts. From random starts most searches end at points with high loss; near
    training paths they end at low ones, including minima. Points of one loss share its rows, so the Wilson interval,
    which assumes independence, is somewhat too narrow. `per_function` has the counts of each loss.

    Args:
        data: a classification dataset, or a built-in name.
        hidden: numbers of hidden units, at least one.
        components: number of principal components, at least 1.
        losses: number of losses of each size.
        starts: number of searches on each loss.
        begin: `anywhere`, normal parameters with standard deviations from 0.1 to 3; `paths`, points of training paths
            plus normal noise of standard deviations from 0.01 to 1, as in the source.
        l2_penalty: λ of the loss, above 0.
        seed: seed of rows and starts.

    Returns:
        One result per size.

    Raises:
        LandscapeError: the data are not for classification or have fewer columns than components; `hidden` is empty;
            `begin` is unknown; or a number is out of range.
        DataError: the data's name is unknown.

    Example:
        >>> found = minima_against_size(hidden=(1,), losses=1, starts=16)
        >>> found[0].dimension, found[0].share.n > 0
        (9, True)

    Source: C-17; Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional
    non-convex optimization", section 3.
    """
    if begin not in NETWORK_BEGINS:
        raise LandscapeError(f"begin '{begin}' is unknown: {nearest(str(begin), NETWORK_BEGINS)}")
    if not len(hidden):
        raise LandscapeError("there is no number of hidden units: give at least one, such as (1, 2, 4)")
    losses, starts = whole_number("losses", losses), whole_number("starts", starts)
    seed, components = whole_number("seed", seed, 0), whole_number("components", components)
    rows, labels = _reduced(load_data(data) if isinstance(data, str) else data, components)
    drawn = [stream(seed, "rows of a loss", i).integers(len(rows), size=len(rows)) for i in range(losses)]
    places = _along_paths if begin == "paths" else _anywhere
    found = []
    for units in hidden:
        surfaces = [network_surface(rows[some], labels[some], units, l2_penalty=l2_penalty) for some in drawn]
        points = [critical_points(one, places(one, starts, seed, i)) for i, one in enumerate(surfaces)]
        found.append(minima_share(points))
    return tuple(found)


def _reduced(dataset: Dataset, components: int) -> tuple[Float[np.ndarray, "N K"], Int[np.ndarray, " N"]]:
    """The first principal components of the standardised training rows, each with variance 1, and the labels."""
    if dataset.task != "classification":
        raise LandscapeError(f"'{dataset.name}' is for regression: give data with classes, such as iris")
    inputs = np.asarray(dataset.training.flat, np.float64)
    deviations = inputs.std(0)
    columns = (inputs - inputs.mean(0))[:, deviations > 0] / deviations[deviations > 0]
    if columns.shape[1] < components:
        raise LandscapeError(f"'{dataset.name}' has {columns.shape[1]} columns that vary, less than {components}")
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    projected = left[:, :components] * sizes[:components]
    return projected / projected.std(0), dataset.training.targets


def _spread(draws: np.random.Generator, ends: tuple[float, float], shape: tuple[int, int]) -> Float[np.ndarray, "S P"]:
    """Normal rows with standard deviations drawn uniformly on a logarithmic scale."""
    low, high = np.log(ends)
    return np.asarray(np.exp(draws.uniform(low, high, (shape[0], 1))) * draws.standard_normal(shape))


def _anywhere(surface: Surface, count: int, seed: int, loss: int) -> Float[np.ndarray, "S P"]:
    draws = stream(seed, "parameters", surface.dimension, loss)
    return np.asarray(np.clip(_spread(draws, SCALES, (count, surface.dimension)), *surface.domain.T))


def _along_paths(surface: Surface, count: int, seed: int, loss: int) -> Float[np.ndarray, "S P"]:
    """Points at random times of Adam's paths, one per path, plus noise."""
    how = {"optimizer": "adam", "learning_rate": 0.03}
    paths = descend(surface, how, _anywhere(surface, count, seed, loss), UPDATES, paths=True).paths
    assert paths is not None
    draws = stream(seed, "points of paths", surface.dimension, loss)
    points = paths[0, np.arange(count), draws.integers(0, UPDATES + 1, count)]
    return np.asarray(np.clip(np.nan_to_num(points + _spread(draws, NOISE, points.shape)), *surface.domain.T))
