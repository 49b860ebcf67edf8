"""C-24: whether Adam is the best default, where momentum or RMSProp suffice, and L-BFGS in full batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.data import Dataset, from_arrays, load_data
from trainwell.lecture.book import BOOK, Run
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import (
    choosing_and_judging,
    chosen,
    doubt,
    final,
    mean,
    over_time,
    paired_difference,
    rounding,
    share,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.optim import RULES
from trainwell.statistics import average_ranks, mean_interval
from trainwell.training import Recipe, Runs

OPTIMIZERS = {"Adam": "adam", "SGD": "sgd", "momentum": "momentum", "AdaGrad": "adagrad", "RMSProp": "rmsprop"}
ADAM = "Adam"
BUILT_IN = ("iris", "breast_cancer", "diabetes", "wine", "digits")
IMAGES = 2_000  # of MNIST as one of the data sets
TRIALS = (1, 3, 5, 7)
"""Numbers of rates that are tried: the usual one, then half decades below and above it."""
NETWORK = Recipe(hidden=(32,), batch_size=32, steps=300, observe_every=300)
EVERY = 100  # updates, on the way of longer training
IMAGE_NETWORK = Recipe(hidden=(100,), steps=300, observe_every=300)
FULL_BATCH = Recipe(hidden=(32,), activation="tanh", initialization="xavier", batch_size="full", observe_training=5_000)
LONGER = "usual rates trained longer"
PASSES = 100
HIGHER = 10**1.5
"""Times the usual rate, around which rates are tried in full batch, where there is no noise."""
SUFFICES = 0.005
MOST_AT_END = 0.2
"""Share of data sets on which the best rate may be at the end of its grid, without doubt about the whole."""
TUNING_SEEDS = 1_000  # the first of them


DESIGN = Design(
    varied="the optimizer, and how many learning rates are tried for it; the data set",
    fixed="on each data set one network (a hidden layer of 32 units), its initial weights, its batches of 32 and 300 "
    "updates; rates are chosen on validation rows with seeds of their own, as many for each optimizer, and judged on "
    "other rows; the first rate tried is the usual one, trainwell's default (0.05 for SGD, 0.02 for momentum and "
    "AdaGrad, 0.001 for RMSProp and Adam); in full batch, where there is no noise, it is thirty times that, and nine "
    "rates are tried",
    measured="the loss on rows that neither trained nor chose, a mean over seeds; ranks of the five optimizers over "
    "data sets; on nearly all MNIST images the accuracy on others; in full batch the training loss after 100 "
    "evaluations of the gradient, those of line searches counted",
    criterion="best in most cases: Adam has the lowest loss of the five on more than half of the data sets, by "
    "Wilson's interval, and ranks ahead of each other: the other's rank less Adam's is above 0 on average over data "
    "sets, by t intervals that hold for all four rivals at once (98.75% each). Earlier runs took Nemenyi's critical "
    "difference for an interval: it is the bound of a test that no two of the five differ, not an interval of paired "
    "differences, and was changed for that. Suffice: at most half a point of accuracy below Adam, which is a "
    "judgement. L-BFGS: a lower training loss than Adam and than momentum, on geometric average over data sets; a loss "
    "below the rounding of numbers counts as that rounding. Tuned comparisons are left open where more than a fifth "
    "of the best rates are at an end of their grid",
    conditions="each optimizer at its usual rate, and with 3, 5 and 7 rates tried; at usual rates also ten times as "
    "many updates, of which the lowest loss of those seen every 100 updates counts, as if each had stopped in time (at "
    "the end one that learns less would win for overfitting less; these were added after the first full run, which had "
    "300 updates alone); eleven data sets: iris, wine, "
    "breast cancer, diabetes (a regression), digits and 2,000 images of MNIST, and five that are made: two with curved "
    "borders, one with a tenth of the labels wrong, one of rare features, and a regression with interactions",
    precision="data sets are the sample, eleven of them (in full batch nine); 10 seeds to judge by and 2 to choose by "
    "on each, on nearly all images 10 and 1",
    untested="detection and segmentation, which are named; large images and convolutional networks; longer training "
    "with rates tuned",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-24."""
    seeds, tuning, trials = setup.of((10, 2, TRIALS), (3, 1, TRIALS[:2]))
    sets = data_sets(setup) if setup.size == "full" else {**_built_in(BUILT_IN[:3]), **made_sets()}
    small = {name: one for name, one in sets.items() if name not in ("digits", setup.data.title)}
    longer = {LONGER: trained_longer(setup, sets, NETWORK, setup.of(3_000, 900), seeds)}
    return (
        *ranking(judged(setup, sets, NETWORK, trials, seeds, tuning), trials, longer),
        on_images(
            setup,
            IMAGE_NETWORK.evolve(**setup.of({}, {"steps": 100, "observe_every": 100})),
            *setup.of((10, 7), (6, 3)),
        ),
        in_full_batch(setup, small, FULL_BATCH, setup.of(PASSES, 30), trials[-1] + 2, seeds, tuning),
    )


