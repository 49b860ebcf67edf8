"""Whether an interval is on one side of a bound: yes, no, or it does not say."""

from trainwell.lecture.experiment import Measured


def above(number: Measured, bound: float) -> bool | None:
    """Whether a number is above a bound; None where its interval has the bound within.

    Example:
        >>> above(Measured("updates", 5.0, 4.0, 6.0, 10), 3.0), above(Measured("updates", 5.0, 4.0, 6.0, 10), 4.5)
        (True, None)
    """
    return True if number.low > bound else False if number.high <= bound else None


def below(number: Measured, bound: float) -> bool | None:
    """Whether a number is below a bound; None where its interval has the bound within."""
    return True if number.high < bound else False if number.low >= bound else None


def both(*held: bool | None) -> bool | None:
    """Whether all hold: no if one does not, left open if one is and none is refuted."""
    return False if False in held else None if None in held else True
