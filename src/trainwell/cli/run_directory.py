"""Run directories: made once the request is known to be sound, resumed only for the same request.

`run.json` is written first and says what was asked; `results.json` is written last and says that all is there.
Every file appears whole, so that whatever moment a process is killed at, what it left can be gone on with.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwell.cli.request import Asking, difference
from trainwell.core.errors import RunError
from trainwell.core.files import write_json

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from trainwell.training import Recipe

REQUEST, RECIPE, RESULTS, LOCK = "run.json", "recipe.toml", "results.json", ".lock"
FORMAT = 1
TABLES = ("contenders", "pairs", "runs", "tuning", "ranks", "improvement", "paths", "descents", "density", "directions")
FINAL = (
    *(REQUEST, RECIPE, RESULTS, "report.html", "trace.parquet"),
    *("model", "trials.parquet", "space.toml"),
    *("table.md", "table.tex", *(f"{name}.{form}" for name in TABLES for form in ("parquet", "csv"))),
)
"""Files and folders of a run, by their names in the end."""


@dataclass(frozen=True)
class RunDirectory:
    """One run's folder.

    Attributes:
        path: the folder; it exists.
        resumed: whether an earlier process began it.
        lock: held as long as this process works in it.
    """

    path: Path
    resumed: bool
    lock: "BaseFileLock"

    @property
    def checkpoints(self) -> Path:
        """Where members' states are kept while the run lasts."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """Where a trained model is saved."""
        return self.path / "model"

    @property
    def recipes(self) -> Path:
        """Where the recipes of several contenders are kept."""
        return self.path / "recipes"

    @property
    def page(self) -> Path:
        """The report."""
        return self.path / "report.html"

    @property
    def trace(self) -> Path:
        """What was observed."""
        return self.path / "trace.parquet"

    def results(self) -> dict[str, Any] | None:
        """The numbers of a complete run; None while it is not."""
        path = self.path / RESULTS
        return _read(path) if path.exists() else None

    def finish(self, results: Mapping[str, Any]) -> None:
        """Declare the run complete: write its numbers, then drop what was only needed to resume."""
        write_json(self.path / RESULTS, results)
        self.tidy()

    def tidy(self) -> None:
        """Remove the checkpoints, and let others in."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        self.lock.release()
        (self.path / LOCK).unlink(missing_ok=True)


def check_out(out: Path | None, *, resume: bool) -> None:
    """Refuse an output directory that cannot be used, before any work.

    Raises:
        RunError: it exists and `--resume` was not given, or `--resume` has nothing to go on with.
    """
    if out is None:
        if resume:
            raise RunError("--resume needs --out: name the run directory to go on with")
        return
    if out.exists() and not resume:
        raise RunError(f"{out} exists: choose another --out, or go on with that run by --resume")
    if out.exists() and not out.is_dir():
        raise RunError(f"{out} is a file, not a run directory: choose another --out")


def open_run(
    out: Path | None, request: Asking, facts: Mapping[str, Any], base: "Recipe | None", name: str
) -> RunDirectory:
    """Make a run's folder, or open the one that the same request left.

    Args:
        out: the folder, already checked by `check_out`; None makes a fresh name under `runs/`.
        request: what is asked now.
        facts: what else to keep in `run.json`.
        base: the recipe to keep as `recipe.toml`, if it is known before anything is trained.
        name: of the data, for a fresh folder name.

    Raises:
        RunError: the folder holds something else, or another request's run.
    """
    if out is None:
        out = _fresh(f"{request.command}-{name}")
    elif not out.exists():
        _make(out)
    _check_ours(out, request)
    lock = _locked(out)
    for left in list(_unfinished(out)):  # what a killed process had not yet given its name
        shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)
    resumed = (out / REQUEST).exists()
    if not resumed:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        write_json(out / REQUEST, {"format": FORMAT, "request": request.to_json(), "started": started, **facts})
    if base is not None and not (out / RECIPE).exists():
        _write_recipe(out, base)
    return RunDirectory(out, resumed, lock)


def _check_ours(out: Path, request: Asking) -> None:
    """Refuse a folder that holds something else; one that is refused is left as it is."""
    if (out / REQUEST).exists():
        _check_same(out, request)
    elif set(out.iterdir()) - {out / LOCK, *_unfinished(out)}:
        raise RunError(f"{out} is no run directory (it has no {REQUEST}): choose another --out")


def _write_recipe(path: Path, base: "Recipe") -> None:
    from trainwell.training import save_recipe

    save_recipe(base, path / RECIPE)


def _locked(path: Path) -> "BaseFileLock":
    """Take a folder for this process; the system gives it back when the process ends, however it does."""
    from filelock import FileLock, Timeout

    lock = FileLock(path / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"another process is working in {path}: wait for it, or choose another --out") from None
    except OSError as error:
        raise RunError(f"cannot write into {path}: {error.strerror}; choose another --out") from None
    return lock


def _check_same(out: Path, request: Asking) -> None:
    stored = _read(out / REQUEST)
    if stored.get("format") != FORMAT or not isinstance(stored.get("request"), dict):
        raise RunError(f"{out / REQUEST} is of another version of trainwell: start a new run")
    # Through JSON, so that both sides are written alike.
    differs = difference(json.loads(json.dumps(request.to_json())), stored["request"])
    if differs:
        raise RunError(f"{out} holds another run, {differs}: ask for the same again, or choose another --out")


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}): start a new run") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} is damaged: start a new run")
    return content


def _unfinished(out: Path) -> Iterator[Path]:
    """Temporary files and folders, by the names that `write_atomic` and `save_model` give them."""
    for name in FINAL:
        yield from out.glob(f".{name}.*")
    yield from (out / "checkpoints").rglob(".*.*")
    yield from (out / "recipes").rglob(".*.toml.*")


def _fresh(stem: str) -> Path:
    """A new folder under `runs/`, with a name a person can read."""
    stem = f"{stem}-{datetime.now():%Y%m%d-%H%M}"
    for number in count(1):
        path = Path("runs") / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunError(f"cannot make {path}: {error.strerror}; choose another place with --out") from None
        return path
    raise AssertionError  # count() does not end


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"cannot make {path}: {error.strerror}; choose another --out") from None
