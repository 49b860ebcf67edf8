"""The program `trainwell`: its commands, and what becomes of errors."""

import gc
import re
import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from trainwell.cli.compare import command as compare
from trainwell.cli.curvature import command as curvature
from trainwell.cli.lecture import command as lecture
from trainwell.cli.predict import command as predict
from trainwell.cli.race import command as race
from trainwell.cli.recipe import command as recipe
from trainwell.cli.run.interrupts import STOPPED, heard_interrupts
from trainwell.cli.show.help import HelpCommand, HelpGroup, help_all
from trainwell.cli.show.output import echo
from trainwell.cli.show.streams import guarded_streams, one_line
from trainwell.cli.train import command as train
from trainwell.cli.tune import command as tune
from trainwell.core import Interrupted, TrainwellError, plain_finding, system_words
from trainwell.version import __version__

USAGE, BROKEN_PIPE = 2, 141  # exit codes; the latter is the shell's for SIGPIPE
GARBAGE = 10_000
"""New objects after which Python looks for unused cycles. Tracing programs and drawing charts make many objects, most
of which stay: with Python's own 700 a tenth of the time goes into looking."""
EXAMPLE = "Example: trainwell tune digits"
COMMANDS = {
    "tune": tune,
    "train": train,
    "compare": compare,
    "predict": predict,
    "race": race,
    "curvature": curvature,
    "lecture": lecture,
    "recipe": recipe,
}


def _version(wanted: bool) -> None:
    if wanted:
        echo(f"trainwell {__version__}\n")
        raise typer.Exit


def trainwell(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
    all_options: Annotated[bool, help_all(hidden=True)] = False,
) -> None:
    """Train many neural networks with different settings and seeds, and see what worked."""


def program(words: Sequence[str]) -> typer.Typer:
    """The program with all commands; only commands named in `words` get their options, which take a moment to make."""
    app = typer.Typer(
        name="trainwell",
        cls=HelpGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(epilog=EXAMPLE)(trainwell)
    for name, module in COMMANDS.items():
        command = getattr(module, name)
        if name not in words:
            app.command(name, cls=HelpCommand)(_named(command))
        elif isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=command.info.help, epilog=module.EXAMPLE)
        else:
            app.command(name, cls=HelpCommand, epilog=module.EXAMPLE)(command)
    return app


def _named(command: Any) -> Callable[[], None]:
    """A placeholder with a command's name and help, for the list of commands."""

    def nothing() -> None:
        pass

    nothing.__doc__ = command.info.help if isinstance(command, typer.Typer) else command.__doc__
    return nothing


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: what follows `trainwell` on the command line; None takes this process's.

    Returns:
        The exit code: 0; 1 if every network diverged; 2 for the user's mistakes, for what the operating system refuses,
        and for the help of a command that does nothing alone; 130 if stopped by Ctrl-C.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    gc.set_threshold(GARBAGE)
    with guarded_streams():
        return _ended(words)


def _ended(words: Sequence[str]) -> int:
    """Run the program; whatever ends it becomes a line and a code."""
    command = typer.main.get_command(program(words))
    try:
        _check_words(words)
        with heard_interrupts():
            code = command.main(words, prog_name="trainwell", standalone_mode=False, obj=words)
        sys.stdout.flush()
    except Interrupted as stop:
        return _said(f"trainwell: {stop}", STOPPED)
    except TrainwellError as error:
        return _said(f"trainwell: error: {error}", USAGE)
    except typer.TyperException as error:  # wrong usage: unknown options, missing arguments
        wrong = plain_finding(error.format_message())
        if not wrong:  # a command that does nothing alone: its help was shown
            return USAGE
        wrong = re.sub(r"^Invalid value for '(.*)': (?=must )", r"\1 ", wrong)
        return _said(f"trainwell: error: {wrong} (see {_help(words)})", USAGE)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except (BrokenPipeError, SystemExit):  # Typer and Rich make the latter of the former
        return BROKEN_PIPE
    except (OSError, MemoryError) as error:
        return _said(f"trainwell: error: {system_words(error)}", USAGE)
    if code == STOPPED:  # Typer makes a code of Ctrl-C before a run began
        return _said("trainwell: stopped on request", STOPPED)
    return code if isinstance(code, int) else 0


def _check_words(words: Sequence[str]) -> None:
    """Refuse what is no text, before it is to be written into files that are."""
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            raise TrainwellError(
                f"'{word}' is not UTF-8, as names of files and other words must be: rename it"
            ) from None


def _said(line: str, code: int) -> int:
    """Say one line on stderr, whatever a message brought along."""
    sys.stderr.write(one_line(line) + "\n")
    return code


def _help(words: Sequence[str]) -> str:
    known = [word for word in words[:1] if word in COMMANDS]
    return " ".join(["trainwell", *known, "--help"])
