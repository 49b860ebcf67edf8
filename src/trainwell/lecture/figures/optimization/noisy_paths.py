"""F-C-9: noisy gradients, and the paths of SGD and of momentum under them."""

from collections.abc import Sequence
from functools import cache

import numpy as np

from trainwell.display import Head, Line, Paths, Style, Table, chips, lines_chart, row_of
from trainwell.landscape import Descents, descend
from trainwell.lecture.figures.descents import bowl_panels, number, own_styles, path_series, paths_of, recipes
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import mean_and_band
from trainwell.statistics import mean_interval

NOISE = 1.0
"""Standard deviation of the noise on each component; on the bowl the flat slope is at most 1."""
WINDOW = np.array([[-8.5, 1.5], [-2.6, 2.6]])
RATE, FRICTION, STEPS = 0.3, 0.9, 60
CONTENDERS = {
    "SGD": {"optimizer": "sgd", "learning_rate": RATE},
    "momentum": {"optimizer": "momentum_step", "learning_rate": RATE * (1 - FRICTION), "momentum": FRICTION},
}
"""Momentum's learning rate is (1 − ρ) times SGD's, so both make the same progress in the long run."""


@cache
def noisy_descents(seed: int) -> Descents:
    """Both contenders on the bowl from the book's start, with the same noise."""
    return descend("bowl", CONTENDERS, steps=STEPS, noise=NOISE, seed=seed, paths=True)


def draw(given: Given) -> Content:
    """The paths of all seeds, a panel for each contender, and their heights."""
    found, drawn = [noisy_descents(seed) for seed in given.seeds], own_styles(len(CONTENDERS))
    each = [paths_of(one) for one in found]
    points, values = (np.concatenate([getattr(one, name) for one in each], 1) for name in ("points", "values"))
    paths = Paths(list(CONTENDERS), each[0].updates, points, values, np.zeros(values.shape[:2], bool))
    series = path_series(paths)
    lengths, turns = (np.stack([getattr(one, name)[:, 0] for one in found], 1) for name in ("lengths", "zigzags"))
    way, turn = lengths.mean(1), turns.mean(1)
    said = (
        f"Over {STEPS} updates SGD’s path is {number(way[0], 3)} long and turns {number(turn[0], 3)} times across the "
        f"valley; momentum’s is {number(way[1], 3)} long and turns {number(turn[1], 3)} times"
        f"{f', means of {len(found)} seeds' if len(found) > 1 else ''}."
    )
    caption = "Paths on x²/20 + y² with noise on every gradient" + (", one per seed" if len(found) > 1 else "")
    return Content(
        [
            Drawing("paths", caption, bowl_panels(paths, drawn, WINDOW), said),
            _heights(series, drawn),
        ],
        series,
        {"Effect of the noise": _table(lengths, turns, values, drawn)},
        [
            f"Normal noise of standard deviation {NOISE:g} is added to both components of each gradient, the same for "
            f"both contenders. Learning rates are {RATE:g} for SGD and {RATE * (1 - FRICTION):g} for momentum with ρ = "
            f"{FRICTION:g}, so that both make the same progress in the long run."
        ],
    )


def _heights(series: list[Series], drawn: Sequence[Style]) -> Drawing:
    lines = []
    own = [one for one in series if one.label.endswith(": height")]
    for k, one in enumerate(own):
        middle, low, high = mean_and_band(one.seeds, (0.0, np.inf))
        lines.append(Line(k, list(CONTENDERS)[k], drawn[k], one.x, middle, low, high))
    late = [float(one.seeds[:, STEPS // 2 :].mean()) for one in own]
    said = (
        f"In the second half SGD’s mean height is {number(late[0], 2)}, momentum’s {number(late[1], 2)}: "
        f"at the same rate of progress the smoother path {'ends' if late[1] < late[0] else 'does not end'} nearer here."
    )
    chart = lines_chart(lines, "updates", "height")
    return Drawing("heights", "Height along the paths", chart, said, chips(list(CONTENDERS), drawn))


def _table(lengths: np.ndarray, turns: np.ndarray, values: np.ndarray, drawn: Sequence[Style]) -> Table:
    """Means over seeds, with their 95% intervals."""
    late = values[:, :, STEPS // 2 :].mean(-1)
    rows = [
        row_of(drawn[k], label, *(_mean(one[k]) for one in (lengths, turns, late)))
        for k, label in enumerate(CONTENDERS)
    ]
    heads = ("length of the path", "turns across the valley", "mean height, second half")
    return Table((Head("", ""), *map(Head, heads)), tuple(rows))


def _mean(values: np.ndarray) -> str:
    if len(values) == 1:
        return number(values[0], 3)
    found = mean_interval(values.astype(np.float64), within=(0.0, np.inf))
    return f"{number(found.mean, 3)} [{number(found.low, 3)}, {number(found.high, 3)}]"


FIGURE = Figure(
    "F-C-9",
    "optimization",
    "With noise on every gradient SGD meanders, and each step goes where the noise points. Momentum averages over many "
    "gradients and draws a smooth path; both end about equally far from the minimum.",
    draw,
    contenders=recipes(CONTENDERS, STEPS),
    statements=("C-18",),
    errors=(7,),
    python="from trainwell.landscape import descend\n"
    "\n"
    f'contenders = {{"SGD": {{"optimizer": "sgd", "learning_rate": {RATE:g}}},\n'
    f'              "momentum": {{"optimizer": "momentum_step", "learning_rate": {RATE * (1 - FRICTION):g}}}}}\n'
    f'found = descend("bowl", contenders, steps={STEPS}, noise={NOISE:g}, seed=0)\n'
    "print(found.labels, found.lengths[:, 0], found.zigzags[:, 0])\n",
)
