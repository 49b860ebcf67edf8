"""C-16: how long optimizers stay near a saddle."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape import CriticalPoint, Surface, descend, own_surface
from trainwell.lecture.experiment import Chart, Criterion, Measured, Part, above, below, curve
from trainwell.lecture.measuring import Fields, grid, median, paired_ratio, rates, tuned_settings
from trainwell.lecture.statements.statement import Design, Setup, Statement

CONDITION = 20.0  # the bowl's
FRICTION = 0.9  # the lecture's ρ
OFFSETS = (1e-8, 1e-6, 1e-4, 1e-2)
"""Distances from the ridge, beside which descent runs into the saddle."""
AWAY = 0.5  # the minima are at 1
STEPS = 1_000


DESIGN = Design(
    varied="the optimizer; the starting distance from the saddle's ridge",
    fixed="a loss of condition number 20 with one saddle between two minima; exact gradients; rates up to 1.9 (plain "
    "descent is stable below 2), tuned for the fewest updates to a minimum, from other starts nearest the ridge",
    measured="the smallest gradient on the way; updates until the saddle is passed for good",
    criterion="the gradient falls below a hundredth of the first, and at more than half of the updates it is at most a "
    "tenth; descents that start nearer the ridge take longer, twice as long from a millionth of the distance; momentum "
    "takes fewer updates than plain descent, both tuned, and less than a fifth at the same low rate",
    conditions="four distances from the ridge, 1e-8 to 1e-2",
    precision="200 starts at each distance; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-16."""
    count, tried = setup.of((200, 12), (50, 6))
    made = saddle_between_minima()
    grids = {
        "sgd": grid("sgd", learning_rate=rates(0.02, 1.9, tried)),
        "momentum": grid("momentum", learning_rate=rates(0.02, 1.9, tried), momentum=[FRICTION]),
        "adam": grid("adam", learning_rate=rates(0.002, 0.5, tried)),
    }
    tuned, _ = tuned_settings(made, grids, _starts(OFFSETS[0], count, seed=1), STEPS, tolerance=1e-5)
    rate = tuned["sgd"]["learning_rate"]
    slow = {
        "sgd, low rate": {"optimizer": "sgd", "learning_rate": rate / 20},
        "momentum, the same low rate": _momentum(rate / 20),
        "momentum, the same rate of progress": _momentum(rate / 20 * (1 - FRICTION)),
    }
    costs = updates_to_pass(made, tuned, count, 1_000) | updates_to_pass(made, slow, count, 5_000)
    return (_small_gradient(made, tuned["sgd"], count), *passing(costs))


STATEMENT = Statement(
    "C-16",
    DESIGN,
    "If a loss stays flat early and then falls, a saddle is a likely reason: momentum or Adam passes it sooner; a "
    "higher learning rate helps as well.",
    examined,
)


def saddle_between_minima() -> Surface:
    """½x² + (y⁴/4 − y²/2)/κ: a saddle at 0, with minima at (0, ±1), which limit the stable learning rates."""
    origin = CriticalPoint(np.zeros(2), 0.0, "saddle")
    ends = [CriticalPoint(np.array([0.0, y]), -0.25 / CONDITION, "minimum", is_global=True) for y in (-1.0, 1.0)]
    return own_surface(_value, 2, domain=(-2, 2), critical=(origin, *ends), name="saddle between minima")


def _value(x: Float[Array, " 2"]) -> Float[Array, ""]:
    return x[0] ** 2 / 2 + (x[1] ** 4 / 4 - x[1] ** 2 / 2) / jnp.asarray(CONDITION, x.dtype)


def _starts(offset: float, count: int, seed: int = 0) -> Float[np.ndarray, "S 2"]:
    drawn = stream(seed, "saddle").uniform(0.5, 1.5, (count, 2)) * stream(seed, "sides").choice([-1, 1], (count, 2))
    return np.asarray(drawn * [1, offset])


def _momentum(rate: float) -> Fields:
    return {"optimizer": "momentum", "learning_rate": rate, "momentum": FRICTION}


