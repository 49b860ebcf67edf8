"""The page of `trainwell compare`: the verdict, and everything it rests on."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core import write_atomic

if TYPE_CHECKING:
    from trainwell.comparison import Comparisons


def write_comparison_page(
    comparisons: "Comparisons",
    path: str | Path,
    *,
    title: str,
    command: str = "",
    seconds: float | None = None,
    files: Sequence[str] = (),
) -> Path:
    """Write the page of a comparison: verdict, ranking, pairs, curves, sensitivity, time, terms, recipes.

    Args:
        comparisons: what `compare_on` gave back.
        path: the file to write, whole or not at all; its folder must exist.
        title: heading of the page.
        command: the command line that made it.
        seconds: wall-clock time of everything.
        files: names of the files beside the page that hold its numbers.

    Returns:
        The path.
    """
    from trainwell.report.comparison.sections import (
        render_comparison_page,
    )  # what it needs is heavy, and no other page's

    path = Path(path)
    write_atomic(path, render_comparison_page(comparisons, title, command, seconds, files).encode())
    return path
