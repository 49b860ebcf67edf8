"""C-17: minima and saddles among the critical points of random functions, against dimension and against value."""

import numpy as np

from trainwell.landscape import MinimaShare, minima_against_dimension
from trainwell.lecture.deciding import above, below, both
from trainwell.lecture.experiment import Chart, Curve, Part, Size, Statement, curve, measured
from trainwell.lecture.statements.network_minima import network_minima

RARE = 0.05
HIGH = 12
"""Dimension from which minima are to be rare."""


def examined(size: Size) -> tuple[Part, ...]:
    """The parts of C-17."""
    if size == "full":
        anywhere = minima_against_dimension((1, 2, 3, 5, HIGH, 20), functions=4, starts=80)
        low = minima_against_dimension((20,), functions=2, starts=32, begin="low")
    else:
        anywhere = minima_against_dimension((1, 2, HIGH), functions=1, starts=160)
        low = minima_against_dimension((HIGH,), functions=1, starts=24, begin="low")
    return (*_random_functions(anywhere), _low_places(low[0]), *network_minima(size))


STATEMENT = Statement(
    "C-17", "in high dimension, critical points are almost always saddles, hardly ever local minima", examined
)


def _random_functions(found: tuple[MinimaShare, ...]) -> tuple[Part, Part]:
    shares = [measured(f"share of minima, random functions, dimension {one.dimension}", one.share) for one in found]
    dimensions = [one.dimension for one in found]
    theory = tuple(float(one.expected or np.nan) for one in found)
    places = tuple(float(D) for D in dimensions)
    high = [share for share, one in zip(shares, found, strict=True) if one.dimension >= HIGH]
    return (
        Part(
            f"on smooth random functions of {HIGH} dimensions or more, fewer than 1 critical point in 20 is a minimum",
            both(*(below(one, RARE) for one in high)),
            tuple(shares),
            Chart(
                "dimension",
                "share of minima among critical points",
                (curve("found", dimensions, shares), Curve("theory", places, theory, theory, theory)),
                log_x=True,
            ),
        ),
        _against_value(found[-1]),
    )


def _against_value(found: MinimaShare) -> Part:
    """The share of negative eigenvalues in the lowest and the highest fifth of the values."""
    parts = found.by_value()
    shares = [
        measured(f"share of negative eigenvalues, values {p.low:.3g} to {p.high:.3g}", p.index_share) for p in parts
    ]
    return Part(
        "on those functions the lower a critical point, the fewer directions curve down: fewer in the lowest fifth "
        "than in the highest",
        True if shares[0].high < shares[-1].low else False if shares[0].low > shares[-1].high else None,
        tuple(shares),
        Chart(
            "value, middle of each fifth",
            "share of negative eigenvalues",
            (curve(f"dimension {found.dimension}", [(p.low + p.high) / 2 for p in parts], shares),),
        ),
        beyond=True,
    )


def _low_places(found: MinimaShare) -> Part:
    share = measured(f"share of minima, begun where descents end, dimension {found.dimension}", found.share)
    return Part(
        "searched for where descents end, most critical points of those functions are minima all the same: saddles "
        "abound, but are not where descents go",
        above(share, 0.5),
        (share,),
        beyond=True,
    )
