"""`NetworkSettings`: the half of a recipe that describes the network."""

from typing import Annotated, Any, Literal, Self

from annotated_types import Ge, Le
from pydantic import Field, model_validator

from trainwell.core import FIRST
from trainwell.training.recipe.part import Count, Fraction, NonNegative, Positive, RecipePart


class InitialNetwork(RecipePart):
    """The network before it is trained: its kind and structure, its initial weights, and the scaling of its inputs."""

    # Network
    network: str = Field(
        "fully_connected",
        description="kind of network; others can be registered in Python",
    )
    hidden: tuple[Count, ...] = Field(
        (100, 100),
        max_length=1000,
        description="widths of the hidden layers (a linear model has none)",
        examples=["100x50", "none"],
        json_schema_extra=FIRST,
    )
    activation: str = Field(
        "relu",
        description="activation function of the hidden layers",
        examples=["relu", "leaky_relu", "elu", "gelu", "silu", "maxout", "sigmoid", "tanh", "identity"],
    )
    maxout_pieces: Annotated[int, Ge(2), Le(2**31 - 1)] = Field(2, description="linear pieces of a maxout unit")
    negative_slope: NonNegative = Field(0.01, description="slope of leaky_relu below 0")
    elu_alpha: Positive = Field(1.0, description="alpha of elu, whose values are above -alpha")
    batch_norm: bool = Field(False, description="batch normalization before each activation", json_schema_extra=FIRST)
    batch_norm_eps: Positive = Field(1e-6, description="added to the variance in batch normalization")
    batch_norm_momentum: Fraction = Field(
        0.9,
        description="share of the running mean and variance that is kept at each batch (1 minus PyTorch's momentum)",
    )
    batch_norm_initial_variance: NonNegative = Field(
        0.0, description="running variance before training; other libraries begin with 1"
    )
    batch_norm_affine: bool = Field(
        True, description="whether batch normalization's scale and shift are learned; otherwise they stay 1 and 0"
    )
    # Initial weights
    initialization: str = Field(
        "he",
        description="how the initial weights are scaled",
        examples=["he", "glorot", "xavier", "normal", "constant", "zero"],
    )
    weight_std: NonNegative | None = Field(
        None, description="standard deviation of the initial weights (normal), or their value (constant)"
    )
    weight_distribution: Literal["normal", "uniform"] = Field(
        "normal", description="distribution that initial weights are drawn from"
    )
    # Inputs
    inputs: Literal["standardize", "center", "none"] = Field(
        "standardize",
        description="scaling of numeric inputs: to mean 0 and standard deviation 1 (standardize), to mean 0, or none",
    )

    @model_validator(mode="after")
    def _initial_weights_fit(self) -> Self:
        from trainwell.nn import INITIALIZERS

        needs = INITIALIZERS[self.initialization].needs_std
        if needs and self.weight_std is None:
            raise ValueError(
                f"initialization '{self.initialization}' needs weight_std: set it, such as weight_std=0.01"
            )
        if self.weight_std is not None and not needs:
            raise ValueError(
                f"initialization '{self.initialization}' sets its own weight_std: leave it out, or use 'normal'"
            )
        return self


class NetworkSettings(InitialNetwork):
    """What is trained: the network and what regularizes it. All that a network's problem needs, see `net_of`.

    Example:
        >>> from trainwell.training import net_of
        >>> str(net_of(NetworkSettings(hidden=(8,), activation="tanh"), input_shape=(4,), num_outputs=3))
        '4, 8, 3 (tanh)'
    """

    # Regularization
    l2_penalty: NonNegative = Field(
        0.0, description="weight λ of the L2 penalty ½λ‖W‖² that is added to the loss (biases are left out)"
    )
    dropout_rate: Fraction = Field(
        0.0, description="probability of a hidden unit being zeroed", json_schema_extra=FIRST
    )
    dropout: Literal["inverted", "lecture"] = Field(
        "inverted",
        description="when dropout rescales: in training (inverted, as in PyTorch), or in prediction "
        "(lecture, as it was first proposed)",
    )
    label_smoothing: Fraction = Field(0.0, description="share of the target that is spread over all classes")

    def __init__(self, **fields: Any) -> None:  # without it, type checkers ask for every field
        super().__init__(**fields)
