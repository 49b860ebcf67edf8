"""What README shows runs, as it stands there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from trainwell.cli.app import main

README = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    from trainwell.optim import RULES

    before = dict(RULES)
    try:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102  # our own README
    finally:
        for name in RULES.keys() - before.keys():
            del RULES[name]


def test_the_commands_run_in_their_order(forks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("trainwell ")]
    assert len(commands) >= 5
    for command in commands:
        words = shlex.split(command)[1:]
        if words[0] == "race":  # in float64, which a process has from its start on
            assert forks.run(tmp_path, words) == 0, (tmp_path / "log").read_text()
        else:
            assert main(words) == 0, command
    assert (tmp_path / "wine-predictions.csv").read_text().count("\n") > 100
    assert (tmp_path / "runs" / "compare" / "report.html").stat().st_size > 1e6


def test_make_demo_is_the_readmes_promise() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert "trainwell tune digits --out" in makefile
    assert README.index("make demo") < README.index("make test") < 300
