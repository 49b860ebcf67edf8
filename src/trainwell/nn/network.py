"""The fully connected network, one kind of `Net`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError, nearest

if TYPE_CHECKING:
    from jaxtyping import Array, PyTree

    from trainwell.nn.dropout import Noise

ActivationName = Literal[
    "elu", "gelu", "identity", "leaky_relu", "maxout", "relu", "sigmoid", "silu", "tanh"
]  # the functions are in `activations`, which imports JAX; this file does not
DropoutForm = Literal["none", "inverted", "lecture"]

PIECEWISE_LINEAR = ("relu", "leaky_relu", "maxout")
NETWORK_NUMBERS = ("negative_slope", "elu_alpha", "batch_norm_eps", "batch_norm_momentum", "dropout_rate")
HostArrays = list[dict[str, np.ndarray]]  # one dictionary per layer, on the host


@dataclass(frozen=True)
class Network:
    """The structure of a fully connected network. It is hashable, so that it can be a static argument of `jax.jit`.

    Each hidden layer is affine map → batch norm (if any) → activation → dropout (if any). The output layer is only an
    affine map.

    Args:
        sizes: number of inputs, widths of the hidden layers, number of outputs; each at least 1.
        activation: of every hidden layer, a key of `ACTIVATIONS`.
        batch_norm: whether hidden layers are batch-normalised.
        dropout: `"none"`, `"inverted"` or `"lecture"`; see `nn.dropout`.
        pieces: linear pieces of each maxout unit, at least 2; ignored by other activations.
        batch_norm_affine: whether batch norm's scale and shift are learned; otherwise they stay constant.

    Raises:
        RecipeError: a size, a name or the number of pieces is invalid.

    Example:
        >>> Network((784, 100, 10)).parameter_shapes()
        [{'weights': (100, 784), 'biases': (100,)}, {'weights': (10, 100), 'biases': (10,)}]
    """

    sizes: tuple[int, ...]
    activation: ActivationName = "relu"
    batch_norm: bool = False
    dropout: DropoutForm = "none"
    pieces: int = 2
    batch_norm_affine: bool = True

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise RecipeError(
                f"network sizes must be at least 2 positive numbers, got {self.sizes}: try (784, 100, 10)"
            )
        for field, allowed in (("activation", get_args(ActivationName)), ("dropout", get_args(DropoutForm))):
            name = getattr(self, field)
            if name not in allowed:
                raise RecipeError(f"network {field} '{name}' is unknown: {nearest(str(name), allowed)}")
        if self.activation == "maxout" and self.pieces < 2:
            raise RecipeError(f"maxout needs at least 2 pieces, got {self.pieces}: with 1 it is linear; try 2")

    @property
    def num_hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.sizes) - 2

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one row: `(number of inputs,)`."""
        return self.sizes[:1]

    @property
    def num_outputs(self) -> int:
        """Width of the output layer."""
        return self.sizes[-1]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The recipe's numbers that `forward` takes."""
        return NETWORK_NUMBERS

    @property
    def num_layers(self) -> int:
        """Number of layers with weights, including the output layer."""
        return len(self.sizes) - 1

    @property
    def random(self) -> bool:
        """Whether there is dropout."""
        return self.dropout != "none"

    @property
    def has_kinks(self) -> bool:
        """Whether hidden units are piecewise linear."""
        return self.num_hidden > 0 and self.activation in PIECEWISE_LINEAR

    def __str__(self) -> str:
        return f"{', '.join(map(str, self.sizes))} ({self.activation})"

    def unusable(self, rows: int, batch_size: int) -> str | None:
        """Why a batch of one row cannot be used with batch norm, which needs other rows; otherwise None."""
        return "batch norm cannot use a batch of one row" if self.batch_norm and rows == 1 else None

    def flops(self, rows: int) -> float:
        """6 operations per weight and row: 2 for each of the forward pass and two gradients."""
        return float(6 * rows * sum(prod(shapes["weights"]) for shapes in self.parameter_shapes()))

    def shapes(self) -> "tuple[PyTree, PyTree]":
        """Parameters and batch norm's running statistics as trees of `jax.ShapeDtypeStruct`."""
        from jax import ShapeDtypeStruct

        def tree(shapes: list[dict[str, tuple[int, ...]]]) -> "PyTree":
            return [{name: ShapeDtypeStruct(shape, np.float32) for name, shape in layer.items()} for layer in shapes]  # type: ignore[no-untyped-call]  # JAX has no types here

        params = self.parameter_shapes()
        state = [dict.fromkeys(("mean", "variance"), layer["scale"]) for layer in params if "scale" in layer]
        return tree(params), tree(state)

    def facts(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    def init(self, seed: int, fields: Mapping[str, Any], dtype: type[np.floating]) -> "tuple[PyTree, PyTree]":
        """Initial weights by the recipe's scheme, and batch norm's running statistics."""
        from trainwell.nn.initializers import initial_params

        scheme, std, distribution = (fields[name] for name in ("initialization", "weight_std", "weight_distribution"))
        params = initial_params(self, seed, scheme, std, distribution, dtype)
        return params, initial_statistics(self, fields["batch_norm_initial_variance"], dtype)

    def apply(
        self,
        params: "PyTree",
        state: "PyTree",
        inputs: 'Float[Array, "B D"]',
        numbers: Mapping[str, Any],
        *,
        training: bool,
        noise: "Noise | None" = None,
        valid: 'Float[Array, " B"] | None' = None,
    ) -> 'tuple[Float[Array, "B C"], PyTree]':
        """Logits and running statistics by `forward`; see `Net.apply`."""
        from trainwell.nn.layers import forward

        out = forward(self, params, state, inputs, numbers, training=training, noise=noise, valid=valid)
        return out.logits, out.statistics

    def layer_of(self, params: "PyTree") -> "PyTree":
        """For each array of `params`, the index of its layer."""
        return [dict.fromkeys(layer, i) for i, layer in enumerate(params)]

    def affine_outputs(self, layer: int) -> int:
        """Number of outputs of layer `layer`'s affine map (counted from 0): its width, times the pieces for maxout."""
        pieces = self.pieces if self.activation == "maxout" and layer < self.num_hidden else 1
        return self.sizes[layer + 1] * pieces

    def parameter_shapes(self) -> list[dict[str, tuple[int, ...]]]:
        """The shape of every parameter: one dictionary per layer; weights are [out, in]."""
        shapes: list[dict[str, tuple[int, ...]]] = []
        for layer, fan_in in enumerate(self.sizes[:-1]):
            outputs = self.affine_outputs(layer)
            shapes.append({"weights": (outputs, fan_in), "biases": (outputs,)})
            if self.batch_norm and layer < self.num_hidden:
                shapes[-1] |= {"scale": (outputs,), "shift": (outputs,)}
        return shapes


def initial_statistics(
    network: Network, variance: float = 0.0, dtype: type[np.floating] = np.float32
) -> list[dict[str, Float[np.ndarray, " H"]]]:
    """Running mean and variance of every batch-normalised layer before training.

    Args:
        network: the structure.
        variance: initial running variance, at least 0. PyTorch starts at 1, *Deep Learning from Scratch*, ch. 6, at 0.
        dtype: of the arrays; the parameters' type.

    Returns:
        `{"mean": zeros, "variance": filled}` per hidden layer; an empty list without batch norm.

    Example:
        >>> initial_statistics(Network((4, 2, 3), batch_norm=True))[0]["variance"].tolist()
        [0.0, 0.0]
    """
    if not network.batch_norm:
        return []
    widths = [network.affine_outputs(layer) for layer in range(network.num_hidden)]
    return [{"mean": np.zeros(H, dtype), "variance": np.full(H, variance, dtype)} for H in widths]
