"""Run directories: made once the request is known to be sound, resumed only for the same request.

`run.json` is written first and says what was asked; `results.json` holds the numbers, and is written before the page.
At the end `run.json` gets the checksums of all files, which marks the run as complete. Every file is written
atomically, so a run can be resumed whenever its process was killed. Links are not followed, and nothing is removed
that a run has not made.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

from filelock import BaseFileLock, FileLock, Timeout

from trainwell.core import (
    DIFFERENCE_TEXTS,
    RunError,
    file_sha256,
    first_difference,
    read_bytes,
    read_json,
    remove,
    remove_own,
    shown,
    system_words,
    temporaries,
    write_json,
)
from trainwell.training import Recipe, recipe_toml, save_recipe
from trainwell.version import __version__

REQUEST, LOCK, CHECKPOINTS = "run.json", ".lock", "checkpoints"
RECIPE, RESULTS, PAGE, TRACE, MODEL, RECIPES = COMMON = (
    *("recipe.toml", "results.json", "report.html", "trace.parquet"),
    *("model", "recipes"),
)
"""Files and folders that a run may end with beside `run.json` and its command's own."""
FORMAT = 3  # 2: complete by the checksums of its files; 3: the names in results.json that docs/results.md lists
KINDS = (".safetensors", ".json", ".npz", ".journal")
"""Of the files among the checkpoints."""
NAMED = {"contenders": "compares", "data": "is on"}
"""Parts of a request that are listed by name, and what a run does with them."""
SEEDS_PLANNED = ("seeds", "most_seeds", "looks")
"""Terms of a comparison that decide when differences are judged."""
PACKAGES = ("jax", "jaxlib", "numpy", "optax", "optuna", "polars", "scikit-learn", "scipy")


@dataclass(frozen=True)
class RunDirectory:
    """One run's folder.

    Attributes:
        path: the folder; it exists.
        resumed: whether an earlier process began it.
        facts: what is in its `run.json`.
        lock: held as long as this process works in it.
        files: names of the files and folders that it may end with.
    """

    path: Path
    resumed: bool
    facts: Mapping[str, Any]
    lock: BaseFileLock
    files: Sequence[str]

    @property
    def checkpoints(self) -> Path:
        """Folder of the networks' training states, which are needed for resuming."""
        return self.path / CHECKPOINTS

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
        """Write `results.json`."""
        write_json(self.path / RESULTS, results)

    def finish(self) -> None:
        """Declare the run complete, then drop what was only needed to resume."""
        files = {path.relative_to(self.path).as_posix(): file_sha256(path) for path in self._written()}
        write_json(self.path / REQUEST, {**self.facts, "files": files})
        self.tidy()

    def _written(self) -> Iterator[Path]:
        """All files that the run ended with, those in folders included."""
        for top in (self.path / name for name in self.files):
            found = [path for folder in _folders(top) for path in folder.iterdir()] if top.is_dir() else [top]
            yield from sorted(path for path in found if path.is_file() and not path.is_symlink())

    def tidy(self) -> None:
        """Remove the checkpoints, and release the lock."""
        with suppress(OSError):  # nobody needs them any more
            remove_own(self.checkpoints, KINDS)
        self.lock.release()
        with suppress(OSError):
            (self.path / LOCK).unlink(missing_ok=True)


def open_run(
    out: Path | None,
    request: Mapping[str, Any],
    facts: Mapping[str, Any],
    own: Sequence[str],
    base: Recipe | None,
    stem: str,
) -> RunDirectory:
    """Make a run's folder, or open the one that the same request left.

    Args:
        out: the folder, already checked; None makes a fresh name under `runs/`.
        request: what is asked now, as JSON values.
        facts: what else to keep in `run.json`, the `versions` of packages among it.
        own: names of the command's own files and folders, beside those that any run may have.
        base: the recipe to keep as `recipe.toml`, if it is known before anything is trained.
        stem: beginning of a fresh folder name.

    Raises:
        RunError: the folder holds something else, another request's run, or one of other versions.
    """
    if out is None:
        out = _fresh(stem)
    elif not out.exists():
        _make(out)
    files = (*COMMON, *own)
    _check_ours(out, request, files)
    lock = _locked(out)
    resumed = (out / REQUEST).exists()
    if resumed:
        known = _check_same(out, request)
        if "files" in known:
            return RunDirectory(out, resumed, known, lock, files)
        _check_versions(out, known.get("versions"), facts["versions"])
    for left in list(_unfinished(out, files)):
        remove(left)
    if not resumed:
        started = datetime.now().astimezone().isoformat(timespec="seconds")
        known = {"format": FORMAT, "request": request, "started": started, **facts}
        write_json(out / REQUEST, known)
    if base is not None:
        _keep_recipe(out / RECIPE, base)
    return RunDirectory(out, resumed, known, lock, files)


