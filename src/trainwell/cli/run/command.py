"""How a command is called, and the moment its work is imported: until then nothing heavy is loaded."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from trainwell.cli.options.run import RunOptions
from trainwell.cli.show.output import Messages
from trainwell.core import RunError


@dataclass(frozen=True)
class Call:
    """One call of a command that keeps a run.

    Attributes:
        command: its name.
        words: the command line after `trainwell`.
        run: where the results go, and on what machine.
        say: prints notes, if they are wanted.
        started: time at the start, by `perf_counter`.
    """

    command: str
    words: Sequence[str]
    run: RunOptions
    say: Messages
    started: float

    @property
    def command_line(self) -> str:
        """The command line, quoted for a shell."""
        return shlex.join(["trainwell", *self.words])


def execute(command: str, words: Sequence[str] | None, run: RunOptions, *options: Any, **more: Any) -> None:
    """Do what a command is for: import its work, have the request checked, and complete the task that this gives.

    Args:
        command: its name: `check(call, *options, **more)` in `trainwell.cli.NAME.work` returns the task.
        words: the command line after `trainwell`.
        run: where the results go, and on what machine.
        options: the command's options.
        more: further options, by name.

    Raises:
        TrainwellError: the request is refused; see `Task.complete` for what may be raised later.
    """
    started = perf_counter()
    _check_out(run.out, resume=run.resume)
    run.start_runtime()
    call = Call(command, words or (), run, Messages(quiet=run.quiet), started)
    work(command).check(call, *options, **more).complete(call)


def work(command: str) -> Any:
    """The module that does a command's work. Loads JAX: settle the runtime first."""
    return import_module(f"trainwell.cli.{command}.work")


def _check_out(out: Path | None, *, resume: bool) -> None:
    """Refuse an output directory that cannot be used, before any work."""
    if out is None:
        if resume:
            raise RunError("--resume needs --out: name the run directory to resume")
        return
    if out.exists() and not resume:
        raise RunError(f"{out} exists: choose another --out, or resume that run with --resume")
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file, not a run directory: choose another --out")
