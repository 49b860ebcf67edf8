"""The gallery of the lecture: an index in the lecture's order and a page per figure, which work offline."""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwell.core import short_text, write_atomic
from trainwell.display import Chip, Head, Row, Table
from trainwell.lecture import CONTENTS, DOCUMENT_ERRORS, Content, Finding, Made, View, is_built
from trainwell.report.frame.page import Chart, Facts, made_facts, render, write
from trainwell.report.gallery.cards import CARDS, ERRORS, INDEX, LIBRARY, PAGES, Link, Reading, neighbours, write_cards
from trainwell.report.library.bundles import packed_script
from trainwell.training import differing_fields, recipe_toml

SECTIONS = {
    "optimization": "Optimization",
    "initialization": "Initial weights and activations",
    "preprocessing": "Preprocessing",
    "batch_norm": "Batch normalization",
    "regularization": "Regularization",
    "hyperparameters": "Hyperparameters",
    "babysitting": "Watching training",
}
DOCUMENTS = "Notes on Stanford’s CS231n and on Deep Learning from Scratch, chapter 6"
"""What the lecture is."""
BOOKS = "mnist"
"""What the book trains on."""
MOST_ROWS = 40
"""Contenders whose differing fields are listed."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A chart with its legend."""

    chart: Chart
    said: str
    contenders: Sequence[Chip]
    kinds: Sequence[Chip]


@dataclass(frozen=True, eq=False)
class Way:
    """One of the ways to look at a figure."""

    key: str
    name: str
    shown: Sequence[Shown]
    tables: Mapping[str, Table]
    notes: Sequence[str]


def write_gallery(
    made: Sequence[Made],
    folder: Path,
    *,
    findings: Sequence[Finding] = (),
    source: str = BOOKS,
    options: Sequence[str] = (),
    arguments: Mapping[str, Any] | None = None,
    command: str = "",
    seconds: float | None = None,
) -> Path:
    """Write the gallery.

    Args:
        made: its figures.
        folder: an existing one for `index.html`, `errors.html`, the charts' library, `figures/` and `statements/`.
        findings: statements that were measured along with them.
        source: the data that figures were trained on, as `--data` names it.
        options: options of the command line that read them, such as `--target`.
        arguments: those of `load_data` that do the same; None ones are left out.
        command: the command line that made it.
        seconds: wall-clock time of everything.

    Returns:
        The path of the index.
    """
    pages = folder / PAGES
    pages.mkdir(exist_ok=True)
    write_atomic(folder / LIBRARY, packed_script("plane").encode())
    took = [("Took", f"{seconds:,.1f} s")] if seconds is not None else []
    facts = [("The lecture", f"{DOCUMENTS} (“the book”)"), *made_facts(command, *took)]
    reading = _reading(source, options, arguments or {})
    measured = {one.id for one in findings}
    for before, one, after in neighbours(made):
        write(pages / f"{one.figure.id}.html", _figure_page(one, measured, reading, before, after, facts))
    write_cards(findings, made, folder / CARDS, reading, facts)
    write(folder / ERRORS, _errors_page(made, facts))
    return write(folder / INDEX, _index_page(made, findings, facts))


def _reading(source: str, options: Sequence[str], arguments: Mapping[str, Any]) -> Reading:
    """Options and arguments that read the data; empty where they are the book's.

    Example:
        >>> _reading("my.csv", ["--target", "kind"], {"target": "kind", "header": None})
        (('--data', 'my.csv', '--target', 'kind'), "'my.csv', target='kind'")
        >>> _reading("mnist", ["--data-dir", "images"], {"data_dir": "images"})
        (('--data-dir', 'images'), "data_dir='images'")
    """
    own = () if source == BOOKS else (source,)
    given = [f"{name}={value!r}" for name, value in arguments.items() if value is not None]
    return (*(word for one in own for word in ("--data", one)), *options), ", ".join([*map(repr, own), *given])


def _figure_page(
    one: Made, measured: Collection[str], reading: Reading, before: Made | None, after: Made | None, facts: Facts
) -> str:
    figure = one.figure
    ways = [_way(view, one.seeds, alone=len(one.views) == 1) for view in one.views]
    toml, others = _recipes(one)
    return render(
        "gallery/figure.html.jinja",
        library=f"../{LIBRARY}",
        title=f"{figure.id}: {figure.title}",
        headline=figure.text,
        ways=ways,
        first=ways[-1 if len(ways) < 3 else 1].key,
        data=one.data,
        command=_command(one, reading),
        python=figure.python or _python(one, reading),
        toml=toml,
        others=others,
        errors=[(number, DOCUMENT_ERRORS[number].words) for number in figure.errors],
        statements=[
            Link(name, CONTENTS[name], f"../{CARDS}/{name}.html" if name in measured else f"../{INDEX}#{name}")
            for name in figure.statements
        ],
        before=before and Link(before.figure.id, before.figure.title, f"{before.figure.id}.html"),
        after=after and Link(after.figure.id, after.figure.title, f"{after.figure.id}.html"),
        facts=facts,
    )


