"""Surfaces and slices side by side with PyTorch and SciPy, in interleaved rounds; medians and ratios with their range.

    python benchmarks/landscape_speed.py --data-dir DATA [--rounds 5] [--only descents slice]

Every run is a process of its own. Ours is measured twice: with an empty cache of compiled programs (cold), and in
one that has them; and of each, the first call, compiling or loading included, and the second. Ratios are ours over
the peer's of the same round. Prints tables in Markdown and writes benchmarks/landscape_speed.json.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import run

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import landscape_workload as work  # stands beside the peers, which share it

HERE = Path(__file__).parent
OURS = [sys.executable, str(HERE / "trainwell_landscape.py")]
TORCH = [sys.executable, str(HERE / "peers" / "torch_landscape.py")]
SCIPY = [sys.executable, str(HERE / "peers" / "scipy_descents.py")]


def suites(data: str) -> dict[str, dict[str, list[str]]]:
    """Benchmark -> contender -> command; the first peer is what ratios are to."""
    at = ["--data-dir", data]
    return {
        "descents": {
            "trainwell, cold": [*OURS, "descents"],
            "trainwell, warm": [*OURS, "descents"],
            "PyTorch, all starts in one tensor": [*TORCH, "descents", "--threads", "1"],
            "PyTorch, the same, all threads": [*TORCH, "descents", "--threads", str(run.CORES)],
            "PyTorch, start by start": [*TORCH, "loop", "--threads", "1"],
        },
        "quasi_newton": {
            "trainwell, cold": [*OURS, "quasi_newton"],
            "trainwell, warm": [*OURS, "quasi_newton"],
            "SciPy, start by start": SCIPY,
        },
        "slice": {
            "trainwell, cold": [*OURS, "slice", *at],
            "trainwell, warm": [*OURS, "slice", *at],
            "PyTorch, point by point": [*TORCH, "slice", *at, "--threads", str(run.CORES)],
        },
    }


def seconds(result: dict[str, Any]) -> dict[str, float]:
    """The seconds of a run, by what they are of."""
    if "seconds_per_start" in result:
        return {"for all starts, from a few": result["seconds_per_start"] * work.STARTS}
    names = {"seconds": "first call", "seconds_compiled": "second call"}
    names = names if "seconds_compiled" in result else {"seconds": "all"}
    return {what: result[name] for name, what in names.items()}


def table(benchmark: str, rounds: list[dict[str, dict[str, Any]]]) -> str:
    """Seconds of every contender, and their ratio to the fastest peer of the round."""
    lines = [f"| {benchmark} | s, median (range) | ratio to the fastest peer |", "|---|---|---|"]
    peers = [name for name in rounds[0] if not name.startswith("trainwell")]
    best = [min(value for name in peers for value in seconds(one[name]).values()) for one in rounds]
    for name in rounds[0]:
        for what in seconds(rounds[0][name]):
            values = [seconds(one[name])[what] for one in rounds]
            ratios = [value / other for value, other in zip(values, best, strict=True)]
            lines.append(f"| {name}: {what} | {run.spread(values)} | {run.spread(ratios)} |")
    return "\n".join(lines)


def main() -> None:
    """Run the chosen suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=["descents", "quasi_newton", "slice"])
    parser.add_argument("--out", type=Path, default=HERE / "landscape_speed.json")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA")
    results: dict[str, Any] = {
        "machine": run.machine(),
        "command": f"benchmarks/landscape_speed.py --data-dir DATA --rounds {options.rounds}",
    }
    print(json.dumps(results["machine"]))
    with tempfile.TemporaryDirectory() as caches:
        for benchmark, contenders in suites(options.data_dir).items():
            if options.only and benchmark not in options.only:
                continue
            rounds = [
                {name: run.measure(name, command, Path(caches)) for name, command in contenders.items()}
                for _ in range(options.rounds)
            ]
            results[benchmark] = rounds
            print("\n" + table(benchmark, rounds), flush=True)
            options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
