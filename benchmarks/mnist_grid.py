"""FOB's 36 runs on MNIST as one population, beside one of them in eager PyTorch; whole processes.

    python benchmarks/mnist_grid.py --data-dir DATA [--rounds 3] [--epochs 30] [--out benchmarks/mnist_grid.json]

DATA holds mnist/ with the IDX files ($TRAINWELL_DATA by default). The work is said in peers/grid_workload.py:
3 learning rates, 4 weight decays, 3 seeds. trainwell starts from an empty compilation cache. Every run is a process of
its own; the rounds are interleaved. Ratios are per round, then their median and range. Prints tables in Markdown: the
times, and how many runs reach the target and when; the seconds of every round, the accuracies of the last one (they are
the same in each), the machine and the versions go to the JSON file.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

from run import CORES, HERE, machine, measure, spread

sys.path.insert(0, str(HERE / "peers"))
import grid_workload as grid

OURS = "trainwell, all 36 runs, cold"
ALL_THREADS, ONE_THREAD = "PyTorch, one run, all threads", "PyTorch, one run, one thread"


def commands(options: argparse.Namespace) -> dict[str, list[str]]:
    """Contender -> command."""
    at = ["--data-dir", options.data_dir, "--epochs", str(options.epochs)]
    peer = [sys.executable, str(HERE / "peers" / "torch_grid_run.py"), *at]
    return {
        OURS: [sys.executable, str(HERE / "grid_population.py"), *at],
        ALL_THREADS: [*peer, "--threads", str(CORES)],
        ONE_THREAD: [*peer, "--threads", "1"],
    }


def times(rounds: Sequence[dict[str, dict[str, Any]]]) -> str:
    """Seconds of whole processes, and how many of PyTorch's runs would fit into each."""
    lines = [
        "| MNIST grid | s, whole process, median (range) | in PyTorch's runs with all threads | in its runs with one |",
        "|---|---|---|---|",
    ]
    for name in rounds[0]:
        values = [r[name]["process_seconds"] for r in rounds]
        ratios = [
            spread([v / r[peer]["process_seconds"] for v, r in zip(values, rounds, strict=True)])
            for peer in (ALL_THREADS, ONE_THREAD)
        ]
        lines.append(f"| {name} | {spread(values)} | {' | '.join(ratios)} |")
    return "\n".join(lines)


def reached(accuracies: Sequence[float]) -> int | None:
    """The first epoch, from 1, after which the target is reached."""
    return next((epoch for epoch, value in enumerate(accuracies, 1) if value >= grid.TARGET), None)


def targets(runs: Sequence[dict[str, Any]]) -> str:
    """Per learning rate and decay: how many seeds reach the target, when, and where they end."""
    lines = [
        f"| learning rate | weight decay | runs that reach {grid.TARGET} | at epoch | final accuracy, mean |",
        "|---|---|---|---|---|",
    ]
    for rate, decay in product(grid.RATES, grid.DECAYS):
        those = [r["accuracies"] for r in runs if (r["learning_rate"], r["weight_decay"]) == (rate, decay)]
        epochs = [epoch for epoch in map(reached, those) if epoch is not None]
        at = ", ".join(map(str, sorted(epochs))) or "–"
        final = mean(accuracies[-1] for accuracies in those)
        lines.append(f"| {rate:g} | {decay:g} | {len(epochs)} of {len(those)} | {at} | {final:.4f} |")
    count = sum(reached(r["accuracies"]) is not None for r in runs)
    return "\n".join([*lines, "", f"{count} of {len(runs)} runs reach {grid.TARGET}."])


def same_work(runs: Sequence[dict[str, Any]], theirs: Sequence[float]) -> str:
    """PyTorch's run beside ours of the same setting: other draws, so the accuracies agree only up to the seed."""
    setting = (grid.DEFAULT_RATE, grid.DEFAULT_DECAY)
    ours = [r["accuracies"][-1] for r in runs if (r["learning_rate"], r["weight_decay"]) == setting]
    where = "learning rate {:g}, weight decay {:g}".format(*setting)
    each = ", ".join(f"{accuracy:.4f}" for accuracy in ours)
    return f"Final validation accuracy at {where}: PyTorch {theirs[-1]:.4f}, trainwell {each}."


def count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got '{text}'")
    return int(text)


def main() -> None:
    """Measure, round by round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--rounds", type=count, default=3)
    parser.add_argument("--epochs", type=count, default=grid.EPOCHS)
    parser.add_argument("--out", type=Path, default=HERE / "mnist_grid.json")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA")
    if not (Path(options.data_dir) / "mnist").is_dir():
        parser.error(f"--data-dir: there is no folder {Path(options.data_dir) / 'mnist'}")
    if not options.out.parent.is_dir():
        parser.error(f"--out: there is no folder {options.out.parent}")
    results: dict[str, Any] = {"machine": machine(), "rounds": []}
    results["command"] = f"benchmarks/mnist_grid.py --data-dir DATA --rounds {options.rounds} --epochs {options.epochs}"
    print(json.dumps(results["machine"]))
    with tempfile.TemporaryDirectory() as caches:
        for _ in range(options.rounds):
            measured = {name: measure(name, command, Path(caches)) for name, command in commands(options).items()}
            results["accuracies"] = {
                OURS: measured[OURS].pop("runs"),
                ALL_THREADS: measured[ALL_THREADS].pop("accuracies"),
                ONE_THREAD: measured[ONE_THREAD].pop("accuracies"),
            }
            results["rounds"].append(measured)
            options.out.write_text(json.dumps(results, indent=1) + "\n")
    print("\n" + times(results["rounds"]))
    print("\n" + targets(results["accuracies"][OURS]))
    print("\n" + same_work(results["accuracies"][OURS], results["accuracies"][ALL_THREADS]))


if __name__ == "__main__":
    main()
