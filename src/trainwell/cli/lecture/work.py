"""What `trainwell lecture` does: make figures and test statements; write pages, JSON and tables."""

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.table import Column, Table

from trainwell.cli.options.data import FileOptions
from trainwell.cli.options.run import parse_seeds
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import RunDirectory
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import Messages, PlainConsole, print_json, results_console
from trainwell.cli.show.tables import BEST, new_table, numbers
from trainwell.comparison import ComparisonLog
from trainwell.core import nearest
from trainwell.display import number_text
from trainwell.lecture import (
    CONTENTS,
    DOCUMENT_ERRORS,
    FIGURES,
    STATEMENTS,
    BookData,
    Finding,
    LectureError,
    Made,
    Part,
    Size,
    examine,
    finding_of,
    is_built,
    keep_finding,
    make_figures,
    read_finding,
)
from trainwell.report import CARDS, ERRORS, INDEX, LIBRARY, PAGES, write_gallery
from trainwell.training import PopulationProgress, Progress

GROUPS: Mapping[str, Iterable[str]] = {"figures": FIGURES, "statements": STATEMENTS, "all": (*FIGURES, *STATEMENTS)}
TITLE = "figures and statements of the lecture: notes on Stanford's CS231n and on Deep Learning from Scratch, chapter 6"
IN_DETAIL = 3
"""With up to so many statements all numbers are printed, with more only the verdicts."""


def print_contents(*, json: bool) -> None:
    """Print all figures and statements as a table or as one JSON object."""
    if json:
        rows = {name: {"id": name, "text": text, "built": is_built(name)} for name, text in CONTENTS.items()}
        print_json(
            {
                "figures": [row for name, row in rows.items() if name.startswith("F")],
                "statements": [row for name, row in rows.items() if name.startswith("C")],
            }
        )
        return
    columns = [Column("ID", style=BEST, no_wrap=True), Column("what the figure shows, or what the statement says")]
    rows_shown = ([name, text if is_built(name) else f"{text} (not available yet)"] for name, text in CONTENTS.items())
    results_console().print(new_table(TITLE, columns, rows_shown))


def check(
    call: Call,
    ids: Sequence[str],
    source: str,
    files: FileOptions,
    target: str | None,
    *,
    seeds: str,
    size: Size,
    tuned: bool,
    fresh: bool,
) -> Task:
    """Check the request; return the task of making figures and testing statements.

    Args:
        call: how the command was called.
        ids: figures, statements and groups.
        source: the data to train on.
        files: how data files are read.
        target: the column to predict, for tables.
        seeds: seeds of the networks, see `parse_seeds`.
        size: `full` or `small`.
        tuned: also draw figures with tuned learning rates.
        fresh: train and measure again.

    Raises:
        LectureError: an ID is unknown or not available yet.
        DataError: the data cannot be read.
    """
    wanted = _asked(ids)
    figures = [FIGURES[name] for name in wanted if name in FIGURES]
    statements = [name for name in wanted if name in STATEMENTS]
    chosen = parse_seeds(seeds)
    trains = any(one.setting for one in figures) or any(STATEMENTS[name].trains for name in statements)
    reading = {"target": target, **asdict(files)}
    data = _data(source, reading, call.say) if trains else None

    options: dict[str, Any] = {"size": size, "data": data, "fresh": fresh}

    def do(directory: RunDirectory) -> Kept:
        started = perf_counter()
        with ThreadPoolExecutor(1) as beside, ExitStack() as stack:
            beside.submit(lambda: [error.content for error in DOCUMENT_ERRORS.values()])  # while networks train
            how = {**options, "begin": partial(_begin, stack, call.say)}
            findings = [
                _finding(name, f"{i} of {len(statements)}", directory.checkpoints, call.say, how)
                for i, name in enumerate(statements, 1)
            ]
            watcher, folder = ComparisonLog(call.say.log), directory.checkpoints
            made = make_figures(figures, seeds=chosen, tuned=tuned, checkpoints=folder, watcher=watcher, **how)
        page = partial(
            write_gallery,
            made,
            directory.path,
            findings=findings,
            source=source,
            options=[*files.words(FileOptions), *([] if target is None else ["--target", target])],
            arguments={"target": target, **files.given(FileOptions)},
            command=call.command_line,
            seconds=perf_counter() - started,
        )
        found = {"figures": [*map(_figure_json, made)], "statements": [one.to_json() for one in findings]}
        return {"size": size, "seeds": list(chosen), **found}, page

    return Task(
        {
            "ids": wanted,
            "seeds": list(chosen),
            "data": None if data is None else data.everything.fingerprint,
            "size": size,
            "tuned": tuned,
            "precision": call.run.precision,
        },
        "figures" if figures else "statements",
        "making the figures" if figures else "measuring the statements",
        do,
        _show,
        files=(INDEX, ERRORS, LIBRARY, PAGES, CARDS),
    )


