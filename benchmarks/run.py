"""All benchmarks side by side with their peers, in interleaved rounds; medians and ratios with their spread.

    python benchmarks/run.py --data-dir DATA [--rounds 5] [--only step search] [--out benchmarks/results.json]

DATA holds mnist/ with the IDX files ($TRAINWELL_DATA by default). Every run is a process of its own; the rounds are
interleaved, so that a slow minute of the machine meets all peers alike. Prints tables in Markdown; the single
measurements, the machine and the versions go to the JSON file. Ratios are per round, then their median and range.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
OURS = [sys.executable, str(HERE / "trainwell_population.py")]
TORCH = [sys.executable, str(HERE / "peers" / "torch_population.py")]
JAX = [sys.executable, str(HERE / "peers" / "jax_sequential.py")]
CORES = len(os.sched_getaffinity(0))
# 50.1 million floating-point operations per step of 784-100×4-10 at batch 100: two per weight and example, in the
# forward product, the weights' gradient, and (all layers but the first) the inputs' gradient.
STEP_FLOPS = 2 * 100 * (2 * 109_400 + 31_000)


def suites(data: str) -> dict[str, dict[str, list[str]]]:
    """Benchmark -> contender -> command; a contender named `… cold` starts from an empty compilation cache."""
    at, processes = ["--data-dir", data], ["--processes", str(CORES)]
    return {
        "step": {
            "trainwell": [*OURS, "step", *at],
            "PyTorch, one process, all threads": [*TORCH, "step", *at, "--threads", str(CORES), "--networks", "2"],
            "PyTorch, one process per core": [*TORCH, "step", *at, *processes],
            "JAX, jitted steps in a loop": [*JAX, "step", *at, "--loop", "python"],
            "JAX, scan": [*JAX, "step", *at, "--loop", "scan"],
            "peak": [*OURS, "peak"],
        },
        "search": {
            "trainwell, cold": [*OURS, "search", *at],
            "trainwell, warm": [*OURS, "search", *at],
            "PyTorch, one process, all threads": [*TORCH, "search", *at, "--threads", str(CORES)],
            "PyTorch, one process per core": [*TORCH, "search", *at, *processes],
            "JAX, jitted steps in a loop": [*JAX, "search", *at, "--loop", "python"],
            "JAX, scan": [*JAX, "search", *at, "--loop", "scan"],
        },
        "compile": {"six rules": [sys.executable, str(HERE / "compile_rules.py")]},
        "memory": {
            "1000 members, 20 steps": [sys.executable, str(HERE / "memory.py"), *at],
            "10 members, 20 steps": [sys.executable, str(HERE / "memory.py"), *at, "--members", "10"],
            "10 members, 2000 steps": [
                sys.executable,
                str(HERE / "memory.py"),
                *at,
                "--members",
                "10",
                "--steps",
                "2000",
            ],
        },
    }


def measure(name: str, command: list[str], caches: Path) -> dict[str, Any]:
    """Run one command; its JSON line, and the seconds of the whole process."""
    if name.endswith("cold"):
        with tempfile.TemporaryDirectory(dir=caches) as empty:
            return _run(command, empty)
    return _run(command, str(caches))


def _run(command: list[str], cache: str) -> dict[str, Any]:
    start = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"TRAINWELL_CACHE": cache}
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    line: dict[str, Any] = json.loads(done.stdout[("\n" + done.stdout).rindex("\n{") :])  # the last object
    return line | {"process_seconds": seconds}


def table(benchmark: str, rounds: list[dict[str, dict[str, Any]]]) -> str:
    """Medians over the rounds, and each contender's ratio to the better PyTorch way of the same round."""
    key = {"step": "us_per_network_step", "search": "process_seconds"}.get(benchmark)
    if key is None:
        return "\n".join(f"* {name}: {json.dumps([r[name] for r in rounds])}" for name in rounds[0])
    unit = {"step": "µs per network and step", "search": "s, whole process"}[benchmark]
    lines = [f"| {benchmark} | {unit}, median (range) | ratio to the better PyTorch way |", "|---|---|---|"]
    best = [min(r[name][key] for name in r if name.startswith("PyTorch")) for r in rounds]
    for name in rounds[0]:
        if name == "peak":
            continue
        values = [r[name][key] for r in rounds]
        ratios = [value / b for value, b in zip(values, best, strict=True)]
        lines.append(f"| {name} | {spread(values)} | {spread(ratios)} |")
    if benchmark == "step":
        shares = [STEP_FLOPS / r["trainwell"][key] / 1e3 / r["peak"]["gflops"] for r in rounds]
        lines += ["", f"Share of the machine's fp32 peak: {spread(shares)}; peak {_peaks(rounds)} GFLOP/s"]
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    digits = 3 if max(values) < 10 else 0
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _peaks(rounds: list[dict[str, dict[str, Any]]]) -> str:
    return spread([r["peak"]["gflops"] for r in rounds])


def machine() -> dict[str, Any]:
    """What was measured on."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    packages = ("trainwell", "jax", "jaxlib", "numpy", "torch")
    return {"cpu": model, "cores": CORES, "python": platform.python_version()} | {p: version(p) for p in packages}


def main() -> None:
    """Run the chosen suites."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=["step", "search", "compile", "memory"])
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA")
    results: dict[str, Any] = {
        "machine": machine(),
        "command": f"benchmarks/run.py --data-dir DATA --rounds {options.rounds}",
    }
    print(json.dumps(results["machine"]))
    with tempfile.TemporaryDirectory() as caches:
        for benchmark, contenders in suites(options.data_dir).items():
            if options.only and benchmark not in options.only:
                continue
            rounds = [
                {name: measure(name, command, Path(caches)) for name, command in contenders.items()}
                for _ in range(1 if benchmark == "memory" else options.rounds)
            ]
            results[benchmark] = rounds
            print("\n" + table(benchmark, rounds), flush=True)
            options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
