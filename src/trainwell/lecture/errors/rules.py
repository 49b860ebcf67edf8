"""Errors 1, 2, 3, 9 and 10: update rules as written, beside the real ones, on the lecture's bowl."""

from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from trainwell.display import Head, Row, Table
from trainwell.landscape import LECTURE, surface
from trainwell.lecture.errors.error import WRITTEN, beside
from trainwell.lecture.figures.descents import number
from trainwell.lecture.figures.figure import Content
from trainwell.optim import AdaGrad, Adam, RMSProp, Rule, Slots, adam, adam_folded, make_schedule

EPS = 1e-7
CURVATURES = np.array([0.1, 2.0])
"""Of the bowl x²/20 + y²."""
Arrays = dict[str, Any]


class Steps(Protocol):
    """What takes steps: a rule with its state inside."""

    def update(self, params: Arrays, grads: Arrays) -> Any:
        """Change the parameters."""


class WrongRMSProp:
    """Error 1, as written: h ← h + (ρh + (1−ρ) g⊙g), so that h nearly doubles with every update."""

    def __init__(self, learning_rate: float, rho: float = 0.9) -> None:
        self.learning_rate, self.rho, self.h = learning_rate, rho, np.zeros(2)

    def update(self, params: Arrays, grads: Arrays) -> None:
        """As the listing has it."""
        g = grads["x"]
        self.h += self.rho * self.h + (1 - self.rho) * g * g
        params["x"] = params["x"] - self.learning_rate * g / (np.sqrt(self.h) + EPS)