def _way(view: View, seeds: Sequence[int], *, alone: bool) -> Way:
    many = f"{len(seeds)} seeds"
    name = {"one seed": f"Seed {seeds[0]}", "seeds": many, "tuned": f"Learning rates tuned, {many}"}[view.way]
    return _shown(view.way.replace(" ", "-"), "" if alone else name, view.content)


def _shown(key: str, name: str, content: Content) -> Way:
    shown = [
        Shown(Chart(f"{key}-{one.name}", one.caption, one.chart), one.said, one.contenders, one.kinds)
        for one in content.drawings
    ]
    return Way(key, name, shown, content.tables, content.notes)


def _recipes(made: Made) -> tuple[str, Table | None]:
    """The first contender's recipe as TOML, and in which fields the others differ."""
    recipes = made.recipes
    if not recipes:
        return "", None
    labels, found = list(recipes), list(recipes.values())
    names = differing_fields(found)
    if len(found) == 1:
        return recipe_toml(found[0]), None
    rows = [
        Row((label, *(short_text(getattr(recipe, name, None)) for name in names)))
        for label, recipe in zip(labels[:MOST_ROWS], found, strict=False)
    ]
    return recipe_toml(found[0]), Table((Head("", ""), *(Head(name, "word") for name in names)), tuple(rows))


def _command(made: Made, reading: Reading) -> str:
    words, count = ["trainwell", "lecture", made.figure.id], len(made.seeds)
    if _has_seeds(made):
        words += ["--seeds", str(count) if _counted(made) else ",".join([*map(str, made.seeds), ""])]
    words += reading[0] if made.figure.setting else ()
    words += [] if made.size == "full" else ["--size", made.size]
    return shlex.join([*words, *(["--tuned"] if made.rates else [])])


def _has_seeds(made: Made) -> bool:
    """Whether anything in it is drawn at random."""
    return bool(made.figure.setting) or any(len(one.seeds) > 1 for one in made.as_documented.content.series)


def _counted(made: Made) -> bool:
    """Whether the seeds are the first so many."""
    return made.seeds == tuple(range(len(made.seeds)))


def _python(made: Made, reading: Reading) -> str:
    names, more = "FIGURES, make_figures", ""
    if _has_seeds(made):
        more = f", seeds=range({len(made.seeds)})" if _counted(made) else f", seeds={made.seeds}"
    if made.size != "full":
        more = f"{more}, size={made.size!r}"
    if made.figure.setting and reading[1]:
        names, more = "FIGURES, BookData, make_figures", f"{more}, data=BookData.load({reading[1]})"
    return (
        f"from trainwell.lecture import {names}\n"
        "\n"
        f"(made,) = make_figures([FIGURES[{made.figure.id!r}]]{more})\n"
        "for curve in made.as_documented.content.series:\n"
        "    print(curve.label, curve.seeds[:, -1])\n"
    )


def _errors_page(made: Sequence[Made], facts: Facts) -> str:
    return render(
        "gallery/errors.html.jinja",
        library=LIBRARY,
        title="What the documents get wrong",
        headline=f"{DOCUMENTS}: ten errors, each computed as it is written and as it should be.",
        errors=[
            (
                error,
                _shown(f"error-{error.number}-drawn", "", error.content),
                [
                    Link(one.figure.id, one.figure.title, f"{PAGES}/{one.figure.id}.html")
                    for one in made
                    if error.number in one.figure.errors
                ],
            )
            for error in DOCUMENT_ERRORS.values()
        ],
        facts=facts,
    )


def _index_page(made: Sequence[Made], findings: Sequence[Finding], facts: Facts) -> str:
    by_id = {one.figure.id: one.figure for one in made}
    measured = {one.id: one for one in findings}
    sections = {
        title: [
            (Link(one.figure.id, one.figure.title, f"{PAGES}/{one.figure.id}.html"), one.figure.text)
            for one in made
            if one.figure.section == key
        ]
        for key, title in SECTIONS.items()
    }
    statements = [
        (
            Link(name, text, f"{CARDS}/{name}.html" if name in measured else ""),
            measured.get(name),
            is_built(name),
            [Link(one.id, one.title, f"{PAGES}/{one.id}.html") for one in by_id.values() if name in one.statements],
        )
        for name, text in CONTENTS.items()
        if name.startswith("C-")
    ]
    return render(
        "gallery/index.html.jinja",
        library="",
        title="The lecture, figure by figure",
        headline=f"{DOCUMENTS}: their figures, made from real training, and their statements, tested.",
        sections={title: rows for title, rows in sections.items() if rows},
        missing=[Link(name, text) for name, text in CONTENTS.items() if name.startswith("F-") and name not in by_id],
        statements=statements,
        measured=findings,
        texts=CONTENTS,
        cards=CARDS,
        facts=facts,
    )
