"""Tuned learning rates of figures' contenders, cached by data, recipe, terms and versions."""

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
        doubts: why a better one may exist, as phrases to follow `CONTENDER's`.
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
    """Each contender's tuned learning rate; those of earlier calls are read.

    Args:
        dataset: its training and validation splits are used.
        contenders: label -> recipe.
        terms: of the tuning.
        cache: folder of results, each written as soon as it is known; damaged ones are computed again.
        fresh: tune again instead of reading earlier results.
        watcher: progress callbacks.

    Returns:
        Label -> rate, without contenders that differ only in their learning rates.

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
    """Label of each tuned contender -> checksum of everything that affects its result."""
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
    """The result of an earlier call; None if missing or damaged."""
    try:
        stored = parse_json(read_checked(path))
        return Rate(float(stored["value"]), tuple(map(str, stored["doubts"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
