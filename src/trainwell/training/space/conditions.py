"""Conditions: when an axis is active, and which points of a space to check."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Any

from trainwell.core import SpaceError, nearest, value_text
from trainwell.nn import INITIALIZERS
from trainwell.optim import HYPERPARAMETERS, RULES, SCHEDULES
from trainwell.training.recipe.networks import NETWORKS
from trainwell.training.recipe.recipe import Recipe, recipe_fields
from trainwell.training.space.axes import (
    DERIVED,
    MOST_CHOICES,
    Axis,
    Choices,
    Range,
    identity,
    same,
    values_of,
)

Axes = Mapping[str, Axis]
MOST_COMBINATIONS = 10_000  # largest number of combinations tried to find one for which an axis is active
OF_ONE_VALUE = {
    "maxout_pieces": ("activation", "maxout"),
    "negative_slope": ("activation", "leaky_relu"),
    "elu_alpha": ("activation", "elu"),
    "batch_norm_eps": ("batch_norm", True),
    "batch_norm_momentum": ("batch_norm", True),
    "batch_norm_initial_variance": ("batch_norm", True),
    "batch_norm_affine": ("batch_norm", True),
}


def deciding_field(name: str) -> tuple[str, Callable[[Any], bool]] | None:
    """The field that decides whether `name` has an effect, and a test of its value; None if `name` always has one."""
    if name in OF_ONE_VALUE:
        parent, value = OF_ONE_VALUE[name]
        return parent, lambda chosen: same(chosen, value)
    if name == "width":
        return "depth", lambda depth: bool(depth != 0)
    if name == "epochs":
        return "steps", lambda steps: steps is None
    if name == "weight_std":
        return "initialization", lambda scheme: scheme in INITIALIZERS and INITIALIZERS[scheme].needs_std
    if name == "weight_distribution":
        return "initialization", lambda scheme: scheme in INITIALIZERS and INITIALIZERS[scheme].random
    own = name.removeprefix("schedule_")
    if own != name and any(own in spec.parameters for spec in SCHEDULES.values()):
        return "schedule", lambda schedule: schedule in SCHEDULES and own in SCHEDULES[schedule].parameters
    of_rules = name in HYPERPARAMETERS or name not in Recipe.model_fields
    if of_rules and any(name in spec.hyperparameters for spec in RULES.values()):
        return "optimizer", lambda rule: rule in RULES and name in RULES[rule].hyperparameters
    field = "hidden" if name == "depth" else name
    if any(field in spec.fields for spec in NETWORKS.values()):
        return "network", lambda network: network in NETWORKS and field in NETWORKS[network].fields
    return None


def base_value(base: Recipe, name: str) -> Any:
    """The base's value of a field; `width` is that of the first hidden layer, None if there is none."""
    if name in DERIVED:
        return len(base.hidden) if name == "depth" else next(iter(base.hidden), None)
    return getattr(base, name, None)


def possible(name: str, base: Recipe, axes: Axes) -> tuple[Any, ...] | None:
    """Every value that the field can have in the space; None if it is a continuous range."""
    axis = axes.get(name)
    own = base_value(base, name)
    if axis is None:
        return (own,)
    if isinstance(axis, Choices):
        values = axis.values
    elif axis.integer:
        whole = range(int(axis.low), int(axis.high) + 1, int(axis.step or 1))
        if len(whole) > MOST_CHOICES:
            raise SpaceError(
                f"a condition depends on {name}, whose range has {len(whole):,} numbers, more than {MOST_CHOICES:,}: "
                f"give {name} a step or choices"
            )
        values = tuple(whole)
    else:
        return None
    return values if axis.when is None or _among(own, values) else (*values, own)


def automatic(name: str, base: Recipe, axes: Axes) -> dict[str, tuple[Any, ...]]:
    """The condition that is added automatically: that the field has an effect. Empty if it always has one."""
    found = deciding_field(name)
    if found is None:
        return {}
    parent, has_effect = found
    values = possible(parent, base, axes)
    if values is None:
        return {}
    fitting = tuple(value for value in values if has_effect(value))
    # The deciding field must have an effect, too: negative_slope has none if the network ignores activation.
    return automatic(parent, base, axes) | ({} if len(fitting) == len(values) else {parent: fitting})


def has_effect(name: str, base: Recipe, axes: Axes) -> bool:
    """Whether a field has an effect anywhere in the space; momentum, for example, needs an optimizer that has it."""
    return all(automatic(name, base, axes).values())


def in_order(axes: Axes) -> tuple[str, ...]:
    """The axes' names, each after those that it depends on.

    Raises:
        SpaceError: conditions form a cycle.
    """
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise SpaceError(f"conditions form a cycle: {circle}; leave one of them out")
        if name not in done:
            for parent in _parents(name, axes):
                visit(parent, (*path, name))
            done.append(name)

    for name in axes:
        visit(name, ())
    return tuple(done)


def completed(base: Recipe, axes: Axes) -> dict[str, Axis]:
    """The axes with all conditions, including automatic ones; conditions' values have their field's type and order.

    Raises:
        SpaceError: a condition names an unknown field, its own field, or an impossible value; or an axis never has an
            effect.
    """
    for name, axis in axes.items():
        for parent in axis.when or {}:
            _check_parent(name, parent, axes)
    done: dict[str, Axis] = {}
    for name in in_order(axes):
        when = {
            parent: _completed_values(name, parent, values, possible(parent, base, done))
            for parent, values in (axes[name].when or {}).items()
        }
        added = {key: values for key, values in automatic(name, base, done).items() if key not in when}
        if never := next((parent for parent, values in added.items() if not values), None):
            raise SpaceError(_no_effect(name, never, base, done))
        when |= added
        done[name] = replace(axes[name], when=when or None)
    return {name: done[name] for name in axes}


