"""C-15: local minima and plateaus that momentum rolls through."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from trainwell.core import stream
from trainwell.landscape import descend, surface
from trainwell.lecture.experiment import Chart, Part, above, below, curve
from trainwell.lecture.measuring import (
    Fields,
    grid,
    median,
    paired_ratio,
    rates,
    share,
    tuned_settings,
    updates_to_converge,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement

RATES = rates(0.002, 0.4, 12)  # across the valley plain descent is stable below 0.5
SAFE = 1 / 21.75
"""One over the largest curvature along the valley where descents start, at −2.5: below it none can overshoot."""
FRICTION = 0.9  # the lecture's ρ
GLOBAL, LOCAL = 0, 1  # of the double valley's critical points
KINDS: dict[str, Fields] = {
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "momentum", "momentum": FRICTION},
}
SEEDS = (0, 1)  # of the starts that are judged on, and of those that rates are chosen on


DESIGN = Design(
    varied="plain descent or momentum 0.9; the learning rate; the loss, one with a local minimum before the global "
    "one, and one with a plateau",
    fixed="the starts, exact gradients, the number of updates",
    measured="the share of starts that end in the global minimum; updates until the plateau is passed",
    criterion="plain descent ends in the local minimum from more than 19 starts in 20 at every rate up to 1/L, as it "
    "must, and reaches the global one from fewer than 1 in 20 at its best rate; momentum reaches it from more than "
    "half at its best rate. Of plain descents fewer than 1 in 20 leave the plateau within 3,000 updates, and momentum "
    "needs fewer than half of the updates. Best rates are chosen from other starts",
    conditions="all learning rates of a grid, and momentum at the same rate of progress η/(1 − ρ)",
    precision="500 starts: shares with Wilson's intervals, medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-15."""
    tried = setup.of(RATES, [RATES[i] for i in (0, 3, 6, 8, 10)])
    return (*at_the_local_minimum(500, tried, KINDS), *_plateau(500))


STATEMENT = Statement(
    "C-15",
    DESIGN,
    "Momentum passes small barriers and flat regions where plain descent stops; it may pass the best minimum as well.",
    examined,
)


def _before_the_local_minimum(count: int, seed: int) -> Float[np.ndarray, "S 2"]:
    """Starts on the slope that leads into the local minimum at −1, left of it."""
    drawn = stream(seed, "slope").uniform(0, 1, (count, 2))
    return np.asarray([-2.5, -0.8] + drawn * [1.0, 1.6])


def at_the_local_minimum(count: int, tried: list[float], kinds: Mapping[str, Fields]) -> tuple[Part, ...]:
    """The ends of SGD and momentum at every rate, from the slope before the local minimum."""
    made = surface("double_valley")
    contenders = {f"{kind} {rate:g}": {"learning_rate": rate, **more} for kind, more in kinds.items() for rate in tried}
    starts = np.concatenate([_before_the_local_minimum(count, seed) for seed in SEEDS])
    ends = descend(made, contenders, starts, 6_000).critical_indices.reshape(len(kinds), len(tried), len(SEEDS), count)
    shares = {
        kind: [
            share(f"share in the global minimum, {kind}, rate {rate:.3g}", ends[k, r, 0] == GLOBAL)
            for r, rate in enumerate(tried)
        ]
        for k, kind in enumerate(kinds)
    }
    best = {kind: shares[kind][int((ends[k, :, 1] == GLOBAL).sum(1).argmax())] for k, kind in enumerate(kinds)}
    trapped = [
        share(f"share in the local minimum, SGD, rate {rate:.3g}", ends[0, r, 0] == LOCAL)
        for r, rate in enumerate(tried)
        if rate <= SAFE
    ]
    chart = Chart(
        "learning rate",
        "share that ends in the global minimum",
        tuple(curve(kind, tried, found) for kind, found in shares.items()),
        log_x=True,
    )
    return (
        Part(
            "from the slope before the double valley's local minimum SGD ends in it, 19 times in 20 at every rate up "
            "to 1/L (below it no step can pass a minimum)",
            tuple(above(one, 0.95, f"at rate {rate:.3g}") for one, rate in zip(trapped, tried, strict=False)),
            tuple(trapped),
            chart,
        ),
        Part(
            "at its best rate momentum rolls through that local minimum to the global one more often than not",
            (above(best["momentum"], 0.5),),
            (best["momentum"], *shares["momentum"]),
            chart,
        ),
        Part(
            "SGD gets through that local minimum at most 1 time in 20, even at its best rate",
            (below(best["sgd"], 0.05),),
            (best["sgd"], *shares["sgd"]),
            chart,
        ),
        Part(
            "at a low rate momentum stops in the local minimum as well, 19 times in 20: it needs speed to roll",
            (below(shares["momentum"][0], 0.05),),
            (shares["momentum"][0],),
            beyond=True,
        ),
    )


def _on_the_plateau(count: int, seed: int) -> Float[np.ndarray, "S 2"]:
    drawn = stream(seed, "plateau").uniform(0, 1, (count, 2))
    far, angle = 6 + 4 * drawn[:, 0], 2 * np.pi * drawn[:, 1]
    return np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1)


def _plateau(count: int) -> tuple[Part, ...]:
    made, steps, tolerance = surface("plateau"), 3_000, 1e-4
    learn, judge = (_on_the_plateau(count, seed) for seed in (SEEDS[1], SEEDS[0]))
    tried = rates(0.05, 2, 12)  # plain descent is stable below 2/L = 1, momentum below 1.9
    grids = {
        "sgd": grid("sgd", learning_rate=tried),
        "momentum": grid("momentum", learning_rate=tried, momentum=[FRICTION]),
    }
    tuned, _ = tuned_settings(made, grids, learn, steps, tolerance=tolerance)
    rate = tuned["sgd"]["learning_rate"]
    found = descend(
        made,
        {
            **tuned,
            "momentum at SGD's rate": {"optimizer": "momentum", "learning_rate": rate, "momentum": FRICTION},
            "momentum at SGD's rate of progress": {
                "optimizer": "momentum",
                "learning_rate": rate * (1 - FRICTION),
                "momentum": FRICTION,
            },
        },
        judge,
        steps,
        tolerance=tolerance,
    )
    updates = dict(zip(found.labels, updates_to_converge(found), strict=True))
    off = f"share of SGD's descents that are off the plateau after {steps:,} updates"
    passed = share(off, np.isfinite(updates["sgd"]))
    against = {
        label: paired_ratio(f"times as many updates as SGD, {label}", updates[label], updates["sgd"], steps)
        for label in ("momentum", "momentum at SGD's rate", "momentum at SGD's rate of progress")
    }
    medians = [median(f"updates to the minimum, {label}", updates[label]) for label in updates]
    return (
        Part(
            "with both rates tuned, momentum leaves the plateau in at most half of SGD's updates",
            (below(against["momentum"], 0.5),),
            (against["momentum"], *medians),
        ),
        Part(
            f"SGD stops on the plateau: at its best rate at most 1 descent in 20 leaves it within {steps:,} updates",
            (below(passed, 0.05),),
            (passed,),
        ),
        Part(
            "at the same rate of progress, η/(1 − ρ), momentum is no faster on the plateau",
            (above(against["momentum at SGD's rate of progress"], 0.95),),
            (against["momentum at SGD's rate of progress"], against["momentum at SGD's rate"]),
            beyond=True,
        ),
    )
