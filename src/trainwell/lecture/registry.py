"""The statements that can be examined, by the lecture's IDs."""

from trainwell.core import nearest
from trainwell.lecture.errors import LectureError
from trainwell.lecture.experiment import Statement
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
