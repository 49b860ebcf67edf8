"""Training of all figures that are asked for: together, and each network once for the data, the recipe and its seed."""

import json
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from trainwell.core import RunError, configure_runtime, sha256
from trainwell.data import Dataset
from trainwell.lecture.book import Run
from trainwell.training import Progress, Recipe, Runs, fingerprints, load_runs, members_work, save_runs, train_each
from trainwell.version import __version__

PACKAGES = ("jax", "jaxlib", "numpy")
"""Whose versions decide the bits of a result, beside trainwell's."""


Asked: TypeAlias = tuple[Dataset, Run]
"""A network to train, and on what."""
Begin: TypeAlias = Callable[[Sequence[float]], Progress]
"""Told the floating-point operations of each network that will be trained; whom to tell about the training."""


def train_asked(
    asked: Iterable[Asked],
    cache: Path,
    *,
    fresh: bool = False,
    checkpoints: Path | None = None,
    begin: Begin | None = None,
) -> dict[str, Runs]:
    """Train networks as one population, those alike once; results of earlier calls are read.

    Args:
        asked: what to train.
        cache: folder of results; one that is damaged is made again.
        fresh: whether results of earlier calls are trained again.
        checkpoints: see `train`.
        begin: see `make_figures`.

    Returns:
        By `key_of` a population of one network each.

    Raises:
        RecipeError: a recipe does not fit its data.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.
    """
    wanted = {key_of(*one): one for one in asked}
    found = {} if fresh else {key: runs for key, one in wanted.items() if (runs := _read(cache / f"{key}.npz", *one))}
    left = {key: (dataset, run.recipe, run.seed) for key, (dataset, run) in wanted.items() if key not in found}
    if left:
        cache.mkdir(parents=True, exist_ok=True)
        progress = begin(_work(list(left.values()))) if begin else None
        made = train_each(list(left.values()), checkpoints=checkpoints, progress=progress)
        for key, trained in zip(left, made, strict=True):
            found[key] = trained.runs
            save_runs(trained.runs, cache / f"{key}.npz")
    return found


def _work(asked: Sequence[tuple[Dataset, Recipe, int]]) -> list[float]:
    """Floating-point operations of each network."""
    work = [0.0] * len(asked)
    for own in {id(dataset): dataset for dataset, _, _ in asked}.values():
        places = [i for i, (dataset, _, _) in enumerate(asked) if dataset is own]
        for i, one in zip(places, members_work([own], [asked[i][1] for i in places], 1), strict=True):
            work[i] = one
    return work


def key_of(dataset: Dataset, run: Run) -> str:
    """A checksum of all that decides what becomes of a network."""
    runtime = configure_runtime()
    made_of = {
        "data": dataset.fingerprint,
        "recipe": run.recipe.saved(),
        "functions": fingerprints([run.recipe]),
        "seed": run.seed,
        "machine": [runtime.platform, runtime.precision],
        "versions": [__version__, *map(version, PACKAGES)],
    }
    return sha256(json.dumps(made_of, sort_keys=True).encode())


def _read(path: Path, dataset: Dataset, run: Run) -> Runs | None:
    """A result of an earlier call; None if there is none that can be read."""
    if not path.exists():
        return None
    try:
        return load_runs(path, dataset, [run.recipe])
    except RunError:
        return None
