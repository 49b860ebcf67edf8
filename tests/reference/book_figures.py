"""The book's figures on MNIST in plain float64 NumPy: F-6-9, F-6-15, F-6-18 to F-6-21, F-6-23 and F-6-24.

Shares no code with the package; written from the lecture's formulas on top of `book_network`: batch normalization
forward and backward by hand (T-BN-1 to 3), the weight penalty ½λ‖W‖² of all layers (T-REG-1), dropout as the lecture
has it (T-REG-2a), accuracy in inference mode. Every network has weights and batches of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from reference.book_network import RULES, Bytes, Numbers, Params, initial_params, log_softmax

WIDTH, CLASSES = 100, 10
BATCH_NORM_EPS, KEPT_STATISTICS = 1e-6, 0.9
Masks = Sequence[Numbers]  # of the hidden layers, 1 where a unit is kept


@dataclass
class Network:
    """A ReLU network; the running statistics of batch norm begin at 0.

    Attributes:
        params: W1, b1, W2, b2, …; with batch norm γ1, β1, γ2, … after them.
        batch_norm: whether there is batch norm before each ReLU.
        penalty: λ.
        dropout_rate: share of the hidden units that is zeroed in training.
    """

    params: Params
    batch_norm: bool = False
    penalty: float = 0.0
    dropout_rate: float = 0.0
    means: list[Numbers] = field(default_factory=list)
    variances: list[Numbers] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.batch_norm:
            widths = [len(bias) for bias in self.params[1:-2:2]]
            self.hidden = len(widths)
            self.params += [part for width in widths for part in (np.ones(width), np.zeros(width))]
            self.means, self.variances = ([np.zeros(width) for width in widths] for _ in range(2))
        else:
            self.hidden = len(self.params) // 2 - 1

    def affine(self, layer: int) -> tuple[Numbers, Numbers]:
        return self.params[2 * layer], self.params[2 * layer + 1]

    def scale_and_shift(self, layer: int) -> tuple[Numbers, Numbers]:
        first = 2 * (self.hidden + 1) + 2 * layer
        return self.params[first], self.params[first + 1]

    def logits(self, x: Numbers) -> Numbers:
        """In inference mode: running statistics, all units, outputs times the kept ratio."""
        for layer in range(self.hidden):
            weights, bias = self.affine(layer)
            x = x @ weights + bias
            if self.batch_norm:
                gamma, beta = self.scale_and_shift(layer)
                x = gamma * (x - self.means[layer]) / np.sqrt(self.variances[layer] + BATCH_NORM_EPS) + beta
            x = np.maximum(x, 0.0) * (1.0 - self.dropout_rate)
        weights, bias = self.affine(self.hidden)
        return x @ weights + bias

    def loss(self, x: Numbers, labels: Bytes) -> float:
        """Mean cross-entropy in inference mode, without the penalty."""
        return float(-log_softmax(self.logits(x))[np.arange(len(x)), labels].mean())

    def accuracy(self, x: Numbers, labels: Bytes) -> float:
        """In inference mode; logits that are not numbers count as class 0, as `argmax` has it."""
        return float((self.logits(x).argmax(axis=1) == labels).mean())

    def masks(self, rows: int, random: np.random.Generator) -> list[Numbers]:
        """Fresh masks for a batch; nothing is drawn where nothing is dropped."""
        if self.dropout_rate == 0:
            return []
        widths = [len(bias) for bias in self.params[1 : 2 * self.hidden : 2]]
        return [(random.random((rows, width)) >= self.dropout_rate).astype(float) for width in widths]

    def training_loss(self, x: Numbers, labels: Bytes, masks: Masks = ()) -> float:
        """What `gradients` differentiates: the batch's own statistics, masks, and the penalty."""
        for layer in range(self.hidden):
            x = self._forward(x, layer, masks)[-1]
        weights, bias = self.affine(self.hidden)
        loss = -log_softmax(x @ weights + bias)[np.arange(len(x)), labels].mean()
        squares = sum(float((self.affine(layer)[0] ** 2).sum()) for layer in range(self.hidden + 1))
        return float(loss + self.penalty / 2 * squares)

    def gradients(self, x: Numbers, labels: Bytes, masks: Masks = ()) -> Params:
        """The gradient of `training_loss`, by hand; moves the running statistics."""
        seen = [(x, x, x, x)]  # of each layer: x̂, the deviation, before the ReLU, after ReLU and mask
        for layer in range(self.hidden):
            seen.append(self._forward(seen[-1][-1], layer, masks, moving=True))
        weights, bias = self.affine(self.hidden)
        delta = np.exp(log_softmax(seen[-1][-1] @ weights + bias))
        delta[np.arange(len(x)), labels] -= 1.0
        delta /= len(x)
        grads = [np.zeros(0)] * len(self.params)
        for layer in reversed(range(self.hidden + 1)):
            weights, _ = self.affine(layer)
            grads[2 * layer] = seen[layer][-1].T @ delta + self.penalty * weights
            grads[2 * layer + 1] = delta.sum(axis=0)
            if layer > 0:
                normal, deviation, before, _ = seen[layer]
                delta = (delta @ weights.T) * (masks[layer - 1] if masks else 1.0) * (before > 0)
                if self.batch_norm:
                    at = 2 * (self.hidden + 1) + 2 * (layer - 1)
                    grads[at], grads[at + 1] = (delta * normal).sum(axis=0), delta.sum(axis=0)
                    delta = delta * self.params[at]
                    delta = (delta - delta.mean(axis=0) - normal * (delta * normal).mean(axis=0)) / deviation
        return grads

    def _forward(
        self, x: Numbers, layer: int, masks: Masks, *, moving: bool = False
    ) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """A hidden layer in training: x̂ and √(σ² + ε) of batch norm, what enters the ReLU, what leaves the layer."""
        weights, bias = self.affine(layer)
        x = x @ weights + bias
        normal = deviation = x
        if self.batch_norm:
            gamma, beta = self.scale_and_shift(layer)
            mean = x.mean(axis=0)
            variance = ((x - mean) ** 2).mean(axis=0)
            deviation = np.sqrt(variance + BATCH_NORM_EPS)
            normal = (x - mean) / deviation
            x = gamma * normal + beta
            if moving:
                for kept, new in ((self.means[layer], mean), (self.variances[layer], variance)):
                    kept *= KEPT_STATISTICS
                    kept += (1 - KEPT_STATISTICS) * new
        return normal, deviation, x, np.maximum(x, 0.0) * (masks[layer] if masks else 1.0)


