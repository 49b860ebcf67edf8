"""What commands that train share: open the run directory, do the work that is not done, say how to go on."""

import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from trainwell.cli.options.run import RunOptions
from trainwell.cli.run import interrupts
from trainwell.cli.run.directory import RESULTS, RunDirectory, open_run
from trainwell.cli.run.request import Asking
from trainwell.cli.show.output import Messages
from trainwell.cli.show.streams import OutputError
from trainwell.core import Interrupted, RunError, system_words

if TYPE_CHECKING:
    from trainwell.training import Recipe

Kept = tuple[Mapping[str, Any], Callable[[], object]]
"""The numbers of a run whose other files are written, and what writes its page."""


@dataclass(frozen=True)
class Done:
    """A complete run.

    Attributes:
        directory: where it is.
        results: its numbers, as in `results.json`.
        seconds: what it took; None if an earlier process had completed it.
        again: the command that shows it once more.
    """

    directory: RunDirectory
    results: Mapping[str, Any]
    seconds: float | None
    again: str

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Print the results within this: if that fails, the line says where they are.

        Raises:
            OutputError: stdout cannot be written.
        """
        try:
            yield
            sys.stdout.flush()
        except OutputError as error:
            raise OutputError(
                f"{error}; the run in {self.directory.path} is complete, see it by: {self.again}"
            ) from None


@dataclass(frozen=True)
class Work:
    """A sound request and how it is met.

    Attributes:
        request: what the results depend on.
        facts: what else `run.json` keeps.
        name: of the data, for a fresh folder name.
        arguments: the command line after `trainwell`.
        doing: the work in one word, as in `training from the start`.
        do: works in the run's folder and writes its files but for the numbers and the page: they are written in that
            order, so that the numbers are kept, whatever goes wrong with the page.
        base: the recipe to keep as `recipe.toml`, if it is known before anything is trained.
    """

    request: Asking
    facts: Mapping[str, Any]
    name: str
    arguments: Sequence[str]
    doing: str
    do: Callable[[RunDirectory], Kept]
    base: "Recipe | None" = None


def complete(work: Work, run: RunOptions, say: Messages) -> Done:
    """From a sound request to a complete run directory.

    Args:
        work: what is to be done.
        run: where to, and whether to go on with what is there.
        say: for notes.

    Raises:
        RunError: the directory holds something else, or a complete run of which files were changed; or the system
            refuses to write, where the line says how to go on.
        Interrupted: Ctrl-C; the line says how to go on.
    """
    directory = open_run(run.out, work.request, work.facts, work.base, work.name)
    again = _resume_command(directory, work.arguments)
    if directory.is_complete:
        return _unchanged(directory, say, again)
    if run.resume and not directory.resumed:
        say.note(f"{run.out} had nothing to go on with: {work.doing} from the start")
    started = perf_counter()
    with _resumable(directory, again):
        directory.checkpoints.mkdir(exist_ok=True)
        results, write_page = work.do(directory)
        directory.keep(results)
        write_page()
        directory.finish()
    return Done(directory, results, perf_counter() - started, again)


def _unchanged(directory: RunDirectory, say: Messages, again: str) -> Done:
    """A run that an earlier process had completed, if its files are still what that wrote."""
    directory.tidy()
    changed, gone = directory.changed()
    if changed or RESULTS in gone:
        names = ", ".join(changed or gone)
        raise RunError(
            f"{directory.path} was complete, but {names} changed since (the SHA-256 differs): do not trust what it "
            "holds; put back what was there, or run it again with another --out"
        )
    if gone:
        say.note(f"{', '.join(gone)} of {directory.path} cannot be read any more: another --out makes it again")
    say.note(f"{directory.path} is already complete, nothing was trained")
    return Done(directory, directory.results(), None, again)


@contextmanager
def _resumable(directory: RunDirectory, again: str) -> Iterator[None]:
    """Turn Ctrl-C, and what the operating system refuses, into a line that says how to go on."""
    interrupts.current.go_on = f"; go on with: {again}"
    try:
        yield
    except (Interrupted, KeyboardInterrupt) as stop:
        what = str(stop) or "stopped on request"
        raise Interrupted(f"{what}; go on with: {again}") from None
    except (OSError, MemoryError) as error:
        kept = "what was done is kept" if directory.path.exists() else f"{directory.path} was removed under way"
        raise RunError(f"{system_words(error)}; {kept}, go on with: {again}") from None
    finally:
        directory.lock.release()


def _resume_command(directory: RunDirectory, arguments: Sequence[str]) -> str:
    words = ["trainwell", *arguments]
    if not any(word == "--out" or word.startswith("--out=") for word in words):
        words += ["--out", str(directory.path)]
    if "--resume" not in words:
        words.append("--resume")
    return shlex.join(words)
