"""Verdicts and answers in words: who is better, by how much, how sure; never a winner without an interval."""

from collections.abc import Iterable, Mapping, Sequence
from math import floor, isfinite, nan

from trainwell.comparison.result import Across, Comparison, Comparisons, Pair
from trainwell.core import METRICS, Metric, listed
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


AS_GIVEN = (
    "Each contender ran as given, with its optimizer's default learning rate where none was set: this is no tuned, "
    "fair comparison."
)
MOST_NAMED = 4


def headline(part: Comparison) -> str:
    """What a comparison on one data set found, in one to three sentences.

    Args:
        part: the comparison.

    Returns:
        Who leads, or that nobody does, with the difference that matters most in the words of its verdict.
    """
    if all(summary.diverged == summary.n for summary in part.summaries):
        return "All networks of all contenders diverged: there is nothing to choose from; try lower learning rates."
    if len(part.pairs) == 1:
        return part.pairs[0].words
    if part.terms.reference is not None:
        return _with_doubts(part, _against_reference(part, part.terms.reference))
    return _with_doubts(part, _of_all_pairs(part))


def _of_all_pairs(part: Comparison) -> str:
    """Who leads, where all are compared with all."""
    best = part.best
    if not best:
        return f"Each contender was shown to be worse than another: there is no best one. {_best_mean(part)}"
    beaten = [k for k in part.ranking() if k not in best]
    if not beaten:
        return f"{_no_leader(part)} {_best_mean(part)}"
    if len(best) == 1 and (behind := [pair for k in beaten for pair in _ahead(part, best[0], k)]):
        everyone = "both others" if len(beaten) == 2 else f"all {len(beaten)} others"
        of = everyone if len(behind) == len(beaten) else f"{len(behind)} of {len(beaten)} others"
        return f"{part.labels[best[0]]} is ahead of {of}. The closest of them: {_smallest(behind).words}"
    names = _named([part.labels[k] for k in best])
    were = "was" if len(best) == 1 else "were"
    return f"{names} {were} beaten by no other{_among(part, best)}. {_nearest(part, best, beaten)}"


def headlines(comparisons: Comparisons) -> str:
    """What a comparison on all data sets found.

    Args:
        comparisons: of one or more data sets.

    Returns:
        The headline of the only data set, or the mean ranks and who is told apart by them.
    """
    if comparisons.across is None:
        return headline(comparisons.parts[0])
    said = _by_ranks(comparisons, comparisons.across)
    doubtful = [part.dataset.name for part in comparisons.parts if any(own and own.doubts for own in part.tunings)]
    return f"{said} On {_named(doubtful)} tuning may not have found every contender's best." if doubtful else said


def _by_ranks(comparisons: Comparisons, across: Across) -> str:
    labels, ranks = comparisons.parts[0].labels, across.ranks.ranks
    order = sorted(range(len(labels)), key=lambda k: (ranks[k], k))
    lead = order[0]
    over = f"over {len(comparisons.parts)} data sets"
    first = f"{labels[lead]} has the best mean rank {over}, {ranks[lead]:.2f} of {len(labels)}"
    if not ranks_can_differ(across):
        return f"{first}; so few data sets cannot tell ranks apart."
    told = [labels[k] for k in order if ranks[k] - ranks[lead] >= across.ranks.critical_difference]
    gap = f"{across.ranks.critical_difference:.2f}"
    if not told:
        return f"{first}; by ranks it is told apart from no other (that takes a difference of {gap})."
    return f"{first}; by ranks (critical difference {gap}) it is told apart from {_named(told)}."


def ranks_can_differ(across: Across) -> bool:
    """Whether any mean ranks could be told apart: those of the first and the last differ by K − 1 at most."""
    return across.ranks.critical_difference <= len(across.ranks.ranks) - 1  # not where it is NaN


