"""Writes book_losses.json: the reference's losses for the settings of F-6-9 and F-6-15.

    TRAINWELL_DATA=folder-that-holds-mnist OPENBLAS_NUM_THREADS=1 python tests/reference/make_book_losses.py

About ten minutes on one core. A test repeats parts of it, to show that the file is what this script makes.
"""

import argparse
import json
import sys
from pathlib import Path

from book_network import BOOK_SIZES, window_losses
from idx_files import mnist_folder, training_images

OUT = Path(__file__).with_name("book_losses.json")
# Steps counted from 0, end excluded.
WINDOWS = {"early_losses": (100, 200), "middle_losses": (400, 500), "final_losses": (1900, 2000)}
# F-6-9's SGD and F-6-15's He are one and the same setting.
SETTINGS = [
    {"name": "sgd", "figures": ["F-6-9", "F-6-15"], "rule": "sgd", "learning_rate": 0.01, "scheme": "he"},
    {"name": "momentum", "figures": ["F-6-9"], "rule": "momentum", "learning_rate": 0.01, "scheme": "he"},
    {"name": "adagrad", "figures": ["F-6-9"], "rule": "adagrad", "learning_rate": 0.01, "scheme": "he"},
    {"name": "adam", "figures": ["F-6-9"], "rule": "adam", "learning_rate": 0.001, "scheme": "he"},
    {"name": "std_0.01", "figures": ["F-6-15"], "rule": "sgd", "learning_rate": 0.01, "scheme": 0.01},
    {"name": "xavier", "figures": ["F-6-15"], "rule": "sgd", "learning_rate": 0.01, "scheme": "xavier"},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="seeds 0, 1, ... of this number")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    folder = mnist_folder()
    if folder is None:
        sys.exit("no MNIST found: set TRAINWELL_DATA to the folder that holds mnist/ with the IDX files")
    images, labels = training_images(folder)
    results = []
    for setting in SETTINGS:
        recipe = (setting["rule"], setting["learning_rate"], setting["scheme"])
        rows = [window_losses(*recipe, images, labels, seed, list(WINDOWS.values())) for seed in range(options.seeds)]
        losses = dict(zip(WINDOWS, (list(column) for column in zip(*rows, strict=True)), strict=True))
        results.append({**setting, **losses})
        sys.stderr.write(f"{setting['name']}: {' '.join(f'{value:.4f}' for value in losses['final_losses'])}\n")
    content = {
        "made_by": "OPENBLAS_NUM_THREADS=1 python tests/reference/make_book_losses.py",
        "measure": "loss on the same batch after the update, mean over a window of steps, one per seed",
        "windows": WINDOWS,
        "sizes": BOOK_SIZES,
        "batch_size": 128,
        "seeds": list(range(options.seeds)),
        "settings": results,
    }
    options.out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
