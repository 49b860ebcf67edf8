"""What was changed from round to round, and why, as the page of a search lists it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trainwell.search import Extent, SearchResult


@dataclass(frozen=True)
class RoundStory:
    """A round in words.

    Attributes:
        title: its number and trials.
        changed: parameters that were drawn from something else than in the round before, with the reason.
        kept: the others, by reason.
    """

    title: str
    changed: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, tuple[str, ...]], ...]


def round_stories(result: "SearchResult") -> tuple[RoundStory, ...]:
    """One story per round; none for samplers without rounds."""
    return tuple(_story(result, row) for row in range(len(result.rounds)))


def _story(result: "SearchResult", row: int) -> RoundStory:
    one = result.rounds[row]
    before = result.rounds[row - 1].extents if row else {}
    changed, kept = [], dict[str, list[str]]()
    for name, reason in sorted(one.reasons.items()):
        if name in before and name in one.extents and _drawn(before[name]) != _drawn(one.extents[name]):
            changed.append((name, reason))
        elif row:
            kept.setdefault(reason, []).append(name)
    first, last = one.first_trial, one.last_trial
    trials = f"trial {first}" if first == last else f"trials {first}–{last}"
    title = f"Round {row + 1} ({trials}{'' if one.completed else ', not completed'})"
    return RoundStory(title, tuple(changed), tuple((reason, tuple(names)) for reason, names in kept.items()))


def _drawn(extent: "Extent") -> tuple[object, ...]:
    return extent.low, extent.high, extent.choices
