"""The statements by the lecture's IDs, and `examine`: one of them, measured."""

import time
from typing import get_args

from trainwell.core import nearest
from trainwell.lecture.experiment import Finding, LectureError, Size, Statement, sentence_of, verdict_of
from trainwell.lecture.statements.adaptive_steps import STATEMENT as ADAPTIVE_STEPS
from trainwell.lecture.statements.high_dimension import STATEMENT as HIGH_DIMENSION
from trainwell.lecture.statements.ill_conditioning import STATEMENT as ILL_CONDITIONING
from trainwell.lecture.statements.local_minima import STATEMENT as LOCAL_MINIMA
from trainwell.lecture.statements.mini_batches import STATEMENT as MINI_BATCHES
from trainwell.lecture.statements.momentum_across import STATEMENT as MOMENTUM_ACROSS
from trainwell.lecture.statements.momentum_forms import STATEMENT as MOMENTUM_FORMS
from trainwell.lecture.statements.nesterov_ahead import STATEMENT as NESTEROV_AHEAD
from trainwell.lecture.statements.saddles import STATEMENT as SADDLES
from trainwell.lecture.statements.second_order import STATEMENT as SECOND_ORDER

_ALL = (
    ILL_CONDITIONING,
    LOCAL_MINIMA,
    SADDLES,
    HIGH_DIMENSION,
    MINI_BATCHES,
    MOMENTUM_FORMS,
    NESTEROV_AHEAD,
    SECOND_ORDER,
    MOMENTUM_ACROSS,
    ADAPTIVE_STEPS,
)
STATEMENTS: dict[str, Statement] = {one.id: one for one in _ALL}
"""ID -> statement, in the lecture's order."""


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
