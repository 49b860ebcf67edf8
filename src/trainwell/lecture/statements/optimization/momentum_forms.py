"""C-19: the two forms of momentum, at constant and at changing learning rates."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from trainwell.data import load_data
from trainwell.landscape import Descents, Surface, descend, surface
from trainwell.lecture.experiment import Chart, Measured, Part, above, below, curve, measured
from trainwell.lecture.measuring import Fields, median, paired_ratio, rounding
from trainwell.lecture.statements.statement import Design, Setup, Statement
from trainwell.statistics import mean_interval
from trainwell.training import Recipe, train

FRICTION = 0.9
CHANGING: dict[str, Fields] = {
    "step": {"schedule": "step", "schedule_factor": 0.1},
    "cosine": {"schedule": "cosine"},
    "linear": {"schedule": "linear"},
    "warm-up": {"warmup_epochs": 50.0},
}
STEPS = 200
DROP = 4
"""Epochs after which the network's rate drops."""


DESIGN = Design(
    varied="the form of momentum; the schedule",
    fixed="friction 0.9, the rate, the starts, batches and initial weights",
    measured="the largest distance of the two paths over their length; the ratio of training losses after a drop "
    "of the rate",
    criterion="at a constant rate the paths differ by at most 100 rounding errors; while the rate changes, by more "
    "than a thousandth of their length",
    conditions="schedules: constant, step, cosine, linear, warm-up; surfaces and a network on digits",
    precision="500 starts; 10 seeds of the network",
)


def forms(rate: float, **fields: object) -> dict[str, Fields]:
    """Both forms of momentum with the same numbers."""
    both_forms = {"velocity": "momentum", "step": "momentum_step"}
    return {
        form: {"optimizer": name, "learning_rate": rate, "momentum": FRICTION, **fields}
        for form, name in both_forms.items()
    }


def examined(setup: Setup) -> tuple[Part, ...]:
    """Measure the claims of C-19."""
    bowl, ill = surface("bowl"), surface("quadratic", condition=100.0)
    if setup.size == "full":
        return (*on_surfaces({bowl: 0.1, ill: 0.3}, 500), _on_a_network(10))
    return (*on_surfaces({bowl: 0.1}, 100), _on_a_network(4))


STATEMENT = Statement(
    "C-19",
    DESIGN,
    "Use either form with a constant learning rate. With a schedule expect different paths after each drop: say which "
    "form you used.",
    examined,
)


def _apart(found: Descents) -> Float[np.ndarray, " S"]:
    """The largest distance between the two paths from a start, as a share of the longer path's length."""
    assert found.paths is not None
    away = np.linalg.norm(np.asarray(found.paths[0] - found.paths[1], np.float64), axis=-1).max(1)
    return np.asarray(away / found.lengths.max(0))


def on_surfaces(
    grounds: dict[Surface, float], count: int, pair: Callable[..., dict[str, Fields]] = forms
) -> tuple[Part, ...]:
    """Both forms from common starts: at a constant rate, and while it changes."""
    constant: list[Measured] = []
    changing: list[Measured] = []
    ends: list[Measured] = []
    for ground, rate in grounds.items():
        starts = ground.random_starts(count)
        found = descend(ground, pair(rate), starts, STEPS, paths=True)
        what = f"largest distance of the paths / rounding error of their length, '{ground.name}'"
        constant.append(median(what, _apart(found) / rounding()))
        for name, fields in CHANGING.items():
            found = descend(ground, pair(rate, **fields), starts, STEPS, paths=True)
            what = f"largest distance of the paths, share of their length, {name}, '{ground.name}'"
            changing.append(median(what, _apart(found)))
            far = np.linalg.norm(np.asarray(found.points, np.float64), axis=-1)
            what = f"distance from the minimum at the end, velocity form over step form, {name}, '{ground.name}'"
            ends.append(paired_ratio(what, far[0], far[1]))
    return (
        Part(
            "at a constant rate the paths of both forms agree up to rounding: within a hundred rounding errors of "
            "their length",
            tuple(below(one, 100.0, f"on '{ground.name}'") for one, ground in zip(constant, grounds, strict=True)),
            tuple(constant),
        ),
        Part(
            "while the rate changes the paths of both forms differ by more than a thousandth of their length",
            tuple(above(one, 1e-3) for one in changing),
            (*changing, *ends),
            beyond=True,
        ),
    )


def _on_a_network(seeds: int) -> Part:
    """Both forms on digits, with the rate dropping in the middle: the same seeds, weights and batches."""
    recipe = Recipe(hidden=(32,), epochs=8, observe_training=10_000, schedule="step", schedule_milestones=(DROP,))
    recipes = [recipe.evolve(**fields) for fields in forms(0.02).values()]
    trained = train(load_data("digits"), recipes, range(seeds), show_progress=False)
    loss = trained.trace.values["loss/training"].reshape(2, seeds, -1)
    logs = np.log(loss[0] / loss[1])  # by seed and epoch
    over_time = [measured(f"log, epoch {i + 1}", mean_interval(logs[:, i])) for i in range(logs.shape[1])]
    numbers = (
        measured(
            "log of the training losses' ratio, velocity form over step form, at the end", mean_interval(logs[:, -1])
        ),
        measured(
            "largest such ratio before the drop, in rounding errors",
            mean_interval(abs(logs[:, :DROP]).max(1) / rounding()),
        ),
    )
    return Part(
        "on a network, after a drop of the rate to a tenth the velocity form's training loss is at least 5% higher",
        (above(numbers[0], 0.05),),
        numbers,
        Chart(
            "epochs",
            "log of the training losses' ratio, velocity form over step form",
            (curve("digits", range(1, logs.shape[1] + 1), over_time),),
        ),
        beyond=True,
    )
