"""`trainwell tune` against Optuna + PyTorch on F-6-24's job, and its default space on digits; whole processes.

    python benchmarks/tune_speed.py --data-dir DATA [--rounds 5] [--only figure digits] [--out tune_speed.json]

DATA holds mnist/ with the IDX files ($TRAINWELL_DATA by default). `figure`: 100 trials of F-6-24, by `trainwell tune`
from an empty compilation cache (its defaults; random trials with halving and in full) and by peers/optuna_torch.py.
`digits`: 100 trials of the default space, wall time, compiling, the search's own part. Every run is a process of its
own; the rounds are interleaved, round k uses seed k everywhere. Ratios are per round, then their median and range.
Prints tables in Markdown; the single measurements, the machine and the versions go to the JSON file.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean, median
from typing import Any

from run import CORES, HERE, machine, measure, spread

from trainwell.statistics import mean_interval

OPTUNA = [sys.executable, str(HERE / "peers" / "optuna_torch.py")]
TUNE = str(Path(sys.executable).with_name("trainwell")) + " tune"
FULL, PRUNED = "Optuna + PyTorch, all in full", "Optuna + PyTorch, pruner"
HALVING, IN_FULL = "trainwell tune, random trials, halving, cold", "trainwell tune, random trials, all in full, cold"
PRUNERS = ("halving", "median", "hyperband")
COMPILING, OVERHEAD = "compile_seconds", "search_overhead_seconds"
KEPT = (
    "process_seconds",
    "search_seconds",
    COMPILING,
    "training_seconds",
    OVERHEAD,
    "refit_seconds",
    "pruned",
    "epochs",
)
SPACE = """\
hidden = [100, 100, 100, 100, 100, 100]
optimizer = "sgd"
learning_rate = { low = 1e-6, high = 1e-2, log = true }
l2_penalty = { low = 1e-8, high = 1e-4, log = true }
batch_size = 100
epochs = 50
inputs = "none"
"""


def figure(options: argparse.Namespace, seed: int, folder: Path) -> dict[str, list[str]]:
    """Contender -> command for F-6-24's job."""
    space = folder / "figure.toml"
    space.write_text(SPACE)
    at = ["--data-dir", options.data_dir]
    trials = ["--trials", str(options.trials)]
    tune = [*shlex.split(options.tune_command), "mnist", *at, "--limit", "500", "--validation", "100"]
    tune += ["--split", "shuffled", "--split-seed", str(seed), "--sampler-seed", str(seed)]
    tune += ["--space", str(space), *trials, "--folds", "1", "--no-refit", "--json", "--quiet"]
    random = [*tune, "--sampler", "random"]
    peer = [*OPTUNA, *at, *trials, "--seed", str(seed)]
    per_core = ["--processes", str(CORES)]
    contenders = {
        "trainwell tune, cold": [*tune, "--out", str(folder / "default")],
        f"{FULL}, one process, all threads": [*peer, "--threads", str(CORES)],
        f"{FULL}, one process per core": [*peer, *per_core],
        HALVING: [*random, "--out", str(folder / "halving")],
        IN_FULL: [*random, "--no-halving", "--out", str(folder / "full")],
    }
    return contenders | {
        f"{PRUNED} {name}, one process per core": [*peer, *per_core, "--pruner", name] for name in PRUNERS
    }


def digits(options: argparse.Namespace, seed: int, folder: Path) -> dict[str, list[str]]:
    """Contender -> command for the default space on digits, with and without the final training."""
    tune = [*shlex.split(options.tune_command), "digits", "--trials", str(options.trials), "--split-seed", str(seed)]
    tune += ["--sampler-seed", str(seed), "--json", "--quiet"]
    return {
        "search, refit, page, cold": [*tune, "--out", str(folder / "whole")],
        "search alone, cold": [*tune, "--no-refit", "--out", str(folder / "search")],
    }


SUITES = {"figure": figure, "digits": digits}


