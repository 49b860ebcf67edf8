"""The example that searches something other than networks."""

import re
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[3] / "examples" / "coarse_to_fine_anywhere.py"


def test_example_runs_and_finds_a_good_machine(forks: Any, tmp_path: Path) -> None:
    printed = forks.script(tmp_path, EXAMPLE, "--trials", "40")
    accuracy = re.search(r"^accuracy (0\.\d+|1\.\d+) with", printed, re.MULTILINE)
    assert accuracy is not None
    assert float(accuracy.group(1)) > 0.97
    assert printed.count("round ") == 4
    assert "the declared range" in printed
