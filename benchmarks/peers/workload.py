"""What the peers and trainwell are measured on: the same data and recipes for all."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]

STEP_SIZES = (784, 100, 100, 100, 100, 10)
SEARCH_SIZES = (784, 100, 100, 100, 100, 100, 100, 10)
BATCH_SIZE = 100
ADAM_LEARNING_RATE = 1e-3
SEARCH_IMAGES, SEARCH_VALIDATION, SEARCH_EPOCHS = 500, 100, 50


@dataclass(frozen=True)
class Recipe:
    """One trial of F-6-24."""

    learning_rate: float
    l2_penalty: float


def recipes(count: int, seed: int) -> list[Recipe]:
    """F-6-24's random trials: η log-uniform in [1e-6, 1e-2], λ log-uniform in [1e-8, 1e-4]."""
    random = np.random.default_rng(seed)
    rates = 10 ** random.uniform(-6, -2, count)
    penalties = 10 ** random.uniform(-8, -4, count)
    return [Recipe(float(rate), float(penalty)) for rate, penalty in zip(rates, penalties, strict=True)]


def mnist_bytes(data_dir: Path, count: int | None = None) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The first `count` training images of MNIST (all by default), bytes [N, 784], and their labels [N]."""
    folder = data_dir / "mnist"
    # IDX headers: 16 bytes before the images, 8 before the labels. No more is unpacked than is asked for.
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        images = file.read(-1 if count is None else 16 + 784 * count)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = file.read(-1 if count is None else 8 + count)
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784)
    return pixels, np.frombuffer(labels, np.uint8, offset=8).astype(np.int64)


@dataclass(frozen=True)
class SearchData:
    """F-6-24's 500 images: 400 to train on, 100 to validate on, pixels in [0, 1]."""

    images: npt.NDArray[np.float32]
    labels: Labels
    validation_images: npt.NDArray[np.float32]
    validation_labels: Labels


def search_data(data_dir: Path, seed: int) -> SearchData:
    """The first 500 training images, shuffled, 20% of them for validation."""
    pixels, labels = mnist_bytes(data_dir, SEARCH_IMAGES)
    order = np.random.default_rng(seed).permutation(len(pixels))
    images, labels = pixels[order].astype(np.float32) / np.float32(255), labels[order]
    cut = SEARCH_VALIDATION
    return SearchData(images[cut:], labels[cut:], images[:cut], labels[:cut])
