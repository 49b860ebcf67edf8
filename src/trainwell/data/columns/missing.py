"""Words that stand for a missing value."""

from collections.abc import Sequence

from trainwell.core import DataError

UNAMBIGUOUS = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null")
AMBIGUOUS = ("None", "none", "?", "-", ".")  # ordinary labels as well: no disease, minus, unsure
MISSING_WORDS = (*UNAMBIGUOUS, *AMBIGUOUS)
"""Missing in columns of numbers. In columns of text they are ordinary values where there are few different ones."""


def given_words(words: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The words that a user says are missing, in every column and no others beside empty cells; None if not said.

    Args:
        words: separated by commas, or a sequence of them. The empty text means that only empty cells are missing.

    Example:
        >>> given_words("NA, none"), given_words(""), given_words(None)
        (('NA', 'none'), (), None)
    """
    if words is None:
        return None
    parts = words.split(",") if isinstance(words, str) else list(words)
    if not all(isinstance(word, str) for word in parts):
        raise DataError(f"missing must be words, separated by commas or in a list, got {words!r}: try 'NA,none'")
    return tuple(dict.fromkeys(word.strip() for word in parts if word.strip()))