def _begin(stack: ExitStack, say: Messages, work: Sequence[float]) -> Progress:
    """Show the progress of a training until the stack is closed."""
    bars = stack.enter_context(say.bars())
    return PopulationProgress(bars, work).callbacks


def _asked(ids: Sequence[str]) -> list[str]:
    """The IDs, groups expanded, each once.

    Raises:
        LectureError: an ID is unknown or not available yet.
    """
    names: dict[str, None] = {}
    for one in ids:
        name = one.upper()
        if one.lower() in GROUPS:
            names |= dict.fromkeys(GROUPS[one.lower()])
        elif name not in CONTENTS:
            raise LectureError(f"the lecture has no figure or statement '{one}': {_hint(one)}")
        elif not is_built(name):
            raise LectureError(f"{name} is not available yet: `trainwell lecture` lists the others")
        else:
            names[name] = None
    return list(names)


def _hint(given: str) -> str:
    """The most similar IDs, ignoring case; for a technique, where it is."""
    if given.upper().startswith("T-"):
        return "techniques (T-…) are in the code, docs/lecture.md says where"
    lower = {name.lower(): name for name in (*CONTENTS, *GROUPS)}
    hint = nearest(given.lower(), lower)
    return re.sub(r"[\w-]+", lambda word: lower.get(word[0], word[0]), hint)


def _data(source: str, reading: Mapping[str, Any], say: Messages) -> BookData:
    """The data to train on."""
    data = BookData.load(source, **reading, show_progress=say.shows_progress)
    say.note(*data.everything.notices)
    return data


def _finding(name: str, count: str, folder: Path, say: Messages, how: Mapping[str, Any]) -> Finding:
    """The finding on a statement; saved, so that a resumed run does not measure it again."""
    path = folder / f"{name}.json"
    if found := read_finding(path):
        return found
    say.log(f"measuring {name}, {count}: {CONTENTS[name]}")
    found = examine(name, checkpoints=folder / name, **how)
    say.log(f"{name}: {found.verdict} ({found.seconds:,.1f} s)")
    keep_finding(path, found)
    return found


def _figure_json(made: Made) -> dict[str, Any]:
    """A figure's numbers and page."""
    found = made.to_json()
    return {"id": found["id"], "title": found["title"], "page": f"{PAGES}/{made.figure.id}.html", **found}


def _show(console: PlainConsole, results: Results, directory: RunDirectory) -> None:
    if results["figures"]:
        columns = [Column("ID", style=BEST, no_wrap=True), Column("figure"), Column("page", no_wrap=True)]
        rows = ([one["id"], one["title"], one["page"]] for one in results["figures"])
        console.print(new_table("figures", columns, rows))
    findings = [finding_of(one) for one in results["statements"]]
    if len(findings) > IN_DETAIL:
        rows = ([one.id, one.verdict, _effect(one), CONTENTS[one.id]] for one in findings)
        columns = [Column("ID", style=BEST, no_wrap=True), Column("verdict"), Column("effect"), Column("statement")]
        console.print(new_table("statements", columns, rows))
    else:
        for one in findings:
            _print_finding(console, one)
    console.locations({"gallery": str(directory.path / INDEX)}, 7)


def _print_finding(console: PlainConsole, found: Finding) -> None:
    """Print a statement, its verdict and each claim with its numbers."""
    console.print(f"{found.id}: {CONTENTS[found.id]}", style="bold")
    console.print(f"{found.verdict}. {found.sentence}")
    for part in found.parts:
        console.print(_part_table(part))


def _effect(found: Finding) -> str:
    effect = found.effect
    return f"{effect.what}: {number_text(effect.estimate)} {effect.ends} (n {effect.n:,})"


def _part_table(part: Part) -> Table:
    beyond = " (not counted in the verdict)" if part.beyond else ""
    return new_table(
        f"{part.verdict}{beyond}: {part.claim}",
        [Column("measured"), numbers("estimate", BEST), numbers("95% interval"), numbers("n"), Column("criterion")],
        ([one.what, number_text(one.estimate), one.ends, f"{one.n:,}", words] for one, words in part.rows),
    )
