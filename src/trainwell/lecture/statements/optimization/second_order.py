"""C-26: Newton's steps, and L-BFGS in full batch and on mini-batches."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.data import load_data
from trainwell.landscape import Surface, descend, surface
from trainwell.lecture.experiment import Chart, Part, above, below, curve
from trainwell.lecture.measuring import (
    best_settings,
    chosen,
    doubt,
    grid,
    median,
    paired_ratio,
    rate_within,
    rates,
    rounding,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.optim import RULES, Rule, lbfgs, newton, register
from trainwell.statistics import median_interval
from trainwell.training import Recipe, Trained, train

DIMENSIONS = (1, 2, 5, 10, 20, 50)
CONDITION = 100.0
BASIN = 0.05  # distance from a minimum, within which Newton's method is to converge
NETWORK = Recipe(hidden=(16,), activation="tanh", initialization="xavier")


DESIGN = Design(
    varied="Newton's method or L-BFGS, or a first-order optimizer at the best rate of a grid: SGD near minima and on "
    "mini-batches, Adam in full batch; full or mini-batches",
    fixed="the starts, the network and its data (digits), the examples seen; rates are chosen from other starts, or "
    "with other seeds",
    measured="the remaining distance after one step; the order of convergence; updates and training losses reached",
    criterion="on a quadratic the remaining distance is at most 10 rounding errors times the condition number; near "
    "minima the order of convergence is above 1.8 and half the updates suffice; in full batch L-BFGS needs less than "
    "two thirds of Adam's evaluations of the gradient, including those of its line searches; on mini-batches of 32, "
    "its rate tuned as well, it ends higher than SGD. Left open where the best rate is at an end of its grid",
    conditions="dimensions 1 to 50; three surfaces; full and mini-batches",
    precision="500 starts; 10 seeds of the networks",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-26."""
    if setup.size == "full":
        return (
            one_step(500, DIMENSIONS),
            near_minima(500, ("himmelblau", "styblinski_tang", "beale")),
            _full_batch(10, rates(0.003, 0.3, 5), 300),
            _mini_batches(10, rates(0.1, 3.0, 4)),
        )
    return (
        one_step(100, DIMENSIONS[3:4]),
        near_minima(100, ("himmelblau",)),
        _full_batch(6, [0.03, 0.1, 0.3], 80),
        _mini_batches(8, [0.3, 1.0, 3.0]),
    )


STATEMENT = Statement(
    "C-26",
    DESIGN,
    "Use L-BFGS or Newton's method for small, smooth, full-batch problems, not with mini-batches.",
    examined,
)


def one_step(count: int, dimensions: tuple[int, ...], optimizer: str = "newton") -> Part:
    """The remaining distance after one step, on rotated quadratics."""
    numbers = []
    for D in dimensions:
        made = surface("quadratic", condition=CONDITION if D > 1 else 1.0, dimension=D, rotation=D)
        starts = made.random_starts(count)
        found = descend(made, optimizer, starts, 1, tolerance=0.0)
        left = np.linalg.norm(np.asarray(found.points[0], np.float64), axis=-1) / np.linalg.norm(starts, axis=-1)
        what = f"remaining / first distance, in rounding errors times the condition number, dimension {D}"
        numbers.append(median(what, left / rounding() / (CONDITION if D > 1 else 1.0)))
    return Part(
        "Newton's first step reaches the minimum of any quadratic: the remaining distance is at most 10 rounding "
        "errors times the condition number",
        tuple(below(one, 10.0, f"in dimension {D}") for one, D in zip(numbers, dimensions, strict=True)),
        tuple(numbers),
        Chart(
            "dimension",
            "remaining distance, in rounding errors times the condition number",
            (curve("Newton", dimensions, numbers),),
        ),
    )


