"""C-24: whether Adam is the best default, where momentum or RMSProp suffice, and L-BFGS in full batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.lecture.book import BOOK
from trainwell.lecture.experiment import Chart, Measured, Part, above, curve, measured
from trainwell.lecture.measuring import (
    best_rate,
    choosing_and_judging,
    chosen,
    doubt,
    final,
    mean,
    once,
    over_time,
    paired_difference,
    share,
)
from trainwell.lecture.statements.optimization.data_sets import (
    ADAM,
    BUILT_IN,
    JUDGING,
    MOST_AT_END,
    OPTIMIZERS,
    TUNING,
    Pair,
    built_in,
    data_sets,
    made_sets,
    means,
    rates_of,
    trained,
)
from trainwell.lecture.statements.optimization.full_batch import in_full_batch
from trainwell.lecture.statements.statement import Design, Setup, Statement, seeds_enough
from trainwell.statistics import average_ranks, mean_interval
from trainwell.training import Recipe

TRIALS = (1, 3, 5, 7)
"""Numbers of rates that are tried: the usual one, then half decades below and above it."""
NETWORK = Recipe(hidden=(32,), batch_size=32, steps=300, observe_every=300)
EVERY = 100  # updates, on the way of longer training
IMAGE_NETWORK = Recipe(hidden=(100,), batch_size=128, epochs=1)
LONGER = "usual rates trained longer"
SUFFICES = 0.005
JUDGING_IMAGES = 5_000  # the first seed of those that judge on nearly all images, others than in earlier runs


DESIGN = Design(
    varied="the optimizer, and how many learning rates are tried for it; the data set",
    fixed="on each data set one network (a hidden layer of 32 ReLU units), its initial weights, its batches of 32 and "
    "300 updates; on nearly all MNIST images a hidden layer of 100 ReLU units, batches of 128 and one pass over them "
    "(300 updates, three quarters of a pass, in earlier runs); in full batch a hidden layer of 32 tanh units with "
    "Xavier's weights. Rates are chosen on validation rows with other seeds, from equally many rates for each "
    "optimizer, and judged on other rows; the first rate tried is the usual one, trainwell's default (0.05 for SGD, "
    "0.02 for momentum and AdaGrad, 0.001 for RMSProp and Adam); in full batch, where there is no noise, it is thirty "
    "times that, and nine rates are tried",
    measured="the loss on rows that neither trained nor chose, a mean over seeds; ranks of the five optimizers over "
    "data sets; on nearly all MNIST images the accuracy on others; in full batch the training loss after 100 "
    "evaluations of the gradient, those of line searches counted",
    criterion="best in most cases: Adam has the lowest loss of the five on more than half of the data sets, by "
    "Wilson's interval, and ranks ahead of each of the four others: the other's rank minus Adam's is above 0 on "
    "average over data sets, by t intervals that hold for all four rivals at once (98.75% each). (Earlier runs counted "
    "each rival as a condition, so that a second best optimizer was ahead under conditions; before that they took "
    "Nemenyi's critical difference for an interval, but it is the bound of a test that no two of the five differ.) "
    "Momentum and RMSProp each suffice: accuracy minus Adam's is above minus half a point, a judgement. L-BFGS: a "
    "lower training loss than both Adam and momentum, on geometric average over data sets; a loss below the rounding "
    "of numbers counts as that rounding. Tuned comparisons are left open where more than a fifth of the best rates are "
    "at an end of their grid, and longer training where more than a fifth of the best numbers of updates are the "
    "largest tried, 3,000 (earlier runs did not report this)",
    conditions="each optimizer at its usual rate, and with 3, 5 and 7 rates tried; at usual rates also trained longer: "
    "for each optimizer and data set the number of updates, in hundreds up to 3,000, with the lowest loss on the rows "
    "and with the seeds that also choose rates (with 3,000 updates for all, an optimizer that learns more slowly could "
    "win because it overfits less). Longer training was added after the first full run, which had 300 updates alone, "
    "and its number of updates was at first chosen on the rows that judge. Eleven data sets: iris, wine, breast "
    "cancer, diabetes (a regression), digits and 2,000 images of MNIST, and five that are made: two with curved "
    "borders, one with a tenth of the labels wrong, one of rare features, and a regression with interactions",
    precision="data sets are the sample, eleven of them (in full batch nine); 10 seeds to judge by, from 3,000 on, "
    "which no earlier run used, and 2 to choose by on each. The sets are no random sample of all data sets: intervals "
    "say what other sets like these would give. On nearly all images 2 seeds choose, and from 10 to 40 judge, from "
    "5,000 on: they are added until both intervals are at most a quarter of a point to either side, and nothing but "
    "their width decides when to stop (an earlier run had 10 seeds, and 1 to choose by; RMSProp's interval was then "
    "more than half a point to either side)",
    untested="detection and segmentation, which are named; large images and convolutional networks; the usual rates of "
    "other libraries, such as 0.01 for SGD; longer training with rates tuned; more than one pass over nearly all "
    "images",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """The parts of C-24."""
    number, tuning, trials = setup.of((10, 2, TRIALS), (3, 1, TRIALS[:2]))
    learn, seeds = range(TUNING, TUNING + tuning), range(JUDGING, JUDGING + number)
    sets = data_sets(setup) if setup.size == "full" else {**built_in(BUILT_IN[:3]), **made_sets()}
    small = {name: one for name, one in sets.items() if name not in ("digits", setup.data.title)}
    longer = trained_longer(setup, sets, NETWORK, setup.of(3_000, 900), learn, seeds)
    images = IMAGE_NETWORK.evolve(**setup.of({}, {"steps": 100, "observe_every": 100}))
    return (
        *ranking(judged(setup, sets, NETWORK, trials, learn, seeds), trials, longer),
        on_images_with_enough(setup, images, setup.of(7, 3), learn, *setup.of((10, 40), (6, 6))),
        in_full_batch(setup, small, setup.of(100, 32), trials[-1] + 2, learn, seeds),
    )


STATEMENT = Statement(
    "C-24",
    DESIGN,
    "Try a few rates, half decades apart, for whichever optimizer you take, before you change it. For small data in "
    "full batch try L-BFGS, which needs no rate.",
    examined,
    trains=True,
)


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
    learn: range,
    seeds: range,
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
    costs = means(setup, [(sets[name][0], recipes[label, rate]) for name, label, rate in cells], learn)
    known = dict(zip(cells, costs, strict=True))
    best = {
        (name, label, count): min(own[:count], key=lambda rate: known[name, label, rate])
        for name in sets
        for label, own in grids.items()
        for count in trials
    }
    wanted = list(dict.fromkeys((name, label, rate) for (name, label, _), rate in best.items()))
    ends = means(setup, [(sets[name][1], recipes[label, rate]) for name, label, rate in wanted], seeds)
    found = dict(zip(wanted, ends, strict=True))
    losses = {
        count: np.array([[found[name, label, best[name, label, count]] for label in optimizers] for name in sets])
        for count in trials
    }
    at_end = [best[name, label, max(trials)] in (min(own), max(own)) for name in sets for label, own in grids.items()]
    return Judged(tuple(optimizers), tuple(sets), losses, float(np.mean(at_end)))


@dataclass(frozen=True)
class Longer:
    """Losses [data sets, optimizers] after the best number of updates, and the share of these at their limit."""

    losses: Float[np.ndarray, "D K"]
    at_limit: float


def trained_longer(
    setup: Setup, sets: Mapping[str, Pair], network: Recipe, steps: int, learn: range, seeds: range
) -> Longer:
    """The loss at usual rates after the number of updates, at most `steps`, that is best on the rows for choosing.

    That number is chosen with the seeds `learn`, and the loss is measured with `seeds`; both train on the same rows.
    Losses are means over seeds; Inf where one diverged.
    """
    recipes = [network.evolve(optimizer=name, learning_rate=rates_of(name, 1)[0]) for name in OPTIMIZERS.values()]
    cells = [(pair, recipe) for pair in sets.values() for recipe in recipes]
    looks = {"steps": steps, "observe_first": EVERY, "observe_every": EVERY}
    tried = trained(setup, [(choosing, recipe.evolve(**looks)) for (choosing, _), recipe in cells], learn)
    courses = [np.nan_to_num(over_time(own, "loss/validation"), nan=np.inf).mean(0) for own in tried]
    best = [EVERY * (1 + int(course.argmin())) for course in courses]
    asked = [(judging, once(recipe, updates)) for ((_, judging), recipe), updates in zip(cells, best, strict=True)]
    losses = np.reshape(means(setup, asked, seeds), (len(sets), len(recipes)))
    return Longer(losses, float(np.mean(np.equal(best, steps))))


def ranking(found: Judged, trials: Sequence[int], longer: Longer | None = None) -> tuple[Part, Part]:
    """How often Adam is best, and how it ranks, with the fewest and the most rates tried, and trained longer."""
    usual, most = min(trials), max(trials)
    tried = f"{most} rates tried"
    losses, known = {"usual rates": found.losses[usual]}, {"usual rates": ""}
    cells = len(found.names) * len(found.labels)
    at_ends = [chosen("share of rates that are at an end of their grid", found.at_end, cells)]
    if longer is not None:
        losses[LONGER], known[LONGER] = longer.losses, doubt(longer.at_limit <= MOST_AT_END, "number of updates")
        at_ends.append(chosen("share of numbers of updates that are at their limit", longer.at_limit, cells))
    losses[tried], known[tried] = found.losses[most], doubt(found.at_end <= MOST_AT_END)
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
            tuple(at_ends),
        ),
        Part(
            "over data sets Adam ranks ahead of all four other optimizers",
            tuple(above(one, 0.0, said, doubt=known[said]) for (_, said), one in ahead.items()),
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


def on_images_with_enough(
    setup: Setup, network: Recipe, trials: int, learn: Sequence[int], first: int, most: int
) -> Part:
    """As `on_images`, with more and more seeds until intervals are narrow against their bound."""
    return seeds_enough(
        lambda few: on_images(setup, network, trials, learn, range(JUDGING_IMAGES, JUDGING_IMAGES + len(few))),
        lambda part: part.half_width <= SUFFICES / 2,
        first,
        most,
    )


def on_images(setup: Setup, network: Recipe, trials: int, learn: Sequence[int], seeds: Sequence[int]) -> Part:
    """Momentum and RMSProp against Adam on nearly all images, each at the best of so many rates."""
    choosing, judging = choosing_and_judging(setup.data, None)
    network = network.evolve(inputs=BOOK["F-6-9"].runs(judging)[0].recipe.inputs)
    recipes = {
        (label, rate): network.evolve(optimizer=OPTIMIZERS[label], learning_rate=rate)
        for label in (ADAM, "momentum", "RMSProp")
        for rate in rates_of(OPTIMIZERS[label], trials)
    }
    costs = means(setup, [(choosing, one) for one in recipes.values()], learn)
    by_label: dict[str, dict[float, Float[np.ndarray, " 1"]]] = {}
    for (label, rate), cost in zip(recipes, costs, strict=True):
        by_label.setdefault(label, {})[rate] = np.array([cost])
    best = {label: best_rate(own) for label, own in by_label.items()}
    runs = trained(setup, [(judging, recipes[label, rate]) for label, (rate, _) in best.items()], seeds)
    found = {label: final(own, "accuracy/validation", diverged=0.0) for label, own in zip(best, runs, strict=True)}
    passed = "one pass over nearly all images" if network.steps is None else f"{network.steps} updates"
    return suffice(f"{setup.data.title} after {passed}", found, best)


def suffice(
    where: str, accuracies: Mapping[str, Float[np.ndarray, " S"]], best: Mapping[str, tuple[float, str]]
) -> Part:
    """Whether each of the others comes near enough to Adam; of each the rate that was chosen, and a doubt on it."""
    return Part(
        f"on {where} momentum and RMSProp each suffice: the accuracy on other images is at most half a point below "
        "Adam's",
        tuple(
            above(
                paired_difference(f"accuracy minus Adam's, share, {label}", own, accuracies[ADAM]),
                -SUFFICES,
                label,
                doubt=best[label][1] or best[ADAM][1],
            )
            for label, own in accuracies.items()
            if label != ADAM
        ),
        tuple(
            one
            for label, own in accuracies.items()
            for one in (
                measured(f"accuracy on other images, share, {label}", mean_interval(own)),
                chosen(f"best rate, {label}", best[label][0]),
            )
        ),
    )