@dataclass(frozen=True)
class Contender:
    """How one network of a figure is trained."""

    scheme: str | float = "he"
    rule: str = "sgd"
    learning_rate: float = 0.01
    batch_norm: bool = False
    penalty: float = 0.0
    dropout_rate: float = 0.0

    def network(self, sizes: Sequence[int], random: np.random.Generator) -> Network:
        params = initial_params(sizes, self.scheme, random)
        return Network(params, self.batch_norm, self.penalty, self.dropout_rate)


@dataclass(frozen=True)
class Figure:
    """A figure's settings; losses are of every update, accuracies of `points` epochs.

    Attributes:
        hidden: number of hidden layers.
        batch_size: B.
        images: the first so many.
        points: evaluations, after 1 + k·(N/B) updates each; of every update where the loss is shown.
        shows: "loss", "training", "test" (and training) or "validation" (and training).
    """

    hidden: int
    batch_size: int
    images: int
    points: int
    shows: str
    contenders: Mapping[str, Contender]

    @property
    def sizes(self) -> tuple[int, ...]:
        return (784, *(WIDTH,) * self.hidden, CLASSES)


STDS = [10 ** (-4 * k / 15) for k in range(16)]
FIGURES = {
    "F-6-9": Figure(
        4, 128, 60_000, 2000, "loss",
        {
            "SGD": Contender(),
            "momentum": Contender(rule="momentum"),
            "AdaGrad": Contender(rule="adagrad"),
            "Adam": Contender(rule="adam", learning_rate=0.001),
        },
    ),
    "F-6-15": Figure(
        4, 128, 60_000, 2000, "loss",
        {"std 0.01": Contender(0.01), "Xavier": Contender("xavier"), "He": Contender("he")},
    ),
    "F-6-18": Figure(
        5, 100, 1000, 20, "training", {"batch norm": Contender(batch_norm=True), "no batch norm": Contender()}
    ),
    "F-6-19": Figure(
        5, 100, 1000, 20, "training",
        {
            f"std {std:.3g}, {name}": Contender(std, batch_norm=name == "batch norm")
            for std in STDS
            for name in ("batch norm", "no batch norm")
        },
    ),
    "F-6-20": Figure(6, 100, 300, 201, "test", {"no weight decay": Contender()}),
    "F-6-21": Figure(6, 100, 300, 201, "test", {"weight decay 0.1": Contender(penalty=0.1)}),
    "F-6-23": Figure(
        6, 100, 300, 301, "test", {"no dropout": Contender(), "dropout 0.15": Contender(dropout_rate=0.15)}
    ),
    "F-6-24": Figure(6, 100, 400, 50, "validation", {}),
}  # fmt: skip
TRIALS, SHOWN, HELD_OUT = 100, 20, 100
LAST = 100  # losses that `last_only` leaves


