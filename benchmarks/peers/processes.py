"""A peer as several processes at once, each with its share of the networks and one thread."""

import json
import os
import subprocess
import sys
from typing import IO, Any

READY = "ready\n"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def share(count: int, index: int, of: int) -> range:
    """Which of `count` networks process `index` of `of` trains."""
    return range(index * count // of, (index + 1) * count // of)


def run_shares(processes: int) -> list[dict[str, Any]]:
    """Starts this script again `processes` times with `--share i/n`; what each printed as its last line.

    A child that prints "ready" is let go once all of them are ready, so that their measured times overlap.
    """
    children = [
        subprocess.Popen(
            [sys.executable, *sys.argv, "--share", f"{index}/{processes}", "--threads", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        for index in range(processes)
    ]
    first_lines = [_pipe(child.stdout).readline() for child in children]
    for child, first in zip(children, first_lines, strict=True):
        if first == READY:  # one that printed its result at once may have ended already
            _pipe(child.stdin).write("go\n")
            _pipe(child.stdin).flush()
    results = []
    for child, first in zip(children, first_lines, strict=True):
        lines = [line for line in [first, *_pipe(child.stdout)] if line.startswith("{")]
        if child.wait() != 0 or not lines:
            sys.exit(f"a process of {sys.argv[0]} ended with code {child.returncode}: see its message above")
        results.append(json.loads(lines[-1]))
    return results


def wait_for_the_others() -> None:
    """In a child: says that it is warmed up, and waits until all are."""
    print(READY, end="", flush=True)
    sys.stdin.readline()


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