class WrongAdaGrad:
    """Error 2, as written: θ ← θ + η g/(√h + ε), up the gradient."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate, self.h = learning_rate, np.zeros(2)

    def update(self, params: Arrays, grads: Arrays) -> None:
        """As the formula has it."""
        g = grads["x"]
        self.h += g * g
        params["x"] = params["x"] + self.learning_rate * g / (np.sqrt(self.h) + EPS)


class WrongAdam:
    """Error 3, as written: the corrected moments are computed with t = 1 for ever, and then not used.

    With `uses_corrected` the second half of the error alone: they are used, and t is still 1.
    """

    def __init__(self, learning_rate: float, *, uses_corrected: bool = False) -> None:
        self.learning_rate, self.uses_corrected = learning_rate, uses_corrected
        self.m, self.v, self.t = np.zeros(()), np.zeros(()), 1

    def update(self, params: Arrays, grads: Arrays) -> None:
        """As the listing has it."""
        g, beta1, beta2 = grads["x"], 0.9, 0.999
        self.m = beta1 * self.m + (1 - beta1) * g
        self.v = beta2 * self.v + (1 - beta2) * g * g
        m, v = self.m, self.v
        if self.uses_corrected:
            m, v = m / (1 - beta1**self.t), v / (1 - beta2**self.t)
        params["x"] = params["x"] - self.learning_rate * m / (np.sqrt(v) + EPS)


def descended(steps: Steps, updates: int) -> Float[np.ndarray, "T+1 2"]:
    """Where a rule leads on the bowl, from its start on."""
    params: Arrays = {"x": np.array(surface("bowl").start)}
    points = [params["x"]]
    for _ in range(updates):
        steps.update(params, {"x": CURVATURES * params["x"]})
        points.append(params["x"])
    return np.array(points)


def heights(points: Float[np.ndarray, "T 2"]) -> Float[np.ndarray, " T"]:
    """Of the bowl."""
    return np.asarray(0.5 * (CURVATURES * points**2).sum(1))


def steps_of(rule: Rule, gradients: Float[np.ndarray, "T N"]) -> tuple[Float[np.ndarray, "T N"], Slots]:
    """What a rule adds to N parameters for gradients that are given, and its state after each update, in float64."""
    with jax.enable_x64(True):
        given = jnp.asarray(gradients, jnp.float64)

        def one(state: Slots, gradient: Any) -> tuple[Slots, tuple[Any, Slots]]:
            update, state = rule.update(gradient, state, gradient)
            return state, (update, state)

        steps, states = jax.jit(lambda rows: lax.scan(one, rule.init(rows[0]), rows)[1])(given)
        return np.asarray(steps), jax.tree.map(np.asarray, states)


def adding_average() -> Content:
    """Error 1: how far RMSProp gets, and how its steps shrink."""
    updates, rate = 100, 0.1
    paths = {
        "right: RMSProp": descended(RMSProp(rate), updates),
        f"{WRITTEN}: += of the average": descended(WrongRMSProp(rate), updates),
        "AdaGrad, to compare": descended(AdaGrad(rate), updates),
    }
    times = np.arange(updates + 1.0)
    ends = {label: heights(path).min() for label, path in paths.items()}
    right, wrong, adagrad = ends.values()
    first, heights_shown = beside(
        1,
        "heights",
        "Height on the bowl x²/20 + y², all with a learning rate of 0.1",
        {label: (times, heights(path)) for label, path in paths.items()},
        ("updates", "height"),
        f"Within {updates} updates RMSProp comes down to {number(right, 1)}, where it jitters; as written it stays at "
        f"{wrong:.2g}, AdaGrad is at {adagrad:.2g}.",
        log_y=True,
    )
    lengths = {label: abs(np.diff(path[:, 0])) for label, path in paths.items()}
    _, wrong_steps, _ = lengths.values()
    second, steps_shown = beside(
        1,
        "steps",
        "Length of each step along x",
        {label: (times[1:], np.maximum(one, 1e-16)) for label, one in lengths.items()},
        ("updates", "length of the step"),
        f"As written steps shrink from {wrong_steps[0]:.2g} to {wrong_steps[19]:.1g} within 20 updates: all of them "
        f"together are {wrong_steps.sum():.2g} long, of the 7 that are needed.",
        log_y=True,
    )
    return Content([first, second], [*heights_shown, *steps_shown])


def adding_step() -> Content:
    """Error 2: where AdaGrad goes."""
    updates, rate = 29, LECTURE["AdaGrad"]["learning_rate"]
    right, wrong = (heights(descended(one, updates)) for one in (AdaGrad(rate), WrongAdaGrad(rate)))
    times = np.arange(updates + 1.0)
    drawing, series = beside(
        2,
        "heights",
        f"Height on the bowl x²/20 + y², learning rate {rate:g}",
        {"right: the step is subtracted": (times, right), f"{WRITTEN}: the step is added": (times, wrong)},
        ("updates", "height"),
        f"From a height of {right[0]:.3g} the right form falls to {right[-1]:.2g} in {updates} updates; as written it "
        f"climbs to {wrong[-1]:.3g}.",
        log_y=True,
    )
    return Content([drawing], series)


def uncorrected_moments() -> Content:
    """Error 3: the size of Adam's steps under a constant gradient, and where they lead on the bowl."""
    count = 3000
    constant = np.ones((count, 1))
    right = -steps_of(adam(1.0, eps=EPS), constant)[0][:, 0]
    sizes = [right, *(_constant_steps(WrongAdam(1.0, uses_corrected=used), count) for used in (False, True))]
    labels = ("right: corrected, t counted", f"{WRITTEN}: uncorrected moments", f"{WRITTEN}, corrected with t = 1")
    kept = np.unique(np.geomspace(1, count, 120).round().astype(int)) - 1
    times = np.arange(1.0, count + 1)
    first, series = beside(
        3,
        "sizes",
        "Size of each step, in learning rates, while the gradient stays the same",
        {label: (times[kept], one[kept]) for label, one in zip(labels, sizes, strict=True)},
        ("update", "step / learning rate"),
        f"The right step is one learning rate from the first update on. As written it begins at {sizes[1][0]:.3g} and "
        f"swells to {sizes[1].max():.2g}; used with t = 1 for ever, the corrected moments end at {sizes[2][-1]:.2g}.",
        log_x=True,
    )
    rate, updates = LECTURE["Adam"]["learning_rate"], 60
    rules = (Adam(rate, eps=EPS), WrongAdam(rate), WrongAdam(rate, uses_corrected=True))
    found = [heights(descended(one, updates)) for one in rules]
    second, more = beside(
        3,
        "heights",
        f"Height on the bowl x²/20 + y², learning rate {rate:g}",
        {label: (np.arange(updates + 1.0), one) for label, one in zip(labels, found, strict=True)},
        ("updates", "height"),
        f"After one update they are at {', '.join(f'{one[1]:.3g}' for one in found)}, after {updates} at "
        f"{', '.join(f'{one[-1]:.2g}' for one in found)}, in the order of the buttons.",
        log_y=True,
    )
    return Content([first, second], [*series, *more])


