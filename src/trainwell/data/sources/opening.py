"""What the user names: a built-in set, or a file of a known kind that can be read."""

from pathlib import Path

from trainwell.core import DataError, nearest, plain_size
from trainwell.data.notices import Notify
from trainwell.data.sources.builtin import BUILT_IN_NAMES, load_builtin
from trainwell.data.sources.npz import read_npz
from trainwell.data.sources.raw import RawArrays
from trainwell.data.sources.tables import SUFFIXES


def find_source(source: str | Path) -> str | Path:
    """The name of a built-in set, or the path of a file.

    Raises:
        DataError: it is neither, or the file is a folder, not readable, or of an unknown suffix.
    """
    name = str(source)
    if not name.strip():  # it would otherwise be the working folder
        raise DataError("the name of the data is empty: pass the name of a built-in data set, or a file")
    if name in BUILT_IN_NAMES:
        return name
    path = Path(source).expanduser()
    if path.is_dir():
        raise DataError(f"{path} is a folder: pass a CSV, Parquet or NPZ file, or the name of a built-in data set")
    if not path.exists():
        if "/" not in name and not path.suffix:
            raise DataError(f"there is no data set or file '{name}': {nearest(name, BUILT_IN_NAMES)}")
        raise DataError(f"there is no file {path}: check the path")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path.name} has the unknown suffix '{path.suffix}': save it as one of {', '.join(SUFFIXES)}")
    try:
        plain_size(path)  # before it is opened: a pipe would be waited for without end
        with path.open("rb"):
            pass
    except ValueError as error:
        raise DataError(f"{path} {error}: save its content to a file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    return path


def is_table(found: str | Path) -> bool:
    """Whether what `find_source` found is a table; else `read_arrays` reads it."""
    return isinstance(found, Path) and found.suffix.lower() != ".npz"


def read_arrays(found: str | Path, data_dir: str | Path | None, notify: Notify | None) -> RawArrays:
    """The arrays of a built-in set, whose files may be in `data_dir`, or of an NPZ file."""
    return read_npz(found) if isinstance(found, Path) else load_builtin(found, data_dir, notify)
