"""Surfaces and starts written on the command line."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.landscape import SURFACES, LandscapeError, Surface, surface

LECTURE = "bowl"
MOST_STARTS = 100_000


def surface_of(words: Sequence[str]) -> Surface:
    """The surface from words such as `quadratic condition=100`.

    Args:
        words: a name and its numbers; none is the lecture's bowl.

    Raises:
        LandscapeError: the name or a number is unknown, written otherwise, or there twice.

    Example:
        >>> surface_of(["quadratic", "dimension=5"]).dimension, surface_of(["quadratic dimension=5"]).dimension
        (5, 5)
    """
    name, *rest = " ".join(words).split() or [LECTURE]  # also where quotes made one word of them
    if "=" in name:
        raise LandscapeError(f"'{name}' names no surface: write its name in front, as in 'quadratic dimension=5'")
    numbers: dict[str, int | float | str] = {}
    for word in rest:
        number, equals, text = word.partition("=")
        number = number.strip().replace("-", "_")
        if not equals:
            if word.replace("-", "_") in SURFACES:
                raise LandscapeError(
                    f"a race is on one surface, and {name} and {word} are two: race on one after the other"
                )
            raise LandscapeError(
                f"'{word}' says nothing about {name}: after the surface come its numbers, as in 'quadratic dimension=5'"
            )
        if number in numbers:
            raise LandscapeError(f"{number} is given twice: give it once")
        numbers[number] = _number(text.strip())
    return surface(name.replace("-", "_"), **numbers)


def starts_of(on: Surface, texts: Sequence[str], count: int | None, seed: int) -> Float[np.ndarray, "S D"] | None:
    """Starts from texts such as `-7,2`, and random ones after them.

    Args:
        on: where.
        texts: one per start, a number per axis.
        count: how many are drawn; None draws none.
        seed: of those drawn.

    Returns:
        The starts; None where neither is given.

    Raises:
        LandscapeError: a text is no start, or there are too few or too many.
    """
    given = [_start(on, text) for text in texts]
    if count is None:
        return np.array(given) if given else None
    if count > MOST_STARTS:
        raise LandscapeError(f"--starts is at most {MOST_STARTS:,}, got {count:,}: take fewer, or `trainwell.descend`")
    drawn = on.random_starts(count, seed)
    return np.concatenate([given, drawn]) if given else drawn


def _start(on: Surface, text: str) -> list[float]:
    try:
        start = [float(part) for part in text.strip("()[] ").split(",")]
    except ValueError:
        example = ",".join(f"{x:g}" for x in on.start)
        raise LandscapeError(f"--start '{text}' must be numbers joined by commas, such as {example}") from None
    if len(start) != on.dimension:
        raise LandscapeError(
            f"--start {text} has {len(start)} number{'s' * (len(start) != 1)}, but '{on.name}' has {on.dimension} "
            f"dimension{'s' * (on.dimension > 1)}: give one number per axis"
        )
    return start


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
