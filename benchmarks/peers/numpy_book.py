"""The book's figures by the tests' NumPy implementation: all curves with all their points; one JSON line.

python benchmarks/peers/numpy_book.py F-6-9 F-6-15 --data-dir DATA [--seed 0] [--threads 1]
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
from reference.book_figures import FIGURES, curves
from reference.make_book_ends import read_images


def main() -> None:
    """Run the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="+", choices=list(FIGURES))
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, help="of BLAS; default: its own choice")
    options = parser.parse_args()
    images, seconds, points = read_images(options.data_dir / "mnist"), {}, 0
    with threadpool_limits(options.threads), np.errstate(over="ignore", invalid="ignore"):
        for figure in options.figures:
            started = time.perf_counter()
            points += sum(len(values) for _, values in curves(figure, images, options.seed))
            seconds[figure] = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "points": points}))


if __name__ == "__main__":
    main()
