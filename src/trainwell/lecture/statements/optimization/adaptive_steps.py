"""C-37: AdaGrad's steps, those on rare features among them, and how far Adam's path swings."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape import Descents, descend, surface
from trainwell.lecture.experiment import Chart, Part, above, below, curve
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
)
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.optim import Rule, adagrad

ADAGRAD: Fields = {"optimizer": "adagrad", "learning_rate": 1.5}
SWINGING: dict[str, Fields] = {
    "momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
UPDATES = 29  # the figures' 30 points
LONG = 300  # until both have arrived from nearly all starts
STEEP, FLAT = 0, 1  # the bowl's principal axes
FREQUENCIES = (1.0, 0.3, 0.1, 0.03, 0.01)
"""Shares of the rows in which a feature occurs."""
ALIKE, ROWS, SPARSE_UPDATES = 5, 16, 500
"""Features of each frequency, rows in a batch, and updates after which steps are compared."""


DESIGN = Design(
    varied="AdaGrad's steps, by time and axis; Adam or momentum; how often a feature occurs",
    fixed="the bowl x²/20 + y², the starts, the lecture's settings and tuned ones; for rare features a linear "
    "regression on batches of 16 rows, AdaGrad at the rate 0.1, 500 updates",
    measured="steps across the steep axis, per unit of gradient as well; the length of swings; the last step of each "
    "weight per unit of its gradient",
    criterion="large at first: the tenth step on the steep axis is below a tenth of the first. In proportion: per unit "
    "of gradient the first step on the steep axis is less than half of that on the flat one, and the tenth on the "
    "steep axis at least a quarter shorter than the first (a tenth, half and a quarter are judgement calls); Adam "
    "swings less than momentum; weights of rarer features keep larger steps per unit of gradient",
    conditions="the lecture's settings, and rates tuned from other starts; features in 1% to 30% of the rows against "
    "features in all",
    precision="1,000 starts, 40 draws of the sparse data; medians with order-statistic intervals",
)


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-37."""
    count, tried = setup.of((1000, 24), (200, 12))
    made = surface("bowl")
    starts, learn = made.random_starts(count), made.random_starts(count // 5, seed=1)
    grids = {
        "momentum": grid("momentum_step", learning_rate=rates(0.005, 1, tried), momentum=[0.9]),
        "Adam": grid("adam", learning_rate=rates(0.05, 10, tried)),
    }
    tuned, within = tuned_settings(made, grids, learn, 1000)
    return (
        *_adagrad(descend(made, {"AdaGrad": ADAGRAD}, starts, UPDATES, paths=True)),
        swinging(f"at the lecture's settings, over {LONG} updates,", descend(made, SWINGING, starts, LONG, paths=True)),
        swinging(
            "with both rates tuned for the fewest updates, friction 0.9,",
            descend(made, tuned, starts, 1000, paths=True),
            within=within,
        ),
        on_rare_features(steps_per_gradient(adagrad(0.1), setup.of(40, 10))),
    )


STATEMENT = Statement(
    "C-37",
    DESIGN,
    "Expect AdaGrad to be fast at first and slow later. For sparse inputs, step sizes per parameter pay off: AdaGrad "
    "keeps larger ones for rare features.",
    examined,
)


def _adagrad(found: Descents) -> tuple[Part, ...]:
    places = {"steep": along(found, STEEP)[0], "flat": along(found, FLAT)[0]}
    steps = {axis: abs(np.diff(at)) for axis, at in places.items()}
    slopes = {"steep": 2 * abs(places["steep"][:, :-1]), "flat": abs(places["flat"][:, :-1]) / 10}
    # What a unit of gradient moves; where an axis has come to rest, nothing can be said.
    gains = {
        axis: np.divide(steps[axis], slopes[axis], out=np.full_like(steps[axis], np.nan), where=slopes[axis] > 1e-3)
        for axis in steps
    }
    first = paired_ratio(
        "first step on the steep axis over the first on the flat one", steps["steep"][:, 0], steps["flat"][:, 0]
    )
    tenth = paired_ratio("10th step on the steep axis over the first", steps["steep"][:, 9], steps["steep"][:, 0])
    unit = paired_ratio(
        "first step per unit of gradient, steep axis over flat one", gains["steep"][:, 0], gains["flat"][:, 0]
    )
    fallen = {
        axis: paired_ratio(
            f"10th step per unit of gradient over the first, {axis} axis", gains[axis][:, 9], gains[axis][:, 0]
        )
        for axis in gains
    }
    chart = Chart(
        "update",
        "length of the step",
        tuple(median_curve(f"{axis} axis", range(1, UPDATES + 1), own) for axis, own in steps.items()),
        log_y=True,
    )
    return (
        Part(
            "AdaGrad's first step is larger on the steep axis than on the flat one (its formula makes it η on both, "
            "from every start)",
            (above(first, 1.0 + 1e-3),),
            (first,),
            chart,
            beyond=True,
        ),
        Part(
            "on the bowl AdaGrad's steps on the steep axis shrink to a tenth or less within 10 updates",
            (below(tenth, 0.1),),
            (tenth,),
            chart,
        ),
        Part(
            "in proportion to the gradients it has met AdaGrad moves less on the steep axis: less than half as far per "
            "unit of gradient as on the flat one at first, and after 10 updates less than three quarters of that",
            (below(unit, 0.5), below(fallen["steep"], 0.75)),
            (unit, fallen["steep"]),
        ),
        Part(
            "what a unit of gradient moves with AdaGrad falls on the flat axis as well: to less than three quarters in "
            "10 updates",
            (below(fallen["flat"], 0.75),),
            beyond=True,
        ),
    )


def swinging(when: str, found: Descents, *, within: bool = True) -> Part:
    """The way across the steep axis that leads nowhere: what is gone beyond the distance of its ends.

    Left open where a rate is at an end of its grid.
    """
    across = along(found, STEEP)
    spare = abs(np.diff(across)).sum(-1) - abs(across[..., -1] - across[..., 0])
    share = spare / abs(across[..., 0])
    ratio = paired_ratio("Adam's swing over momentum's", share[1], share[0])
    swings = [median(f"swing, share of the first distance, {label}", share[i]) for i, label in enumerate(found.labels)]
    turns = [
        median(
            f"turns across the steep axis in {UPDATES} updates, {label}",
            (np.diff(np.sign(np.diff(across[i, :, : UPDATES + 1]))) != 0).sum(-1),
        )
        for i, label in enumerate(found.labels)
    ]
    rated = [chosen(f"rate of {label}", float(one.learning_rate or np.nan)) for label, one in found.recipes.items()]
    return Part(
        f"on the bowl, {when} Adam's path swings less across the steep axis than momentum's",
        (below(ratio, 1.0, doubt=doubt(within)),),
        (ratio, *swings, *turns, *rated),
    )


def steps_per_gradient(rule: Rule, seeds: int) -> Float[np.ndarray, "S F"]:
    """Length of the last step over that of its gradient, of weights of features that occur with each frequency.

    A linear regression on features that are 0 in most rows, on batches of their own; noise keeps gradients alive.
    """
    often = np.repeat(FREQUENCIES, ALIKE)
    shape = (SPARSE_UPDATES, seeds, ROWS, len(often))
    occurs = stream(0, "sparse features").uniform(size=shape) < often
    x = jnp.asarray(np.where(occurs, stream(0, "their values").choice([-1.0, 1.0], shape), 0.0), jnp.float32)
    noise = jnp.asarray(stream(0, "their noise").standard_normal(shape[:3]), jnp.float32)

    def one(state: tuple[Array, object, Array], batch: tuple[Array, Array]) -> tuple[tuple[Array, object, Array], None]:
        w, own, gain = state
        features, off = batch
        wrong = jnp.einsum("sbf,sf->sb", features, w - 1) - off  # all true weights are 1
        g = jnp.einsum("sbf,sb->sf", features, wrong) / ROWS
        step, own = rule.update(g, own)
        return (w + step, own, jnp.where(g != 0, abs(step) / abs(g), gain)), None

    begun = jnp.zeros(shape[1::2])
    _, _, gain = jax.jit(
        lambda: jax.lax.scan(one, (begun, rule.init(begun), jnp.full_like(begun, jnp.nan)), (x, noise))
    )()[0]
    return np.median(np.asarray(gain, np.float64).reshape(seeds, len(FREQUENCIES), ALIKE), axis=2)


def on_rare_features(gains: Float[np.ndarray, "S F"]) -> Part:
    """Steps per unit of gradient against how often a feature occurs."""
    ratios = [
        paired_ratio(
            f"step per unit of gradient, a feature in {often:.0%} of the rows over one in all", gains[:, i], gains[:, 0]
        )
        for i, often in enumerate(FREQUENCIES)
    ]
    return Part(
        f"after {SPARSE_UPDATES} updates of a linear regression weights of features that occur in fewer rows keep "
        "larger steps per unit of gradient",
        tuple(
            above(ratio, 1.0, f"in {often:.0%} of the rows")
            for ratio, often in zip(ratios[1:], FREQUENCIES[1:], strict=True)
        ),
        chart=Chart(
            "share of the rows in which a feature occurs",
            "step per unit of gradient, over that of a feature in all rows",
            (curve("AdaGrad", FREQUENCIES, ratios),),
            log_x=True,
            log_y=True,
            bound=1.0,
        ),
    )
