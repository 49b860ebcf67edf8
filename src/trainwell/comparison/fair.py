"""`compare`: a fair comparison of ways to train, with verdicts."""

import json
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from trainwell.comparison.adding_seeds import Setup, add_seeds, guess_for
from trainwell.comparison.judging import (
    across,
    detectable_effect,
    pairs_asked,
    reached_looks,
    summaries,
    verdicts,
)
from trainwell.comparison.progress import ComparisonProgress, ComparisonWatcher
from trainwell.comparison.result import Comparison, Comparisons, Seconds, Tuning
from trainwell.comparison.terms import Terms, default_recipe
from trainwell.comparison.tuning import axes_for, mean_with_divergence, space_for, tune_contender
from trainwell.core import (
    METRICS,
    MetricName,
    RecipeError,
    RunError,
    configure_runtime,
    first_difference,
    read_json,
    write_json,
)
from trainwell.data import Data, Dataset, as_dataset
from trainwell.display import work_bars
from trainwell.search import defined_metric, metric_of, undefined_notices
from trainwell.statistics import Looks, decide, default_looks
from trainwell.training import (
    Contender,
    Given,
    Recipe,
    Space,
    contenders_of,
    fingerprints,
    has_effect,
    members_work,
)

Base = Recipe | Mapping[str, Any] | None
REQUEST = "comparison.json"


def compare(
    data: Data,
    contenders: Given,
    terms: Terms | None = None,
    *,
    target: str | int | None = None,
    base: Base = None,
    folder: Path | None = None,
    watcher: ComparisonWatcher | None = None,
    show_progress: bool = True,
) -> Comparison:
    """Compare ways to train on a data set, with statistical tests and confidence intervals.

    The learning rate of each contender is tuned with the same budget on the validation split. Then all contenders are
    trained with the same new seeds, so that they share the order of the data and, where shapes allow, the initial
    weights. Seeds are added until every pair is significantly different, is shown to be equivalent within the margin,
    or all seeds are used. The test split is never used.

    Args:
        data: a built-in name, a file, arrays `(X, y)`, a data frame, or a `Dataset`; `load_data` has options for
            reading and splitting. Its training and validation splits are used.
        contenders: see `contenders_of`.
        terms: settings of the comparison; None for the defaults.
        target: the column to predict, of a table.
        base: recipe that the contenders change, or changes to `default_recipe(dataset)`; None is this recipe unchanged.
        folder: where files are saved; if it has files of an interrupted call, this call resumes. None saves nothing.
        watcher: receives progress.
        show_progress: whether to show bars, in a terminal or a notebook, unless `watcher` is given.

    Returns:
        Summaries per contender, verdicts per pair, and all tuning results and runs they are computed from.

    Raises:
        TrainwellError: a contender, the terms or the folder cannot be used; nothing was trained.
        Interrupted: Ctrl-C was pressed; running chunks were finished and saved.

    Example:
        >>> found = compare(
        ...     "iris",
        ...     {"SGD": {"optimizer": "sgd"}, "Adam": {"optimizer": "adam"}},
        ...     Terms(trials=4, rounds=2, candidates=1, seeds=(0, 1, 2)),
        ...     base={"hidden": (8,), "epochs": 3},
        ... )
        >>> found.labels, found.summaries[0].n, found.pairs[0].outcome
        (('SGD', 'Adam'), 3, 'undecided')
    """
    datasets = [as_dataset(data, target)]
    how: dict[str, Any] = {"base": base, "folder": folder, "watcher": watcher, "show_progress": show_progress}
    (part,) = compare_on(datasets, contenders, terms, **how).parts
    return part


def tune_each(
    dataset: Dataset,
    contenders: Mapping[str, Recipe],
    terms: Terms,
    *,
    only: Container[str] | None = None,
    watcher: ComparisonWatcher | None = None,
) -> Iterator[tuple[str, Tuning]]:
    """Tune each contender as `compare` does, without comparing them.

    Args:
        dataset: its training and validation splits are used.
        contenders: recipes by label, one or more.
        terms: which fields are tuned, and with which budget.
        only: labels of the contenders to tune; None for all.
        watcher: receives progress.

    Yields:
        Label and tuning result, one at a time. A contender is left out if no tuned field has an effect on it.

    Raises:
        TrainwellError: a tuned field or its range is not valid.
        Interrupted: Ctrl-C was pressed.
    """
    metric = _metric(dataset, terms)
    own = tuple(Contender(label, recipe.evolve(metric=metric), {}) for label, recipe in contenders.items())
    found = _tunings(dataset, own, terms, metric, None, watcher or ComparisonWatcher(), only)
    yield from ((one.label, tuning) for one, tuning in zip(own, found, strict=True) if tuning)


