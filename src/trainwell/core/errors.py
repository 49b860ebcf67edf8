"""The exceptions a user can meet. Each message is one line: what is wrong, where, what to do, similar valid names."""

import errno
from collections.abc import Iterable
from difflib import get_close_matches

REMEDIES = {
    "ENOSPC": "make room on that disk",
    "EDQUOT": "make room, or ask for a larger quota",
    "EFBIG": "raise the limit (ulimit -f)",
    "EROFS": "choose a path that can be written to",
    "EACCES": "change its permissions, or choose another path",
    "EPERM": "change its permissions, or choose another path",
    "ENOENT": "check the path, and that nothing removes it meanwhile",
    "ENOTDIR": "a part of this path is a file: choose another path",
    "EISDIR": "give the path of a file",
    "ENAMETOOLONG": "choose a shorter name",
    "ELOOP": "its links form a circle: choose another path",
    "EMFILE": "raise the limit of open files (ulimit -n)",
    "EBADF": "it was closed",
    "EIO": "the disk or its connection fails: use another disk",
}
"""What to do about an error of the operating system, by the name of its code. Some systems lack some codes."""
MAX_LENGTH = 1000
"""Characters of a message."""
MAX_NAMES = 8
"""Valid names that a message lists where none is similar to the unknown one."""
MAX_SIMILAR_NAMES = 4
"""Valid names that a message suggests as similar."""
TYPO_SIMILARITY = 0.85
"""Similarity (of `difflib`) above which a name counts as misspelled by about one letter."""


class TrainwellError(Exception):
    """An error that the user can correct. The command line prints its message as one line and exits with code 2.

    Of a message longer than `MAX_LENGTH`, the beginning and the end are kept.
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(shortened(" ".join(str(message).splitlines()), MAX_LENGTH))


class DataError(TrainwellError):
    """The data cannot be read, found, split or prepared."""


class RecipeError(TrainwellError):
    """A recipe has an unknown field, or a value outside its range."""


class SpaceError(RecipeError):
    """A search space cannot be searched: a bad range, list or condition."""


class NameTakenError(RecipeError):
    """A name to be registered is already used for something else."""


class ModelError(TrainwellError):
    """A saved model is incomplete or altered, or does not fit the data."""


class SearchError(TrainwellError, ValueError):
    """A sampler, a storage or a study cannot do what was requested."""


class RunError(TrainwellError):
    """A run directory already exists, is damaged, or belongs to another request."""


class Interrupted(TrainwellError):  # noqa: N818  # not an error: the user asked for it
    """The user stopped the work (Ctrl-C). The steps in progress were completed, and finished work is kept."""


def system_words(error: OSError | MemoryError) -> str:
    """An error of the operating system in one line: where, what, what to do.

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


PLAIN = {
    "Value error, ": "",
    "Input should be": "must be",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "above",
    "less than": "below",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    ", got a number with a fractional part": "",
    "a valid integer": "a whole number",
    "a valid number": "a number",
}
"""Words of pydantic -> those of this program's other messages."""


def plain_finding(text: str) -> str:
    """What pydantic finds wrong, in the words of this program.

    Example:
        >>> plain_finding("Input should be greater than or equal to 1")
        'must be at least 1'
    """
    for theirs, ours in PLAIN.items():
        text = text.replace(theirs, ours)
    return text


def shortened(text: str, most: int) -> str:
    """A text shortened to at most `most` characters (`most` ≥ 5): its beginning, " … " and its end.

    Example:
        >>> shortened("a very long value", 11)
        'a ve … alue'
    """
    kept = (most - 3) // 2
    return text if len(text) <= most else f"{text[:kept]} … {text[-kept:]}"


def nearest(name: str, valid: Iterable[str]) -> str:
    """The end of an error message about an unknown name: the nearest valid names, otherwise a list of valid names.

    It may be a misspelled name, the initials of a name's words (`lr` for `learning_rate`), or a part of a name
    (`dropout`, `init`).

    Args:
        name: what the user wrote.
        valid: the accepted names.

    Returns:
        `"did you mean 'adam'?"` if a name is similar, else `"choose from adam, sgd"`, with the first few of many names.

    Example:
        >>> nearest("adm", ["sgd", "adam"])
        "did you mean 'adam'?"
        >>> nearest("lr", ["learning_rate", "layers"])
        "did you mean 'learning_rate'?"
    """
    names, query = sorted(valid), name.lower()
    short = [one for one in names if "_" in one and query == "".join(part[:1] for part in one.lower().split("_"))]
    near = short or get_close_matches(query, names, n=1, cutoff=TYPO_SIMILARITY)
    near = near or _beginning(query, names) or get_close_matches(query, names, n=1)
    if near:
        *first, last = [f"'{one}'" for one in near[:MAX_SIMILAR_NAMES]]
        return f"did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES + 1 else ""
    return f"choose from {', '.join(names[:MAX_NAMES] if more else names)}{more}"


def _beginning(query: str, names: list[str]) -> list[str]:
    """Names with a word that starts with `query`, those whose first word does first."""
    if len(query) < 2:  # one letter starts a word of nearly every list
        return []
    found = [one for one in names if any(word.startswith(query) for word in one.lower().split("_"))]
    return sorted(found, key=lambda one: not one.lower().startswith(query))
