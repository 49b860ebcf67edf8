"""Number formats in columns of text (decimal commas, thousands separators, currencies), one format per column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import polars as pl

MOST_UNREADABLE = 0.05
"""If at most this share of a column's cells are not numbers, it is numeric, and these cells count as missing."""
LARGEST_EXACT = 2**53
"""float64 represents all whole numbers exactly up to this one."""
SAMPLE = 500  # cells on which a format is tried first
CURRENCIES = (
    r"(?:(?:US|CA|AU|NZ|HK|R|A|C|S)?\$|[€£¥₹₩₽₺₫₪฿]|(?:USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF"
    r"|BRL|MXN|ZAR|TRY|KRW|SGD|HKD)\b|kr\b\.?|zł|Kč|Fr\.)"
)
SPACES, APOSTROPHES = r"[ \x{a0}\x{202f}\x{2009}]", r"['\x{2019}]"
CLASSES = {" ": SPACES, "'": APOSTROPHES}
MARKS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))
MINUS, BRACKETS = "\N{MINUS SIGN}", "()"
IN_BRACKETS = r"^([^\d()]*)\(([^()]*\d[^()]*)\)([^\d()]*)$"  # the unit may be outside the brackets
GROUPED = r"^[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)$"
NAMES = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}


@dataclass(frozen=True)
class NumberReading:
    """A number format.

    Attributes:
        decimal: the decimal mark, `"."` or `","`.
        thousands: the separator between groups of three digits: `","`, `"."`, `" "` (any blank), `"'"`, or empty.
        unit: `"%"`, with which every cell must end, or a currency sign or code, with which a cell may begin or end. It
            is removed: 50% becomes 50.
        negative: how negative numbers are written if not with a hyphen: in brackets, as in accounting, or with the
            typographic minus sign.

    Example:
        >>> import polars as pl
        >>> NumberReading(",", ".").read(pl.Series(["1.234,5", "992", "1.23"])).to_list()
        [1234.5, 992.0, None]
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    negative: str = ""

    @classmethod
    def restored(cls, value: Mapping[str, Any]) -> "NumberReading":
        """The inverse of `dataclasses.asdict`.

        Raises:
            ValueError, TypeError: the value does not describe a number format.
        """
        reading = cls(**value)
        marks, negatives = (reading.decimal, reading.thousands), ("", MINUS, BRACKETS)
        if marks not in MARKS or reading.negative not in negatives or not isinstance(reading.unit, str):
            raise ValueError("it has an unknown number format")
        return reading

    def read(self, texts: "pl.Series") -> "pl.Series":
        """Texts as float64, null where a text is not a number in this format."""
        import polars as pl

        if self == PLAIN:
            numbers = texts.cast(pl.Float64, strict=False)
            has_nan = np.isnan(numbers.to_numpy()).sum() > numbers.null_count()  # polars reads the text "nan" as NaN
            return numbers.fill_nan(None) if has_nan else numbers
        if self.negative == BRACKETS:
            texts = texts.str.replace(IN_BRACKETS, "-${1}${2}${3}")
        elif self.negative == MINUS:
            texts = texts.str.replace_all(MINUS, "-", literal=True)
        matching = pl.when(texts.str.contains(self.pattern)).then(texts.str.replace(self.pattern, "${1}${2}${3}"))
        digits = pl.select(matching).to_series()
        if self.thousands:
            digits = digits.str.replace_all(CLASSES.get(self.thousands, re.escape(self.thousands)), "")
        if self.decimal == ",":
            digits = digits.str.replace(",", ".", literal=True)
        return digits.cast(pl.Float64, strict=False).fill_nan(None).alias(texts.name)

    @cached_property
    def pattern(self) -> str:
        """The regular expression of a cell: sign, unit, digits, exponent. Grouped digits have no exponent."""
        mark, group = re.escape(self.decimal), CLASSES.get(self.thousands, re.escape(self.thousands))
        digits = rf"(?:\d+(?:{mark}\d*)?|{mark}\d+)(?:[eE][+-]?\d+)?"
        if self.thousands:
            digits = rf"[1-9]\d{{0,2}}(?:{group}\d{{3}})+(?:{mark}\d*)?|{digits}"
        unit = rf"{SPACES}*{re.escape(self.unit)}"
        before, after = ("", unit) if self.unit == "%" else (f"(?:{unit})?", f"(?:{unit})?")
        return rf"^([+-]?){before}{SPACES}*([+-]?)({digits}){after}$"

    def __str__(self) -> str:
        """The format in words, such as `decimal commas, points between thousands`."""
        parts = ["decimal commas"] if self.decimal == "," else []
        parts += [f"{NAMES[self.thousands]} between thousands"] if self.thousands else []
        parts += ["percent"] if self.unit == "%" else [f"'{self.unit}'"] if self.unit else []
        parts += {BRACKETS: ["negative ones in brackets"], MINUS: ["a typographic minus"]}.get(self.negative, [])
        return ", ".join(parts) or "decimal points"


PLAIN = NumberReading()


@dataclass(frozen=True)
class Decision:
    """The number format that was chosen for a column.

    Attributes:
        reading: the format in which the most cells are numbers.
        filled: number of cells that are not missing.
        unreadable: number of these cells that are not numbers in this format.
        doubt: why this format was chosen among equally good ones; empty if it was the only best one.
        codes: why its numbers are codes, not quantities; empty if they are not codes.
    """

    reading: NumberReading
    filled: int
    unreadable: int
    doubt: str = ""
    codes: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the column is numeric: at most a few cells are not numbers, and the numbers are not codes."""
        few = self.unreadable <= MOST_UNREADABLE * self.filled and self.unreadable < self.filled
        return few and not self.codes


