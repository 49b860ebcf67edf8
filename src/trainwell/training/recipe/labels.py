"""Short names that tell recipes apart."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from trainwell.training.recipe.recipe import Recipe


def differing_fields(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Names of the fields in which recipes differ, in the order a recipe lists them.

    Example:
        >>> differing_fields([Recipe(optimizer="sgd"), Recipe(optimizer="adam")])
        ('optimizer',)
    """
    return tuple(name for name in Recipe.model_fields if len({getattr(r, name) for r in recipes}) > 1)


def recipe_labels(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """One label per recipe, of what sets it apart; equal recipes are numbered.

    Returns:
        The bare value where recipes differ in a field of words, as in `adam`, else `name=value, …`; a lone
        recipe is called after its optimizer.

    Example:
        >>> recipe_labels([Recipe(learning_rate=0.1), Recipe(learning_rate=0.01)])
        ('learning_rate=0.1', 'learning_rate=0.01')
    """
    fields = differing_fields(recipes) or ("optimizer",)
    labels = [", ".join(_setting(recipe, name) for name in fields) for recipe in recipes]
    counts, seen = Counter(labels), Counter[str]()
    for i, label in enumerate(labels):
        if counts[label] > 1:
            seen[label] += 1
            labels[i] = f"{label} ({seen[label]})"
    return tuple(labels)


def _setting(recipe: Recipe, name: str) -> str:
    value = getattr(recipe, name)
    return value if isinstance(value, str) and name in _SPEAKING else f"{name}={_value(value)}"


def _value(value: Any) -> str:
    """A field's value as people write it."""
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or "none"
    if isinstance(value, float):
        return f"{value:.12g}"  # 0.036 for 0.036000000000000004
    return "default" if value is None else value if isinstance(value, str) else json.dumps(value)


_SPEAKING = ("activation", "initialization", "optimizer", "schedule")
"""Fields whose values are understood without the field's name."""
