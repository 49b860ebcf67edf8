"""A process that has everything imported and forks one child per command, which may be killed: starting costs little.

Reads a JSON object per line: the folder to work in, the program's words, where its output goes, and when the child is
killed: after some seconds, counted from when files of the pattern `once` have changed if there is one; or at a moment,
named as in `MOMENTS` or by part of the name that a file is just given, by a signal. In place of the signal stands the
name of an error that the operating system gives then, `REMOVED` for the run's folder being removed, or `COUNT` for the
number of such moments being written into a file. In place of the program, a child may run any code. Answers with its
exit code, negative for a signal.
"""

import errno
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import jax

import trainwell
from finished import Finished
from trainwell.cli.app import main
from trainwell.search.study import studies, trials
from trainwell.search.tuning import batches, tune as search_job

# What a run imports of others, before the forks. Polars survives one as long as it has not computed anything: its
# threads begin with the first use.
IMPORTS = (
    "jax",
    "jinja2",
    "optax",
    "plotly.graph_objects",
    "plotly.offline",
    "polars",
    "rich.progress",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.datasets",
    "sklearn.model_selection",
    "sqlalchemy",
)


class Forks:
    """Runs the program in children of such a process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self) -> "Forks":
        return self

    def __exit__(self, *error: object) -> None:
        """Let it end."""
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def start(self, folder, words, **how):
        """Begin a run of the program in a folder."""
        folder.mkdir(exist_ok=True)
        never = {
            "after": None,
            "once": None,
            "moment": None,
            "count": 0,
            "signal": "SIGKILL",
            "code": None,
            "out": "log",
            "err": "log",
        }
        self.process.stdin.write(json.dumps({"folder": str(folder), "words": list(words), **never, **how}) + "\n")
        self.process.stdin.flush()

    def wait(self):
        """Its exit code; negative for a signal."""
        return int(self.process.stdout.readline())

    def run(self, folder, words, **how):
        """The exit code of a run."""
        self.start(folder, words, **how)
        return self.wait()

    def finished(self, folder, words, **how) -> Finished:
        """A run, and what it said; with `code=`, a run of that Python code in place of the program."""
        with tempfile.TemporaryDirectory() as said:
            out, err = Path(said, "out"), Path(said, "err")
            code = self.run(folder, [str(word) for word in words], out=str(out), err=str(err), **how)
            return Finished(code, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8"))

    def printed(self, folder, code, *words) -> str:
        """What Python code prints that must not fail; its programs are optimized if those of the test are."""
        name = "jax_disable_most_optimizations"
        config = f"import jax; jax.config.update({name!r}, {jax.config.read(name)})"
        done = self.finished(folder, words, code=f"{config}\n{code}")
        assert done.code == 0, done.err
        return done.out

    def script(self, folder, path, *words) -> str:
        """What a script prints that must neither fail nor warn."""
        return self.printed(folder, SCRIPT, path, *words)


SCRIPT = """
import runpy, sys, warnings
warnings.simplefilter("error")
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
END = ["SIGKILL"]  # of this child


def die() -> None:
    """End this process, or have the system refuse what is about to be done."""
    if END[0] == "REMOVED":
        shutil.rmtree("run", ignore_errors=True)
    elif END[0].startswith("SIG"):
        os.kill(os.getpid(), signal.Signals[END[0]])
    else:
        number = getattr(errno, END[0])
        raise OSError(number, os.strerror(number))


class Countdown:
    """Dies when called for the n-th time."""

    def __init__(self, count: int) -> None:
        self.left = count

    def __call__(self) -> bool:
        """Whether it is time."""
        self.left -= 1
        if END[0] == "COUNT":
            Path("count").write_text(str(-self.left))
        return self.left == 0


def before(owner: Any, name: str) -> Callable[[Countdown], None]:
    """Die just before a function's n-th call."""

    def install(due: Countdown) -> None:
        real = getattr(owner, name)

        def wrapped(*words: Any, **named: Any) -> Any:
            if due():
                die()
            return real(*words, **named)

        setattr(owner, name, wrapped)

    return install


