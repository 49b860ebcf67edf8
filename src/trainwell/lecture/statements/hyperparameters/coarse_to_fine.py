"""C-32: coarse to fine against the same budget over wide ranges, and from ranges that fit or are too narrow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import optuna
from jaxtyping import Float
from optuna.distributions import FloatDistribution
from optuna.samplers import BaseSampler

from trainwell.core import stream
from trainwell.lecture.experiment import Chart, Part, above, below, curve
from trainwell.lecture.measuring import chosen, paired_difference, ratio_of_means, share
from trainwell.lecture.statements.hyperparameters.response import RATES, STDS, Response, rate_and_std
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.search import CoarseToFineSampler, quiet_optuna
from trainwell.statistics import mean_interval

ROUNDS = 3
BUDGETS = (15, 30, 60, 150)
"""Trials in three rounds."""
USUAL = 60
FITTING = 1.0
"""Decades on either side of the best point in well-chosen ranges."""
OUTSIDE = (0.0, 0.5, 1.0, 1.5)
"""Decades between the best learning rate and the end of a range that is too narrow, itself one decade wide."""
NARROW = 1.0
FALSE_BASIN = 0.2
"""Loss at the bottom of the broad basin; the global minimum, 0, is in the narrow one."""

DESIGN = Design(
    varied="how trials are drawn: in three rounds, each at random in ranges narrowed to where the good trials of the "
    "rounds before lie (the project's own coarse to fine, drawing evenly as the lecture does), or all at random over "
    "the wide ranges; the initial ranges of coarse to fine",
    fixed="number of trials; two hyperparameters, drawn evenly on a logarithmic scale",
    measured="validation accuracy of the chosen trial, of a real network trained for all points of a fine grid (400 "
    "images, two hidden layers of 32, SGD) over learning rate and initial standard deviation, five decades each: "
    "chosen by one seed, evaluated on the other nine. Also reported: the remaining loss on two made-up losses, a bowl, "
    "and a narrow deep basin beside a broad one",
    criterion="from the same wide ranges, coarse to fine finds a higher accuracy and leaves less loss than random "
    "trials (intervals of the paired difference above 0, of the ratio below 1); from a range of learning rates without "
    "the best one it finds a lower accuracy than from the wide one, the range of standard deviations being the same",
    conditions="15 to 150 trials; a loss with one basin and one that misleads; ranges that end at the best rate and "
    "half a decade, 1 and 1½ decades below it",
    precision="10 seeds of the trained networks; of each the mean over 10 searches, as one number, since searches that "
    "choose by one seed are not independent; 100 searches on each made-up loss",
    untested="other networks and data; more than two hyperparameters; a number of rounds other than three, and rounds "
    "of the about 100 trials that the lecture names",
)
Sampler: TypeAlias = Callable[[int, int], BaseSampler]
"""Of a seed and the number of trials in a round."""
Ranges: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
WIDE: Ranges = (RATES, STDS)
UNIT: Ranges = ((0.0, 1.0), (0.0, 1.0))


def coarse_to_fine(seed: int, each: int) -> BaseSampler:
    """The project's own, drawing evenly in the ranges of a round."""
    return CoarseToFineSampler(seed, trials_per_round=each, draw="uniform")


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-32."""
    searches, budgets = setup.of((100, BUDGETS), (12, BUDGETS[1:3]))
    response = rate_and_std(setup)
    starts = starting_ranges(response)
    found = {n: accuracies(response, WIDE, n, range(searches)) for n in budgets}
    by_start = {label: accuracies(response, ranges, USUAL, range(searches)) for label, ranges in starts.items()}
    return (
        accuracy_part(response, found, {n: random_accuracies(response, n, searches) for n in budgets}),
        *loss_parts(budgets, searches),
        *start_parts(by_start, found[USUAL], random_accuracies(response, USUAL, searches)),
    )


STATEMENT = Statement(
    "C-32",
    DESIGN,
    "Begin with wide ranges and narrow them in a few rounds. If the good trials pile up at an end of a range, move the "
    "range there: a search cannot find what its ranges leave out.",
    examined,
    trains=True,
)


@dataclass(frozen=True, eq=False)
class Found:
    """What searches found.

    Attributes:
        values: of the chosen trials as judged, the mean over searches of each seed.
        warned: whether each said that a range seems too narrow.
    """

    values: Float[np.ndarray, " S"]
    warned: np.ndarray


Cost: TypeAlias = Callable[[Float[np.ndarray, " 2"]], Float[np.ndarray, ""]]


def search(
    cost: Cost, ranges: Ranges, trials: int, seed: int, sampler: Sampler
) -> tuple[Float[np.ndarray, " 2"], bool]:
    """One search, of the lowest cost.

    Args:
        cost: of a place.
        ranges: low and high end of either hyperparameter.
        trials: in three rounds.
        seed: of the draws.
        sampler: how they are drawn.

    Returns:
        The chosen place, and whether the search says that a range seems too narrow.
    """
    drawn = sampler(seed, trials // ROUNDS)
    study = optuna.create_study(sampler=drawn)
    names = {name: FloatDistribution(*own) for name, own in zip(("first", "second"), ranges, strict=True)}
    for _ in range(trials):
        trial = study.ask(dict(names))
        study.tell(trial, float(cost(np.array([trial.params[name] for name in names]))))
    advice = drawn.advice(study) if isinstance(drawn, CoarseToFineSampler) else []
    return np.array([study.best_params[name] for name in names]), bool(advice)


def accuracies(
    response: Response, ranges: Ranges, trials: int, seeds: range, sampler: Sampler = coarse_to_fine
) -> Found:
    """Searches on a trained network: chosen by each of its seeds in turn, evaluated on the others."""
    values, warned = [], []
    with quiet_optuna():
        for seed in seeds:
            own = int(response.seed_of(seed))
            scores = response.chosen_by(own)
            place, advice = search(partial(_missed, response, scores), ranges, trials, seed, sampler)
            values.append(float(response.at(place, response.judged_by(own))))
            warned.append(advice)
    return Found(response.by_seed(np.array(values)), np.array(warned))


def _missed(response: Response, scores: Float[np.ndarray, "A B"], at: Float[np.ndarray, " 2"]) -> Float[np.ndarray, ""]:
    return 1 - response.at(at, scores)


def random_accuracies(response: Response, trials: int, searches: int) -> Float[np.ndarray, " S"]:
    """The same of as many trials at random over the wide ranges: of each seed the mean."""
    low, high = np.transpose(WIDE)
    found = []
    for seed in range(searches):
        points = stream(seed, "random over wide ranges", trials).uniform(low, high, (trials, 2))
        own = int(response.seed_of(seed))
        best = points[response.at(points, response.chosen_by(own)).argmax()]
        found.append(float(response.at(best, response.judged_by(own))))
    return response.by_seed(np.array(found))


def accuracy_part(response: Response, ours: Mapping[int, Found], theirs: Mapping[int, Float[np.ndarray, " S"]]) -> Part:
    """Coarse to fine against random trials over the same wide ranges, on a trained network."""
    gains = {
        n: paired_difference(f"accuracy gained by coarse to fine, {n} trials", own.values, theirs[n])
        for n, own in ours.items()
    }
    order = sorted(gains, key=lambda n: (n != USUAL, n))  # the usual budget first: its number is what tables show
    return Part(
        "on a trained network coarse to fine finds a higher accuracy than as many random trials over the same wide "
        "ranges",
        tuple(above(gains[n], 0.0, f"at {n} trials") for n in order),
        (chosen("accuracy at the best point", float(response.scores.mean(0).max())),),
        Chart(
            "trials",
            "accuracy found",
            (
                curve("coarse to fine", list(ours), [mean_interval(own.values) for own in ours.values()]),
                curve("random", list(theirs), [mean_interval(own) for own in theirs.values()]),
            ),
            log_x=True,
        ),
    )


Loss: TypeAlias = Callable[[Float[np.ndarray, " 2"], Float[np.ndarray, "... 2"]], Float[np.ndarray, "..."]]


def bowl(best: Float[np.ndarray, " 2"], points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
    """(x − a)² + (y − b)²."""
    distance: Float[np.ndarray, "..."] = np.square(points - best).sum(-1)
    return distance


def misleading(best: Float[np.ndarray, " 2"], points: Float[np.ndarray, "... 2"]) -> Float[np.ndarray, "..."]:
    """The same around the place opposite of the best, above a floor; and around the best a narrow basin down to 0."""
    opposite = (best + 0.5) % 1
    return np.asarray(np.minimum(FALSE_BASIN + bowl(opposite, points), 25 * bowl(best, points)))


LOSSES: Mapping[str, Loss] = {"one basin": bowl, "a broad basin beside the deep one": misleading}


def losses_left(
    loss: Loss, trials: int, searches: int, sampler: Sampler = coarse_to_fine
) -> tuple[Float[np.ndarray, " R"], Float[np.ndarray, " R"]]:
    """Remaining losses of coarse to fine and of random trials; the best point is drawn for each search."""
    ours, theirs = [], []
    with quiet_optuna():
        for seed in range(searches):
            best = stream(seed, "best place").random(2)
            place, _ = search(partial(loss, best), UNIT, trials, seed, sampler)
            ours.append(float(loss(best, place)))
            theirs.append(float(loss(best, stream(seed, "random trials", trials).random((trials, 2))).min()))
    return np.array(ours), np.array(theirs)


def loss_parts(budgets: tuple[int, ...], searches: int) -> list[Part]:
    """The remaining loss with one basin, and with a broad basin that misleads."""
    pairs = {label: {n: losses_left(loss, n, searches) for n in budgets} for label, loss in LOSSES.items()}
    found = {
        label: [
            ratio_of_means(f"loss left, coarse to fine over random, {label}, {n} trials", *pair)
            for n, pair in own.items()
        ]
        for label, own in pairs.items()
    }
    chart = Chart(
        "trials",
        "loss left, coarse to fine over random trials",
        tuple(curve(label, budgets, own) for label, own in found.items()),
        log_x=True,
        log_y=True,
        bound=1.0,
    )
    claims = {
        "one basin": "where the loss is a bowl, coarse to fine leaves less of it than random trials",
        "a broad basin beside the deep one": "where a broad basin lies beside a narrow, deeper one, coarse to fine "
        "leaves less loss, too",
    }
    return [
        Part(
            claims[label],
            tuple(below(one, 1.0, f"at {n} trials") for one, n in zip(own, budgets, strict=True)),
            (),
            chart,
        )
        for label, own in found.items()
    ]


def starting_ranges(response: Response) -> dict[str, Ranges]:
    """Ranges that fit; and of learning rates ranges that end at the best one or below it, all else as in the wide."""
    rate, second = response.best[0], _around(response.best[1], STDS)
    fitting: Ranges = (_around(rate, RATES), second)
    narrow = {_where(gap): ((rate - gap - NARROW, rate - gap), STDS) for gap in OUTSIDE}
    return {"fitting": fitting, **narrow}


def _where(gap: float) -> str:
    return f"{gap:g} decade{'' if gap == 1 else 's'} below it" if gap else "at the best rate"


def _around(best: float, whole: tuple[float, float]) -> tuple[float, float]:
    return max(best - FITTING, whole[0]), min(best + FITTING, whole[1])


def start_parts(by_start: Mapping[str, Found], wide: Found, random: Float[np.ndarray, " S"]) -> tuple[Part, Part, Part]:
    """What ranges to begin in do: too narrow ones miss the best, fitting ones save trials; and who notices."""
    narrow = {label: own for label, own in by_start.items() if label != "fitting"}
    lost = {
        label: paired_difference(f"accuracy minus that from wide ranges, rates end {label}", own.values, wide.values)
        for label, own in narrow.items()
    }
    gained = paired_difference(
        "accuracy gained from fitting ranges over random trials in wide ones",
        by_start["fitting"].values,
        random,
    )
    further = paired_difference("gained from fitting ranges over wide ones", by_start["fitting"].values, wide.values)
    warned = {
        label: share(f"share of searches that call a range too narrow, {where}", own.warned)
        for label, own, where in [
            ("wide", wide, "wide ranges"),
            ("fitting", by_start["fitting"], "fitting ranges"),
            *((label, own, f"rates end {label}") for label, own in narrow.items()),
        ]
    }
    gaps = list(OUTSIDE)
    chart = Chart(
        "decades between the best learning rate and the range",
        f"accuracy found with {USUAL} trials",
        (
            curve("too narrow", gaps, [mean_interval(own.values) for own in narrow.values()]),
            curve("wide", gaps, [mean_interval(wide.values)] * len(gaps)),
            curve("fitting", gaps, [mean_interval(by_start["fitting"].values)] * len(gaps)),
            curve("random over the wide ranges", gaps, [mean_interval(random)] * len(gaps)),
        ),
    )
    return (
        Part(
            "from a range of learning rates that ends at the best one or below it, coarse to fine finds less than from "
            "the wide one",
            tuple(below(one, 0.0, f"{label}") for label, one in lost.items()),
            (),
            chart,
        ),
        Part(
            "from ranges that fit, coarse to fine finds more than random trials over the wide ones",
            (above(gained, 0.0),),
            (further,),
            chart,
            beyond=True,
        ),
        Part(
            "the search itself says that a range seems too narrow in more than half of the cases in which the best "
            "rate lies half a decade or more outside",
            tuple(above(warned[label], 0.5, label) for label in list(narrow)[1:]),
            tuple(warned.values()),
            beyond=True,
        ),
    )
