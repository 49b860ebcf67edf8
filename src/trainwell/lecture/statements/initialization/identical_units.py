"""C-02: units that start equal, with zero or constant initial weights, and what such networks can learn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import jax
import numpy as np
from jaxtyping import Array, Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, DROPOUT_RATE, HE, LEARNING_RATE, SGD, WIDTH, Run
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import Fields, final, median, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.nn import Network, forward
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Trained, problems_of

IMAGES = 1000
UPDATES = (1, 10, 100, 300)
LEARNING = 300
"""Updates of the networks whose accuracy is compared."""
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
HIGH_RATE = 1.0
ALIKE, UNMOVED, MORE = 1e-3, 1e-3, 0.02
NAMES = {"relu": "ReLU"}


DESIGN = Design(
    varied="the initial weights: zero, two constants, and beside them He's random ones; the activation; dropout; the "
    "number of units: 100 in each layer, or one",
    fixed="1000 training images, batches of 100; for the units: two hidden layers and the book's SGD with rate 0.01; "
    "for learning: 300 updates at learning rates tuned on two other seeds, each contender with its own",
    measured="the largest difference of a hidden unit's weights and bias from the mean of its layer, in units of the "
    "layer's root mean square; how far the outputs of any image are from their mean over the images; accuracy on the "
    "training images, also with every layer replaced by one unit, the mean of its units",
    criterion="units count as identical if they differ by at most a thousandth; outputs are a bias alone if none is "
    "more than a thousandth from the mean; a network with constant weights learns no more than one unit per layer "
    "could if it is less than 2 points more accurate than such a network: the same network with its mean units, or one "
    "trained with one unit per layer, whichever is better. All three are judgement calls. Also reported: the "
    "comparison with the latter alone, and with random weights",
    conditions="sigmoid, tanh, ReLU; constants 0.001 and 0.01; with dropout; from zeros also at rate 1; up to 300 "
    "updates; for what is learned, ReLU and sigmoid with 1 and 3 hidden layers, and 1 of ReLU with dropout",
    precision="10 seeds, 20 for learning; medians and means with their 95% intervals; constant weights leave only the "
    "batches to chance",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-02."""
    images, updates, seeds = setup.of((IMAGES, UPDATES, 10), (300, UPDATES[1:3], 6))
    dataset = setup.data.part(images, "none")
    activations = setup.of(("relu", "tanh", "sigmoid"), ("relu", "sigmoid"))
    found = followed(setup, dataset, _alike(activations, setup.of((0.001, 0.01), (0.01,))), updates, range(seeds))
    zero = {label: own for label, own in found.items() if label.endswith("zero")}
    zeros = {f"{NAMES.get(name, name)} from zero at rate 1": _zero(name, HIGH_RATE) for name in activations}
    zero |= followed(setup, dataset, zeros, updates, range(seeds))
    random = followed(setup, dataset, {"ReLU from He's": HE | {"activation": "relu"}}, updates, range(seeds))
    return (
        identical(found, random),
        bias_alone(zero),
        *learned(setup, dataset, setup.of(NETWORKS, dict([*NETWORKS.items()][:1])), range(setup.of(20, 6))),
    )


STATEMENT = Statement(
    "C-02",
    DESIGN,
    "Draw initial weights at random: units that start equal stay equal, unless something like dropout treats them "
    "differently, and then a layer acts as one unit. Biases may start at zero, since the weights already differ.",
    examined,
    trains=True,
)


def base(dataset: Dataset) -> Recipe:
    """The book's recipe without batch norm, observed only at its end."""
    return BOOK["F-6-18"].runs(dataset)[1].recipe.evolve(observe_first=None)


def _alike(activations: Sequence[str], constants: Sequence[float]) -> dict[str, Fields]:
    """Equal initial weights, by label: activation and value."""
    found: dict[str, Fields] = {}
    for name in activations:
        said, own = NAMES.get(name, name), {"activation": name}
        found |= {f"{said} from {value:g}": {**constant(value), **own} for value in constants}
        found[f"{said} from zero"] = _zero(name)
    dropout = {"activation": "relu", "dropout_rate": DROPOUT_RATE}
    return found | {f"ReLU from {constants[-1]:g} with dropout": {**constant(constants[-1]), **dropout}}


