"""Texts that mean the same value: 1 and 1.0; True, true and 1; words for a missing value and an empty cell."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from trainwell.core import DataError

UNAMBIGUOUS = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null")
AMBIGUOUS = ("None", "none", "?", "-", ".")  # ordinary labels as well: no disease, minus, unsure
MISSING_WORDS = (*UNAMBIGUOUS, *AMBIGUOUS)
"""Missing in columns of numbers. In columns of text they are ordinary values where there are few different ones."""


NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
TRUTHS = {"true": True, "false": False}


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


class Spellings:
    """Known texts, found by other spellings of the same value too.

    An exact match always wins. Else numbers match by their exact value (a code with leading zeros, such as 007, is
    no number), truth values in any case and as 0 and 1 where all known texts are truth values, and, where cells may
    be missing, words for it. A spelling that would match two known texts matches none.

    Args:
        known: the texts in the order of their indices; None stands for a missing cell.
        words: that stand for a missing cell; none by default.

    Example:
        >>> flags = Spellings(["False", "True"])
        >>> [flags.index(text) for text in ("True", "true", "1.0", "yes")]
        [1, 1, 1, -1]
    """

    def __init__(self, known: Sequence[str | None], words: Sequence[str] = ()) -> None:
        self._words = frozenset(words)
        self._exact = {text: index for index, text in enumerate(known)}
        present = [text for text in known if text is not None and text not in self._words]
        self._truths = bool(present) and all(truth_value(text) is not None for text in present)
        alike: dict[object, list[int]] = defaultdict(list)
        for index, text in enumerate(known):
            for key in self._keys(text):
                alike[key].append(index)
        self._alike = {key: indices[0] for key, indices in alike.items() if len(indices) == 1}

    def index(self, text: str | None) -> int:
        """The index of the known text that means the same; −1 if none does."""
        if text in self._exact:
            return self._exact[text]
        return next((self._alike[key] for key in self._keys(text) if key in self._alike), -1)

    def _keys(self, text: str | None) -> list[object]:
        """What this text means: texts with a key in common may be the same value."""
        if text is None or text in self._words:
            return ["missing"]
        number, truth = number_value(text), truth_value(text) if self._truths else None
        return [*([] if number is None else [("number", number)]), *([] if truth is None else [("truth", truth)])]


def number_value(text: str) -> Decimal | None:
    """The exact value of a plain number; None for other texts and for codes with leading zeros.

    Example:
        >>> number_value("1.50") == number_value("15e-1"), number_value("007")
        (True, None)
    """
    if not NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:  # pragma: no cover  # thousands of digits
        return None


def truth_value(text: str) -> bool | None:
    """True and false in any case, and 1 and 0 in any spelling; None for other texts."""
    if (word := TRUTHS.get(text.lower())) is not None:
        return word
    number = number_value(text)
    return bool(number) if number in (0, 1) else None


def spelled_alike(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of different texts that differ only in case, in how Unicode writes them, or in how a number is written.

    Example:
        >>> spelled_alike(["yes", "no", "Yes", "1.10", "1.1"])
        [('1.1', '1.10'), ('Yes', 'yes')]
    """
    groups: dict[object, list[str]] = defaultdict(list)
    for text in sorted(set(texts)):
        number = number_value(text)
        groups[normalize("NFKC", text).casefold() if number is None else number].append(text)
    return sorted((tuple(group) for group in groups.values() if len(group) > 1), key=lambda group: group[0].casefold())


def alike_notices(what: str, texts: Iterable[str], meaning: str) -> list[str]:
    """A notice where texts differ only in their spelling; `meaning` says what they are, such as different classes."""
    groups = [" and ".join(f"'{text}'" for text in group) for group in spelled_alike(texts)]
    if not groups:
        return []
    more = f" (and {len(groups) - 3} more such groups)" if len(groups) > 3 else ""
    same = meaning.startswith("one ")
    advice = "" if same else ": spell them alike if they mean the same"
    return [f"{what}: {'; '.join(groups[:3])}{more} differ only in spelling and are {meaning}{advice}"]