def measured(name: str, command: list[str], caches: Path) -> dict[str, Any]:
    """One run: what it printed that a comparison needs, and the seconds of the whole process."""
    line = measure(name, command, caches)
    if "best_trial" in line:
        line |= {"pruned": line["trials"]["pruned"], "best": line["best_trial"]["value"]}
    else:  # the peers print a sorted list
        line["best"] = line["best_validation_accuracies"][0]
    return {key: line[key] for key in (*KEPT, "best") if line.get(key) is not None}


def figure_table(rounds: Sequence[dict[str, dict[str, Any]]]) -> str:
    """Medians over the rounds, ratios to the better way in full and to the best pruned way of the same round."""
    full = [least(r, FULL) for r in rounds]
    pruned = [least(r, PRUNED) for r in rounds]
    lines = [
        "| F-6-24, 100 trials | s, whole process, median (range) | ratio to the better way in full | "
        "ratio to the best pruner | best validation accuracy, mean |",
        "|---|---|---|---|---|",
    ]
    for name in rounds[0]:
        values = [r[name]["process_seconds"] for r in rounds]
        cells = [spread(values), *(spread([v / p for v, p in zip(values, by, strict=True)]) for by in (full, pruned))]
        cells.append(f"{mean(r[name]['best'] for r in rounds):.3f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", halving_cost(rounds)])


def least(measurements: dict[str, dict[str, Any]], kind: str) -> float:
    """Seconds of the fastest contender of a kind in one round."""
    return min(one["process_seconds"] for name, one in measurements.items() if name.startswith(kind))


def halving_cost(rounds: Sequence[dict[str, dict[str, Any]]]) -> str:
    """What halving costs in best validation accuracy: the same trials in full, round by round."""
    found = mean_interval([r[HALVING]["best"] - r[IN_FULL]["best"] for r in rounds])
    interval = f"{found.mean:+.4f} ({found.low:+.4f} to {found.high:+.4f}, n {found.n})"
    return f"Best validation accuracy of the same random trials, halving minus in full: {interval}"


def digits_table(rounds: Sequence[dict[str, dict[str, Any]]]) -> str:
    """Wall time and its parts."""
    lines = [
        "| digits, default space, 100 trials | s, whole process | compiling, s | the search's own, s | its share |",
        "|---|---|---|---|---|",
    ]
    for name in rounds[0]:
        of = {key: [r[name].get(key) for r in rounds] for key in KEPT}
        cells = [spread(of["process_seconds"])]
        cells += [spread(of[key]) if None not in of[key] else "–" for key in (COMPILING, OVERHEAD)]
        shares = [r[name][OVERHEAD] / r[name]["process_seconds"] for r in rounds if OVERHEAD in r[name]]
        cells.append(f"{100 * median(shares):.1f}%" if shares else "–")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


TABLES = {"figure": figure_table, "digits": digits_table}


def main() -> None:
    """Run the chosen suites, round by round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--only", nargs="*", choices=list(SUITES))
    parser.add_argument("--tune-command", default=TUNE, help="what stands in front of DATA")
    parser.add_argument("--out", type=Path, default=HERE / "tune_speed.json")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA")
    packages = ("optuna", "scikit-learn")
    results: dict[str, Any] = {"machine": machine() | {name: version(name) for name in packages}}
    results["command"] = f"benchmarks/tune_speed.py --data-dir DATA --rounds {options.rounds} --trials {options.trials}"
    print(json.dumps(results["machine"]))
    for suite, commands in SUITES.items():
        if options.only and suite not in options.only:
            continue
        results[suite] = []
        for seed in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                contenders = commands(options, seed, Path(folder)).items()
                results[suite].append({name: measured(name, command, Path(folder)) for name, command in contenders})
            options.out.write_text(json.dumps(results, indent=1) + "\n")
        print("\n" + TABLES[suite](results[suite]), flush=True)


if __name__ == "__main__":
    main()
