"""Turns pydantic's validation errors of a recipe into one line that says what to do."""

from typing import Any

from pydantic import ValidationError

from trainwell.core import plain_finding, shortened

LONGEST = 80  # characters of a value in a message
WHY = {
    "dropout_rate": "at 1 no unit is left; try 0.2",
    "label_smoothing": "at 1 nothing of the label is left; try 0.1",
    "l2_penalty": "a negative penalty rewards large weights; try 0.0001",
    "epochs": "training needs at least part of an epoch; try 30",
    "batch_size": "a whole number from 1, or 'full'; try 128",
}


def explain(error: ValidationError) -> str:
    """All findings of `error` in one line."""
    lines = {finding["loc"][:1]: _line(dict(finding)) for finding in error.errors(include_url=False)}
    return "; ".join(lines.values())


def _line(finding: dict[str, Any]) -> str:
    name = str(finding["loc"][0]) if finding["loc"] else "recipe"
    if name == "batch_size":  # pydantic reports one error for the number and one for "full"
        return f"batch_size must be {WHY[name]}, got {shortened(repr(finding['input']), LONGEST)}"
    if finding["type"] == "value_error":
        return str(finding["ctx"]["error"])
    wrong = plain_finding(str(finding["msg"]))
    why = f": {WHY[name]}" if name in WHY else ""
    return f"{name} {wrong[0].lower()}{wrong[1:]}, got {shortened(repr(finding['input']), LONGEST)}{why}"
