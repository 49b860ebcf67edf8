"""C-25: learning rates from far too low to far too high, and the effect of decaying them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset
from trainwell.lecture.book import BOOK, Setting
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import (
    Fields,
    choosing_and_judging,
    chosen,
    doubt,
    final,
    median,
    over_time,
    paired_difference,
    paired_ratio,
    rates,
    share,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import median_interval
from trainwell.training import Recipe

SETTING = BOOK["F-6-9"]
BATCH = 32
IMAGES = 2_000  # of the small data
EXPONENTS = {"SGD": (-5, 2), "Adam": (-7, 0)}
"""Of ten, between which a rate is swept in half decades."""
MOST_OBSERVED = 2_000
TUNING_SEEDS = 1_000  # the first of the seeds that rates of schedules are chosen with
SHORT = 150  # updates of the sweep
TWICE, HALF_AGAIN = 2.0, 1.5
SCHEDULES: dict[str, Fields] = {
    "constant": {},
    "cosine": {"schedule": "cosine"},
    "step decay": {"schedule": "step", "schedule_factor": 0.1},
}
"""Step decay: at 30, 60 and 90% of the run, ResNet's proportions, a tenth each time."""
DROP_EPOCH = 8
DROP_RATES = (0.01, 0.03, 0.1, 0.3)
DROP_SEEDS = 30
DROP_FACTOR, DROP = 0.1, 0.8


