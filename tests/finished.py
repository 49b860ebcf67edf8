"""What came of a process, or of the program."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finished:
    """What it said and how it ended."""

    code: int
    out: str
    err: str
