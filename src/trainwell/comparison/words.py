"""Verdicts and headlines as sentences; a better contender is never named without a confidence interval."""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, isfinite, nan

from trainwell.comparison.result import Across, Comparison, Comparisons, Pair
from trainwell.core import METRICS, Metric, listed
from trainwell.statistics import PairDecision


def extra_trials(counts: Mapping[str, int]) -> str:
    """The contenders that had further tuning trials, as text.

    Example:
        >>> extra_trials({"sgd": 1, "adam": 0, "nesterov": 3})
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
    cancelling_failure_rate: float = nan,
) -> str:
    """The verdict on a pair as one sentence.

    Args:
        decision: the test.
        names: labels of the first and second contender.
        metric: the metric that was compared.
        margin: smallest difference that matters.
        wins: share of paired runs in which the first contender is better, and the second; ties are the rest.
        diverged: number of diverged runs of the first contender, and of the second.
        how: how the contenders were tuned, such as `each learning rate tuned over 24 values`; empty to leave it out.
        detectable: difference detected with 80% power, in the metric's unit; NaN if none is.
        num_pairs: number of compared pairs.
        doubts: why tuning may have missed better recipes, see `Pair`.
        cancelling_failure_rate: failure rate that would undo the difference, see `Pair`.
    """
    said = [_said(decision, names, metric, margin, wins, diverged, how, detectable, num_pairs)]
    lead = 0 if metric.sign * decision.difference >= 0 else 1
    ahead = names[lead]
    if decision.method == "skewed":
        said.append(_of_skewed(decision, ahead, wins[lead]))
    if isfinite(cancelling_failure_rate):
        rare = f"1 failure in {floor(1 / cancelling_failure_rate):,} runs of {ahead}"
        said.append(f"{rare}, too rare to be seen in {decision.n} seeds, would undo this difference")
    if doubts:
        said.append(f"{' and '.join(doubts)}, so this may be an artefact of tuning")
    return f"{'; '.join(said)}."


def skewness_text(skewness: float) -> str:
    """Skewness with one decimal and a true minus sign."""
    return f"{skewness:.1f}".replace("-", "−")


def _of_skewed(decision: PairDecision, ahead: str, won: float) -> str:
    """What a verdict says if the paired differences have a long tail against the better contender."""
    how = f"the differences are skewed against {ahead} (skewness {skewness_text(-abs(decision.skewness))})"
    if decision.differs or decision.equivalent:
        return f"{how}; the test accounts for this"
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
    """The test result as a sentence without its full stop."""
    sign = metric.sign
    turn = 1.0 if sign * decision.difference >= 0 else -1.0
    ahead, behind = names if turn > 0 else names[::-1]
    value, *ends = (sign * turn * v for v in (decision.difference, decision.low, decision.high))
    low, high = sorted(ends)  # interval of how much `ahead` is better
    step = (high - low) / 2 if isfinite(high - low) else abs(value)
    shown = ", ".join(metric.amount(end, step) for end in (low, high)) if isfinite(high - low) else "no interval"
    by = f"{metric.difference(value, step)} [{shown}]"
    lost = [f"{count} diverged of {name}" for name, count in zip(names, diverged, strict=True) if count]
    seeds = ", ".join([f"{decision.n} seed{'s' if decision.n != 1 else ''}", *lost, *([how] if how else [])])
    if decision.differs:
        won, tied = wins[0 if turn > 0 else 1], 1 - sum(wins)
        better = f"{metric.better} {metric.validation}"
        share = f"{won:.0%} of paired runs" + (f", tied in {tied:.0%}" if round(tied, 2) else "")
        less = f"; that is less than the margin of {metric.margin_text(margin)}" if decision.equivalent else ""
        return f"{ahead} reaches a {better} than {behind}, by {by}, in {share} ({seeds}){less}"
    if decision.equivalent:
        if decision.difference == decision.low == decision.high == 0:
            return f"{names[0]} and {names[1]} have the same {metric.validation} with every seed ({seeds})"
        return f"No difference larger than {metric.margin_text(margin)} between {ahead} and {behind}: {by} ({seeds})"
    found = f"Undecided between {ahead} and {behind}: {by} ({seeds})"
    if decision.n == 1:
        return f"{found}; one seed is not enough for a test"
    if num_pairs > 1 and low * high > 0:  # the interval is for this pair alone, the test is corrected for all pairs
        found += f"; among {num_pairs} comparisons this may be chance"
    if isfinite(detectable):
        size = metric.difference(detectable, detectable)
        return f"{found}; with this number of seeds a difference of {size} is detected with 80% probability"
    return f"{found}; {decision.n} seeds are too few to show a difference"


AS_GIVEN = (
    "Each contender ran as given, with its optimizer's default learning rate unless one was set: this is not a fair "
    "comparison of tuned contenders."
)
MOST_NAMED = 4


def headline(part: Comparison) -> str:
    """The main result of a comparison on one data set, in one to three sentences.

    Returns:
        Which contender is best, or that none is, followed by the most important verdict.
    """
    if all(summary.diverged == summary.n for summary in part.summaries):
        return "All networks of all contenders diverged: try lower learning rates."
    if len(part.pairs) == 1:
        return part.pairs[0].words
    if part.terms.reference is not None:
        return _with_doubts(part, _against_reference(part, part.terms.reference))
    return _with_doubts(part, _of_all_pairs(part))


def _of_all_pairs(part: Comparison) -> str:
    """The main result if all pairs were compared."""
    best = part.best
    if not best:
        return f"Each contender is significantly worse than another one: none is the best. {_best_mean(part)}"
    beaten = [k for k in part.ranking() if k not in best]
    if not beaten:
        return f"{_no_leader(part)} {_best_mean(part)}"
    if len(best) == 1 and (behind := [pair for k in beaten for pair in _ahead(part, best[0], k)]):
        everyone = "both others" if len(beaten) == 2 else f"all {len(beaten)} others"
        of = everyone if len(behind) == len(beaten) else f"{len(behind)} of {len(beaten)} others"
        return f"{part.labels[best[0]]} is better than {of}. The smallest difference: {_smallest(behind).words}"
    names = _named([part.labels[k] for k in best])
    return f"No other is significantly better than {names}{_among(part, best)}. {_nearest(part, best, beaten)}"


def headlines(comparisons: Comparisons) -> str:
    """The main result over all data sets.

    Returns:
        For one data set its `headline`; for several the contender with the best mean rank and which contenders differ
        significantly from it.
    """
    if comparisons.across is None:
        return headline(comparisons.parts[0])
    said = _by_ranks(comparisons, comparisons.across)
    doubtful = [part.dataset.name for part in comparisons.parts if any(own and own.doubts for own in part.tunings)]
    return f"{said} On {_named(doubtful)} tuning may have missed better recipes." if doubtful else said


def _by_ranks(comparisons: Comparisons, across: Across) -> str:
    labels, ranks = comparisons.parts[0].labels, across.ranks.ranks
    order = sorted(range(len(labels)), key=lambda k: (ranks[k], k))
    lead = order[0]
    over = f"over {len(comparisons.parts)} data sets"
    first = f"{labels[lead]} has the best mean rank {over}, {ranks[lead]:.2f} of {len(labels)}"
    if not ranks_can_differ(across):
        return f"{first}; with so few data sets no difference of ranks can be significant."
    behind = [labels[k] for k in order if ranks[k] - ranks[lead] >= across.ranks.critical_difference]
    gap = f"{across.ranks.critical_difference:.2f}"
    if not behind:
        return f"{first}, but not significantly: no other differs by the critical difference of {gap} or more."
    return f"{first}; it is significantly better than {_named(behind)} (critical difference of ranks {gap})."


def ranks_can_differ(across: Across) -> bool:
    """Whether mean ranks of K contenders, which differ by at most K − 1, could reach the critical difference."""
    return across.ranks.critical_difference <= len(across.ranks.ranks) - 1  # False if it is NaN


def _against_reference(part: Comparison, reference: str) -> str:
    """How many contenders are better than the reference, worse, equivalent or undecided; then the largest gain."""
    at = part.labels.index(reference)
    gains = [pair for pair in part.pairs if pair.better is not None and pair.better != at]
    others = len(part.pairs)
    more = f"better than {reference}"
    if len(gains) == others:
        said = f"All {others} others are {more}."
    else:
        counts = {
            "worse": sum(pair.better == at for pair in part.pairs),
            f"within {METRICS[part.metric].margin_text(part.margin)} of it": _count(part.pairs, "equivalent"),
            "undecided": _count(part.pairs, "undecided"),
        }
        rest = [f"{number} {_are(number)} {what}" for what, number in counts.items() if number]
        none = f"None of the {others} others is {more}"
        first = f"Of {others} others {len(gains)} {_are(len(gains))} {more}" if gains else none
        said = f"{', '.join([first, *rest])}." if gains else f"{first}: {', '.join(rest)}."
    if not gains:
        return said
    best = max(gains, key=lambda pair: abs(pair.decision.difference))
    return f"{said} The largest gain: {best.words}"


def _with_doubts(part: Comparison, said: str) -> str:
    """A headline, with those doubts of verdicts that it does not quote already."""
    doubts = dict.fromkeys(doubt for pair in part.pairs for doubt in pair.doubts if doubt not in said)
    if not doubts:
        return said
    return f"{said} {' and '.join(doubts)}, so this may be an artefact of tuning."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _no_leader(part: Comparison) -> str:
    undecided = _count(part.pairs, "undecided")
    if not undecided:
        return f"No difference larger than {METRICS[part.metric].margin_text(part.margin)} between any two contenders."
    return f"No contender is significantly better than another: {undecided} of {len(part.pairs)} pairs are undecided."


def _best_mean(part: Comparison) -> str:
    """The best mean with its interval, which does not show that this contender is the best."""
    metric, lead = METRICS[part.metric], part.ranking()[0]
    mean = part.summaries[lead].mean
    step = metric.fine((mean.high - mean.low) / 2, mean.mean)
    if mean.n == 1:
        interval = "1 seed: no interval"
    else:
        low, high = (metric.amount(end, step) for end in (mean.low, mean.high))
        interval = f"95% interval [{low}, {high}], {mean.n} seeds"
    value = metric.amount(mean.mean, step)
    return f"The best mean {metric.validation} is that of {part.labels[lead]}: {value}{metric.percent} ({interval})."


def _among(part: Comparison, best: Sequence[int]) -> str:
    """The verdicts between the best contenders."""
    inside = [pair for pair in part.pairs if pair.first in best and pair.second in best]
    if not inside:
        return ""
    undecided = _count(inside, "undecided")
    if not undecided:
        return f", with no difference larger than {METRICS[part.metric].margin_text(part.margin)} between them"
    if undecided == len(inside):
        return "; between these two it is undecided" if len(best) == 2 else "; among them all pairs are undecided"
    return f"; among them {undecided} of {len(inside)} pairs {_are(undecided)} undecided"


def _nearest(part: Comparison, best: Sequence[int], beaten: Sequence[int]) -> str:
    """The smallest significant difference between one of the best contenders and one of the others."""
    shown = [pair for lead in best for k in beaten for pair in _ahead(part, lead, k)]
    if not shown:  # the others are only worse than one another
        return _best_mean(part)
    names = _named([part.labels[k] for k in beaten])
    rest = f"{names} are worse; the smallest difference" if len(beaten) > 1 else f"{names} is worse"
    return f"{rest}: {_smallest(shown).words}"


def _smallest(pairs: Sequence[Pair]) -> Pair:
    return min(pairs, key=lambda pair: abs(pair.decision.difference))


def _ahead(part: Comparison, lead: int, other: int) -> list[Pair]:
    """The pair if `lead` is significantly better than `other`; else an empty list."""
    pair = part.pair(lead, other)
    return [pair] if pair is not None and pair.better == lead else []


def _count(pairs: Iterable[Pair], outcome: str) -> int:
    return sum(pair.outcome == outcome for pair in pairs)


def _named(names: Sequence[str]) -> str:
    """Names as a list in a sentence, long lists shortened; names that contain a comma are quoted.

    Example:
        >>> _named(["a", "b, c"])
        'a and “b, c”'
    """
    return listed([f"“{name}”" if "," in name and len(names) > 1 else name for name in names], MOST_NAMED)
