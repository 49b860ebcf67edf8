"""MNIST and Fashion-MNIST: where their files are looked for, and how they are verified."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from trainwell.core import DataError, cache_folder
from trainwell.data.sources.download import fetch_verified
from trainwell.data.sources.idx import parse_idx, read_decompressed

FOLDER_VARIABLE = "TRAINWELL_DATA"


@dataclass(frozen=True)
class ImageFile:
    """One published file: its name, and the checksum of its bytes once decompressed."""

    name: str
    algorithm: str
    checksum: str

    def verify(self, content: bytes, where: str) -> None:
        """Refuse bytes that are not the published ones."""
        found = hashlib.new(self.algorithm, content, usedforsecurity=False).hexdigest()
        if found != self.checksum:
            raise DataError(
                f"{where} has the wrong {self.algorithm} checksum: expected {self.checksum}, found {found}: delete the "
                "file, so that it is fetched again"
            )


@dataclass(frozen=True)
class ImageSet:
    """A published set of images: files in the order training images, labels, test images, labels."""

    name: str
    files: tuple[ImageFile, ImageFile, ImageFile, ImageFile]
    mirrors: tuple[str, ...]
    class_names: tuple[str, ...]


def _files(algorithm: str, *checksums: str) -> tuple[ImageFile, ImageFile, ImageFile, ImageFile]:
    stems = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    first, second, third, fourth = (
        ImageFile(f"{stem}-ubyte", algorithm, checksum) for stem, checksum in zip(stems, checksums, strict=True)
    )
    return first, second, third, fourth


MNIST = ImageSet(
    name="mnist",
    files=_files(
        "sha256",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    class_names=tuple("0123456789"),
)

FASHION_MNIST = ImageSet(
    name="fashion-mnist",
    # Publishers state MD5 only, of the decompressed files too. It guards against damage, not against malice.
    files=_files(
        "md5",
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
)

IMAGE_SETS = {images.name: images for images in (MNIST, FASHION_MNIST)}


@dataclass(frozen=True, eq=False)
class Images:
    """A set of images in memory."""

    training_inputs: UInt8[np.ndarray, "N H W"]
    training_labels: UInt8[np.ndarray, "N"]
    test_inputs: UInt8[np.ndarray, "M H W"]
    test_labels: UInt8[np.ndarray, "M"]


def load_images(
    images: ImageSet, data_dir: str | Path | None = None, notify: Callable[[str], None] | None = None
) -> Images:
    """Find, verify and read the four files of a set; fetch those that are nowhere.

    Args:
        images: the set.
        data_dir: a folder that holds `<name>/train-images-idx3-ubyte.gz` and so on, or the same without `.gz`.
            Looked into before `$TRAINWELL_DATA` and the user's cache.
        notify: called with a line for each file that is fetched.

    Raises:
        DataError: a file is damaged, has the wrong checksum, or cannot be fetched from any mirror.
    """
    arrays = []
    for file in images.files:
        content, where = _content(images, file, data_dir, notify)
        arrays.append(parse_idx(content, where))
    for inputs, labels in (arrays[:2], arrays[2:]):
        if inputs.ndim != 3 or labels.ndim != 1 or len(inputs) != len(labels):
            raise DataError(f"{images.name} has images {inputs.shape} and labels {labels.shape}: they do not match")
    return Images(*arrays)


def _content(
    images: ImageSet, file: ImageFile, data_dir: str | Path | None, notify: Callable[[str], None] | None
) -> tuple[bytes, str]:
    """One file's decompressed, verified bytes and where they are."""
    cache = cache_folder() / "data" / images.name
    for folder in (*_given_folders(data_dir, images.name), cache):
        for path in (folder / file.name, folder / f"{file.name}.gz"):
            if path.exists():  # whatever it is: a folder or a pipe of this name is refused, not passed over
                content = read_decompressed(path)
                parse_idx(content, str(path))  # before the checksum: "truncated" says more than "wrong"
                file.verify(content, str(path))
                return content, str(path)
    return fetch_verified(file.name, images.mirrors, cache, file.verify, notify), str(cache / file.name)


def _given_folders(data_dir: str | Path | None, name: str) -> list[Path]:
    """The folders a user named, nearest first."""
    given = (data_dir, os.environ.get(FOLDER_VARIABLE))
    return [Path(folder).expanduser() / name for folder in given if folder]