def _constant_steps(steps: Steps, count: int) -> Float[np.ndarray, " T"]:
    """Sizes of steps under a gradient of 1."""
    params: Arrays = {"x": np.zeros(())}
    places = [0.0]
    for _ in range(count):
        steps.update(params, {"x": np.ones(())})
        places.append(float(params["x"]))
    return -np.diff(places)


def where_eps_stands() -> Content:
    """Error 9: the first step by the size of the gradient, for three places of ε."""
    sizes = np.geomspace(1e-12, 1.0, 73)
    steps = {
        "right: outside the root, of corrected moments": -steps_of(adam(1.0, eps=EPS), sizes[None])[0][0],
        "the book's: outside the correction, too": -steps_of(adam_folded(1.0, eps=EPS), sizes[None])[0][0],
        "elsewhere: inside the root": sizes / np.sqrt(sizes**2 + EPS),
    }
    half = {label: 10 ** np.interp(0.5, one, np.log10(sizes)) for label, one in steps.items()}
    drawing, series = beside(
        9,
        "steps",
        f"Adam's first step, in learning rates, by the size of the gradient; ε = {EPS:g}",
        {label: (sizes, one) for label, one in steps.items()},
        ("size of the gradient", "step / learning rate"),
        "Half of a full step is reached from these gradients on: "
        + ", ".join(f"{one:.1e} ({label.partition(':')[0]})" for label, one in half.items())
        + ".",
        log_x=True,
    )
    at = (1.0, 1e-3, 1e-5, 1e-7)
    rows = [Row((label, *(f"{np.interp(size, sizes, one):.6g}" for size in at))) for label, one in steps.items()]
    heads = (Head("ε stands", "long"), *(Head(f"gradient {size:g}") for size in at))
    note = (
        "The optimizers adam and adam_folded are the first two; PyTorch has the first, Keras the second. Here ε is "
        "outside the root in AdaGrad and RMSProp, too: AdaGrad's first step is that of the first curve."
    )
    return Content([drawing], series, {"First step / learning rate": Table(heads, tuple(rows))}, [note])


UPDATES_PER_EPOCH = 468
"""Of 60,000 images in batches of 128."""


def no_rate_at_zero() -> Content:
    """Error 10: the rates of the first epochs, and what becomes of SGD on the bowl."""
    times = np.arange(3 * UPDATES_PER_EPOCH) / UPDATES_PER_EPOCH
    with np.errstate(divide="ignore"):
        wrong = 1 / np.sqrt(times)
    right = make_schedule("inverse_sqrt", 3)(times)
    labels = ("right: 1/√(1 + t)", f"{WRITTEN}: 1/√t")
    shown = np.unique(np.geomspace(1, len(times) - 1, 100).round().astype(int))
    first, series = beside(
        10,
        "rates",
        f"Factor on the learning rate, {UPDATES_PER_EPOCH} updates per epoch; as written from the second update on",
        dict(zip(labels, [(times[shown], one[shown]) for one in (right, wrong)], strict=True)),
        ("epochs", "factor on the learning rate"),
        f"The right factor begins at {right[0]:g}. As written it is infinite at the first update, {wrong[1]:.3g} "
        f"at the second, and 1 after one epoch.",
        log_y=True,
    )
    rate = 0.3
    found = [_descended_by(rate * one[1:], 200) for one in (right, wrong)]
    second, more = beside(
        10,
        "heights",
        f"Height of SGD on the bowl x²/20 + y², learning rate {rate:g}; the first update, without a value, is left out",
        {label: (np.arange(len(one), dtype=float), one) for label, one in zip(labels, found, strict=True)},
        ("updates", "height"),
        f"The right form falls to {found[0][-1]:.2g}. As written the first rates are far beyond 1, where the steep "
        f"direction diverges: the height climbs to {found[1].max():.1e}.",
        log_y=True,
    )
    start = surface("bowl").start
    gone = start - wrong[0] * CURVATURES * start
    note = (
        f"After the first update the parameters are {gone[0]:g} and {gone[1]:g}, from the second on NaN (infinity "
        "minus infinity)."
    )
    return Content([first, second], [*series, *more], {}, [note])


def _descended_by(rates: Float[np.ndarray, " T"], updates: int) -> Float[np.ndarray, " T+1"]:
    """Heights of plain gradient descent on the bowl with a rate for each update."""
    factors = np.cumprod(1 - rates[:updates, None] * CURVATURES, axis=0)
    return heights(surface("bowl").start * np.vstack([np.ones(2), factors]))
