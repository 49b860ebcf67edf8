"""The cards of the gallery: a page per statement with its verdict, what decided it, and what to do with it."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeAlias, TypeVar

from trainwell.display import Chip, Table, chips, number_text, styles
from trainwell.lecture import CONTENTS, STATEMENTS, Chart as Drawn, Criterion, Finding, Made, Measured, Part
from trainwell.report.frame.page import Chart, Facts, render, write

T = TypeVar("T")
Reading: TypeAlias = tuple[tuple[str, ...], str]
"""How the data are read, on the command line and in Python."""
INDEX, ERRORS, LIBRARY, PAGES, CARDS = "index.html", "errors.html", "plotly.js", "figures", "statements"
"""Names of the gallery's files and folders."""
FIRST_LOOK = "A first look (size small): fewer seeds, starts and conditions than the design says, and shorter training."


@dataclass(frozen=True)
class Link:
    """A link: its target and its text."""

    id: str
    text: str
    href: str = ""


@dataclass(frozen=True, eq=False)
class Claim:
    """A part of a statement as its card shows it."""

    part: Part
    chart: Chart | None
    said: str
    contenders: Sequence[Chip]
    table: Table
    where: Sequence[str]
    chance: str
    notes: Sequence[str]


def neighbours(all_of: Sequence[T]) -> list[tuple[T | None, T, T | None]]:
    """Each with the one before it and the one after it.

    Example:
        >>> neighbours("ab")
        [(None, 'a', 'b'), ('a', 'b', None)]
    """
    framed = [None, *all_of, None]
    return [(framed[i], one, framed[i + 2]) for i, one in enumerate(all_of)]


def write_cards(
    findings: Sequence[Finding], made: Sequence[Made], folder: Path, reading: Reading, facts: Facts
) -> None:
    """Write a card for each statement that was measured.

    Args:
        findings: what was found.
        made: the gallery's figures, for links.
        folder: folder that the cards are written into.
        reading: how the data were read.
        facts: how the gallery was made.
    """
    folder.mkdir(exist_ok=True)
    for before, one, after in neighbours(findings):
        write(folder / f"{one.id}.html", _card(one, made, reading, before, after, facts))


def _card(
    one: Finding,
    made: Sequence[Made],
    reading: Reading,
    before: Finding | None,
    after: Finding | None,
    facts: Facts,
) -> str:
    asked = STATEMENTS[one.id]
    words, python = reading if asked.trains else ((), "")
    is_small = one.size == "small"
    words += ("--size", one.size) if is_small else ()
    return render(
        "gallery/statement.html.jinja",
        library=f"../{LIBRARY}",
        title=f"{one.id}: {one.verdict}",
        headline=f"{asked.text[0].upper()}{asked.text[1:]}.",
        finding=one,
        effect=_number_text(one.effect),
        claims=_claims(one.parts),
        design=asked.design,
        advice=asked.advice,
        command=shlex.join(["trainwell", "lecture", one.id, *words]),
        python=_python(one, python),
        index=INDEX,
        first_look=FIRST_LOOK if is_small else "",
        figures=[
            Link(other.figure.id, other.figure.title, f"../{PAGES}/{other.figure.id}.html")
            for other in made
            if one.id in other.figure.statements
        ],
        before=before and Link(before.id, CONTENTS[before.id], f"{before.id}.html"),
        after=after and Link(after.id, CONTENTS[after.id], f"{after.id}.html"),
        facts=[("Measured in", f"{one.seconds:,.1f} s"), *facts],
    )


def _python(one: Finding, reading: str) -> str:
    names, more = ("BookData, examine", f", data=BookData.load({reading})") if reading else ("examine", "")
    more += f", size={one.size!r}" if one.size != "full" else ""
    return (
        f"from trainwell.lecture import {names}\n"
        "\n"
        f"finding = examine({one.id!r}{more})\n"
        "print(finding.verdict, finding.effect)\n"
        "print(finding.sentence)\n"
    )


def _claims(parts: Sequence[Part]) -> list[Claim]:
    """All parts; a chart that several share is drawn once."""
    drawn = [repr(part.chart) for part in parts]  # NaN equals nothing, not even itself
    return [_claim(i, part, is_drawn=drawn.index(repr(part.chart)) == i - 1) for i, part in enumerate(parts, 1)]


def _claim(place: int, part: Part, *, is_drawn: bool) -> Claim:
    chart, said = None, ""
    contenders: Sequence[Chip] = ()
    if part.chart and is_drawn:
        said = _curves_said(part.chart)
        drawn = styles(range(len(part.chart.curves)))
        chart = Chart(f"claim-{place}", _sentence(part.chart.y_label), part.chart.figure())
        labels = [one.label for one in part.chart.curves]
        contenders = chips(labels, drawn) if len(labels) > 1 else ()
    notes = [text for one in part.criteria if (text := _note(one))]
    return Claim(
        part, chart, said, contenders, part.table(), where_of(part), chance_of(part), list(dict.fromkeys(notes))
    )


def where_of(part: Part) -> list[str]:
    """Under which conditions it holds, does not, and is left open, and why; nothing where there is one condition."""
    found = []
    for held, words in ((True, "Holds"), (False, "Does not hold"), (None, "Left open")):
        names = [where for where, one in part.conditions.items() if one is held and where]
        found += [f"{words}: {'; '.join(names)}."] if names else []
    doubted: dict[str, list[str]] = {}
    for one in part.criteria:
        if one.doubt:
            doubted.setdefault(one.doubt, []).append(one.where or one.number.what)
    return found + [f"{'; '.join(dict.fromkeys(names))}: left open, since {why}." for why, names in doubted.items()]


def chance_of(part: Part) -> str:
    """How many criteria chance may decide wrongly, since their intervals are not simultaneous; empty for one criterion.

    An interval at 95% lies wholly on the wrong side of a bound with a probability of at most 2.5%.
    """
    count = sum(one.number.low < one.number.high for one in part.criteria)
    if count < 2:
        return ""
    return (
        f"Each of the {count} criteria has its own 95% interval, not corrected for their number: by chance alone, up "
        f"to {number_text(0.025 * count)} of the {count} are expected to be decided wrongly."
    )


def _sentence(words: str) -> str:
    """The words with a capital first letter; other capitals, such as SGD's, stay."""
    return words[:1].upper() + words[1:]


def _curves_said(chart: Drawn) -> str:
    """Where each curve begins and ends, for those who do not see it."""
    ends = [
        f"{one.label} from {one.y[0]:.3g} ({chart.x_label} {one.x[0]:g}) to {one.y[-1]:.3g} ({one.x[-1]:g})"
        for one in chart.curves
    ]
    bound = "" if chart.bound is None else f" The dotted line is the criterion's bound, {chart.bound:g}."
    return f"{'; '.join(ends)}.{bound}"


def _note(one: Criterion) -> str:
    """A note on the other bounds with which a criterion would be decided otherwise."""
    low, high = one.number.low, one.number.high
    if one.doubt or not one.is_judgement or not (isfinite(low) and isfinite(high)):
        return ""
    sure, refuted, other = (low, high, "below") if one.side == "above" else (high, low, "above")
    return (
        f"{one.number.what}: the bound {one.bound:g} is a judgement call. With a bound {other} {number_text(sure)} the "
        f"criterion would be met, with one {one.side} {number_text(refuted)} not; in between it would be undecided."
    )


def _number_text(one: Measured) -> str:
    return f"{one.what}: {number_text(one.estimate)} (95% interval {one.ends}, n {one.n:,})"
