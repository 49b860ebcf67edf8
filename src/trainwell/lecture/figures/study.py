"""Training of the networks of all figures: together, and each once, cached by data, recipe and seed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

from trainwell.core import RunError, configure_runtime, sha256
from trainwell.data import Dataset
from trainwell.lecture.book import Run
from trainwell.training import (
    Progress,
    Recipe,
    Runs,
    Trace,
    fingerprints_of_each,
    load_runs,
    members_work,
    save_runs,
    train_each,
)
from trainwell.version import __version__

PACKAGES = ("jax", "jaxlib", "numpy")
"""Packages whose versions, beside trainwell's, affect the bits of a result."""


Asked: TypeAlias = tuple[Dataset, Run]
"""A network to train, and its data."""
Begin: TypeAlias = Callable[[Sequence[float]], Progress]
"""Called before training with the floating-point operations of each network; returns the progress callbacks."""


def train_asked(
    asked: Sequence[Asked],
    cache: Path,
    *,
    fresh: bool = False,
    checkpoints: Path | None = None,
    begin: Begin | None = None,
) -> list[Runs]:
    """Train networks as one population, equal ones once; results of earlier calls are read.

    Of networks that differ only in their number of updates the longest is trained; the others are its beginning.

    Args:
        asked: networks and their data.
        cache: folder of results; damaged ones are computed again.
        fresh: train again instead of reading earlier results.
        checkpoints: see `train`.
        begin: see `make_figures`.

    Returns:
        Populations of one network each, in the same order.

    Raises:
        RecipeError: a recipe does not fit its data.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.
    """
    keys = keys_of(asked)
    wanted = dict(zip(keys, asked, strict=True))
    found = {} if fresh else {key: runs for key, one in wanted.items() if (runs := _read(cache / f"{key}.npz", *one))}
    left = {key: one for key, one in wanted.items() if key not in found}
    if left:
        cache.mkdir(parents=True, exist_ok=True)
        longest = _longest(left)
        trained = {
            key: (left[key][0], left[key][1].recipe, left[key][1].seed) for key in dict.fromkeys(longest.values())
        }
        progress = begin(work_of(list(trained.values()))) if begin else None
        made = train_each(list(trained.values()), checkpoints=checkpoints, progress=progress)
        whole = {key: one.runs for key, one in zip(trained, made, strict=True)}
        for key, (_, run) in left.items():
            found[key] = _begun(whole[longest[key]], run.recipe)
            save_runs(found[key], cache / f"{key}.npz")
    return [found[key] for key in keys]


def _longest(asked: Mapping[str, Asked]) -> dict[str, str]:
    """Key of each network -> key of the longest network with the same beginning."""
    beginnings = [
        (dataset, replace(run, recipe=run.recipe.evolve(steps=1)) if _begins_alike(run.recipe) else run)
        for dataset, run in asked.values()
    ]
    by_beginning: dict[str, list[str]] = {}
    for key, beginning in zip(asked, keys_of(beginnings), strict=True):
        by_beginning.setdefault(beginning, []).append(key)
    return {
        key: max(alike, key=lambda one: asked[one][1].recipe.steps or 0)
        for alike in by_beginning.values()
        for key in alike
    }


def _begins_alike(recipe: Recipe) -> bool:
    """Whether neither the first updates nor the kept weights depend on the number of updates."""
    plain = recipe.schedule == "constant" and recipe.warmup_epochs == 0 and not recipe.keeps_best
    return plain and recipe.steps is not None and recipe.patience is None and recipe.gradient_tolerance is None


def _begun(runs: Runs, recipe: Recipe) -> Runs:
    """The first updates of a longer run, as the run of a recipe with fewer updates."""
    steps = recipe.steps
    if steps is None or runs.steps[0] <= steps:
        return runs
    trace, done = runs.trace, runs.trace.steps[0] <= steps
    return replace(
        runs,
        members=(replace(runs.members[0], recipe=recipe),),
        statuses=("finished",),
        steps=(steps,),
        kept_steps=(steps,),
        trace=Trace(
            {name: v[:, done] for name, v in trace.values.items()}, trace.steps[:, done], trace.epochs[:, done]
        ),
        seconds=(runs.seconds[0] * steps / runs.steps[0],),
    )


def work_of(asked: Sequence[tuple[Dataset, Recipe, int]]) -> list[float]:
    """Floating-point operations of each network."""
    work = [0.0] * len(asked)
    for own in {id(dataset): dataset for dataset, _, _ in asked}.values():
        own_indices = [i for i, (dataset, _, _) in enumerate(asked) if dataset is own]
        for i, one in zip(own_indices, members_work([own], [asked[i][1] for i in own_indices], 1), strict=True):
            work[i] = one
    return work


def keys_of(asked: Sequence[Asked]) -> list[str]:
    """For each network a checksum of everything that affects its training."""
    functions = fingerprints_of_each([run.recipe for _, run in asked])
    return [
        sha256(
            json.dumps(
                {**made_on(dataset), "recipe": run.recipe.saved(), "functions": own, "seed": run.seed}, sort_keys=True
            ).encode()
        )
        for (dataset, run), own in zip(asked, functions, strict=True)
    ]


def made_on(dataset: Dataset | None) -> dict[str, Any]:
    """Data, device and versions, which affect the bits of a result, as JSON values."""
    runtime = configure_runtime()
    return {
        "data": dataset.fingerprint if dataset else "",
        "machine": [runtime.platform, runtime.precision],
        "versions": [__version__, *_versions()],
    }


@cache
def _versions() -> list[str]:
    """Versions of `PACKAGES`; cached, since every network asks for them."""
    return [*map(version, PACKAGES)]


def _read(path: Path, dataset: Dataset, run: Run) -> Runs | None:
    """The result of an earlier call; None if missing or damaged."""
    if not path.exists():
        return None
    try:
        return load_runs(path, dataset, [run.recipe])
    except RunError:
        return None
