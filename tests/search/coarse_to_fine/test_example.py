"""The example that searches something other than networks."""

import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "coarse_to_fine_anywhere.py"


def test_example_runs_and_finds_a_good_machine() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLE), "--trials", "40"], capture_output=True, text=True, check=True
    )
    accuracy = re.search(r"^accuracy (0\.\d+|1\.\d+) with", done.stdout, re.MULTILINE)
    assert accuracy is not None
    assert float(accuracy.group(1)) > 0.97
    assert done.stdout.count("round ") == 4
    assert "the declared range" in done.stdout
