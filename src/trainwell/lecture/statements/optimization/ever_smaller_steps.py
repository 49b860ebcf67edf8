"""C-21: AdaGrad's steps shrink: for how long, where it stalls because of that, and whether RMSProp does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape import Surface, descend, own_surface
from trainwell.lecture.book import LEARNING_RATE
from trainwell.lecture.experiment import Chart, Curve, Measured, Part, above, below, curve
from trainwell.lecture.measuring import Fields, chosen, doubt, grid, median, paired_ratio, rate_within, rates, share
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.optim import Rule, adagrad, rmsprop

DECADES = (100, 1_000, 10_000, 100_000)
RULES: Mapping[str, Rule] = {"AdaGrad": adagrad(1.0), "RMSProp": rmsprop(1.0)}
CONDITION = 20.0  # of the losses, as for C-16
STEPS = 1_000
OFFSET = 1e-4  # from the saddle's ridge
NEAR, ARRIVED = 0.5, 0.01
"""Distance from a minimum on either side of the saddle, at v = ±1, and from the valley's minimum."""


@dataclass(frozen=True)
class Place:
    """A loss: ½u² + wall · ½ max(u − 1, 0)² + (saddle: v⁴/4 − v²/2, valley: v²/2)/κ, with axes u, v.

    Attributes:
        kind: `saddle`, between two minima, or `valley`, with one.
        wall: how much steeper than the valley it is where descents begin, at u from 1.5 to 2.
        angle: between the axes of the loss and those of the parameters, in degrees.
    """

    kind: str
    wall: float = 0.0
    angle: float = 45.0

    def __str__(self) -> str:
        wall = f"wall {self.wall:g} times as steep" if self.wall else "no wall"
        return wall if self.angle == 45 else f"{wall}, turned by {self.angle:g}°"


WALLS = (1_000.0, 100.0, 10.0, 0.0)
VALLEYS = tuple(Place("valley", wall) for wall in WALLS)
SADDLES = (*(Place("saddle", wall) for wall in WALLS), Place("saddle", angle=15.0), Place("saddle", angle=0.0))
GIVEN, TUNED = f"rate {LEARNING_RATE:g}", "rates tuned"


