"""F-C-6: grid and random search where one of two hyperparameters matters."""

from collections.abc import Sequence

import numpy as np
import optuna
from jaxtyping import Float
from optuna.distributions import BaseDistribution, FloatDistribution

from trainwell.core import stream
from trainwell.display import GREY, Head, Line, Row, Style, Table, chips, lines_chart, styles
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import SHARE, mean_and_band
from trainwell.search import make_sampler

FEW = 9
"""Trials whose layout is drawn: a grid of 3 by 3."""
TRIALS = (4, 9, 16, 25, 36, 49, 64)
PER_SEED = 20
"""Functions that are searched for every seed."""
MATTERS, HARDLY = "the one that matters", "the one that hardly does"
AXES = {MATTERS: FloatDistribution(0.0, 1.0), HARDLY: FloatDistribution(0.0, 1.0)}
WIDTH, SLOPE = 0.08, 0.02
SHOWN = np.array([0.3, 0.6])
"""Best point of the function that is drawn, between two values of the grid."""
LABELS = ("grid", "random")
ACROSS = np.linspace(0, 1, 201)


def accuracy(points: Float[np.ndarray, "... 2"], best: Float[np.ndarray, " 2"]) -> Float[np.ndarray, "..."]:
    """The function to maximize: a narrow peak in one variable, a gentle slope in the other; at most 1.

        0.98 exp(−½ ((x − a)/0.08)²) + 0.02 (1 − |y − b|)

    Args:
        points: x and y.
        best: a and b, where it is 1.
    """
    x, y = np.moveaxis(np.asarray(points), -1, 0)
    peak = np.exp(-0.5 * ((x - best[0]) / WIDTH) ** 2)
    return np.asarray((1 - SLOPE) * peak + SLOPE * (1 - abs(y - best[1])))


def trials(sampler: str, count: int, seed: int) -> Float[np.ndarray, "N 2"]:
    """The points that a sampler tries, in its order."""
    made = make_sampler(sampler, seed, distributions=AXES, num_trials=count)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=made)
    axes: dict[str, BaseDistribution] = {**AXES}
    asked = [study.ask(axes).params for _ in range(count)]
    return np.array([[params[name] for name in AXES] for params in asked])


def draw(given: Given) -> Content:
    """The points that both try, and the best accuracy of each by number of trials."""
    peaks, reached = _searched(given.seeds)
    layouts = [trials(name, FEW, given.seeds[0]) for name in LABELS]
    x = np.array(TRIALS, np.float64)
    series = [Series(f"{label}: best accuracy", x, each) for label, each in zip(LABELS, reached, strict=True)]
    return Content(
        [_layout(layouts, SHOWN), _best(series)],
        series,
        {"Best accuracy found, mean over functions": _table(series)},
        [
            f"The function that is drawn has its peak at {SHOWN[0]:g}, between two values of the grid. The means are "
            f"over {len(peaks)} functions whose best point is drawn at random, the same for both searches."
        ],
    )


def _searched(
    seeds: Sequence[int],
) -> tuple[Float[np.ndarray, "F 2"], tuple[Float[np.ndarray, "F N"], Float[np.ndarray, "F N"]]]:
    """The best point of every function, and the best accuracy that grid and random search find in so many trials."""
    peaks = np.concatenate([stream(seed, "best places").random((PER_SEED, 2)) for seed in seeds])
    grids = [trials("grid", count, seeds[0]) for count in TRIALS]
    grid = np.array([[accuracy(points, peak).max() for points in grids] for peak in peaks])
    drawn = [
        trials("random", TRIALS[-1], int(stream(s, "searches", i).integers(2**31)))
        for s in seeds
        for i in range(PER_SEED)
    ]
    found = np.array([np.maximum.accumulate(accuracy(points, peak)) for points, peak in zip(drawn, peaks, strict=True)])
    return peaks, (grid, found[:, np.array(TRIALS) - 1])


def _layout(layouts: Sequence[Float[np.ndarray, "N 2"]], best: Float[np.ndarray, " 2"]) -> Drawing:
    """For each search a panel of its points, and below it their accuracies against the number that matters."""
    drawn, grey, lines = styles(range(len(LABELS))), Style(GREY, "", False), []
    curve = accuracy(np.stack([ACROSS, np.full_like(ACROSS, best[1])], 1), best)
    for i, points in enumerate(layouts):
        values = accuracy(points, best)
        lines += [
            Line(i, LABELS[i], drawn[i], points[:, 0], points[:, 1], kind="trial", panel=i, joined=False),
            Line(-1, "accuracy, best value of the other", grey, ACROSS, curve, panel=i + 2),
            Line(i, LABELS[i], drawn[i], points[:, 0], values, kind="accuracy", panel=i + 2, joined=False),
        ]
    titles = [f"{label}: trials" for label in LABELS] + [f"{label}: accuracy" for label in LABELS]
    chart = lines_chart(
        lines, MATTERS, HARDLY, panels=titles, x_range=(-0.05, 1.05), y_range=(-0.05, 1.1), columns=((0, 2),)
    )
    counts = [len(np.unique(points[:, 0].round(9))) for points in layouts]
    heights = [float(accuracy(points, best).max()) for points in layouts]
    return Drawing(
        "layouts",
        f"{FEW} trials of each: above, the two numbers; below, the accuracy against the one that matters",
        chart,
        f"The grid tries {counts[0]} values of the number that matters and reaches {heights[0]:.2f}; random search "
        f"tries {counts[1]} and reaches {heights[1]:.2f}.",
        chips(LABELS, drawn),
    )


def _best(series: Sequence[Series]) -> Drawing:
    drawn = styles(range(len(series)))
    lines = [
        Line(i, LABELS[i], drawn[i], one.x, *mean_and_band(one.seeds, SHARE), markers=True)
        for i, one in enumerate(series)
    ]
    at = TRIALS.index(25)
    grid, random = (float(one.seeds[:, at].mean()) for one in series)
    return Drawing(
        "best",
        "Best accuracy found, mean over functions with its 95% interval",
        lines_chart(lines, "trials", "best accuracy found", y_range=(0.0, 1.02)),
        f"After 25 trials the grid has found {grid:.2f} on average, random search {random:.2f}.",
        chips(LABELS, drawn),
    )


def _table(series: Sequence[Series]) -> Table:
    rows = []
    for i, count in enumerate(TRIALS):
        cells = []
        for one in series:
            middle, low, high = mean_and_band(one.seeds[:, i : i + 1], SHARE)
            cells += (
                [f"{middle[0]:.3f}", f"[{low[0]:.3f}, {high[0]:.3f}]"] if low is not None and high is not None else []
            )
        rows.append(Row((str(count), *cells)))
    heads = [Head(text) for label in LABELS for text in (label, "95% interval")]
    return Table((Head("trials", ""), *heads), tuple(rows))


FIGURE = Figure(
    "F-C-6",
    "hyperparameters",
    "Nine trials on a grid try three values of each number; nine at random try nine of each. Where only one of the two "
    "matters, random search comes nearer to its best value with the same number of trials.",
    draw,
    statements=("C-31",),
    python=(
        "import optuna\n"
        "from optuna.distributions import FloatDistribution\n"
        "from trainwell.search import make_sampler\n"
        "\n"
        'axes = {"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1)}\n'
        'for name in ("grid", "random"):\n'
        "    study = optuna.create_study(sampler=make_sampler(name, 0, distributions=axes, num_trials=9))\n"
        "    print(name, [study.ask(axes).params for _ in range(9)])\n"
    ),
)
