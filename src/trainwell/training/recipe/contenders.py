"""Contenders: the recipes that are compared, given as recipes, files, changed fields or the user's own functions."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from trainwell.core import NameTakenError, RecipeError, fingerprint, parameter_names, value_text
from trainwell.nn import INITIALIZERS, register_initializer
from trainwell.optim import RULES, SCHEDULES, register, register_schedule
from trainwell.training.recipe.files import load_recipe
from trainwell.training.recipe.networks import NETWORKS, register_network
from trainwell.training.recipe.part import RecipePart
from trainwell.training.recipe.recipe import Recipe, recipe_fields

What: TypeAlias = Recipe | str | Path | Mapping[str, Any] | Callable[..., Any]
"""A recipe, the path of its file, changed fields of the base recipe, or a function `learning_rate -> optimizer`."""
Given: TypeAlias = Mapping[str, What] | Sequence[What]
"""Contenders by label, or without labels."""
LONGEST = 60
"""Largest number of characters of a label."""


@dataclass(frozen=True)
class Contender:
    """One of the recipes that are compared.

    Attributes:
        label: unique name of 1 to 60 characters.
        recipe: the recipe as given, before tuning.
        varied: the fields in which the contenders differ, with this recipe's values.
    """

    label: str
    recipe: Recipe
    varied: Mapping[str, Any]


def contenders_of(given: Given, base: Recipe | None = None, *, fewest: int = 2) -> tuple[Contender, ...]:
    """Make contenders from recipes, changed fields, files or functions.

    Args:
        given: contenders by label, or a sequence of contenders, which are labelled by the fields in which they differ.
            Each is one of: a recipe; changed fields of `base`, where network, optimizer, schedule and initialization
            may be functions (see `register_network`, `register`, `register_schedule`, `register_initializer`); the path
            of a `.toml` or `.json` file with such fields; or a function `learning_rate -> optimizer`, as `optax.lion`.
            Functions are registered under a name made from the label.
        base: the recipe whose fields are changed; None is `Recipe()`.
        fewest: smallest number of contenders allowed; a comparison needs two.

    Returns:
        The contenders in the given order.

    Raises:
        RecipeError: there are too few contenders; one is none of the above; two in a sequence have the same recipe;
            or a label is empty, too long or not printable.

    Example:
        >>> [one.label for one in contenders_of([{"optimizer": "sgd"}, {"optimizer": "adam"}])]
        ['sgd', 'adam']
        >>> slow, fast = contenders_of({"slow": {"learning_rate": 1e-4}, "fast": {"learning_rate": 1e-2}})
        >>> fast.recipe.optimizer, fast.varied
        ('adam', {'learning_rate': 0.01})
    """
    if isinstance(given, Recipe | str | Path) or not isinstance(given, Mapping | Sequence):
        raise RecipeError(f"contenders must be a list or labelled, as in {{'my label': ...}}, got {_kind(given)}")
    if len(given) < fewest:
        raise RecipeError(f"a comparison needs at least two contenders, got {len(given)}: add what to compare with")
    base = Recipe() if base is None else base
    if isinstance(given, Mapping):
        labels = tuple(_checked_label(label) for label in given)
        recipes = [_recipe_of(what, base, label) for label, what in given.items()]
    else:
        recipes = [_recipe_of(what, base, None, position) for position, what in enumerate(given, 1)]
        labels = _default_labels(recipes)
    fields = differing_fields(recipes)
    return tuple(
        Contender(label, recipe, {name: getattr(recipe, name, None) for name in fields})
        for label, recipe in zip(labels, recipes, strict=True)
    )


def _recipe_of(what: Any, base: Recipe, label: str | None, position: int = 0) -> Recipe:
    """The recipe of a contender."""
    try:
        if isinstance(what, Recipe):
            return what
        if isinstance(what, str | Path):
            return base.evolve(**load_recipe(_path(what)).model_dump(exclude_unset=True))
        if isinstance(what, Mapping):
            if what.get("metric", base.metric) != base.metric:
                raise RecipeError("all contenders are compared by the same metric: set it for the whole comparison")
            return base.evolve(**{name: _value(name, value, label) for name, value in what.items()})
        if callable(what) or hasattr(what, "update"):  # `register` refuses an optimizer that is already built
            return base.evolve(optimizer=register_function("optimizer", what, label))
        raise RecipeError(
            f"it must be a recipe, a file, changed fields or a function learning_rate -> optimizer, got {_kind(what)}"
        )
    except RecipeError as error:
        who = f"contender {position}" if label is None else f"contender '{label}'"
        raise RecipeError(f"{who}: {error}") from error.__cause__


def _value(name: Any, value: Any, label: str | None) -> Any:
    """A field's value; a function is registered and replaced by its name."""
    if name in REGISTRIES and not isinstance(value, str):
        return register_function(name, value, label)
    if callable(value):
        raise RecipeError(f"{name} cannot be a function, only {', '.join(REGISTRIES)} can: give a value")
    return value


