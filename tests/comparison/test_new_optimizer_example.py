"""The example of someone who proposes an optimizer: ten lines of code, and the table for the paper."""

import ast
import re
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "a_new_optimizer.py"


def test_it_is_ten_lines_of_code() -> None:
    tree = ast.parse(EXAMPLE.read_text())
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    said = [node for node in statements if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    lines = {line for node in statements for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    docstrings = {line for node in said for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    text = EXAMPLE.read_text().splitlines()
    assert len([line for line in lines - docstrings if text[line - 1].strip()]) <= 10


def test_it_prints_the_table_with_the_new_optimizer(forks: Any, tmp_path: Path) -> None:
    printed = forks.script(tmp_path, EXAMPLE)
    table = [line for line in printed.splitlines() if line.startswith("|")]
    assert table[0] == "|  | digits, accuracy in % | wine, accuracy in % | mean rank |"
    assert [line.split(" | ")[0] for line in table[2:]] == ["| signum (ours)", "| sgd", "| momentum", "| adam"]
    accuracies = [float(text) for text in re.findall(r"([\d.]+) ± ", "\n".join(table))]
    assert len(accuracies) == 8
    assert min(accuracies) > 85  # each is tuned well enough to be worth comparing
    assert "12 trials each" in printed