def _check_parent(name: str, parent: str, axes: Axes) -> None:
    if parent == name:
        raise SpaceError(f"{name} has a condition on itself: name another field")
    fields = (*DERIVED, *recipe_fields())
    if parent not in fields:
        raise SpaceError(f"{name} has a condition on an unknown field '{parent}': {nearest(str(parent), fields)}")
    if parent == "hidden" and not DERIVED.keys().isdisjoint(axes):
        raise SpaceError(f"{name} has a condition on hidden, but width and depth set it: name one of them")
    if parent in DERIVED and "hidden" in axes:
        raise SpaceError(f"{name} has a condition on {parent}, but hidden is searched: name hidden")


def _completed_values(name: str, parent: str, raw: Any, taken: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """A condition's values in the order of the parent's axis."""
    wanted = values_of(parent, raw)
    if taken is None:
        raise SpaceError(f"{name} has a condition on {parent}, whose range is continuous: list its values as choices")
    if not wanted:
        raise SpaceError(f"{name} has a condition on {parent} without a value: name at least one")
    known, kept = ({identity(value) for value in values} for values in (taken, wanted))
    for value in wanted:
        if identity(value) not in known:
            never = " or ".join(value_text(one, str) for one in taken[:8]) + (" or …" if len(taken) > 8 else "")
            raise SpaceError(
                f"{name} has a condition on {parent} = {value_text(value, str)}, which is impossible: it is {never}"
            )
    return tuple(value for value in taken if identity(value) in kept)


def _no_effect(name: str, parent: str, base: Recipe, axes: Axes) -> str:
    """The message for an axis that has no effect for any value of the field `parent`, on which it depends."""
    child = name
    while (user := deciding_field(child)) is not None and user[0] != parent:
        child = user[0]
    assert user is not None
    known: dict[str, Collection[Any]] = {"optimizer": RULES, "schedule": SCHEDULES, "initialization": INITIALIZERS}
    known |= {"steps": (None,), "network": NETWORKS}
    of_one = {name: (value,) for name, (_, value) in OF_ONE_VALUE.items()}
    fitting = [value_text(value, str) for value in known.get(parent, of_one.get(child, ())) if user[1](value)]
    is_now = " or ".join(value_text(value, str) for value in possible(parent, base, axes) or ())
    instead = f"let {parent} be {' or '.join(fitting)}" if fitting else f"let {parent} be above 0"
    return f"{name} has no effect while {parent} is {is_now}: {instead}, or do not search {name}"


def _parents(name: str, axes: Axes) -> Iterable[str]:
    named = list(axes[name].when or {})
    while (found := deciding_field(name)) is not None:
        named.append(name := found[0])
    return [parent for parent in named if parent in axes]


def _among(value: Any, values: Iterable[Any]) -> bool:
    return any(same(value, other) for other in values)


def is_active(
    name: str, base: Recipe, axes: Axes, values: Mapping[str, Any], known: dict[str, bool] | None = None
) -> bool:
    """Whether an axis is active at a point.

    Args:
        name: the axis.
        base: values of the fields that are not searched.
        axes: the fields that are searched.
        values: values of the axes that this one depends on; values of inactive axes are ignored.
        known: a cache of answers at this point, which is extended.
    """
    known = {} if known is None else known
    if name not in known:
        known[name] = all(
            identity(_current(parent, base, axes, values, known)) in allowed
            for parent, allowed in axes[name].allowed.items()
        )
    return known[name]


def _current(name: str, base: Recipe, axes: Axes, values: Mapping[str, Any], known: dict[str, bool]) -> Any:
    """A field's value at a point; the base's value if its axis is not active."""
    if name in axes and name in values and is_active(name, base, axes, values, known):
        return values[name]
    return base_value(base, name)


def active(base: Recipe, axes: Axes, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the axes that are active at a point, each after the axes that it depends on."""
    known: dict[str, bool] = {}
    return tuple(name for name in in_order(axes) if is_active(name, base, axes, values, known))


def points(base: Recipe, axes: Axes) -> Iterator[dict[str, Any]]:
    """Points that together have every end of every range and every choice; the other axes are at their first values."""
    order = in_order(axes)
    for name in order:
        reached = _reached(name, base, axes, order)
        for value in _ends(axes[name]):
            values = {**reached, name: value}
            for other in order:
                if other not in values and is_active(other, base, axes, values):
                    values[other] = _ends(axes[other])[0]
            yield values


def _reached(name: str, base: Recipe, axes: Axes, order: Sequence[str]) -> dict[str, Any]:
    """Values of other axes for which this one is active."""
    ancestors = _ancestors(name, axes)
    before = [other for other in order if other in ancestors]
    options = [_relevant_values(other, axes) for other in before]
    for combination in islice(product(*options), MOST_COMBINATIONS):
        values = dict(zip(before, combination, strict=True))
        if is_active(name, base, axes, values):
            return values
    raise SpaceError(f"{name} can never be active: its conditions contradict each other")


def _ancestors(name: str, axes: Axes) -> set[str]:
    found, open_ends = set[str](), [name]
    while open_ends:
        parents = {parent for parent in axes[open_ends.pop()].when or {} if parent in axes}
        open_ends += parents - found
        found |= parents
    return found


def _relevant_values(name: str, axes: Axes) -> list[Any]:
    """The values of an axis that occur in conditions, and its ends or choices."""
    in_conditions = [value for axis in axes.values() for value in (axis.when or {}).get(name, ())]
    return list(dict.fromkeys([*in_conditions, *_ends(axes[name])]))


def _ends(axis: Axis) -> tuple[Any, ...]:
    return (axis.low, axis.high) if isinstance(axis, Range) else axis.values