def _zero(activation: str, rate: float = LEARNING_RATE) -> Fields:
    return {"initialization": "zero", "activation": activation, "learning_rate": rate}


def constant(value: float) -> Fields:
    """Fields of a recipe with constant initial weights."""
    return {"initialization": "constant", "weight_std": value}


@dataclass(frozen=True, eq=False)
class Followed:
    """A contender after some numbers of updates.

    Attributes:
        updates: how many.
        apart: how far units of a layer are apart, see `apart`.
        depends: how far outputs of an image are from their mean over images at most.
    """

    updates: tuple[int, ...]
    apart: Float[np.ndarray, "S T"]
    depends: Float[np.ndarray, "S T"]


ByLabel: TypeAlias = Mapping[str, Followed]


def followed(
    setup: Setup,
    dataset: Dataset,
    contenders: Mapping[str, Fields],
    updates: Sequence[int],
    seeds: Sequence[int],
    width: int = WIDTH,
) -> dict[str, Followed]:
    """Train contenders with the book's SGD and two hidden layers, and record their units."""
    common = base(dataset).evolve(hidden=(width, width))
    asked = [
        (dataset, Run(label, common.evolve(**{**SGD, **fields}, steps=steps, observe_every=steps), seed))
        for label, fields in contenders.items()
        for seed in seeds
        for steps in updates
    ]
    trained = setup.train_whole(asked)
    shape = (len(contenders), len(seeds), len(updates))
    far = np.array([apart(one) for one in trained]).reshape(shape)
    off = np.array([depends(one, dataset) for one in trained]).reshape(shape)
    return {label: Followed(tuple(updates), far[i], off[i]) for i, label in enumerate(contenders)}


def apart(one: Trained) -> float:
    """The largest difference of a weight or bias from the mean of its layer's units, in root mean squares."""
    found = []
    for layer in one.params[0][:-1]:
        units = np.column_stack([layer["weights"], layer["biases"]]).astype(np.float64)
        size = np.sqrt(np.mean(units**2))
        found.append(abs(units - units.mean(0)).max() / size if size else 0.0)
    return float(max(found))


def depends(one: Trained, dataset: Dataset) -> float:
    """How far any output of a training image is from its mean over them: 0 where outputs are a bias alone."""
    logits = _logits(one, one.params[0], dataset)
    return float(abs(logits - logits.mean(0)).max())


def _logits(one: Trained, params: Sequence[Mapping[str, np.ndarray]], dataset: Dataset) -> Float[np.ndarray, "N C"]:
    """Outputs for the training images of a network like one that was trained, with as many units as it has weights."""
    (problem,) = problems_of([one.members[0].recipe], dataset, "float32")
    numbers = problem.numbers(0)
    inputs = (dataset.training.flat.astype(np.float32) - numbers["input_shift"]) * numbers["input_scale"]
    numbers.pop("noise")
    assert isinstance(problem.network, Network)
    network = replace(problem.network, sizes=(inputs.shape[1], *(len(layer["biases"]) for layer in params)))
    return np.asarray(_outputs(network, params, inputs, numbers))


def identical(found: ByLabel, random: ByLabel) -> Part:
    """The claim that units that start equal stay equal."""
    last = {label: own.updates[-1] for label, own in found.items()}
    numbers = {
        label: _medians("units' largest difference", label, own.updates, own.apart) for label, own in found.items()
    }
    reference = {
        label: _medians("units' largest difference", label, own.updates, own.apart) for label, own in random.items()
    }
    return Part(
        "with zero or constant initial weights all units of a hidden layer stay identical, to a thousandth of their "
        f"weights, through {max(last.values())} updates",
        tuple(
            below(_largest("units' largest difference", label, own.updates, own.apart), ALIKE, label)
            for label, own in found.items()
        ),
        tuple(own[-1] for own in reference.values()),
        Chart(
            "updates",
            "largest difference between units",
            tuple(
                curve(label, own.updates, (numbers | reference)[label])
                for label, own in (*found.items(), *random.items())
                if own.apart.any()  # what is exactly 0 has no place on a logarithmic axis
            ),
            log_x=True,
            log_y=True,
            bound=ALIKE,
        ),
    )


