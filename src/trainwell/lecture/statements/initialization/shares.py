"""The share of each layer's activations in a range, against the standard deviation of the initial weights."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from trainwell.lecture.book import WIDTH
from trainwell.lecture.experiment import Chart, Part, above, curve
from trainwell.lecture.measuring import Fields, crossings, median
from trainwell.lecture.untrained import activations, network_of

LAYERS = 5  # the book's
ByStd: TypeAlias = Mapping[float, Float[np.ndarray, "S L"]]
"""Standard deviation, ascending -> one number per seed and layer."""


def shares_by_std(
    initial: Mapping[float, Fields],
    seeds: Sequence[int],
    is_inside: Callable[[Float[np.ndarray, "N H"]], Bool[np.ndarray, "N H"]],
    width: int = WIDTH,
) -> ByStd:
    """The share of each sigmoid layer's activations inside a range, for each initialization.

    Args:
        initial: standard deviation -> recipe fields of the initialization.
        seeds: draw weights and inputs.
        is_inside: activations -> whether each is in the range.
        width: units of each layer.
    """
    network = network_of("sigmoid", LAYERS, width)
    return {
        std: np.array([[np.mean(is_inside(layer)) for layer in activations(network, one, seed)] for seed in seeds])
        for std, one in initial.items()
    }


def most_inside(claim: str, where: str, crossing: str, shares: ByStd, std: float, bound: float) -> Part:
    """Whether, with one standard deviation, the share of each layer's activations in a range is above a bound.

    Args:
        claim: the claim.
        where: the range, such as `within 0.05 of 0 or 1`.
        crossing: label of the standard deviation at which the share crosses the bound.
        shares: see `shares_by_std`.
        std: the standard deviation that the claim is about.
        bound: for the share.
    """
    numbers = {
        each: [median(f"share {where}, std {each:g}, layer {i + 1}", own[:, i]) for i in range(LAYERS)]
        for each, own in shares.items()
    }
    by_layer = np.stack(list(shares.values()), axis=-1)  # [S L std]
    found = [
        median(f"{crossing}, layer {i + 1}", crossings(list(shares), by_layer[:, i], bound)) for i in range(LAYERS)
    ]
    last_first = sorted(range(LAYERS), key=lambda i: i != LAYERS - 1)
    curves = (curve(f"layer {i + 1}", list(shares), [own[i] for own in numbers.values()]) for i in range(LAYERS))
    return Part(
        claim,
        tuple(above(numbers[std][i], bound, f"in layer {i + 1}") for i in last_first),
        tuple(found),
        Chart("standard deviation of the initial weights", f"share {where}", tuple(curves), log_x=True, bound=bound),
    )
