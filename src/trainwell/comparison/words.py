"""Verdicts in words: who is better, by how much, how sure, and how it was found out."""

from math import floor, isfinite, log10

from trainwell.search.setting import Metric
from trainwell.statistics import Interval, PairDecision

NAMES = {"accuracy": "validation accuracy", "loss": "validation loss", "r2": "validation R²"}


def amount(value: float, metric: Metric, step: float) -> str:
    """A difference in the metric's unit, with decimals for steps of the given size.

    Args:
        value: the difference; of accuracies as a fraction.
        metric: accuracies are shown in points (hundredths).
        step: the smallest difference that should be seen.

    Example:
        >>> amount(0.0131, "accuracy", 0.003), amount(0.0312, "loss", 0.014)
        ('1.31', '0.031')
    """
    scale = 100.0 if metric == "accuracy" else 1.0
    size = abs(step * scale)
    digits = min(max(1 - floor(log10(size)), 0), 6) if size and isfinite(size) else 2
    shown = f"{value * scale:.{digits}f}"
    return shown.lstrip("-") if float(shown) == 0 else shown.replace("-", "−")


def unit(metric: Metric) -> str:
    """What stands behind an amount."""
    return " points" if metric == "accuracy" else ""


def margin_text(margin: float, metric: Metric) -> str:
    """A margin as people write it.

    Example:
        >>> margin_text(0.002, "accuracy"), margin_text(0.00213, "loss")
        ('0.2 points', '0.0021')
    """
    shown = float(f"{margin * (100 if metric == 'accuracy' else 1):.2g}")
    return f"{shown:g}{unit(metric)}"


def verdict(
    decision: PairDecision,
    names: tuple[str, str],
    improvement: Interval,
    metric: Metric,
    margin: float,
    *,
    how: str,
    detectable: float,
    num_pairs: int = 1,
) -> str:
    """The verdict on a pair as one sentence.

    Args:
        decision: the test.
        names: of its first and second contender.
        improvement: share of paired runs in which the first is better.
        metric: what they are judged by.
        margin: differences below it do not matter.
        how: how the contenders' numbers were found, such as `each learning rate tuned over 24 values`.
        detectable: difference that would have been found with 80% power; NaN if none.
        num_pairs: how many pairs were asked about.
    """
    sign = -1.0 if metric == "loss" else 1.0
    first_leads = sign * decision.difference >= 0
    (ahead, behind), turn = (names, 1.0) if first_leads else (names[::-1], -1.0)
    ends = sorted((turn * decision.low, turn * decision.high))
    value, low, high = (v if sign > 0 else -v for v in (turn * decision.difference, *ends))
    low, high = sorted((low, high))
    step = (high - low) / 2 if isfinite(high - low) else abs(value)
    by = f"{amount(value, metric, step)}{unit(metric)}"
    interval = (
        f"[{amount(low, metric, step)}, {amount(high, metric, step)}]" if isfinite(high - low) else "[no interval]"
    )
    seeds = f"{decision.n} seed{'s' if decision.n != 1 else ''}"
    if decision.differs:
        share = improvement.mean if first_leads else 1 - improvement.mean
        more = "higher" if sign > 0 else "lower"
        less = f"; that is less than the margin of {margin_text(margin, metric)}" if decision.equivalent else ""
        return (
            f"{ahead} reaches a {more} {NAMES[metric]} than {behind}, by {by} {interval}, in {share:.0%} of paired "
            f"runs ({seeds}, {how}){less}."
        )
    if decision.equivalent:
        if decision.difference == decision.low == decision.high == 0:
            return f"{names[0]} and {names[1]} came to the same {NAMES[metric]} with every seed ({seeds}, {how})."
        return (
            f"No difference larger than {margin_text(margin, metric)} between {ahead} and {behind}: {by} {interval} "
            f"({seeds}, {how})."
        )
    found = f"Undecided between {ahead} and {behind}: {by} {interval} ({seeds}, {how})"
    if decision.n == 1:
        return f"{found}; one seed decides nothing."
    if num_pairs > 1 and (
        decision.low > 0 or decision.high < 0
    ):  # the interval is this pair's own, the decision is made for all
        found += f"; among {num_pairs} comparisons that may be chance"
    if isfinite(detectable):
        size = f"{amount(detectable, metric, detectable)}{unit(metric)}"
        return f"{found}; with so many seeds a difference of {size} is found four times in five."
    return f"{found}; so few seeds cannot decide it."
