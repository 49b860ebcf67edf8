"""The answer to "which is best?" in a few sentences: never a winner without an interval."""

from collections.abc import Iterable, Sequence

from trainwell.comparison.result import Across, Comparison, Comparisons, Pair
from trainwell.core import METRICS

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
    names = _listed([part.labels[k] for k in best])
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
    return f"{said} On {_listed(doubtful)} tuning may not have found every contender's best." if doubtful else said


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
    return f"{first}; by ranks (critical difference {gap}) it is told apart from {_listed(told)}."


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
    names = _listed([part.labels[k] for k in beaten])
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


def _listed(names: Sequence[str]) -> str:
    """Names as a sentence has them, of many the first few; in quotation marks where they have commas themselves.

    Example:
        >>> _listed(["a", "b"]), _listed(list("abcdefg"))
        ('a and b', 'a, b, c and 4 others')
    """
    if len(names) > 1:
        names = [f"“{name}”" if "," in name else name for name in names]
    if len(names) > MOST_NAMED:
        rest = len(names) - MOST_NAMED + 1
        return f"{', '.join(names[: MOST_NAMED - 1])} and {rest} others"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
