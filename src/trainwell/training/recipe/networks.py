"""The networks that recipes can name: the fully connected one, and those that users register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from inspect import Parameter
from math import prod
from typing import TYPE_CHECKING, Any

from trainwell.core import (
    RecipeError,
    description_of,
    fingerprint,
    named_parameters,
    nearest,
    registered,
    same_function,
)
from trainwell.nn import APPLY_FORM, INIT_FORM, NETWORK_NUMBERS, Net, Network
from trainwell.optim import Bound

if TYPE_CHECKING:  # what loads JAX is imported where it is used: help reads this file
    from trainwell.nn import OwnNetwork
    from trainwell.training.recipe.network_settings import NetworkSettings

FIXED_FIELDS = (
    *("hidden", "activation", "maxout_pieces", "batch_norm", "batch_norm_initial_variance"),
    *("batch_norm_affine", "dropout"),
)
FORMS = {"init": (1, INIT_FORM), "apply": (2, APPLY_FORM)}
"""A user's function -> its number of positional arguments, and what it takes and returns."""
DERIVED = ("width", "depth")
"""Names in search spaces that together set `hidden`."""
NETWORK_FIELDS = (*FIXED_FIELDS, *NETWORK_NUMBERS)
"""Recipe fields that a user's network may have as parameters; `FIXED_FIELDS` are compiled in."""
INITIAL_FIELDS = ("initialization", "weight_std", "weight_distribution")
ASKED = {
    "init": ("input_shape", "num_outputs"),
    "apply": ("input_shape", "num_outputs", "state", "key", "training", "valid"),
}
"""Other parameters that a user's functions may have."""


@dataclass(frozen=True)
class NetworkSpec:
    """A kind of network.

    Attributes:
        name: its name in recipes.
        build: `build(settings, input_shape, num_outputs) -> Net`; `input_shape` is that of one row.
        fields: the recipe fields that it depends on.
        description: a few words.
        defaults: its own numbers with their defaults.
        bounds: the ranges of its own numbers.
        code: checksum of a user's functions.
    """

    name: str
    build: "Callable[[NetworkSettings, tuple[int, ...], int], Net]"
    fields: frozenset[str]
    description: str
    defaults: Mapping[str, float] = field(default_factory=dict)
    bounds: Mapping[str, Bound] = field(default_factory=dict)
    code: str = ""


def _fully_connected(settings: "NetworkSettings", input_shape: tuple[int, ...], num_outputs: int) -> Network:
    return Network(
        sizes=(prod(input_shape), *settings.hidden, num_outputs),
        activation=settings.activation,  # type: ignore[arg-type]  # validated by NetworkSettings
        batch_norm=settings.batch_norm and bool(settings.hidden),
        dropout=settings.dropout if settings.dropout_rate > 0 else "none",
        pieces=settings.maxout_pieces,
        batch_norm_affine=settings.batch_norm_affine or not settings.batch_norm,
    )


FULLY_CONNECTED = "fully_connected"
NETWORKS: dict[str, NetworkSpec] = {
    FULLY_CONNECTED: NetworkSpec(
        FULLY_CONNECTED,
        _fully_connected,
        frozenset((*NETWORK_FIELDS, *INITIAL_FIELDS)),
        "layers of units, each connected to all units of the layer before",
    )
}
"""Networks by name: the fully connected one, then those that users register."""


