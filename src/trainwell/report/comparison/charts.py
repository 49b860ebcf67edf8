"""The charts of a comparison's page: runs, pairs, tuned numbers, and all data sets together."""

from collections.abc import Sequence
from math import isfinite

import numpy as np
from jaxtyping import Float

from trainwell.comparison import (
    Across,
    Comparison,
    aggregate_cell,
    mean_cell,
    near_best,
    scaled,
    short_names,
)
from trainwell.core import METRICS
from trainwell.display import (
    Difference,
    Figure,
    Results,
    Scale,
    Style,
    TuningTrials,
    forest_chart,
    heights_of,
    profiles_chart,
    row_chart,
    sensitivity_chart,
    time_cell,
)
from trainwell.report.comparison.pairs import kind_of, leading
from trainwell.search import scale_of
from trainwell.statistics import first_reached

MOST_PAIRS = 30  # with a row each
LONGEST_OF_TWO = 18  # characters


def target(part: Comparison, styles: Sequence[Style]) -> Figure:
    """Epochs until every run first observed the target, and the median with its interval, fastest on top.

    Runs that never did are crosses at the right end. Names have no numbers, which would not be those of the ranking.

    Args:
        part: the comparison.
        styles: styles of the contenders.
    """
    first, names, rows = epochs_to_target(part), short_names(part), []
    for k in fastest_first(part):
        group, found = part.runs.by_recipe()[k], part.summaries[k].epochs_to_target
        reached = np.isfinite(first[group])
        texts = [
            f"seed {part.runs.members[m].seed}: {f'{first[m]:.4g} epochs' if known else 'never reached it'}"
            for m, known in zip(group, reached, strict=True)
        ]
        said = f"median {time_cell(found).line}"
        rows.append(Results(k, part.labels[k], styles[k], names[k], first[group], ~reached, texts, found, said))
    longest = float(np.nanmax(part.runs.trace.epochs, initial=0.0)) or 1.0
    return row_chart(rows, "Epochs to the target", (0.0, 1.06 * longest)).update_xaxes(nticks=8)


def fastest_first(part: Comparison) -> list[int]:
    """Contenders by their median number of epochs to the target, then by the share that reached it."""
    found = part.summaries
    return sorted(
        range(len(found)),
        key=lambda k: (np.nan_to_num(found[k].epochs_to_target.mean, nan=np.inf), -found[k].reached_target.mean, k),
    )


def epochs_to_target(part: Comparison) -> Float[np.ndarray, " M"]:
    """Epochs until each run first observed the target; infinite for those that never did."""
    observed, epochs = part.runs.trace[f"{part.metric}/validation"], np.nan_to_num(part.runs.trace.epochs, nan=np.inf)
    return first_reached(observed, epochs, part.target_score, larger_is_better=METRICS[part.metric].larger_is_better)


def forest(part: Comparison) -> Figure:
    """One row per pair: how much better the one with the better mean is, with its interval; the margin as a band.

    Args:
        part: the comparison.
    """
    metric, names = METRICS[part.metric], short_names(part, LONGEST_OF_TWO)
    rows = []
    for one in sorted((leading(part, pair) for pair in part.pairs), key=lambda one: -one.advantage.mean):
        name = f"{names[one.ahead]} over {names[one.behind]}"
        rows.append(Difference(name, scaled(one.advantage, metric.scale), kind_of(one.pair), one.pair.words))
    return forest_chart(rows, metric.scale * part.margin, metric.advantage)


def profiles(across: Across, labels: Sequence[str], styles: Sequence[Style]) -> Figure:
    """Each contender's share of runs above every normalised score, with its bootstrap band."""
    bands = (across.profiles_low, across.profiles_high)
    return profiles_chart(across.thresholds, across.profiles, *bands, labels, styles)


def aggregates(across: Across, labels: Sequence[str], styles: Sequence[Style], data: Sequence[str]) -> Figure:
    """Every run's normalised score and the interquartile mean with its interval, best on top.

    Args:
        across: all data sets together.
        labels: labels of the contenders, as the axis shows them.
        styles: styles of the contenders.
        data: names of the data sets.
    """
    order = sorted(range(len(labels)), key=lambda k: -across.aggregates[k].mean)
    rows = []
    for rank, k in enumerate(order, 1):
        found, own = across.aggregates[k], across.normalised[k]
        values = np.concatenate(own)
        texts = [f"{name}: {value:.3f}" for name, some in zip(data, own, strict=True) for value in some.tolist()]
        none, said = np.zeros(len(values), bool), aggregate_cell(found).line
        name = f"{rank}. {labels[k]}"
        rows.append(Results(k, labels[k], styles[k], name, values, none, texts, found, said))
    near = near_best(np.array([across.aggregates[k].mean for k in order]))
    shown = np.concatenate([row.values for row, is_near in zip(rows, near, strict=True) if is_near])
    low, high = float(shown.min()), float(shown.max())
    room = 0.05 * (high - low) or 0.02
    return row_chart(rows, "Normalised score", (low - room, high + room))


def sensitivity(part: Comparison, styles: Sequence[Style]) -> Figure:
    """The scores that each contender reaches with each value of a tuned number.

    Args:
        part: a comparison in which something was tuned.
        styles: styles of the contenders.
    """
    metric, tunings = METRICS[part.metric], part.tunings
    lost = [k for k in part.ranking() if (own := tunings[k]) and not all(isfinite(one.value) for one in own.trials)]
    reached = [one.value for own in tunings if own for one in own.trials]
    reached += [one.score.mean for own in tunings if own for one in own.candidates]
    heights = heights_of(reached, metric, part.guessing_score, len(part.dataset.validation), len(lost))
    return sensitivity_chart(
        [_tried(part, k, style) for k, style in enumerate(styles)], tuned_scales(part), heights, lost
    )


def tuned_scales(part: Comparison) -> list[Scale]:
    """The scales of the numbers that were tuned for any contender, in the order of the terms."""
    used = {name for tuning in part.tunings if tuning for name in tuning.search.space.axes}
    return [scale_of(name, axis) for name, axis in part.terms.tune.items() if name in used]


def _tried(part: Comparison, k: int, style: Style) -> TuningTrials | None:
    tuning = part.tunings[k]
    if tuning is None:
        return None
    trials = [(one.values, one.value, METRICS[part.metric].amount(one.value)) for one in tuning.trials]
    again = [(one.trial.values, one.score, mean_cell(one.score, part.metric).line) for one in tuning.candidates]
    return TuningTrials(k, part.labels[k], style, trials, again)