def _small_gradient(made: Surface, how: Fields, count: int) -> Part:
    """The smallest gradient on the way, from beside the ridge."""
    found = descend(made, {"sgd": how}, _starts(OFFSETS[2], count), 400, paths=True)
    assert found.paths is not None
    slopes = jax.jit(jax.vmap(jax.vmap(jax.grad(made.function))))(jnp.asarray(found.paths[0]))
    sizes = np.linalg.norm(np.asarray(slopes, np.float64), axis=-1)
    before = np.arange(sizes.shape[1]) < np.argmax(abs(found.paths[0, ..., 1]) > AWAY, axis=1)[:, None]
    least = np.where(before, sizes, np.inf).min(1) / sizes[:, 0]
    smallest = median("smallest gradient before it leaves, share of the first one", least)
    waiting = median(
        "share of the updates before it leaves at a tenth of the first gradient or less",
        (before & (sizes <= sizes[:, :1] / 10)).sum(1) / before.sum(1),
    )
    return Part(
        "near the saddle the gradient falls below a hundredth of the first one, and SGD spends more than half of its "
        "updates with a tenth of it or less",
        (below(smallest, 0.01), above(waiting, 0.5)),
        (smallest, waiting),
    )


Costs: TypeAlias = dict[str, dict[float, Float[np.ndarray, " S"]]]
"""Updates until a descent has passed the saddle, by contender and distance from the ridge."""


def updates_to_pass(made: Surface, contenders: dict[str, Fields], count: int, steps: int) -> Costs:
    """Updates after which |y| stays above `AWAY`; Inf if it never does."""
    starts = np.concatenate([_starts(offset, count) for offset in OFFSETS])
    found = descend(made, contenders, starts, steps, paths=True)
    assert found.paths is not None
    inside = abs(found.paths[..., 1]) <= AWAY
    last = inside.shape[-1] - 1 - np.argmax(inside[..., ::-1], axis=-1)  # the last time it was inside
    updates = np.where(inside[..., -1], np.inf, last + 1).reshape(len(contenders), len(OFFSETS), count)
    return {label: dict(zip(OFFSETS, own, strict=True)) for label, own in zip(found.labels, updates, strict=True)}


def _everywhere(
    side: Callable[[Measured, float, str], Criterion], numbers: Sequence[Measured], bound: float
) -> tuple[Criterion, ...]:
    return tuple(side(one, bound, f"{offset:g} beside the ridge") for one, offset in zip(numbers, OFFSETS, strict=True))


def passing(costs: Costs) -> tuple[Part, ...]:
    """Momentum and Adam against SGD, by the distance from the ridge."""

    def against(ours: str, theirs: str, what: str) -> list[Measured]:
        return [
            paired_ratio(f"{what}, {offset:g} beside the ridge", costs[ours][offset], costs[theirs][offset])
            for offset in OFFSETS
        ]

    medians = {
        label: [median(f"updates, {label}, {offset:g} beside the ridge", of[offset]) for offset in of]
        for label, of in costs.items()
    }
    chart = Chart(
        "distance of the start from the ridge",
        "updates until it has passed the saddle",
        tuple(curve(label, OFFSETS, found) for label, found in medians.items()),
        log_x=True,
        log_y=True,
    )
    slower = paired_ratio(
        f"times as many updates, SGD, {OFFSETS[0]:g} against {OFFSETS[-1]:g} beside the ridge",
        costs["sgd"][OFFSETS[0]],
        costs["sgd"][OFFSETS[-1]],
    )
    tuned = against("momentum", "sgd", "momentum's updates over SGD's, both tuned")
    low = against("momentum, the same low rate", "sgd, low rate", "momentum's over SGD's at the same low rate")
    equal = against(
        "momentum, the same rate of progress", "sgd, low rate", "momentum's over SGD's at the same rate of progress"
    )
    adam = against("adam", "sgd", "Adam's updates over SGD's, both tuned")
    return (
        Part(
            "SGD is slow past the saddle: it takes at least twice as many updates from 1e-8 beside the ridge as "
            "from 1e-2",
            (above(slower, 2.0),),
            (slower, *medians["sgd"]),
            chart,
        ),
        Part(
            "with both rates tuned, momentum passes faster from every distance",
            _everywhere(below, tuned, 1.0),
            (*tuned, *medians["momentum"]),
            chart,
        ),
        Part(
            "at the same low rate momentum passes in at most a fifth of SGD's updates",
            _everywhere(below, low, 0.2),
            tuple(low),
            chart,
        ),
        Part(
            "at the same rate of progress, η/(1 − ρ), momentum is no faster past the saddle",
            _everywhere(above, equal, 0.95),
            tuple(equal),
            beyond=True,
        ),
        Part(
            "Adam, tuned, passes faster than SGD from every distance",
            _everywhere(below, adam, 1.0),
            tuple(adam),
            beyond=True,
        ),
    )