def versions() -> dict[str, str]:
    """Versions of this package, Python and what the numbers depend on."""
    return {"trainwell": __version__, "python": sys.version.split()[0], **{name: version(name) for name in PACKAGES}}


def _check_ours(out: Path, request: Mapping[str, Any], files: Sequence[str]) -> None:
    """Refuse a folder that holds something else; one that is refused is left as it is."""
    links = [name for name in (REQUEST, LOCK, CHECKPOINTS, *files) if (out / name).is_symlink()]
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


def _keep_recipe(path: Path, base: Recipe) -> None:
    """Write the recipe, or see that it is what was written: who changed it would find it beside others' results."""
    if not path.exists():
        save_recipe(base, path)
        return
    try:
        same = read_bytes(path) == recipe_toml(base).encode()
    except ValueError:
        same = False
    if not same:
        raise RunError(
            f"{path} was changed since this run began, and a run resumes with its own recipe: move the file away, and "
            "train it as a run of its own by --recipe and another --out"
        )


def _check_versions(out: Path, then: Any, now: Mapping[str, str]) -> None:
    """Refuse to resume what other versions computed: networks of one run would not be comparable."""
    if not isinstance(then, dict):
        raise RunError(f"{out / REQUEST} is damaged (it has no versions): start a new run")
    for package in now:
        if package != "python" and now[package] != then.get(package):
            raise RunError(
                f"{out} was begun with {package} {then.get(package)}, and this is {now[package]}, whose numbers may "
                f"differ: resume with the old one (pip install {package}=={then.get(package)}), or choose another --out"
            )


def _locked(path: Path) -> BaseFileLock:
    """Take a folder for this process; the system gives it back when the process ends, however it does."""
    lock = FileLock(path / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunError(f"another process is working in {path}: wait for it, or choose another --out") from None
    except OSError as error:
        raise RunError(f"cannot write into {path}: {error.strerror}; choose another --out") from None
    return lock


def _check_same(out: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """The contents of `run.json`, if its request is the same."""
    stored = _read(out / REQUEST)
    if stored.get("format") != FORMAT or not isinstance(stored.get("request"), dict):
        raise RunError(f"{out / REQUEST} is of another version of trainwell: start a new run")
    # Through JSON, so that both sides are written alike.
    differs = _difference(json.loads(json.dumps(request)), stored["request"])
    if differs:
        raise RunError(f"{out} holds another run, {differs}: repeat its options, or choose another --out")
    files = stored.get("files", {})
    if not isinstance(files, dict) or not all(isinstance(checksum, str) for checksum in files.values()):
        raise RunError(f"{out / REQUEST} is damaged (its checksums are no texts): start a new run")
    return stored


def _difference(asked: Mapping[str, Any], stored: Mapping[str, Any]) -> str | None:
    """In words, the first thing that differs between two requests; None if nothing does."""
    if asked.get("command") != stored.get("command"):
        return first_difference(asked, stored)
    for name, does in NAMED.items():
        now, then = asked.get(name), stored.get(name)
        if isinstance(now, Mapping) and isinstance(then, Mapping) and list(now) != list(then):
            return f"it {does} {shown(list(then))} and now {shown(list(now))} was asked for"
        if name == "data" and now != then:
            return DIFFERENCE_TEXTS[name]
    differs = first_difference(asked, stored)
    if differs is not None and differs.split()[0] in SEEDS_PLANNED and asked.get("command") == "compare":
        return f"{differs} (looks were planned with the old number, another one needs a new comparison)"
    return differs


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


def _unfinished(out: Path, files: Sequence[str]) -> Iterator[Path]:
    """Temporary files that a killed process left."""
    yield from temporaries(out, [REQUEST, *files])
    for top in (CHECKPOINTS, RECIPES):
        for folder in _folders(out / top):
            yield from temporaries(folder)


def _folders(top: Path) -> Iterator[Path]:
    """A folder and all below it, links left out; each is listed before what is in it is removed."""
    if top.is_dir() and not top.is_symlink():
        yield top
        for path in top.iterdir():
            yield from _folders(path)


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
            raise RunError(f"cannot make {path}: {error.strerror}; choose another directory with --out") from None
        return path
    raise AssertionError  # count() does not end


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise RunError(f"cannot make {path}: {error.strerror}; choose another --out") from None
