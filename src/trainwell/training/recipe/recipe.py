"""Recipe: everything that decides how a network is trained, as one frozen, validated, serialisable value."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from trainwell.core import FIRST, MetricName, RecipeError, nearest, shortened

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1), Le(2**31 - 1)]  # counters of updates have 32 bits
GROUPS = {
    "hidden": "Network",
    "initialization": "Initial weights",
    "inputs": "Inputs",
    "optimizer": "Optimizer",
    "schedule": "Learning rate over time",
    "l2_penalty": "Regularization",
    "batch_size": "Batches",
    "epochs": "Budget and stopping",
    "observe_every": "Observation",
}
"""First field of a group -> its heading."""
REGISTERED = ("initialization", "optimizer", "schedule")
"""Fields whose values users can add to."""


class Recipe(BaseModel):
    """How one network is trained. Every field has a default; None means "the rule's own default".

    Fields are flat, so that `Recipe(optimizer="sgd", learning_rate=0.1)`, a TOML file and
    `--vary learning_rate=0.1,0.01` use the same names. `evolve` makes changed copies.

    Example:
        >>> recipe = Recipe(optimizer="momentum", hidden=(100, 100))
        >>> recipe.evolve(learning_rate=0.05).learning_rate
        0.05
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # Network
    hidden: tuple[Count, ...] = Field(
        (100, 100),
        max_length=1000,
        description="widths of the hidden layers, as 100x50; none for a linear model",
        json_schema_extra=FIRST,
    )
    activation: str = Field(
        "relu",
        description="activation function of the hidden layers",
        examples=["relu", "leaky_relu", "elu", "gelu", "silu", "maxout", "sigmoid", "tanh", "identity"],
    )
    maxout_pieces: Annotated[int, Ge(2), Le(2**31 - 1)] = Field(2, description="linear pieces of a maxout unit")
    negative_slope: NonNegative = Field(0.01, description="slope of leaky_relu below 0")
    elu_alpha: Positive = Field(1.0, description="minus this is what elu falls to far below 0")
    batch_norm: bool = Field(False, description="batch normalization before each activation", json_schema_extra=FIRST)
    batch_norm_eps: Positive = Field(1e-6, description="added to the variance in batch normalization")
    batch_norm_momentum: Fraction = Field(
        0.9, description="share of the running mean and variance that is kept at each batch"
    )
    batch_norm_initial_variance: NonNegative = Field(
        0.0, description="running variance before training; other libraries begin with 1"
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
        "standardize", description="numeric inputs are brought to mean 0 and standard deviation 1, to mean 0, or kept"
    )
    # Optimizer
    optimizer: str = Field(
        "adam",
        description="update rule",
        examples=[
            *("adam", "adamw", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "gradient_descent"),
            *("lbfgs", "bfgs", "newton", "newton_damped", "newton_saddle_free"),
            *("momentum_step", "nesterov_lookahead", "adam_folded", "adam_uncorrected"),
        ],
        json_schema_extra=FIRST,
    )
    learning_rate: float | None = Field(
        None, description="step size; default: the optimizer's own", json_schema_extra=FIRST
    )
    momentum: float | None = Field(None, description="share of the velocity that is kept")
    rho: float | None = Field(None, description="RMSProp's share of the old average that is kept")
    beta1: float | None = Field(None, description="Adam's share of the old first moment that is kept")
    beta2: float | None = Field(None, description="Adam's share of the old second moment that is kept")
    eps: float | None = Field(None, description="added to the root in the denominator")
    weight_decay: float | None = Field(None, description="decoupled decay (adamw)")
    damping: float | None = Field(None, description="Newton: curvature that directions have at least")
    memory: int | None = Field(None, description="L-BFGS: steps that are remembered")
    clip_norm: Positive | None = Field(
        None, description="gradients with a larger norm are scaled down to it; default: never"
    )
    layer_learning_rates: tuple[NonNegative, ...] | None = Field(
        None,
        description="multipliers of the learning rate, one per layer from the input on, as 0x1x1; 0 freezes a layer",
    )
    # Learning rate over time
    schedule: str = Field(
        "constant",
        description="how the learning rate changes over time",
        examples=[
            *("constant", "cosine", "linear", "exponential", "inverse_time", "inverse_sqrt", "step", "step_every"),
        ],
    )
    schedule_milestones: tuple[Positive, ...] | None = Field(
        None, description="epochs at which the rate drops (step), as 30x60; default: at 30, 60 and 90% of the run"
    )
    schedule_every: Positive | None = Field(
        None, description="epochs between two drops (step_every); default: 30% of the run"
    )
    schedule_factor: Positive | None = Field(
        None, description="what the rate is multiplied by at each drop (step, step_every)"
    )
    schedule_decay_rate: NonNegative | None = Field(
        None, description="how fast the rate falls per epoch (exponential, inverse_time)"
    )
    schedule_stepwise: bool = Field(False, description="change the rate at whole epochs only, not at every update")
    warmup_epochs: NonNegative = Field(
        0.0, description="epochs at the beginning in which the rate rises linearly from 0"
    )
    # Regularization
    l2_penalty: NonNegative = Field(
        0.0, description="weight λ of the L2 penalty ½λ‖W‖² that is added to the loss (biases are left out)"
    )
    dropout_rate: Fraction = Field(
        0.0, description="probability of a hidden unit being zeroed", json_schema_extra=FIRST
    )
    dropout: Literal["inverted", "lecture"] = Field(
        "inverted", description="whether dropout rescales in training, as is usual, or in prediction, as in the lecture"
    )
    label_smoothing: Fraction = Field(0.0, description="share of the target that is spread over all classes")
    # Batches
    batch_size: Count | Literal["full"] = Field(
        128, description="rows per update, or full for the whole training split", json_schema_extra=FIRST
    )
    batches: Literal["shuffle", "replacement"] = Field(
        "shuffle", description="rows of a batch: shuffled at each epoch, or drawn with replacement"
    )
    last_batch: Literal["keep", "drop"] = Field("keep", description="what becomes of an epoch's last, shorter batch")
    # Budget and stopping
    epochs: Positive = Field(30.0, description="passes over the training split", json_schema_extra=FIRST)
    steps: Count | None = Field(None, description="number of updates, in place of epochs")
    patience: Count | None = Field(
        None, description="early stopping after so many observations without improvement; default: never"
    )
    gradient_tolerance: Positive | None = Field(
        None, description="norm of the gradient at which training stops (full batches); default: never"
    )
    metric: MetricName = Field("loss", description="what early stopping watches on the validation split")
    restore_best: bool | None = Field(
        None, description="keep the weights of the best observation; default: if patience is set"
    )
    # Observation
    observe_every: Count | None = Field(None, description="updates between two observations; default: one epoch")
    observe_first: Annotated[int, Ge(0), Le(2**31 - 1)] | None = Field(
        None, description="update of the first observation; default: after observe_every"
    )
    observe_training: Count = Field(2000, description="training rows that training metrics are computed on, at most")
    observe_batch: bool = Field(False, description="observe the loss of the last batch after its update, too")

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise RecipeError(explain(error, type(self).model_fields)) from None

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_own_type(cls, value: Any, info: ValidationInfo) -> Any:
        """No number may be given as text or as true or false, nor the other way round: it is a slip."""
        kind = cls.model_fields[str(info.field_name)].annotation
        if kind in (float, float | None) and isinstance(value, str):
            raise ValueError(f"{info.field_name} must be a number, got {value!r}")
        switch = bool in (kind, *get_args(kind))
        parts = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(part, bool) != switch for part in parts if part is not None):
            raise ValueError(
                f"{info.field_name} must be {'true or false' if switch else 'no true or false'}, got {value!r}"
            )
        return value

    @field_validator("activation", "initialization", "optimizer", "schedule")
    @classmethod
    def _known_name(cls, name: str, info: ValidationInfo) -> str:
        field = str(info.field_name)
        valid = _names_of(field)
        if name not in valid:
            raise ValueError(f"unknown {field} '{name}': {nearest(name, valid)}")
        return name

    @field_validator("learning_rate", "momentum", "rho", "beta1", "beta2", "eps", "weight_decay", "damping", "memory")
    @classmethod
    def _rule_number(cls, value: float | None, info: ValidationInfo) -> float | None:
        from trainwell.optim import check_number

        try:
            if value is not None:
                check_number(str(info.field_name), value)
        except RecipeError as error:
            raise ValueError(error) from None  # what pydantic collects, to name all bad fields at once
        return value

    def evolve(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated like a new one."""
        return type(self)(**{**self.model_dump(exclude_unset=True), **changes})

    @classmethod
    def restored(cls, fields: dict[str, Any]) -> Self:
        """The recipe of a saved model: what users registered need not be known to use the network.

        Args:
            fields: as they were saved; names of optimizer, schedule and initialization are kept as they are.

        Raises:
            RecipeError: a field is unknown or out of range.
        """
        names = {name: fields[name] for name in REGISTERED if isinstance(fields.get(name), str)}
        own = {name: value for name, value in names.items() if value not in _names_of(name)}
        recipe = cls(**{name: value for name, value in fields.items() if name not in own})
        return recipe.model_copy(update=own)

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        from trainwell.nn import INITIALIZERS
        from trainwell.optim import RULES

        if RULES[self.optimizer].second_order:
            for name in ("clip_norm", "layer_learning_rates"):
                if getattr(self, name) is not None:
                    raise ValueError(
                        f"{name} changes the gradient, but '{self.optimizer}' must see it as it is: leave it out"
                    )
        needs = INITIALIZERS[self.initialization].needs_std
        if needs and self.weight_std is None:
            raise ValueError(f"initialization '{self.initialization}' needs weight_std: the lecture uses 1 and 0.01")
        if self.weight_std is not None and not needs:
            raise ValueError(
                f"initialization '{self.initialization}' sets its own weight_std: leave it out, or use 'normal'"
            )
        return self

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best observation are restored at the end."""
        return self.patience is not None if self.restore_best is None else self.restore_best


def group_of(field: str) -> str:
    """The heading under which a field stands."""
    heading = ""
    for name in Recipe.model_fields:
        heading = GROUPS.get(name, heading)
        if name == field:
            break
    return heading


def _names_of(field: str) -> Collection[str]:
    """The registry that a field's value must be in; imported here, since both rooms load JAX."""
    from trainwell.nn import ACTIVATIONS, INITIALIZERS
    from trainwell.optim import RULES, SCHEDULES

    registries: dict[str, Collection[str]] = {
        "activation": ACTIVATIONS,
        "initialization": INITIALIZERS,
        "optimizer": RULES,
        "schedule": SCHEDULES,
    }
    return registries[field]


LONGEST = 80  # characters of a value in a message
WHY = {
    "dropout_rate": "at 1 no unit is left; try 0.2",
    "label_smoothing": "at 1 nothing of the label is left; try 0.1",
    "l2_penalty": "a negative penalty rewards large weights; try 0.0001",
    "epochs": "training needs some time; try 30",
    "batch_size": "a whole number from 1, or 'full'; try 128",
}


def explain(error: ValidationError, fields: Iterable[str]) -> str:
    """All findings of `error` in one line, the nearest valid name beside an unknown field."""
    names = tuple(fields)
    lines = {finding["loc"][:1]: _line(dict(finding), names) for finding in error.errors(include_url=False)}
    return "; ".join(lines.values())


def _line(finding: dict[str, Any], fields: tuple[str, ...]) -> str:
    name = str(finding["loc"][0]) if finding["loc"] else "recipe"
    if name == "batch_size":  # a number or a word: pydantic has a finding for each
        return f"batch_size must be {WHY[name]}, got {shortened(repr(finding['input']), LONGEST)}"
    if finding["type"] == "extra_forbidden":
        return f"unknown field '{name}': {nearest(name, fields)}"
    if finding["type"] == "value_error":
        return str(finding["ctx"]["error"])
    wrong = str(finding["msg"]).replace("Input should be", "must be")
    why = f": {WHY[name]}" if name in WHY else ""
    return f"{name} {wrong[0].lower()}{wrong[1:]}, got {shortened(repr(finding['input']), LONGEST)}{why}"
