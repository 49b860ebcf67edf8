"""Contenders written on the command line: a grid of fields' values, changed fields, and recipe files."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainwell.cli.options.fields import parse_assignments, parse_grid
from trainwell.core import RecipeError, value_text
from trainwell.training import LONGEST, load_recipe

OPTION = "--contender"
FILES = (".toml", ".json")
LABELLED = re.compile(r"\s*([^:]*?)\s*:(?![/\\])\s*(.*)")
"""A label, a colon that is part of no address or drive, and the rest."""


def given_contenders(varied: Sequence[str], contenders: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Changes of the base by label, in the order in which they were given.

    Args:
        varied: texts `FIELD=a,b,c`, which make a grid.
        contenders: texts `LABEL: FIELD=VALUE FIELD=VALUE` or `LABEL: recipe.toml`, where the label may be left out; a
            label alone is the base itself. What a file leaves out is the base's.

    Raises:
        RecipeError: there is nothing, a field, a value or a file is wrong, or a label comes twice.

    Example:
        >>> given_contenders(["optimizer=sgd,adam"], ["slow: l2_penalty=1e-4 epochs=9"])
        {'sgd': {'optimizer': 'sgd'}, 'adam': {'optimizer': 'adam'}, 'slow': {'l2_penalty': 0.0001, 'epochs': 9}}
    """
    if not varied and not contenders:
        raise RecipeError("nothing to compare: give --vary FIELD=a,b,c, or --contender twice or more")
    grid = parse_grid(varied) if varied else []
    found: dict[str, Mapping[str, Any]] = dict(zip(_labels(grid), grid, strict=True))
    for text in contenders:
        label, changes = _contender(text)
        if label in found:
            raise RecipeError(f"two contenders are called '{label}': label one differently, e.g. '{label} again: …'")
        found[label] = changes
    return found


def _contender(text: str) -> tuple[str, dict[str, Any]]:
    """A label and changes of the base."""
    labelled = LABELLED.fullmatch(text)
    label, rest = (labelled[1], labelled[2].strip()) if labelled else ("", text.strip())
    if not rest and not label:
        raise RecipeError(f"{OPTION} '{text}' says nothing: write '{OPTION} \"my label: FIELD=VALUE FIELD=VALUE\"'")
    if rest.endswith(FILES):
        return label or Path(rest).stem, load_recipe(rest).model_dump(exclude_unset=True, exclude={"metric"})
    if bare := next((word for word in rest.split() if "=" not in word), None):
        raise RecipeError(f"{OPTION} '{text}': '{bare}' is no FIELD=VALUE, such as optimizer={bare}, and no .toml file")
    words = rest.split()
    for word in words:
        if ";" in word or word.count("=") > 1 or (word.endswith(",") and word is not words[-1]):
            raise RecipeError(f"{OPTION} '{text}': '{word}' is no single FIELD=VALUE: separate the fields by spaces")
    changes = parse_assignments(words, OPTION)
    return label or _label(changes), changes


def _labels(grid: Sequence[Mapping[str, Any]]) -> list[str]:
    """One per combination: values with their fields' names, without them where that is too long, or its number."""
    for labels in ([_label(fields) for fields in grid], [" ".join(map(value_text, f.values())) for f in grid]):
        if len(set(labels)) == len(labels) and all(len(label) <= LONGEST for label in labels):
            return labels
    return [f"combination {place}" for place in range(1, len(grid) + 1)]


def _label(fields: Mapping[str, Any]) -> str:
    """Values with their fields' names; a word alone where it is the only field's."""
    if len(fields) == 1 and isinstance(word := next(iter(fields.values())), str):
        return word
    return " ".join(f"{name}={value_text(value)}" for name, value in fields.items())
