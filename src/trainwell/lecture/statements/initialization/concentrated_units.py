"""C-04: sigmoid layers with weights of standard deviation 0.01, and what a linear readout can still recover."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Int
from scipy.special import expit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from trainwell.lecture.book import BOOK, INITIALIZATIONS, WIDTH, normal
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import Fields, median, paired_difference
from trainwell.lecture.statements.initialization.shares import LAYERS, ByStd, most_inside, shares_by_std
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.lecture.untrained import gradients, hidden_layers, network_of
from trainwell.nn import Network, initial_params
from trainwell.statistics import mean_interval
from trainwell.training import problems_of

Layers: TypeAlias = list[Float[np.ndarray, "N H"]]
Weights: TypeAlias = Sequence[Mapping[str, np.ndarray]]
Rows: TypeAlias = tuple[Float[np.ndarray, "N D"], Int[np.ndarray, " N"]]
"""Inputs, scaled as in the book, and their classes."""

STDS = (0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0)
STD = 0.01  # the lecture's
NEAR = 0.05
"""Half of the range that counts as one value, a tenth of all that a sigmoid can give."""
ALL = 0.95
POINTS = 0.1
"""Loss of readout accuracy that counts as lost expressiveness."""
PENALTIES = (1e-9, 1e-6, 1e-4, 1e-2, 1.0)
"""Of the readout, per row; its features are standardized."""


DESIGN = Design(
    varied="the standard deviation of the initial weights; how deep the layer lies",
    fixed="the book's network: 100 units in each of 5 sigmoid layers, biases 0; 1000 standard-normal inputs of size "
    "100 for the activations, MNIST's images for the linear readout; no training",
    measured="the share of activations within 0.05 of their layer's mean; the accuracy of the best linear readout of a "
    "layer: least squares on standardized activations of 1,000 training images, its penalty chosen on another 1,000, "
    "evaluated on a third 1,000, the same for all networks",
    criterion="with std 0.01 at least 95% of a layer's activations are within 0.05 of their mean; expressiveness "
    "counts as lost where the readout is at least 10 points less accurate than that of the same layer with Xavier's "
    "weights. Both bounds are judgement calls. The readout can amplify the smallest differences, and layers with such "
    "weights are nearly linear in their inputs: information that it cannot read is practically lost. Also reported: "
    "the same in float64, and gradients",
    conditions="thirteen standard deviations from 0.001 to 3; layers 1 to 5",
    precision="40 draws for the activations, 20 for readouts; medians and means with their 95% intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-04."""
    stds = setup.of(STDS, (0.003, 0.01, 0.03, 0.1, 1.0))
    draws, reads, rows = setup.of((40, 20, 1000), (12, 6, 300))
    initial = {std: normal(std) for std in stds}
    parts = _parts_of(setup, rows)
    xavier = INITIALIZATIONS["Xavier"]
    read = {std: readouts(one, parts, range(reads)) for std, one in initial.items()}
    exact = {std: readouts(one, parts, range(reads), in_float64) for std, one in initial.items() if std <= 0.1}
    return (
        concentrated(near_the_mean(initial, range(draws))),
        lost(read, readouts(xavier, parts, range(reads))),
        _in_float64(read, exact),
        _gradients(initial, range(draws)),
    )


STATEMENT = Statement(
    "C-04",
    DESIGN,
    "Do not draw the weights of deep sigmoid layers with standard deviation 0.01: every layer shrinks the differences "
    "between inputs, until they are below the precision of float32. The more layers, the sooner.",
    examined,
    trains=True,
)


def near_the_mean(initial: Mapping[float, Fields], seeds: Sequence[int], width: int = WIDTH) -> ByStd:
    """The share of each layer's activations within `NEAR` of their mean, for each way to draw the weights."""
    return shares_by_std(initial, seeds, lambda layer: abs(layer - layer.mean()) < NEAR, width)


def concentrated(shares: ByStd) -> Part:
    """Whether activations concentrate on one value, and up to which standard deviation."""
    return most_inside(
        f"with std {STD:g} activations concentrate on one value: at least 95% of them are within {NEAR} of their mean",
        f"within {NEAR} of the mean",
        "std up to which 95% are near the mean",
        shares,
        STD,
        ALL,
    )


def _parts_of(setup: Setup, rows: int) -> tuple[Rows, Rows, Rows]:
    """The first training images in three parts: to fit readouts, to choose their penalty, and to evaluate them."""
    dataset = setup.data.part(3 * rows, "none")
    (problem,) = problems_of([BOOK["F-6-18"].runs(dataset)[0].recipe], dataset, "float32")
    numbers, whole = problem.numbers(0), dataset.training
    inputs = (whole.flat.astype(np.float32) - numbers["input_shift"]) * numbers["input_scale"]
    fit, choose, judge = np.array_split(np.arange(len(whole)), 3)
    return tuple((inputs[own], whole.targets[own]) for own in (fit, choose, judge))  # type: ignore[return-value]  # three parts; a generator does not say how many


def as_trained(network: Network, params: Weights, inputs: Float[np.ndarray, "N D"]) -> list[Float[np.ndarray, "N H"]]:
    """Activations of each hidden layer, in the precision of training."""
    return [np.asarray(layer) for layer in hidden_layers(network, params, inputs)]


def in_float64(network: Network, params: Weights, inputs: Float[np.ndarray, "N D"]) -> list[Float[np.ndarray, "N H"]]:
    """Activations of each hidden sigmoid layer, in float64."""
    found, values = [], inputs.astype(np.float64)
    for own in params[: network.num_hidden]:
        values = expit(values @ own["weights"].T.astype(np.float64))
        found.append(values)
    return found