def compare_on(
    datasets: Sequence[Dataset],
    contenders: Given,
    terms: Terms | None = None,
    *,
    base: Base = None,
    folder: Path | None = None,
    watcher: ComparisonWatcher | None = None,
    show_progress: bool = True,
) -> Comparisons:
    """Compare the same contenders on each of several data sets, and rank them over all data sets.

    Args:
        datasets: their names must differ.
        contenders: see `compare`.
        terms: see `compare`; the error rate holds for each data set separately.
        base: see `compare`.
        folder: see `compare`.
        watcher: see `compare`.
        show_progress: see `compare`.

    Returns:
        One comparison per data set, and ranks over all of them.

    Raises:
        TrainwellError: see `compare`.
        Interrupted: see `compare`.
    """
    terms = terms or Terms()
    checked = check(datasets, contenders, terms, base)
    with work_bars(show=show_progress and watcher is None) as bars:
        drawn = watcher if bars.disable else ComparisonProgress(bars)
        return compare_checked(datasets, checked, terms, folder=folder, watcher=drawn)


def compare_checked(
    datasets: Sequence[Dataset],
    contenders: Sequence[tuple[Contender, ...]],
    terms: Terms,
    *,
    folder: Path | None = None,
    watcher: ComparisonWatcher | None = None,
) -> Comparisons:
    """Compare contenders that `check` has validated; see `compare_on`.

    Args:
        datasets: their names must differ.
        contenders: the contenders for each data set, as `check` returns them.
        terms: the terms that `check` was called with.
        folder: see `compare`.
        watcher: see `compare`.
    """
    watcher = watcher or ComparisonWatcher()
    started = time.monotonic()
    if folder is not None:
        _claim(folder, datasets, contenders, terms)
    deadline = None if terms.seconds is None else started + terms.seconds
    watcher.starts(terms, [_work(dataset, own, terms) for dataset, own in zip(datasets, contenders, strict=True)])
    parts = []
    for index, (dataset, own) in enumerate(zip(datasets, contenders, strict=True)):
        watcher.dataset(dataset.name, index, len(datasets))
        inside = None if folder is None else folder / f"data-{index}"
        parts.append(_on_one(dataset, own, terms, inside, deadline, watcher))
    watcher.over()
    return Comparisons(tuple(parts), across(parts))


def check(
    datasets: Sequence[Dataset], contenders: Given, terms: Terms, base: Base = None
) -> list[tuple[Contender, ...]]:
    """Validate all arguments of a comparison before anything is trained or written.

    Returns:
        The contenders for each data set; their recipes have the metric that is compared.

    Raises:
        TrainwellError: there is no data set, two have the same name, a contender or a tuned field is not valid, no
            contender has the reference's label, or the metric does not fit the task.
    """
    names = [dataset.name for dataset in datasets]
    if not names:
        raise RecipeError("nothing to compare on: give at least one data set")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise RecipeError(f"the data set {twice} is given twice: name each once")
    found = []
    for dataset in datasets:
        metric = _metric(dataset, terms)
        shared = base if isinstance(base, Recipe) else default_recipe(dataset, **(base or {}))
        own = contenders_of(contenders, shared.evolve(metric=metric))
        own = tuple(Contender(one.label, one.recipe.evolve(metric=metric), one.varied) for one in own)
        pairs_asked(own, terms.reference)
        for name in terms.tune:
            if not any(has_effect(name, one.recipe, terms.tune) for one in own):
                raise RecipeError(f"{name} cannot be tuned: it has no effect on any contender")
            # Only for fields that the user chose: the default `tune` is also used to compare learning rates.
            if dict(terms.tune) != Terms().tune and not any(name in axes_for(one, own, terms) for one in own):
                raise RecipeError(f"{name} cannot be tuned: the contenders differ in it; remove it from one of the two")
        for one in own:
            space = space_for(one, own, terms)
            tried = [one.recipe] if space is None else [space.recipe(values) for values in space.points()]
            members_work([dataset], tried, 1)
        found.append(own)
    return found


def _work(dataset: Dataset, contenders: tuple[Contender, ...], terms: Terms) -> list[float]:
    """FLOPs of tuning each contender, without extra trials, and of training all with all seeds."""
    each = members_work([dataset], [one.recipe for one in contenders], 1)
    networks, seeds = (
        terms.trials + terms.candidates * terms.candidate_seeds,
        len(terms.seeds or range(terms.most_seeds)),
    )
    tuned = [networks * bool(axes_for(one, contenders, terms)) for one in contenders]
    return [*(count * work for count, work in zip(tuned, each, strict=True)), seeds * sum(each)]


