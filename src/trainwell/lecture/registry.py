"""The figures and statements that are built, by the lecture's IDs, and `examine`: a statement, measured."""

import time
from typing import get_args

from trainwell.core import nearest
from trainwell.lecture.experiment import Finding, LectureError, Size, Statement, sentence_of, verdict_of
from trainwell.lecture.figures.registry import FIGURES
from trainwell.lecture.statements import (
    adaptive_steps,
    high_dimension,
    ill_conditioning,
    local_minima,
    mini_batches,
    momentum_across,
    momentum_forms,
    nesterov_ahead,
    saddles,
    second_order,
)

_ALL = (
    ill_conditioning,
    local_minima,
    saddles,
    high_dimension,
    mini_batches,
    momentum_forms,
    nesterov_ahead,
    second_order,
    momentum_across,
    adaptive_steps,
)
STATEMENTS: dict[str, Statement] = {one.STATEMENT.id: one.STATEMENT for one in _ALL}
"""ID -> statement, in the lecture's order."""


def is_built(id: str) -> bool:  # noqa: A002  # the lecture's own word
    """Whether a figure can be made or a statement measured."""
    return id in FIGURES or id in STATEMENTS


def statement(id: str) -> Statement:  # noqa: A002  # the lecture's own word
    """The statement with an ID.

    Args:
        id: such as `C-14`, in either case.

    Raises:
        LectureError: there is none that can be examined.

    Example:
        >>> statement("c-19").id
        'C-19'
    """
    key = str(id).upper()
    if key not in STATEMENTS:
        raise LectureError(f"there is no statement '{id}' that can be examined: {_hint(key)}")
    return STATEMENTS[key]


def _hint(key: str) -> str:
    """The nearest IDs: they differ in digits alone, so that any is close to any other."""
    by_lower = {one.lower(): one for one in STATEMENTS}
    hint = nearest(key, by_lower)
    for lower, one in by_lower.items():
        hint = hint.replace(lower, one)
    return hint


def examine(id: str, *, size: Size = "full") -> Finding:  # noqa: A002  # the lecture's own word
    """Measure a statement of the lecture from many starts, seeds or draws.

    Every claim is decided by 95% intervals. Where optimizers are compared, their settings are tuned on starts or seeds
    of their own and with the same number of updates, unless the claim says otherwise. Each has its own range of rates;
    where one has a second number (momentum's friction), it is tuned as well or the lecture's, 0.9.

    Args:
        id: a key of `STATEMENTS`.
        size: `full`, or `small` for fewer starts and wider intervals.

    Returns:
        The verdict, and each part with its numbers.

    Raises:
        LectureError: there is no such statement or size.
    """
    if size not in get_args(Size):
        raise LectureError(f"there is no size '{size}': {nearest(str(size), get_args(Size))}")
    asked = statement(id)
    begun = time.monotonic()
    parts = asked.run(size)
    return Finding(asked.id, verdict_of(parts), sentence_of(parts), parts, time.monotonic() - begun)
