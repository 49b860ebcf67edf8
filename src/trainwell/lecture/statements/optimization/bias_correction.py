"""C-22: the size of Adam's first steps with and without bias correction, and the effect on training."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.data import Dataset
from trainwell.lecture.book import ADAM_LEARNING_RATE, BETA1, BETA2, BOOK
from trainwell.lecture.experiment import Chart, Curve, Part, above, below, curve
from trainwell.lecture.measuring import chosen, doubt, final, median, over_time, paired_difference
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.optim import Rule, adam, adam_uncorrected
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, Runs

MEMORIES = (BETA2, 0.9, 0.99, 0.9999)
"""β2, the book's first."""
FIRST = 10  # steps that count as the first ones
WATCHED = 30_000  # until those of the longest memory have their size
WRONG, RIGHT = 1.5, 1.05
NOISY, LATER = 1_000, 100
"""Updates with gradients that are noise, and after how many of them steps count as later ones."""
RATE = 1e-3  # steps scale with it; nothing depends on its value
RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 10**-1.5, 6))
"""Learning rates that training is tried with, the book's among them."""
GUESSING = 2.3  # what counts for a network that diverged: a loss like that of guessing among ten
EVERY = 10  # updates between two observations


DESIGN = Design(
    varied="the bias correction of both moments, or none; β2, the decay rate of squared gradients; for training also "
    "the learning rate",
    fixed="β1 = 0.9 and ε = 1e-7, the lecture's; constant gradients, for which the right step size is known: η at "
    "every step. For training: the book's network, data and batches (F-6-9), initial weights and seeds",
    measured="the size of steps over η; the training loss",
    criterion="without the correction the first step, and the worst of the first 10, is larger or smaller than η by a "
    "factor of 1.5 at least, a judgement call, about one step of a grid of learning rates; with it all 10 are within "
    "5%. Not counted in the verdict: whether the first step is as large as later ones if gradients are pure noise; and "
    "whether the training loss is higher without the correction, at the book's learning rate and with rates tuned for "
    "both on other seeds",
    conditions="β2 from 0.9 to 0.9999, in training as well; constant gradients, and noise; for training 10, 100 and "
    "300 updates, and the rates of the grid",
    precision="100 gradients, with sizes over six orders of magnitude; 10 seeds of the network, paired",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-22."""
    steps = {
        label: {beta2: step_sizes(make(RATE, BETA1, beta2), setup.of(100, 30)) for beta2 in MEMORIES}
        for label, make in RULES.items()
    }
    noisy = {
        label: {beta2: noisy_sizes(make(RATE, BETA1, beta2), setup.of(100, 30)) for beta2 in MEMORIES}
        for label, make in RULES.items()
    }
    return (*first_steps(steps), among_noise(noisy), *training(setup))


STATEMENT = Statement(
    "C-22",
    DESIGN,
    "Keep the correction: with it the learning rate is the size of the first steps whatever β2 is. Without it, use a "
    "warm-up or a lower learning rate instead.",
    examined,
    trains=True,
)
RULES: Mapping[str, Callable[..., Rule]] = {"without correction": adam_uncorrected, "with correction": adam}
OPTIMIZERS = {"without correction": "adam_uncorrected", "with correction": "adam"}


def step_sizes(rule: Rule, count: int, steps: int = WATCHED) -> Float[np.ndarray, "T S"]:
    """Sizes of a rule's steps over η, for constant gradients."""
    drawn = 10.0 ** stream(0, "gradient sizes").uniform(-3, 3, count)
    g = jnp.asarray(drawn * stream(0, "gradient signs").choice([-1.0, 1.0], count), jnp.float32)

    def one(state: Any, _: None) -> tuple[Any, Float[Array, " S"]]:
        step, state = rule.update(g, state)
        return state, -jnp.sign(g) * step / RATE

    _, sizes = jax.jit(lambda: jax.lax.scan(one, rule.init(g), length=steps))()
    return np.asarray(sizes, np.float64)


def noisy_sizes(rule: Rule, count: int) -> Float[np.ndarray, "T S"]:
    """Sizes of a rule's steps over η, for gradients that are standard-normal noise."""
    noise = stream(0, "gradients that are noise").standard_normal((NOISY, count), np.float32)

    def one(state: Any, g: Float[Array, " S"]) -> tuple[Any, Float[Array, " S"]]:
        step, state = rule.update(g, state)
        return state, abs(step) / RATE

    _, sizes = jax.jit(lambda g: jax.lax.scan(one, rule.init(g[0]), g))(jnp.asarray(noise))
    return np.asarray(sizes, np.float64)


def misfit(sizes: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """How many times too large or too small steps are; Inf where they go the wrong way."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(sizes > 0, np.maximum(sizes, 1 / abs(sizes)), np.inf))


Sizes: TypeAlias = Mapping[str, Mapping[float, Float[np.ndarray, "T S"]]]
"""By contender and β2."""


def first_steps(steps: Sizes) -> tuple[Part, ...]:
    """Errors of the first steps, and how long they last."""
    wrong, right = steps["without correction"], steps["with correction"]
    one, worst = (
        {
            beta2: median(f"{what}, times too large or too small, β2 {beta2:g}, no correction", misfit(own[:n]).max(0))
            for beta2, own in wrong.items()
        }
        for what, n in (("first step", 1), (f"worst of the first {FIRST} steps", FIRST))
    )
    repaired = {
        beta2: median(f"worst of the first {FIRST} steps, times, β2 {beta2:g}, corrected", misfit(own[:FIRST]).max(0))
        for beta2, own in right.items()
    }
    signed = [median(f"first step over η, β2 {beta2:g}, no correction", own[0]) for beta2, own in wrong.items()]
    late = [
        median(f"updates until steps are within 10% of η, β2 {beta2:g}, no correction", _settled(own))
        for beta2, own in wrong.items()
    ]
    return (
        Part(
            "without the correction Adam's first step has the wrong size, by a factor of 1.5 at least",
            tuple(above(number, WRONG, f"at β2 {beta2:g}") for beta2, number in one.items()),
            tuple(signed),
            _chart(steps),
        ),
        Part(
            f"without the correction the worst of the first {FIRST} steps is wrong by a factor of 1.5 at least",
            tuple(above(number, WRONG, f"at β2 {beta2:g}") for beta2, number in worst.items()),
            tuple(late),
        ),
        Part(
            f"the correction repairs that: each of the first {FIRST} steps is within 5% of its right size",
            tuple(below(number, RIGHT, f"at β2 {beta2:g}") for beta2, number in repaired.items()),
        ),
    )


def among_noise(noisy: Sizes) -> Part:
    """Whether first steps are as large as later ones are with the correction, where gradients are noise.

    Later steps average many gradients, whose noise cancels out: they are smaller, by √((1−β1)/(1+β1)). The first step
    has a single gradient.
    """
    later = {beta2: np.sqrt(np.mean(own[LATER:] ** 2, axis=0)) for beta2, own in noisy["with correction"].items()}
    without, corrected = (
        {
            beta2: median(
                f"first step over later ones, gradients of noise, β2 {beta2:g}, {label}", own[0] / later[beta2]
            )
            for beta2, own in noisy[label].items()
        }
        for label in RULES
    )
    return Part(
        "where gradients are pure noise, too, the first step with the correction is no larger than 1.5 times "
        "what steps are later, in root mean squares",
        tuple(below(number, WRONG, f"at β2 {beta2:g}") for beta2, number in corrected.items()),
        tuple(without.values()),
        beyond=True,
    )


def _settled(sizes: Float[np.ndarray, "T S"]) -> Float[np.ndarray, " S"]:
    """Updates after which steps are within 10% of η to the end; Inf where they are not."""
    off = misfit(sizes) > 1.1
    last = len(off) - np.argmax(off[::-1], axis=0)
    return np.where(off[-1], np.inf, np.where(off.any(0), last, 0))


def _chart(steps: Sizes) -> Chart:
    shown = np.unique(np.geomspace(1, len(steps["with correction"][BETA2]), 25).round().astype(int))
    curves = [
        curve(f"{label}, β2 {beta2:g}", shown, [median("", own[t - 1]) for t in shown])
        for label, by_memory in steps.items()
        for beta2, own in sorted(by_memory.items())
        if label == "without correction" or beta2 == BETA2
    ]
    return Chart("update", "size of the step over η", tuple(curves), log_x=True, log_y=True, bound=1.0)


def training(setup: Setup) -> tuple[Part, ...]:
    """The book's network with and without the correction: at the book's rate, and at rates chosen on other seeds."""
    steps, seeds, others, tried = setup.of((300, 10, 4, RATES), (100, 3, 2, RATES[1:]))
    dataset = setup.data.part(None, "none")
    recipes = of_the_book(dataset, steps)
    by_rate = setup.train_each(
        dataset,
        {f"{label} {rate:g}": recipes[label].evolve(learning_rate=rate) for label in recipes for rate in tried},
        range(100, 100 + others),
    )
    losses = {
        label: [final(by_rate[f"{label} {rate:g}"], LOSS, diverged=np.inf) for rate in tried] for label in recipes
    }
    best = {label: tried[int(np.argmin([np.median(own) for own in losses[label]]))] for label in recipes}
    asked = {
        f"{label}, {when}": recipe.evolve(learning_rate=rate, beta2=beta2)
        for label, recipe in recipes.items()
        for when, rate, beta2 in (
            ("tuned", best[label], BETA2),
            *((f"β2 {beta2:g}", ADAM_LEARNING_RATE, beta2) for beta2 in MEMORIES),
        )
    }
    judged = setup.train_each(dataset, asked, range(seeds))

    def of(when: str) -> dict[str, list[Runs]]:
        return {label: judged[f"{label}, {when}"] for label in recipes}

    inside = all(min(tried) < rate < max(tried) for rate in best.values())
    curves = [curve(label, tried, [mean_interval(own) for own in losses[label]]) for label in recipes]
    return (
        at_one_rate(of(f"β2 {BETA2:g}"), [one for one in (EVERY, 100, 300) if one <= steps]),
        by_memory({beta2: of(f"β2 {beta2:g}") for beta2 in sorted(MEMORIES)}, steps),
        tuned(of("tuned"), best, curves, steps, within=inside),
    )


LOSS = "loss/training"


def of_the_book(dataset: Dataset, steps: int) -> dict[str, Recipe]:
    """The book's network and Adam, with and without the correction."""
    books = next(run.recipe for run in BOOK["F-6-9"].runs(dataset) if run.label == "Adam")
    watched = books.evolve(
        steps=steps, observe_first=EVERY, observe_every=EVERY, observe_batch=False, observe_training=1000
    )
    return {label: watched.evolve(optimizer=name) for label, name in OPTIMIZERS.items()}


def at_one_rate(found: Mapping[str, Sequence[Runs]], after: Sequence[int]) -> Part:
    """The loss without the correction minus that with it, over time."""
    both = [over_time(found[label], LOSS) for label in OPTIMIZERS]
    times = EVERY * np.arange(1, both[0].shape[1] + 1)
    numbers = {
        t: paired_difference(
            f"loss without correction minus with it, {t} updates, η {ADAM_LEARNING_RATE:g}",
            *(own[:, times == t][:, 0] for own in both),
        )
        for t in after
    }
    return Part(
        "on the book's network, at the book's learning rate, the training loss is higher without the correction",
        tuple(above(number, 0.0, f"after {t} updates") for t, number in numbers.items()),
        (),
        Chart(
            "updates",
            "training loss",
            tuple(
                curve(label, times, [mean_interval(row) for row in over_time(own, LOSS).T])
                for label, own in found.items()
            ),
            log_y=True,
        ),
        beyond=True,
    )


def by_memory(found: Mapping[float, Mapping[str, Sequence[Runs]]], steps: int) -> Part:
    """The loss at the book's rate, against β2."""
    losses = {
        label: {beta2: final(own[label], LOSS, diverged=GUESSING) for beta2, own in found.items()}
        for label in OPTIMIZERS
    }
    without, corrected = losses.values()
    numbers = {
        beta2: paired_difference(
            f"loss without correction minus with it, {steps} updates, β2 {beta2:g}", without[beta2], corrected[beta2]
        )
        for beta2 in found
    }
    memory = [1 / (1 - beta2) for beta2 in found]
    curves = [curve(label, memory, [mean_interval(one) for one in own.values()]) for label, own in losses.items()]
    return Part(
        f"at the book's learning rate it is higher without the correction at every β2, after {steps} updates",
        tuple(above(number, 0.0, f"at β2 {beta2:g}") for beta2, number in numbers.items()),
        (),
        Chart("updates that β2 remembers, 1/(1 − β2)", "training loss", tuple(curves), log_x=True, log_y=True),
        beyond=True,
    )


def tuned(
    found: Mapping[str, Sequence[Runs]], best: Mapping[str, float], curves: Sequence[Curve], steps: int, *, within: bool
) -> Part:
    """The same with the best learning rate of each."""
    losses = [final(found[label], LOSS, diverged=GUESSING) for label in OPTIMIZERS]
    number = paired_difference(f"loss without correction minus with it, {steps} updates, rates tuned", *losses)
    return Part(
        f"with the learning rate tuned for each it is higher without the correction, after {steps} updates",
        (above(number, 0.0, doubt=doubt(within)),),
        tuple(chosen(f"rate chosen, {label}", rate) for label, rate in best.items()),
        Chart("learning rate", f"training loss after {steps} updates", tuple(curves), log_x=True, log_y=True),
        beyond=True,
    )
