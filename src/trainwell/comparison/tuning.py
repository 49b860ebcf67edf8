"""Tuning: every contender's numbers are found by the same rules, on seeds that the comparison does not use.

So many trials for each, and at most as many further ones where its best value has no close neighbours.
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

NEAR = 0.02  # of a tuned number's range: candidates closer than that say the same


def axes_for(contender: Contender, all_contenders: Sequence[Contender], terms: Terms) -> dict[str, Axis]:
    """What is tuned for one contender: the terms' fields that have an effect on it.

    A field which alone tells it apart from another contender is what is being compared, and keeps its value.
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
    """The space in which one contender is tuned; None where nothing is.

    Raises:
        SpaceError: a tuned field cannot be, or not over these values.
    """
    axes = axes_for(contender, all_contenders, terms)
    return Space(contender.recipe, axes) if axes else None


def plan_for(terms: Terms, metric: MetricName) -> Plan:
    """How each contender's space is searched: trials with one seed, all trained to the end."""
    return Plan(
        trials=terms.trials,
        rounds=min(terms.rounds, terms.trials),
        seeds=terms.tuning_seeds[:1],
        folds=1,
        metric=metric,
        sampler=terms.sampler,
        halving=None,
        seed=terms.seed,
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
    """Find one contender's numbers: trials with one seed, then the best of them again with fresh ones.

    One seed near the edge of divergence can be lucky, hence the second stage. Where the chosen values lie at an end of
    what was tried, or beside a wide gap, further trials of the same seed fill it, and the best are trained again; until
    they are bracketed closely, or there are twice the trials granted. What stays open is kept as `Tuning.doubts`.

    Args:
        dataset: training and validation splits are used.
        space: of the contender.
        terms: of the comparison.
        metric: to judge by.
        rules: of all contenders, compiled into every program so that it is compiled once.
        folder: for resuming; None keeps all in memory.
        watcher: whom to tell.
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
    """The best of a search, best first; empty if all diverged. What is not known yet is trained again, and then is."""
    best = candidates_of(search, terms.candidates)
    fresh = [trial for trial in best if trial.number not in known]
    if fresh:
        seeds = terms.tuning_seeds[1:]
        job.watcher.refit(members_work(job.request.pool.datasets, [trial.recipe for trial in fresh], len(seeds)))
        checkpoints = _made(job.folder, f"again-{rounds}" if rounds else "again")
        made = refit(job.request, fresh, seeds, checkpoints=checkpoints, progress=job.watcher.population())
        known |= {one.trial.number: one for one in made.candidates}
    order = METRICS[job.request.metric].order
    return tuple(sorted((known[trial.number] for trial in best), key=lambda one: order(promise(one, guess))))


def _further(job: Job, wanted: Sequence[Mapping[str, Any]], first: int, rounds: int) -> list[TrialRecord]:
    """Trials beside the best values, with the seed of all trials."""
    request = job.request
    asked = [Asked(number, values, request.space.recipe(values)) for number, values in enumerate(wanted, first)]
    work = members_work(request.pool.datasets, [trial.recipe for trial in asked], len(request.plan.seeds))
    job.watcher.batch([trial.number for trial in asked], work)
    checkpoints = _made(job.folder, f"further-{rounds}")
    made = train_batch(request, asked, checkpoints=checkpoints, progress=job.watcher.population())
    return [replace(one, networks=()) for one in made]


def candidates_of(search: SearchResult, most: int) -> list[TrialRecord]:
    """The best trials that are worth another look: of those that hardly differ, only the best.

    Args:
        search: of one contender.
        most: how many; fewer where there are not so many different ones.
    """
    known = distributions(search.space)
    chosen: list[TrialRecord] = []
    for trial in distinct(search.ranked(), len(search.trials)):
        if len(chosen) < most and all(_apart(trial, other, known) for other in chosen):
            chosen.append(trial)
    return chosen


def _apart(one: TrialRecord, other: TrialRecord, known: Mapping[str, BaseDistribution]) -> bool:
    """Whether any tuned field differs: a number by a fiftieth of its range, on its own scale."""
    for name in one.values.keys() | other.values.keys():
        a, b, distribution = one.values.get(name), other.values.get(name), known[name]
        if a is not None and b is not None and isinstance(distribution, FloatDistribution):
            if abs(to_unit(distribution, a) - to_unit(distribution, b)) >= NEAR:
                return True
        elif a != b:
            return True
    return False


def promise(candidate: Candidate, guess: float) -> float:
    """What a candidate came to on average; its runs that diverged count as guessing."""
    finished = candidate.score.n * candidate.score.mean if candidate.score.n else 0.0
    return (finished + candidate.diverged * guess) / (candidate.score.n + candidate.diverged)


def _without(recipe: Recipe, terms: Terms) -> Mapping[str, object]:
    """A recipe without the fields that are tuned."""
    return {name: value for name, value in recipe.model_dump().items() if name not in terms.tune}


def _made(folder: Path | None, name: str) -> Path | None:
    """A folder inside another; None where nothing is kept."""
    if folder is None:
        return None
    (folder / name).mkdir(exist_ok=True)
    return folder / name


CLOSE = 1 / 12
"""Of a number's range, on its own scale: a tried neighbour closer than that brackets the best value. Of the learning
rates that are tuned by default it is half a power of ten."""


@dataclass(frozen=True)
class Gap:
    """What was not tried on one side of a chosen value.

    Attributes:
        field: the tuned field.
        where: its value lies, such as `beside an untried gap from 0.013 to 1.3`.
        values: what to try; none at the end of the range.
    """

    field: str
    where: str
    values: tuple[Any, ...]


def doubts_of(gaps: Sequence[Gap]) -> tuple[str, ...]:
    """What is open, field by field, as words that go after a contender's name and `'s`.

    Example:
        >>> doubts_of([Gap("l2_penalty", "beside an untried gap from 0.1 to 1", (0.3,))])
        ('l2 penalty lies beside an untried gap from 0.1 to 1',)
    """
    by_field: dict[str, list[str]] = {}
    for gap in gaps:
        by_field.setdefault(gap.field, []).append(gap.where)
    return tuple(f"{name.replace('_', ' ')} lies {' and '.join(where)}" for name, where in by_field.items())


def gaps_beside(space: Space, trials: Sequence[TrialRecord], chosen: TrialRecord) -> list[Gap]:
    """Where the chosen values may be the best only because of what was tried.

    Each tuned number is looked at on its own scale, whatever the other numbers of a trial were: its value should have a
    neighbour on either side, closer than a twelfth of the range; each choice should have been tried. A value at the end
    of its range has no neighbour there, which is no gap only where the field itself ends, as a dropout rate of 0.

    Args:
        space: in which the contender was tuned.
        trials: all that were tried.
        chosen: one of them.

    Returns:
        Field by field, the lower side first.
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
    """Further trials: the chosen values with one of them moved into a gap.

    Args:
        gaps: see `gaps_beside`.
        chosen: whose other values stay.
        most: trials; where the gaps ask for more, each gets its share of them, spread over it.

    Returns:
        The values of each trial.
    """
    granted = [0] * len(gaps)
    for place in (i for turn in range(most) for i, gap in enumerate(gaps) if turn < len(gap.values)):
        if sum(granted) < most:
            granted[place] += 1
    return [
        {**chosen.values, gap.field: gap.values[(i + 1) * (len(gap.values) + 1) // (count + 1) - 1]}
        for gap, count in zip(gaps, granted, strict=True)
        for i in range(count)
    ]


def _beside(name: str, distribution: Numeric, value: float, known: Sequence[float], side: int) -> Gap | None:
    """What is untried on one side, -1 for smaller values; None where a neighbour is close."""
    end = distribution.low if side < 0 else distribution.high
    if value == end:
        return Gap(name, f"at the {'lower' if side < 0 else 'upper'} end of its range, {value:.2g}", ())
    beyond = [other for other in known if side * (other - value) > 0]
    neighbour = min(beyond, key=lambda other: abs(other - value)) if beyond else end
    at, to = to_unit(distribution, value), to_unit(distribution, neighbour)
    parts = max(ceil(abs(to - at) / CLOSE - 1e-9), 1)
    steps = range(1, parts if beyond else parts + 1)  # the end of the range, if untried, is tried itself
    values = dict.fromkeys(from_unit(distribution, at + (to - at) * step / parts) for step in steps)
    values = {one: None for one in values if one not in known}
    if not values:
        return None
    low, high = sorted((value, neighbour))
    return Gap(name, f"beside an untried gap from {low:.2g} to {high:.2g}", tuple(values))


def _is_limit(space: Space, chosen: TrialRecord, name: str, distribution: Numeric) -> bool:
    """Whether the field itself ends where the range does: beyond it there is no recipe."""
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
    """The choices that no trial had and that need no other number than the chosen recipe has."""
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
