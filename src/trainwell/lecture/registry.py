"""All figures and statements by ID, and `examine`, which measures a statement."""

import json
import sys
import time
from importlib import import_module
from inspect import getsource
from itertools import chain
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import get_args

from trainwell import statistics
from trainwell.core import cache_folder, nearest, sha256
from trainwell.lecture import book, experiment, measuring, statements, untrained
from trainwell.lecture.book import BookData
from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.experiment import Finding, LectureError, Size
from trainwell.lecture.figures.registry import FIGURES
from trainwell.lecture.figures.study import Begin, made_on
from trainwell.lecture.findings import keep_finding, read_finding
from trainwell.lecture.statements.statement import Setup, Statement


def _modules_below(package: ModuleType) -> list[ModuleType]:
    return [import_module(one.name) for one in walk_packages(package.__path__, f"{package.__name__}.")]


def _statements() -> dict[str, Statement]:
    """Every `STATEMENT` of the files below `statements`, in the lecture's order."""
    found = [one for module in _modules_below(statements) if (one := getattr(module, "STATEMENT", None))]
    return {one.id: one for one in sorted(found, key=lambda one: list(CONTENTS).index(one.id))}


STATEMENTS = _statements()
"""ID -> statement, in the lecture's order."""
SHARED = (book, experiment, measuring, untrained, sys.modules[Statement.__module__], *_modules_below(statistics))
"""Modules whose code affects every finding: a cached finding is invalid once they change."""


def is_built(id: str) -> bool:  # noqa: A002  # the lecture's own word
    """Whether a figure can be made or a statement measured."""
    return id in FIGURES or id in STATEMENTS


def statement(id: str) -> Statement:  # noqa: A002  # the lecture's own word
    """The statement with an ID.

    Args:
        id: such as `C-14`, in either case.

    Raises:
        LectureError: there is no such statement.

    Example:
        >>> statement("c-19").id
        'C-19'
    """
    key = str(id).upper()
    if key not in STATEMENTS:
        raise LectureError(f"there is no statement '{id}': {_hint(key)}")
    return STATEMENTS[key]


def _hint(key: str) -> str:
    """The most similar IDs, ignoring case."""
    by_lower = {one.lower(): one for one in STATEMENTS}
    hint = nearest(key, by_lower)
    for lower, one in by_lower.items():
        hint = hint.replace(lower, one)
    return hint


def examine(
    id: str,  # noqa: A002  # the lecture's own word
    *,
    size: Size = "full",
    data: BookData | None = None,
    fresh: bool = False,
    checkpoints: Path | None = None,
    begin: Begin | None = None,
) -> Finding:
    """Test a statement of the lecture with many starts, seeds or draws, or read the finding of an earlier call.

    Every claim is decided by 95% intervals. Compared optimizers are tuned first, on separate starts or seeds and with
    the same number of updates, unless the claim says otherwise. Each has its own range of learning rates; momentum
    is either tuned, too, or 0.9: the statement's design says which.

    Args:
        id: a key of `STATEMENTS`.
        size: `full`, or `small` for fewer starts and wider intervals.
        data: data to train on instead of MNIST, for statements that train on it.
        fresh: measure and train again.
        checkpoints: folder to resume training from, see `train`.
        begin: called when a training starts, see `make_figures`.

    Returns:
        The verdict, and each claim with its numbers.

    Raises:
        LectureError: there is no such statement or size.
        DataError: MNIST cannot be read.
        Interrupted: Ctrl-C; the chunks under way were finished and kept.
    """
    if size not in get_args(Size):
        raise LectureError(f"there is no size '{size}': {nearest(str(size), get_args(Size))}")
    asked = statement(id)
    trained_on = (data or BookData.load()) if asked.trains else None
    path = cache_folder() / "lecture" / f"{asked.id}-{_key(asked, size, trained_on)}.json"
    if not fresh and (known := read_finding(path)):
        return known
    begun = time.monotonic()
    parts = asked.run(Setup(size, trained_on, fresh, checkpoints, begin))
    found = Finding(asked.id, parts, time.monotonic() - begun, size, trained_on.everything.name if trained_on else "")
    path.parent.mkdir(parents=True, exist_ok=True)
    keep_finding(path, found)
    return found


def _key(asked: Statement, size: Size, data: BookData | None) -> str:
    """A checksum of everything that affects a finding: data, versions, the statement's code and that of `SHARED`.

    Other code of trainwell changes less often; its version stands for it.
    """
    own = sys.modules[asked.run.__module__]
    parts = {getattr(one, "__module__", "") for one in vars(own).values()}
    beside = [sys.modules[name] for name in sorted(parts) if name.startswith(f"{own.__package__}.")]
    code = {one.__name__: getsource(one) for one in chain([own], beside, SHARED)}
    made_of = [size, sorted(code.items()), made_on(data.everything if data else None)]
    return sha256(json.dumps(made_of).encode())
