"""C-18: noisy gradients: their cost, their savings, and the effect of momentum."""

from collections.abc import Mapping, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.data import Dataset, load_data
from trainwell.landscape import Descents, Surface, descend, surface
from trainwell.lecture.experiment import Chart, Part, above, below, curve
from trainwell.lecture.measuring import (
    Fields,
    best_settings,
    chosen,
    doubt,
    grid,
    median,
    paired_ratio,
    rate_within,
    rates,
    ratio_of_means,
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.nn import Network, observe
from trainwell.statistics import first_reached, mean_interval
from trainwell.training import Recipe, problems_of, train

NOISE = 1.0
"""Standard deviation of the noise on each component; on the bowl the flat slope is at most 1."""
FRICTION = 0.9  # the lecture's ρ
RATE = 0.05
NEAR = 1.0  # a tenth of the bowl's half-width
UPDATES, LATEST = 500, 450  # of a descent to near the minimum, and from when on it is too late to tell that it stays
BATCH = 32
LEVEL = 0.2  # training loss of digits to be reached
NOISY = 0.5
STEPS, MIDDLING = 150, 0.5
"""Updates of the networks, and the learning rate of those whose gradients are compared."""
SIZES = (1, 4, BATCH, 128, 512)
"""Of mini-batches, drawn with replacement."""


DESIGN = Design(
    varied="mini-batches or full batches; noise on the gradient; plain descent or momentum",
    fixed="the network, the data (digits), the bowl; each batch size at the best rate of one grid",
    measured="the distance of mini-batch gradients from the full one; examples seen until a training loss is reached; "
    "the length of the path; updates to the minimum; the remaining distance due to noise",
    criterion="a gradient of 32 rows differs from the full one by at least half of its length (root mean square over "
    "batches); at most a fifth of the examples; a path at least 1.5 times as long, and 1.5 times the updates; at the "
    "same rate of progress momentum's path at most half as long, and a tenth less noise left. These shares are "
    "judgement calls about what would matter in practice",
    conditions="gradients before and after training; momentum at the same rate, and at the same rate of progress",
    precision="1,000 starts; 10 seeds of the network",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-18."""
    count, seeds, tried = setup.of((1000, 10, 12), (300, 6, 8))
    made = surface("bowl")
    return (
        _on_a_network(seeds, rates(0.1, 4.8, tried)),
        noisy(_gradients(seeds)),
        meandering(made, count, NOISE),
        _longer(made, count, setup.of(16, 8)),
        *_averaging(made, count),
    )


STATEMENT = Statement(
    "C-18",
    DESIGN,
    "Use mini-batches. If the loss fluctuates at the end of training, average: lower the learning rate, or use "
    "momentum at the same rate of progress.",
    examined,
)


def _sgd(rate: float) -> Fields:
    return {"optimizer": "sgd", "learning_rate": rate}


def _momentum(rate: float) -> Fields:
    return {"optimizer": "momentum", "learning_rate": rate, "momentum": FRICTION}


def _on_a_network(seeds: int, tried: list[float]) -> Part:
    """Examples and updates until a training loss is reached, each batch size at its best rate of a grid."""
    data = load_data("digits")
    rows = len(data.training)
    learn, judge = range(seeds), range(seeds, 2 * seeds)
    best, reached = [], []
    for batch_size in (BATCH, "full"):
        common = Recipe(optimizer="sgd", hidden=(32,), batch_size=batch_size, steps=STEPS)
        recipe = common.evolve(observe_training=rows, observe_every=1)
        table = _updates_to_the_level([recipe.evolve(learning_rate=rate) for rate in tried], data, learn)
        best.append(tried[int(np.argmin(np.sort(table, axis=1)[:, seeds // 2]))])
        reached.append(_updates_to_the_level([recipe.evolve(learning_rate=best[-1])], data, judge)[0])
    small, full = reached
    examples = paired_ratio(
        f"examples seen to a training loss of {LEVEL}, batches of {BATCH} over full ones", small * BATCH, full * rows
    )
    more = paired_ratio(f"updates to it, batches of {BATCH} over full ones", small, full)
    rated = [chosen(f"rate chosen, {label} batches", rate) for label, rate in zip(("mini", "full"), best, strict=True)]
    each = [chosen(f"examples per update, {label}", float(B)) for label, B in (("mini-batch", BATCH), ("full", rows))]
    return Part(
        "on digits mini-batches are cheaper: both at the best rate of a grid, a training loss is reached with at most "
        "a fifth of the examples that full batches see",
        (below(examples, 0.2, doubt=doubt(all(tried[0] < rate < tried[-1] for rate in best))),),
        (examples, more, *rated, *each),
    )


def _updates_to_the_level(recipes: list[Recipe], data: Dataset, seeds: range) -> Float[np.ndarray, "R S"]:
    """Updates until the training loss is at the level; Inf where it never is."""
    trained = train(data, recipes, seeds, show_progress=False)
    updates = first_reached(trained.trace["loss/training"], trained.trace.steps, LEVEL, larger_is_better=False)
    return updates.reshape(len(recipes), len(seeds))


def _gradients(seeds: int) -> dict[str, list[Float[np.ndarray, "N P"]]]:
    """The gradient of every row of digits, of each network, before and after training."""
    data = load_data("digits")
    recipe = Recipe(optimizer="sgd", hidden=(32,), batch_size=BATCH, steps=STEPS, learning_rate=MIDDLING)
    (problem,) = problems_of([recipe], data, "float32")
    shift, scale = data.scaling(recipe.inputs)
    inputs, classes = jnp.asarray((data.training.flat - shift) * scale), jnp.asarray(data.training.targets)
    networks = {
        "before training": [problem.init(seed)[0] for seed in range(seeds)],
        f"after {STEPS} updates": train(data, recipe, range(seeds), show_progress=False).params,
    }
    return {
        when: [np.asarray(_of_rows(problem.network, params, inputs, classes), np.float64) for params in own]
        for when, own in networks.items()
    }


@partial(jax.jit, static_argnums=0)
def _of_rows(network: Network, params: PyTree, inputs: Float[Array, "N D"], classes: Array) -> Float[Array, "N P"]:
    def one(x: Float[Array, " D"], of: Array) -> Float[Array, " P"]:
        return ravel_pytree(observe(network, params, [], x[None], of[None], "cross_entropy", {}).grads)[0]

    found: Float[Array, "N P"] = jax.vmap(one)(inputs, classes)
    return found


def noise_of(rows: Float[np.ndarray, "N P"], batch: int) -> float:
    """Error of the gradient of a mini-batch drawn with replacement, relative to the full gradient's length.

    √(Σ‖gᵢ − g‖² / (N B)) / ‖g‖: the root mean square over all batches.
    """
    full = rows.mean(0)
    return float(np.sqrt(((rows - full) ** 2).sum(1).mean() / batch) / np.linalg.norm(full))


def noisy(found: Mapping[str, Sequence[Float[np.ndarray, "N P"]]]) -> Part:
    """How noisy gradients of mini-batches are, for networks before and after training."""
    off = {
        when: {
            batch: median(f"off the full gradient, share of its length, {batch} rows, {when}", _noises(own, batch))
            for batch in SIZES
        }
        for when, own in found.items()
    }
    return Part(
        f"on digits the gradient of a mini-batch of {BATCH} rows is a noisy estimate of the full one: its error is at "
        "least half of the full gradient's length",
        tuple(above(own[BATCH], NOISY, when) for when, own in off.items()),
        tuple(one for own in off.values() for one in own.values()),
        Chart(
            "rows in a mini-batch",
            "error, share of the full gradient's length",
            tuple(curve(when, SIZES, list(own.values())) for when, own in off.items()),
            log_x=True,
            log_y=True,
            bound=NOISY,
        ),
    )


def _noises(networks: Sequence[Float[np.ndarray, "N P"]], batch: int) -> Float[np.ndarray, " S"]:
    return np.array([noise_of(rows, batch) for rows in networks])


def meandering(made: Surface, count: int, noise: float) -> Part:
    """Length of the path over the distance of its ends, with and without noise."""
    starts = made.random_starts(count)
    clean, noisy = (descend(made, {"sgd": _sgd(RATE)}, starts, 200, noise=each) for each in (0.0, noise))

    def meander(found: Descents) -> Float[np.ndarray, " S"]:
        gone = np.linalg.norm(np.asarray(found.points[0], np.float64) - starts, axis=-1)
        return np.asarray(found.lengths[0] / gone)

    ratio = paired_ratio("length over distance gone, with noise over without", meander(noisy), meander(clean))
    return Part(
        "with noise the path on the bowl meanders: for the same distance it is at least 1.5 times as long",
        (above(ratio, 1.5),),
        (
            ratio,
            median("length over distance gone, without noise", meander(clean)),
            median("length over distance gone, with noise", meander(noisy)),
        ),
    )


def _until_near(found: Descents) -> Float[np.ndarray, "C S"]:
    """Updates after which a descent is near the minimum at 9 of 10 updates; Inf if it never is."""
    assert found.paths is not None
    near = np.linalg.norm(np.asarray(found.paths, np.float64), axis=-1) <= NEAR
    later = np.cumsum(near[..., ::-1], axis=-1)[..., ::-1] / np.arange(near.shape[-1], 0, -1)
    good = near & (later >= 0.9)
    good[..., LATEST:] = False
    return np.where(good.any(-1), good.argmax(-1), np.inf)


def _longer(made: Surface, count: int, tried: int) -> Part:
    starts, learn, settings = made.random_starts(count), made.random_starts(200, seed=1), rates(0.01, 0.98, tried)
    costs, numbers, inside = [], [], []
    for noise in (0.0, NOISE):
        contenders = grid("sgd", learning_rate=settings)
        best = best_settings(made, contenders, learn, UPDATES, cost=_until_near, noise=noise, paths=True)
        inside.append(rate_within(contenders, best))
        costs.append(_until_near(descend(made, {"sgd": best}, starts, UPDATES, noise=noise, paths=True))[0])
        numbers.append(chosen(f"best rate, noise {noise:g}", best["learning_rate"]))
    ratio = paired_ratio("updates to stay near the minimum, with noise over without", costs[1], costs[0], LATEST)
    medians = [
        median(f"updates to stay near the minimum, noise {noise:g}", cost)
        for noise, cost in zip((0.0, NOISE), costs, strict=True)
    ]
    return Part(
        "with noise the bowl's minimum takes longer, even at the best rate of a grid: at least 1.5 times the updates",
        (above(ratio, 1.5, doubt=doubt(all(inside))),),
        (ratio, *medians, *numbers),
    )


def _averaging(made: Surface, count: int) -> tuple[Part, ...]:
    """Momentum against SGD under the same noise, at the same rate of progress and at the same rate."""
    contenders = {"sgd": _sgd(RATE), "as fast": _momentum(RATE * (1 - FRICTION)), "same rate": _momentum(RATE)}
    found = descend(made, contenders, np.zeros((count, 2)), 1_200, noise=NOISE, paths=True)  # they begin at the minimum
    assert found.paths is not None
    squares = (np.asarray(found.paths, np.float64) ** 2).sum(-1)
    late = squares[..., 600:].mean(-1)  # three times what the flat axis takes to settle
    length = np.asarray(found.lengths, np.float64)
    shorter = paired_ratio("length of momentum's path over SGD's, same rate of progress", length[1], length[0])
    nearer = ratio_of_means("mean squared distance from the minimum at last, same rate of progress", late[1], late[0])
    farther = ratio_of_means("mean squared distance from the minimum at last, same rate", late[2], late[0])
    times = [5, 10, 20, 50, 100, 200, 400, 800]
    curves = [[mean_interval(squares[i, :, t]) for t in times] for i in range(3)]
    labels = ("SGD", "momentum, same rate of progress", "momentum, same rate")
    return (
        Part(
            "on the bowl, at the same rate of progress, η/(1 − ρ), momentum's path is smoother: at most half as long "
            "as SGD's",
            (below(shorter, 0.5),),
            (shorter,),
        ),
        Part(
            "averaging leaves less noise at that minimum: at the same rate of progress momentum ends at a mean squared "
            "distance at least a tenth below SGD's",
            (below(nearer, 0.9),),
            (nearer,),
            Chart(
                "updates",
                "mean squared distance from the minimum, where it began",
                tuple(curve(label, times, own) for label, own in zip(labels, curves, strict=True)),
                log_x=True,
                log_y=True,
            ),
        ),
        Part(
            "at the same rate momentum leaves more noise at that minimum: at least 5 times SGD's mean squared distance",
            (above(farther, 5.0),),
            (farther,),
            beyond=True,
        ),
    )
