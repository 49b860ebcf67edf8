"""`examine`: a statement of the lecture, measured."""

import time
from typing import get_args

from trainwell.core import nearest
from trainwell.lecture.errors import LectureError
from trainwell.lecture.experiment import Finding, Size
from trainwell.lecture.registry import statement
from trainwell.lecture.verdict import sentence_of, verdict_of


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
