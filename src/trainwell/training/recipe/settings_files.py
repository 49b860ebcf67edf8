"""Tables of settings as TOML and JSON files: read with clear errors, written in groups with comments."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainwell.core import MOST_TOML_BYTES, RecipeError, parse_json, parse_toml, read_bytes

GROUPS = {
    "hidden": "Network",
    "initialization": "Initial weights",
    "inputs": "Inputs",
    "optimizer": "Optimizer",
    "schedule": "Learning rate over time",
    "l2_penalty": "Regularization",
    "batch_size": "Batches",
    "epochs": "Budget and stopping",
    "observe_every": "Observation",
}
"""First field of a group -> its heading."""


def read_table(path: Path, what: str, instead: str) -> dict[str, Any]:
    """The table in a `.toml` or `.json` file.

    Args:
        path: the file.
        what: a word for its content, such as `recipe`.
        instead: how to get such a file, for the error of a missing one.

    Raises:
        RecipeError: the file cannot be read, or is not TOML or JSON, or holds something else than a table.
    """
    if path.suffix not in (".toml", ".json"):
        raise RecipeError(f"a {what} is a .toml or .json file, this ends in '{path.suffix}'")
    try:
        raw = read_bytes(path, MOST_TOML_BYTES)
        content = parse_toml(raw) if path.suffix == ".toml" else parse_json(raw)
    except OSError as error:
        raise RecipeError(f"cannot read the {what}: {error.strerror}; {instead}") from None
    except ValueError as error:
        raise RecipeError(str(error).removeprefix("is ")) from None
    if not isinstance(content, dict):
        raise RecipeError(f"a {what} is a table of fields, this is something else")
    return content


def toml_lines(settings: Iterable[tuple[str, str | None, str]]) -> str:
    """TOML text in groups, from names, values as TOML (None: a comment without one) and what they mean.

    Example:
        >>> toml_lines([("epochs", "3.0", "passes"), ("steps", None, "updates")]).splitlines()[1:]
        ['epochs = 3.0                         # passes', '# steps =                            # updates']
    """
    lines = []
    for name, value, meaning in settings:
        group = "hidden" if name in ("width", "depth") else name
        heading = f"# {GROUPS[group]}" if group in GROUPS else None
        if heading is not None and heading not in lines:
            lines += ["", heading]
        setting = f"# {name} =" if value is None else f"{name} = {value}"
        lines.append(f"{setting:<36} # {meaning}")
    return "\n".join(lines[1:] if lines[:1] == [""] else lines) + "\n"
