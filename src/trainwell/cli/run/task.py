"""A command's task, and the one way it goes: open or resume the run directory, do, keep, show."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import typer

from trainwell.cli.run import interrupts
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import RESULTS, RunDirectory, open_run, versions
from trainwell.cli.show.output import PlainConsole, print_json, results_console
from trainwell.cli.show.streams import OutputError
from trainwell.core import Interrupted, RunError, finite, system_words
from trainwell.training import Recipe

ALL_DIVERGED = 1  # exit code
Results = Mapping[str, Any]
"""The numbers of a run, as in `results.json`."""
Kept = tuple[Results, Callable[[], object]]
"""The numbers of a run whose other files are written, and what writes its page."""


@dataclass(frozen=True)
class Task:
    """A checked request of a command, and how it is met.

    Attributes:
        request: what the results depend on, as JSON values: a run is resumed only if it is asked for the same again.
        name: name of the data, for a fresh folder name.
        doing: the work in one word, as in `training from the start`.
        do: works in the run's folder and writes the command's own files. The numbers and the page are written after
            it, in that order, so that the numbers are kept, whatever goes wrong with the page.
        show: prints the numbers and where the run's files are.
        data: facts of the data, which `run.json` and the numbers begin with.
        files: names of the command's own files and folders, beside those that any run may have.
        base: the recipe to keep as `recipe.toml`, if it is known before anything is trained.
        is_lost: whether all networks diverged; the exit code is then 1.
        command_line: command line to store, if not the given one (e.g. without a password).
    """

    request: Mapping[str, Any]
    name: str
    doing: str
    do: Callable[[RunDirectory], Kept]
    show: Callable[[PlainConsole, Results, RunDirectory], None]
    data: Any = None
    files: Sequence[str] = ()
    base: Recipe | None = None
    is_lost: Callable[[Results], bool] = lambda results: False
    command_line: str | None = None

    def complete(self, call: Call) -> None:
        """Run the task: fill the run directory, then print the results on stdout.

        Args:
            call: how the command was called.

        Raises:
            RunError: the directory holds something else, or a complete run of which files were changed; or the system
                refuses to write, where the line says how to resume.
            Interrupted: Ctrl-C; the line says how to resume.
            OutputError: stdout cannot be written; the line says where the results are.
            Exit: all networks diverged.
        """
        known = {} if self.data is None else {"data": self.data}
        facts = {**known, "versions": versions(), "command_line": self.command_line or call.command_line}
        request = {"command": call.command, **self.request}
        directory = open_run(call.run.out, request, facts, self.files, self.base, f"{call.command}-{self.name}")
        again = _resume_command(directory, call.words)
        seconds: float | None = None
        if directory.is_complete:
            results = _unchanged(directory, call, again)
        else:
            if call.run.resume and not directory.resumed:
                call.say.note(f"{call.run.out} had nothing to resume: {self.doing} from the start")
            started = perf_counter()
            with _resumable(directory, again):
                directory.checkpoints.mkdir(exist_ok=True)
                found, write_page = self.do(directory)
                results = finite({"command": call.command, **known, **found})
                directory.keep(results)
                write_page()
                directory.finish()
            seconds = perf_counter() - started
        with _shown(directory, again):
            if call.run.json:
                timed = {} if "seconds" in results else {"seconds": seconds}
                print_json({"run": str(directory.path), **timed, **results})
            else:
                console = results_console()
                console.print()
                self.show(console, results, directory)
        if self.is_lost(results):
            raise typer.Exit(ALL_DIVERGED)


def _unchanged(directory: RunDirectory, call: Call, again: str) -> Results:
    """The numbers of a run that an earlier process had completed, if its files are still what that wrote."""
    directory.tidy()
    changed, gone = directory.changed()
    if changed or RESULTS in gone:
        names = ", ".join(changed or gone)
        raise RunError(
            f"{directory.path} was complete, but {names} changed since (the SHA-256 differs): do not trust what it "
            "holds; put back what was there, or run it again with another --out"
        )
    if gone:
        call.say.note(f"{', '.join(gone)} of {directory.path} cannot be read any more: another --out makes it again")
    call.say.note(f"{directory.path} is already complete, nothing was trained")
    return directory.results()


@contextmanager
def _resumable(directory: RunDirectory, again: str) -> Iterator[None]:
    """Turn Ctrl-C, and what the operating system refuses, into a line that says how to resume."""
    interrupts.current.advice = f"; resume with: {again}"
    try:
        yield
    except (Interrupted, KeyboardInterrupt) as stop:
        what = str(stop) or "stopped on request"
        raise Interrupted(f"{what}; resume with: {again}") from None
    except (OSError, MemoryError) as error:
        kept = "what was done is kept" if directory.path.exists() else f"{directory.path} was removed under way"
        raise RunError(f"{system_words(error)}; {kept}, resume with: {again}") from None
    finally:
        directory.lock.release()


@contextmanager
def _shown(directory: RunDirectory, again: str) -> Iterator[None]:
    """Print the results within this: if that fails, the line says where they are."""
    try:
        yield
        sys.stdout.flush()
    except OutputError as error:
        raise OutputError(f"{error}; the run in {directory.path} is complete, see it by: {again}") from None


def _resume_command(directory: RunDirectory, arguments: Sequence[str]) -> str:
    words = ["trainwell", *arguments]
    if not any(word == "--out" or word.startswith("--out=") for word in words):
        words += ["--out", str(directory.path)]
    if "--resume" not in words:
        words.append("--resume")
    return shlex.join(words)
