"""C-36: momentum across the steep axis and along the flat one."""

import numpy as np
from jaxtyping import Float

from trainwell.landscape import Descents, Surface, descend, surface
from trainwell.lecture.experiment import Chart, Part, above, below
from trainwell.lecture.measuring import (
    Fields,
    along,
    chosen,
    doubt,
    grid,
    median,
    median_curve,
    paired_ratio,
    rates,
    tuned_settings,
    updates_to_converge,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import first_reached

LECTURE: dict[str, Fields] = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
}
UPDATES = 29  # the figures' 30 points
FRICTIONS = (0.5, 0.7, 0.8, 0.9, 0.95)
WHEN = "on the bowl, at the lecture's rates and from every start alike,"
STEEP, FLAT = 0, 1  # the bowl's principal axes


DESIGN = Design(
    varied="plain descent or momentum, at the lecture's settings, both tuned, and at one rate",
    fixed="the bowl x²/20 + y², the starts, exact gradients",
    measured="turns and swings across the steep axis; updates to a tenth of the distance along the flat one",
    criterion="at the lecture's rates at most a quarter of the turns, half of the swings, and fewer updates along "
    "the flat axis; tuned, fewer updates and fewer turns",
    conditions="the lecture's rates, tuned rates and frictions, equal rates",
    precision="1,000 starts; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-36."""
    count, tried, frictions = setup.of((1000, 24, FRICTIONS), (200, 12, FRICTIONS[1::2]))
    made = surface("bowl")
    starts, learn = made.random_starts(count), made.random_starts(count // 5, seed=1)
    grids = {
        "SGD": grid("sgd", learning_rate=rates(0.3, 0.99, tried * len(frictions))),
        "momentum": grid("momentum_step", learning_rate=rates(0.02, 1.9, tried), momentum=frictions),
    }
    tuned, within = tuned_settings(made, grids, learn, 600)
    same_rate = {"SGD": {**LECTURE["SGD"], "learning_rate": 0.1}, "momentum": LECTURE["momentum"]}
    at_lecture, at_tuned, at_same = (
        descend(made, contenders, starts, UPDATES, paths=True) for contenders in (LECTURE, tuned, same_rate)
    )
    return (
        turning(WHEN, at_lecture),
        _swings(WHEN, at_lecture),
        _along(WHEN, at_lecture),
        _tuned(made, tuned, starts, at_tuned, within),
        _same_rate(at_same),
    )


STATEMENT = Statement(
    "C-36",
    DESIGN,
    "If a path zigzags, lower the learning rate and add momentum 0.9: it averages over the steep direction and is ten "
    "times faster along the flat one.",
    examined,
)


def _left(found: Descents, axis: int) -> Float[np.ndarray, "C S T+1"]:
    """Distance from the minimum along an axis, as a share of the first."""
    places = abs(along(found, axis))
    return np.asarray(places / places[..., :1])


def turning(when: str, found: Descents) -> Part:
    """How often both turn across the steep axis."""
    turns = [
        median(f"turns across the steep axis in {UPDATES} updates, {label}", found.turns[i, :, STEEP])
        for i, label in enumerate(found.labels)
    ]
    ratio = paired_ratio("momentum's turns over SGD's", found.turns[1, :, STEEP], found.turns[0, :, STEEP])
    return Part(
        f"{when} momentum turns across the steep axis at most a quarter as often as SGD",
        (below(ratio, 0.25),),
        (ratio, *turns),
    )


def _swings(when: str, found: Descents) -> Part:
    way = abs(np.diff(along(found, STEEP))).sum(-1)
    ratio = paired_ratio("momentum's way across the steep axis over SGD's", way[1], way[0])
    left = _left(found, STEEP)
    return Part(
        f"{when} momentum travels less than half as far across the steep axis",
        (below(ratio, 0.5),),
        (ratio,),
        Chart(
            "updates",
            "distance from the minimum across the steep axis, share of the first",
            tuple(median_curve(label, range(UPDATES + 1), own) for label, own in zip(found.labels, left, strict=True)),
            log_y=True,
        ),
    )


def _along(when: str, found: Descents) -> Part:
    left = _left(found, FLAT)
    half = [first_reached(own, np.arange(UPDATES + 1), 0.1, larger_is_better=False) for own in left]
    ratio = paired_ratio("momentum's updates over SGD's", half[1], half[0], UPDATES)
    numbers = [
        median(f"updates to a tenth of the distance along the flat axis, {label}", half[i])
        for i, label in enumerate(found.labels)
    ]
    return Part(
        f"{when} momentum is faster along the flat axis: to a tenth of the distance in fewer updates",
        (below(ratio, 1.0),),
        (ratio, *numbers),
        Chart(
            "updates",
            "distance from the minimum along the flat axis, share of the first",
            tuple(median_curve(label, range(UPDATES + 1), own) for label, own in zip(found.labels, left, strict=True)),
            log_y=True,
        ),
    )


def _tuned(
    made: Surface, tuned: dict[str, Fields], starts: Float[np.ndarray, "S 2"], begun: Descents, within: bool
) -> Part:
    found = descend(made, tuned, starts, 600)
    updates = updates_to_converge(found)
    ratio = paired_ratio("momentum's updates to the minimum over SGD's", updates[1], updates[0], 600)
    turns = paired_ratio(
        "momentum's turns across the steep axis over SGD's", begun.turns[1, :, STEEP], begun.turns[0, :, STEEP]
    )
    numbers = [chosen(f"rate chosen, {label}", fields["learning_rate"]) for label, fields in tuned.items()]
    friction = chosen("friction chosen, momentum", tuned["momentum"]["momentum"])
    return Part(
        "on the bowl, with rates and friction tuned among as many settings, momentum needs fewer updates to the "
        f"minimum, and turns less often in the first {UPDATES} updates",
        (below(ratio, 1.0, doubt=doubt(within)), below(turns, 1.0, doubt=doubt(within))),
        (ratio, turns, *numbers, friction),
    )


def _same_rate(found: Descents) -> Part:
    turns = [
        median(f"turns across the steep axis, {label}, rate 0.1", found.turns[i, :, STEEP])
        for i, label in enumerate(found.labels)
    ]
    return Part(
        "on the bowl, at the same low rate, it is momentum that swings across the steep axis, and SGD does not turn "
        "at all",
        (below(turns[0], 0.5), above(turns[1], 1.0)),
        tuple(turns),
        beyond=True,
    )
