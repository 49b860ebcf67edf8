"""Ranges and choices of parameters in a round, and the narrowing of numeric ranges for the next round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from optuna.distributions import BaseDistribution, CategoricalDistribution

from trainwell.search.study.distributions import Known, Numeric, between, inside, known, part, to_unit


@dataclass(frozen=True)
class Extent:
    """The values that one parameter can take in a round.

    Attributes:
        distribution: the declared distribution.
        low: lower end of the current range; None for choices.
        high: upper end of the current range; None for choices.
        choices: choices that have not been dropped; None for a numeric range.
    """

    distribution: Known
    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Round:
    """A round of a coarse-to-fine search.

    Attributes:
        number: number of the round, from 0.
        first_trial: number of its first trial.
        last_trial: number of its last trial, inclusive.
        completed: whether the round is finished, so that later rounds use its trials.
        extents: the extent of each parameter; parameters that no trial had so far are left out.
        reasons: for each parameter, why its extent was changed or kept.
    """

    number: int
    first_trial: int
    last_trial: int
    completed: bool
    extents: Mapping[str, Extent]
    reasons: Mapping[str, str]


def declared_extent(distribution: BaseDistribution) -> Extent:
    """The full declared extent of a parameter."""
    one = known(distribution)
    if isinstance(one, CategoricalDistribution):
        return Extent(one, choices=one.choices)
    return Extent(one, one.low, one.high)


def fitted(extent: Extent, distribution: BaseDistribution) -> Extent:
    """Fit an extent into a declared range that has changed since (Optuna allows a different one in each trial).

    Args:
        extent: extent of the parameter in an earlier declared range.
        distribution: the declared distribution now.

    Returns:
        The intersection of both; the full declared range if the intersection has less than two values or the steps
        differ.

    Example:
        >>> from optuna.distributions import FloatDistribution
        >>> extent = Extent(FloatDistribution(0, 10), 4.0, 8.0)
        >>> fitted(extent, FloatDistribution(0, 5)).high
        5.0
    """
    if extent.distribution == distribution:
        return extent
    new = declared_extent(distribution)
    if extent.low is None or extent.high is None or new.low is None or new.high is None:
        return new
    low, high = max(extent.low, new.low), min(extent.high, new.high)
    on_steps = getattr(distribution, "step", None) in (None, 1)
    return Extent(new.distribution, low, high) if low < high and on_steps else new


def narrowed(extent: Extent) -> Numeric:
    """A numeric extent as a distribution with the declared scale."""
    assert not isinstance(extent.distribution, CategoricalDistribution)
    assert extent.low is not None
    assert extent.high is not None
    return between(extent.distribution, extent.low, extent.high)


BORDER = 0.25  # share of a range that counts as its border
What = Literal["kept", "narrowed", "widened", "moved up", "moved down"]


@dataclass(frozen=True)
class Narrowed:
    """The next range of a numeric parameter, as positions in its declared range.

    Attributes:
        low: position of the lower end, in [0, 1].
        high: position of the upper end, in [0, 1].
        what: the kind of change.
    """

    low: float
    high: float
    what: What


def narrow(good: Sequence[float], current: tuple[float, float], *, margin: float, smallest: float) -> Narrowed:
    """Narrow a range around the good values.

    The margin is measured in mean gaps between neighbouring good values. With a margin of 1, a range in which all
    values are equally good keeps its expected width: k uniform values span (k-1)/(k+1) of the range, and a mean gap
    added at both ends multiplies this span by (k+1)/(k-1).

    Args:
        good: positions of the good trials in the declared range, best first; at least 2, in [0, 1].
        current: positions of the ends of the current range, in [0, 1].
        margin: margin on either side, in mean gaps between good values; at least 0.
        smallest: smallest allowed width of the next range, as a share of the current width; in (0, 1].

    Returns:
        The next range, within [0, 1]. It extends beyond the current range if good values of earlier rounds lie outside,
        and by one width if the best value and at least half of the good ones lie at its border.

    Example:
        >>> narrow([0.5, 0.4, 0.6], (0.0, 1.0), margin=1.0, smallest=0.25)
        Narrowed(low=0.3, high=0.7, what='narrowed')
        >>> narrow([0.5, 0.48, 0.49], (0.4, 0.5), margin=1.0, smallest=0.25)
        Narrowed(low=0.47, high=0.6, what='moved up')
    """
    start, end = current
    width = end - start
    gap = margin * (max(good) - min(good)) / (len(good) - 1)
    low, high = min(good) - gap, max(good) + gap
    up = end < 1 and at_upper(good, start, end)
    down = start > 0 and at_upper([-value for value in good], -end, -start)
    if up:
        high = max(high, end + width)
    if down:
        low = min(low, start - width)
    lacking = smallest * width - (high - low)
    if lacking > 0:
        low, high = low - lacking / 2, high + lacking / 2
    low, high = max(low, 0.0), min(high, 1.0)
    if high - low < smallest * width:  # clipped at an end of the declared range: extend it on the other side
        low, high = (low, min(low + smallest * width, 1.0)) if low == 0 else (max(high - smallest * width, 0.0), high)
    return Narrowed(round(low, 12), round(high, 12), _what(current, low, high, up, down))


def at_upper(good: Sequence[float], start: float, end: float, share: float = BORDER) -> bool:
    """Whether the best value and at least half of all good ones lie in the upper `share` of a range."""
    border = end - share * (end - start)
    return good[0] >= border and 2 * sum(value >= border for value in good) >= len(good)


def _what(current: tuple[float, float], low: float, high: float, up: bool, down: bool) -> What:
    """The kind of change between two ranges."""
    if up != down:
        return "moved up" if up else "moved down"
    width = current[1] - current[0]
    if high - low < 0.99 * width:
        return "narrowed"
    return "widened" if high - low > 1.01 * width else "kept"


FEWEST = 5  # with fewer good values a range is not changed
EDGE = 0.1  # share of a declared range that counts as its end


def next_range(
    extent: Extent, distribution: Numeric, good: Sequence[float], num_trials: int, *, margin: float, smallest: float
) -> tuple[Extent, str]:
    """Narrow, move or widen a range for the next round.

    Args:
        extent: extent of the parameter in this round.
        distribution: the declared distribution.
        good: values of the good trials, best first.
        num_trials: number of trials that the good ones were selected from.
        margin: see `narrow`.
        smallest: see `narrow`.

    Returns:
        The extent for the next round, and the reason as text.

    Example:
        >>> from optuna.distributions import FloatDistribution
        >>> rate = FloatDistribution(1e-6, 1e-2, log=True)
        >>> new, why = next_range(
        ...     Extent(rate, rate.low, rate.high), rate, [1e-4, 2e-4, 1e-3, 5e-4, 3e-4], 25, margin=1.0, smallest=0.25
        ... )
        >>> why
        'narrowed to [5.62e-05, 0.00178]: the best 5 of 25 trials lie in [0.0001, 0.001]'
    """
    if distribution.single():
        return extent, "one value only"
    if len(good) < FEWEST:
        return extent, f"kept: too few trials ({len(good)})"
    current = narrowed(extent)
    positions = [to_unit(distribution, value) for value in good]
    result = narrow(positions, inside(distribution, current), margin=margin, smallest=smallest)
    new = _at_least_two(distribution, result)
    where = f"the best {len(good)} of {num_trials} trials lie in [{_text(min(good))}, {_text(max(good))}]"
    limits = f"[{_text(new.low)}, {_text(new.high)}]"
    if (new.low, new.high) == (current.low, current.high):
        return extent, f"kept {limits}: {where}"
    if result.what in ("moved up", "moved down"):
        end = "upper" if result.what == "moved up" else "lower"
        where += f", at the {end} end of [{_text(current.low)}, {_text(current.high)}]"
    return Extent(distribution, new.low, new.high), f"{result.what} to {limits}: {where}"


def too_narrow(name: str, distribution: Numeric, good: Sequence[float]) -> str | None:
    """Advice to widen a declared range if the good trials lie at one of its ends.

    Args:
        name: name of the parameter.
        distribution: the declared distribution.
        good: values of the good trials, best first.

    Returns:
        The advice as a sentence, or None. The best trial and at least half of the good ones must lie in the last tenth
        of the range; all of them, if the range has steps wider than that.

    Example:
        >>> from optuna.distributions import FloatDistribution
        >>> too_narrow("learning_rate", FloatDistribution(1e-6, 1e-2, log=True), [1e-2, 8e-3, 9e-3, 5e-3, 1e-4])
        'learning_rate: the best trials lie at the upper end of the declared range (0.01): widen it'
    """
    if len(good) < FEWEST or distribution.single():
        return None
    positions = [to_unit(distribution, value) for value in good]
    last = {"lower": to_unit(distribution, distribution.low), "upper": to_unit(distribution, distribution.high)}
    for end, mirrored in (("lower", [1 - each for each in positions]), ("upper", positions)):
        coarse = abs(last[end] - (end == "upper")) > EDGE / 2
        at_end = len(set(good)) == 1 and positions[0] == last[end] if coarse else at_upper(mirrored, 0.0, 1.0, EDGE)
        if at_end:
            limit = distribution.low if end == "lower" else distribution.high
            return f"{name}: the best trials lie at the {end} end of the declared range ({_text(limit)}): widen it"
    return None


def _at_least_two(distribution: Numeric, result: Narrowed) -> Numeric:
    """The narrowed range in whole steps; if only one value is left, its neighbour is added."""
    new = part(distribution, result.low, result.high)
    step = distribution.step
    if step is None or new.low < new.high:
        return new
    low, high = new.low, min(new.high + step, distribution.high)
    if high == new.high:
        low = max(new.low - step, distribution.low)
    return part(distribution, to_unit(distribution, low), to_unit(distribution, high))


def _text(value: float) -> str:
    """A number as text: an integer in full, a float with three significant digits."""
    return str(value) if isinstance(value, int) else f"{value:.3g}"
