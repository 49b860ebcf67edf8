"""F-C-11: training and validation curves of a network that learns well, one that overfits, one that learns nothing."""

from collections.abc import Sequence

import numpy as np

from trainwell.display import lines_chart, styles
from trainwell.lecture.book import HE, LEARNING_RATE, Fields, Setting, normal
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import LOSS, SHARE, diverged_notes, end_table, legend, lines_of, observed

KINDS = ("validation", "training")
CONTENDERS: dict[str, Fields] = {
    "healthy": HE | {"optimizer": "sgd", "learning_rate": 0.05, "l2_penalty": 0.03},
    "overfitting": HE | {"optimizer": "sgd", "learning_rate": 0.1},
    "not learning": normal(0.01) | {"optimizer": "sgd", "learning_rate": LEARNING_RATE},
}
SETTING = Setting(
    "F-C-11",
    5,
    100,
    2500,
    "held out",
    41,
    "epochs",
    CONTENDERS,
    {f"{kind} {what}": f"{what}/{kind}" for what in ("accuracy", "loss") for kind in KINDS},
)


def draw(given: Given) -> Content:
    """A panel per recipe, of accuracies and of losses: validation solid, training dashed."""
    series, contenders = observed(given, SETTING.shown), list(given.runs)
    accuracies, losses = (_of(series, what) for what in ("accuracy", "loss"))
    return Content(
        [
            _panels("accuracies", accuracies, contenders, "accuracy", SHARE, SHARE),
            _panels("losses", losses, contenders, "loss", LOSS, (0.0, 2.6)),
        ],
        series,
        {
            "Accuracy at the end": end_table(accuracies, SHARE),
            "Loss at the end": end_table(losses, LOSS),
        },
        diverged_notes(given),
    )


def _of(series: Sequence[Series], what: str) -> list[Series]:
    return [one for one in series if one.label.endswith(what)]


def _panels(
    name: str,
    series: Sequence[Series],
    contenders: Sequence[str],
    what: str,
    within: tuple[float, float],
    ends: tuple[float, float],
) -> Drawing:
    drawn, shown = styles(range(len(contenders))), [f"{kind} {what}" for kind in KINDS]
    lines = lines_of(series, contenders, shown, drawn, range(len(contenders)), within=within)
    chart = lines_chart(lines, "epochs", what, panels=contenders, y_range=ends, columns=((0, 1), (560, 3)))
    said = []
    for i, label in enumerate(contenders):
        validation, training = (np.nanmean(one.seeds, 0) for one in series[2 * i : 2 * i + 2])
        best = np.nanmin(validation) if what == "loss" else np.nanmax(validation)
        said.append(f"{label}: training {training[-1]:.3g}, validation {validation[-1]:.3g}, at best {best:.3g}")
    _, kinds = legend(contenders, drawn, shown)
    return Drawing(
        name,
        f"{what.capitalize()} on training and validation images",
        chart,
        f"At the end {'; '.join(said)}.",
        (),
        kinds,
    )


FIGURE = Figure(
    "F-C-11",
    "babysitting",
    "Healthy: both curves rise together, and the loss falls on both. Overfitting: the training images are known by "
    "heart while the validation loss turns and rises; not learning: nothing moves, here because the initial weights "
    "are too small.",
    draw,
    SETTING,
    untuned="There is no view with tuned learning rates: networks were set to learn as their names say.",
    statements=("C-34", "C-07"),
)