def near_minima(count: int, names: tuple[str, ...]) -> Part:
    """The order of convergence, and updates against SGD's at its best rate."""
    orders, fewer, inside = [], [], []
    for name in names:
        made = surface(name)
        starts, learn = _around_minima(made, count, 0), _around_minima(made, 50, 1)
        orders.append(median(f"order of convergence, Newton, '{name}'", _orders(made, starts)))
        tried = grid("sgd", learning_rate=rates(1e-3, 0.3, 12))
        tuned = best_settings(made, tried, learn, 2_000)
        inside.append(rate_within(tried, tuned))
        found = descend(made, {"newton": {"optimizer": "newton"}, "sgd": tuned}, starts, 2_000)
        updates = np.where(found.settled_after >= 0, found.settled_after, np.inf)
        fewer.append(paired_ratio(f"Newton's updates over SGD's, '{name}'", updates[0], updates[1], 2_000))
    return Part(
        "near a minimum Newton's method converges with an order of about 2, each step doubles the correct digits, and "
        "takes at most half of the updates of SGD at its best rate",
        (
            *(above(one, 1.8, f"on '{name}'") for one, name in zip(orders, names, strict=True)),
            *(
                below(one, 0.5, f"on '{name}'", doubt=doubt(within))
                for one, name, within in zip(fewer, names, inside, strict=True)
            ),
        ),
        (*orders, *fewer),
    )


def _around_minima(made: Surface, count: int, seed: int) -> Float[np.ndarray, "S D"]:
    draws = stream(seed, "around minima")
    directions = draws.standard_normal((count, made.dimension))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    centres = np.stack([one.point for one in made.minima])
    return np.asarray(centres[np.arange(count) % len(centres)] + BASIN * directions)


def _orders(made: Surface, starts: Float[np.ndarray, "S D"]) -> Float[np.ndarray, " S"]:
    """log(e₂/e₁) / log(e₁/e₀) of the last three errors above rounding; NaN where there are no three.

    In float64 whatever the process computes in: in float32 the digits double once or twice before they are used up.
    """
    minima = np.stack([one.point for one in made.minima])[np.arange(len(starts)) % len(made.minima)]
    rule, slope = newton(), jax.grad(made.function)
    with jax.enable_x64(True):

        def one(x: Float[Array, " D"]) -> Float[Array, " D"]:
            moved: Float[Array, " D"] = x + rule.update(slope(x), (), x, value_fn=made.function)[0]
            return moved

        step, x = jax.jit(jax.vmap(one)), jnp.asarray(starts)
        points = [np.asarray(x)]
        for _ in range(6):
            x = step(x)
            points.append(np.asarray(x))
    errors = np.linalg.norm(np.stack(points, axis=1) - minima[:, None], axis=-1)
    orders = np.full(len(starts), np.nan)
    for e0, e1, e2 in zip(errors.T, errors.T[1:], errors.T[2:], strict=False):
        clear = (e2 > 1e-12) & (e2 < e1) & (e1 < e0)
        orders[clear] = np.log(e2[clear] / e1[clear]) / np.log(e1[clear] / e0[clear])
    return orders


