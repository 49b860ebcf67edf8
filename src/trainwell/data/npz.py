"""NPZ archives of arrays, read without pickle."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainwell.core.errors import DataError

INPUT_NAMES = ("X", "x", "inputs", "data")
TARGET_NAMES = ("y", "targets", "labels", "target")
PAIRS = {
    "training": (("x_train", "y_train"), ("X_train", "y_train")),
    "validation": (("x_val", "y_val"), ("X_val", "y_val"), ("x_valid", "y_valid"), ("X_valid", "y_valid")),
    "test": (("x_test", "y_test"), ("X_test", "y_test")),
}

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Archive:
    """Arrays of an NPZ file by their part; `inputs` alone where a file to predict on has no targets."""

    inputs: np.ndarray
    targets: np.ndarray | None
    input_name: str
    target_name: str
    validation: Pair | None
    test: Pair | None
    ignored: tuple[str, ...]


def read_npz(path: Path) -> Archive:
    """Read `X, y` (or `inputs, targets`), or `x_train, y_train, x_test, y_test` and perhaps `x_val, y_val`.

    Args:
        path: the archive.

    Raises:
        DataError: no NPZ file, damaged, no such arrays, or Python objects among them.
    """
    arrays = _arrays(path)
    used: set[str] = set()
    pairs: dict[str, Pair] = {}
    names = {}
    for part, choices in PAIRS.items():
        for pair in choices:
            if set(pair) <= set(arrays):
                pairs[part], names[part] = (arrays[pair[0]], arrays[pair[1]]), pair
                used.update(pair)
                break
    if "training" in pairs:
        (input_name, target_name), (inputs, labels) = names["training"], pairs["training"]
        targets: np.ndarray | None = labels
    else:
        input_name = next((name for name in INPUT_NAMES if name in arrays), "")
        if not input_name:
            raise DataError(
                f"{path.name} holds {', '.join(sorted(arrays)) or 'no array'}: save inputs and targets as X and y, or "
                "as x_train, y_train, x_test and y_test"
            )
        target_name = next((name for name in TARGET_NAMES if name in arrays), "")
        inputs, targets = arrays[input_name], arrays[target_name] if target_name else None
        used.update((input_name, target_name))
    ignored = tuple(sorted(set(arrays) - used))
    return Archive(inputs, targets, input_name, target_name, pairs.get("validation"), pairs.get("test"), ignored)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file:  # opened here, since NumPy leaves a damaged file open
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise DataError(f"{path.name} holds a single array: save inputs and targets with numpy.savez(X=…, y=…)")
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        if "allow_pickle" in str(error) and zipfile.is_zipfile(path):
            raise DataError(
                f"{path.name} holds an array of Python objects, which can run code when read: save numbers or fixed-"
                "width text (array.astype(str))"
            ) from error
        raise DataError(f"{path.name} is no readable NPZ file: write it again with numpy.savez") from error
