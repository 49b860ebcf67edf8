"""Every help at 80 columns: nothing is cut, the options that matter most come first, all others by `--help-all`."""

import re

import pytest
import typer

from trainwell.cli.app import COMMANDS, program

GROUPS = {"recipe": ("show", "check", "write")}
WORDS = [(name, *more) for name in COMMANDS for more in ([(one,) for one in GROUPS.get(name, ())] or [()])]


def params_of(words):
    command = typer.main.get_command(program(words))
    for word in words:
        command = command.commands[word]
    return [one for one in command.params if not getattr(one, "hidden", False)]


def shown(cli, monkeypatch, *words):
    monkeypatch.setenv("COLUMNS", "80")
    done = cli(*words)
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    return done.out


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_all_options_are_shown_whole(cli, monkeypatch, words):
    params = params_of(words)
    panels = {getattr(one, "rich_help_panel", None) or "Options" for one in params}
    is_folded = panels - {"Options"}
    out = squeezed(shown(cli, monkeypatch, *words, "--help-all" if is_folded else "--help"))
    for one in params:
        assert squeezed(one.help) in out, one.name
        assert all(name in out for name in (*one.opts, *one.secondary_opts) if name.startswith("-")), one.name
        assert squeezed(one.metavar or "") in out
    for panel in is_folded:
        assert squeezed(f"{panel}:") in out


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_what_matters_most_is_shown_and_the_rest_is_a_line_per_panel(cli, monkeypatch, words):
    out = shown(cli, monkeypatch, *words, "--help")
    first, _, folded = out.partition("More options, all shown by trainwell ")
    assert len(re.findall(r"^   -", first, re.MULTILINE)) <= 18
    assert len(out.splitlines()) <= 80
    lines = folded.splitlines()
    for panel in {one.rich_help_panel or "Options" for one in params_of(words) if one.param_type_name == "option"}:
        own = [one.opts[0] for one in params_of(words) if getattr(one, "rich_help_panel", None) == panel]
        if panel != "Options":
            (line,) = (line for line in lines if line.startswith(f"   {panel} ") and own[0] in line)
            assert f"and {len(own) - 2} more" in line or len(own) <= 2
    assert (" --help-all:" in folded) == bool(folded) == ("--help-all" in first)


def test_help_all_needs_no_arguments_and_does_nothing_else(cli, tree):
    assert cli("tune", "nowhere.csv", "--help-all").code == cli("tune", "--help-all").code == 0
    assert tree() == {}


def test_every_command_takes_help_all(cli):
    for words in ((), ("recipe",), *WORDS):
        done = cli(*words, "--help-all")
        assert (done.code, done.err) == (0, "")
        assert "Usage: " + " ".join(["trainwell", *words]) in done.out


def test_a_wider_terminal_gets_lines_that_can_be_read(cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert 80 < max(map(len, cli("tune", "--help").out.splitlines())) <= 100


def test_models_of_both_commands_are_named(cli, monkeypatch):
    for command in ("predict", "curvature"):
        assert "A run directory of `tune` or `train`" in " ".join(shown(cli, monkeypatch, command, "--help").split())
