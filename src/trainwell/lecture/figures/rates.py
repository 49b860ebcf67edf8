"""Tuned learning rates of figures' contenders: each is found once for its data, recipe, terms and versions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainwell.comparison import ComparisonWatcher, Terms, axes_for, tune_each
from trainwell.core import parse_json, read_checked, sha256, write_checked
from trainwell.data import Dataset
from trainwell.lecture.figures.study import made_on
from trainwell.training import Contender, Recipe, fingerprints


@dataclass(frozen=True)
class Rate:
    """A contender's tuned learning rate.

    Attributes:
        value: the best that was tried.
        doubts: why a better one may not have been found, as words that go after the contender's name and `'s`.
    """

    value: float
    doubts: tuple[str, ...] = ()


def tuned_rates(
    dataset: Dataset,
    contenders: Mapping[str, Recipe],
    terms: Terms,
    cache: Path,
    *,
    fresh: bool = False,
    watcher: ComparisonWatcher | None = None,
) -> dict[str, Rate]:
    """Each contender's learning rate; those of earlier calls are read.

    Args:
        dataset: training and validation splits are used.
        contenders: recipes by label.
        terms: of the tuning.
        cache: folder of results, of which each is written as soon as it is found; one that is damaged is made again.
        fresh: whether results of earlier calls are found again.
        watcher: whom to tell.

    Returns:
        By label; contenders whose learning rates are what tells them apart are left out.

    Raises:
        Interrupted: Ctrl-C.
    """
    paths = {label: cache / f"{key}.json" for label, key in _keys(dataset, contenders, terms).items()}
    found = {} if fresh else {label: rate for label, path in paths.items() if (rate := _read(path))}
    left = paths.keys() - found.keys()
    if left:
        cache.mkdir(parents=True, exist_ok=True)
        for label, tuning in tune_each(dataset, contenders, terms, only=left, watcher=watcher):
            rate = found[label] = Rate(float(tuning.recipe.learning_rate or 0), tuning.doubts)
            write_checked(paths[label], json.dumps(asdict(rate)).encode())
    return {label: found[label] for label in paths}


def _keys(dataset: Dataset, contenders: Mapping[str, Recipe], terms: Terms) -> dict[str, str]:
    """Of each contender that is tuned, a checksum of all that decides what is found."""
    own = [Contender(label, recipe, {}) for label, recipe in contenders.items()]
    asked = {label: value for label, value in terms.to_json().items() if label != "seeds"}
    keys = {}
    for one in own:
        if axes := axes_for(one, own, terms):
            made_of: dict[str, Any] = {
                **made_on(dataset),
                "recipe": one.recipe.saved(),
                "functions": fingerprints([one.recipe]),
                "terms": asked | {"tune": {name: str(axis) for name, axis in axes.items()}},
                "seeds": terms.tuning_seeds,
            }
            keys[one.label] = sha256(json.dumps(made_of, sort_keys=True).encode())
    return keys


def _read(path: Path) -> Rate | None:
    """What an earlier call found; None if there is nothing that can be read."""
    try:
        stored = parse_json(read_checked(path))
        return Rate(float(stored["value"]), tuple(map(str, stored["doubts"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
