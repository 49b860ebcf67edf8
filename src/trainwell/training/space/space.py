"""Space: a recipe in which fields may be ranges or lists of choices, with conditions."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from trainwell.core import RecipeError, SpaceError, nearest
from trainwell.nn import INITIALIZERS
from trainwell.training.recipe.networks import FULLY_CONNECTED
from trainwell.training.recipe.recipe import Recipe, recipe_fields
from trainwell.training.space.axes import (
    DERIVED,
    Axis,
    Choices,
    Range,
    count,
    fitted,
    same,
    searchable,
    values_of,
)
from trainwell.training.space.conditions import (
    active,
    automatic,
    base_value,
    completed,
    in_order,
    is_active,
    points,
    possible,
)
from trainwell.training.space.table import table_of

LONG = 1e9  # stands for the epochs of a run whose length is given in steps


@dataclass(frozen=True, eq=False)
class Space:
    """A recipe some of whose fields are searched. Two spaces are equal if their `to_json` is.

    The axes `width` and `depth` set `hidden = (width,) * depth`. If only one is searched, the other comes from the
    base: the width of its first hidden layer, or its number of hidden layers.

    An axis is active only where it has an effect; this condition is added automatically. `momentum`, for example, is
    active only if the optimizer has momentum, `weight_std` only if the initialization uses it, `width` only if there
    is a hidden layer, `epochs` only if `steps` is unset. A `when` on the same field (here optimizer, initialization,
    depth, steps) replaces this condition. A condition on an inactive axis uses the base's value of that field.

    Attributes:
        base: all other fields, and the values of axes where they are not active.
        axes: field, `width` or `depth` -> its range or choices, including automatic conditions, in the recipe's order.

    Raises:
        SpaceError: nothing is searched; an axis or a condition is invalid; or an end of a range or a choice does not
            give a valid recipe.

    Example:
        >>> space = Space(Recipe(), {
        ...     "optimizer": Choices(["sgd", "momentum"]),
        ...     "learning_rate": Range(1e-3, 1, log=True),
        ...     "momentum": Range(0.5, 0.99),
        ... })
        >>> space.axes["momentum"].when
        {'optimizer': ('momentum',)}
        >>> space.recipe({"optimizer": "sgd", "learning_rate": 0.1}).momentum is None
        True

    Source: T-HP-3 and T-HP-4.
    """

    base: Recipe
    axes: Mapping[str, Axis]

    def __post_init__(self) -> None:
        if not self.axes:
            raise SpaceError("nothing to search: give a range or a list of choices, as learning_rate = 1e-4..1:log")
        if "hidden" in self.axes and not DERIVED.keys().isdisjoint(self.axes):
            raise SpaceError("hidden is searched together with width or depth, which set it: leave one out")
        own = {name: fitted(name, axis) for name, axis in self.axes.items()}
        axes = completed(self.base, {name: own[name] for name in searchable() if name in own})
        object.__setattr__(self, "axes", axes)
        self._check_points()

    @classmethod
    def of(cls, otherwise: Mapping[str, Any] | None = None, **fields: Any) -> Self:
        """Make a space like a recipe: each field, `width` or `depth` is a value, a `Range` or `Choices`.

        Args:
            otherwise: values of axes where they are not active; by default the recipe's defaults.
            **fields: fields that are not given have the recipe's defaults.

        Raises:
            SpaceError: see `Space`.
            RecipeError: a fixed field is unknown or out of range.

        Example:
            >>> sorted(Space.of(width=64, depth=Range(1, 3), dropout_rate=Range(0, 0.5)).axes)
            ['depth', 'dropout_rate']
        """
        axes = {name: axis for name, axis in fields.items() if isinstance(axis, Range | Choices)}
        plain = {name: value for name, value in fields.items() if name not in axes}
        for name in otherwise or {}:
            if name not in axes:
                raise SpaceError(f"{name} has an 'otherwise' but is not searched: give only its value")
        space = cls(base_of(plain | dict(otherwise or {}), axes), axes)
        for name in otherwise or {}:
            if space.axes[name].when is None:
                raise SpaceError(f"{name} has an 'otherwise' but is always active: leave it out, or add a condition")
        return space

    def evolve(self, axes: Mapping[str, Axis] | None = None, **fixed: Any) -> Self:
        """A copy with axes added or replaced, and with fields fixed, which are then no longer searched.

        Conditions lose values that have become impossible; axes that can no longer be active are removed.

        Args:
            axes: new axes; they replace axes of the same name.
            **fixed: values of fields, and of `width` and `depth`.

        Raises:
            SpaceError, RecipeError: as for a new space.
        """
        changes: dict[str, Any] = {**fixed, **(axes or {})}
        fields, otherwise = self.parts()
        if "hidden" in changes:
            fields = {name: value for name, value in fields.items() if name not in DERIVED}
        elif not DERIVED.keys().isdisjoint(changes):
            known = {name: base_value(self.base, name) for name in DERIVED if name not in fields}
            fields |= {name: value for name, value in known.items() if value is not None}
            fields.pop("hidden", None)
        fields |= changes
        found = {name: axis for name, axis in fields.items() if isinstance(axis, Range | Choices)}
        plain = {name: value for name, value in fields.items() if name not in found}
        base = base_of(plain | {name: v for name, v in otherwise.items() if name in found}, found)
        return type(self)(base, without_inactive(base, found, changes))

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """Names of the axes, each after the axes that it depends on."""
        return in_order(self.axes)

    def is_active(self, name: str, values: Mapping[str, Any]) -> bool:
        """Whether an axis is active.

        Args:
            name: the axis.
            values: values of the axes before it in `ordered`.
        """
        return is_active(name, self.base, self.axes, values)

    def active(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of the active axes, in the order of `ordered`.

        Args:
            values: values of axes; those of inactive axes are ignored.
        """
        return active(self.base, self.axes, values)

    def points(self) -> Iterator[dict[str, Any]]:
        """Points that together have every end of a range and every choice; the other axes are at their first values."""
        return points(self.base, self.axes)

    def recipe(self, values: Mapping[str, Any]) -> Recipe:
        """The recipe at a point of the space.

        Args:
            values: a value for every active axis; choices as values, not labels. Values of inactive axes are ignored.

        Raises:
            SpaceError: the value of an active axis is missing, or a name is not an axis.
            RecipeError: a value is out of the field's range.

        Example:
            >>> Space.of(width=Range(8, 64), depth=2).recipe({"width": 16}).hidden
            (16, 16)
        """
        for name in values:
            if name not in self.axes:
                raise SpaceError(f"'{name}' is not searched: {nearest(str(name), self.axes)}")
        found = self.active(values)
        missing = [name for name in found if name not in values]
        if missing:
            raise SpaceError(f"no value of {', '.join(missing)}: every active axis needs one")
        changes = {name: values[name] for name in found}
        if not DERIVED.keys().isdisjoint(self.axes):
            width, depth = (changes.pop(name, base_value(self.base, name)) for name in DERIVED)
            if width is None and depth:
                raise SpaceError("depth is searched without a width: give a width, or search it, too")
            changes["hidden"] = (width,) * depth
        scheme = INITIALIZERS.get(changes.get("initialization", self.base.initialization))
        if "weight_std" not in changes and self.base.weight_std is not None and scheme and not scheme.needs_std:
            changes["weight_std"] = None
        return self.base.evolve(**changes)

    def _check_points(self) -> None:
        """Raise `SpaceError` if a recipe of `points` is invalid, or an axis can never be active."""
        for values in self.points():
            try:
                _check(self.recipe(values))
            except SpaceError:
                raise
            except RecipeError as error:
                raise SpaceError(f"in the search space: {error}") from None

    def parts(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arguments for `Space.of` that give this space: fields, without those of no effect, and `otherwise`."""
        fields: dict[str, Any] = {}
        otherwise: dict[str, Any] = {}
        default = Recipe()
        sized = not DERIVED.keys().isdisjoint(self.axes)
        for name in _in_file():
            own = base_value(self.base, name)
            if name in self.axes:
                axis = self.axes[name]
                added = automatic(name, self.base, self.axes)
                when = {key: value for key, value in (axis.when or {}).items() if added.get(key) != value}
                fields[name] = replace(axis, when=when or None)
                if axis.when is not None and own is not None and own != base_value(default, name):
                    otherwise[name] = own
            elif name not in Recipe.model_fields and name not in DERIVED:
                fields |= {} if own is None else {name: own}  # a user's number; without a value it may be unregistered
            elif (name in DERIVED) == sized or name not in (*DERIVED, "hidden"):
                fields[name] = own
        return fields, otherwise

    def to_json(self) -> dict[str, Any]:
        """The space as plain JSON values, as in its `.json` file."""
        return table_of(*self.parts())

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Space) else NotImplemented

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_json(), sort_keys=True))


def _in_file() -> Iterator[str]:
    """Names of fields and axes in the order of a recipe; `width` and `depth` come after `hidden`."""
    for name in recipe_fields():
        yield from (name, *DERIVED) if name == "hidden" else (name,)


def base_of(plain: Mapping[str, Any], axes: Mapping[str, Axis]) -> Recipe:
    """The base recipe of a space, made of the fields that are not searched.

    Args:
        plain: values of fields; may include `width` and `depth`.
        axes: the fields that are searched.

    Raises:
        SpaceError: `hidden` is given together with `width` or `depth`, or these are not whole numbers.
        RecipeError: a field is unknown or out of range.
    """
    fields = dict(plain)
    if not DERIVED.keys().isdisjoint({*fields, *axes}):
        if "hidden" in {*fields, *axes}:
            raise SpaceError("hidden is given together with width or depth, which set it: leave one out")
        width, depth = (count(name, fields.pop(name, base_value(Recipe(), name))) for name in DERIVED)
        fields["hidden"] = (width,) * depth
    return Recipe(**_with_weights(fields, axes))


def without_inactive(base: Recipe, axes: Mapping[str, Axis], kept: Collection[str]) -> dict[str, Axis]:
    """Remove axes that can no longer be active, and impossible values from conditions.

    Args:
        base: values of the fields that are not searched.
        axes: the fields that are searched.
        kept: names of axes to leave unchanged.
    """
    axes = dict(axes)
    while True:
        following = {name: axis if name in kept else _following(axis, base, axes) for name, axis in axes.items()}
        gone = [name for name in axes if name not in kept and _never(name, following[name], base, axes)]
        axes = {name: axis for name, axis in following.items() if name not in gone}
        if not gone:
            return axes


def _following(axis: Axis, base: Recipe, axes: Mapping[str, Axis]) -> Axis:
    when = {}
    for parent, raw in (axis.when or {}).items():
        taken, wanted = possible(parent, base, axes), values_of(parent, raw)
        when[parent] = tuple(value for value in wanted if taken is None or any(same(value, one) for one in taken))
    return replace(axis, when=when or None)


def _never(name: str, axis: Axis, base: Recipe, axes: Mapping[str, Axis]) -> bool:
    when = axis.when or {}
    added = {key: values for key, values in automatic(name, base, axes).items() if key not in when}
    return any(not values for values in (*when.values(), *added.values()))


def _with_weights(fields: dict[str, Any], axes: Mapping[str, Axis]) -> dict[str, Any]:
    """Set `initialization` or `weight_std` of the base such that both fit, if the space searches one of them."""

    def needs(scheme: Any) -> bool:
        return scheme in INITIALIZERS and INITIALIZERS[scheme].needs_std

    given = fields.get("weight_std") is not None
    schemes, std = axes.get("initialization"), axes.get("weight_std")
    if schemes is not None and schemes.when is None and not isinstance(schemes, Range):
        fitting = [scheme for scheme in schemes.values if needs(scheme) == given]
        fields["initialization"] = (*fitting, *schemes.values)[0]
    if std is not None and std.when is None and not given and needs(fields.get("initialization")):
        fields["weight_std"] = std.low if isinstance(std, Range) else std.values[0]
    return fields


def _check(recipe: Recipe) -> None:
    """Check what `Recipe` does not: that schedule and rates per layer fit the run and the network."""
    recipe.schedule_over(recipe.epochs if recipe.steps is None else LONG)
    rates, layers = recipe.layer_learning_rates, len(recipe.hidden) + 1
    if rates is not None and len(rates) != layers and recipe.network == FULLY_CONNECTED:
        raise RecipeError(f"layer_learning_rates has {len(rates)} values, a network of the space {layers} layers")
