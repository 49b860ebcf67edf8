"""The same command twice, in other processes, folders and orders of hashing: the same files, but for times."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

# A category, gaps, a choice that decides what else matters, and as many trials as importance needs.
COMMANDS = """
train table.csv --target y --epochs 2 --seeds 2 --hidden 4 --out train
tune table.csv --target y --epochs 1 --trials 30 --rounds 2 --folds 1 --no-halving --no-refit --hidden 4
     --search learning_rate=0.01..1 --search momentum=0..0.9 --search optimizer=sgd,momentum --out tune
compare iris --vary optimizer=sgd,adam --epochs 1 --hidden 4 --trials 3 --rounds 1 --candidates 2 --candidate-seeds 2
     --most-seeds 3 --out compare
race bowl --steps 4 --precision float32 --out race
curvature train table.csv --out curvature
""".replace("\n     ", " ").split("\n")[1:-1]
PROGRAM = """
import sys
from trainwell.cli.app import main
for words in sys.argv[1:]:
    if code := main([*words.split(), "--quiet"]):
        sys.exit(f"{words}: {code}")
"""
# What may differ: times, the checksums of files that hold times, and by whom and when a trial was written down.
SECONDS = {"seconds", "seconds_per_network", "search_seconds", "compile_seconds", "training_seconds"}
TIMES = SECONDS | {"search_overhead_seconds", "started"}
WRITER = {"worker_id", "datetime_start", "datetime_complete", "check"}
SPANS = re.compile(r"(?:[\d.,]+ (?:ms|s|min|h)\b ?)+|\d{4}-\d\d-\d\d \d\d:\d\d UTC|(?<=the study \()[\d.]+%")


@pytest.fixture(scope="module")
def runs(start, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders in which all commands have run."""
    folders = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("the other") / "deeper"
    rng = np.random.default_rng(0)
    sizes, colors = rng.normal(size=80).round(3), rng.choice(["red", "green", "blue", ""], 80)
    rows = [f"{x},{c},{'yes' if x + (c == 'red') > 0.5 else 'no'}" for x, c in zip(sizes, colors, strict=True)]
    for folder, hashing in zip(folders, "12", strict=True):
        folder.mkdir(exist_ok=True)
        (folder / "table.csv").write_text("\n".join(["size,color,y", *rows]))
        code = f"import os; assert os.environ['PYTHONHASHSEED'] == '{hashing}'\n{PROGRAM}"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONHASHSEED", hashing)
            done = start(folder, code, *COMMANDS, timeout=400)
        assert done.code == 0, done.err
    return folders


@pytest.mark.parametrize("command", ["train", "tune", "compare", "race", "curvature"])
def test_the_same_files(runs: tuple[Path, Path], command: str) -> None:
    one, other = (
        {path.relative_to(folder).as_posix(): path for path in (folder / command).rglob("*") if path.is_file()}
        for folder in runs
    )
    assert sorted(one) == sorted(other)
    different = {name for name in one if one[name].read_bytes() != other[name].read_bytes()}
    assert [name for name in sorted(different) if not same_but_for_times(one[name], other[name])] == []
    assert different <= {name for name in one if holds_times(name)}
    seals = [json.loads((folder / command / "run.json").read_bytes())["files"] for folder in runs]
    unsealed = {f"{command}/{name}" for name in seals[0] if seals[0][name] != seals[1][name]}
    assert unsealed <= different


def holds_times(name: str) -> bool:
    """Whether a file of a run is one of those that hold times: its record, results, page and tables of runs."""
    return Path(name).stem in {"run", "results", "report", "study", "runs", "contenders"}


def same_but_for_times(one: Path, other: Path) -> bool:
    """Whether two files say the same, but for times."""
    if one.suffix != ".html":
        return timeless(one) == timeless(other)
    lines = [path.read_text(encoding="utf-8").split("\n") for path in (one, other)]
    return len(lines[0]) == len(lines[1]) and all(
        SPANS.sub("#", first) == SPANS.sub("#", second)
        for first, second in zip(*lines, strict=True)
        if first != second  # few lines of a page, which are mostly Plotly's
    )


def timeless(path: Path) -> Any:
    """What a table or a JSON file says, but for times."""
    if path.suffix == ".json":
        return without(json.loads(path.read_bytes()), TIMES | ({"files"} if path.name == "run.json" else set()))
    if path.suffix == ".journal":
        return [without(json.loads(line), WRITER) for line in path.read_text(encoding="utf-8").splitlines()]
    table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    return table.drop("seconds").to_dict(as_series=False)


def without(value: Any, keys: set[str]) -> Any:
    """A JSON value as pairs in their order, without those of some keys."""
    if isinstance(value, dict):
        return [(key, without(inner, keys)) for key, inner in value.items() if key not in keys]
    return [without(inner, keys) for inner in value] if isinstance(value, list) else value
