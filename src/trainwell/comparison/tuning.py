"""Tuning of contenders: the same budget and procedure for each, on seeds that the comparison does not use.

Each contender gets `Terms.trials` trials, and at most as many further ones if no close neighbours of its best values
were tried.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import Any

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

from trainwell.comparison.adding_seeds import guess_for
from trainwell.comparison.result import Tuning
from trainwell.comparison.terms import Terms
from trainwell.core import METRICS, MetricName, TrainwellError, value_text
from trainwell.data import Dataset
from trainwell.search import (
    Asked,
    Candidate,
    Job,
    Numeric,
    Plan,
    Request,
    SearchResult,
    TrialRecord,
    Watcher,
    distinct,
    distributions,
    from_unit,
    refit,
    to_unit,
    train_batch,
)
from trainwell.training import Axis, Choices, Contender, Recipe, Space, has_effect, members_work, same

NEAR = 0.02  # share of a tuned field's range: two candidates closer than this are nearly the same recipe


def axes_for(contender: Contender, all_contenders: Sequence[Contender], terms: Terms) -> dict[str, Axis]:
    """The fields to tune for one contender, with their ranges: those of `terms.tune` that have an effect on it.

    If it differs from another contender only in tuned fields, the fields that differ are what is compared, so they are
    left out.
    """
    own = contender.recipe
    compared = {
        name
        for other in all_contenders
        if _without(other.recipe, terms) == _without(own, terms)
        for name in terms.tune
        if getattr(other.recipe, name, None) != getattr(own, name, None)
    }
    wanted = {name: axis for name, axis in terms.tune.items() if name not in compared}
    return {name: axis for name, axis in wanted.items() if has_effect(name, own, wanted)}


def space_for(contender: Contender, all_contenders: Sequence[Contender], terms: Terms) -> Space | None:
    """The search space of one contender; None if no field is tuned for it.

    Raises:
        SpaceError: a tuned field does not exist, or its range has invalid values.
    """
    axes = axes_for(contender, all_contenders, terms)
    return Space(contender.recipe, axes) if axes else None


def plan_for(terms: Terms, metric: MetricName) -> Plan:
    """The plan of every contender's search: one seed, no pruning."""
    return Plan(
        trials=terms.trials,
        rounds=min(terms.rounds, terms.trials),
        seeds=terms.tuning_seeds[:1],
        folds=1,
        metric=metric,
        sampler=terms.sampler,
        halving=None,
        sampler_seed=terms.sampler_seed,
    )


def tune_contender(
    dataset: Dataset,
    space: Space,
    terms: Terms,
    metric: MetricName,
    *,
    rules: Sequence[str],
    folder: Path | None,
    watcher: Watcher,
) -> Tuning:
    """Tune one contender: run trials with one seed, then train the best trials again with new seeds.

    The second stage is needed because a trial near the edge of divergence can be lucky with its single seed. If the
    best value of a field is at an end of the tried values or beside a wide gap, extra trials with the same seed fill
    the gap, and the best trials are trained again. This ends when the best values have close neighbours, or when there
    are twice as many trials as `terms.trials`. Gaps that remain are described in `Tuning.doubts`.

    Args:
        dataset: its training and validation splits are used.
        space: search space of the contender.
        terms: settings of the comparison.
        metric: validation metric to optimize.
        rules: update rules of all contenders; every program contains all of them, so it is compiled only once.
        folder: where to save files for resuming; None saves nothing.
        watcher: receives progress.
    """
    started = perf_counter()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    request = Request.of(dataset, space, plan_for(terms, metric), rules)
    job = Job(request, folder, watcher, keep_networks=False)
    guess, search = guess_for(dataset, metric), job.search()
    trials, rounds, again = search.trials, 0, dict[int, Candidate]()
    while True:
        candidates = _again(job, terms, guess, replace(search, trials=trials), rounds, again)
        chosen = candidates[0].trial if candidates else None
        gaps = gaps_beside(request.space, trials, chosen) if chosen else []
        left = terms.trials - (len(trials) - len(search.trials))
        wanted = fills(gaps, chosen, left) if chosen else []
        if not wanted:
            break
        trials, rounds = (*trials, *_further(job, wanted, trials[-1].number + 1, rounds)), rounds + 1
    return Tuning(
        search,
        candidates,
        candidates[0].trial.recipe if candidates else search.ranked()[0].recipe,
        search.advice,
        perf_counter() - started,
        trials[len(search.trials) :],
        doubts_of(gaps) if chosen else ("tuning found only recipes that diverged",),
        tuple(one for one in again.values() if one not in candidates),
    )


