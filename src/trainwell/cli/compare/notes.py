"""Notes on a comparison before anything is trained: what does nothing, and what cannot be found out."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, log2
from typing import Any

from trainwell.comparison import Terms, axes_for, pairs_asked
from trainwell.core import METRICS
from trainwell.data import Dataset
from trainwell.search import metric_of
from trainwell.training import Contender

COARSE = 0.01  # of accuracy: a margin above it is worth a word


def tuned_although_given(
    contenders: Sequence[Contender], given: Mapping[str, Mapping[str, Any]], terms: Terms
) -> list[str]:
    """A note for every field that some contenders were given a value of, and that is tuned for them all the same."""
    found: dict[str, list[str]] = {}
    for one in contenders:
        for name in axes_for(one, contenders, terms):
            if given[one.label].get(name) is not None:
                found.setdefault(name, []).append(one.label)
    return [
        f"{name.replace('_', ' ')} of {', '.join(labels)} is tuned, whatever was given: --as-given keeps it"
        for name, labels in found.items()
    ]


def set_by_all(changes: Iterable[str], given: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """A note for every recipe option that does nothing, since each contender sets that field itself.

    Args:
        changes: fields that the recipe options set.
        given: changes of the base by label.

    Example:
        >>> set_by_all(["optimizer"], {"sgd": {"optimizer": "sgd"}, "slow": {"optimizer": "adam", "epochs": 9}})
        ['the option for optimizer has no effect: every contender sets its own']
    """
    return [
        f"the option for {name.replace('_', ' ')} has no effect: every contender sets its own"
        for name in changes
        if all(name in own for own in given.values())
    ]


def too_few_seeds(contenders: Sequence[Contender], terms: Terms) -> list[str]:
    """A note where no difference, however large, could be shown with the seeds allowed.

    The smallest p of n pairs of runs is 2/2ⁿ, which Holm's correction multiplies by the number of pairs. One seed needs
    no note: the verdict says so.
    """
    seeds = terms.most_seeds if terms.seeds is None else len(terms.seeds)
    pairs = len(pairs_asked(contenders, terms.reference))
    if seeds == 1 or 2 / 2**seeds * pairs <= terms.error_rate:
        return []
    needed, fewer = _needed(pairs, terms), _needed(len(contenders) - 1, terms)
    fewer_pairs = f", or {fewer} and fewer pairs by --reference" if fewer < needed else ""
    what = "two contenders" if pairs == 1 else f"{pairs} pairs"
    return [f"{what} cannot be told apart with {seeds} seeds: at least {needed} are needed{fewer_pairs}"]


def coarse_margins(datasets: Iterable[Dataset], terms: Terms) -> list[str]:
    """A note for every data set with so few validation rows that the default margin is large."""
    if terms.margin is not None:
        return []
    found = []
    for dataset in datasets:
        metric, rows = METRICS[metric_of(dataset, terms.metric)], len(dataset.validation)
        if metric.is_share and (margin := metric.margin(rows, (), 0.0)) > COARSE:
            found.append(
                f"{dataset.name}: the margin is {metric.margin_text(margin)} of {metric.title}, one of only "
                f"{rows} validation rows: --validation makes that split larger"
            )
    return found


def _needed(pairs: int, terms: Terms) -> int:
    """The fewest seeds with which a difference can be shown."""
    return ceil(log2(2 * pairs / terms.error_rate))
