"""C-01: the share of the gradient that reaches the first layer of sigmoid and ReLU networks, by depth."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, HE, INITIALIZATIONS, WIDTH, Run, normal
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import Fields, chosen, final, median, paired_difference, paired_ratio
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import gradient_sizes, gradients, network_of
from trainwell.nn import ActivationName
from trainwell.statistics import mean_interval
from trainwell.training import Trained, problems_of

Shares: TypeAlias = Mapping[int, Float[np.ndarray, " S"]]
"""Number of hidden layers -> RMS gradient of the first layer over that of the last hidden layer, one per seed."""

DEPTHS = (2, 3, 5, 10, 20)
FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0)
"""Multiples of the usual standard deviation."""
VANISHED, FAR = 0.1, 10.0
NAMES: dict[ActivationName, str] = {"sigmoid": "sigmoid", "relu": "ReLU"}
USUAL: Mapping[ActivationName, Fields] = {"sigmoid": INITIALIZATIONS["Xavier"], "relu": HE}
VARIANTS: Mapping[ActivationName, Sequence[Fields]] = {
    "sigmoid": [USUAL["sigmoid"], normal(0.4), normal(1.0)],
    "relu": [HE, INITIALIZATIONS["Xavier"], normal(0.1)],
}
"""Initial weights to choose from for trained networks."""
RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


DESIGN = Design(
    varied="sigmoid or ReLU; the number of hidden layers; the standard deviation of the initial weights",
    fixed="100 units in each layer; before training: 500 standard-normal inputs of size 100, 10 classes drawn at "
    "random; trained networks: 1000 training images, 300 updates of SGD with batches of 100",
    measured="the RMS gradient with respect to pre-activations in the first layer, divided by that in the last hidden "
    "layer; accuracy on the training images",
    criterion="with Xavier's weights less than a tenth of a sigmoid network's gradient reaches the first layer; of a "
    "ReLU network's with He's weights at least ten times as much; of a sigmoid network's less in each deeper one. The "
    "second also with each activation's best standard deviation, whose ratio is nearest to 1, chosen on other draws. A "
    "tenth and ten times are judgement calls. Also reported: accuracies and gradients of trained networks, with rates "
    "and initial weights tuned",
    conditions="2, 3, 5, 10 and 20 hidden layers; eleven standard deviations of 0.5 to 20 times the usual one; trained "
    "networks of 1, 3 and 5 layers",
    precision="40 draws, medians with order-statistic intervals; 10 trained networks each, means of their accuracy",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-01."""
    draws, depths, factors = setup.of((40, DEPTHS, FACTORS), (12, DEPTHS[:3], FACTORS[2::4]))
    seeds, others = range(draws), range(1000, 1000 + setup.of(10, 6))
    found = {name: arriving(name, own, depths, seeds) for name, own in USUAL.items()}
    at_best = {name: with_best_std(name, depths, factors, seeds, others) for name in USUAL}
    images, trained_depths, count = setup.of((1000, (1, 3, 5), 10), (300, (3,), 6))
    dataset = setup.data.part(images, "none")
    return (
        vanishing(found),
        relu_far_less("with usual weights", "usual std", found),
        growing(found["sigmoid"]),
        relu_far_less("with each activation's best standard deviation", "best std", at_best),
        *_trained(setup, dataset, trained_depths, range(count)),
    )


STATEMENT = Statement(
    "C-01",
    DESIGN,
    "With the usual initial weights a deep ReLU network keeps its gradient and a deep sigmoid network loses it. If you "
    "need sigmoids, start with larger weights than Xavier's, and check the gradient of every layer.",
    examined,
    trains=True,
)


def arriving(
    activation: ActivationName, initial: Fields, depths: Sequence[int], seeds: Sequence[int], width: int = WIDTH
) -> dict[int, Float[np.ndarray, " S"]]:
    """The gradient ratio first over last hidden layer, by number of hidden layers."""
    return {depth: gradients(network_of(activation, depth, width), initial, seeds).arriving for depth in depths}


def with_best_std(
    activation: ActivationName,
    depths: Sequence[int],
    factors: Sequence[float],
    seeds: Sequence[int],
    others: Sequence[int],
    width: int = WIDTH,
) -> dict[int, Float[np.ndarray, " S"]]:
    """The same with the standard deviation, chosen on other draws, whose ratio is nearest to 1."""
    usual = (1 if activation == "sigmoid" else 2**0.5) / width**0.5
    found = {}
    for depth in depths:
        tried = {
            factor: arriving(activation, normal(factor * usual), [depth], others, width)[depth] for factor in factors
        }
        best = min(tried, key=lambda factor: abs(np.median(np.log(tried[factor]))))
        found[depth] = arriving(activation, normal(best * usual), [depth], seeds, width)[depth]
    return found


def _medians(label: str, shares: Shares) -> dict[int, Measured]:
    return {
        depth: median(f"gradient, first layer over last, {label}, {depth} layers", own) for depth, own in shares.items()
    }


def vanishing(found: Mapping[ActivationName, Shares]) -> Part:
    """The claim that less than a tenth reaches the first layer of sigmoid networks."""
    numbers = _medians("sigmoid, usual std", found["sigmoid"])
    order = sorted(numbers, key=lambda depth: depth != 5)  # the book's depth first
    return Part(
        "the gradient of sigmoid networks with Xavier's weights vanishes: less than a tenth of the last hidden layer's "
        "reaches the first",
        tuple(below(numbers[depth], VANISHED, f"{depth} layers") for depth in order),
        chart=_chart({name: _medians("", own) for name, own in found.items()}),
    )


