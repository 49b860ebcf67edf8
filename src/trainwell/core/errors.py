"""The exceptions a user can meet. Each message is one line: what is wrong, where, what to do, near names offered."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches

REMEDIES = {
    "ENOSPC": "make room on that disk",
    "EDQUOT": "make room, or ask for a larger quota",
    "EFBIG": "raise the limit (ulimit -f)",
    "EROFS": "name a place that can be written to",
    "EACCES": "change its permissions, or name a place of your own",
    "EPERM": "change its permissions, or name a place of your own",
    "ENOENT": "check the path, and that nothing removes it meanwhile",
    "ENOTDIR": "a part of this path is a file: name another place",
    "EISDIR": "name a file",
    "ENAMETOOLONG": "choose a shorter name",
    "ELOOP": "its links lead round in a circle: name another place",
    "EMFILE": "raise the limit of open files (ulimit -n)",
    "EBADF": "it was closed",
    "EIO": "the disk or its connection fails: name a place on another one",
}
"""What to do about errors of the operating system, by their names; some systems do not have all."""
LONGEST = 1000  # characters of a message
MOST = 8
"""Names in a message that offers any."""
SLIP = 0.85
"""Likeness of a name with a letter too many or too few."""
FEW = 4
"""Names in one that offers near ones."""


class TrainwellError(Exception):
    """Anything the user can put right. The command line prints its one line and exits with code 2.

    A message that quotes a value of megabytes keeps its beginning and its end.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(shortened(" ".join(str(message).splitlines()), LONGEST))


class DataError(TrainwellError):
    """The data cannot be read, found, split or prepared."""


class RecipeError(TrainwellError):
    """A recipe names an unknown field, or a value outside its range."""


class SpaceError(RecipeError):
    """A search space cannot be searched: a bad range, list or condition."""


class NameTakenError(RecipeError):
    """Something is to be registered under a name that means something else already."""


class ModelError(TrainwellError):
    """A saved model is incomplete, altered, or does not fit the data."""


class SearchError(TrainwellError, ValueError):
    """A sampler, a storage or a study is asked for something it cannot do."""


class RunError(TrainwellError):
    """A run directory exists, is damaged, or belongs to another request."""


class Interrupted(TrainwellError):  # noqa: N818  # no error: it was asked for
    """Work was stopped on request (Ctrl-C) after the chunks under way; what was done is kept."""


def system_words(error: OSError | MemoryError) -> str:
    """What the operating system refused, in one line: where, what, what to do.

    Example:
        >>> system_words(FileNotFoundError(2, "No such file or directory", "x.csv"))
        'x.csv: no such file or directory: check the path, and that nothing removes it meanwhile'
    """
    if isinstance(error, MemoryError):
        return f"not enough memory ({str(error) or 'none is left'}): ask for less at a time, or use a larger machine"
    what = error.strerror or str(error) or type(error).__name__
    remedy = REMEDIES.get(errno.errorcode.get(error.errno or 0, ""))
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{what[:1].lower()}{what[1:]}" + (f": {remedy}" if remedy else "")


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters (from 5): its beginning and its end, if it has more.

    Example:
        >>> shortened("a very long value", 11)
        'a ve … alue'
    """
    kept = (most - 3) // 2
    return text if len(text) <= most else f"{text[:kept]} … {text[-kept:]}"


def nearest(name: str, valid: Iterable[str]) -> str:
    """End an error message about an unknown name: the valid ones that it may stand for, or some of all.

    A name may be misspelled, short for the first letters of a longer one's words (`lr` for `learning_rate`), or a part
    of one (`dropout`, `init`).

    Args:
        name: what the user wrote.
        valid: the names that would have been accepted.

    Returns:
        `"did you mean 'adam'?"` where one is near, else `"choose from adam, sgd"`; of many names the first few.

    Example:
        >>> nearest("adm", ["sgd", "adam"])
        "did you mean 'adam'?"
        >>> nearest("lr", ["learning_rate", "layers"])
        "did you mean 'learning_rate'?"
    """
    names, asked = sorted(valid), name.lower()
    short = [one for one in names if "_" in one and asked == "".join(part[:1] for part in one.lower().split("_"))]
    near = short or get_close_matches(asked, names, n=1, cutoff=SLIP)
    near = near or _beginning(asked, names) or get_close_matches(asked, names, n=1)
    if near:
        *first, last = [f"'{one}'" for one in near[:FEW]]
        return f"did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
    more = f" and {len(names) - MOST} more" if len(names) > MOST + 1 else ""
    return f"choose from {', '.join(names[:MOST] if more else names)}{more}"


def _beginning(asked: str, names: list[str]) -> list[str]:
    """The names that have a word which begins so, those whose first one does first; of one letter it would be any."""
    if len(asked) < 2:
        return []
    found = [one for one in names if any(word.startswith(asked) for word in one.lower().split("_"))]
    return sorted(found, key=lambda one: not one.lower().startswith(asked))
