"""Built-in data sets: small ones from scikit-learn, MNIST and Fashion-MNIST from downloaded files."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from trainwell.core import DataError, cache_folder
from trainwell.data.sources.download import fetch_verified, read_decompressed
from trainwell.data.sources.raw import RawArrays

FOLDER_VARIABLE = "TRAINWELL_DATA"
DIGITS_LEVELS = 16.0  # the digits' grey levels are 0 to 16
UNSIGNED_BYTE = 8
MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class ImageFile:
    """One published file: its name, and the checksum of its decompressed bytes."""

    name: str
    algorithm: str
    checksum: str

    def verify(self, content: bytes, where: str) -> None:
        """Raise DataError if the checksum of `content` differs. `where` is its path or address, for the message."""
        found = hashlib.new(self.algorithm, content, usedforsecurity=False).hexdigest()
        if found != self.checksum:
            raise DataError(
                f"{where} has the wrong {self.algorithm} checksum: expected {self.checksum}, found {found}: delete the "
                "file, so it is downloaded again"
            )


@dataclass(frozen=True)
class ImageSet:
    """A published set of images. Its files are: training images, training labels, test images, test labels."""

    name: str
    files: tuple[ImageFile, ...]
    mirrors: tuple[str, ...]
    class_names: tuple[str, ...]


def _files(algorithm: str, *checksums: str) -> tuple[ImageFile, ...]:
    stems = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    published = zip(stems, checksums, strict=True)
    return tuple(ImageFile(f"{stem}-ubyte", algorithm, checksum) for stem, checksum in published)


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
    # Only MD5 checksums are published. They detect damage, but not malicious changes.
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


SMALL_SETS = ("breast_cancer", "diabetes", "digits", "iris", "wine")
BUILT_IN_NAMES = tuple(sorted((*SMALL_SETS, *IMAGE_SETS)))


def load_builtin(name: str, data_dir: str | Path | None = None, *, show_progress: bool = True) -> RawArrays:
    """Read a built-in data set. Classes are in the published order; grey levels of digits are divided by 16.

    Args:
        name: one of `BUILT_IN_NAMES`.
        data_dir: a folder with `<name>/train-images-idx3-ubyte.gz` and the other files, also without `.gz`. It is
            searched before `$TRAINWELL_DATA` and the user's cache. Missing files are downloaded.
        show_progress: whether to show the progress of downloads, in a terminal.

    Returns:
        The arrays.

    Raises:
        DataError: a file is damaged, has the wrong checksum, or cannot be downloaded from any mirror.

    Example:
        >>> load_builtin("iris").inputs.shape
        (150, 4)
    """
    if name in IMAGE_SETS:
        return _load_images(IMAGE_SETS[name], data_dir, show_progress=show_progress)
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    inputs = bunch.data / DIGITS_LEVELS if name == "digits" else bunch.data
    features = tuple(str(feature) for feature in bunch.feature_names)
    if name == "diabetes":
        return RawArrays(inputs, bunch.target, feature_names=features, task="regression")
    labels = tuple(str(label) for label in bunch.target_names)
    targets = np.array(labels, dtype=object)[bunch.target]
    return RawArrays(inputs, targets, feature_names=features, class_names=labels, task="classification")


def _load_images(images: ImageSet, data_dir: str | Path | None, *, show_progress: bool) -> RawArrays:
    """Read and verify the four files of an image set."""
    arrays = [_array(images, file, data_dir, show_progress=show_progress) for file in images.files]
    for inputs, labels in (arrays[:2], arrays[2:]):
        if inputs.ndim != 3 or labels.ndim != 1 or len(inputs) != len(labels):
            raise DataError(f"{images.name} has images {inputs.shape} and labels {labels.shape}: they do not match")
    classes = np.array(images.class_names, dtype=object)
    return RawArrays(
        arrays[0][..., np.newaxis],
        classes[arrays[1]],
        test=(arrays[2][..., np.newaxis], classes[arrays[3]]),
        feature_names=tuple(f"pixel_{row}_{column}" for row, column in np.ndindex(*arrays[0].shape[1:])),
        class_names=images.class_names,
        task="classification",
    )


def _array(images: ImageSet, file: ImageFile, data_dir: str | Path | None, *, show_progress: bool) -> np.ndarray:
    """The verified array of one file: from `data_dir`, `$TRAINWELL_DATA`, the cache or a download, in this order."""
    given = (data_dir, os.environ.get(FOLDER_VARIABLE))
    cache = cache_folder() / "data" / images.name
    for folder in (*(Path(folder).expanduser() / images.name for folder in given if folder), cache):
        for path in (folder / file.name, folder / f"{file.name}.gz"):
            if path.exists():  # a folder or pipe of this name is an error, not skipped
                content = read_decompressed(path)
                array = parse_idx(content, str(path))  # before the checksum, for a clearer error ("truncated")
                file.verify(content, str(path))
                return array
    content = fetch_verified(file.name, images.mirrors, cache, file.verify, show_progress=show_progress)
    return parse_idx(content, str(cache / file.name))


def parse_idx(content: bytes, name: str) -> UInt8[np.ndarray, "..."]:
    """The array of bytes in an IDX file, the format of MNIST.

    The file has a magic number (two zero bytes, the type, which is 8 for unsigned bytes, and the number of dimensions),
    the size of each dimension as a big-endian 32-bit integer, then the bytes.

    Args:
        content: the whole file, decompressed.
        name: the file's name, for messages.

    Returns:
        The array, with as many dimensions as the header says.

    Raises:
        DataError: another magic number or type, or the number of bytes does not match the dimensions.

    Example:
        >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), "labels").tolist()
        [7, 9]

    Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, "file formats".
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DataError(f"{name} is not an IDX file (it starts with bytes {content[:4].hex(' ')}): download it again")
    kind, num_dimensions = content[2], content[3]
    if kind != UNSIGNED_BYTE or not 0 < num_dimensions <= MOST_DIMENSIONS:
        raise DataError(
            f"{name} has IDX type {kind} and {num_dimensions} dimensions, but only bytes (type 8) in 1 to "
            f"{MOST_DIMENSIONS} dimensions can be read"
        )
    start = 4 + 4 * num_dimensions
    shape = np.frombuffer(content[4:start].ljust(start - 4, b"\0"), ">u4").tolist()
    expected = start + int(np.prod(shape, dtype=object))
    if len(content) < start or len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise DataError(
            f"{name} is {what}: it has {len(content)} bytes, not {expected} as its header says: delete it and download "
            "it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
