"""Downloads files: tries several mirrors, resumes broken downloads, verifies and stores files atomically."""

import http.client
import logging
import sys
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core import DataError, read_bytes, write_atomic

if TYPE_CHECKING:
    from rich.progress import Progress

TIMEOUT = 30.0  # seconds without receiving anything
ATTEMPTS = 4  # per mirror; each resumes the one before
CHUNK = 1 << 16
GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 64 << 20
"""Maximum size of a decompressed file. MNIST's largest has 47 million bytes."""

LOG = logging.getLogger("trainwell")
Verify = Callable[[bytes, str], None]
Advance = Callable[[int, int | None], None]


class CutError(Exception):
    """The connection ended before the file was complete."""


def fetch_verified(
    name: str, mirrors: tuple[str, ...], folder: Path, verify: Verify, *, show_progress: bool = True
) -> bytes:
    """Download `name.gz` from the first mirror that has it, and store it decompressed as `name` in `folder`.

    A partial download is kept in `name.gz.part`, and a later call downloads only the rest.

    Args:
        name: the file's name without `.gz`.
        mirrors: addresses of folders, each ending in `/`.
        folder: where to store the file; created if necessary.
        verify: called with the decompressed bytes and the address; raises DataError if they are wrong.
        show_progress: whether to show a bar, if stderr is a terminal.

    Returns:
        The decompressed bytes.

    Raises:
        DataError: no mirror had the file. The message tells why for each, and where to put the file by hand.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be created ({error.strerror}): pass a folder that already has {name}"
        ) from error
    part = folder / f"{name}.gz.part"
    failures = []
    for mirror in mirrors:
        url = f"{mirror}{name}.gz"
        try:
            content = _from_mirror(url, part, verify, show=show_progress)
        except (OSError, http.client.HTTPException, CutError, DataError) as error:
            failures.append(f"{url}: {error}")
            LOG.warning("%s cannot be used: %s", url, error)
            continue
        write_atomic(folder / name, content)
        part.unlink(missing_ok=True)
        return content
    raise DataError(
        f"{name} could not be fetched ({'; '.join(failures)}): try again later to resume, or put the file into {folder}"
    )


def _from_mirror(url: str, part: Path, verify: Verify, *, show: bool) -> bytes:
    """The verified content from one mirror. If a resumed file is wrong, it is downloaded once more completely."""
    resumed = part.exists() and part.stat().st_size > 0
    try:
        _complete(url, part, show=show)
        content = read_decompressed(part)
        verify(content, url)
    except DataError:
        part.unlink()
        if not resumed:
            raise
        # Mirrors compress differently, so parts of files from two mirrors do not fit together.
        return _from_mirror(url, part, verify, show=show)
    return content


def _complete(url: str, part: Path, *, show: bool) -> None:
    """Download until the file is complete, resuming whenever the connection breaks."""
    with _progress(show) as progress:
        task = progress.add_task(url.rsplit("/", 1)[-1], total=None) if progress else None

        def advance(done: int, total: int | None) -> None:
            if progress is not None and task is not None:
                progress.update(task, completed=done, total=total)

        for attempt in range(1, ATTEMPTS + 1):
            try:
                _receive(url, part, advance)
            except (CutError, http.client.HTTPException, TimeoutError, ConnectionError):
                if attempt == ATTEMPTS:
                    raise
            else:
                return


def _receive(url: str, part: Path, advance: Advance) -> None:
    """Make one request: for the whole file, or for the rest of a partial download."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "trainwell"})  # noqa: S310 - mirrors are constants
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)  # noqa: S310 - mirrors are constants
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:  # range not satisfiable: the partial file is complete, or wrong
            return
        raise
    with response:
        # A server that does not support ranges sends the whole file.
        resumed = response.status == 206
        done = have if resumed else 0
        length = response.headers.get("Content-Length")
        total = done + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            while chunk := response.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                if done > MOST_BYTES:
                    raise DataError(f"it sends more than {MOST_BYTES:,} bytes, the limit")
                advance(done, total)
    if total is not None and done < total:
        raise CutError(f"cut after {done} of {total} bytes")


def _progress(show: bool) -> "Progress | nullcontext[None]":
    """A progress bar if stderr is a terminal."""
    if not show or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def decompressed(content: bytes, name: str, most: int) -> bytes:
    """The content of a file that may be gzipped. At most `most` bytes are decompressed.

    Raises:
        DataError: the gzip stream is truncated or damaged, or has more bytes.
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
                    f"{name} decompresses to more than {most:,} bytes, the limit: delete it, so that it is downloaded "
                    "again"
                )
            if not stream.eof:
                raise zlib.error("it ends too early")
            content = stream.unused_data
    except zlib.error as error:
        raise DataError(f"{name} is a damaged gzip file ({error}): delete it, so it is downloaded again") from error
    return b"".join(parts)


def read_decompressed(path: Path) -> bytes:
    """The content of a file that may be gzipped.

    Raises:
        DataError: it cannot be read, is not a regular file, is damaged, or has more than `MOST_BYTES`.
    """
    try:
        return decompressed(read_bytes(path, MOST_BYTES), str(path), MOST_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    except ValueError as error:
        raise DataError(f"{path} {error}: delete it, so it is downloaded again") from error
