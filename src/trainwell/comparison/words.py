"""Verdicts in words: who is better, by how much, how sure, and how it was found out."""

from collections.abc import Mapping, Sequence
from math import floor, isfinite, nan

from trainwell.core import Metric
from trainwell.statistics import PairDecision


def further_trials(counts: Mapping[str, int]) -> str:
    """Whose tuning had further trials, and how many.

    Example:
        >>> further_trials({"sgd": 1, "adam": 0, "nesterov": 3})
        '1 of sgd, 3 of nesterov'
    """
    return ", ".join(f"{count} of {label}" for label, count in counts.items() if count)


def verdict(
    decision: PairDecision,
    names: tuple[str, str],
    metric: Metric,
    margin: float,
    *,
    wins: tuple[float, float],
    diverged: tuple[int, int] = (0, 0),
    how: str,
    detectable: float,
    num_pairs: int = 1,
    doubts: Sequence[str] = (),
    undone_by: float = nan,
) -> str:
    """The verdict on a pair as one sentence.

    Args:
        decision: the test.
        names: of its first and second contender.
        metric: what they are judged by.
        margin: differences below it do not matter.
        wins: share of paired runs in which the first is better, and the second; ties are the rest.
        diverged: how many runs of the first did, and of the second.
        how: how the contenders' numbers were found, such as `each learning rate tuned over 24 values`.
        detectable: difference that would have been found with 80% power; NaN if none.
        num_pairs: how many pairs were asked about.
        doubts: why tuning may not have found the best, see `Pair`.
        undone_by: share of failures that would undo a difference, see `Pair`.
    """
    said = [_said(decision, names, metric, margin, wins, diverged, how, detectable, num_pairs)]
    lead = 0 if metric.sign * decision.difference >= 0 else 1
    ahead = names[lead]
    if decision.method == "skewed":
        said.append(_of_skewed(decision, ahead, wins[lead]))
    if isfinite(undone_by):
        rare = f"1 failure in {floor(1 / undone_by):,} runs of {ahead}"
        said.append(f"{rare}, which {decision.n} seeds may not show, would undo it")
    if doubts:
        said.append(f"{' and '.join(doubts)}, so this may be an artefact of tuning")
    return f"{'; '.join(said)}."


def skewness_text(skewness: float) -> str:
    """Skewness as people write it."""
    return f"{skewness:.1f}".replace("-", "−")


def _of_skewed(decision: PairDecision, ahead: str, won: float) -> str:
    """What is to be known of a mean that a long tail on its other side may still move."""
    how = f"the differences are skewed against {ahead} (skewness {skewness_text(-abs(decision.skewness))})"
    if decision.differs or decision.equivalent:
        return f"{how}, which the test allows for"
    return f"{how}: it is better in {won:.0%} of paired runs, but rare large losses may outweigh that"


def _said(
    decision: PairDecision,
    names: tuple[str, str],
    metric: Metric,
    margin: float,
    wins: tuple[float, float],
    diverged: tuple[int, int],
    how: str,
    detectable: float,
    num_pairs: int,
) -> str:
    """What was found, as a sentence without its full stop."""
    sign = metric.sign
    turn = 1.0 if sign * decision.difference >= 0 else -1.0
    ahead, behind = names if turn > 0 else names[::-1]
    value, *ends = (sign * turn * v for v in (decision.difference, decision.low, decision.high))
    low, high = sorted(ends)  # of what the one ahead is better by
    step = (high - low) / 2 if isfinite(high - low) else abs(value)
    shown = ", ".join(metric.amount(end, step) for end in (low, high)) if isfinite(high - low) else "no interval"
    by = f"{metric.amount(value, step)}{metric.points} [{shown}]"
    lost = [f"{count} diverged of {name}" for name, count in zip(names, diverged, strict=True) if count]
    seeds = ", ".join([f"{decision.n} seed{'s' if decision.n != 1 else ''}", *lost, how])
    if decision.differs:
        won, tied = wins[0 if turn > 0 else 1], 1 - sum(wins)
        better = f"{metric.better} {metric.validation}"
        share = f"{won:.0%} of paired runs" + (f", tied in {tied:.0%}" if round(tied, 2) else "")
        less = f"; that is less than the margin of {metric.margin_text(margin)}" if decision.equivalent else ""
        return f"{ahead} reaches a {better} than {behind}, by {by}, in {share} ({seeds}){less}"
    if decision.equivalent:
        if decision.difference == decision.low == decision.high == 0:
            return f"{names[0]} and {names[1]} came to the same {metric.validation} with every seed ({seeds})"
        return f"No difference larger than {metric.margin_text(margin)} between {ahead} and {behind}: {by} ({seeds})"
    found = f"Undecided between {ahead} and {behind}: {by} ({seeds})"
    if decision.n == 1:
        return f"{found}; one seed decides nothing"
    if num_pairs > 1 and low * high > 0:  # the interval is this pair's own, the decision is made for all
        found += f"; among {num_pairs} comparisons that may be chance"
    if isfinite(detectable):
        size = f"{metric.amount(detectable, detectable)}{metric.points}"
        return f"{found}; with so many seeds a difference of {size} is found four times in five"
    return f"{found}; so few seeds cannot decide it"