def before_rename(part: str) -> Callable[[Countdown], None]:
    """Die just before a file or folder gets its name; `part` is of its path."""

    def install(due: Countdown) -> None:
        for name in ("replace", "rename"):
            real = getattr(Path, name)

            def wrapped(self: Path, target: Any, real: Any = real) -> Any:
                if part in f"{self}{target}" and due():
                    die()
                return real(self, target)

            setattr(Path, name, wrapped)

    return install


def half_a_line(due: Countdown) -> None:
    """Die in the middle of writing an entry into the journal, holding its lock."""
    real = studies.JournalFile.append_logs

    def append_logs(self: studies.JournalFile, logs: list[dict[str, Any]]) -> None:
        if due():
            self._own_lock.acquire()
            with self._path.open("ab") as file:
                file.write(json.dumps(logs[0], separators=(",", ":"))[:-9].encode())
            die()
        real(self, logs)

    studies.JournalFile.append_logs = append_logs


MOMENTS: dict[str, Callable[[Countdown], None]] = {
    "writing a line": half_a_line,
    "any file": before_rename(""),
    "suggesting": before(trials.Recipes, "suggest"),
    "beginning a batch": before(batches, "write_checked"),
    "training": before_rename("checkpoints/batches"),
    "keeping networks": before_rename("checkpoints/networks"),
    "telling": before(search_job, "tell"),
    "within a tell": before(trials, "_stored"),
    "ending a batch": before_rename("batches/."),
    "refitting": before_rename("checkpoints/refit"),
    "saving the model": before_rename("run/model"),
    "writing results": before_rename("results.json"),
}


def child(job: dict[str, Any]) -> None:
    """Run the program, or code; never returns."""
    os.chdir(job["folder"])
    for stream, name in ((1, "out"), (2, "err")):
        file = os.open(job[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, stream)
    if job["moment"]:
        END[0] = job["signal"]
        MOMENTS.get(job["moment"], before_rename(job["moment"]))(Countdown(job["count"]))
    code = 1
    try:
        code = main(job["words"]) if job["code"] is None else executed(job["code"], job["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def executed(text: str, words: list[str]) -> int:
    """Exit code of a process that is given some code to run."""
    sys.argv = ["-c", *words]
    try:
        exec(compile(text, "<code>", "exec"), {"__name__": "__main__"})  # noqa: S102  # a test's own code
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def import_all() -> None:
    """Import the package and what it needs."""
    for module in (
        *IMPORTS,
        *(found.name for found in walk_packages(trainwell.__path__, "trainwell.", lambda _: None)),
    ):
        with suppress(ImportError):
            import_module(module)
    figure = import_module("plotly.graph_objects")
    figure.Figure([figure.Scatter(), figure.Bar()], {"xaxis_title": "x"}).update_layout(showlegend=False).to_json()
    begun = {Path(thread, "comm").read_text().strip() for thread in Path("/proc/self/task").glob("*")}
    assert not any(name.startswith(("polars-0", "tf_XLA")) for name in begun), begun  # they would be missing in a fork
    gc.collect()
    gc.freeze()  # what a child's collector does not look at stays shared


def written(job: dict[str, Any]) -> dict[str, int] | None:
    """When each of the files was written that `after` waits for; None where it waits for none."""
    if job["once"] is None:
        return None
    times = {}
    for path in Path(job["folder"]).glob(job["once"]):
        with suppress(FileNotFoundError):  # replaced while we look
            times[path.name] = path.stat().st_mtime_ns
    return times


def answer(job: dict[str, Any]) -> int:
    """Fork, kill if asked, wait."""
    since, before = time.monotonic(), written(job)
    pid = os.fork()
    if pid == 0:
        child(job)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if before is not None and written(job) != before:
            since, before = time.monotonic(), None
        if before is None and job["after"] is not None and time.monotonic() - since > job["after"]:
            os.kill(pid, signal.SIGKILL)
            job["after"] = None
        time.sleep(0.001)


if __name__ == "__main__":
    import_all()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{answer(json.loads(line))}\n")
        sys.stdout.flush()