def _chart(numbers: Mapping[ActivationName, Mapping[int, Measured]]) -> Chart:
    return Chart(
        "hidden layers",
        "gradient: first layer over last",
        tuple(curve(NAMES[name], list(own), list(own.values())) for name, own in numbers.items()),
        log_y=True,
        bound=VANISHED,
    )


def relu_far_less(how: str, short: str, found: Mapping[ActivationName, Shares]) -> Part:
    """The claim that at least ten times as much reaches the first layer of ReLU networks."""
    numbers = {name: _medians(f"{NAMES[name]}, {short}", own) for name, own in found.items()}
    ratios = {
        depth: paired_ratio(
            f"gradient, first layer over last, ReLU over sigmoid, {short}, {depth} layers", own, found["sigmoid"][depth]
        )
        for depth, own in found["relu"].items()
    }
    return Part(
        f"{how} at least ten times as much of the gradient reaches the first layer of ReLU networks as of sigmoid ones",
        tuple(above(one, FAR, f"{depth} layers") for depth, one in ratios.items()),
        tuple(one for own in numbers.values() for one in own.values()),
        _chart(numbers),
    )


def growing(sigmoid: Shares) -> Part:
    """The claim that the ratio falls with every added depth."""
    ratios = {
        (a, b): paired_ratio(f"gradient, first layer over last, sigmoid, {b} layers over {a}", sigmoid[b], sigmoid[a])
        for a, b in pairwise(sigmoid)
    }
    return Part(
        "it grows with depth: in each deeper sigmoid network less of the gradient reaches the first layer",
        tuple(below(one, 1.0, f"{a} to {b} layers") for (a, b), one in ratios.items()),
    )


def _trained(setup: Setup, dataset: Dataset, depths: Sequence[int], seeds: Sequence[int]) -> tuple[Part, Part]:
    """Accuracies and gradients of trained, tuned networks."""
    updates, rates, tuning = setup.of((300, RATES, 3), (100, RATES[::2], 2))
    common = BOOK["F-6-18"].runs(dataset)[1].recipe
    common = common.evolve(observe_first=None, steps=updates, observe_every=updates)
    tuned, doubts = setup.tuned(
        dataset,
        {
            f"{NAMES[name]}, {depth}": [common.evolve(activation=name, hidden=(WIDTH,) * depth, **one) for one in own]
            for name, own in VARIANTS.items()
            for depth in depths
        },
        rates,
        range(1000, 1000 + tuning),
    )
    trained = setup.train_whole([(dataset, Run(label, one, seed)) for label, one in tuned.items() for seed in seeds])
    runs = {label: trained[i * len(seeds) : (i + 1) * len(seeds)] for i, label in enumerate(tuned)}
    right = {label: final(own, "accuracy/training", diverged=0.0) for label, own in runs.items()}
    deep = [depth for depth in depths if depth > 1]
    reached = {depth: np.array([arriving_in(one, dataset) for one in runs[f"sigmoid, {depth}"]]) for depth in deep}
    return (
        Part(
            "trained with tuned rates and initial weights, ReLU networks learn more than sigmoid ones of the same "
            "depth",
            tuple(
                above(
                    paired_difference(
                        f"accuracy, ReLU minus sigmoid, {depth} layer{'s' * (depth > 1)}",
                        right[f"ReLU, {depth}"],
                        right[f"sigmoid, {depth}"],
                    ),
                    0.0,
                    f"{depth} layer{'s' * (depth > 1)}",
                    doubt=doubts[f"ReLU, {depth}"] or doubts[f"sigmoid, {depth}"],
                )
                for depth in depths
            ),
            tuple(
                chosen(f"rate chosen, {label} layers", float(one.learning_rate or 0)) for label, one in tuned.items()
            ),
            Chart(
                "hidden layers",
                "accuracy on the training images",
                tuple(
                    curve(name, depths, [_mean(f"accuracy, {name}, {d} layers", right[f"{name}, {d}"]) for d in depths])
                    for name in NAMES.values()
                ),
            ),
            beyond=True,
        ),
        Part(
            "in the trained sigmoid networks, too, less than a tenth of the gradient reaches the first layer",
            tuple(
                below(
                    median(f"gradient, first layer over last, trained sigmoid, {depth} layers", own),
                    VANISHED,
                    f"{depth} layers",
                )
                for depth, own in reached.items()
            ),
            beyond=True,
        ),
    )


def _mean(what: str, values: Float[np.ndarray, " S"]) -> Measured:
    return measured(what, mean_interval(values))


def arriving_in(one: Trained, dataset: Dataset) -> float:
    """The gradient ratio of a trained network, for the first 500 training images."""
    (problem,) = problems_of([one.members[0].recipe], dataset, "float32")
    numbers, training = problem.numbers(0), dataset.training
    inputs = (training.flat[:500].astype(np.float32) - numbers["input_shift"]) * numbers["input_scale"]
    signals, _, _ = gradient_sizes(problem.network, one.params[0], inputs, training.targets[:500])
    return float(signals[0] / signals[-1])