def _full_batch(seeds: int, tried: list[float], budget: int) -> Part:
    """Evaluations that L-BFGS takes to the loss that Adam, at its best rate, has after all of its own."""
    data = load_data("digits")
    common = NETWORK.evolve(batch_size="full", observe_every=5, observe_training=len(data.training))
    adam = [common.evolve(optimizer="adam", learning_rate=rate, steps=budget) for rate in tried]
    ours = train(
        data, common.evolve(optimizer="lbfgs", steps=budget // 2), range(seeds, 2 * seeds), show_progress=False
    )
    theirs = train(data, adam, range(2 * seeds), show_progress=False)
    losses = theirs.trace.values["loss/training"].reshape(len(tried), 2 * seeds, -1)
    steps = theirs.trace.steps[0]
    best = int(np.argmin(np.median(losses[:, :seeds, -1], axis=1)))
    judged = losses[best, seeds:]
    spent = ours.trace.values["evaluations"]
    loss = ours.trace.values["loss/training"]
    needed = _first(spent, loss <= judged[:, -1:])
    at_budget = np.array([np.nanmin(np.where(spent[s] <= budget, loss[s], np.nan)) for s in range(seeds)])
    share = paired_ratio(
        f"L-BFGS's evaluations to Adam's loss after {budget}, share of Adam's", needed, np.full(seeds, float(budget))
    )
    lower = paired_ratio(f"L-BFGS's loss after {budget} evaluations over Adam's", at_budget, judged[:, -1])
    places = list(range(20, budget + 1, 20))
    reached = {
        "L-BFGS": [median_interval([_at(spent[s], loss[s], place) for s in range(seeds)]) for place in places],
        "Adam": [median_interval([_at(steps, one, place) for one in judged]) for place in places],
    }
    return Part(
        "with full batches on a tanh network on digits L-BFGS reaches the loss that Adam, its rate tuned, has after "
        f"{budget} evaluations in at most two thirds of them",
        (below(share, 2 / 3, doubt=doubt(0 < best < len(tried) - 1)),),
        (share, lower, chosen("rate chosen, Adam", tried[best])),
        Chart(
            "evaluations of loss and gradient",
            "training loss",
            tuple(curve(label, places, own) for label, own in reached.items()),
            log_y=True,
        ),
    )


def _first(spent: Float[np.ndarray, "S T"], hit: np.ndarray) -> Float[np.ndarray, " S"]:
    """Evaluations at the first hit; Inf where there is none."""
    first = np.take_along_axis(spent, hit.argmax(1)[:, None], 1)[:, 0]
    return np.where(hit.any(1), first, np.inf)


def _at(spent: Float[np.ndarray, " T"], loss: Float[np.ndarray, " T"], place: int) -> float:
    """The loss that was last observed by so many evaluations; NaN before the first."""
    by = np.flatnonzero((spent <= place) & np.isfinite(loss))
    return float(loss[by[-1]]) if len(by) else float("nan")


def _on_mini_batches(learning_rate: float) -> Rule:
    """L-BFGS on mini-batches: the built-in rule always uses the whole training set."""
    return lbfgs(learning_rate)


def _mini_batches(seeds: int, tried: list[float]) -> Part:
    """Training losses after the same number of examples with batches of 32, both at their best rates."""
    data, name = load_data("digits"), "lbfgs_on_mini_batches"
    new = name not in RULES
    register(name, _on_mini_batches, 1.0)
    try:
        common = NETWORK.evolve(batch_size=32, epochs=3, observe_training=len(data.training))
        recipes = [
            common.evolve(optimizer=optimizer, learning_rate=rate) for optimizer in (name, "sgd") for rate in tried
        ]
        trained = train(data, recipes, range(2 * seeds), show_progress=False)
    finally:
        if new:
            del RULES[name]
    last = _last_losses(trained).reshape(2, len(tried), 2 * seeds)
    best = np.argmin(np.median(last[..., :seeds], axis=2), axis=1)
    ours, theirs = (last[i, best[i], seeds:] for i in range(2))
    ratio = paired_ratio("training loss of L-BFGS over SGD's, both on batches of 32 at their best rates", ours, theirs)
    numbers = [
        median(f"training loss after 3 epochs, {label}", own) for label, own in (("L-BFGS", ours), ("SGD", theirs))
    ]
    rated = [
        chosen(f"rate chosen, {label}", tried[place]) for label, place in zip(("L-BFGS", "SGD"), best, strict=True)
    ]
    return Part(
        "on mini-batches of 32 L-BFGS loses even to SGD: after 3 epochs its training loss is higher",
        (above(ratio, 1.0, doubt=doubt(all(0 < place < len(tried) - 1 for place in best))),),
        (ratio, *numbers, *rated),
    )


def _last_losses(trained: Trained) -> Float[np.ndarray, " M"]:
    """The last training loss of each member; Inf where it diverged."""
    losses = trained.trace.values["loss/training"]
    ends = np.array([own[np.isfinite(own)][-1] if np.isfinite(own).any() else np.inf for own in losses])
    return np.where(np.array(trained.statuses) == "diverged", np.inf, ends)