DESIGN = Design(
    varied="the learning rate over seven orders of magnitude, of SGD and of Adam; whether it is constant, falls as a "
    "cosine or in steps; whether it drops to a tenth after eight epochs",
    fixed="the book's network on MNIST (F-6-9: four hidden layers of 100 ReLU units, He's initial weights), batches of "
    "32 drawn with replacement, seeds; schedules are compared at the same number of updates, each at the best of the "
    "same learning rates, chosen on other seeds and on other held-out images",
    measured="the training loss at the end, over that of guessing, log of the number of classes; the loss on images "
    "used for neither training nor choosing; the training loss one epoch after a drop, over that at the drop",
    criterion="too low: at a hundredth of the best rate the loss is twice that at the best. Too high: at the highest "
    "rate at which networks still end below guessing, a loss 1.5 times that at the best. Diverging: at the highest "
    "rate tried more than half of the networks end above guessing or at NaN. Lowering helps: a lower loss than at the "
    "best constant rate. At once: within an epoch of the drop the loss falls to 0.8 of what it was, a smaller share "
    "than in the epoch before and than without the drop. Twice, 1.5 and 0.8 are judgement calls",
    conditions="SGD and Adam; 200 and 600 updates on nearly all images, and 600 on 2,000 images, which are then seen "
    "ten times; drops from the rates 0.01, 0.03, 0.1 and 0.3",
    precision="10 seeds, paired, and 30 at drops, since ten seeds gave a ratio only within a factor of three; medians "
    "with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-25."""
    seeds, tuning, step, updates = setup.of((10, 3, 1, SHORT), (6, 1, 2, 50))
    few, many = choosing_and_judging(setup.data, IMAGES), choosing_and_judging(setup.data, None)
    swept = [
        sweep(setup, SETTING, few[0], label, 10.0 ** np.arange(low, high + 0.1, step / 2), updates, seeds, tuning)
        for label, (low, high) in EXPONENTS.items()
    ]
    tried = setup.of(rates(0.025, 0.8, 6), rates(0.05, 0.2, 3))
    runs = setup.of(((many, 200), (many, 600), (few, 600)), ((few, 200),))
    lowered = [lowering(setup, SETTING, data, length, SCHEDULES, tried, seeds, tuning) for data, length in runs]
    drops, epochs, many_seeds = setup.of((DROP_RATES, DROP_EPOCH, DROP_SEEDS), (DROP_RATES[-1:], 3, 10))
    return (*regimes(swept), helping(lowered), dropping(setup, SETTING, few[0], drops, epochs, many_seeds))


STATEMENT = Statement(
    "C-25",
    DESIGN,
    "Try learning rates a factor of three apart until the loss is worse on both sides; use the best or a slightly "
    "lower one, and decay it towards the end of training. A drop of the rate lowers the loss at once only if the rate "
    "before was high.",
    examined,
    trains=True,
)


def _common(setting: Setting, dataset: Dataset, **fields: Any) -> Recipe:
    own = {"batch_size": BATCH, "observe_first": None, "observe_every": None, "observe_batch": False}
    rows = {"observe_training": min(MOST_OBSERVED, len(dataset.training))}
    return setting.runs(dataset)[0].recipe.evolve(**own, **rows, **fields)


@dataclass(frozen=True)
class Sweep:
    """Training losses of an optimizer over that of guessing, Inf if diverged, with seeds for tuning and comparison."""

    label: str
    rates: Float[np.ndarray, " R"]
    choosing: Float[np.ndarray, "R T"]
    losses: Float[np.ndarray, "R S"]

    @property
    def best(self) -> int:
        """Index of the rate with the lowest median loss."""
        return int(np.argmin(np.median(self.choosing, axis=1)))

    @property
    def hundredth(self) -> int:
        """Index of a hundredth of the best rate; negative if no such rate was tried."""
        exponents = np.log10(self.rates)
        return self.best - round(2 / float(exponents[1] - exponents[0]))

    @property
    def highest(self) -> int:
        """Index of the highest rate at which networks end below guessing, by their median."""
        return int(np.flatnonzero(np.median(self.choosing, axis=1) < 1).max(initial=0))


def sweep(
    setup: Setup,
    setting: Setting,
    dataset: Dataset,
    label: str,
    tried: Float[np.ndarray, " R"],
    updates: int,
    seeds: int,
    tuning: int,
) -> Sweep:
    """Train with each rate, with separate seeds for tuning and for comparison."""
    common = _common(setting, dataset, optimizer=label.lower(), steps=updates).evolve(observe_every=updates)
    recipes = {f"{rate:g}": common.evolve(learning_rate=float(rate)) for rate in tried}
    found = setup.train_each(dataset, recipes, range(seeds + tuning))
    losses = np.array([final(own, "loss/training", diverged=np.inf) for own in found.values()])
    losses /= log(dataset.num_outputs)
    return Sweep(label, tried, losses[:, seeds:], losses[:, :seeds])


def regimes(swept: Sequence[Sweep]) -> tuple[Part, ...]:
    """Too low, too high, diverging."""
    chart = Chart(
        "learning rate",
        "training loss over that of guessing",
        tuple(curve(one.label, one.rates, [median_interval(own) for own in one.losses]) for one in swept),
        log_x=True,
        log_y=True,
        bound=1.0,
    )
    return (
        Part(
            "a rate can be too low: at a hundredth of the best one the loss after as many updates is at least twice as "
            "high",
            tuple(_too_low(one) for one in swept),
            tuple(chosen(f"best rate, {one.label}", float(one.rates[one.best])) for one in swept),
            chart,
        ),
        Part(
            "it can be too high and still learn: at the highest rate at which networks end below guessing the loss is "
            "at least half as high again as at the best one",
            tuple(criterion for one in swept for criterion in _too_high(one)),
            tuple(chosen(f"highest rate that learns, {one.label}", float(one.rates[one.highest])) for one in swept),
            chart,
        ),
        Part(
            "beyond, training diverges: at the highest rate tried more than half of the networks end above guessing",
            tuple(
                above(
                    share(f"share that ends above guessing at rate {one.rates[-1]:g}, {one.label}", one.losses[-1] > 1),
                    0.5,
                    _with(one),
                )
                for one in swept
            ),
            (),
            chart,
        ),
    )


def _with(one: Sweep) -> str:
    return f"with {one.label}"


def _over_best(one: Sweep, place: int, what: str) -> Measured:
    return paired_ratio(
        f"loss with {what} / loss with the best rate, {one.label}", one.losses[place], one.losses[one.best]
    )


def _too_low(one: Sweep) -> Criterion:
    known = doubt(0 < one.best < len(one.rates) - 1)
    if one.hundredth < 0:
        known = "a hundredth of the best rate was not tried"
    return above(_over_best(one, max(0, one.hundredth), "a hundredth of the best rate"), TWICE, _with(one), doubt=known)


def _too_high(one: Sweep) -> tuple[Criterion, Criterion]:
    loss = median(f"loss over that of guessing at the highest rate that learns, {one.label}", one.losses[one.highest])
    worse = _over_best(one, one.highest, "the highest rate that learns")
    return above(worse, HALF_AGAIN, _with(one)), below(loss, 1.0, _with(one))


@dataclass(frozen=True)
class Lowered:
    """Losses and accuracies of each schedule at its best rate, one per seed, on images used for nothing else."""

    where: str
    losses: Mapping[str, Float[np.ndarray, " S"]]
    accuracies: Mapping[str, Float[np.ndarray, " S"]]
    rates: Mapping[str, float]
    doubts: Mapping[str, str]


def lowering(
    setup: Setup,
    setting: Setting,
    data: tuple[Dataset, Dataset],
    updates: int,
    schedules: Mapping[str, Fields],
    tried: Sequence[float],
    seeds: int,
    tuning: int,
) -> Lowered:
    """Train with each schedule, its rate chosen with seeds and on images of their own."""
    choosing, judging = data
    common = _common(setting, judging, optimizer="sgd", steps=updates).evolve(observe_every=updates)
    recipes = {
        (label, rate): common.evolve(learning_rate=rate, **own) for label, own in schedules.items() for rate in tried
    }
    labels = {f"{label} {rate:g}": recipes[label, rate] for label, rate in recipes}
    found = setup.train_each(choosing, labels, range(TUNING_SEEDS, TUNING_SEEDS + tuning))
    best, doubts = {}, {}
    for label in schedules:
        costs = [final(found[f"{label} {rate:g}"], "loss/validation", diverged=np.inf).mean() for rate in tried]
        place = int(np.argmin(costs))
        best[label], doubts[label] = tried[place], doubt(0 < place < len(tried) - 1)
    judged = setup.train_each(judging, {label: recipes[label, rate] for label, rate in best.items()}, range(seeds))
    return Lowered(
        f"{updates} updates on {len(judging.training):,} images",
        {label: final(own, "loss/validation", diverged=np.inf) for label, own in judged.items()},
        {label: final(own, "accuracy/validation", diverged=0.0) for label, own in judged.items()},
        best,
        doubts,
    )


def helping(lowered: Sequence[Lowered]) -> Part:
    """Schedules against the best constant rate."""
    criteria, more = [], []
    for one in lowered:
        for label in list(one.losses)[1:]:
            ratio = paired_ratio(
                f"loss over that at the best constant rate, {label}, {one.where}",
                one.losses[label],
                one.losses["constant"],
            )
            known = one.doubts["constant"] or one.doubts[label]
            criteria.append(below(ratio, 1.0, f"{label}, {one.where}", doubt=known))
            more.append(
                paired_difference(
                    f"accuracy higher than at the best constant rate by, share, {label}, {one.where}",
                    one.accuracies[label],
                    one.accuracies["constant"],
                )
            )
        more += [chosen(f"best rate, {label}, {one.where}", rate) for label, rate in one.rates.items()]
    return Part(
        "lowering the rate in time helps: the loss on other images is lower than at the best constant rate",
        tuple(criteria),
        tuple(more),
    )


def dropping(
    setup: Setup,
    setting: Setting,
    dataset: Dataset,
    before: Sequence[float],
    epochs: int,
    seeds: int,
    factor: float = DROP_FACTOR,
) -> Part:
    """Train with a drop after so many epochs and without, from each rate."""
    common = _common(setting, dataset, optimizer="sgd", epochs=epochs + 1.0).evolve(steps=None)
    drop: Fields = {"schedule": "step", "schedule_milestones": (float(epochs),), "schedule_factor": factor}
    ways = {"dropped": drop, "kept": {}}
    recipes = {
        f"{way} {rate:g}": common.evolve(learning_rate=rate, **own) for way, own in ways.items() for rate in before
    }
    found = setup.train_each(dataset, recipes, range(seeds))
    seen = {
        rate: tuple(over_time(found[f"{way} {rate:g}"], "loss/training")[:, -3:] for way in ways) for rate in before
    }
    return at_once(seen)


def at_once(seen: Mapping[float, Sequence[Float[np.ndarray, "S 3"]]]) -> Part:
    """Effect of a drop before the last epoch, from the last three epochs.

    Args:
        seen: the rate before the drop -> losses with it and without, an epoch before it, at it, an epoch after.
    """
    criteria, more, drawn = [], [], []
    for rate, (dropped, kept) in seen.items():
        where = f"from rate {rate:g}"
        now = paired_ratio(f"loss an epoch after the drop over that at it, {where}", dropped[:, -1], dropped[:, -2])
        against = paired_ratio(f"loss an epoch after the drop over that without, {where}", dropped[:, -1], kept[:, -1])
        fall, fall_before = dropped[:, -1] / dropped[:, -2], dropped[:, -2] / dropped[:, -3]
        sooner = paired_ratio(f"that share over the one of the epoch before, {where}", fall, fall_before)
        criteria += [below(now, DROP, where), below(against, 1.0, where), below(sooner, 1.0, where)]
        own = median(f"loss over the epoch before the drop, share, {where}", fall_before)
        none = paired_ratio(f"loss over the same epoch without a drop, share, {where}", kept[:, -1], kept[:, -2])
        at = median(f"training loss at the drop, {where}", dropped[:, -2])
        more += [own, none, at]
        drawn.append((now, own, none))
    labels = ("the epoch after the drop", "the epoch before it", "the same epoch without a drop")
    return Part(
        "a step of the rate makes the training loss drop at once: within the next epoch to at most 0.8 of what it was, "
        "a smaller share than in the epoch before, and lower than without the step",
        tuple(criteria),
        tuple(more),
        Chart(
            "learning rate before the drop",
            "loss after an epoch, share of that before",
            tuple(curve(label, list(seen), own) for label, own in zip(labels, zip(*drawn, strict=True), strict=True)),
            log_x=True,
            bound=DROP,
        ),
    )
