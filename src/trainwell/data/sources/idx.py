"""IDX files: the format of MNIST. A magic number, the dimensions, then bytes.

Magic: two zero bytes, the type (8: unsigned byte), the number of dimensions; then each dimension as a
big-endian 32-bit integer.

Source: LeCun, Cortes and Burges, The MNIST database of handwritten digits, "file formats".
"""

import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from trainwell.core import DataError, read_bytes

UNSIGNED_BYTE = 8
MOST_DIMENSIONS = 8
GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 64 << 20
"""Of a decompressed file; MNIST's largest has 47 million."""


def decompressed(content: bytes, name: str, most: int) -> bytes:
    """The bytes of a file that may be gzipped; no more than `most` are ever decompressed.

    Raises:
        DataError: the gzip stream is cut or damaged, or there are more bytes.
    """
    if not content.startswith(GZIP_MAGIC):
        return content
    parts, left = [], most + 1
    try:
        while content.startswith(GZIP_MAGIC):  # a file may hold several streams, one after the other
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(content, left))
            left -= len(parts[-1])
            if left <= 0:
                raise DataError(
                    f"{name} decompresses to more than {most:,} bytes, the most that such a file has: delete it, so "
                    "that it is fetched again"
                )
            if not stream.eof:
                raise zlib.error("it ends too early")
            content = stream.unused_data
    except zlib.error as error:
        raise DataError(f"{name} is a damaged gzip file ({error}): delete it, so that it is fetched again") from error
    return b"".join(parts)


def read_decompressed(path: Path) -> bytes:
    """The bytes of a plain file that may be gzipped.

    Raises:
        DataError: it cannot be read, is no plain file, is damaged, or has more than `MOST_BYTES`.
    """
    try:
        return decompressed(read_bytes(path, MOST_BYTES), str(path), MOST_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    except ValueError as error:
        raise DataError(f"{path} {error}: delete it, so that it is fetched again") from error


def parse_idx(content: bytes, name: str) -> UInt8[np.ndarray, "..."]:
    """The array of bytes an IDX file holds.

    Args:
        content: the whole file, decompressed.
        name: the file's name, for messages.

    Raises:
        DataError: another magic number or type, or not as many bytes as the dimensions say.

    Example:
        >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), "labels").tolist()
        [7, 9]
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        raise DataError(f"{name} is no IDX file (it starts with bytes {content[:4].hex(' ')}): fetch it again")
    kind, num_dimensions = content[2], content[3]
    if kind != UNSIGNED_BYTE or not 0 < num_dimensions <= MOST_DIMENSIONS:
        raise DataError(
            f"{name} has IDX type {kind} in {num_dimensions} dimensions, and only bytes (8) in 1 to {MOST_DIMENSIONS} "
            "can be read"
        )
    start = 4 + 4 * num_dimensions
    shape = np.frombuffer(content[4:start].ljust(start - 4, b"\0"), ">u4").tolist()
    expected = start + int(np.prod(shape, dtype=object))
    if len(content) < start or len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise DataError(
            f"{name} is {what}: {len(content)} bytes, and its header calls for {expected}: delete it and fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def read_idx(path: Path) -> UInt8[np.ndarray, "..."]:
    """The array of an IDX file, gzipped or plain."""
    return parse_idx(read_decompressed(path), str(path))