def _again(
    job: Job, terms: Terms, guess: float, search: SearchResult, rounds: int, known: dict[int, Candidate]
) -> tuple[Candidate, ...]:
    """Train the best trials again, except those in `known`, to which results are added; best mean first.

    Empty if all trials diverged.
    """
    best = candidates_of(search, terms.candidates)
    fresh = [trial for trial in best if trial.number not in known]
    if fresh:
        seeds = terms.tuning_seeds[1:]
        job.watcher.refit(members_work(job.request.pool.datasets, [trial.recipe for trial in fresh], len(seeds)))
        checkpoints = _made(job.folder, f"again-{rounds}" if rounds else "again")
        made = refit(job.request, fresh, seeds, checkpoints=checkpoints, progress=job.watcher.population())
        known |= {one.trial.number: one for one in made.candidates}
    order = METRICS[job.request.metric].order
    return tuple(
        sorted((known[trial.number] for trial in best), key=lambda one: order(mean_with_divergence(one, guess)))
    )


def _further(job: Job, wanted: Sequence[Mapping[str, Any]], first: int, rounds: int) -> list[TrialRecord]:
    """Train extra trials with the values in `wanted`, numbered from `first`, with the seed of all trials."""
    request = job.request
    asked = [Asked(number, values, request.space.recipe(values)) for number, values in enumerate(wanted, first)]
    work = members_work(request.pool.datasets, [trial.recipe for trial in asked], len(request.plan.seeds))
    job.watcher.batch([trial.number for trial in asked], work)
    checkpoints = _made(job.folder, f"further-{rounds}")
    made = train_batch(request, asked, checkpoints=checkpoints, progress=job.watcher.population())
    return [replace(one, networks=()) for one in made]


def candidates_of(search: SearchResult, most: int) -> list[TrialRecord]:
    """The best trials to train again; of trials with nearly equal values only the best one.

    Args:
        search: search result of one contender.
        most: largest number of trials to return.

    Returns:
        At most `most` trials, best first.
    """
    known = distributions(search.space)
    chosen: list[TrialRecord] = []
    for trial in distinct(search.ranked(), len(search.trials)):
        if len(chosen) < most and all(_apart(trial, other, known) for other in chosen):
            chosen.append(trial)
    return chosen


def _apart(one: TrialRecord, other: TrialRecord, known: Mapping[str, BaseDistribution]) -> bool:
    """Whether two trials differ in a tuned field; a float must differ by 2% of its range, on its (log) scale."""
    for name in one.values.keys() | other.values.keys():
        a, b, distribution = one.values.get(name), other.values.get(name), known[name]
        if a is not None and b is not None and isinstance(distribution, FloatDistribution):
            if abs(to_unit(distribution, a) - to_unit(distribution, b)) >= NEAR:
                return True
        elif a != b:
            return True
    return False


def mean_with_divergence(candidate: Candidate, guess: float) -> float:
    """Mean score of a candidate; a diverged run counts as guessing."""
    finished = candidate.score.n * candidate.score.mean if candidate.score.n else 0.0
    return (finished + candidate.diverged * guess) / (candidate.score.n + candidate.diverged)


def _without(recipe: Recipe, terms: Terms) -> Mapping[str, object]:
    """The fields of a recipe without the tuned ones."""
    return {name: value for name, value in recipe.model_dump().items() if name not in terms.tune}


def _made(folder: Path | None, name: str) -> Path | None:
    """Create a subfolder; None if no files are saved."""
    if folder is None:
        return None
    (folder / name).mkdir(exist_ok=True)
    return folder / name


CLOSE = 1 / 12
"""Share of a field's range, on its (log) scale: a best value needs tried neighbours on both sides that are closer than
this. For the default range of learning rates this is a factor of √10."""


@dataclass(frozen=True)
class Gap:
    """Untried values on one side of the best value of a field.

    Attributes:
        field: the tuned field.
        where: where the best value lies, such as `beside an untried gap from 0.013 to 1.3`.
        values: values to try; empty at the end of the range.
    """

    field: str
    where: str
    values: tuple[Any, ...]


def doubts_of(gaps: Sequence[Gap]) -> tuple[str, ...]:
    """Gaps as text, one per field; each text continues a sentence that starts with `<contender>'s`.

    Example:
        >>> doubts_of([Gap("l2_penalty", "beside an untried gap from 0.1 to 1", (0.3,))])
        ('l2 penalty lies beside an untried gap from 0.1 to 1',)
    """
    by_field: dict[str, list[str]] = {}
    for gap in gaps:
        by_field.setdefault(gap.field, []).append(gap.where)
    return tuple(f"{name.replace('_', ' ')} lies {' and '.join(where)}" for name, where in by_field.items())


