"""Run directories: made once the request is known to be sound, resumed only for the same request.

`run.json` is written first and says what was asked; `results.json` holds the numbers, and is written before the page.
When all is there, `run.json` gets the checksums of all files, which says that the run is complete. Every file appears
whole, so that whatever moment a process is killed at, what it left can be gone on with. Links are not followed, and
nothing is removed that a run has not made.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwell.cli.run.request import Asking, difference
from trainwell.core import RunError, file_sha256, read_json, remove, remove_own, system_words, temporaries, write_json

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from trainwell.training import Recipe

REQUEST, RECIPE, RESULTS, LOCK, CHECKPOINTS = "run.json", "recipe.toml", "results.json", ".lock", "checkpoints"
FORMAT = 2  # 2: complete by the checksums of its files
TABLES = ("contenders", "pairs", "runs", "tuning", "ranks", "improvement", "paths", "descents", "density", "directions")
RESULT_FILES = (
    *(RECIPE, RESULTS, "report.html", "trace.parquet", "model", "recipes", "trials.parquet", "space.toml"),
    *("table.md", "table.tex", *(f"{name}.{form}" for name in TABLES for form in ("parquet", "csv"))),
)
"""Files and folders that a run ends with beside `run.json`."""
KINDS = (".safetensors", ".json", ".npz", ".journal")
"""Of the files among the checkpoints."""


@dataclass(frozen=True)
class RunDirectory:
    """One run's folder.

    Attributes:
        path: the folder; it exists.
        resumed: whether an earlier process began it.
        facts: what is in its `run.json`.
        lock: held as long as this process works in it.
    """

    path: Path
    resumed: bool
    facts: Mapping[str, Any]
    lock: "BaseFileLock"

    @property
    def checkpoints(self) -> Path:
        """Where members' states are kept while the run lasts."""
        return self.path / CHECKPOINTS

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

    @property
    def is_complete(self) -> bool:
        """Whether the run came to its end; its files may have been changed since."""
        return "files" in self.facts

    def results(self) -> dict[str, Any]:
        """The numbers of a complete run.

        Raises:
            RunError: they cannot be read.
        """
        return _read(self.path / RESULTS)

    def changed(self) -> tuple[list[str], list[str]]:
        """Files of a complete run that are not what it wrote, and those that are gone or cannot be read."""
        now = {name: file_sha256(self.path / name) for name in self.facts["files"]}
        changed = [name for name, was in self.facts["files"].items() if now[name] not in (was, None)]
        return changed, [name for name, checksum in now.items() if checksum is None]

    def keep(self, results: Mapping[str, Any]) -> None:
        """Write the numbers."""
        write_json(self.path / RESULTS, results)

    def finish(self) -> None:
        """Declare the run complete, then drop what was only needed to resume."""
        files = {path.relative_to(self.path).as_posix(): file_sha256(path) for path in _result_files(self.path)}
        write_json(self.path / REQUEST, {**self.facts, "files": files})
        self.tidy()

    def tidy(self) -> None:
        """Remove the checkpoints, and let others in."""
        with suppress(OSError):  # nobody needs them any more
            remove_own(self.checkpoints, KINDS)
        self.lock.release()
        with suppress(OSError):
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
        facts: what else to keep in `run.json`, the `versions` of packages among it.
        base: the recipe to keep as `recipe.toml`, if it is known before anything is trained.
        name: of the data, for a fresh folder name.

    Raises:
        RunError: the folder holds something else, another request's run, or one of other versions.
    """
    if out is None:
        out = _fresh(f"{request.command}-{name}")
    elif not out.exists():
        _make(out)
    _check_ours(out, request)
    lock = _locked(out)
    resumed = (out / REQUEST).exists()
    if resumed:
        known = _check_same(out, request)
        if "files" in known:
            return RunDirectory(out, resumed, known, lock)
        _check_versions(out, known.get("versions"), facts["versions"])
    for left in list(_unfinished(out)):
        remove(left)
    if not resumed:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        known = {"format": FORMAT, "request": request.to_json(), "started": started, **facts}
        write_json(out / REQUEST, known)
    if base is not None:
        _keep_recipe(out / RECIPE, base)
    return RunDirectory(out, resumed, known, lock)


def _check_ours(out: Path, request: Asking) -> None:
    """Refuse a folder that holds something else; one that is refused is left as it is."""
    links = [name for name in (REQUEST, LOCK, CHECKPOINTS, *RESULT_FILES) if (out / name).is_symlink()]
    if links:
        raise RunError(
            f"{out / links[0]} is a link, which no run makes and none follows: put what it leads to in its place, or "
            "choose another --out"
        )
    if (out / REQUEST).exists():
        _check_same(out, request)
    elif not all(path in temporaries(out, [REQUEST]) or _is_lock(path) for path in out.iterdir()):
        raise RunError(f"{out} is no run directory (it has no {REQUEST}): choose another --out")


def _is_lock(path: Path) -> bool:
    return path.name == LOCK and path.is_file() and path.stat().st_size == 0


def _keep_recipe(path: Path, base: "Recipe") -> None:
    """Write the recipe, or see that it is what was written: who changed it would find it beside others' results."""
    from trainwell.core import read_bytes
    from trainwell.training import recipe_toml, save_recipe

    if not path.exists():
        save_recipe(base, path)
        return
    try:
        same = read_bytes(path) == recipe_toml(base).encode()
    except ValueError:
        same = False
    if not same:
        raise RunError(
            f"{path} was changed since this run began, which goes on with the recipe it had: move the file away, and "
            "train it as a run of its own by --recipe and another --out"
        )


