"""The page of `trainwell race`: the race itself to be played, what every contender came to, and how."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core import write_atomic

if TYPE_CHECKING:
    from trainwell.landscape import Race


def write_race_page(
    race: "Race",
    path: str | Path,
    *,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> Path:
    """Write the page of a race: the animated paths, curves, ends, tuning, and the optimizers at a glance.

    Args:
        race: what was found, with paths.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        seconds: wall-clock time of everything.
        files: names of the files beside the page that hold its numbers.

    Returns:
        The path.

    Raises:
        ValueError: the race has no paths.
    """
    from trainwell.report.race.sections import race_page  # its charts are needed by no other page

    path = Path(path)
    write_atomic(path, race_page(race, title=title, command=command, seconds=seconds, files=files).encode())
    return path
