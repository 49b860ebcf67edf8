"""A process of its own in which inputs are tried: whoever takes too long, too much memory, or dies, fails alone."""

import os
import shutil
import sys
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Protocol

MOST_MEMORY = 2 << 30
MOST_CHARACTERS = 1100


class Kind(Protocol):
    """One kind of input."""

    name: str
    seconds: float
    """How long a single input may take."""

    def prepare(self, corpus: Path) -> None:
        """Put what is needed to make inputs into a new folder, once."""

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        """Make an input in an empty folder."""

    def check(self, corpus: Path, folder: Path) -> None:
        """Read the input as the package does.

        Raises:
            TrainwellError: it is refused.
            Problem: it is accepted, and something is wrong.
        """


class Problem(Exception):  # noqa: N818  # no error of the code that raises it
    """What must not happen."""


@dataclass(frozen=True)
class Outcome:
    """What came of an input: `refused`, `accepted` or `failed`, and why."""

    verdict: str
    why: str


class Server:
    """Tries inputs in another process, which is replaced when one of them breaks it."""

    def __init__(self, kinds: Mapping[str, Kind], root: Path, memory: int = MOST_MEMORY) -> None:
        self.kinds, self.root, self.memory = kinds, root, memory
        self._process = self._connection = None

    def try_one(self, kind: str, seed: int, index: int) -> Outcome:
        """Make and read one input; its folder is left below `root` only if it fails."""
        if self._process is None:
            self._start()
        folder = self.root / "inputs" / f"{kind}-{seed}-{index}"
        self._connection.send((kind, seed, index, str(folder)))
        limit = self.kinds[kind].seconds + (300 if not (self.root / "corpus" / kind / ".done").exists() else 0)
        try:
            outcome = self._connection.recv() if self._connection.poll(limit) else Outcome("failed", f"over {limit} s")
        except (EOFError, ConnectionError):
            outcome = Outcome("failed", "the process died")
        if outcome.why.startswith(("over", "the process died")):
            self.close()
        return outcome

    def close(self) -> None:
        """End the other process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._connection = None

    def _start(self) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self.kinds, self.root, self.memory), daemon=True)
        self._process.start()
        theirs.close()
        self._connection.recv()  # it is there: from now on time counts


def serve(connection: Connection, kinds: Mapping[str, Kind], root: Path, memory: int) -> None:
    """Try inputs until nobody asks any more."""
    os.environ["TRAINWELL_CACHE"] = str(root / "cache")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    warnings.simplefilter("error")  # a warning on a user's terminal is not the one line either
    connection.send("ready")
    while True:
        try:
            name, seed, index, folder = connection.recv()
        except EOFError:
            return
        rng = Random(f"{name}/{seed}/{index}")
        try:
            corpus = prepare(kinds[name], root)
            Path(folder).mkdir(parents=True)
            kinds[name].build(corpus, Path(folder), rng)
        except Exception as error:
            connection.send(Outcome("failed", f"no input: {_origin(error)}"))
        else:
            connection.send(_tried(kinds[name], root, Path(folder), memory))


def prepare(kind: Kind, root: Path) -> Path:
    """The folder of what a kind's inputs are made from, filled if it is not yet."""
    corpus = root / "corpus" / kind.name
    if not (corpus / ".done").exists():
        shutil.rmtree(corpus, ignore_errors=True)
        corpus.mkdir(parents=True)
        kind.prepare(corpus)
        (corpus / ".done").touch()
    return corpus


def _tried(kind: Kind, root: Path, folder: Path, memory: int) -> Outcome:
    from trainwell.core import TrainwellError

    corpus = root / "corpus" / kind.name
    before = listed(folder)
    _forget_peak()
    try:
        kind.check(corpus, folder)
        outcome = Outcome("accepted", "")
    except TrainwellError as error:
        outcome = _refused(str(error), before, listed(folder))
    except Problem as problem:
        outcome = Outcome("failed", str(problem))
    except BaseException as error:  # also what is no Exception, such as a panic of polars
        if isinstance(error, KeyboardInterrupt):
            raise
        outcome = Outcome("failed", _origin(error))
    if (peak := _peak()) > memory:
        outcome = Outcome("failed", f"took {peak / 2**30:.1f} GiB")
    if outcome.verdict != "failed":
        shutil.rmtree(folder)
    return outcome


def _refused(line: str, before: Mapping[str, str], after: Mapping[str, str]) -> Outcome:
    if "\n" in line or not line.strip():
        return Outcome("failed", f"not one line: {line[:200]!r}")
    if len(line) > MOST_CHARACTERS:
        return Outcome("failed", f"a line of {len(line)} characters: {line[:200]}")
    if changes := sorted(name for name in {*before, *after} if before.get(name) != after.get(name)):
        return Outcome("failed", f"wrote {', '.join(changes[:5])} although it refused: {line[:200]}")
    return Outcome("refused", line)


def listed(folder: Path) -> dict[str, str]:
    """Everything below a folder, with the checksums of plain files."""
    paths: Sequence[Path] = sorted(folder.rglob("*"))
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in paths
    }


def _origin(error: BaseException) -> str:
    """The error and the last places of the package and of this folder that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:150]} ({places})"


def _forget_peak() -> None:
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Most memory that this process had since `_forget_peak`; where the system cannot forget, since it began."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) << 10
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss
