"""A training run for the kill test: trains with checkpoints, then writes all parameters' checksum to a file."""

import hashlib
from pathlib import Path

import jax
import numpy as np

from trainwell.data import load_data
from trainwell.training import Recipe, train
from trainwell.training.engine import population

population.CHUNK_FLOPS = 1.3e9  # smaller networks than those that take tenths of a second, with as many checkpoints


def main(folder: Path) -> None:
    """Train six members on digits, long enough to be killed in the middle."""
    common = {"hidden": (64, 64), "epochs": 90, "batch_size": 128, "dropout_rate": 0.1}
    recipes = [Recipe(optimizer=name, **common) for name in ("momentum", "adam", "rmsprop")]
    trained = train(load_data("digits"), recipes, seeds=(0, 1), checkpoints=folder)
    digest = hashlib.sha256()
    for leaf in jax.tree.leaves((trained.params, dict(trained.trace.values))):
        digest.update(np.ascontiguousarray(leaf).tobytes())
    (folder / "digest").write_text(digest.hexdigest())


if __name__ == "__main__":
    main(Path())