def register_network(
    name: str,
    init: Callable[..., Any],
    apply: Callable[..., Any],
    bounds: Mapping[str, tuple[float, float]] | None = None,
) -> NetworkSpec:
    """Add your own network under a name for recipes: `Recipe(network=name)`.

    The two functions get further arguments for the parameters that they have, by name:

    * `init(key)` returns the parameters, any tree of floating-point arrays; `key` is a JAX random key. It may also have
      the parameters `input_shape` (of one row) and `num_outputs`.
    * `apply(params, inputs)` returns one row of outputs per row of `inputs [B, *input_shape]`: logits `[B, C]`, or
      predictions `[B, 1]`. It is traced by JAX. It may also have the parameters `input_shape`, `num_outputs`,
      `training` (True or False), `key` (a new one for each update; None outside training), `state` (values that change
      without a gradient; `init` then returns `(params, state)`, and `apply` returns `(outputs, state)`), and
      `valid [B]` (1 for real rows, 0 for the padding of a short batch; without it, a network with state is not trained
      on short batches).
    * Both may have recipe fields as parameters, such as `hidden`, `activation`, `batch_norm` or `dropout_rate`.
    * Parameters with a number as default are the network's own numbers: recipes and spaces have them as fields. A
      number with a whole default, such as a number of units, is compiled in. Any other is passed to `apply` as a JAX
      scalar, so that another value does not recompile.

    Arrays with at least two dimensions count as weights for the L2 penalty. Learning rates per layer apply to the
    top-level entries of the tree, in its order.

    Args:
        name: a new name, a Python identifier. Registering the same functions again is allowed.
        init: makes the parameters.
        apply: the forward pass of a batch.
        bounds: own number -> (smallest, largest value). `tune` searches the numbers with two finite bounds.

    Returns:
        The entry of `NETWORKS`.

    Raises:
        RecipeError: the name is taken or not an identifier, or a function has an unknown parameter without a default.

    Example:
        >>> import jax
        >>> def init(key, *, num_outputs, input_shape, units=8):
        ...     first, second = jax.random.split(key)
        ...     shapes = (*input_shape, units), (units, num_outputs)
        ...     return {"in": 0.3 * jax.random.normal(first, shapes[0]), "out": jax.random.normal(second, shapes[1])}
        >>> def apply(params, inputs):
        ...     return jax.nn.tanh(inputs @ params["in"]) @ params["out"]
        >>> spec = register_network("tiny_example", init, apply, bounds={"units": (4, 64)})
        >>> dict(spec.defaults), spec.bounds["units"].range
        ({'units': 8}, 'a whole number in [4, 64]')
        >>> del NETWORKS["tiny_example"]
    """
    from trainwell.optim import own_bounds

    wanted = {"init": _wanted(name, "init", init), "apply": _wanted(name, "apply", apply)}
    numbers: dict[str, float] = {}
    for function, own in wanted.items():
        for number, default in own.items():
            if numbers.setdefault(number, default) != default:
                raise RecipeError(
                    f"{number} of the network '{name}' has the default {numbers[number]:g} in init and {default:g} in "
                    f"{function}: give both the same default"
                )
    _check_kinds(name, numbers)
    code = fingerprint((init, apply))
    spec = NetworkSpec(
        name,
        partial(_own, name, init, apply, code, numbers),
        frozenset((*numbers, *(one for one in NETWORK_FIELDS if _asks(one, init, apply)))),
        description_of(apply, "a network of your own"),
        numbers,
        own_bounds(f"the network '{name}'", numbers, bounds or {}, "none of its two functions has a parameter"),
        code,
    )

    def is_same(known: NetworkSpec) -> bool:
        return (known.bounds, known.code) == (spec.bounds, code) and same_function(known.build, spec.build)

    return registered(NETWORKS, name, spec, is_same, "network", "my_network")


def net_of(settings: "NetworkSettings", input_shape: tuple[int, ...], num_outputs: int) -> Net:
    """The network of these settings for rows of shape `input_shape`."""
    return NETWORKS[settings.network].build(settings, input_shape, num_outputs)


def network_fields(settings: "NetworkSettings") -> dict[str, Any]:
    """The values of all fields that networks may use; unset own numbers have their defaults."""
    own = {
        name: default if settings.number(name) is None else settings.number(name)
        for name, default in NETWORKS[settings.network].defaults.items()
    }
    return {**{name: getattr(settings, name) for name in (*NETWORK_FIELDS, *INITIAL_FIELDS)}, **own}


