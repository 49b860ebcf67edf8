"""C-14: zigzags on ill-conditioned losses, and how common those are."""

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from trainwell.core import stream
from trainwell.data import load_data
from trainwell.landscape import Descents, descend, network_loss, surface
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve
from trainwell.lecture.measuring import median, paired_ratio, updates_to_converge
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.training import Recipe, problems_of

CONDITIONS = (10, 100, 1_000, 10_000)
BUDGET = 10  # updates per unit of condition number, that nearly all starts need less than
WATCHED = 30  # updates in which turns are counted: at the end rounding makes turns of its own
DIMENSIONS = (2, 4, 8, 16, 32, 64, 128)
HIDDEN = (1, 2, 4, 8)
"""Units of the networks' hidden layer."""
WORSE = ("symmetric", "covariance")
"""Families of random matrices, expected to be worse conditioned in higher dimension."""
PENALTY = 1e-3
WORST_CASE = "2/(L + µ)"
"""The rate that needs the fewest updates from the worst start; from the usual one another may need fewer."""


DESIGN = Design(
    varied="the condition number of a quadratic loss, the learning rate, the number of parameters",
    fixed="the loss's largest curvature, the distance of the starts, exact gradients",
    measured="the share of updates that change direction across the steep axis; updates until the gradient is a "
    "thousandth of the flat slope; the condition number of Hessians",
    criterion="at the best worst-case rate more than 9 updates in 10 change direction across the steep axis; ten times "
    "the condition number costs more than 5 times the updates (10 in theory, less for starts near the steep axis); "
    "condition numbers grow with the dimension. Not counted in the verdict: at lower rates there are no turns, and "
    "more updates",
    conditions="condition numbers 10 to 10,000; random matrices of dimension 2 to 128; networks of 1 to 8 units",
    precision="200 starts, 200 matrices, 40 networks per width; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-14."""
    starts, conditions = setup.of((200, CONDITIONS), (60, CONDITIONS[:3]))
    begun = {k: plain_descents(k, starts, WATCHED) for k in conditions}
    done = {k: plain_descents(k, starts, BUDGET * k) for k in conditions}
    draws, dimensions = setup.of((200, DIMENSIONS), (100, DIMENSIONS[:5]))
    return (
        turning(begun),
        _crawling(done),
        _without_turns(begun, done),
        *_random_matrices(draws, dimensions),
        _networks(setup.of((40, HIDDEN), (12, (1, 4)))),
    )


STATEMENT = Statement(
    "C-14",
    DESIGN,
    "If paths zigzag, rescale what you can (inputs, initial weights, batch norm), or use momentum or an optimizer with "
    "a step size per parameter; a lower learning rate only trades the zigzag for slow progress.",
    examined,
)


def plain_descents(condition: int, starts: int, steps: int, *, lower: float = 1.0) -> Descents:
    """Plain descent at the rate that is best in the worst case and at two lower ones, from points at distance 1.

    Args:
        condition: of the quadratic.
        starts: how many.
        steps: updates.
        lower: the factor of all three rates.
    """
    made = surface("quadratic", condition=float(condition))  # L = 1, µ = 1/condition
    angles = stream(0, "directions").uniform(0, 2 * np.pi, starts)
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    learning_rates = {WORST_CASE: 2 / (1 + 1 / condition), "1/L": 1.0, "0.5/L": 0.5}
    contenders = {label: {"optimizer": "sgd", "learning_rate": lower * rate} for label, rate in learning_rates.items()}
    return descend(made, contenders, points, steps, tolerance=1e-3 / condition)


def _turns(found: Descents, label: str) -> Float[np.ndarray, " S"]:
    """Share of the updates after the first that turn across the steep axis."""
    return np.asarray(found.zigzags[found.labels.index(label)] / (found.steps - 1))


def _updates(found: Descents, label: str) -> Float[np.ndarray, " S"]:
    return np.asarray(updates_to_converge(found)[found.labels.index(label)])


def turning(begun: dict[int, Descents]) -> Part:
    """How often descents turn across the steep axis at the rate that is best in the worst case."""
    numbers = [
        median(f"share of updates that turn, condition {k:,}", _turns(found, WORST_CASE)) for k, found in begun.items()
    ]
    return Part(
        "at the rate 2/(L + µ), best in the worst case, SGD turns across the steep direction at 9 in 10 updates or "
        "more, from every start",
        tuple(above(one, 0.9, f"at condition {k:,}") for one, k in zip(numbers, begun, strict=True)),
        tuple(numbers),
        Chart("condition number", "share of updates that turn", (curve("SGD", list(begun), numbers),), log_x=True),
    )


def _crawling(done: dict[int, Descents]) -> Part:
    conditions = list(done)
    updates = {k: _updates(found, WORST_CASE) for k, found in done.items()}
    medians = [median(f"updates to a thousandth, condition {k:,}", updates[k]) for k in conditions]
    growth = [
        paired_ratio(f"times as many at condition {b:,} as at {a:,}", updates[b], updates[a])
        for a, b in pairwise(conditions)
    ]
    return Part(
        "along the flat direction SGD at that rate takes at least 5 times as many updates at 10 times the condition "
        "number",
        tuple(above(one, 5.0, f"at condition {k:,}") for one, k in zip(growth, conditions[1:], strict=True)),
        (*growth, *medians),
        Chart(
            "condition number",
            "updates until the gradient is a thousandth of the flat slope",
            (curve("SGD at rate 2/(L + µ)", conditions, medians),),
            log_x=True,
            log_y=True,
        ),
    )


def _without_turns(begun: dict[int, Descents], done: dict[int, Descents]) -> Part:
    turns = {
        (rate, k): median(f"share of updates that turn at rate {rate}, condition {k:,}", _turns(found, rate))
        for rate in ("1/L", "0.5/L")
        for k, found in begun.items()
    }
    costs = {
        k: paired_ratio(
            f"times as many updates at rate 1/L as at 2/(L + µ), condition {k:,}",
            _updates(found, "1/L"),
            _updates(found, WORST_CASE),
        )
        for k, found in done.items()
    }
    return Part(
        "the zigzag is the price of speed: at the rate 1/L, where SGD turns at fewer than 1 update in 20, it takes "
        "more updates at every condition number",
        (
            *(below(turns[rate, k], 0.05, f"at condition {k:,}") for rate, k in turns),
            *(above(one, 1.0, f"at condition {k:,}") for k, one in costs.items()),
        ),
        beyond=True,
    )


def _random_matrices(draws: int, dimensions: tuple[int, ...]) -> tuple[Part, Part]:
    symmetric = {D: _conditions(_symmetric(draws, D)) for D in dimensions}
    square = {D: _conditions(_covariance(draws, D, D)) for D in dimensions}
    ample = {D: _conditions(_covariance(draws, D, 2 * D)) for D in dimensions}
    families = {"symmetric": symmetric, "covariance": square, "covariance, 2 samples per dimension": ample}
    medians = {
        family: [median(f"median condition number, {family}, dimension {D}", of[D]) for D in dimensions]
        for family, of in families.items()
    }
    chart = Chart(
        "dimension",
        "median condition number",
        tuple(curve(family, dimensions, found) for family, found in medians.items()),
        log_x=True,
        log_y=True,
    )
    first, last = dimensions[0], dimensions[-1]
    grown = [
        _quotient(f"times the median of dimension {first} at {last}, {family}", medians[family]) for family in WORSE
    ]
    late = _quotient(
        f"times the median of dimension {dimensions[-3]} at {last}, covariance, 2 samples per dimension",
        medians["covariance, 2 samples per dimension"][-3:],
    )
    return (
        Part(
            f"random Hessians, symmetric or covariances of as many samples as dimensions, are worse conditioned in "
            f"dimension {last} than in {first}",
            tuple(above(one, 1.0, f"{family} matrices") for one, family in zip(grown, WORSE, strict=True)),
            (*grown, *(one for family in WORSE for one in medians[family])),
            chart,
        ),
        Part(
            "with twice as many samples as dimensions the growth stops: the median less than doubles over the last "
            "factor of 4",
            (below(late, 2.0),),
            (late, *medians["covariance, 2 samples per dimension"]),
            beyond=True,
        ),
    )


def _quotient(what: str, medians: list[Measured]) -> Measured:
    """Last over first, with ends that both intervals allow."""
    first, last = medians[0], medians[-1]
    return Measured(what, last.estimate / first.estimate, last.low / first.high, last.high / first.low, last.n)


def _networks(asked: tuple[int, tuple[int, ...]]) -> Part:
    seeds, widths = asked
    found = {width: _network_conditions(width, seeds) for width in widths}
    sizes = [found[width][0] for width in widths]
    medians = [
        median(f"median condition number, network of {P} parameters", found[width][1])
        for width, P in zip(widths, sizes, strict=True)
    ]
    grown = _quotient(f"times the median of {sizes[0]} parameters at {sizes[-1]}", medians)
    return Part(
        f"the Hessians of tanh networks on iris at their initial weights are worse conditioned at {sizes[-1]} "
        f"than at {sizes[0]} parameters",
        (above(grown, 1.0),),
        (grown, *medians),
        Chart("parameters", "median condition number", (curve("tanh networks", sizes, medians),), log_y=True),
    )


def _network_conditions(width: int, seeds: int) -> tuple[int, Float[np.ndarray, " S"]]:
    """Number of parameters, and condition numbers of the Hessians at initial weights.

    The softmax does not feel a shift of all logits, so that the Hessian has an exact zero: a penalty on all
    parameters, the same for every width, lifts it to its own size.
    """
    dataset = load_data("iris")
    recipe = Recipe(hidden=(width,), activation="tanh", initialization="xavier")
    (problem,) = problems_of([recipe], dataset, "float32")
    loss = network_loss(problem.network, [{}], problem.numbers(0), dataset.training)
    flat = [ravel_pytree(problem.init(seed)[0]) for seed in range(seeds)]
    hessians = jax.jit(jax.vmap(jax.hessian(lambda x: loss(flat[0][1](x)) + PENALTY / 2 * x @ x)))(
        jnp.stack([one for one, _ in flat])
    )
    return len(flat[0][0]), _conditions(hessians)


def _conditions(matrices: Float[np.ndarray, "N D D"]) -> Float[np.ndarray, " N"]:
    """Largest over smallest absolute eigenvalue, in float64 whatever the process computes in."""
    sizes = abs(np.linalg.eigvalsh(np.asarray(matrices, np.float64)))
    return np.asarray(sizes.max(-1) / sizes.min(-1))


def _symmetric(draws: int, D: int) -> Float[np.ndarray, "N D D"]:
    """Independent normal entries, symmetric: eigenvalues of both signs, as at a critical point of a random function."""
    drawn = stream(0, "symmetric", D).standard_normal((draws, D, D))
    return drawn + np.swapaxes(drawn, 1, 2)


def _covariance(draws: int, D: int, samples: int) -> Float[np.ndarray, "N D D"]:
    """XᵀX of normal X: the Hessian of a linear regression with so many samples."""
    drawn = stream(0, "covariance", D, samples).standard_normal((draws, samples, D))
    return np.swapaxes(drawn, 1, 2) @ drawn