DESIGN = Design(
    varied="AdaGrad or RMSProp; gradients of constant size (noise), or that decay as at a minimum; in a valley and "
    "before a saddle, the steepness of the wall on which descents begin, since AdaGrad accumulates its gradients; the "
    "rotation of a saddle's axes",
    fixed="both losses have condition number 20 below the wall and are turned by 45°, so that both parameters feel the "
    "steep axis; exact gradients; starts; ε = 1e-7, ρ = 0.9; 1,000 updates",
    measured="the rate per unit of gradient, η/(√h + ε), over time; updates until a descent stays within 0.01 of "
    "the valley's minimum, or has passed the saddle: until it stays within 0.5 of one of the two minima",
    criterion="AdaGrad's rate is at least halved by ten times as many updates (in theory a factor of √10 for gradients "
    "of constant size), from 100 updates to 100,000; RMSProp's is not. AdaGrad can stall: it needs at least twice "
    "RMSProp's updates, or never arrives. RMSProp repairs that: it arrives from 9 in 10 starts, everywhere. Half, "
    "twice and 9 in 10 are judgement calls",
    conditions="constant and decaying gradients; walls up to 1,000 times as steep; saddles turned by 0° to 45°; all at "
    "the book's learning rate for both, 0.01, and with both rates tuned for each loss on other starts with the same "
    "number of trials",
    precision="200 gradients, 200 starts at each loss; medians with order-statistic intervals",
    untested="losses of networks",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-21."""
    count, last = setup.of((200, DECADES), (40, DECADES[:3]))
    starts, tried, others = setup.of((200, 16, 50), (40, 8, 16))
    places = setup.of((*VALLEYS, *SADDLES), (*VALLEYS[1::2], *SADDLES[1:4:2]))
    grids = {
        "AdaGrad": grid("adagrad", learning_rate=rates(0.01, 1e5, tried)),
        "RMSProp": grid("rmsprop", learning_rate=rates(1e-4, 10, tried), rho=[0.9]),
    }
    drawn = gradients(count, last[-1])
    parts = [*shrinking({kind: rates_over_time(RULES, g) for kind, g in drawn.items()}, last)]
    found = {place: _compared(place, grids, starts, others) for place in places}
    for kind in ("valley", "saddle"):
        own = {place: one for place, one in found.items() if place.kind == kind}
        parts += [stalling(kind, when, own) for when in (GIVEN, TUNED)]
    return (*parts, repaired(found))


STATEMENT = Statement(
    "C-21",
    DESIGN,
    "If AdaGrad gets slow, raise its learning rate, or use RMSProp or Adam, which forget early gradients. If gradients "
    "decay to zero, AdaGrad settles by itself; RMSProp then needs a decreasing learning rate.",
    examined,
)


def gradients(count: int, steps: int) -> dict[str, Float[np.ndarray, "T S"]]:
    """Gradients over time: noise, and ones that lose a tenth of a percent at each update."""
    noise = stream(0, "gradients that stay").standard_normal((steps, count), np.float32)
    first = 10.0 ** stream(0, "gradients that die out").uniform(-1, 1, count)
    dying = first * np.maximum(0.999 ** np.arange(steps)[:, None], 1e-12)
    return {"gradients that do not die out": noise, "gradients that die out": dying.astype(np.float32)}


Rates: TypeAlias = Mapping[str, Float[np.ndarray, "T S"]]
"""Optimizer -> step per unit of gradient, over η."""


Table: TypeAlias = Mapping[str, Float[np.ndarray, " S"]]
"""By optimizer, updates from every start."""


def rates_over_time(rules: Mapping[str, Rule], g: Float[np.ndarray, "T S"]) -> Rates:
    """Step per unit of gradient after each update, over η."""

    def of(rule: Rule) -> Float[np.ndarray, "T S"]:
        def one(state: Any, now: Float[Array, " S"]) -> tuple[Any, Float[Array, " S"]]:
            _, state = rule.update(now, state)
            return state, 1 / (jnp.sqrt(state.second) + 1e-7)

        return np.asarray(jax.jit(lambda g: jax.lax.scan(one, rule.init(g[0]), g))(jnp.asarray(g))[1], np.float64)

    return {label: of(rule) for label, rule in rules.items()}


def shrinking(found: Mapping[str, Rates], decades: Sequence[int]) -> tuple[Part, Part]:
    """Whether rates shrink by half with ten times as many updates, however many there were before."""

    def over(label: str) -> dict[str, list[Measured]]:
        return {
            kind: [
                paired_ratio(
                    f"{label}'s rate after {late:,} updates over after {early:,}, {kind}", own[late - 1], own[early - 1]
                )
                for early, late in pairwise(decades)
            ]
            for kind, by_label in found.items()
            for own in [by_label[label]]
        }

    shown = np.unique(np.geomspace(1, decades[-1], 25).round().astype(int))
    chart = Chart(
        "update",
        "step per gradient, over the learning rate",
        tuple(
            curve(f"{label}, {kind}", shown, [median("", own[t - 1]) for t in shown])
            for kind, by_label in found.items()
            for label, own in by_label.items()
        ),
        log_x=True,
        log_y=True,
    )
    return (
        Part(
            "AdaGrad's steps per unit of gradient shrink for ever: ten times as many updates at least halve them",
            tuple(below(one, 0.5, f"with {kind}") for kind, own in over("AdaGrad").items() for one in own),
            (),
            chart,
        ),
        Part(
            "RMSProp's steps per unit of gradient do not: more than half is left after ten times as many updates",
            tuple(above(one, 0.5, f"with {kind}") for kind, own in over("RMSProp").items() for one in own),
        ),
    )


def _value(x: Float[Array, " 5"]) -> Float[Array, ""]:
    """All `Place`s as one surface: the last three coordinates select one, and do not move."""
    angle, saddle, wall = jax.lax.stop_gradient(x[2:])
    u, v = jnp.cos(angle) * x[0] + jnp.sin(angle) * x[1], jnp.cos(angle) * x[1] - jnp.sin(angle) * x[0]
    flat = saddle * (v**4 / 4 - v**2 / 2) + (1 - saddle) * v**2 / 2
    beyond = jnp.where(u > 1, u - 1, 0)
    return jnp.asarray(u**2 / 2 + wall / 2 * beyond**2 + flat / CONDITION)


@cache
def _surface() -> Surface:
    """Made on first use, since making it takes time."""
    return own_surface(_value, 5, domain=(-20_000, 20_000), start=np.zeros(5), name="saddles and valleys")


def _starts(place: Place, count: int, seed: int) -> Float[np.ndarray, "S 5"]:
    u = stream(seed, "along the steep axis").uniform(1.5, 2.0, count)
    size = OFFSET if place.kind == "saddle" else 1.0
    v = (
        size
        * stream(seed, "sides").choice([-1.0, 1.0], count)
        * stream(seed, "along the flat").uniform(0.5, 1.5, count)
    )
    angle = np.deg2rad(place.angle)
    x, y = np.cos(angle) * u - np.sin(angle) * v, np.sin(angle) * u + np.cos(angle) * v
    which = [np.full(count, one) for one in (angle, float(place.kind == "saddle"), place.wall)]
    return np.stack([x, y, *which], axis=1)


def _updates(place: Place, paths: Float[np.ndarray, "C S T+1 5"]) -> Float[np.ndarray, "C S"]:
    """Updates until a descent stays near a minimum; Inf where it does not."""
    x, y, angle = paths[..., 0], paths[..., 1], np.deg2rad(place.angle)
    u, v = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
    there = np.hypot(u, abs(v) - 1) < NEAR if place.kind == "saddle" else np.hypot(u, v) < ARRIVED
    last = there.shape[-1] - 1 - np.argmax(~there[..., ::-1], axis=-1)
    return np.where(there[..., -1], last + 1, np.inf)


def updates_at(place: Place, contenders: Mapping[str, Fields], count: int, seed: int = 0) -> Table:
    """Updates of each contender from every start; Inf where it never reaches the minimum."""
    found = descend(_surface(), contenders, _starts(place, count, seed), STEPS, paths=True)
    assert found.paths is not None
    return dict(zip(found.labels, _updates(place, found.paths), strict=True))


class Compared(NamedTuple):
    """At one place: updates, by rate and optimizer; rates chosen, whether within their grids; updates over rates."""

    updates: Mapping[str, Table]
    chosen: Mapping[str, float]
    within: bool
    tried: Mapping[str, Curve]


def _compared(place: Place, grids: Mapping[str, Sequence[Fields]], count: int, others: int) -> Compared:
    tables = {label: _tried_at(place, settings, others) for label, settings in grids.items()}
    tuned = {label: settings[_best_of(tables[label])] for label, settings in grids.items()}
    given: dict[str, Fields] = {label: {**own, "learning_rate": LEARNING_RATE} for label, own in tuned.items()}
    kinds = {GIVEN: given, TUNED: tuned}
    contenders = {f"{label}, {when}": own for when, by_label in kinds.items() for label, own in by_label.items()}
    found = updates_at(place, contenders, count)
    return Compared(
        {when: {label: found[f"{label}, {when}"] for label in grids} for when in kinds},
        {label: own["learning_rate"] for label, own in tuned.items()},
        all(rate_within(grids[label], own) for label, own in tuned.items()),
        {
            label: curve(label, [one["learning_rate"] for one in grids[label]], [median("", own) for own in table])
            for label, table in tables.items()
        },
    )


def _tried_at(place: Place, settings: Sequence[Fields], count: int) -> Float[np.ndarray, "C S"]:
    """Updates with each of the settings, from starts of their own."""
    return np.array(list(updates_at(place, {str(i): own for i, own in enumerate(settings)}, count, seed=1).values()))


def _best_of(table: Float[np.ndarray, "C S"]) -> int:
    """The one with the lowest median number of updates; then the one that arrives more often."""
    middle = np.sort(table, axis=1)[:, table.shape[1] // 2]
    return int(np.lexsort((-np.isfinite(table).sum(1), middle))[0])


def stalling(kind: str, when: str, found: Mapping[Place, Compared]) -> Part:
    """AdaGrad's updates over RMSProp's in valleys or at saddles."""
    tables = {place: one.updates[when] for place, one in found.items()}
    criteria = tuple(
        above(
            paired_ratio(
                f"AdaGrad's updates over RMSProp's, {kind}, {place}, {when}", own["AdaGrad"], own["RMSProp"], STEPS
            ),
            2.0,
            str(place),
            doubt=doubt(when == GIVEN or found[place].within),
        )
        for place, own in tables.items()
    )
    known = [
        median(f"updates, {label}, {kind}, {place}, {when}", own)
        for place, t in tables.items()
        for label, own in t.items()
    ]
    if when == TUNED:
        known += [
            chosen(f"rate, {label}, {kind}, {place}", rate)
            for place, one in found.items()
            for label, rate in one.chosen.items()
        ]
    at = "in a convex valley" if kind == "valley" else "at a saddle of a non-convex loss"
    rated = "both rates tuned" if when == TUNED else f"the learning rate {LEARNING_RATE:g} for both"
    return Part(
        f"AdaGrad stalls {at} with {rated}: it takes at least twice RMSProp's updates, or never arrives",
        criteria,
        tuple(known),
        _against_walls(kind, tables) if when == TUNED else _against_rates(kind, found),
    )


def _against_rates(kind: str, found: Mapping[Place, Compared]) -> Chart:
    (place,) = (place for place in found if place == Place(kind))
    curves = tuple(found[place].tried.values())
    return Chart("learning rate", f"updates, {kind} (not drawn: never)", curves, log_x=True, log_y=True)


def _against_walls(kind: str, tables: Mapping[Place, Table]) -> Chart:
    turned = sorted((place for place in tables if place.angle == 45), key=lambda place: place.wall)
    curves = [
        curve(label, [1 + place.wall for place in turned], [median("", tables[place][label]) for place in turned])
        for label in RULES
    ]
    x_label = "steepness of the wall on which descents begin, over the valley's"
    return Chart(x_label, f"updates, {kind}, {TUNED}", tuple(curves), log_x=True, log_y=True)


def repaired(found: Mapping[Place, Compared]) -> Part:
    """From how many starts RMSProp arrives, with its rate tuned."""
    arrived = {
        f"{place.kind}, {place}": share(
            f"share of starts from which RMSProp arrives, {place.kind}, {place}",
            np.isfinite(one.updates[TUNED]["RMSProp"]),
        )
        for place, one in found.items()
    }
    return Part(
        "RMSProp repairs that: with its rate tuned it passes the saddle, or comes to the minimum, from 9 in 10 starts",
        tuple(above(one, 0.9, where) for where, one in arrived.items()),
    )