def _check_versions(out: Path, then: Any, now: Mapping[str, str]) -> None:
    """Refuse to go on with what other versions computed: networks of one run would not be comparable."""
    if not isinstance(then, dict):
        raise RunError(f"{out / REQUEST} is damaged (it has no versions): start a new run")
    for package in now:
        if package != "python" and now[package] != then.get(package):
            raise RunError(
                f"{out} was begun with {package} {then.get(package)}, and this is {now[package]}, whose numbers may "
                f"differ: go on with the old one (pip install {package}=={then.get(package)}), or choose another --out"
            )


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


def _check_same(out: Path, request: Asking) -> dict[str, Any]:
    """What is in `run.json`, if it is of the same request."""
    stored = _read(out / REQUEST)
    if stored.get("format") != FORMAT or not isinstance(stored.get("request"), dict):
        raise RunError(f"{out / REQUEST} is of another version of trainwell: start a new run")
    # Through JSON, so that both sides are written alike.
    differs = difference(json.loads(json.dumps(request.to_json())), stored["request"])
    if differs:
        raise RunError(f"{out} holds another run, {differs}: ask for the same again, or choose another --out")
    files = stored.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(checksum, str) for checksum in files.values()):
        raise RunError(f"{out / REQUEST} is damaged (its checksums are no texts): start a new run")
    return stored


def _read(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path)
    except OSError as error:
        raise RunError(f"{system_words(error)}; or start a new run") from None
    except ValueError as error:
        raise RunError(f"{path} {error}: start a new run") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} is damaged (it holds no table of names and values): start a new run")
    return content


def _unfinished(out: Path) -> Iterator[Path]:
    """What a killed process had not yet given its name."""
    yield from temporaries(out, [REQUEST, *RESULT_FILES])
    for top in (CHECKPOINTS, "recipes"):
        for folder in _folders(out / top):
            yield from temporaries(folder)


def _folders(top: Path) -> Iterator[Path]:
    """A folder and all below it, links left out; each is listed before what is in it is removed."""
    if top.is_dir() and not top.is_symlink():
        yield top
        for path in top.iterdir():
            yield from _folders(path)


def _result_files(out: Path) -> Iterator[Path]:
    """All files that a run ended with, those in folders included."""
    for name in RESULT_FILES:
        top = out / name
        found = [path for folder in _folders(top) for path in folder.iterdir()] if top.is_dir() else [top]
        yield from sorted(path for path in found if path.is_file() and not path.is_symlink())


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
