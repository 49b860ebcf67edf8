"""F-6-24: the best 20 of 100 random trials of learning rate and weight decay."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from trainwell.display import COLORS, GREY, Chip, Head, Line, Row, Style, Table, lines_chart
from trainwell.lecture.book import BEST_TRIALS, BOOK
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.lecture.figures.training import SHARE, diverged_notes, lines_of, observed
from trainwell.statistics import mean_interval
from trainwell.training import Recipe

SETTING = BOOK["F-6-24"]
KINDS = list(SETTING.shown)
KEY = 100
"""Of the button of the best: ranks are below it."""
BEST, REST = Style(COLORS[0], "", True), Style(GREY, "circle-open", False)
Ranked = Sequence[Sequence[Recipe]]
"""Recipes by rank, then by seed."""


def draw(given: Given) -> Content:
    """A panel for each of the best trials; of several seeds those of the same rank together."""
    found, labels, count = observed(given, SETTING.shown), list(given.runs), min(BEST_TRIALS, len(given.runs))
    order = ranking(found[:: len(KINDS)])
    recipes = [[given.runs[labels[t]][seed].members[0].recipe for seed, t in enumerate(trials)] for trials in order]
    series = [
        Series(f"rank {rank + 1}: {kind}", found[0].x, _rows(found[k :: len(KINDS)], order[rank]))
        for rank in range(count)
        for k, kind in enumerate(KINDS)
    ]
    notes = ["Validation is on few images, and the best of many trials is partly luck: it overstates new images."]
    if order.shape[1] > 1:
        notes.append("Each seed drew its own trials: a rank is another trial in every seed.")
    return Content(
        [_panels(series, recipes[:count]), _plane(recipes, count)],
        series,
        {f"The best {count} of {len(labels)} trials": _table(series, recipes[:count])},
        [*notes, *diverged_notes(given)],
    )


def ranking(validation: Sequence[Series]) -> Int[np.ndarray, "R S"]:
    """Of each seed the trials by their accuracy at the end, best first; of the same accuracy the first tried is first.

    Args:
        validation: of each trial.
    """
    ends = np.array([one.seeds[:, -1] for one in validation])
    return np.argsort(-ends, axis=0, kind="stable")


def _rows(each: Sequence[Series], trials: Int[np.ndarray, " S"]) -> np.ndarray:
    """Of every seed the row of its trial."""
    return np.stack([each[trial].seeds[seed] for seed, trial in enumerate(trials)])


def _panels(series: Sequence[Series], recipes: Ranked) -> Drawing:
    count = len(recipes)
    lines = lines_of(series, [f"rank {i + 1}" for i in range(count)], KINDS, [BEST] * count, range(count), within=SHARE)
    lines = [_short(line) for line in lines]
    titles = [f"{i + 1}: {_numbers(own)}" for i, own in enumerate(recipes)]
    first, last = (float(one.seeds[:, -1].mean()) for one in (series[0], series[-len(KINDS)]))
    return Drawing(
        "trials",
        "Accuracy of the best trials, by rank: validation solid, training dashed; above each its learning rate η and "
        "weight decay λ",
        lines_chart(lines, "epochs", "accuracy", panels=titles, y_range=SHARE),
        f"Validation accuracy at the end is {first:.3g} at rank 1 and {last:.3g} at rank {count}"
        f"{', means over seeds' if len(recipes[0]) > 1 else ''}.",
        kinds=[Chip(kind, kind, "currentColor", dash) for kind, dash in zip(KINDS, ("", "dash"), strict=True)],
    )


def _short(line: Line) -> Line:
    """In fewer bytes: there are many panels."""
    low, high = (None if each is None else each.astype(np.float32) for each in (line.low, line.high))
    return replace(line, x=line.x.astype(np.int16), y=line.y.astype(np.float32), low=low, high=high)


def _numbers(recipes: Sequence[Recipe]) -> str:
    """Learning rate and weight decay of a rank; of several seeds from the smallest to the largest rate.

    One digit each, since panels are narrow: the plane and the table have all.
    """
    rates = [recipe.learning_rate or 0.0 for recipe in recipes]
    if len(recipes) == 1:
        return f"η {rates[0]:.1g}, λ {recipes[0].l2_penalty:.0e}".replace("e-0", "e-")
    return f"η {min(rates):.1g}–{max(rates):.1g}"


def _drawn(recipes: Ranked) -> tuple[np.ndarray, np.ndarray]:
    """Learning rates and penalties of all."""
    flat = [recipe for own in recipes for recipe in own]
    return np.array([recipe.learning_rate for recipe in flat], float), np.array([r.l2_penalty for r in flat], float)


def _plane(recipes: Ranked, count: int) -> Drawing:
    """Where in the plane of both numbers the best trials lie, and the others."""
    (rates, penalties), drawn = _drawn(recipes[:count]), _drawn(recipes)
    lines = [
        Line(KEY - 1, "other trials", REST, *_drawn(recipes[count:]), joined=False),
        Line(KEY, f"best {count}", BEST, rates, penalties, joined=False),
    ]
    return Drawing(
        "plane",
        "All trials: what was drawn, and where the best lie",
        lines_chart(lines, "learning rate η", "weight decay λ", log_x=True, log_y=True),
        f"The median learning rate of the best is {np.median(rates):.2g}, of all {np.median(drawn[0]):.2g}; the median "
        f"weight decay of the best is {np.median(penalties):.1e}, of all {np.median(drawn[1]):.1e}.",
        [Chip(str(KEY), f"best {count}", BEST.color, "circle"), Chip("rest", "other trials", GREY, "circle-open")],
    )


def _table(series: Sequence[Series], recipes: Ranked) -> Table:
    many, rows = len(recipes[0]) > 1, []
    for rank, own in enumerate(recipes):
        rates, penalties = _drawn([own])
        validation, training = (one.seeds[:, -1] for one in series[2 * rank : 2 * rank + 2])
        reached = mean_interval(validation, within=SHARE)
        cells = [f"{np.median(rates):.3g}", f"{np.median(penalties):.2e}", f"{reached.mean:.4g}"]
        cells += [f"[{reached.low:.3g}, {reached.high:.3g}]"] if many else []
        rows.append(Row((str(rank + 1), *cells, f"{training.mean():.4g}")))
    median = ", median" if many else ""
    heads = [f"learning rate{median}", f"weight decay{median}", "validation accuracy"]
    heads += [*(["95% interval"] if many else []), "training accuracy"]
    return Table((Head("rank", ""), *map(Head, heads)), tuple(rows))


FIGURE = Figure(
    "F-6-24",
    "hyperparameters",
    "A hundred learning rates and weight decays were drawn at random, and each trained briefly; the panels are the "
    "best twenty by validation accuracy. Nearly all of these have learning rates near the upper end of the range, and "
    "any weight decay: there the next, narrower range should be.",
    draw,
    SETTING,
    untuned="There is no view with tuned learning rates: drawing rates at random is tuning them.",
    statements=("C-32", "C-33"),
)
