"""C-03: sigmoid layers with weights of standard deviation 1."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from trainwell.lecture.book import INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.experiment import Chart, Part, above, below, curve
from trainwell.lecture.measuring import Fields, median, paired_ratio
from trainwell.lecture.statements.initialization.shares import LAYERS, ByStd, most_inside, shares_by_std
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import Gradients, gradients, network_of

STDS = (0.001, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)
STD = 1.0  # the lecture's
DEPTHS = (5, 2, 10, 20)
"""Hidden layers of the networks whose gradients are measured, the book's number first."""
END = 0.05
"""Distance from 0 or 1 that counts as an end: a tenth of the numbers in [0, 1] are that close."""
PILED = 0.5
VANISHED = 0.1


DESIGN = Design(
    varied="the standard deviation of the initial weights; the number of sigmoid layers",
    fixed="the book's network: 1000 standard-normal inputs of size 100, 100 units in each layer, biases 0; for "
    "gradients 500 inputs, 10 classes drawn at random and the mean cross-entropy; no training",
    measured="the share of activations within 0.05 of 0 or 1, layer by layer; the RMS gradient with respect to "
    "pre-activations in the first layer, divided by that in the last hidden layer",
    criterion="with std 1 more than half of the activations are within 0.05 of an end, where evenly spread ones would "
    "be a tenth; less than a tenth of the gradient reaches the first layer. Both bounds are judgement calls. Also "
    "reported: the gradient compared with Xavier's weights, and the share of activations with almost zero slope",
    conditions="twelve standard deviations from 0.001 to 3; layers 1 to 5; networks of 2, 5, 10 and 20 layers",
    precision="40 draws of weights and inputs; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-03."""
    draws, stds = setup.of((40, STDS), (12, (0.01, 0.1, 0.3, 1.0, 3.0)))
    depths = setup.of(DEPTHS, DEPTHS[:2])
    initial = {std: normal(std) for std in stds}
    found = {
        depth: {std: gradients(network_of("sigmoid", depth), one, range(draws)) for std, one in initial.items()}
        for depth in depths
    }
    xavier = {
        depth: gradients(network_of("sigmoid", depth), INITIALIZATIONS["Xavier"], range(draws)) for depth in depths
    }
    return (
        piled_up(at_ends(initial, range(draws))),
        vanishing(found),
        _against_xavier(found, xavier),
        _closed(found),
    )


STATEMENT = Statement(
    "C-03",
    DESIGN,
    "Do not draw weights of sigmoid layers with standard deviation 1 for a hundred inputs: most activations sit at 0 "
    "or 1 before training begins. That does not show whether gradients vanish: check them in every layer as well.",
    examined,
)


def at_ends(initial: Mapping[float, Fields], seeds: Sequence[int], width: int = WIDTH) -> ByStd:
    """The share of activations within `END` of 0 or 1, for each way to draw the weights."""
    return shares_by_std(initial, seeds, lambda layer: abs(layer - 0.5) > 0.5 - END, width)


def piled_up(shares: ByStd) -> Part:
    """The claim that activations pile up at 0 and 1."""
    return most_inside(
        f"with std {STD:g} sigmoid activations pile up at 0 and 1: more than half of them are within {END} of an end",
        f"within {END} of 0 or 1",
        "std above which more than half are near 0 or 1",
        shares,
        STD,
        PILED,
    )


Found: TypeAlias = Mapping[int, Mapping[float, Gradients]]
"""Number of layers -> standard deviation -> gradients."""


def vanishing(found: Found) -> Part:
    """The claim that gradients vanish."""
    shares = {
        depth: [median(f"gradient, first layer over last, std {std:g}, {depth} layers", one.arriving)
                for std, one in own.items()]
        for depth, own in found.items()
    }  # fmt: skip
    return Part(
        f"with std {STD:g} gradients vanish: less than a tenth of the last hidden layer's reaches the first",
        tuple(
            below(own[list(found[depth]).index(STD)], VANISHED, f"with {depth} layers") for depth, own in shares.items()
        ),
        chart=Chart(
            "standard deviation of the initial weights",
            "gradient: first layer over last",
            tuple(curve(f"{depth} layers", list(found[depth]), own) for depth, own in sorted(shares.items())),
            log_x=True,
            log_y=True,
            bound=VANISHED,
        ),
    )


def _against_xavier(found: Found, xavier: Mapping[int, Gradients]) -> Part:
    ratios = {
        depth: paired_ratio(
            f"first weights' gradient, std {STD:g} over Xavier's, {depth} layers",
            own[STD].weights[:, 0],
            xavier[depth].weights[:, 0],
        )
        for depth, own in found.items()
    }
    return Part(
        f"with std {STD:g} the first layer's weight gradient is smaller than with Xavier's weights",
        tuple(below(one, 1.0, f"with {depth} layers") for depth, one in ratios.items()),
        tuple(
            median(f"gradient, first layer over last, Xavier, {depth} layers", own.arriving)
            for depth, own in xavier.items()
        ),
        beyond=True,
    )


def _closed(found: Found) -> Part:
    """The share of activations with almost zero slope."""
    shares = {
        std: median(f"share of activations with almost zero slope, std {std:g}, {LAYERS} layers", own.closed.mean(1))
        for std, own in found[LAYERS].items()
    }
    return Part(
        f"with std {STD:g} more than half of the activations have almost zero slope, at most a hundredth of the "
        "largest: the others carry the gradient",
        (above(shares[STD], PILED),),
        chart=Chart(
            "standard deviation of the initial weights",
            "share with almost zero slope",
            (curve(f"{LAYERS} layers", list(shares), list(shares.values())),),
            log_x=True,
            bound=PILED,
        ),
        beyond=True,
    )
