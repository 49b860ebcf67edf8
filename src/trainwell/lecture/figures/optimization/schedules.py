"""F-C-3: the schedules' curves, and a loss that drops at each step of step decay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display import GREY, Head, Line, Row, Style, Table, chips, lines_chart, styles
from trainwell.lecture.book import HE, Setting
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import LOSS, diverged_notes, end_table, ends_said, legend, lines_of, observed
from trainwell.optim import make_schedule

EPOCHS = 100
CURVES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "step: a tenth at 30, 60 and 90": ("step", {}),
    "step: half every 20": ("step_every", {"every": 20, "factor": 0.5}),
    "exponential": ("exponential", {}),
    "1/(1 + kt)": ("inverse_time", {}),
    "cosine": ("cosine", {}),
    "linear": ("linear", {}),
    "1/√(1 + t)": ("inverse_sqrt", {}),
}
"""Label -> schedule and its parameters other than the defaults.

Source: T-LR-1 to T-LR-6.
"""
TIMES = np.linspace(0, EPOCHS, 201)
SHOWN_AT = (0, 1, 10, 30, 60, 90, 100)
FIRST = 100
"""Buttons of the second chart have keys of their own: from this number on."""
AROUND = 4
"""Epochs before and after a drop over which losses are averaged."""
_FIELDS = HE | {"optimizer": "sgd", "learning_rate": 0.2, "l2_penalty": 0.03}
SETTING = Setting(
    "F-C-3",
    5,
    100,
    1000,
    "held out",
    91,
    "epochs",
    {"constant": _FIELDS, "step decay": _FIELDS | {"schedule": "step", "schedule_factor": 0.3}},
    {"training loss": "loss/training", "validation loss": "loss/validation"},
)


def draw(given: Given) -> Content:
    """The curves of all schedules, and the losses with and without step decay."""
    factors = {label: make_schedule(name, EPOCHS, **numbers)(TIMES) for label, (name, numbers) in CURVES.items()}
    losses, contenders = observed(given, SETTING.shown), list(given.runs)
    drops = _drops(given)
    return Content(
        [_curves(factors), _training(losses, contenders, drops)],
        [*(Series(f"{label}: factor", TIMES, one[None]) for label, one in factors.items()), *losses],
        {
            "Factor on the learning rate, by epoch": _factor_table(factors),
            "Training loss around each drop": _drop_table(losses[:: len(SETTING.shown)], contenders, drops),
            "Final values": end_table(losses, LOSS),
        },
        [
            "Time t counts epochs from 0. The root is of 1 + t, so the first epoch has the full rate.",
            *diverged_notes(given),
        ],
    )


def _curves(factors: Mapping[str, Float[np.ndarray, " T"]]) -> Drawing:
    drawn = styles(range(len(factors)))
    lines = [Line(i, label, drawn[i], TIMES, one) for i, (label, one) in enumerate(factors.items())]
    halved = {label: TIMES[np.flatnonzero(one <= 0.5)[0]] for label, one in factors.items()}
    said = ", ".join(f"{when:g} for '{label}'" for label, when in halved.items())
    return Drawing(
        "schedules",
        "Factor on the learning rate",
        lines_chart(lines, "epochs", "factor on the learning rate", y_range=(0.0, 1.05)),
        f"Epoch at which each has fallen to half or less: {said}.",
        chips(list(factors), drawn),
    )


def _training(losses: Sequence[Series], contenders: Sequence[str], drops: Sequence[float]) -> Drawing:
    drawn, shown = styles(range(len(contenders))), list(SETTING.shown)
    values = np.concatenate([one.seeds.ravel() for one in losses])
    low, high = float(np.nanmin(values)) / 1.1, float(np.nanmax(values)) * 1.1
    marks = [
        Line(-1, f"the rate falls at epoch {drop:.0f}", Style(GREY, "", False), np.full(2, drop), ends)
        for drop, ends in ((drop, np.array([low, high])) for drop in drops)
    ]
    lines = [
        replace(line, index=FIRST + line.index) for line in lines_of(losses, contenders, shown, drawn, within=LOSS)
    ]
    buttons, kinds = legend(contenders, drawn, shown)
    return Drawing(
        "drops",
        "Loss with step decay and with a constant rate; vertical lines mark the drops of the rate",
        lines_chart([*marks, *lines], "epochs", "loss", log_y=True, y_range=(low, high)),
        f"The rate falls at epochs {', '.join(f'{drop:.0f}' for drop in drops)}. {ends_said(losses)}",
        [replace(button, key=str(FIRST + i)) for i, button in enumerate(buttons)],
        kinds,
    )


def _drops(given: Given) -> list[float]:
    """Epochs at which the learning rate of the scheduled network drops."""
    for runs in given.runs.values():
        recipe, epochs = runs[0].members[0].recipe, runs[0].trace.epochs[0]
        if recipe.schedule != "constant":
            times = np.linspace(0, float(epochs[-1]), 2001)
            factors = make_schedule(recipe.schedule, float(epochs[-1]))(times)
            return [float(time) for time in times[1:][np.diff(factors) < 0]]
    return []


def _factor_table(factors: Mapping[str, Float[np.ndarray, " T"]]) -> Table:
    at = np.searchsorted(TIMES, SHOWN_AT)
    rows = [Row((label, *(f"{one[i]:.3g}" for i in at))) for label, one in factors.items()]
    return Table((Head("schedule", "long"), *(Head(str(when)) for when in SHOWN_AT)), tuple(rows))


def _drop_table(losses: Sequence[Series], contenders: Sequence[str], drops: Sequence[float]) -> Table:
    rows = []
    for drop in drops:
        means = []
        for one in losses:
            before = one.seeds[:, (one.x < drop) & (one.x >= drop - AROUND)]
            after = one.seeds[:, (one.x > drop) & (one.x <= drop + AROUND)]
            means += [f"{np.nanmean(part):.3g}" if np.isfinite(part).any() else "" for part in (before, after)]
        rows.append(Row((f"{drop:.0f}", *means)))
    heads = [Head(f"{label}, {side}") for label in contenders for side in ("before", "after")]
    return Table((Head("epoch", ""), *heads), tuple(rows))


FIGURE = Figure(
    "F-C-3",
    "optimization",
    "Each schedule lowers the learning rate in its own way. With step decay the loss drops as soon as the rate "
    "does, and stays calm; with a constant rate it keeps jumping.",
    draw,
    SETTING,
    untuned="There is no view with tuned learning rates: it compares schedules at the same initial rate.",
    statements=("C-25",),
    errors=(10,),
)
