"""The example of networks of one's own runs as it stands."""

import re
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[3] / "examples" / "own_networks.py"


def test_it_trains_two_beside_ours_and_tunes_one(forks: Any, tmp_path: Path) -> None:
    printed = forks.script(tmp_path, EXAMPLE)
    found = re.findall(r"^(\w+) +validation accuracy of three seeds: \[([\d., ]+)\]", printed, re.MULTILINE)
    assert [network for network, _ in found] == ["fully_connected", "skip", "normed"]
    assert all(float(score) > 0.8 for _, scores in found for score in scores.split(","))  # guessing has 0.1
    assert 8 <= int(re.search(r"best found: (\d+) units", printed)[1]) <= 64
