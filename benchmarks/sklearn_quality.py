"""Test quality and time of `trainwell tune` beside scikit-learn's tuned networks, on the same splits.

    python benchmarks/sklearn_quality.py --data-dir DATA [--seeds 5] [--only wine digits] [--side both] [--out FILE]

DATA holds mnist/ with the IDX files ($TRAINWELL_DATA by default). For every data set and every split seed, two whole
processes: `trainwell tune` with its defaults, from an empty compilation cache, and peers/sklearn_tuned.py. Each reads
the test rows once, at its end. Differences are paired by split; their 95% interval is Student's over splits, which
share most of their rows, so it says less than as many independent data sets would. Every measurement is written at
once, and what the JSON file holds already is not measured again. Prints a Markdown table.
"""

import argparse
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mixed_table import write_mixed_table
from run import HERE, machine, measure

from trainwell.statistics import mean_interval

PEER = [sys.executable, str(HERE / "peers" / "sklearn_tuned.py")]
TUNE = str(Path(sys.executable).with_name("trainwell")) + " tune"
OURS, THEIRS = "trainwell", "scikit-learn"
SIDES = {"both": (OURS, THEIRS), OURS: (OURS,), THEIRS: (THEIRS,)}
MIXED = "mixed"
DATA: dict[str, list[str]] = {  # what both commands are given beside the split seed
    "wine": ["wine"],
    "breast_cancer": ["breast_cancer"],
    "diabetes": ["diabetes"],
    "digits": ["digits"],
    MIXED: ["mixed.csv", "--target", "outcome"],
    "mnist": ["mnist", "--limit", "10000"],
}
PEER_OPTIONS = {"mnist": ["--folds", "1"]}  # five folds of 8,333 rows would take it hours


def commands(name: str, seed: int, options: argparse.Namespace, folder: Path) -> dict[str, list[str]]:
    """The two whole processes for one data set and one split."""
    data = list(DATA[name])
    if name == MIXED:
        data[0] = str(folder / data[0])
        write_mixed_table(Path(data[0]))
    if name == "mnist":
        data += ["--data-dir", options.data_dir]
    data += ["--split-seed", str(seed), "--trials", str(options.trials)]
    tune = [*shlex.split(options.tune_command), *data, "--sampler-seed", str(seed), "--json", "--quiet"]
    return {OURS: [*tune, "--out", str(folder / "run")], THEIRS: [*PEER, *data, *PEER_OPTIONS.get(name, [])]}


def measured(side: str, command: list[str], folder: Path) -> dict[str, Any]:
    """Test score and seconds of one process."""
    found = measure(f"{side}, cold", command, folder)
    seconds = round(found["process_seconds"], 2)
    if side == THEIRS:
        return {"test_score": found["test_score"], "seconds": seconds, "chosen": found["chosen"]}
    return {"test_score": found["test"]["interval"]["mean"], "seconds": seconds}


def table(found: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Means over splits, paired differences with their interval, and seconds."""
    lines = [
        "| data | splits | trainwell, test | scikit-learn, test | difference (95% interval) | trainwell, s | "
        "scikit-learn, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in (name for name in DATA if name in found):
        both = [pair for pair in found[name].values() if OURS in pair and THEIRS in pair]
        chosen = both or list(found[name].values())
        cells = [str(len(chosen)), *(_mean(chosen, side, "test_score", 4) for side in (OURS, THEIRS))]
        cells.append(_difference(both))
        cells += [_mean(chosen, side, "seconds", 1) for side in (OURS, THEIRS)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", "Test: accuracy; R² for diabetes."])


def _mean(pairs: Sequence[Mapping[str, Any]], side: str, key: str, digits: int) -> str:
    values = [pair[side][key] for pair in pairs if side in pair]
    return f"{sum(values) / len(values):.{digits}f}" if values else "–"


def _difference(pairs: Sequence[Mapping[str, Any]]) -> str:
    if not pairs:
        return "–"
    gap = mean_interval([pair[OURS]["test_score"] - pair[THEIRS]["test_score"] for pair in pairs])
    return f"{gap.mean:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})"


def main() -> None:
    """Measure what the file lacks, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--seeds", type=int, default=5, help="split seeds, from 0")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--only", nargs="*", choices=list(DATA), default=list(DATA))
    parser.add_argument("--side", choices=list(SIDES), default="both")
    parser.add_argument("--tune-command", default=TUNE, help="what stands in front of DATA")
    parser.add_argument("--out", type=Path, default=HERE / "sklearn_quality.json")
    options = parser.parse_args()
    if not options.data_dir and "mnist" in options.only:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA; or leave it out with --only")
    results: dict[str, Any] = json.loads(options.out.read_text()) if options.out.exists() else {"found": {}}
    if results.setdefault("trials", options.trials) != options.trials:
        parser.error(f"{options.out} holds runs of {results['trials']} trials: choose another --out")
    results["machine"] = machine() | {"scikit-learn": version("scikit-learn")}
    for name in options.only:
        for seed in range(options.seeds):
            pair = results["found"].setdefault(name, {}).setdefault(str(seed), {})
            for side in SIDES[options.side]:
                if side in pair:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    pair[side] = measured(side, commands(name, seed, options, Path(folder))[side], Path(folder))
                options.out.write_text(json.dumps(results, indent=1) + "\n")
        print(f"{name}: done", file=sys.stderr, flush=True)
    print(table(results["found"]))


if __name__ == "__main__":
    main()
