"""C-24's part on full batches: L-BFGS against Adam and momentum at their best rates."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from trainwell.lecture.experiment import Chart, Measured, Part, below, curve
from trainwell.lecture.measuring import doubt, rounding
from trainwell.lecture.statements.optimization.data_sets import (
    ADAM,
    MOST_AT_END,
    OPTIMIZERS,
    Pair,
    means,
    rates_of,
    trained,
)
from trainwell.lecture.statements.statement import Setup
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

OURS, RIVALS = "L-BFGS", (ADAM, "momentum")
NETWORK = Recipe(hidden=(32,), activation="tanh", initialization="xavier", batch_size="full", observe_training=5_000)
HIGHER = 10**1.5
"""Times the usual rate, around which rates are tried in full batch, where there is no noise."""

Losses = Mapping[str, Mapping[int, Float[np.ndarray, " D"]]]
"""The training loss on every data set, a mean over seeds, by label and number of evaluations."""


def in_full_batch(setup: Setup, sets: Mapping[str, Pair], passes: int, trials: int, learn: range, seeds: range) -> Part:
    """L-BFGS against Adam and momentum at their best rates, by the training loss after as many evaluations."""
    places = [passes // 4, passes // 2, passes]
    losses: dict[str, dict[int, Float[np.ndarray, " D"]]] = {}
    doubts = {}
    ours = NETWORK.evolve(optimizer="lbfgs", steps=passes, observe_every=1)
    runs = trained(setup, [(own[0], ours) for own in sets.values()], seeds)
    losses[OURS] = {n: np.array([np.mean([loss_after(one, n) for one in own]) for own in runs]) for n in places}
    for label in RIVALS:
        tried = rates_of(OPTIMIZERS[label], trials, HIGHER)
        common = NETWORK.evolve(optimizer=OPTIMIZERS[label], steps=passes, observe_every=passes // 4)
        recipes = {rate: common.evolve(learning_rate=rate) for rate in tried}
        asked = [(own[0], one) for own in sets.values() for one in recipes.values()]
        found = means(setup, asked, learn, "loss/training")
        costs = np.maximum(np.reshape(found, (len(sets), len(tried))), rounding())
        best = [tried[int(k)] for k in np.argmin(costs, axis=1)]
        runs = trained(setup, [(own[0], recipes[r]) for own, r in zip(sets.values(), best, strict=True)], seeds)
        losses[label] = {n: np.array([np.mean([_observed(one, n) for one in own]) for own in runs]) for n in places}
        doubts[label] = doubt(_mostly_within(costs, tried))
    return lower(losses, doubts)


def lower(losses: Losses, doubts: Mapping[str, str]) -> Part:
    """The claim that L-BFGS has the lowest loss after the most evaluations; ratios at fewer are only reported."""
    *before, passes = sorted(losses[OURS])
    places = [*before, passes]
    ratios = {
        (label, n): _geometric(f"loss of L-BFGS over that of {label} after {n} evaluations", losses, label, n)
        for label in RIVALS
        for n in places
    }
    return Part(
        "in full batch L-BFGS has a lower training loss than both Adam and momentum, their rates tuned, after "
        f"{passes} evaluations of the gradient",
        tuple(below(ratios[label, passes], 1.0, doubt=doubts[label]) for label in RIVALS),
        tuple(ratios[label, n] for label in RIVALS for n in before),
        Chart(
            "evaluations of loss and gradient",
            "training loss of L-BFGS over the other's",
            tuple(curve(f"over {label}", places, [ratios[label, n] for n in places]) for label in RIVALS),
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


def _geometric(what: str, losses: Losses, label: str, n: int) -> Measured:
    """The geometric mean over data sets of L-BFGS's loss over another's; losses below rounding count as it."""
    ours, theirs = (np.log(np.maximum(losses[one][n], rounding())) for one in (OURS, label))
    logs = ours - theirs
    found = mean_interval(logs)
    mean, low, high = np.exp([found.mean, found.low, found.high]).tolist()
    return Measured(what, mean, low, high, found.n)
