"""Help as ruff, uv and git give it: usage, what the command does, the options that matter first, an example.

Options of other panels are folded to a line per panel, and `--help-all` has them. Nothing is cut: a name that is too
long for its column has a line of its own, as in argparse.
"""

import re
from collections.abc import Sequence
from typing import Any

import typer
from rich.table import Column, Table
from rich.text import Text
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from trainwell.cli.show.output import PlainConsole

FIRST_PANEL = "Options"
"""The panel that help shows first; all others are folded."""
WIDEST, NAMES, NAMED = 100, 24, 2  # columns of a line, columns of names, options named of a folded panel
BRACKETS = r"\[(default: |required|x[<>]|\d+<=x).*\]"  # what Typer writes behind a meaning


class HelpCommand(TyperCommand):
    """A command with this help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Show it, options of other panels folded."""
        show_help(self, ctx)


class HelpGroup(TyperGroup):
    """A group of commands with this help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help."""
        show_help(self, ctx)


def _show_all(context: typer.Context, wanted: bool) -> None:
    if wanted and isinstance(context.command, TyperCommand | TyperGroup):
        show_help(context.command, context, folded=False)
        raise typer.Exit


def help_all(*, hidden: bool) -> Any:
    """The option `--help-all`, which every command takes; hidden where `--help` folds nothing."""
    meaning = "Show the help with all options and exit."
    return typer.Option(
        "--help-all", is_eager=True, expose_value=False, callback=_show_all, help=meaning, hidden=hidden
    )


def show_help(command: TyperCommand | TyperGroup, context: Any, *, folded: bool = True) -> None:
    """Print a command's help.

    Args:
        command: a command, or a group of commands.
        context: Typer's context.
        folded: whether each panel but the first is one line.
    """
    console = PlainConsole()
    console.width = min(console.width, WIDEST)
    params = [one for one in command.get_params(context) if not getattr(one, "hidden", False)]
    arguments = [one for one in params if isinstance(one, TyperArgument)]
    panels: dict[str, list[TyperOption]] = {FIRST_PANEL: []}
    for one in params:
        if isinstance(one, TyperOption):
            panels.setdefault(one.rich_help_panel or FIRST_PANEL, []).append(one)
    usage = ["COMMAND"] if isinstance(command, TyperGroup) else [_argument(one) for one in arguments]
    _show(console, " ".join(["Usage:", context.command_path, "[OPTIONS]", *usage]))
    for paragraph in (command.help or "").split("\n\n"):
        console.print(Text(" ".join(paragraph.split())), end="\n\n")
    if isinstance(command, TyperGroup):
        _show(console, "Commands:", [(name, _first(one.help or "")) for name, one in command.commands.items()])
    _show(console, "Arguments:", [(_argument(one), _meaning(one, context)) for one in arguments])
    for panel in [FIRST_PANEL] if folded else list(panels):
        _show(console, f"{panel}:", [(_option(one, context), _meaning(one, context)) for one in panels.pop(panel)])
    if panels:
        title = f"More options, all shown by {context.command_path} --help-all:"
        _show(console, title, [(panel, _few(options)) for panel, options in panels.items()], max(map(len, panels)))
    if command.epilog:
        console.print(Text(command.epilog))


def _show(console: PlainConsole, title: str, entries: Sequence[tuple[str, str]] | None = None, width: int = 0) -> None:
    """A heading, and names with their meanings in two columns; a name that is too long stands above its meaning."""
    if entries == []:
        return
    console.print(Text(title, style="bold"))
    for name, meaning in entries or ():
        row = Table.grid(Column(width=2), Column(width=width or NAMES), Column(overflow="fold"), padding=(0, 1, 0, 0))
        if is_long := len(name) > (width or NAMES):
            console.print(Text(f"   {name}", style="cyan", overflow="fold"))
        words = Text(meaning)
        words.highlight_regex(BRACKETS, "dim")
        row.add_row("", Text("" if is_long else name, style="cyan"), words)
        console.print(row)
    console.print()


def _argument(argument: TyperArgument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    return f"{name}..." if argument.nargs == -1 and not name.startswith("[") else name


def _option(option: TyperOption, context: Any) -> str:
    """An option's names and value, e.g. `--device auto|cpu` or `-q, --quiet`."""
    name, _ = option.get_help_record(context) or ("", "")
    return re.sub("<(.*)>", lambda kind: kind[1].upper() if kind[1].isalpha() else kind[1], name)


def _meaning(one: TyperArgument | TyperOption, context: Any) -> str:
    _, meaning = one.get_help_record(context) or ("", "")
    return " ".join(meaning.split())


def _first(text: str) -> str:
    return " ".join(text.split("\n\n")[0].split())


def _few(options: Sequence[TyperOption]) -> str:
    """The first names of a panel, and how many more there are."""
    more = len(options) - NAMED
    return ", ".join(one.opts[0] for one in options[:NAMED]) + (f" and {more} more" if more > 0 else "")
