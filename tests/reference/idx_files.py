"""A tiny reader of MNIST's IDX files, sharing nothing with the package's own."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def mnist_folder() -> Path | None:
    """The folder of the IDX files, `$TRAINWELL_DATA/mnist`; None where it is not there."""
    root = os.environ.get("TRAINWELL_DATA")
    folder = Path(root) / "mnist" if root else None
    return folder if folder is not None and folder.is_dir() else None


def read_idx(path: Path) -> Bytes:
    """One gzipped IDX file of unsigned bytes as an array of the shape its header names."""
    content = gzip.decompress(path.read_bytes())
    zeros, kind, rank = struct.unpack_from(">HBB", content)
    if (zeros, kind) != (0, 8):
        raise ValueError(f"{path.name} is not an IDX file of unsigned bytes: it starts with {content[:4]!r}")
    shape = struct.unpack_from(f">{rank}I", content, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def training_images(folder: Path) -> tuple[Bytes, Bytes]:
    """The 60,000 training images, flattened to [60000, 784] bytes, and their labels."""
    images = read_idx(folder / "train-images-idx3-ubyte.gz")
    return images.reshape(len(images), -1), read_idx(folder / "train-labels-idx1-ubyte.gz")