def _metric(dataset: Dataset, terms: Terms) -> MetricName:
    """The metric that is compared: the one in `terms`, or the loss where R² is undefined.

    Raises:
        RecipeError: a margin or a target was given for an R² that is undefined.
    """
    asked = metric_of(dataset, terms.metric)
    metric = defined_metric([dataset], asked)
    given = [name.replace("_", " ") for name in ("margin", "target_score") if getattr(terms, name) is not None]
    if metric != asked and given:
        raise RecipeError(
            f"{undefined_notices([dataset])[0]}, so a {' or '.join(given)} in R² is not possible: leave it out, or "
            "set the metric to loss and give it as a loss"
        )
    return metric


def _on_one(
    dataset: Dataset,
    contenders: tuple[Contender, ...],
    terms: Terms,
    folder: Path | None,
    deadline: float | None,
    watcher: ComparisonWatcher,
) -> Comparison:
    metric = _metric(dataset, terms)
    guess = guess_for(dataset, metric)
    started = time.perf_counter()
    tunings = tuple(_tunings(dataset, contenders, terms, metric, folder, watcher))
    tuned = time.perf_counter()
    tuned_scores = [
        mean_with_divergence(own.candidates[0], guess) if own.candidates else guess
        for own in tunings
        if own is not None
    ]
    margin = terms.margin or METRICS[metric].margin(len(dataset.validation), tuned_scores, guess)
    pairs = pairs_asked(contenders, terms.reference)
    looks = default_looks(len(pairs), terms.most_seeds, terms.looks, terms.error_rate)
    if terms.seeds is not None:
        looks = Looks((len(terms.seeds),), terms.error_rate)
    setup = Setup(
        dataset,
        tuple(t.recipe if t else one.recipe for one, t in zip(contenders, tunings, strict=True)),
        tuple(one.label for one in contenders),
        metric,
        guess,
        tuple(terms.seeds or range(terms.most_seeds)),
        looks,
        lambda values: decide(values, looks, margin=margin, pairs=pairs),
    )
    added = add_seeds(setup, folder=folder, deadline=deadline, watcher=watcher)
    first_look = [np.nanmean(own[: looks.seeds[0]]) for own in added.values]
    target = float(np.median(tuned_scores or first_look)) if terms.target_score is None else terms.target_score
    found = summaries(added.runs, added.values, metric, target)
    used = max(summary.n for summary in found)
    part = Comparison(
        dataset,
        terms,
        metric,
        contenders,
        tunings,
        setup.recipes,
        added.runs,
        setup.seeds[:used],
        looks.seeds,
        margin,
        guess,
        target,
        found,
        pairs=(),
        detectable_sds=detectable_effect(reached_looks(looks, used), len(pairs)),
        stopped_by=added.stopped_by,
        seconds=Seconds(tuned - started, time.perf_counter() - tuned),
    )
    return replace(part, pairs=verdicts(part, added.decisions, added.values))


def _tunings(
    dataset: Dataset,
    contenders: tuple[Contender, ...],
    terms: Terms,
    metric: MetricName,
    folder: Path | None,
    watcher: ComparisonWatcher,
    only: Container[str] | None = None,
) -> Iterator[Tuning | None]:
    """Tune the contenders one after the other; None for one without tuned fields or whose label is not in `only`."""
    rules = sorted({one.recipe.optimizer for one in contenders})
    for index, contender in enumerate(contenders):
        space: Space | None = space_for(contender, contenders, terms)
        if space is None or (only is not None and contender.label not in only):
            yield None
            continue
        inside = None if folder is None else folder / "tuning" / str(index)
        search_watcher = watcher.tuning(contender.label, index, len(contenders))
        yield tune_contender(dataset, space, terms, metric, rules=rules, folder=inside, watcher=search_watcher)


def _claim(folder: Path, datasets: Sequence[Dataset], contenders: Sequence[Sequence[Contender]], terms: Terms) -> None:
    """Record in a new folder which comparison it belongs to, or check that an existing folder belongs to this one.

    Raises:
        RunError: it has files of another comparison, or the record is damaged.
    """
    request = {
        "data sets": [dataset.name for dataset in datasets],
        "checksums of the data": [dataset.fingerprint for dataset in datasets],
        "contenders": [[[one.label, one.recipe.model_dump(mode="json")] for one in on_one] for on_one in contenders],
        "functions": fingerprints(one.recipe for on_one in contenders for one in on_one),
        "terms": {name: value for name, value in terms.to_json().items() if name != "seconds"},
        "precision": configure_runtime().precision,
    }
    path = folder / REQUEST
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_json(path, request)
        return
    try:
        stored = read_json(path)
    except (OSError, ValueError) as error:
        raise RunError(f"{path} is damaged ({error}): start a new run") from None
    if differs := first_difference(json.loads(json.dumps(request)), stored):
        raise RunError(f"{folder} holds files of another comparison, {differs}: use another folder")