STATEMENT = Statement(
    "C-24",
    DESIGN,
    "Try a few rates, half decades apart, for whichever optimizer you take, before you change it. For small data in "
    "full batch try L-BFGS, which needs no rate.",
    examined,
    trains=True,
)

Pair = tuple[Dataset, Dataset]
"""A data set with rows to choose by, and with others to judge by, as its validation split."""


def data_sets(setup: Setup) -> dict[str, Pair]:
    """All of them by name."""
    return {**_built_in(BUILT_IN), **made_sets(), setup.data.title: choosing_and_judging(setup.data, IMAGES)}


def _built_in(names: Sequence[str]) -> dict[str, Pair]:
    return {name: pair_of(load_data(name, validation=0.2, test=0.2)) for name in names}


def pair_of(dataset: Dataset) -> Pair:
    """A data set, and the same with its test rows to judge by."""
    judging = replace(dataset, name=f"{dataset.name}, test rows", validation=dataset.open_test_split())
    return dataset, judging


def made_sets() -> dict[str, Pair]:
    """Sets of the shapes of breast cancer and of diabetes, so that they share programs with them."""
    from sklearn import datasets as made

    drawn = stream(0, "best default")
    rare = (drawn.random((569, 30)) < np.geomspace(0.5, 0.01, 30)).astype(np.float32)
    weights = drawn.normal(size=30) / np.sqrt(np.geomspace(0.5, 0.01, 30))
    labels = rare @ weights > np.median(rare @ weights)
    classes = {
        "shells": made.make_gaussian_quantiles(n_samples=569, n_features=30, n_classes=2, random_state=0),
        "clusters": made.make_classification(569, 30, n_informative=8, n_clusters_per_class=4, random_state=0),
        "wrong labels": made.make_classification(569, 30, n_informative=8, flip_y=0.2, random_state=1),
        "rare features": (rare, labels.astype(int)),
    }
    number = made.make_friedman1(442, 10, noise=1.0, random_state=0)
    found = {name: (x, y, "classification") for name, (x, y) in classes.items()}
    return {
        name: pair_of(from_arrays(x, y, name=name, task=task, validation=0.2, test=0.2))
        for name, (x, y, task) in {**found, "interactions": (*number, "regression")}.items()
    }


