"""C-30: an ensemble against its average member, and how far dropout imitates an ensemble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from trainwell.data import Dataset
from trainwell.lecture.book import HE, Run, Setting
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import doubt, final, once, paired_difference, ratio_of_means
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.models import TrainedNetwork, network_of
from trainwell.nn import Network, forward, noise_at, noise_seed
from trainwell.training import Recipe, Trained

ROWS, MIDDLE = (100, 250, 1_000), 250
"""Rows to train on; all divide the last, so that a data set of its size holds each of them equally often."""
CHOOSING, JUDGING = 1_000, 2_000
WIDTH, BATCH, UPDATES, LONGER = 50, 50, 200, 800
MEMBERS = 10
SIZES = (2, 3, 5, 10)
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
DROPOUT = (0.1, 0.25, 0.5)
PER_GROUP = 2
"""Networks with dropout that are compared with each ensemble."""
MASKS = 50
HALF = 0.5
NOTICED = 0.005
"""Half a percentage point of accuracy: the largest difference at which two ways to predict count as equal."""

DESIGN = Design(
    varied="the number of networks whose output probabilities are averaged; dropout, with its rate; for networks "
    "with dropout, whether one predicts with the whole network, one mask, or the mean over 50 masks",
    fixed="two hidden layers of 50 ReLU units, Adam, batches of 50, 200 updates (of 250 rows 800 as well, since "
    "dropout slows learning); members of an ensemble differ only in their seed (initial weights and batches)",
    measured="accuracy on 2,000 rows used for neither training nor choosing; learning rates of each contender and the "
    "dropout rate are chosen on 1,000 others, with other seeds",
    criterion="an ensemble's accuracy is above the mean of its members' (for the loss this always holds, since the "
    "logarithm is concave). Dropout imitates an ensemble if the mean over masks is more accurate than the mean masked "
    "network, if the whole network predicts as accurately as that mean, within half a percentage point (a judgement "
    "call), and if it gains at least half (a judgement call) of what an ensemble of 10 gains over its average member",
    conditions="ensembles of 2 to 10; 100, 250 and 1,000 rows to train on; beside the statement, dropout rates "
    "0.1 to 0.5",
    precision="10 ensembles of 10 networks that have no network in common, and for each two networks with dropout that "
    "have the seeds of two of its members; intervals of means, and of ratios of means, over these ten: they cover "
    "other seeds, not other rows",
    untested="larger networks, from which dropout gains more; ensembles on other rows (bagging)",
)
Outputs = Float[np.ndarray, "G M N C"]
"""Probabilities of every class, of the members of every ensemble."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """Predictions for the evaluation rows, after training on a number of rows.

    Attributes:
        targets: their classes.
        plain: by the members of ensembles.
        dropout: by whole networks that were trained with dropout, by its rate.
        averaged: the mean over masks, of those at the chosen rate.
        masked: mean accuracy over masks, of each of them.
        best: the chosen rate.
        doubts: why contenders' choices are doubtful: of `plain`, and of `dropout`.
    """

    targets: Int[np.ndarray, " N"]
    plain: Outputs
    dropout: Mapping[float, Outputs]
    averaged: Outputs
    masked: Float[np.ndarray, "G M"]
    best: float
    doubts: Mapping[str, str]

    def accuracy(self, outputs: Float[np.ndarray, "... N C"]) -> Float[np.ndarray, "..."]:
        """Share of the rows whose class has the largest output."""
        share: Float[np.ndarray, "..."] = (outputs.argmax(-1) == self.targets).mean(-1)
        return share

    def gain(self, size: int = MEMBERS) -> Float[np.ndarray, " G"]:
        """Accuracy of the ensemble of the first members, minus their mean accuracy."""
        members = self.plain[:, :size]
        return np.asarray(self.accuracy(members.mean(1)) - self.accuracy(members).mean(1))

    def gain_of_dropout(self, rate: float) -> Float[np.ndarray, " G"]:
        """Accuracy of networks with dropout, minus the mean of the ensemble's members."""
        return np.asarray(self.accuracy(self.dropout[rate]).mean(1) - self.accuracy(self.plain).mean(1))


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-30."""
    groups, sizes, tried = setup.of((10, ROWS, 3), (3, ROWS[:1], 1))
    found = predicted(setup, sizes, groups, tried)
    longer = setup.of((MIDDLE,), ())
    return parts_of(found, predicted(setup, longer, groups, tried, updates=LONGER) if longer else {})


STATEMENT = Statement(
    "C-30",
    DESIGN,
    "If a little more accuracy is worth several times the computation, average a few networks that were trained "
    "independently. Dropout costs nothing in prediction: try it as well, and compare on validation rows.",
    examined,
    trains=True,
)


def parts_of(found: Mapping[int, Predicted], longer: Mapping[int, Predicted] | None = None) -> tuple[Part, ...]:
    """The claims, by number of training rows, and after longer training."""
    return (
        _ensembles(found),
        _masks(found),
        _whole_network(found),
        _share_of_gain(found, longer or {}),
        _best_member(found),
    )


def _ensembles(found: Mapping[int, Predicted]) -> Part:
    gains = {
        rows: [
            paired_difference(
                f"accuracy gained by averaging {size} networks, {rows:,} rows", own.gain(size), 0 * own.gain()
            )
            for size in SIZES
        ]
        for rows, own in found.items()
    }
    losses = [
        paired_difference(
            f"average member's loss minus the ensemble's, {MEMBERS} networks, {rows:,} rows", *_losses(own)
        )
        for rows, own in found.items()
    ]
    order = list(product(reversed(list(found)), range(len(SIZES) - 1, -1, -1)))  # the largest first: tables show it
    return Part(
        "averaging an ensemble beats its average member",
        tuple(above(gains[rows][i], 0.0, f"{SIZES[i]} networks, {rows:,} rows") for rows, i in order),
        tuple(losses),
        Chart(
            "networks averaged",
            "accuracy gained over the average member",
            tuple(curve(f"{rows:,} rows", SIZES, own) for rows, own in gains.items()),
            bound=0.0,
        ),
    )


def _losses(own: Predicted) -> tuple[Float[np.ndarray, " G"], Float[np.ndarray, " G"]]:
    """Mean loss of the members, and of the ensemble."""
    right = np.maximum(own.plain[..., np.arange(len(own.targets)), own.targets], 1e-12)
    return -np.log(right).mean((1, 2)), -np.log(right.mean(1)).mean(1)


def _masks(found: Mapping[int, Predicted]) -> Part:
    gains = {
        rows: paired_difference(
            f"accuracy gained by averaging {MASKS} masks over the average mask, {rows:,} rows, dropout {own.best:g}",
            own.accuracy(own.averaged).mean(1),
            own.masked.mean(1),
        )
        for rows, own in found.items()
    }
    return Part(
        "with dropout, averaging over many masks beats the average masked network, as an ensemble beats its members",
        tuple(above(one, 0.0, f"{rows:,} rows", doubt=found[rows].doubts["dropout"]) for rows, one in gains.items()),
        (),
        _chart_over_rows(
            "accuracy gained by averaging",
            {
                f"{MASKS} masks": gains,
                f"{MEMBERS} networks": {
                    rows: paired_difference("", own.gain(), 0 * own.gain()) for rows, own in found.items()
                },
            },
        ),
    )


def _chart_over_rows(what: str, curves: Mapping[str, Mapping[int, Measured]]) -> Chart:
    drawn = tuple(curve(label, list(own), list(own.values())) for label, own in curves.items())
    return Chart("rows to train on", what, drawn, log_x=True)


def _whole_network(found: Mapping[int, Predicted]) -> Part:
    differences = {
        rows: paired_difference(
            f"accuracy of the whole network minus that of the mean over {MASKS} masks, {rows:,} rows",
            own.accuracy(own.dropout[own.best]).mean(1),
            own.accuracy(own.averaged).mean(1),
        )
        for rows, own in found.items()
    }
    return Part(
        "the whole network, its outputs scaled, predicts as accurately as the mean over many masks, within half a "
        "percentage point",
        tuple(
            one
            for rows, number in differences.items()
            for one in (above(number, -NOTICED, f"{rows:,} rows"), below(number, NOTICED, f"{rows:,} rows"))
        ),
    )


def _share_of_gain(found: Mapping[int, Predicted], longer: Mapping[int, Predicted]) -> Part:
    conditions = {f"{rows:,} rows": own for rows, own in reversed(list(found.items()))}
    conditions |= {f"{rows:,} rows, {LONGER} updates": own for rows, own in longer.items()}
    shares = {
        where: [
            ratio_of_means(
                f"share of the gain of {MEMBERS} networks, dropout {rate:g}, {where}",
                own.gain_of_dropout(rate),
                own.gain(),
            )
            for rate in own.dropout
        ]
        for where, own in conditions.items()
    }
    best = {where: shares[where][list(own.dropout).index(own.best)] for where, own in conditions.items()}
    return Part(
        f"dropout at its best rate gains at least half of what averaging {MEMBERS} networks does",
        tuple(
            above(one, HALF, where, doubt=conditions[where].doubts["dropout"] or conditions[where].doubts["plain"])
            for where, one in best.items()
        ),
        tuple(one for own in shares.values() for one in own),
        Chart(
            "dropout rate",
            f"share of the gain of {MEMBERS} networks",
            tuple(curve(where, list(conditions[where].dropout), own) for where, own in shares.items()),
            bound=HALF,
        ),
    )


def _best_member(found: Mapping[int, Predicted]) -> Part:
    gains = {
        rows: paired_difference(
            f"accuracy of {MEMBERS} networks averaged minus that of the luckiest of them, {rows:,} rows",
            own.accuracy(own.plain.mean(1)),
            own.accuracy(own.plain).max(1),
        )
        for rows, own in found.items()
    }
    return Part(
        f"averaging {MEMBERS} networks beats even the one of them that happens to be best on the rows judged on",
        tuple(above(one, 0.0, f"{rows:,} rows") for rows, one in gains.items()),
        beyond=True,
    )


def predicted(
    setup: Setup, sizes: Sequence[int], groups: int, tried: int, updates: int = UPDATES
) -> dict[int, Predicted]:
    """Tune all contenders, train ensembles and networks with dropout, and predict the evaluation rows.

    Args:
        setup: what is trained on.
        sizes: rows to train on.
        groups: ensembles.
        tried: seeds to tune with.
        updates: of every network.
    """
    datasets, inputs, targets = _dealt(setup, sizes)
    best, doubts = _tuned(setup, datasets, range(10_000, 10_000 + tried), updates)
    # Networks with dropout have the seeds of the first members of their ensemble, which no other ensemble has.
    seeds = {
        each: [group * MEMBERS + i for group in range(groups) for i in range(each)] for each in (MEMBERS, PER_GROUP)
    }
    own = {key: seeds[PER_GROUP if key[1] else MEMBERS] for key in best}
    asked = [
        (datasets[rows], Run(str(rate), best[rows, rate], seed)) for rows, rate in best for seed in own[rows, rate]
    ]
    trained = iter(setup.train_whole(asked))
    made = {key: [next(trained) for _ in own[key]] for key in best}
    return {rows: _predictions(rows, made, doubts, inputs, targets, groups) for rows in sizes}


def _predictions(
    rows: int,
    made: Mapping[tuple[int, float], Sequence[Trained]],
    doubts: Mapping[int, tuple[float, Mapping[str, str]]],
    inputs: np.ndarray,
    targets: Int[np.ndarray, " N"],
    groups: int,
) -> Predicted:
    best, own_doubts = doubts[rows]
    networks = {rate: [network_of(one, 0) for one in own] for (of, rate), own in made.items() if of == rows}
    outputs = {
        rate: np.array([_softmax(one.logits(inputs)) for one in own]).reshape(groups, -1, len(targets), _classes(own))
        for rate, own in networks.items()
    }
    masked = [masked_outputs(one, inputs, MASKS) for one in networks[best]]
    accuracies = [(one.argmax(-1) == targets).mean() for one in masked]
    return Predicted(
        targets,
        outputs.pop(0.0),
        outputs,
        np.array([one.mean(0) for one in masked]).reshape(outputs[best].shape),
        np.array(accuracies).reshape(groups, -1),
        best,
        own_doubts,
    )


def _classes(networks: Sequence[TrainedNetwork]) -> int:
    return int(networks[0].structure.num_outputs)


def _softmax(logits: Float[np.ndarray, "N C"]) -> Float[np.ndarray, "N C"]:
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True))


def masked_outputs(network: TrainedNetwork, inputs: np.ndarray, masks: int) -> Float[np.ndarray, "K N C"]:
    """Probabilities of each class by the network under many dropout masks, drawn anew for every row."""
    seed = jnp.asarray(noise_seed(network.seed))
    noises = jnp.stack([noise_at(seed, i) for i in range(masks)])
    found = _masked(network.structure)(network.params, network.state, network.numbers, inputs, noises)
    return np.asarray(found)


@cache
def _masked(structure: Network) -> Any:
    def outputs(params: PyTree, statistics: PyTree, numbers: PyTree, inputs: Array, noises: Array) -> Array:
        x = (inputs.astype(numbers["input_scale"].dtype) - numbers["input_shift"]) * numbers["input_scale"]
        through = partial(forward, structure, params, statistics, x, numbers, training=True)
        found: Array = jax.lax.map(lambda noise: jax.nn.softmax(through(noise=noise).logits), noises)
        return found

    return jax.jit(outputs)


def _dealt(setup: Setup, sizes: Sequence[int]) -> tuple[dict[int, Dataset], np.ndarray, Int[np.ndarray, " N"]]:
    """Data sets of equal size that repeat few rows, with rows for choosing settings; and the evaluation rows."""
    whole = setup.data.part(None, "none")
    rows = whole.training
    most = setup.of(max(ROWS), max(sizes))
    choosing = min(CHOOSING, (len(rows) - most) // 3)
    chosen_on = rows.at(np.arange(most, most + choosing))
    judged_on = rows.at(np.arange(most + choosing, min(len(rows), most + choosing + JUDGING)))
    datasets = {
        count: replace(whole, training=rows.at(np.arange(most) % count), validation=chosen_on) for count in sizes
    }
    return datasets, judged_on.flat, np.asarray(judged_on.targets)


def _recipe(dataset: Dataset, updates: int) -> Recipe:
    (plain,) = Setting("", 2, BATCH, None, "none", 2, "epochs", {"": {"optimizer": "adam"} | HE}, {}).runs(dataset)
    return once(plain.recipe, updates).evolve(hidden=(WIDTH, WIDTH), observe_training=1)


def _tuned(
    setup: Setup, datasets: Mapping[int, Dataset], seeds: range, updates: int
) -> tuple[dict[tuple[int, float], Recipe], dict[int, tuple[float, Mapping[str, str]]]]:
    """Recipes at their best learning rates, by rows and dropout rate, 0 for none; and the best dropout rate of each."""
    contenders = list(product(datasets, (0.0, *DROPOUT)))
    recipes = {
        (rows, rate): [_recipe(datasets[rows], updates).evolve(dropout_rate=rate, learning_rate=eta) for eta in RATES]
        for rows, rate in contenders
    }
    asked = [
        (datasets[rows], Run("", one, seed)) for (rows, _), own in recipes.items() for one in own for seed in seeds
    ]
    found = final(setup.train(asked), "accuracy/validation", diverged=0.0).reshape(len(recipes), len(RATES), len(seeds))
    scores = dict(zip(contenders, found.mean(-1), strict=True))
    best = {key: own[int(scores[key].argmax())] for key, own in recipes.items()}
    chosen: dict[int, tuple[float, Mapping[str, str]]] = {}
    for rows in datasets:
        rate = max(DROPOUT, key=lambda one, rows=rows: scores[rows, one].max())  # type: ignore[misc]  # mypy cannot infer it
        chosen[rows] = (
            rate,
            {
                "plain": _at_end(scores[rows, 0.0]),
                "dropout": _at_end(scores[rows, rate]),
            },
        )
    return best, chosen


def _at_end(scores: Float[np.ndarray, " R"]) -> str:
    return doubt(0 < int(scores.argmax()) < len(scores) - 1)
