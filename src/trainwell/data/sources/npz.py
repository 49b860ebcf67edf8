"""Reads NPZ archives of arrays, without pickle. Sizes are checked before anything is decompressed."""

import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np

from trainwell.core import DataError, plain_size, total_memory
from trainwell.data.sources.raw import Pair, RawArrays
from trainwell.data.target.target import text_labels

INPUT_NAMES = ("X", "x", "inputs", "data")
TARGET_NAMES = ("y", "targets", "labels", "target")
PAIRS = {
    "training": (("x_train", "y_train"), ("X_train", "y_train")),
    "validation": (("x_val", "y_val"), ("X_val", "y_val"), ("x_valid", "y_valid"), ("X_valid", "y_valid")),
    "test": (("x_test", "y_test"), ("X_test", "y_test")),
}
NPY_MAGIC = b"\x93NUMPY"
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what NumPy writes
MOST_HEADER = 10_000
"""Maximum bytes of an array's header, the limit of NumPy."""
CHUNK = 1 << 20
FREELY = 1 << 30
MOST_RATIO = 100
"""Arrays of more than `FREELY` bytes must not exceed this multiple of the file's size (a decompression bomb would)."""


def read_npz(path: Path) -> RawArrays:
    """Read `X, y` (or `inputs, targets`), or `x_train, y_train, x_test, y_test` and optionally `x_val, y_val`.

    Args:
        path: the archive.

    Returns:
        The arrays.

    Raises:
        DataError: the file is not an NPZ file, damaged, encrypted or too large for this machine, lacks these arrays, or
            has Python objects.
    """
    try:
        size = plain_size(path)
        with path.open("rb") as file:
            if file.read(len(NPY_MAGIC)) == NPY_MAGIC:
                raise DataError(f"{path.name} has a single array: save inputs and targets with numpy.savez(X=…, y=…)")
            with zipfile.ZipFile(file) as archive:
                return _parts(_Members(path.name, size, archive))
    except DataError:
        raise
    except Exception as error:  # damaged bytes fail in many ways inside zipfile, zlib and struct
        why = str(error) or type(error).__name__
        raise DataError(f"{path.name} is not a readable NPZ file ({why}): write it again with numpy.savez") from error


@dataclass(frozen=True)
class _Members:
    """The arrays in an archive. Each is read when it is requested."""

    name: str
    size: int
    archive: zipfile.ZipFile

    @cached_property
    def by_name(self) -> Mapping[str, zipfile.ZipInfo]:
        return {info.filename.removesuffix(".npy"): info for info in self.archive.infolist()}

    def pair(self, inputs: str, targets: str) -> Pair:
        """The arrays with these names; None as targets if their name is empty."""
        self._check_sizes([name for name in (inputs, targets) if name])
        return self._array(inputs), text_labels(self._array(targets), targets) if targets else None

    def _check_sizes(self, names: Sequence[str]) -> None:
        """Raise an error for arrays that would not fit into memory together with the copies that training makes."""
        unpacked = sum(self.by_name[name].file_size for name in names)
        most = total_memory() // 2
        if unpacked > most:
            raise DataError(
                f"{self.name}: {' and '.join(names)} unpack to {unpacked / 1e9:,.1f} GB, but this machine can hold at "
                f"most {most / 1e9:,.1f} GB of data: save fewer rows, or smaller numbers such as float32"
            )
        if unpacked > FREELY and unpacked > MOST_RATIO * self.size:
            raise DataError(
                f"{self.name}: {' and '.join(names)} unpack to {unpacked // self.size:,} times the size of the file: "
                "real data do not compress so well; save them with numpy.savez"
            )

    def _array(self, name: str) -> np.ndarray:
        info = self.by_name[name]
        if info.flag_bits & 1:
            raise DataError(f"{self.name} is encrypted: save it without a password")
        if info.compress_type not in METHODS:
            raise DataError(f"{self.name} has a compression that NumPy does not use: write it again with numpy.savez")
        with self.archive.open(info) as file:
            dtype, shape, in_columns, start = _header(file, f"{self.name}: {name}")
            count = math.prod(shape)
            if not dtype.itemsize or count * dtype.itemsize != info.file_size - start:
                raise DataError(
                    f"{self.name}: {name} has {info.file_size - start:,} bytes, but by its header it should have "
                    f"{count * dtype.itemsize:,}: write the file again with numpy.savez"
                )
            flat = np.empty(count, dtype)
            content, done = flat.view(np.uint8).data, 0
            while chunk := file.read(CHUNK):  # zipfile verifies the checksum at the end
                content[done : done + len(chunk)] = chunk
                done += len(chunk)
            if done < len(content):
                raise EOFError("it ends too early")
        return flat.reshape(shape, order="F" if in_columns else "C")


def _parts(members: _Members) -> RawArrays:
    """The arrays of the archive, recognised by their names."""
    present = members.by_name.keys()
    names = {part: pair for part, pairs in PAIRS.items() for pair in reversed(pairs) if present >= set(pair)}
    parts = {part: members.pair(*pair) for part, pair in names.items()}
    if "training" not in names:
        found = [next((name for name in known if name in present), "") for known in (INPUT_NAMES, TARGET_NAMES)]
        if not found[0]:
            raise DataError(
                f"{members.name} has {', '.join(sorted(present)) or 'no array'}: save inputs and targets as "
                "X and y, or as x_train, y_train, x_test and y_test"
            )
        names["training"] = (found[0], found[1])
        parts["training"] = members.pair(*names["training"])
    ignored = tuple(sorted(present - {name for pair in names.values() for name in pair}))
    return RawArrays(
        *parts["training"], parts.get("validation"), parts.get("test"), *names["training"], ignored=ignored
    )


def _header(file: IO[bytes], where: str) -> tuple[np.dtype, tuple[int, ...], bool, int]:
    """Read an array's header: its type, its shape, whether it is in Fortran order, and the header's length in bytes.

    It is read by regular expressions, because NumPy uses Python's parser, which damaged or malicious bytes can crash.

    Source: NumPy's `numpy.lib.format`, "Format Version 1.0" to "3.0".
    """
    magic = file.read(8)
    width = 2 if magic[6:7] == b"\1" else 4
    length = int.from_bytes(file.read(width), "little")
    if magic[:6] != NPY_MAGIC or magic[6:7] not in (b"\1", b"\2", b"\3") or length > MOST_HEADER:
        raise DataError(f"{where} is not a NumPy array: write the file again with numpy.savez")
    text = file.read(length).decode("latin-1")
    shape = re.search(r"'shape': *\(([0-9, ]{0,1280})\)", text)
    in_columns = re.search(r"'fortran_order': *(True|False)", text)
    kind = re.search(r"'descr': *'([^']{1,40})'", text)
    sizes = [] if shape is None else [digits.strip() for digits in shape[1].split(",") if digits.strip()]
    if shape is None or in_columns is None or not all(size.isdecimal() and len(size) < 19 for size in sizes):
        raise DataError(f"{where} has a damaged header: write the file again with numpy.savez")
    if kind is None:
        raise DataError(f"{where} has named fields or a damaged header: save plain numbers or text")
    try:
        dtype = np.dtype(kind[1])
    except (TypeError, ValueError, SyntaxError, OverflowError) as error:
        raise DataError(f"{where} has the unknown type '{kind[1]}': save numbers or text") from error
    if dtype.hasobject:
        raise DataError(
            f"{where} has Python objects, which can run code when loaded: save numbers or fixed-width text "
            "(array.astype(str))"
        )
    return dtype, tuple(int(size) for size in sizes), in_columns[1] == "True", 8 + width + length