def rates_of(optimizer: str, count: int, factor: float = 1.0) -> list[float]:
    """So many rates, a factor times the usual one first, then half decades below and above it in turn."""
    usual = factor * RULES[optimizer].defaults["learning_rate"]
    return [float(f"{usual * 10 ** (k / 2):.3g}") for k in sorted(range(-(count // 2), count // 2 + 1), key=abs)]


@dataclass(frozen=True)
class Judged:
    """Losses by number of trials, [data sets, optimizers], Adam's first; and the share of rates at an end of a grid."""

    labels: tuple[str, ...]
    names: tuple[str, ...]
    losses: Mapping[int, Float[np.ndarray, "D K"]]
    at_end: float


def judged(
    setup: Setup,
    sets: Mapping[str, Pair],
    network: Recipe,
    trials: Sequence[int],
    seeds: int,
    tuning: int,
    optimizers: Mapping[str, str] = OPTIMIZERS,
) -> Judged:
    """Choose each optimizer's rate on each data set among so many, and judge it."""
    grids = {label: rates_of(name, max(trials)) for label, name in optimizers.items()}
    recipes = {
        (label, rate): network.evolve(optimizer=optimizers[label], learning_rate=rate)
        for label, own in grids.items()
        for rate in own
    }
    cells = [(name, *key) for name in sets for key in recipes]
    learn = range(TUNING_SEEDS, TUNING_SEEDS + tuning)
    costs = _means(setup, [(sets[name][0], recipes[label, rate]) for name, label, rate in cells], learn)
    known = dict(zip(cells, costs, strict=True))
    best = {
        (name, label, count): min(own[:count], key=lambda rate: known[name, label, rate])
        for name in sets
        for label, own in grids.items()
        for count in trials
    }
    wanted = list(dict.fromkeys((name, label, rate) for (name, label, _), rate in best.items()))
    ends = _means(setup, [(sets[name][1], recipes[label, rate]) for name, label, rate in wanted], range(seeds))
    found = dict(zip(wanted, ends, strict=True))
    losses = {
        count: np.array([[found[name, label, best[name, label, count]] for label in optimizers] for name in sets])
        for count in trials
    }
    at_end = [best[name, label, max(trials)] in (min(own), max(own)) for name in sets for label, own in grids.items()]
    return Judged(tuple(optimizers), tuple(sets), losses, float(np.mean(at_end)))


def trained_longer(
    setup: Setup, sets: Mapping[str, Pair], network: Recipe, steps: int, seeds: int
) -> Float[np.ndarray, "D K"]:
    """The lowest loss on the way of so many updates, at usual rates, a mean over seeds."""
    recipe = network.evolve(steps=steps, observe_first=EVERY, observe_every=EVERY)
    asked = [
        (judging, recipe.evolve(optimizer=name, learning_rate=rates_of(name, 1)[0]))
        for _, judging in sets.values()
        for name in OPTIMIZERS.values()
    ]
    lowest = [lowest_on_the_way(runs).mean() for runs in _trained(setup, asked, range(seeds))]
    return np.reshape(lowest, (len(sets), len(OPTIMIZERS)))


def lowest_on_the_way(runs: Sequence[Runs]) -> Float[np.ndarray, " S"]:
    """The lowest loss of each network at any observation; Inf where there is none."""
    return np.asarray(np.nan_to_num(over_time(runs, "loss/validation"), nan=np.inf).min(1))


def _means(
    setup: Setup, asked: Sequence[tuple[Dataset, Recipe]], seeds: range, name: str = "loss/validation"
) -> list[float]:
    """The mean over seeds of the last observation of each; Inf where one diverged."""
    return [float(final(own, name, diverged=np.inf).mean()) for own in _trained(setup, asked, seeds)]


def _trained(setup: Setup, asked: Sequence[tuple[Dataset, Recipe]], seeds: range) -> list[list[Runs]]:
    """Networks of each recipe on its data, one per seed, all as one population."""
    found = iter(setup.train([(dataset, Run("", recipe, seed)) for dataset, recipe in asked for seed in seeds]))
    return [[next(found) for _ in seeds] for _ in asked]


def ranking(
    found: Judged, trials: Sequence[int], longer: Mapping[str, Float[np.ndarray, "D K"]] | None = None
) -> tuple[Part, Part]:
    """How often Adam is best, and how it ranks, with the fewest and the most rates tried, and with other losses."""
    usual, most = min(trials), max(trials)
    tried = f"{most} rates tried"
    losses = {"usual rates": found.losses[usual], **(longer or {}), tried: found.losses[most]}
    known = dict.fromkeys(losses, "") | {tried: doubt(found.at_end <= MOST_AT_END)}
    sets = len(found.names)
    lowest = {
        said: share(f"share of data sets on which Adam's loss is the lowest, {said}", _is_lowest(own))
        for said, own in losses.items()
    }
    ranks = {said: _ranks_per_set(own) for said, own in losses.items()}
    ahead = {
        (label, said): _behind(f"rank behind Adam's, {label}, {said} (95% for all rivals at once)", own, k)
        for said, own in ranks.items()
        for k, label in enumerate(found.labels)
        if label != ADAM
    }
    each = [
        mean(f"average rank of five, {label}, {said}", own[:, k])
        for said, own in ranks.items()
        for k, label in enumerate(found.labels)
    ]
    per_set = {count: _ranks_per_set(own) for count, own in found.losses.items()}
    chart = Chart(
        "learning rates tried",
        "average rank over data sets, 1 is best",
        tuple(
            curve(label, sorted(per_set), [mean_interval(per_set[count][:, k]) for count in sorted(per_set)])
            for k, label in enumerate(found.labels)
        ),
    )
    return (
        Part(
            "Adam is the best in most cases: of five optimizers it has the lowest loss on more than half of the data "
            "sets",
            tuple(above(one, 0.5, said, doubt=known[said]) for said, one in lowest.items()),
            (chosen("share of rates that are at an end of their grid", found.at_end, sets * len(found.labels)),),
        ),
        Part(
            "over data sets Adam ranks ahead of each other optimizer",
            tuple(above(one, 0.0, f"{label}, {said}", doubt=known[said]) for (label, said), one in ahead.items()),
            tuple(each),
            chart,
        ),
    )


def _is_lowest(losses: Float[np.ndarray, "D K"]) -> Float[np.ndarray, " D"]:
    return np.asarray(losses[:, 0] < losses[:, 1:].min(1))


def _ranks_per_set(losses: Float[np.ndarray, "D K"]) -> Float[np.ndarray, "D K"]:
    return np.array([average_ranks(row[None], larger_is_better=False) for row in losses])


def _behind(what: str, ranks: Float[np.ndarray, "D K"], k: int) -> Measured:
    """By how many ranks one comes after the first, on average over data sets; by Bonferroni's rule with all rivals."""
    rivals = ranks.shape[1] - 1
    return measured(what, mean_interval(ranks[:, k] - ranks[:, 0], 1 - 0.05 / rivals))


def _cost(costs: Mapping[tuple[str, float], float], label: str, rate: float) -> float:
    return costs[label, rate]


def on_images(setup: Setup, network: Recipe, seeds: int, trials: int) -> Part:
    """Momentum and RMSProp against Adam on nearly all images."""
    choosing, judging = choosing_and_judging(setup.data, None)
    network = network.evolve(inputs=BOOK["F-6-9"].runs(judging)[0].recipe.inputs)
    labels = (ADAM, "momentum", "RMSProp")
    accuracies, doubts, more = {}, {}, []
    tried = {label: rates_of(OPTIMIZERS[label], trials) for label in labels}
    recipes = {
        (label, rate): network.evolve(optimizer=OPTIMIZERS[label], learning_rate=rate)
        for label, own in tried.items()
        for rate in own
    }
    learn = range(TUNING_SEEDS, TUNING_SEEDS + 1)
    costs = dict(zip(recipes, _means(setup, [(choosing, one) for one in recipes.values()], learn), strict=True))
    best = {label: min(own, key=partial(_cost, costs, label)) for label, own in tried.items()}
    runs = _trained(setup, [(judging, recipes[label, rate]) for label, rate in best.items()], range(seeds))
    for (label, rate), own in zip(best.items(), runs, strict=True):
        accuracies[label] = final(own, "accuracy/validation", diverged=0.0)
        doubts[label] = doubt(min(tried[label]) < rate < max(tried[label]))
        more.append(measured(f"accuracy on other images, share, {label}", mean_interval(accuracies[label])))
        more.append(chosen(f"best rate, {label}", rate))
    return Part(
        f"on {setup.data.title} momentum or RMSProp suffice: their accuracy is at most half a point below Adam's",
        tuple(
            above(
                paired_difference(f"accuracy less Adam's, share, {label}", accuracies[label], accuracies[ADAM]),
                -SUFFICES,
                label,
                doubt=doubts[label] or doubts[ADAM],
            )
            for label in labels[1:]
        ),
        tuple(more),
    )


def in_full_batch(
    setup: Setup, sets: Mapping[str, Pair], network: Recipe, passes: int, trials: int, seeds: int, tuning: int
) -> Part:
    """L-BFGS against Adam and momentum at their best rates, by the training loss after as many evaluations."""
    places = [passes // 4, passes // 2, passes]
    losses: dict[str, dict[int, Float[np.ndarray, " D"]]] = {}
    doubts = {}
    ours = network.evolve(optimizer="lbfgs", steps=passes, observe_every=1)
    runs = _trained(setup, [(own[0], ours) for own in sets.values()], range(seeds))
    losses["L-BFGS"] = {n: np.array([np.mean([loss_after(one, n) for one in own]) for own in runs]) for n in places}
    for label in (ADAM, "momentum"):
        tried = rates_of(OPTIMIZERS[label], trials, HIGHER)
        recipes = {
            rate: network.evolve(
                optimizer=OPTIMIZERS[label], learning_rate=rate, steps=passes, observe_every=passes // 4
            )
            for rate in tried
        }
        asked = [(own[0], one) for own in sets.values() for one in recipes.values()]
        found = _means(setup, asked, range(TUNING_SEEDS, TUNING_SEEDS + tuning), "loss/training")
        costs = np.maximum(np.reshape(found, (len(sets), len(tried))), rounding())
        best = [tried[int(k)] for k in np.argmin(costs, axis=1)]
        runs = _trained(setup, [(own[0], recipes[r]) for own, r in zip(sets.values(), best, strict=True)], range(seeds))
        losses[label] = {n: np.array([np.mean([_observed(one, n) for one in own]) for own in runs]) for n in places}
        doubts[label] = doubt(_mostly_within(costs, tried))
    ratios = {
        (label, n): _geometric(f"loss of L-BFGS over that of {label} after {n} evaluations", losses, label, n)
        for label in doubts
        for n in places
    }
    return Part(
        f"in full batch L-BFGS has a lower training loss than Adam and momentum, their rates tuned, after {passes} "
        "evaluations of the gradient",
        tuple(below(ratios[label, passes], 1.0, f"against {label}", doubt=known) for label, known in doubts.items()),
        tuple(ratios[label, n] for label in doubts for n in places[:-1]),
        Chart(
            "evaluations of loss and gradient",
            "training loss of L-BFGS over the other's",
            tuple(curve(f"over {label}", places, [ratios[label, n] for n in places]) for label in doubts),
            log_y=True,
            bound=1.0,
        ),
    )


def loss_after(one: Runs, evaluations: int) -> float:
    """The training loss when L-BFGS had taken at most so many evaluations."""
    spent, losses = one.trace["evaluations"][0], one.trace["loss/training"][0]
    by = np.flatnonzero((spent <= evaluations) & np.isfinite(losses))
    return float(losses[by[-1]]) if len(by) else float("inf")


def _mostly_within(costs: Float[np.ndarray, "D R"], tried: Sequence[float]) -> bool:
    """Whether on most data sets rates on both sides were tried, or no rate can be better: the loss is all rounding."""
    order = np.argsort(tried)
    place = np.argmin(costs[:, order], axis=1)
    at_end = ((place == 0) | (place == len(tried) - 1)) & (costs.min(1) > rounding())
    return bool(at_end.mean() <= MOST_AT_END)


def _observed(one: Runs, step: int) -> float:
    found = float(one.trace.at_step("loss/training", [step])[0])
    return found if np.isfinite(found) else float("inf")


def _geometric(what: str, losses: Mapping[str, Mapping[int, Float[np.ndarray, " D"]]], label: str, n: int) -> Measured:
    """The geometric mean over data sets of L-BFGS's loss over another's; losses below rounding count as it."""
    ours, theirs = (np.log(np.maximum(losses[one][n], rounding())) for one in ("L-BFGS", label))
    logs = ours - theirs
    found = mean_interval(logs)
    mean, low, high = np.exp([found.mean, found.low, found.high]).tolist()
    return Measured(what, mean, low, high, found.n)
