"""What nobody tried beside a tuned value: gaps that further trials fill, and what stays open after them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from optuna.distributions import FloatDistribution, IntDistribution

from trainwell.core import TrainwellError
from trainwell.search import Numeric, TrialRecord, distributions, from_unit, to_unit
from trainwell.training import Choices, Space, as_scalar, same

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
        if not any(same(value, other) for other in known) and _is_whole(space, {**chosen.values, name: value})
    ]
    if missing:
        yield Gap(
            name, f"beside the untried {' and '.join(str(as_scalar(value)) for value in missing)}", tuple(missing)
        )


def _is_whole(space: Space, values: Mapping[str, Any]) -> bool:
    return set(space.active(values)) <= set(values)