def readouts(
    initial: Fields,
    parts: tuple[Rows, Rows, Rows],
    seeds: Sequence[int],
    layers_of: Callable[..., Layers] = as_trained,
    width: int = WIDTH,
) -> Float[np.ndarray, "S L"]:
    """Accuracy of the best linear readout of each layer, see `DESIGN`.

    Args:
        initial: how weights are drawn.
        parts: to fit, to choose the penalty, to judge.
        seeds: of the networks.
        layers_of: computes the layers.
        width: of the layers.
    """
    inputs = np.concatenate([own for own, _ in parts])
    labels = np.concatenate([own for _, own in parts])
    ends = np.cumsum([len(own) for _, own in parts])[:2]
    classes = int(labels.max()) + 1
    network = Network((inputs.shape[1], *(width,) * LAYERS, classes), "sigmoid")
    found = []
    with threadpool_limits(1, "blas"):  # faster for small matrices
        for seed in seeds:
            params = initial_params(network, seed, initial["initialization"], initial.get("weight_std"))
            found.append([_readout(layer, labels, ends) for layer in layers_of(network, params, inputs)])
    return np.array(found)


def _readout(layer: Float[np.ndarray, "N H"], labels: Int[np.ndarray, " N"], ends: Int[np.ndarray, " 2"]) -> float:
    """Least squares with a penalty on standardized activations: accuracy on the last part."""
    fit, choose, judge = np.split(layer.astype(np.float64), ends)
    own, chosen, judged = np.split(labels, ends)
    mean, std = fit.mean(0), fit.std(0)
    fit, choose, judge = (
        np.where(std > 0, (one - mean) / np.where(std > 0, std, 1), 0) for one in (fit, choose, judge)
    )
    onehot = np.eye(int(labels.max()) + 1)[own]
    gram, cross = fit.T @ fit / len(fit), fit.T @ (onehot - onehot.mean(0)) / len(fit)
    values, vectors = np.linalg.eigh(gram)
    turned = vectors.T @ cross
    best, accuracy = -1.0, 0.0
    for penalty in PENALTIES:
        weights = vectors @ (turned / (np.maximum(values, 0) + penalty)[:, None])
        right = [
            float(np.mean((one @ weights + onehot.mean(0)).argmax(1) == true))
            for one, true in ((choose, chosen), (judge, judged))
        ]
        if right[0] > best:
            best, accuracy = right
    return accuracy


def lost(read: ByStd, xavier: Float[np.ndarray, "S L"]) -> Part:
    """The claim that a layer's readout is much less accurate than with Xavier's weights."""
    differences = {
        std: [
            paired_difference(
                f"readout's accuracy minus Xavier's, std {std:g}, layer {i + 1}", own[:, i], xavier[:, i]
            )
            for i in range(LAYERS)
        ]
        for std, own in read.items()
    }  # fmt: skip
    order = sorted(range(LAYERS), key=lambda i: i != LAYERS - 1)
    means = {std: _means(f"std {std:g}", own) for std, own in read.items()}
    return Part(
        f"with std {STD:g} expressiveness is lost: the best linear readout of a layer is at least 10 points less "
        "accurate than with Xavier's weights",
        tuple(below(differences[STD][i], -POINTS, f"in layer {i + 1}") for i in order),
        (*means[STD], *_means("Xavier", xavier)),
        Chart(
            "standard deviation of the initial weights",
            "accuracy of the readout",
            tuple(curve(f"layer {i + 1}", list(read), [own[i] for own in means.values()]) for i in range(LAYERS)),
            log_x=True,
        ),
    )


def _means(label: str, read: Float[np.ndarray, "S L"]) -> list[Measured]:
    return [measured(f"readout's accuracy, {label}, layer {i + 1}", mean_interval(own)) for i, own in enumerate(read.T)]


def _in_float64(read: ByStd, exact: ByStd) -> Part:
    """The claim that the loss is due to rounding."""
    last = LAYERS - 1
    gains = {
        std: paired_difference(
            f"readout's accuracy in float64 minus that as trained, std {std:g}, layer {LAYERS}",
            own[:, last],
            read[std][:, last],
        )
        for std, own in exact.items()
    }
    curves = (("float32", read), ("float64", exact))
    return Part(
        f"what is lost in layer {LAYERS} with std {STD:g} is lost to rounding: in float64 the readout is at least 10 "
        "points more accurate",
        (above(gains[STD], POINTS),),
        chart=Chart(
            "standard deviation of the initial weights",
            f"accuracy of layer {LAYERS}'s readout",
            tuple(
                curve(label, list(exact), [mean_interval(own[std][:, last]) for std in exact]) for label, own in curves
            ),
            log_x=True,
        ),
        beyond=True,
    )


def _gradients(initial: Mapping[float, Fields], seeds: Sequence[int]) -> Part:
    shares = {
        std: median(
            f"gradient, first layer over last, std {std:g}, {LAYERS} layers",
            gradients(network_of("sigmoid", LAYERS), one, seeds).arriving,
        )
        for std, one in initial.items()
    }
    return Part(
        f"with std {STD:g} gradients vanish as well: less than a tenth of the last hidden layer's reaches the first",
        (below(shares[STD], 0.1),),
        chart=Chart(
            "standard deviation of the initial weights",
            "gradient: first layer over last",
            (curve(f"{LAYERS} layers", list(shares), list(shares.values())),),
            log_x=True,
            log_y=True,
            bound=0.1,
        ),
        beyond=True,
    )
