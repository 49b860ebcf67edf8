"""The book's figures on MNIST by `trainwell lecture` and by the tests' NumPy implementation of the book's method.

    python benchmarks/book_figures.py --data-dir DATA [--rounds 3] [--only F-6-9 F-6-24] [--ends]

Speed: every run is a process of its own, interleaved, with every update and every point of the book; ours trains again
what it has trained (`--fresh`), from a cache of compiled programs that has them, and its pages are in its time. First
all figures at once, then one by one. Ratios are NumPy's time over ours in the same round.

Agreement (`--ends`): where every curve ends, 20 of our seeds against those of NumPy in tests/reference/book_ends.json:
means, and the chance of means as far apart (Welch), to be compared with 0.01 over the number of values.

Prints tables in Markdown and writes benchmarks/book_figures.json.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import run

HERE = Path(__file__).parent
FIGURES = ("F-6-9", "F-6-15", "F-6-19", "F-6-21", "F-6-23", "F-6-24")
SEEDS = range(20)
COMMAND = "import sys; from trainwell.cli.app import main; sys.exit(main())"


def ours(figures: tuple[str, ...], data: str, caches: Path, *more: str) -> float:
    """Seconds of the command, which makes a gallery."""
    with tempfile.TemporaryDirectory() as out:
        words = ["lecture", *figures, "--seeds", "1", "--fresh", "--quiet", "--data-dir", data, "--out", f"{out}/run"]
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", COMMAND, *words, *more],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"TRAINWELL_CACHE": str(caches)},
        )
        return time.perf_counter() - started


def numpys(figures: tuple[str, ...], data: str, caches: Path, threads: int) -> float:
    """Seconds of the process that runs them all."""
    command = [sys.executable, str(HERE / "peers" / "numpy_book.py"), *figures, "--data-dir", data]
    return float(run.measure("NumPy", [*command, "--threads", str(threads)], caches)["process_seconds"])


def speed(figures: tuple[str, ...], data: str, rounds: int) -> dict[str, list[dict[str, float]]]:
    """Seconds of both by what was made, round by round."""
    asked = {"all at once": figures} | {figure: (figure,) for figure in figures if len(figures) > 1}
    found: dict[str, list[dict[str, float]]] = {what: [] for what in asked}
    with tempfile.TemporaryDirectory() as cache:
        ours(figures, data, Path(cache), "--size", "small")  # compiles what all of them need
        for _ in range(rounds):
            for what, some in asked.items():
                one = {"trainwell": ours(some, data, Path(cache))}
                one["NumPy, all threads"] = numpys(some, data, Path(cache), run.CORES)
                found[what].append(one | {"NumPy, one thread": numpys(some, data, Path(cache), 1)})
    return found


def speed_table(found: dict[str, list[dict[str, float]]]) -> str:
    """Seconds, and how many times ours NumPy's are."""
    lines = ["| | trainwell, s | NumPy, all threads, s | ratio | NumPy, one thread, s | ratio |", "|---|" + "---|" * 5]
    for what, rounds in found.items():
        cells = [run.spread([one["trainwell"] for one in rounds])]
        for peer in ("NumPy, all threads", "NumPy, one thread"):
            cells.append(run.spread([one[peer] for one in rounds]))
            cells.append(run.spread([one[peer] / one["trainwell"] for one in rounds]))
        lines.append(f"| {what} | {' | '.join(cells)} |")
    return "\n".join(lines)


def ends(data: str) -> list[dict[str, Any]]:
    """Of every value our mean and NumPy's, and the chance of their difference; the smallest chance first."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from reference.book_ends import STORED, chances, our_ends
    from trainwell.lecture import BookData

    mnist, found = BookData.load("mnist", data_dir=data), []
    for figure, theirs in STORED.items():
        values = our_ends(figure, mnist, SEEDS)
        for label, chance in chances(values, theirs).items():
            pair = (values[label], np.array(theirs[label], float))
            means, counts = ([of(one) for one in pair] for of in (lambda one: float(one.mean()), len))
            found.append({"value": f"{figure}, {label}", "means": means, "seeds": counts, "chance": chance})
    return sorted(found, key=lambda one: one["chance"])


def ends_table(found: list[dict[str, Any]]) -> str:
    """The values that are furthest apart, and what they are to be judged by."""
    bound = 0.01 / len(found)
    beyond = sum(one["chance"] < bound for one in found)
    lines = [f"{len(found)} values; {beyond} with a chance below 0.01/{len(found)} = {bound:.2g}. Furthest apart:", ""]
    lines += ["| value | our mean | NumPy's mean | chance |", "|---|---|---|---|"]
    for one in found[:10]:
        means = " | ".join(f"{mean:.4f}" for mean in one["means"])
        lines.append(f"| {one['value']} | {means} | {one['chance']:.2g} |")
    return "\n".join(lines)


def main() -> None:
    """Run what was chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("TRAINWELL_DATA"), help="the folder that holds mnist/")
    parser.add_argument("--rounds", type=int, default=3, help="of the speed; 0 for none")
    parser.add_argument("--only", nargs="*", choices=FIGURES, default=FIGURES)
    parser.add_argument("--ends", action="store_true", help="compare where the curves end, too")
    parser.add_argument("--out", type=Path, default=HERE / "book_figures.json")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("say where MNIST lies: --data-dir FOLDER or $TRAINWELL_DATA")
    results: dict[str, Any] = {"machine": run.machine()}
    if options.rounds:
        results["speed"] = speed(tuple(options.only), options.data_dir, options.rounds)
        print(speed_table(results["speed"]), flush=True)
    if options.ends:
        results["ends"] = ends(options.data_dir)
        print("\n" + ends_table(results["ends"]))
    options.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
