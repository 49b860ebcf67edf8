"""C-17: minima and saddles among the critical points of random functions and of networks' losses."""

import numpy as np
from jaxtyping import Float

from trainwell.landscape import MinimaShare, minima_against_dimension, minima_against_size
from trainwell.lecture.experiment import Chart, Curve, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import chosen, clustered_share, share
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval

FEW = 0.2  # of a network's critical points, of which only a few are found on each loss
ANYWHERE = "searched for from anywhere"


RARE, NEARLY_ALL = 0.05, 0.9
HIGH = 12
"""Dimension from which minima are to be rare."""


DESIGN = Design(
    varied="the dimension: of smooth random functions, and of networks by their hidden units; how critical "
    "points are searched for",
    fixed="the kind of function, the number of searches, the networks' data (iris)",
    measured="the share of minima among critical points, and the share of negative eigenvalues against the height of a "
    "point",
    criterion="from dimension 12 on fewer than 1 critical point in 20 is a minimum, and more than 9 in 10 are saddles, "
    "since there are as many maxima as minima; on networks, of which few are found, fewer than 1 in 5 is a minimum; "
    "these numbers are judgement calls: theory says that shares fall exponentially",
    conditions="dimensions 1 to 20, networks of 1 and 3 hidden units; searches from random points, along paths of "
    "descent, from low points",
    precision="80 searches on each of 4 functions, whose points are far enough apart to count as independent; 24 "
    "searches on each of 20 losses of networks, where points of one loss count as one cluster",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-17."""
    if setup.size == "full":
        anywhere = minima_against_dimension((1, 2, 3, 5, HIGH, 20), functions=4, starts=80)
        low = minima_against_dimension((20,), functions=2, starts=32, begin="low")
    else:
        anywhere = minima_against_dimension((1, 2, HIGH), functions=1, starts=160)
        low = minima_against_dimension((HIGH,), functions=1, starts=24, begin="low")
    return (*on_random_functions(anywhere), _low_places(low[0]), *_network_minima(setup))


STATEMENT = Statement(
    "C-17",
    DESIGN,
    "Do not fear bad local minima in large networks: look for flat regions and bad conditioning first.",
    examined,
)


def on_random_functions(found: tuple[MinimaShare, ...]) -> tuple[Part, Part]:
    """How rare minima are against the dimension, and which points are low."""
    shares = [measured(f"share of minima, random functions, dimension {one.dimension}", one.share) for one in found]
    saddles = [
        share(
            f"share of saddles, random functions, dimension {one.dimension}",
            (one.indices > 0) & (one.indices < one.dimension),
        )
        for one in found
    ]
    dimensions = [one.dimension for one in found]
    theory = tuple(float(one.expected or np.nan) for one in found)
    places = tuple(float(D) for D in dimensions)
    return (
        Part(
            f"on smooth random functions of {HIGH} dimensions or more, fewer than 1 critical point in 20 is a minimum, "
            "and more than 9 in 10 are saddles",
            tuple(
                criterion
                for minima, others, D in zip(shares, saddles, dimensions, strict=True)
                if D >= HIGH
                for criterion in (
                    below(minima, RARE, f"in dimension {D}"),
                    above(others, NEARLY_ALL, f"in dimension {D}"),
                )
            ),
            (*shares, *saddles),
            Chart(
                "dimension",
                "share of minima among critical points",
                (curve("found", dimensions, shares), Curve("theory", places, theory, theory, theory)),
                log_x=True,
            ),
        ),
        _against_value(found[-1]),
    )


def _less(one: Measured, other: Measured) -> Measured:
    """How much one share is above another, at the ends of their intervals that are farthest apart."""
    what = f"{one.what}, minus those of {other.what.rpartition(', ')[2]}"
    return Measured(what, one.estimate - other.estimate, one.low - other.high, one.high - other.low, one.n)


def _against_value(found: MinimaShare) -> Part:
    """The share of negative eigenvalues in the lowest and the highest fifth of the values."""
    parts = found.by_value()
    shares = [
        measured(f"share of negative eigenvalues, values {p.low:.3g} to {p.high:.3g}", p.index_share) for p in parts
    ]
    return Part(
        "on those functions the lower a critical point, the fewer directions curve down: fewer in the lowest fifth "
        "than in the highest",
        (below(_less(shares[0], shares[-1]), 0.0),),
        tuple(shares),
        Chart(
            "value, middle of each fifth",
            "share of negative eigenvalues",
            (curve(f"dimension {found.dimension}", [(p.low + p.high) / 2 for p in parts], shares),),
        ),
        beyond=True,
    )


def _low_places(found: MinimaShare) -> Part:
    minima = measured(f"share of minima, begun where descents end, dimension {found.dimension}", found.share)
    return Part(
        "searched for where descents end, most critical points of those functions are minima all the same: saddles "
        "abound, but are not where descents go",
        (above(minima, 0.5),),
        (minima,),
        beyond=True,
    )


def _network_minima(setup: Setup) -> tuple[Part, ...]:
    """How rare minima are on tanh networks on iris, from two kinds of starts, and how that depends on the loss.

    Every loss is over rows drawn with replacement. Intervals are over losses: points of one loss are alike.
    """
    if setup.size == "small":
        anywhere = minima_against_size(hidden=(3,), losses=4, starts=16)
        return _rare(anywhere, ANYWHERE, beyond=False), _against_loss(anywhere[-1])
    anywhere = minima_against_size(hidden=(1, 3), losses=20, starts=24)
    paths = minima_against_size(hidden=(3,), losses=10, starts=24, begin="paths")
    return (
        _rare(anywhere, ANYWHERE, beyond=False),
        _rare(paths, "searched for near training's paths", beyond=True),
        _against_loss(anywhere[-1]),
    )


def _rare(found: tuple[MinimaShare, ...], way: str, *, beyond: bool) -> Part:
    shares = [
        clustered_share(f"share of minima, tanh networks on iris, {way}, dimension {one.dimension}", one.per_function)
        for one in found
    ]
    sizes = [one.dimension for one in found]
    return Part(
        f"on tanh networks on iris of {sizes[-1]} parameters, {way}, fewer than 1 critical point in 5 is a minimum",
        (below(shares[-1], FEW),),
        (*shares[::-1], *_ends(found[-1], way)),
        Chart("parameters", "share of minima among critical points", (curve("networks", sizes, shares),)),
        beyond=beyond,
    )


def _ends(found: MinimaShare, way: str) -> list[Measured]:
    """Outcomes of the searches; points that are not found may be of another kind."""
    searches = sum(found.ends.values())
    return [
        chosen(f"share of searches that are {end}, {way}, dimension {found.dimension}", count / searches, searches)
        for end, count in found.ends.items()
        if end in ("found", "stalled", "running")
    ]


def _against_loss(found: MinimaShare) -> Part:
    """On each loss: the share of negative eigenvalues in the higher half of its points, minus that in the lower."""
    ends = np.cumsum(found.per_function[:, 1])[:-1]
    values, shares = np.split(found.values, ends), np.split(found.indices / found.dimension, ends)
    more = measured(
        "share of negative eigenvalues, higher half of the points minus the lower",
        mean_interval([difference_of_halves(*one) for one in zip(values, shares, strict=True)]),
    )
    return Part(
        f"on those networks, {ANYWHERE}, fewer directions curve down at lower critical points: fewer in the lower half "
        "of a loss's points than in the higher",
        (above(more, 0.0),),
        (more,),
        beyond=True,
    )


def difference_of_halves(values: Float[np.ndarray, " N"], shares: Float[np.ndarray, " N"]) -> float:
    """The mean share in the higher half of the values minus that in the lower.

    Of an odd number of points the middle one counts for neither half; NaN where there are fewer than two.
    """
    ordered, half = shares[np.argsort(values, kind="stable")], len(values) // 2
    return float(ordered[-half:].mean() - ordered[:half].mean()) if half else float("nan")
