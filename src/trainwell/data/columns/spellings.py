"""Texts that mean the same value: 1 and 1.0; True, true and 1; NA and an empty cell."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from trainwell.core import DataError

UNAMBIGUOUS = ("NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "null", "NULL", "Null")
AMBIGUOUS = ("None", "none", "?", "-", ".")  # may also be labels: no disease, unsure, minus
MISSING_WORDS = (*UNAMBIGUOUS, *AMBIGUOUS)
"""Words that mark missing cells in numeric columns. In columns with few different texts they count as categories."""


NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?")
TRUTHS = {"true": True, "false": False}


def given_words(words: str | Sequence[str] | None) -> tuple[str, ...] | None:
    """The words that a user gave as marks of missing cells, without duplicates; None if none were given.

    Args:
        words: separated by commas, or a sequence. The empty string means that only empty cells are missing.

    Raises:
        DataError: `words` are not strings.

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
    """Finds known texts by other spellings of the same value.

    * An exact match always wins.
    * Numbers match by their exact value. A code with leading zeros, such as 007, is not a number.
    * If all known texts are truth values, truth values match in upper and lower case and as 0 and 1.
    * If None is known (missing cells), the words for missing cells match it.
    * A spelling that would match two known texts matches none.

    Args:
        known: the texts in the order of their indices; None stands for a missing cell.
        words: words that mark a missing cell; none by default.

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
        """The index of the known text with the same meaning; −1 if there is none."""
        if text in self._exact:
            return self._exact[text]
        return next((self._alike[key] for key in self._keys(text) if key in self._alike), -1)

    def _keys(self, text: str | None) -> list[object]:
        """The values that a text may mean. Texts that share a key may mean the same."""
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
    """The truth value of `true` or `false` in upper or lower case, or of a number equal to 1 or 0; otherwise None."""
    if (word := TRUTHS.get(text.lower())) is not None:
        return word
    number = number_value(text)
    return bool(number) if number in (0, 1) else None


def spelled_alike(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of texts that differ only in case, in their Unicode form, or in how a number is written.

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
    """A notice about texts that differ only in spelling; an empty list if there are none.

    Args:
        what: the column or target.
        texts: all texts in it.
        meaning: how such texts are treated, such as `different classes` or `one class`.
    """
    groups = [" and ".join(f"'{text}'" for text in group) for group in spelled_alike(texts)]
    if not groups:
        return []
    more = f" (and {len(groups) - 3} more such groups)" if len(groups) > 3 else ""
    same = meaning.startswith("one ")
    advice = "" if same else ": use one spelling if they mean the same"
    return [f"{what}: {'; '.join(groups[:3])}{more} differ only in spelling and count as {meaning}{advice}"]