@dataclass(frozen=True)
class Images:
    """MNIST as fractions, as far as it is needed."""

    inputs: Bytes
    labels: Bytes
    test_inputs: Bytes
    test_labels: Bytes


def train(
    figure: Figure,
    contender: Contender,
    x: Bytes,
    labels: Bytes,
    random: np.random.Generator,
    observe: Callable[[Network, Numbers, Bytes], tuple[float, ...]],
    *,
    last_only: bool = False,
) -> list[tuple[float, ...]]:
    """Train one network; what `observe` says of it and of the last batch, at the figure's points or the last ones."""
    network = contender.network(figure.sizes, random)
    update = RULES[contender.rule](contender.learning_rate, network.params)
    every = 1 if figure.shows == "loss" else len(x) // figure.batch_size
    last, seen = (figure.points - 1) * every, []
    first = 0 if not last_only else last - LAST + 1 if figure.shows == "loss" else last
    for step in range(last + 1):
        rows = random.integers(len(x), size=figure.batch_size)
        batch, answers = x[rows] / 255.0, labels[rows]
        update(network.params, network.gradients(batch, answers, network.masks(len(rows), random)))
        if step >= first and (step - last) % every == 0:
            seen.append(observe(network, batch, answers))
    return seen


def curves(figure_id: str, images: Images, seed: int, *, last_only: bool = False) -> Iterator[tuple[str, list[float]]]:
    """A figure's curves, one after the other: label and values.

    Args:
        figure_id: such as "F-6-9".
        images: MNIST.
        seed: of all that is random.
        last_only: whether only the last point is measured, of losses the last 100 (a tenth of the time where the 10,000
            test images are evaluated on).

    Returns:
        Labels "CONTENDER: training accuracy" and so on; F-6-24's are "rank 1: validation accuracy" to 20.
    """
    figure, number = FIGURES[figure_id], int(figure_id.rsplit("-", 1)[1])
    x, labels = images.inputs[: figure.images], images.labels[: figure.images]
    if figure.shows == "validation":
        yield from _search(figure, images, np.random.default_rng([seed, number]), last_only)
        return
    names = {"loss": ["training loss"], "training": ["training accuracy"]}.get(
        figure.shows, ["training accuracy", "test accuracy"]
    )
    whole, tested = (np.empty((0, 784)) if figure.shows == "loss" else x / 255.0), images.test_inputs / 255.0

    def observe(network: Network, batch: Numbers, answers: Bytes) -> tuple[float, ...]:
        if figure.shows == "loss":
            return (network.loss(batch, answers),)
        training = network.accuracy(whole, labels)
        return (training, network.accuracy(tested, images.test_labels)) if figure.shows == "test" else (training,)

    for i, (label, contender) in enumerate(figure.contenders.items()):
        random = np.random.default_rng([seed, number, i])
        seen = train(figure, contender, x, labels, random, observe, last_only=last_only)
        for name, values in zip(names, zip(*seen, strict=True), strict=True):
            yield f"{label}: {name}", list(values)


def _search(
    figure: Figure, images: Images, random: np.random.Generator, last_only: bool
) -> Iterator[tuple[str, list[float]]]:
    """F-6-24: 100 random trials on the shuffled first 500 images, the best 20 by their last validation accuracy."""
    order = random.permutation(figure.images + HELD_OUT)
    held, kept = order[:HELD_OUT], order[HELD_OUT:]
    x, labels = images.inputs[kept], images.labels[kept]
    parts = [(images.inputs[rows] / 255.0, images.labels[rows]) for rows in (held, kept)]

    def observe(network: Network, batch: Numbers, answers: Bytes) -> tuple[float, ...]:
        return tuple(network.accuracy(*part) for part in parts)

    trials = []
    for _ in range(TRIALS):
        penalty, rate = 10 ** random.uniform(-8, -4), 10 ** random.uniform(-6, -2)
        contender = Contender(learning_rate=rate, penalty=penalty)
        trials.append(train(figure, contender, x, labels, random, observe, last_only=last_only))
    best = sorted(trials, key=lambda seen: -seen[-1][0])[:SHOWN]
    for rank, seen in enumerate(best, 1):
        for name, values in zip(("validation accuracy", "training accuracy"), zip(*seen, strict=True), strict=True):
            yield f"rank {rank}: {name}", list(values)