@dataclass(frozen=True)
class _Fits:
    """The formats in which the most cells of a column are numbers, if they give different numbers.

    Attributes:
        readings: the formats, all equally good.
        filled: number of cells that are not missing.
        unreadable: number of these that are not numbers.
        marks: whether any cell has a point or a comma.
    """

    readings: tuple[NumberReading, ...]
    filled: int
    unreadable: int
    marks: bool

    @property
    def proven(self) -> str:
        """The column's decimal mark if the cells leave no doubt about it, otherwise empty."""
        decimals = {reading.decimal for reading in self.readings}
        certain = self.marks and len(decimals) == 1 and self.unreadable <= MOST_UNREADABLE * self.filled
        return next(iter(decimals)) if certain else ""


def decide_readings(
    cells: "pl.DataFrame", separator: str, expected: Mapping[str, NumberReading] | None = None
) -> dict[str, Decision]:
    """Decide how the numbers of each column are written.

    Cells such as 1.943 or 1,234 may have a decimal mark or a thousands separator. If a whole column is ambiguous, these
    decide, in this order:

    1. the expected format, unless other columns of the file certainly have another decimal mark;
    2. the decimal mark that other columns certainly have;
    3. the file's separator: files with semicolons have decimal commas.

    Args:
        cells: columns of text, null where a cell is missing.
        separator: the separator between the file's cells.
        expected: column name -> format in training, for new data.

    Returns:
        Column name -> decision.
    """
    expected = expected or {}
    fits = {column.name: _plain_fits(column) for column in cells}
    for name, fit in fits.items():
        if fit.unreadable or expected.get(name, PLAIN) != PLAIN:
            fits[name] = _fits(cells.get_column(name), fit, expected.get(name))
    if separator == ";" or any(fit.proven == "," or len(fit.readings) > 1 for fit in fits.values()):
        for name, fit in fits.items():
            if fit.readings == (PLAIN,) and not fit.unreadable:
                fits[name] = _points(cells.get_column(name), fit)
    proofs = {fit.proven for fit in fits.values()} - {""}
    proven = proofs.pop() if len(proofs) == 1 else ""
    return {name: _chosen(fit, proven, separator, expected.get(name)) for name, fit in fits.items()}


