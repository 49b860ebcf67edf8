"""C-20: Nesterov's look-ahead against momentum."""

from math import sqrt

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import listed
from trainwell.landscape import CriticalPoint, Descents, Surface, descend, own_surface, surface
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import (
    Cost,
    Fields,
    along,
    chosen,
    doubt,
    grid,
    median,
    median_curve,
    paired_ratio,
    rates,
    share,
    tuned_settings,
    updates_to_converge,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval

AHEAD, BEHIND = "nesterov_lookahead", "momentum_step"
UPDATES = 29  # the figures' 30 points
CONDITIONS = (10, 100, 1_000, 10_000)
SLOPES = (1.0, 25.0)
"""µ and L of the convex function that momentum cycles on."""
FRICTIONS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98)
NON_CONVEX = ("double_valley", "styblinski_tang")


DESIGN = Design(
    varied="momentum or Nesterov's look-ahead",
    fixed="the starts; rate and momentum are those of theory, or tuned for each with equally many trials",
    measured="overshoot and turns across the steep axis; growth of updates with the condition number; whether all "
    "starts converge; shares at the global minimum",
    criterion="less overshoot and earlier turns; updates grow more slowly than the condition number to the power 0.75 "
    "(1/2 in theory, 1 for plain descent); on a convex function on which momentum cycles Nesterov converges; without "
    "convexity at most 5 percentage points more starts reach the global minimum",
    conditions="condition numbers 10 to 10,000; two functions that are not convex",
    precision="200 starts, 1,000 for shares",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-20."""
    count = setup.of(200, 100)
    return (
        *earlier(count, AHEAD, BEHIND),
        _on_quadratics(count, setup.of(CONDITIONS, CONDITIONS[:2])),
        _where_momentum_cycles(5 * count),
        *_without_convexity(*setup.of((1000, 12, NON_CONVEX), (200, 6, NON_CONVEX[:1]))),
    )


STATEMENT = Statement(
    "C-20",
    DESIGN,
    "Nesterov's form costs nothing and oscillates less: use it if momentum overshoots. Do not expect better minima of "
    "networks.",
    examined,
)


def _fields(optimizer: str, rate: float, friction: float) -> Fields:
    return {"optimizer": optimizer, "learning_rate": rate, "momentum": friction}


def earlier(count: int, ahead: str, behind: str) -> tuple[Part, Part]:
    """Where both first turn back across the steep axis, and how far they overshoot."""
    made = surface("bowl")
    rates_tried = {"the lecture's rate": 0.1, "a tenth of it": 0.01}
    contenders = {
        f"{name}, {when}": _fields(name, rate, 0.9) for when, rate in rates_tried.items() for name in (ahead, behind)
    }
    found = descend(made, contenders, made.random_starts(count), 2 * UPDATES, paths=True)
    across = along(found, 0)
    overshot = (-across * np.sign(across[..., :1])).max(-1) / abs(across[..., 0])
    moves = np.sign(np.diff(across))
    turned = moves != moves[..., :1]
    first = np.where(turned.any(-1), np.argmax(turned, axis=-1), np.inf)
    overshoots, turns = [], []
    for i, when in enumerate(rates_tried):
        ours, theirs = 2 * i, 2 * i + 1
        overshoots.append(
            paired_ratio(f"Nesterov's overshoot over momentum's, {when}", overshot[ours], overshot[theirs])
        )
        turns.append(
            paired_ratio(
                f"updates before it first turns back, Nesterov over momentum, {when}", first[ours], first[theirs]
            )
        )
    left = abs(across / across[..., :1])[..., : UPDATES + 1]
    chart = Chart(
        "updates",
        "distance from the minimum across the steep axis, share of the first",
        tuple(median_curve(label, range(UPDATES + 1), left[i]) for i, label in enumerate(("Nesterov", "momentum"))),
        log_y=True,
    )
    return (
        Part(
            "across the bowl's steep axis Nesterov overshoots less far than momentum, from every start alike",
            tuple(below(one, 1.0, f"at {when}") for one, when in zip(overshoots, rates_tried, strict=True)),
            tuple(overshoots),
            chart,
        ),
        Part(
            "Nesterov turns back across that axis in fewer updates than momentum, from every start alike",
            tuple(below(one, 1.0, f"at {when}") for one, when in zip(turns, rates_tried, strict=True)),
            tuple(turns),
            chart,
        ),
    )


def _on_quadratics(count: int, conditions: tuple[int, ...]) -> Part:
    """Updates to a thousandth against the condition number, each method with the settings of its theory."""
    updates: dict[str, list[Measured]] = {"SGD": [], "momentum": [], "Nesterov": []}
    growth: dict[str, list[Float[np.ndarray, " S"]]] = {label: [] for label in updates}
    for k in conditions:
        made, root = surface("quadratic", condition=float(k)), sqrt(k)
        contenders = {
            "SGD": {"optimizer": "sgd", "learning_rate": 1.0},  # 1/L
            "momentum": _fields(BEHIND, 4 / (1 + 1 / root) ** 2, ((root - 1) / (root + 1)) ** 2),
            "Nesterov": _fields(AHEAD, 1.0, (root - 1) / (root + 1)),
        }
        found = descend(made, contenders, made.random_starts(count), 40 * k, tolerance=1e-3 / k)
        for label, own in zip(updates, updates_to_converge(found), strict=True):
            updates[label].append(median(f"updates to a thousandth, {label}, condition {k:,}", own))
            growth[label].append(own)
    powers = {
        label: measured(
            f"exponent of {label}'s updates in the condition number",
            mean_interval(np.log10(own[-1] / own[0]) / np.log10(conditions[-1] / conditions[0])),
        )
        for label, own in growth.items()
    }
    return Part(
        "on convex quadratics Nesterov's updates grow with less than the power 0.75 of the condition number, where "
        "plain descent's grow with more than 0.9",
        (below(powers["Nesterov"], 0.75), above(powers["SGD"], 0.9)),
        (*powers.values(), *(one for own in updates.values() for one in own)),
        Chart(
            "condition number",
            "updates until the gradient is a thousandth of the flat slope",
            tuple(curve(label, conditions, own) for label, own in updates.items()),
            log_x=True,
            log_y=True,
        ),
    )


def _kinked(x: Float[Array, " 1"]) -> Float[Array, ""]:
    """A convex function of slope 25x up to 1, x + 24 up to 2, and 25x − 24 beyond.

    Source: Lessard, Recht & Packard 2016, "Analysis and design of optimization algorithms via integral quadratic
    constraints", equation 4.11.
    """
    z = x[0]
    return jnp.where(z < 1, 12.5 * z**2, jnp.where(z < 2, z**2 / 2 + 24 * z - 12, 12.5 * z**2 - 24 * z + 36))


def _where_momentum_cycles(count: int) -> Part:
    """A strongly convex, non-quadratic function on which momentum cycles forever."""
    lowest = CriticalPoint(np.zeros(1), 0.0, "minimum", is_global=True)
    made = own_surface(_kinked, 1, domain=(-4, 4), critical=(lowest,), name="kinked")
    low, high = SLOPES
    root = sqrt(high / low)
    contenders = {
        "momentum": _fields(BEHIND, 4 / (sqrt(high) + sqrt(low)) ** 2, ((root - 1) / (root + 1)) ** 2),
        "Nesterov": _fields(AHEAD, 1 / high, (root - 1) / (root + 1)),
    }
    found = descend(made, contenders, made.random_starts(count), 2_000)
    ends = {
        label: share(f"share of starts that converge, {label}", hits)
        for label, hits in zip(found.labels, found.outcomes == "converged", strict=True)
    }
    return Part(
        "on a convex, non-quadratic function Nesterov converges from 19 starts in 20 or more; momentum, at the "
        "settings that are best for quadratics of this curvature, from fewer",
        (above(ends["Nesterov"], 0.95), below(ends["momentum"], 0.95)),
        (ends["Nesterov"], ends["momentum"]),
    )


def _without_convexity(count: int, tried: int, names: tuple[str, ...]) -> tuple[Part, Part]:
    gains, speeds, of_gains, of_speeds = [], [], [], []
    share_inside, speed_inside = [], []
    for name in names:
        made = surface(name)
        starts = made.random_starts(count)
        tuned, within = _tuned(made, tried, _missing(made))
        share_inside.append(within)
        best = _reached_the_best(made, descend(made, tuned, starts, 1500))
        gains.append(
            measured(
                f"share at the global minimum, Nesterov minus momentum, '{name}'", mean_interval(best[0] - best[1])
            )
        )
        of_gains += _chosen(tuned, f"for that share, '{name}'")
        tuned, within = _tuned(made, tried, updates_to_converge)
        speed_inside.append(within)
        updates = updates_to_converge(descend(made, tuned, starts, 1500))
        speeds.append(paired_ratio(f"Nesterov's updates over momentum's, '{name}'", updates[0], updates[1], 1500))
        of_speeds += [
            median(f"updates to a minimum, {label}, '{name}'", own) for label, own in zip(tuned, updates, strict=True)
        ]
        of_speeds += _chosen(tuned, f"for the fewest updates, '{name}'")
    where = "on " + listed([f"'{name}'" for name in names])
    return (
        Part(
            f"{where}, not convex, there is no such gain: with rates and friction tuned for it, Nesterov "
            "reaches the global minimum at most 5 points more often than momentum",
            tuple(
                below(one, 0.05, f"on '{name}'", doubt=doubt(within))
                for one, name, within in zip(gains, names, share_inside, strict=True)
            ),
            (*gains, *of_gains),
        ),
        Part(
            f"{where}, with rates and friction tuned for the fewest updates, Nesterov takes fewer updates "
            "than momentum to the minimum that it reaches",
            tuple(
                below(one, 1.0, f"on '{name}'", doubt=doubt(within))
                for one, name, within in zip(speeds, names, speed_inside, strict=True)
            ),
            (*speeds, *of_speeds),
            beyond=True,
        ),
    )


def _tuned(made: Surface, tried: int, cost: Cost) -> tuple[dict[str, Fields], bool]:
    """The best settings of a grid for both, and whether neither rate is at an end."""
    tried_rates = rates(1e-3, 0.5, tried)
    grids = {
        label: grid(rule, learning_rate=tried_rates, momentum=FRICTIONS)
        for label, rule in (("Nesterov", AHEAD), ("momentum", BEHIND))
    }
    return tuned_settings(made, grids, made.random_starts(200, seed=1), 1500, cost=cost)


def _chosen(tuned: dict[str, Fields], aim: str) -> list[Measured]:
    """The chosen hyperparameters, as numbers without intervals."""
    return [
        chosen(f"{field} chosen {aim}, {label}", own[key])
        for label, own in tuned.items()
        for field, key in (("rate", "learning_rate"), ("friction", "momentum"))
    ]


def _reached_the_best(made: Surface, found: Descents) -> Float[np.ndarray, "C S"]:
    """1 where a descent has converged to a global minimum, else 0."""
    best = [i for i, one in enumerate(made.critical) if one.kind == "minimum" and one.is_global]
    return np.asarray(np.isin(found.critical_indices, best) & (found.outcomes == "converged"), np.float64)


def _missing(made: Surface) -> Cost:
    """1 where a descent has converged to a global minimum, else Inf: lowest for what reaches it most often."""
    return lambda found: np.where(_reached_the_best(made, found) > 0, 1.0, np.inf)
