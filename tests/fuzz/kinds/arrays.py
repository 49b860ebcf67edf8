"""NPZ archives of arrays, and the IDX files of image sets."""

import gzip
import io
import struct
import zipfile
from pathlib import Path
from random import Random

import numpy as np

from fuzz.guards import Problem
from fuzz.mutations import WORDS, changed_text, damaged

HEADER = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
TYPES = ("<f8", "<f4", "<i8", "|u1", "|b1", "<U3", "|S3", "|O", "<c16", "<M8[s]", "<V8", "<f99", "<U0", "<U999999999")
SHAPES = (
    "30, 3",
    "30,",
    "",
    "0, 3",
    "3, 0",
    "10000000000000, 1",
    "-1, 3",
    "30, 3, 1",
    "1" * 300,
    "999999999999999999,",
)


class Npz:
    name, seconds = "npz", 20.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        draws = np.random.default_rng(rng.randrange(2**32))
        inputs = draws.normal(size=(30, 3)).astype(rng.choice(("f8", "f4", "f2", "i8", "u1", "U5", "S4")))
        labels = np.array(rng.choice((["a", "b"], [b"a", b"b\xc3\xa4"], [0, 1], [0.5, 2.5], [True, False])))
        arrays = {"X": self._odd(inputs, rng), "y": self._odd(labels[np.arange(30) % 2], rng)}
        if rng.random() < 0.3:
            arrays = {"x_train": inputs, "y_train": labels[np.arange(30) % 2], "x_test": inputs[:9], "y_test": labels}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for name, array in arrays.items():
                archive.writestr(f"{name}.npy", self._member(array, rng))
        content = buffer.getvalue()
        (folder / "d.npz").write_bytes(damaged(content, rng) if rng.random() < 0.5 else content)

    def check(self, corpus: Path, folder: Path) -> None:
        from trainwell.data import load_data, load_rows

        data = load_data(folder / "d.npz")
        for split in (data.training, data.validation, data.open_test_split()):
            if not np.isfinite(split.inputs).all() or not np.isfinite(split.targets).all() or not len(split):
                raise Problem("accepted an empty split or a value that is not finite")
        rows = load_rows(folder / "d.npz", data.preparation)
        if not np.isfinite(rows.inputs).all():
            raise Problem("prepared a value that is not finite")

    def _odd(self, array: np.ndarray, rng: Random) -> np.ndarray:
        if rng.random() < 0.3 and array.dtype.kind == "f":
            array = array.copy()
            array.flat[rng.randrange(array.size)] = rng.choice((np.nan, np.inf, 0, 60000, 1e-7))
        shapes = (array, array[:0], array[:1], array.T, array[:, None], array[..., None], array[::2], array.ravel())
        return shapes[0] if rng.random() < 0.7 else rng.choice(shapes)

    def _member(self, array: np.ndarray, rng: Random) -> bytes:
        """An array as NumPy stores it; its header may say something else."""
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, np.ascontiguousarray(array), (1, 0))
        content = buffer.getvalue()
        start = 10 + int.from_bytes(content[8:10], "little")
        action = rng.random()
        if action < 0.6:
            return content
        if action < 0.8:
            text = HEADER % (rng.choice(TYPES), rng.choice((True, False)), rng.choice(SHAPES))
        else:
            text = changed_text(content[10:start].decode(), rng)
        header = text.encode("latin-1", "replace")[:60_000]
        return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content[start:]


class Idx:
    name, seconds = "idx", 20.0

    def prepare(self, corpus: Path) -> None:
        pass

    def build(self, corpus: Path, folder: Path, rng: Random) -> None:
        array = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (20, 4, 3), dtype=np.uint8)
        rank = rng.choice((3, 3, 1, 0, 9, 255))
        shape = (20, 4, 3) if rank == 3 else (1,) * (rank - 1) + (240,) * (rank > 0)
        whole = struct.pack(f">BBBB{rank}I", 0, 0, rng.choice((8, 8, 8, 13)), rank, *shape) + array.tobytes()
        if rng.random() < 0.6:
            whole = damaged(whole, rng)
        if rng.random() < 0.6:
            whole = gzip.compress(whole + bytes(rng.choice((0, 0, 200 << 20))), 1, mtime=0)
            whole = damaged(whole, rng) if rng.random() < 0.6 else whole + rng.choice((b"", whole, b"\x1f\x8b", b"x"))
        (folder / "images").write_bytes(whole)
        mnist = folder / "data" / "mnist"
        mnist.mkdir(parents=True)
        (mnist / f"train-images-idx3-ubyte{rng.choice(('', '.gz'))}").write_bytes(whole)
        (folder / "words").write_text(rng.choice(WORDS), errors="replace")

    def check(self, corpus: Path, folder: Path) -> None:
        from trainwell.core import DataError
        from trainwell.data import load_data
        from trainwell.data.sources.builtin import parse_idx
        from trainwell.data.sources.download import read_decompressed

        try:
            load_data("mnist", data_dir=folder / "data")
        except DataError:
            pass
        else:
            raise Problem("accepted an image set that nobody published")
        array = parse_idx(read_decompressed(folder / "images"), "images")
        if array.dtype != np.uint8:
            raise Problem(f"read {array.dtype}")
