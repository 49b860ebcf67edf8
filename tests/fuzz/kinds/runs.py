"""Run folders, complete or killed half-way, damaged and then asked for again by `--resume`."""

import json
import re
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from fuzz.guards import Problem, listed
from fuzz.kinds.models import damage_folder
from fuzz.kinds.tables import cells, quoted

SMALL = ("--target", "y", "--hidden", "4", "--batch-size", "16", "--out", "run")
COMMANDS = {
    "train": ("train", "t.csv", *SMALL, "--steps", "40", "--seeds", "2"),
    "tune": (
        *("tune", "t.csv", *SMALL, "--steps", "20", "--folds", "1", "--trials", "4", "--rounds", "2"),
        *("--search", "learning_rate=1e-3..1:log", "--no-halving"),
    ),
    "compare": (
        *("compare", "t.csv", *SMALL, "--steps", "20", "--vary", "optimizer=sgd,adam"),
        *("--most-seeds", "4", "--trials", "2", "--rounds", "1", "--candidates", "1", "--candidate-seeds", "1"),
    ),
}
# The process is killed just before the n-th file or folder of such a name gets it.
MOMENTS = (("safetensors", 1), ("safetensors", 3), ("results.json", 1))
TIMES = re.compile("second|time|started|duration")


@cache
def forks() -> Any:
    """A process that forks runs to be killed."""
    from forks import Forks  # imports much

    return Forks()


class Runs:
    """The runs of one command."""

    seconds = 120.0

    def __init__(self, command: str) -> None:
        self.command, self.name = command, f"{command}-run"
        self.words = COMMANDS[command]

    def prepare(self, corpus: Path) -> None:
        whole = corpus / "complete"
        whole.mkdir()
        self._put_table(whole)
        if (code := forks().run(whole, self.words)) != 0:
            raise RuntimeError(f"the run ended with {code}: {(whole / 'log').read_text()}")
        for name, number in MOMENTS:
            folder = corpus / f"killed-{name}-{number}"
            folder.mkdir()
            self._put_table(folder)
            forks().run(folder, self.words, moment=name, count=number)
            if not (folder / "run/run.json").exists():
                shutil.rmtree(folder)

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        from trainwell.core import remove

        states = sorted(path for path in corpus.iterdir() if path.is_dir())
        shutil.copytree(rng.choice(states), folder, dirs_exist_ok=True)
        (folder / "run/.lock").unlink(missing_ok=True)
        for left in [path for path in (folder / "run").rglob(".*") if path.exists()]:
            remove(left)  # what a killed process had not named yet: it goes whether the run is refused or not
        damage_folder(folder / "run", rng)

    def check(self, corpus: Path, folder: Path) -> None:
        from trainwell.core import RunError

        code, err = self._resumed(folder)
        lines = [line for line in err.splitlines() if line.startswith("trainwell: error: ")]
        if code == 2 and len(lines) == 1 and err.endswith(lines[0] + "\n"):
            (folder / "run/.lock").unlink(missing_ok=True)
            raise RunError(lines[0])
        if code != 0:
            raise Problem(f"exit code {code}: {err[-200:]}")
        found, wanted = results(folder / "run"), results(corpus / "complete/run")
        gone = {name for name in wanted if name not in found}
        wrong = sorted(name for name, value in found.items() if wanted.get(name) != value)
        left_out = any(words in err for words in ("are not used", "is not used", "ignored"))  # and a warning says so
        if (wrong and not left_out) or (gone and "cannot be read any more" not in err):
            raise Problem(f"damage was used: {', '.join([*wrong, *sorted(gone)])[:200]}")

    def _resumed(self, folder: Path) -> tuple[int, str]:
        from trainwell.cli.app import main

        err = StringIO()
        with chdir(folder), redirect_stdout(StringIO()), redirect_stderr(err):
            code = main([*self.words, "--resume"])
        return code, err.getvalue()

    def _put_table(self, folder: Path) -> None:
        (folder / "t.csv").write_text("\n".join(",".join(map(quoted, row)) for row in cells(Random(1))))


def results(run: Path) -> dict[str, Any]:
    """What a run found, without the times it took and the page that shows them."""
    found: dict[str, Any] = {}
    for name in listed(run):
        path = run / name
        if path.is_file() and path.suffix == ".json" and path.name not in ("run.json", "manifest.json"):
            found[name] = _timeless(json.loads(path.read_bytes()))
        elif path.is_file() and path.suffix in (".safetensors", ".toml"):
            found[name] = path.read_bytes()
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(part) for name, part in value.items() if not TIMES.search(name)}
    return [_timeless(part) for part in value] if isinstance(value, list) else value
