"""Under which values of other fields an axis is there: those that are given, and those that go without saying."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from trainwell.core import SpaceError, nearest, value_text
from trainwell.nn import INITIALIZERS
from trainwell.optim import RULES, SCHEDULES
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.space.axes import DERIVED, MOST_CHOICES, Axis, Choices, identity, same, values_of

Axes = Mapping[str, Axis]
OF_ONE_VALUE = {
    "maxout_pieces": ("activation", "maxout"),
    "negative_slope": ("activation", "leaky_relu"),
    "elu_alpha": ("activation", "elu"),
    "batch_norm_eps": ("batch_norm", True),
    "batch_norm_momentum": ("batch_norm", True),
    "batch_norm_initial_variance": ("batch_norm", True),
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
    if any(name in spec.hyperparameters for spec in RULES.values()):
        return "optimizer", lambda rule: rule in RULES and name in RULES[rule].hyperparameters
    return None


def base_value(base: Recipe, name: str) -> Any:
    """A field's value where it is not searched; `width` is that of the first hidden layer, None without one."""
    if name in DERIVED:
        return len(base.hidden) if name == "depth" else next(iter(base.hidden), None)
    return getattr(base, name)


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
    return {} if len(fitting) == len(values) else {parent: fitting}


def has_effect(name: str, base: Recipe, axes: Axes) -> bool:
    """Whether an axis ever has one: momentum, for example, only under the optimizers that have it."""
    found = user_of(name)
    values = None if found is None else possible(found[0], base, axes)
    return found is None or values is None or any(found[1](value) for value in values)


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
        found = user_of(name)
        if found is not None and found[0] not in when:
            when |= automatic(name, base, done)
            if when.get(found[0]) == ():
                raise SpaceError(_no_effect(name, found, base, done))
        done[name] = replace(axes[name], when=when or None)
    return {name: done[name] for name in axes}


def _check_parent(name: str, parent: str, axes: Axes) -> None:
    if parent == name:
        raise SpaceError(f"{name} has a condition on itself: name another field")
    if parent not in (*DERIVED, *Recipe.model_fields):
        fields = (*DERIVED, *Recipe.model_fields)
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


def _no_effect(name: str, user: tuple[str, Callable[[Any], bool]], base: Recipe, axes: Axes) -> str:
    parent, has_effect = user
    known: dict[str, Collection[Any]] = {"optimizer": RULES, "schedule": SCHEDULES, "initialization": INITIALIZERS}
    known["steps"] = (None,)
    of_one = {name: (value,) for name, (_, value) in OF_ONE_VALUE.items()}
    fitting = [value_text(value, str) for value in known.get(parent, of_one.get(name, ())) if has_effect(value)]
    is_now = " or ".join(value_text(value, str) for value in possible(parent, base, axes) or ())
    instead = f"let {parent} be {' or '.join(fitting)}" if fitting else f"let {parent} be above 0"
    return f"{name} has no effect while {parent} is {is_now}: {instead}, or do not search {name}"


def _parents(name: str, axes: Axes) -> Iterable[str]:
    found = user_of(name)
    named = [*(axes[name].when or {}), *([] if found is None else [found[0]])]
    return [parent for parent in named if parent in axes]


def _among(value: Any, values: Iterable[Any]) -> bool:
    return any(same(value, other) for other in values)