def gaps_beside(space: Space, trials: Sequence[TrialRecord], chosen: TrialRecord) -> list[Gap]:
    """Find fields where better values than the chosen ones may have been missed.

    Each tuned field is checked separately, on its (log) scale, over all trials. A number should have a tried neighbour
    on either side, closer than 1/12 of the range; of choices all should have been tried. A value at the end of its
    range is a gap, unless the field allows no value beyond, as for a dropout rate of 0.

    Args:
        space: search space of the contender.
        trials: all its trials.
        chosen: the best of them.

    Returns:
        Gaps, field by field, the lower side first.
    """
    found: list[Gap] = []
    for name, distribution in distributions(space).items():
        if name not in chosen.values:
            continue
        known = [trial.values[name] for trial in trials if name in trial.values]
        if isinstance(distribution, FloatDistribution | IntDistribution):
            sides = (_beside(name, distribution, chosen.values[name], known, side) for side in (-1, 1))
            found += [gap for gap in sides if gap and (gap.values or not _is_limit(space, chosen, name, distribution))]
        else:
            found += _untried(space, name, chosen, known)
    return found


def fills(gaps: Sequence[Gap], chosen: TrialRecord, most: int) -> list[dict[str, Any]]:
    """Values of extra trials: in each, one field of the best trial gets a value inside a gap.

    Args:
        gaps: see `gaps_beside`.
        chosen: the best trial; its other fields keep their values.
        most: largest number of trials. If the gaps need more, each gets an equal share, spread evenly over the gap.

    Returns:
        The values of each trial.
    """
    granted = [0] * len(gaps)
    for index in (i for turn in range(most) for i, gap in enumerate(gaps) if turn < len(gap.values)):
        if sum(granted) < most:
            granted[index] += 1
    return [
        {**chosen.values, gap.field: gap.values[(i + 1) * (len(gap.values) + 1) // (count + 1) - 1]}
        for gap, count in zip(gaps, granted, strict=True)
        for i in range(count)
    ]


def _beside(name: str, distribution: Numeric, value: float, known: Sequence[float], side: int) -> Gap | None:
    """The gap on one side (-1: smaller values, 1: larger values); None if a close neighbour was tried."""
    end = distribution.low if side < 0 else distribution.high
    if value == end:
        return Gap(name, f"at the {'lower' if side < 0 else 'upper'} end of its range, {value:.2g}", ())
    beyond = [other for other in known if side * (other - value) > 0]
    neighbour = min(beyond, key=lambda other: abs(other - value)) if beyond else end
    at, to = to_unit(distribution, value), to_unit(distribution, neighbour)
    parts = max(ceil(abs(to - at) / CLOSE - 1e-9), 1)
    steps = range(1, parts if beyond else parts + 1)  # without a neighbour, the end of the range is also tried
    values = dict.fromkeys(from_unit(distribution, at + (to - at) * step / parts) for step in steps)
    values = {one: None for one in values if one not in known}
    if not values:
        return None
    low, high = sorted((value, neighbour))
    return Gap(name, f"beside an untried gap from {low:.2g} to {high:.2g}", tuple(values))


def _is_limit(space: Space, chosen: TrialRecord, name: str, distribution: Numeric) -> bool:
    """Whether the field allows no value beyond this end of the range."""
    value, low, high = chosen.values[name], distribution.low, distribution.high
    step = distribution.step or (high - low) / 100
    beyond = value + (step if value == high else -step)
    if distribution.log:
        beyond = value * 1.01 if value == high else value / 1.01
    try:
        space.recipe({**chosen.values, name: beyond})
    except TrainwellError:
        return True
    return False


def _untried(space: Space, name: str, chosen: TrialRecord, known: Sequence[Any]) -> Iterator[Gap]:
    """The choices that no trial had; a choice that would activate further tuned fields does not count."""
    axis = space.axes[name]
    assert isinstance(axis, Choices)
    missing = [
        value
        for value in axis.values
        if not any(same(value, other) for other in known)
        and set(space.active({**chosen.values, name: value})) <= {*chosen.values, name}
    ]
    if missing:
        yield Gap(
            name, f"beside the untried {' and '.join(value_text(value, str) for value in missing)}", tuple(missing)
        )