def _medians(what: str, label: str, updates: Sequence[int], values: Float[np.ndarray, "S T"]) -> list[Measured]:
    return [median(f"{what}, {label}, {t} updates", values[:, i]) for i, t in enumerate(updates)]


def _largest(what: str, label: str, updates: Sequence[int], values: Float[np.ndarray, "S T"]) -> Measured:
    """The median of the largest seen at any time."""
    return median(f"{what}, {label}, up to {updates[-1]} updates", values.max(1))


def bias_alone(zero: ByLabel) -> Part:
    """The claim that networks with zero initial weights have the same outputs for all images."""
    what = "largest difference of an output from its mean"
    numbers = {label: _medians(what, label, own.updates, own.depends) for label, own in zero.items()}
    return Part(
        "with zeros the output is a bias alone, the same for all images to a thousandth, and stays so in training",
        tuple(below(_largest(what, label, own.updates, own.depends), UNMOVED, label) for label, own in zero.items()),
        tuple(one for own in numbers.values() for one in own),
        Chart(
            "updates",
            "largest difference from the mean",
            tuple(curve(label, zero[label].updates, own) for label, own in numbers.items()),
            log_x=True,
            bound=UNMOVED,
        ),
    )


@partial(jax.jit, static_argnums=0)
def _outputs(
    network: Network, params: Sequence[Mapping[str, Array]], inputs: Float[Array, "N D"], numbers: Mapping[str, Array]
) -> Float[Array, "N C"]:
    return forward(network, params, [], inputs, numbers, training=False).logits


Accuracies: TypeAlias = Mapping[str, Float[np.ndarray, " S"]]
"""Final accuracy on the training images, by contender: `constant`, `its mean units`, `one unit`, and `He`."""
NETWORKS: Mapping[str, tuple[int, Fields]] = {
    "1 ReLU layer": (1, {"activation": "relu"}),
    "3 ReLU layers": (3, {"activation": "relu"}),
    "1 sigmoid layer": (1, {"activation": "sigmoid"}),
    "3 sigmoid layers": (3, {"activation": "sigmoid"}),
    "1 ReLU layer with dropout": (1, {"activation": "relu", "dropout_rate": DROPOUT_RATE}),
}
"""What learns: number of hidden layers, and fields of the recipe."""
INITIAL: Mapping[str, Sequence[Fields]] = {
    "constant": [constant(0.001), constant(0.01)],
    "one unit": [constant(0.1), HE],
    "He": [HE],
}
"""How each may draw its weights. One unit stands for many, so that its weights are larger."""


def accuracies(
    setup: Setup,
    dataset: Dataset,
    fields: Fields,
    layers: int,
    seeds: Sequence[int],
    initial: Mapping[str, Sequence[Fields]] = INITIAL,
    width: int = WIDTH,
) -> tuple[Accuracies, dict[str, str]]:
    """Accuracy of tuned networks, and why a rate is in doubt."""
    updates, tuning = setup.of((LEARNING, 2), (100, 2))
    common = base(dataset).evolve(**fields, steps=updates, observe_every=updates, optimizer="sgd")
    contenders = {
        label: [common.evolve(hidden=(1 if label == "one unit" else width,) * layers, **one) for one in own]
        for label, own in initial.items()
    }
    rates = setup.of(RATES, RATES[1:6:2])
    tuned, doubts = setup.tuned(dataset, contenders, rates, range(1000, 1000 + tuning))
    runs = setup.train_each(dataset, {label: one for label, one in tuned.items() if label != "constant"}, seeds)
    whole = setup.train_whole([(dataset, Run("", tuned["constant"], seed)) for seed in seeds])
    found = {label: final(own, "accuracy/training", diverged=0.0) for label, own in runs.items()}
    found["constant"] = final(whole, "accuracy/training", diverged=0.0)
    found["its mean units"] = np.array([accuracy_of_mean_units(one, dataset) for one in whole])
    return found, doubts


