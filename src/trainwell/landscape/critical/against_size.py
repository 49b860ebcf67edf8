"""How rare minima are among the critical points of small networks' losses on real data (C-17)."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Float, Int

from trainwell.core import nearest, stream
from trainwell.data import Dataset, load_data
from trainwell.landscape.critical.minima_share import MinimaShare, minima_share
from trainwell.landscape.critical.search import critical_points
from trainwell.landscape.descents.run import descend
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.networks.surface import L2_PENALTY, network_surface
from trainwell.landscape.surfaces.checks import whole_number
from trainwell.landscape.surfaces.surface import Surface

HIDDEN = (1, 2, 3, 4, 6)
Begin: TypeAlias = Literal["anywhere", "paths"]
BEGINS: tuple[Begin, ...] = get_args(Begin)
SCALES = (0.1, 3.0)
"""Standard deviations of parameters to begin at, and ..."""
NOISE = (0.01, 1.0)
"""of what is added to points of training's paths: both are drawn evenly in their logarithms."""
UPDATES = 300


def minima_against_size(
    data: Dataset | str = "iris",
    *,
    hidden: Sequence[int] = HIDDEN,
    components: int = 2,
    losses: int = 4,
    starts: int = 32,
    begin: Begin = "anywhere",
    l2_penalty: float = L2_PENALTY,
    seed: int = 0,
) -> tuple[MinimaShare, ...]:
    """The share of minima among the critical points found on the losses of networks of growing size.

    Each network has one hidden layer of tanh units. Its losses are each over as many rows as there are for training,
    drawn from them with replacement and reduced to their first principal components, with a small penalty on all
    parameters; see `network_surface`. Copies of a point that come from exchanging units or turning signs are counted
    once.

    Which points are found depends on where a search begins. From anywhere most searches end at high points, where
    units do little; near the paths of training they find low ones, minima among them. Points of one loss have its rows
    in common: Wilson's interval, which takes points for independent, is rather too narrow. `per_function` has the
    counts of each loss, for an interval over losses.

    Args:
        data: classification; a name is one that `load` knows.
        hidden: numbers of units, at least one.
        components: of the rows, at least 1.
        losses: of each size.
        starts: searches on each loss.
        begin: `anywhere`, normal parameters of standard deviations from 0.1 to 3; `paths`, points along the paths of
            training with normal noise of 0.01 to 1, as in the source.
        l2_penalty: of the loss, above 0.
        seed: of rows and starts.

    Returns:
        One for each size.

    Raises:
        LandscapeError: the data is not for classification or has fewer columns than components, there is no size,
            `begin` is unknown, or a number is out of range.
        DataError: there is no such data.

    Example:
        >>> found = minima_against_size(hidden=(1,), losses=1, starts=16)
        >>> found[0].dimension, found[0].share.n > 0
        (9, True)

    Source: C-17; Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional
    non-convex optimization", section 3.
    """
    if begin not in BEGINS:
        raise LandscapeError(f"searches cannot begin '{begin}': {nearest(str(begin), BEGINS)}")
    if not len(hidden):
        raise LandscapeError("there is no number of hidden units: give at least one, such as (1, 2, 4)")
    losses, starts = whole_number("losses", losses, 1), whole_number("starts", starts, 1)
    seed, components = whole_number("seed", seed, 0), whole_number("components", components, 1)
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
    inputs = np.asarray(dataset.training.inputs, np.float64)
    deviations = inputs.std(0)
    columns = (inputs - inputs.mean(0))[:, deviations > 0] / deviations[deviations > 0]
    if columns.shape[1] < components:
        raise LandscapeError(f"'{dataset.name}' has {columns.shape[1]} columns that vary, less than {components}")
    left, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    projected = left[:, :components] * sizes[:components]
    return projected / projected.std(0), dataset.training.targets


def _spread(draws: np.random.Generator, ends: tuple[float, float], shape: tuple[int, int]) -> Float[np.ndarray, "S P"]:
    """Normal rows whose standard deviations lie evenly in logarithms."""
    low, high = np.log(ends)
    return np.asarray(np.exp(draws.uniform(low, high, (shape[0], 1))) * draws.standard_normal(shape))


def _anywhere(surface: Surface, count: int, seed: int, loss: int) -> Float[np.ndarray, "S P"]:
    draws = stream(seed, "parameters", surface.dimension, loss)
    return _within(surface, _spread(draws, SCALES, (count, surface.dimension)))


def _along_paths(surface: Surface, count: int, seed: int, loss: int) -> Float[np.ndarray, "S P"]:
    """Points at random times of Adam's paths, one path for each, with noise."""
    how = {"optimizer": "adam", "learning_rate": 0.03}
    paths = descend(surface, how, _anywhere(surface, count, seed, loss), UPDATES, paths=True).paths
    assert paths is not None
    draws = stream(seed, "points of paths", surface.dimension, loss)
    points = paths[0, np.arange(count), draws.integers(0, UPDATES + 1, count)]
    return _within(surface, np.nan_to_num(points + _spread(draws, NOISE, points.shape)))


def _within(surface: Surface, points: Float[np.ndarray, "S P"]) -> Float[np.ndarray, "S P"]:
    low, high = surface.domain.T
    return np.asarray(np.clip(points, low, high))
