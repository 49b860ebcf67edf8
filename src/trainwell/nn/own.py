"""Users' own networks: two functions wrapped as a `Net`, with checks of what they return."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from inspect import Parameter
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree, UInt32

from trainwell.core import RecipeError, call, named_parameters, stream
from trainwell.nn.net import APPLY_FORM, INIT_FORM, num_parameters

TRIED_ROWS = 3


@dataclass(frozen=True)
class OwnNetwork:
    """A user's network, see `register_network`.

    Two are equal if their functions are the same objects and all other fields are equal.

    Args:
        name: its registered name.
        init_function: `init(key, **others)`; both functions get the other arguments that they have as parameters.
        apply_function: `apply(params, inputs, **others)`.
        input_shape: shape of one row.
        num_outputs: C.
        code: checksum of the functions' code, so that a changed network is never taken for the one it was.
        fixed: names and values of compiled-in arguments, such as a width.
        numbers: names of the traced numbers that `apply` has as parameters.
    """

    name: str
    init_function: Callable[..., Any]
    apply_function: Callable[..., Any]
    input_shape: tuple[int, ...]
    num_outputs: int
    code: str
    fixed: tuple[tuple[str, Any], ...] = ()
    numbers: tuple[str, ...] = ()

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(named_parameters(self.apply_function, 2))

    @property
    def num_layers(self) -> int:
        """Number of top-level entries of the parameters' tree, such as those of a dictionary or list."""
        return len(_tops(self))

    @property
    def random(self) -> bool:
        """Whether `apply` has a parameter `key`."""
        return "key" in self._asked

    @property
    def has_kinks(self) -> None:
        """None: it is unknown."""
        return None

    def __str__(self) -> str:
        return f"the network '{self.name}'"

    def unusable(self, rows: int, batch_size: int) -> str | None:
        """Why a short batch cannot be used: its padding would change the state of an `apply` without `valid`."""
        if rows < batch_size and "state" in self._asked and "valid" not in self._asked:
            return f"apply of the network '{self.name}' takes state but not `valid`, so it cannot use a short batch"
        return None

    def flops(self, rows: int) -> float:
        """Three times XLA's count for the forward pass."""
        return 3.0 * rows * _forward_flops(self)

    def shapes(self) -> tuple[PyTree, PyTree]:
        """Parameters and state of `init` as trees of `jax.ShapeDtypeStruct`."""
        return _shapes(self)

    def facts(self) -> dict[str, Any]:
        """Name, input shape, number of outputs, compiled-in values, and a checksum of the code, as JSON values."""
        return {
            "network": self.name,
            "input_shape": list(self.input_shape),
            "num_outputs": self.num_outputs,
            "fixed": {name: list(value) if isinstance(value, tuple) else value for name, value in self.fixed},
            "code": self.code,
        }

    def init(self, seed: int, fields: Mapping[str, Any], dtype: type[np.floating]) -> tuple[PyTree, PyTree]:
        """Initial parameters and state, an empty tuple if `apply` takes none.

        Raises:
            RecipeError: the function fails, or does not return floating-point arrays.
        """
        made = self._host_arrays(self._made(seed, fields), dtype)
        if _layout(made) != _layout(self.shapes()):
            raise RecipeError(
                f"{self._init} makes arrays of other shapes for other values of a number that is not whole, or of the "
                "key: give numbers that decide shapes a whole number as default"
            )
        return made

    def _made(self, seed: int, fields: Mapping[str, Any]) -> tuple[PyTree, PyTree]:
        """What the function returns, as it is."""
        words = stream(seed, "own network").integers(0, 2**32, 2, np.uint32)
        known = {**fields, **self._known}
        wanted = {name: known[name] for name in named_parameters(self.init_function, 1) if name in known}
        made = call(self.init_function, self._init, INIT_FORM, _key(jnp.asarray(words)), **wanted)
        params, state = self._with_state(made, (), f"{self._init} must return (params, state)")
        if not jax.tree.leaves(params):
            raise RecipeError(f"{self._init} returns no parameters: {INIT_FORM}")
        return params, state

    def _host_arrays(self, made: tuple[PyTree, PyTree], dtype: Any) -> tuple[PyTree, PyTree]:
        """Checked parameters and state as NumPy arrays."""
        params, state = made
        return _on_host(params, self._init, dtype), _on_host(state, f"{self._init} (state)", dtype, whole=True)

    @property
    def _init(self) -> str:
        """The function's name in errors."""
        return f"init of the network '{self.name}'"

    @property
    def _tried(self) -> tuple[PyTree, PyTree]:
        """What the function returns for one seed; recipe fields that it needs are 1."""
        wanted = named_parameters(self.init_function, 1)
        return self._made(0, {name: 1.0 for name, default in wanted.items() if default is Parameter.empty})

    def apply(
        self,
        params: PyTree,
        state: PyTree,
        inputs: Float[Array, "B D"],
        numbers: Mapping[str, Any],
        *,
        training: bool,
        noise: UInt32[Array, "2"] | None = None,
        valid: Float[Array, " B"] | None = None,
    ) -> tuple[Float[Array, "B C"], PyTree]:
        """Outputs and new state, see `Net.apply`.

        Raises:
            RecipeError: the function fails, or returns arrays of wrong shapes.
        """
        what, B = f"apply of the network '{self.name}'", inputs.shape[0]
        known = {
            **self._known,
            **{name: numbers[name] for name in self.numbers},
            "state": state,
            "training": training,
            "key": _key(noise) if noise is not None else None,
            "valid": jnp.ones(B, inputs.dtype) if valid is None else valid,
        }
        rows = inputs.reshape(B, *self.input_shape)
        found = call(
            self.apply_function, what, APPLY_FORM, params, rows, **{n: known[n] for n in known if n in self._asked}
        )
        outputs, new_state = self._with_state(found, state, f"{what} must return (outputs, state)")
        _check_same_shapes(what, state, new_state)
        if getattr(outputs, "shape", None) != (B, self.num_outputs):
            raise RecipeError(
                f"{what} must return outputs of shape [{B}, {self.num_outputs}] for {B} rows, "
                f"got {_kind(outputs)}: it may ask for num_outputs"
            )
        return jnp.asarray(outputs, inputs.dtype), new_state

    def _with_state(self, returned: Any, state: PyTree, must: str) -> tuple[Any, PyTree]:
        """What a function returned, with the state beside it; that given where the network has none."""
        if "state" not in self._asked:
            return returned, state
        if not (isinstance(returned, tuple) and len(returned) == 2):
            raise RecipeError(f"{must}, since apply takes state; got {_kind(returned)}")
        return returned

    def layer_of(self, params: PyTree) -> PyTree:
        """For each array, the index of its top-level entry, in the order that `init` gives them."""
        paths, structure = jax.tree.flatten_with_path(params)
        tops = _tops(self)
        return jax.tree.unflatten(structure, [tops.index(path[:1]) for path, _ in paths])

    @property
    def _known(self) -> dict[str, Any]:
        return {**dict(self.fixed), "input_shape": self.input_shape, "num_outputs": self.num_outputs}


