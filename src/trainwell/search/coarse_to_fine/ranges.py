"""The next range of a number after a round, why, and when the declared range itself seems too narrow."""

from collections.abc import Sequence

from trainwell.search.coarse_to_fine.extent import Extent, narrowed
from trainwell.search.coarse_to_fine.narrowing import Narrowed, at_upper, narrow
from trainwell.search.samplers.scale import Numeric, inside, part, to_unit

FEWEST = 5  # good values below which nothing is concluded
EDGE = 0.1  # share of a declared range that counts as its end


def next_range(
    extent: Extent, distribution: Numeric, good: Sequence[float], num_trials: int, *, margin: float, smallest: float
) -> tuple[Extent, str]:
    """Narrow, move or widen a range.

    Args:
        extent: of the round.
        distribution: as declared.
        good: values of the good trials, best first.
        num_trials: how many trials they are the best of.
        margin: see `narrow`.
        smallest: see `narrow`.

    Returns:
        The extent of the next round, and why.

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
        return extent, f"kept: only {len(good)} trials to go by"
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
    """Advise to widen a declared range at whose end the good trials lie.

    Args:
        name: of the parameter.
        distribution: as declared.
        good: values of the good trials, best first.

    Returns:
        The advice; None where the good trials lie elsewhere. Where a step is wider than the end (a tenth), all good
        trials must lie there, not just the best and half of them.

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
    """The part of a range in whole steps; a neighbour is added where only one value would be left."""
    new = part(distribution, result.low, result.high)
    step = distribution.step
    if step is None or new.low < new.high:
        return new
    low, high = new.low, min(new.high + step, distribution.high)
    if high == new.high:
        low = max(new.low - step, distribution.low)
    return part(distribution, to_unit(distribution, low), to_unit(distribution, high))


def _text(value: float) -> str:
    """A number for a sentence: an integer in full, else three digits."""
    return str(value) if isinstance(value, int) else f"{value:.3g}"
