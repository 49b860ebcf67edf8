"""When an axis is active, as functions of the base and the axes, and the points at the ends."""

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
MOST_COMBINATIONS = 10_000  # of the values that conditions speak of, tried to find one under which an axis is there
OF_ONE_VALUE = {
    "maxout_pieces": ("activation", "maxout"),
    "negative_slope": ("activation", "leaky_relu"),
    "elu_alpha": ("activation", "elu"),
    "batch_norm_eps": ("batch_norm", True),
    "batch_norm_momentum": ("batch_norm", True),
    "batch_norm_initial_variance": ("batch_norm", True),
    "batch_norm_affine": ("batch_norm", True),
}


def user_of(name: str) -> tuple[str, Callable[[Any], bool]] | None:
    """The field that decides whether `name` has an effect, and under which of its values it has; None if always."""
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
    """A field's value where it is not searched; `width` is that of the first hidden layer, None without one."""
    if name in DERIVED:
        return len(base.hidden) if name == "depth" else next(iter(base.hidden), None)
    return getattr(base, name, None)


def possible(name: str, base: Recipe, axes: Axes) -> tuple[Any, ...] | None:
    """Every value the field takes in the space; None if it is a continuum."""
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
                f"a condition looks at {name}, whose range has {len(whole):,} numbers, at most {MOST_CHOICES:,}: give "
                f"{name} a step or choices"
            )
        values = tuple(whole)
    else:
        return None
    return values if axis.when is None or _among(own, values) else (*values, own)


def automatic(name: str, base: Recipe, axes: Axes) -> dict[str, tuple[Any, ...]]:
    """The condition that goes without saying: that the value has an effect at all. Empty if it always has."""
    found = user_of(name)
    if found is None:
        return {}
    parent, has_effect = found
    values = possible(parent, base, axes)
    if values is None:
        return {}
    fitting = tuple(value for value in values if has_effect(value))
    # What its own condition looks at must have an effect, too: a slope of leaky_relu under another network has none.
    return automatic(parent, base, axes) | ({} if len(fitting) == len(values) else {parent: fitting})


def has_effect(name: str, base: Recipe, axes: Axes) -> bool:
    """Whether an axis ever has one: momentum, for example, only under the optimizers that have it."""
    return all(automatic(name, base, axes).values())


def in_order(axes: Axes) -> tuple[str, ...]:
    """The axes' names, each after those that it depends on.

    Raises:
        SpaceError: some depend on each other in a circle.
    """
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise SpaceError(f"conditions go in a circle: {circle}; leave one of them out")
        if name not in done:
            for parent in _parents(name, axes):
                visit(parent, (*path, name))
            done.append(name)

    for name in axes:
        visit(name, ())
    return tuple(done)


def settled(base: Recipe, axes: Axes) -> dict[str, Axis]:
    """The axes with all their conditions, each value in its field's own type and order.

    Raises:
        SpaceError: a condition names an unknown field, its own, or a value that never comes; or an axis never has
            an effect.
    """
    for name, axis in axes.items():
        for parent in axis.when or {}:
            _check_parent(name, parent, axes)
    done: dict[str, Axis] = {}
    for name in in_order(axes):
        when = {
            parent: _settled_values(name, parent, values, possible(parent, base, done))
            for parent, values in (axes[name].when or {}).items()
        }
        unsaid = {key: values for key, values in automatic(name, base, done).items() if key not in when}
        if never := next((parent for parent, values in unsaid.items() if not values), None):
            raise SpaceError(_no_effect(name, never, base, done))
        when |= unsaid
        done[name] = replace(axes[name], when=when or None)
    return {name: done[name] for name in axes}


def _check_parent(name: str, parent: str, axes: Axes) -> None:
    if parent == name:
        raise SpaceError(f"{name} has a condition on itself: name another field")
    fields = (*DERIVED, *recipe_fields())
    if parent not in fields:
        raise SpaceError(f"{name} has a condition on an unknown field '{parent}': {nearest(str(parent), fields)}")
    if parent == "hidden" and not DERIVED.keys().isdisjoint(axes):
        raise SpaceError(f"{name} has a condition on hidden, which width and depth make: name one of them")
    if parent in DERIVED and "hidden" in axes:
        raise SpaceError(f"{name} has a condition on {parent}, but hidden is searched: name hidden")


def _settled_values(name: str, parent: str, raw: Any, taken: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """A condition's values, in the order in which the parent lists them."""
    wanted = values_of(parent, raw)
    if taken is None:
        raise SpaceError(f"{name} has a condition on {parent}, which may be any number in a range: list its values")
    if not wanted:
        raise SpaceError(f"{name} has a condition on {parent} without a value: name at least one")
    known, kept = ({identity(value) for value in values} for values in (taken, wanted))
    for value in wanted:
        if identity(value) not in known:
            never = " or ".join(value_text(one, str) for one in taken[:8]) + (" or …" if len(taken) > 8 else "")
            raise SpaceError(
                f"{name} has a condition on {parent} = {value_text(value, str)}, which never comes: it is {never}"
            )
    return tuple(value for value in taken if identity(value) in kept)


def _no_effect(name: str, parent: str, base: Recipe, axes: Axes) -> str:
    """What to say of an axis that has none, whatever values `parent` takes, which it depends on."""
    child = name
    while (user := user_of(child)) is not None and user[0] != parent:
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
    while (found := user_of(name)) is not None:
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
        base: fields that are not searched.
        axes: those that are.
        values: of the axes that this one depends on; those of inactive ones are ignored.
        known: answers so far, which are added to: many conditions may look at one field.
    """
    known = {} if known is None else known
    if name not in known:
        known[name] = all(
            identity(_current(parent, base, axes, values, known)) in allowed
            for parent, allowed in axes[name].allowed.items()
        )
    return known[name]


def _current(name: str, base: Recipe, axes: Axes, values: Mapping[str, Any], known: dict[str, bool]) -> Any:
    """A field's value at a point: the base's where its axis is not active."""
    if name in axes and name in values and is_active(name, base, axes, values, known):
        return values[name]
    return base_value(base, name)


def active(base: Recipe, axes: Axes, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the axes that are active at a point, each after those that its condition looks at."""
    known: dict[str, bool] = {}
    return tuple(name for name in in_order(axes) if is_active(name, base, axes, values, known))


def points(base: Recipe, axes: Axes) -> Iterator[dict[str, Any]]:
    """Every end of every range and every choice, the others at their first values; as `Space.recipe` takes them."""
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
    """Values of other axes under which this one is active."""
    ancestors = _ancestors(name, axes)
    before = [other for other in order if other in ancestors]
    options = [_mentioned(other, axes) for other in before]
    for combination in islice(product(*options), MOST_COMBINATIONS):
        values = dict(zip(before, combination, strict=True))
        if is_active(name, base, axes, values):
            return values
    raise SpaceError(f"{name} is never there: its conditions exclude each other")


def _ancestors(name: str, axes: Axes) -> set[str]:
    found, open_ends = set[str](), [name]
    while open_ends:
        parents = {parent for parent in axes[open_ends.pop()].when or {} if parent in axes}
        open_ends += parents - found
        found |= parents
    return found


def _mentioned(name: str, axes: Axes) -> list[Any]:
    """The values of an axis that conditions speak of, and its ends."""
    spoken = [value for axis in axes.values() for value in (axis.when or {}).get(name, ())]
    return list(dict.fromkeys([*spoken, *_ends(axes[name])]))


def _ends(axis: Axis) -> tuple[Any, ...]:
    return (axis.low, axis.high) if isinstance(axis, Range) else axis.values
