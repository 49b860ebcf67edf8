"""Functions of a contender, entered under a name so that its recipe can say which they are."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from trainwell.core import NameTakenError, RecipeError, fingerprint, parameter_names
from trainwell.nn import INITIALIZERS, register_initializer
from trainwell.optim import RULES, SCHEDULES, register, register_schedule
from trainwell.training.recipe.recipe import Recipe

LEARNING_RATE = 1e-3
"""Where the learning rate of an optimizer starts that comes without one."""
REGISTRIES: Mapping[str, Mapping[str, Any]] = {
    "optimizer": RULES,
    "schedule": SCHEDULES,
    "initialization": INITIALIZERS,
}


def enter(field: str, function: Any, label: str | None) -> str:
    """Register a function, once however often it comes.

    Args:
        field: `optimizer`, `schedule` or `initialization`.
        function: a factory of the learning rate (`register`); a function of time (`register_schedule`); a function of
            fan_in and fan_out, or one of rng and shape, known by a parameter called `shape` (`register_initializer`).
        label: of the contender, of which the name is made; None makes it of the function's own name.

    Returns:
        The name it has in recipes.

    Raises:
        RecipeError: the name is another function's, the function has no name, or it is not what the field needs.
    """
    names = _own_names(field, function) if label is None else (_identifier(label) or "own",)
    for name in names:
        try:
            return _entered(field, function, name)
        except NameTakenError:
            continue
    raise NameTakenError(
        f"there is {'a' if field == 'schedule' else 'an'} {field} '{names[0]}' already, which is another one: "
        f"label yours differently, such as '{label or names[0]} (own)'"
    )


def fingerprints(recipes: Iterable[Recipe]) -> dict[str, str]:
    """Checksums of what stands behind the names in recipes: a resumed comparison must mean the same by them."""
    named = sorted({(field, getattr(recipe, field)) for recipe in recipes for field in REGISTRIES})
    return {f"{field} {name}": fingerprint(_behind(REGISTRIES[field][name])) for field, name in named}


def _behind(entry: Any) -> Any:
    """The functions of a registry's entry."""
    return tuple(value for value in vars(entry).values() if callable(value))


def _entered(field: str, function: Any, name: str) -> str:
    if field == "optimizer":
        rule = RULES.get(name)
        # Whoever registered it before said where its learning rate starts.
        register(name, function, LEARNING_RATE if rule is None else rule.default_learning_rate)
    elif field == "schedule":
        register_schedule(name, function)
    elif "shape" in parameter_names(function):
        register_initializer(name, draw=function)
    else:
        register_initializer(name, function)
    return name


def _own_names(field: str, function: Any) -> tuple[str, ...]:
    """The name that a function was defined with, and that with the package it is of."""
    if not callable(function):
        return ("own",)  # it is refused for what it is
    while isinstance(function, partial):
        function = function.func
    name = _identifier(getattr(function, "__name__", ""))
    if not name or name == "lambda":
        raise RecipeError(f"its {field} has no name of its own: label it, as in {{'my label': ...}}")
    package = _identifier((getattr(function, "__module__", None) or "").split(".")[0])
    return (name,) if package in ("", "main") else (name, f"{package}_{name}")


def _identifier(text: str) -> str:
    """A text as a Python identifier; empty if nothing of it can be in one.

    Example:
        >>> _identifier("my rule, β=0.9"), _identifier("2nd"), _identifier("<lambda>")
        ('my_rule_β_0_9', 'own_2nd', 'lambda')
    """
    kept = "".join(sign if f"a{sign}".isidentifier() else " " for sign in text.replace("_", " "))
    name = "_".join(kept.split())
    return name if name.isidentifier() or not name else f"own_{name}"
