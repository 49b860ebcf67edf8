"""The example draws what it says."""

import re
import runpy
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "where_training_goes.py"


def test_there_is_a_barrier_between_two_solutions_and_a_page(tmp_path, monkeypatch, capsys):
    page = tmp_path / "slices.html"
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(page)])
    runpy.run_path(str(EXAMPLE))
    one, other, barrier = (float(number) for number in re.findall(r"\d\.\d{3}", capsys.readouterr().out))
    assert barrier > 3 * max(one, other)
    assert page.read_text().count("<h2>") == 3
