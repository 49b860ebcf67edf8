"""What a space is put together from: a valid base around its axes, and axes that still have an effect."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from trainwell.core import SpaceError
from trainwell.nn import INITIALIZERS
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.space.axes import DERIVED, Axis, Range, count, same, values_of
from trainwell.training.space.conditions import automatic, base_value, possible, user_of


def base_of(plain: Mapping[str, Any], axes: Mapping[str, Axis]) -> Recipe:
    """The base of a space, from the fields that are not searched.

    Args:
        plain: values of fields, `width` and `depth` among them.
        axes: those that are searched; where one is always there, its field in the base is of no consequence.

    Raises:
        SpaceError: `hidden` stands beside `width` or `depth`, or these are no whole numbers.
        RecipeError: a field is unknown or out of range.
    """
    fields = dict(plain)
    if not DERIVED.keys().isdisjoint({*fields, *axes}):
        if "hidden" in {*fields, *axes}:
            raise SpaceError("hidden stands beside width or depth, which make it: leave one out")
        width, depth = (count(name, fields.pop(name, base_value(Recipe(), name))) for name in DERIVED)
        fields["hidden"] = (width,) * depth
    return Recipe(**_with_weights(fields, axes))


def pruned(base: Recipe, axes: Mapping[str, Axis], kept: Collection[str]) -> dict[str, Axis]:
    """Without the axes that can no longer be there, and with conditions on values that still come.

    Args:
        base: fields that are not searched.
        axes: those that are.
        kept: names of axes to leave as they are.
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
    user = user_of(name)
    unsaid = automatic(name, base, axes) if user is not None and user[0] not in when else {}
    return any(not values for values in (*when.values(), *unsaid.values()))


def _with_weights(fields: dict[str, Any], axes: Mapping[str, Axis]) -> dict[str, Any]:
    """Initialization and standard deviation that fit each other, where the space leaves one of them open."""

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