def _own(
    name: str,
    init: Callable[..., Any],
    apply: Callable[..., Any],
    code: str,
    numbers: Mapping[str, float],
    settings: "NetworkSettings",
    input_shape: tuple[int, ...],
    num_outputs: int,
) -> "OwnNetwork":
    """Build a user's network with these values of its parameters."""
    from trainwell.nn import OwnNetwork

    values = network_fields(settings)
    whole = [one for one, default in numbers.items() if isinstance(default, int)]
    fixed = [one for one in (*FIXED_FIELDS, *whole) if _asks(one, init, apply)]
    traced = [one for one in (*NETWORK_NUMBERS, *numbers) if one not in whole and _asks(one, apply)]
    return OwnNetwork(
        name, init, apply, input_shape, num_outputs, code, tuple((one, values[one]) for one in fixed), tuple(traced)
    )


def _check_default(what: str, parameter: str, default: Any) -> None:
    """Refuse a default that would never be used, since the recipe always has a value."""
    from trainwell.training.recipe.recipe import Recipe

    field = Recipe.model_fields.get(parameter)
    if field is not None and default is not Parameter.empty and default != field.default:
        raise RecipeError(
            f"{what} has {parameter} = {default!r} as default, but recipes have {field.default!r}: leave the default "
            "out, or rename the parameter"
        )


def _asks(name: str, *functions: Callable[..., Any]) -> bool:
    return any(name in named_parameters(function, 1) for function in functions)


def _check_kinds(name: str, numbers: Mapping[str, float]) -> None:
    """Refuse a number that another network has as a whole one where it is not, or the other way round."""
    for other in NETWORKS.values():
        for number in numbers.keys() & other.defaults.keys() if other.name != name else ():
            if isinstance(numbers[number], int) != isinstance(other.defaults[number], int):
                raise RecipeError(
                    f"{number} is {numbers[number]!r} by default in the network '{name}' and "
                    f"{other.defaults[number]!r} in '{other.name}': make both whole numbers or neither, or rename one"
                )


def _wanted(name: str, which: str, function: Any) -> dict[str, float]:
    """The own numbers among a function's parameters.

    Raises:
        RecipeError: it is not a function, or has an unknown parameter without a default.
    """
    if not callable(function):
        raise RecipeError(f"{which} of the network '{name}' must be a function, got {function!r}")
    try:
        hash(function)
    except TypeError:
        raise RecipeError(f"{which} of the network '{name}' cannot be hashed: wrap it in a function") from None
    from trainwell.optim import RULES
    from trainwell.training.recipe.recipe import Recipe

    numbers: dict[str, float] = {}
    known = (*ASKED[which], *NETWORK_FIELDS)
    of_rules = (number for rule in RULES.values() for number in rule.hyperparameters)
    reserved = {*dir(Recipe), *Recipe.model_fields, *DERIVED, *of_rules, "noise", "input_shift", "input_scale"}
    leading, form = FORMS[which]
    if len(named_parameters(function)) < leading:
        raise RecipeError(f"{which} of the network '{name}' takes too few arguments: {form}")
    for parameter, default in named_parameters(function, leading).items():
        if parameter in known:
            _check_default(f"{which} of the network '{name}'", parameter, default)
            continue
        if isinstance(default, int | float) and not isinstance(default, bool):
            if parameter in reserved:
                raise RecipeError(
                    f"{which} of the network '{name}' has a number '{parameter}', but recipes have another field of "
                    f"this name: rename it, such as net_{parameter}"
                )
            numbers[parameter] = default
        elif default is Parameter.empty:
            hint = nearest(parameter, known)
            raise RecipeError(
                f"{which} of the network '{name}' has an unknown parameter '{parameter}': {hint}; "
                "or give it a number as default to make it one of the network's own numbers"
            )
    return numbers
