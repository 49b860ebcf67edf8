"""Writes book_ends.json: the last value of every curve of the book's figures by the NumPy reference, seed by seed.

    TRAINWELL_DATA=folder-that-holds-mnist OPENBLAS_NUM_THREADS=1 nice -n 19 python tests/reference/make_book_ends.py

About two minutes per seed on one core. What is there already is kept, and the file is written after every figure of
every seed, so that it can be stopped at any time.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from reference.book_figures import FIGURES, LAST, Images, curves
from reference.idx_files import mnist_folder, read_idx, training_images

OUT = Path(__file__).with_name("book_ends.json")
MADE_BY = "OPENBLAS_NUM_THREADS=1 python tests/reference/make_book_ends.py"


def read_images(folder: Path) -> Images:
    tested = read_idx(folder / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(folder / "t10k-labels-idx1-ubyte.gz")
    return Images(*training_images(folder), tested.reshape(len(tested), -1), labels)


def ends(figure: str, images: Images, seed: int) -> dict[str, float]:
    """The last value of each curve of a figure; of losses the mean over the last updates, too."""
    found = {}
    for label, values in curves(figure, images, seed, last_only=True):
        found[label] = values[-1]
        if FIGURES[figure].shows == "loss":
            found[f"{label}, mean of the last {LAST}"] = float(np.mean(values))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0, 1, ... of this number")
    parser.add_argument("--figures", nargs="*", default=list(FIGURES))
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    folder = mnist_folder()
    if folder is None:
        sys.exit("no MNIST found: set TRAINWELL_DATA to the folder that holds mnist/ with the IDX files")
    images = read_images(folder)
    known = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {"figures": {}}
    for seed in range(options.seeds):
        for figure in options.figures:
            values = known["figures"].setdefault(figure, {})
            if min((len(of_seeds) for of_seeds in values.values()), default=0) > seed:
                continue
            started = time.perf_counter()
            with np.errstate(over="ignore", invalid="ignore"):  # F-6-19's largest weights blow up
                for label, value in ends(figure, images, seed).items():
                    values.setdefault(label, []).append(round(value, 8) if np.isfinite(value) else None)
            sys.stderr.write(f"seed {seed}, {figure}: {time.perf_counter() - started:.0f} s\n")
            write({"made_by": MADE_BY, "figures": known["figures"]}, options.out)


def write(content: dict[str, Any], out: Path) -> None:
    """One line per curve; the file appears whole."""
    figures = [
        f"{json.dumps(figure)}: {{\n"
        + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in curves.items())
        + "\n }"
        for figure, curves in content["figures"].items()
    ]
    made_by = f'{{\n "made_by": {json.dumps(content["made_by"])},\n "figures": {{\n '
    beside = out.with_suffix(".partial")
    beside.write_text(made_by + ",\n ".join(figures) + "\n }\n}\n", encoding="utf-8")
    beside.replace(out)


if __name__ == "__main__":
    main()