def _path(what: str | Path) -> Path:
    path = Path(what)
    if isinstance(what, str) and path.suffix not in (".toml", ".json"):
        raise RecipeError(f"'{what}' is not a .toml or .json file: write a field's value as {{'optimizer': 'adam'}}")
    return path


def _checked_label(label: Any) -> str:
    if not isinstance(label, str) or not label.strip() or len(label) > LONGEST or not label.isprintable():
        shown = repr(label) if len(repr(label)) <= 2 * LONGEST else f"{repr(label)[:LONGEST]} …"
        raise RecipeError(f"a contender's label must be 1 to {LONGEST} printable characters, got {shown}: try 'mine'")
    return label


def _default_labels(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Labels made of the fields in which recipes differ; `contender 1` and so on where these are too long."""
    for position, recipe in enumerate(recipes):
        for earlier in range(position):
            if not differing_fields((recipe, recipes[earlier])):
                raise RecipeError(
                    f"contenders {earlier + 1} and {position + 1} are the same: leave one out, or label both to "
                    "compare a recipe with itself"
                )
    labels = recipe_labels(recipes)
    return tuple(
        label if len(label) <= LONGEST and label.isprintable() else f"contender {position}"
        for position, label in enumerate(labels, 1)
    )


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:LONGEST]!r}"


def differing_fields(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """Names of the fields in which recipes differ, in the order a recipe lists them.

    Example:
        >>> differing_fields([Recipe(optimizer="sgd"), Recipe(optimizer="adam")])
        ('optimizer',)
    """
    return tuple(name for name in recipe_fields() if len({getattr(r, name, None) for r in recipes}) > 1)


def recipe_labels(recipes: Sequence[Recipe]) -> tuple[str, ...]:
    """One label per recipe, made of the fields in which recipes differ; equal recipes are numbered.

    Returns:
        `name=value, …`, or the value alone for optimizer, activation and the like, such as `adam`. A single recipe is
        labelled by its optimizer.

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
    value = getattr(recipe, name, None)
    return value if isinstance(value, str) and name in _SELF_EXPLANATORY else f"{name}={_written(value)}"


def _written(value: Any) -> str:
    """A field's value as text."""
    return "default" if value is None else value_text(value, "{:.12g}".format)  # 0.036 for 0.036000000000000004


_SELF_EXPLANATORY = ("network", "activation", "initialization", "optimizer", "schedule")
"""Fields whose values are understood without the field's name."""


LEARNING_RATE = 1e-3
"""Default learning rate of an optimizer that is given as a function."""
REGISTRIES: Mapping[str, Mapping[str, Any]] = {
    "network": NETWORKS,
    "optimizer": RULES,
    "schedule": SCHEDULES,
    "initialization": INITIALIZERS,
}


def register_function(field: str, function: Any, label: str | None) -> str:
    """Register a function, unless it is registered already.

    Args:
        field: `network`, `optimizer`, `schedule` or `initialization`.
        function: for a network the pair `(init, apply)`; for an optimizer a function of the learning rate; for a
            schedule a function of time; for an initialization a function of `fan_in` and `fan_out`, or of `rng` and
            `shape`. See `register_network`, `register`, `register_schedule` and `register_initializer`.
        label: the contender's label, from which the name is made; None uses the function's own name.

    Returns:
        Its name in recipes.

    Raises:
        RecipeError: another function has the name; the function has no name; or it does not fit the field.
    """
    names = _default_names(field, function) if label is None else (_identifier(label) or "own",)
    for name in names:
        try:
            return _register(field, function, name)
        except NameTakenError:
            continue
    raise NameTakenError(
        f"another {field} is already named '{names[0]}': label yours differently, e.g. '{label or names[0]} (own)'"
    )


def fingerprints(recipes: Iterable[RecipePart]) -> dict[str, str]:
    """Checksums of the code that names in recipes refer to, to check that a resumed comparison runs the same code."""
    return {f"{field} {name}": fingerprint(_functions_of(REGISTRIES[field][name])) for field, name in _named(recipes)}


def fingerprints_of_each(recipes: Sequence[RecipePart]) -> list[dict[str, str]]:
    """`fingerprints` of each recipe alone; code that several name is read once."""
    of_all = fingerprints(recipes)
    return [{key: of_all[key] for key in (f"{field} {name}" for field, name in _named([one]))} for one in recipes]


def _named(recipes: Iterable[RecipePart]) -> list[tuple[str, str]]:
    """The fields whose values are names of code, with these names."""
    return sorted({(field, getattr(one, field)) for one in recipes for field in REGISTRIES if hasattr(one, field)})


def _functions_of(entry: Any) -> Any:
    """The functions of a registry's entry."""
    return tuple(value for value in vars(entry).values() if callable(value))


def _register(field: str, function: Any, name: str) -> str:
    if field == "optimizer":
        rule = RULES.get(name)
        # An optimizer that was registered before keeps its default learning rate.
        register(name, function, LEARNING_RATE if rule is None else rule.default_learning_rate)
    elif field == "network":
        if not (isinstance(function, tuple) and len(function) == 2):
            raise RecipeError("its network must be a registered name or a pair (init, apply): see register_network")
        known = {} if name not in NETWORKS else NETWORKS[name].bounds  # of whoever registered it before
        register_network(name, *function, bounds={number: (one.low, one.high) for number, one in known.items()})
    elif field == "schedule":
        register_schedule(name, function)
    elif "shape" in parameter_names(function):
        register_initializer(name, draw=function)
    else:
        register_initializer(name, function)
    return name


def _default_names(field: str, function: Any) -> tuple[str, ...]:
    """Possible names of a function: its own, and its own with its package in front."""
    if field == "network" and isinstance(function, tuple) and len(function) == 2:
        function = function[1]  # a network's apply
    if not callable(function):
        return ("own",)  # registering it will raise an error
    while isinstance(function, partial):
        function = function.func
    name = _identifier(getattr(function, "__name__", ""))
    if not name or name == "lambda":
        raise RecipeError(f"its {field} has no name of its own: label it, as in {{'my label': ...}}")
    package = _identifier((getattr(function, "__module__", None) or "").split(".")[0])
    return (name,) if package in ("", "main") else (name, f"{package}_{name}")


def _identifier(text: str) -> str:
    """A text as a Python identifier; empty if no character is allowed in one.

    Example:
        >>> _identifier("my rule, β=0.9"), _identifier("2nd"), _identifier("<lambda>")
        ('my_rule_β_0_9', 'own_2nd', 'lambda')
    """
    kept = "".join(sign if f"a{sign}".isidentifier() else " " for sign in text.replace("_", " "))
    name = "_".join(kept.split())
    return name if name.isidentifier() or not name else f"own_{name}"
