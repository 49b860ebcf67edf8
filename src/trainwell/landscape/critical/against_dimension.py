"""How rare minima are among the critical points of random functions of growing dimension (C-17)."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from jaxtyping import Float

from trainwell.core import nearest, stream
from trainwell.landscape.critical.index_shares import expected_index_shares
from trainwell.landscape.critical.minima_share import MinimaShare, minima_share
from trainwell.landscape.critical.search import critical_points
from trainwell.landscape.critical.starts import lowered
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import whole_number
from trainwell.landscape.surfaces.gaussian_field import SIDE, WAVES, random_function
from trainwell.landscape.surfaces.surface import Surface

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

    The starts of one function are on average far more than the length apart over which it changes, so that what they
    lead to is all but independent, as Wilson's interval presumes.

    Which points are found depends on where a search begins. From anywhere they are nearly those of a fair draw, as the
    comparison with theory shows. From low places, to which a descent has led, nearly all are minima, in any dimension:
    that saddles abound does not say that a descent ends at one.

    Args:
        dimensions: at least one.
        functions: random functions of each dimension.
        starts: searches on each.
        begin: `anywhere`, uniformly drawn; `low`, where `lowered` leads from there.
        waves: of each function, see `random_function`.
        seed: of functions, starts and theory.

    Returns:
        One for each dimension.

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
        raise LandscapeError(f"searches cannot begin '{begin}': {nearest(str(begin), BEGINS)}")
    if not len(dimensions):
        raise LandscapeError("there is no dimension: give at least one, such as (1, 2, 5)")
    functions, starts = whole_number("functions", functions, 1), whole_number("starts", starts, 1)
    seed, found = whole_number("seed", seed, 0), []
    for dimension in dimensions:
        # Not seed + i: two seeds would share nearly all functions.
        seeds = [int(stream(seed, "seed of a function", i).integers(1 << 62)) for i in range(functions)]
        drawn = [random_function(dimension, one, waves=waves) for one in seeds]
        points = [critical_points(one, _starts(one, starts, begin, seeds[i])) for i, one in enumerate(drawn)]
        found.append(minima_share(points, float(expected_index_shares(dimension, seed=seed)[0])))
    return tuple(found)


def _starts(surface: Surface, count: int, begin: Begin, seed: int) -> Float[np.ndarray, "S D"]:
    """Starts in the domain's inner half, which searches do not leave."""
    drawn = stream(seed, "starts of searches", surface.dimension).uniform(-1, 1, (count, surface.dimension))
    return lowered(surface, drawn * SIDE / 2) if begin == "low" else drawn * SIDE / 2