def _plain_fits(column: "pl.Series") -> _Fits:
    filled = len(column) - column.null_count()
    return _Fits((PLAIN,), filled, filled - PLAIN.read(column).count(), marks=False)


def _points(column: "pl.Series", plain: _Fits) -> _Fits:
    """The possible formats of a column of plain numbers, whose points may be thousands separators."""
    if column.str.contains(GROUPED).all():
        return _fits(column, plain, None)
    return replace(plain, marks=bool(column.str.contains(".", literal=True).any()))


def _fits(column: "pl.Series", plain: _Fits, expected: NumberReading | None) -> _Fits:
    """Try all formats and keep the best ones."""
    texts = column.drop_nulls()
    best: list[tuple[NumberReading, pl.Series]] = []
    fewest = plain.filled
    sample = texts.gather_every(max(1, len(texts) // SAMPLE))
    for reading in _candidates(texts, expected):
        if reading != expected and reading.read(sample).null_count() == len(sample):
            continue  # no cell of the sample is a number: saves time on long columns of prose
        numbers = reading.read(texts)
        unreadable = numbers.null_count()
        if unreadable > fewest or (unreadable == plain.filled) or _ungrouped(texts, reading):
            continue
        if unreadable < fewest:
            best, fewest = [], unreadable
        if reading == expected:
            best = [(other, values) for other, values in best if not values.equals(numbers)]
        if not any(values.equals(numbers) for _, values in best):
            best.append((reading, numbers))
    marks = bool(texts.str.contains(r"[.,]").any())
    return _Fits(tuple(reading for reading, _ in best) or (PLAIN,), plain.filled, fewest, marks)


def _candidates(texts: "pl.Series", expected: NumberReading | None) -> Sequence[NumberReading]:
    """The formats whose marks and units occur in these texts."""
    has = {mark: bool(texts.str.contains(CLASSES.get(mark, re.escape(mark))).any()) for mark in NAMES}
    units = texts.str.extract(rf"({CURRENCIES})").drop_nulls().unique().to_list()
    units = ["", *(units if len(units) == 1 else [])]
    if texts.str.ends_with("%").any():
        units.append("%")
    negatives = [MINUS] if texts.str.contains(MINUS, literal=True).any() else []
    in_brackets = texts.str.contains(IN_BRACKETS).sum()
    negatives += [BRACKETS] if 0 < in_brackets < len(texts) else []  # if all are in brackets, they are not negative
    found = [
        NumberReading(decimal, thousands, unit, negative)
        for negative in ["", *negatives]
        for unit in units
        for decimal, thousands in MARKS
        if (decimal == "." or has[","] or thousands == ".") and (not thousands or has[thousands])
    ]
    return found if expected is None or expected in found else [*found, expected]


def _ungrouped(texts: "pl.Series", reading: NumberReading) -> bool:
    """Whether a cell has four digits in a row without points, and no cell has points that must separate thousands."""
    if reading.thousands != ".":
        return False
    proven = texts.str.contains(r"\d\.\d{3}[.,]").any()
    return not proven and bool(texts.str.contains(r"^\D*\d{4,}\D*$").any())


def _chosen(fits: _Fits, proven: str, separator: str, expected: NumberReading | None) -> Decision:
    mark = proven or ("," if separator == ";" else ".")
    if len(fits.readings) == 1:
        return Decision(fits.readings[0], fits.filled, fits.unreadable)
    fitting = [reading for reading in fits.readings if reading.decimal == mark] or list(fits.readings)
    if expected in fits.readings and (not proven or expected in fitting):
        return Decision(expected, fits.filled, fits.unreadable)
    why = f"other columns have decimal {NAMES[mark]}" if proven else f"the file's separator is '{separator}'"
    return Decision(fitting[0], fits.filled, fits.unreadable, f"because {why}")