def _key(words: UInt32[Array, "2"]) -> Array:
    key: Array = jax.random.wrap_key_data(words, impl="threefry2x32")
    return key


def _on_host(tree: PyTree, what: str, dtype: Any, *, whole: bool = False) -> PyTree:
    """The tree with NumPy arrays of one dtype; with `whole`, integer arrays are allowed and stay unchanged."""

    def leaf(path: Any, value: Any) -> np.ndarray:
        if not hasattr(value, "dtype") or not hasattr(value, "shape"):
            raise RecipeError(
                f"{what} returns {_kind(value)} at {_location(path)}: return only arrays, keep settings out of the tree"
            )
        if jnp.issubdtype(value.dtype, jnp.floating):
            return np.asarray(value, dtype)
        if whole and jnp.issubdtype(value.dtype, jnp.number):
            return np.asarray(value)
        needed = "state must be numbers" if whole else "parameters must be floating-point numbers"
        raise RecipeError(f"{what} returns {value.dtype} at {_location(path)}: {needed}")

    return jax.tree.map_with_path(leaf, tree)


def _location(path: Any) -> str:
    return jax.tree_util.keystr(path) or "the top"


def _kind(value: Any) -> str:
    return f"an array of shape {list(value.shape)}" if hasattr(value, "shape") else type(value).__name__


def _layout(tree: PyTree) -> tuple[Any, list[tuple[int, ...]]]:
    """The structure of a tree and the shapes of its arrays."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, [jnp.shape(leaf) for leaf in leaves]


def _check_same_shapes(what: str, old: PyTree, new: PyTree) -> None:
    types = [[jnp.result_type(leaf) for leaf in jax.tree.leaves(tree)] for tree in (old, new)]
    if _layout(old) != _layout(new) or types[0] != types[1]:
        raise RecipeError(f"{what} must return a state with the shapes and dtypes of the state that it was given")


@lru_cache(maxsize=256)
def _shapes(net: OwnNetwork) -> tuple[PyTree, PyTree]:
    """Shapes of parameters and state, in the precision of this process."""
    params, state = net._host_arrays(net._tried, jnp.zeros(()).dtype)
    return jax.eval_shape(lambda: params), jax.eval_shape(lambda: state)


@lru_cache(maxsize=256)
def _tops(net: OwnNetwork) -> list[Any]:
    """Paths of the top-level entries of the parameters; of a dictionary in its own order, where JAX sorts its keys."""
    params, _ = net._tried
    found = list(dict.fromkeys(path[:1] for path, _ in jax.tree.leaves_with_path(params)))
    if type(params) is dict:
        found.sort(key=lambda path: list(params).index(path[0].key))
    return found


@lru_cache(maxsize=256)
def _forward_flops(net: OwnNetwork) -> float:
    """Operations of the forward pass for one row in training; also traces the inference mode, to raise its errors."""
    params, state = net.shapes()
    rows = jax.eval_shape(lambda: jnp.zeros((TRIED_ROWS, prod(net.input_shape))))
    numbers = {name: jnp.zeros(()) for name in net.numbers}

    def outputs(training: bool, params: PyTree, state: PyTree, inputs: Array) -> tuple[Array, PyTree]:
        noise = jnp.zeros(2, jnp.uint32) if training and net.random else None
        return net.apply(params, state, inputs, numbers, training=training, noise=noise)

    jax.eval_shape(partial(outputs, False), params, state, rows)
    counted = (jax.jit(partial(outputs, True)).lower(params, state, rows).cost_analysis() or {}).get("flops", 0.0)
    return max(float(counted) / TRIED_ROWS, 2.0 * num_parameters(net))
