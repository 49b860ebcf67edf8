"""docs/results.md as data, and whether it has the names of a real result: all of them, and no others."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from trainwell.training import Recipe

DOCUMENT = (Path(__file__).parents[2] / "docs" / "results.md").read_text()
SECTIONS = dict(section.split("\n", 1) for section in DOCUMENT.split("\n## ")[1:])


def entries(section: str, table: str) -> dict[str, str]:
    """Name -> meaning, of one table of a section."""
    rows = SECTIONS[section].partition(f"| `{table}` | meaning |\n|---|---|\n")[2].split("\n\n")[0]
    return dict(re.findall(r"^\| `(.+?)` \| (.+) \|$", rows, re.MULTILINE))


def assert_results_are_documented(command: str, *results: Mapping[str, Any]) -> None:
    """Every key is explained, by itself or within one that is explained as a whole; all that is explained is there."""
    known = entries("All commands", "results.json") | entries(f"trainwell {command}", "results.json")
    found = {path for one in results for path in _paths(one)}
    above = _above(known)
    explained = [_pattern(path) + ("" if path in above else r"([.\[].*)?") for path in known]
    assert not {path for path in found - above if not any(re.fullmatch(one, path) for one in explained)}
    of_all = entries("All commands", "results.json")
    always = [path for path, meaning in known.items() if not meaning.startswith("only ") and path not in of_all]
    assert not [path for path in always if not any(re.fullmatch(_pattern(path), one) for one in found)]


def assert_columns_are_documented(command: str, table: str, columns: Sequence[str]) -> None:
    """Every column is explained by its name or a pattern, and every name that is explained is a column."""
    known = entries(f"trainwell {command}", table)
    assert known, table
    names = [_pattern(one) for one in known if one != "*"] + _others(command, known.get("*", ""))
    assert not [name for name in columns if not any(re.fullmatch(one, name) for one in names)]
    assert {name for name in known if "*" not in name} <= set(columns)


def _others(command: str, meaning: str) -> list[str]:
    """Patterns of what `*` stands for: names explained elsewhere ("as in"), metrics, or fields of a recipe."""
    found = [r"\w+/\w+"] if "metric" in meaning else []
    found += [*Recipe.model_fields] if "field" in meaning else []
    if meaning.startswith("as in"):
        elsewhere = entries(f"trainwell {command}", "results.json")
        for place in re.findall("`(.+?)`", meaning):
            own = [path.removeprefix(f"{place}.") for path in elsewhere if path.startswith(f"{place}.")]
            found += [f"{name}(_low|_high)?" for name in own if re.fullmatch(r"\w+", name)]
    return found


def _pattern(path: str) -> str:
    return re.escape(path).replace(r"\*", r"[^.]+")


def _above(known: Mapping[str, str]) -> set[str]:
    """All keys that only lead to others."""
    parts = [path.split(".") for path in known]
    return {".".join(one[:i]).removesuffix("[]") for one in parts for i in range(1, len(one))}


def _paths(value: Any, path: str = "") -> Iterator[str]:
    """Every key below a JSON value, such as `rounds[].number`."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            own = f"{path}.{name.replace('.', '_')}" if path else name
            yield own
            yield from _paths(item, own)
    elif isinstance(value, list):
        for item in value:
            yield from _paths(item, f"{path}[]")