def _against_reference(part: Comparison, reference: str) -> str:
    """How many are better than the reference, worse, equal or undecided; the greatest gain in words."""
    at = part.labels.index(reference)
    gains = [pair for pair in part.pairs if pair.better is not None and pair.better != at]
    others = len(part.pairs)
    more = f"better than {reference}"
    if len(gains) == others:
        said = f"All {others} others are {more}."
    else:
        counts = {
            "worse": sum(pair.better == at for pair in part.pairs),
            f"no more than {METRICS[part.metric].margin_text(part.margin)} from it": _count(part.pairs, "equivalent"),
            "undecided": _count(part.pairs, "undecided"),
        }
        rest = [f"{number} {_are(number)} {what}" for what, number in counts.items() if number]
        none = f"None of the {others} others is {more}"
        first = f"Of {others} others {len(gains)} {_are(len(gains))} {more}" if gains else none
        said = f"{', '.join([first, *rest])}." if gains else f"{first}: {', '.join(rest)}."
    if not gains:
        return said
    best = max(gains, key=lambda pair: abs(pair.decision.difference))
    return f"{said} The greatest gain: {best.words}"


def _with_doubts(part: Comparison, said: str) -> str:
    """A headline, which quotes one verdict at most, with what the others say may be an artefact of tuning."""
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
    return f"No contender was shown to be better than another: {undecided} of {len(part.pairs)} pairs are undecided."


def _best_mean(part: Comparison) -> str:
    """The best mean with its interval; it makes no winner."""
    metric, lead = METRICS[part.metric], part.ranking()[0]
    mean = part.summaries[lead].mean
    step = min((mean.high - mean.low) / 2, abs(mean.mean) / 10) if mean.n > 1 else 0.0
    if mean.n == 1:
        sure = "1 seed: no interval"
    else:
        low, high = (metric.amount(end, step) for end in (mean.low, mean.high))
        sure = f"95% interval [{low}, {high}], {mean.n} seeds"
    value = metric.amount(mean.mean, step)
    percent = "%" if metric.is_share else ""
    return f"The best mean {metric.validation} is that of {part.labels[lead]}: {value}{percent} ({sure})."


def _among(part: Comparison, best: Sequence[int]) -> str:
    """What is known within the leading group."""
    inside = [pair for pair in part.pairs if pair.first in best and pair.second in best]
    if not inside:
        return ""
    undecided = _count(inside, "undecided")
    if not undecided:
        return f", with no difference larger than {METRICS[part.metric].margin_text(part.margin)} between them"
    if undecided == len(inside):
        return "; between these two nothing is decided" if len(best) == 2 else "; among them nothing is decided"
    return f"; among them {undecided} of {len(inside)} pairs {_are(undecided)} undecided"


def _nearest(part: Comparison, best: Sequence[int], beaten: Sequence[int]) -> str:
    """The leading group's smallest lead that was shown."""
    shown = [pair for lead in best for k in beaten for pair in _ahead(part, lead, k)]
    if not shown:  # those behind were beaten by one another
        return _best_mean(part)
    names = _named([part.labels[k] for k in beaten])
    rest = f"{names} were beaten; the smallest lead" if len(beaten) > 1 else f"{names} was beaten"
    return f"{rest}: {_smallest(shown).words}"


def _smallest(pairs: Sequence[Pair]) -> Pair:
    return min(pairs, key=lambda pair: abs(pair.decision.difference))


def _ahead(part: Comparison, lead: int, other: int) -> list[Pair]:
    """The verdict that one is better than another, if that was shown."""
    pair = part.pair(lead, other)
    return [pair] if pair is not None and pair.better == lead else []


def _count(pairs: Iterable[Pair], outcome: str) -> int:
    return sum(pair.outcome == outcome for pair in pairs)


def _named(names: Sequence[str]) -> str:
    """Names as a sentence has them, of many the first few; in quotation marks where they have commas themselves.

    Example:
        >>> _named(["a", "b, c"])
        'a and “b, c”'
    """
    return listed([f"“{name}”" if "," in name and len(names) > 1 else name for name in names], MOST_NAMED)