def accuracy_of_mean_units(one: Trained, dataset: Dataset) -> float:
    """Accuracy on the training images of a network with one unit per layer: the mean of a trained layer's units.

    Its outgoing weight is the sum of theirs, so that it says the same where they are alike.
    """
    params = []
    for i, layer in enumerate(one.params[0]):
        weights = layer["weights"] if i == 0 else layer["weights"].sum(1, keepdims=True)
        last = i == len(one.params[0]) - 1
        params.append(
            {"weights": weights, "biases": layer["biases"]}
            if last
            else {"weights": weights.mean(0, keepdims=True), "biases": layer["biases"].mean(keepdims=True)}
        )
    logits = _logits(one, params, dataset)
    return float(np.mean(logits.argmax(1) == dataset.training.targets))


def learned(
    setup: Setup, dataset: Dataset, networks: Mapping[str, tuple[int, Fields]], seeds: Sequence[int]
) -> tuple[Part, ...]:
    """Constant weights against one unit per layer, and against random weights."""
    found = {label: accuracies(setup, dataset, fields, layers, seeds) for label, (layers, fields) in networks.items()}
    return (no_more_than_one_unit(found), _trained_one_unit(found), _random_learns(found))


Learned: TypeAlias = Mapping[str, tuple[Accuracies, Mapping[str, str]]]
"""By depth and activation: accuracies, and by contender why a rate is in doubt."""


def no_more_than_one_unit(found: Learned) -> Part:
    """The claim that one unit per layer can represent all that a network with constant weights has learned.

    Both networks of one unit per layer say what such networks could do at least; how much more, nobody knows.
    """
    criteria = []
    for label, (own, doubts) in found.items():
        more = paired_difference(
            f"accuracy, constant weights minus one unit per layer, {label}",
            own["constant"],
            np.maximum(own["its mean units"], own["one unit"]),
        )
        criteria.append(below(more, MORE, label, doubt=doubts["constant"]))
    return Part(
        "with constant weights a network learns no more than a single unit per layer could: it is less than 2 points "
        "more accurate than with each layer replaced by the mean of its units, or than one with one unit from the "
        "beginning",
        tuple(criteria),
        _means(found, ("constant", "its mean units")),
    )


def _means(found: Learned, contenders: Sequence[str]) -> tuple[Measured, ...]:
    return tuple(
        measured(f"accuracy, {who}, {label}", mean_interval(own[who]))
        for label, (own, _) in found.items()
        for who in contenders
    )


def _trained_one_unit(found: Learned) -> Part:
    """A network that has one unit per layer from the beginning."""
    criteria = []
    for label, (own, doubts) in found.items():
        more = paired_difference(
            f"accuracy, constant weights minus one unit, {label}", own["constant"], own["one unit"]
        )
        criteria.append(below(more, MORE, label, doubt=doubts["constant"] or doubts["one unit"]))
    return Part(
        "a network that has one unit per layer from the beginning, trained with as many updates and a tuned rate, is "
        "as accurate up to 2 points",
        tuple(criteria),
        _means(found, ("one unit",)),
        beyond=True,
    )


def _random_learns(found: Learned) -> Part:
    criteria = []
    for label, (own, doubts) in found.items():
        more = paired_difference(f"accuracy, He's weights minus constant ones, {label}", own["He"], own["constant"])
        criteria.append(above(more, 0.1, label, doubt=doubts["constant"] or doubts["He"]))
    return Part(
        "the same network with He's weights learns much more: it is at least 10 points more accurate",
        tuple(criteria),
        beyond=True,
    )
