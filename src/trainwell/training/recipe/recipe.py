"""Recipe: everything that decides how a network is trained, as one frozen and validated object."""

from collections.abc import Collection
from typing import Annotated, Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo

from trainwell.core import FIRST, MetricName, RecipeError, kinds_of, list_of, nearest, scalar_of
from trainwell.optim import HYPERPARAMETERS, Bound
from trainwell.training.recipe.findings import explain

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1), Le(2**31 - 1)]  # updates are counted with 32 bits
_MOST = 1e300
GROUPS = {
    "network": "Network",
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
REGISTERED = ("network", "initialization", "optimizer", "schedule")
"""Fields for which users can register new values."""


def _of_rule(name: str) -> Any:
    """The field of a hyperparameter of update rules; if it is unset, the rule's default applies."""
    bound = HYPERPARAMETERS[name]
    extra = FIRST if name == "learning_rate" else {"unset": bound.instead}
    return Field(None, description=bound.meaning, json_schema_extra=extra)


class Recipe(BaseModel):
    """How one network is trained. Every field has a default; None means "the rule's own default".

    Fields are flat, so that `Recipe(optimizer="sgd", learning_rate=0.1)`, a TOML file and
    `--vary learning_rate=0.1,0.01` use the same names. `evolve` makes changed copies. Hyperparameters of
    rules that users registered are fields, too; `recipe_fields` lists all.

    Example:
        >>> recipe = Recipe(optimizer="momentum", hidden=(100, 100))
        >>> recipe.evolve(learning_rate=0.05).learning_rate
        0.05
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    # Network
    network: str = Field(
        "fully_connected",
        description="kind of network; others can be registered in Python",
    )
    hidden: tuple[Count, ...] = Field(
        (100, 100),
        max_length=1000,
        description="widths of the hidden layers, joined by x, e.g. 100x50; none for a linear model",
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
    learning_rate: float | None = _of_rule("learning_rate")
    momentum: float | None = _of_rule("momentum")
    rho: float | None = _of_rule("rho")
    beta1: float | None = _of_rule("beta1")
    beta2: float | None = _of_rule("beta2")
    eps: float | None = _of_rule("eps")
    weight_decay: float | None = _of_rule("weight_decay")
    damping: float | None = _of_rule("damping")
    memory: int | None = _of_rule("memory")
    clip_norm: Positive | None = Field(
        None, description="gradients with a larger norm are scaled down to it; default: never"
    )
    layer_learning_rates: tuple[NonNegative, ...] | None = Field(
        None,
        description="multipliers of the learning rate, one per layer, first layer first, e.g. 0x1x1; 0 freezes a layer",
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
        None, description="epochs at which the rate drops (step), e.g. 30x60; default: at 30, 60 and 90% of the run"
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
        0.0, description="epochs at the beginning in which the rate rises linearly, from 1% of it"
    )
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
    # Batches
    batch_size: Count | Literal["full"] = Field(
        128, description="rows per update, or full for the whole training split", json_schema_extra=FIRST
    )
    batches: Literal["shuffle", "replacement"] = Field(
        "shuffle", description="rows of a batch: shuffled at each epoch, or drawn with replacement"
    )
    last_batch: Literal["keep", "drop"] = Field("keep", description="keep or drop an epoch's last, shorter batch")
    # Budget and stopping
    epochs: Positive = Field(30.0, description="passes over the training split", json_schema_extra=FIRST)
    steps: Count | None = Field(None, description="number of updates, in place of epochs")
    patience: Count | None = Field(
        None, description="early stopping after this many observations without improvement; default: never"
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
        None, description="first update that is observed; default: observe_every"
    )
    observe_training: Count = Field(2000, description="training rows that training metrics are computed on, at most")
    observe_batch: bool = Field(False, description="also observe the loss of the last batch after its update")

    def __init__(self, **fields: Any) -> None:
        kept, wrong = fields, []
        if extra := fields.keys() - type(self).model_fields.keys():
            own = own_numbers()
            unknown = [name for name in fields if name in extra and name not in own]
            wrong = [f"unknown field '{name}': {nearest(name, (*type(self).model_fields, *own))}" for name in unknown]
            kept = {name: value for name, value in fields.items() if name not in extra}
            # An unset number is left out, so that recipes with and without it are equal.
            kept |= {name: _plain(fields[name], own[name]) for name in own if fields.get(name) is not None}
        try:
            super().__init__(**kept)
        except ValidationError as error:
            wrong.insert(0, explain(error))
        if wrong:
            raise RecipeError("; ".join(wrong))

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_own_type(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse text or a boolean in place of a number, and a number in place of a boolean."""
        kind = cls.model_fields[str(info.field_name)].annotation
        if kind in (float, float | None) and isinstance(value, str):
            raise ValueError(f"{info.field_name} must be a number, got {value!r}")
        switch = bool in (kind, *get_args(kind))
        parts = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(part, bool) != switch for part in parts if part is not None):
            raise ValueError(
                f"{info.field_name} must {'be true or false' if switch else 'not be true or false'}, got {value!r}"
            )
        return value

    @field_validator("activation", *REGISTERED)
    @classmethod
    def _known_name(cls, name: str, info: ValidationInfo) -> str:
        field = str(info.field_name)
        valid = _names_of(field)
        if name not in valid:
            raise ValueError(f"unknown {field} '{name}': {nearest(name, valid)}")
        return name

    @field_validator(*HYPERPARAMETERS)
    @classmethod
    def _rule_number(cls, value: float | None, info: ValidationInfo) -> float | None:
        from trainwell.optim import check_number

        try:
            if value is not None:
                check_number(str(info.field_name), value)
        except RecipeError as error:
            raise ValueError(error) from None  # pydantic collects ValueErrors, so that all bad fields are reported
        return value

    def evolve(self, **changes: Any) -> Self:
        """A copy with some fields changed, validated like a new one."""
        return type(self)(**{**self.model_dump(exclude_unset=True), **changes})

    def saved(self) -> dict[str, Any]:
        """Fields as plain JSON values, for `restored`; without numbers of users' rules and networks that are unused."""
        from trainwell.optim import RULES
        from trainwell.training.recipe.networks import NETWORKS

        known = self.optimizer in RULES and self.network in NETWORKS
        extra = (
            {**RULES[self.optimizer].hyperparameters, **NETWORKS[self.network].defaults} if known else self.model_extra
        )
        fields = self.model_dump(mode="json")
        return {name: value for name, value in fields.items() if name in {**type(self).model_fields, **(extra or {})}}

    @classmethod
    def restored(cls, fields: dict[str, Any]) -> Self:
        """The recipe of a saved model. Names that users registered are accepted even if they are not registered now.

        Args:
            fields: the saved fields. Unknown names of network, optimizer, schedule and initialization are kept, and so
                are the numbers of an unknown network or optimizer.

        Raises:
            RecipeError: a field is unknown or out of range.
        """
        names = {name: fields[name] for name in REGISTERED if isinstance(fields.get(name), str)}
        own: dict[str, Any] = {name: value for name, value in names.items() if value not in _names_of(name)}
        if not own.keys().isdisjoint(("network", "optimizer")):
            numbers = {name: value for name, value in fields.items() if type(value) in (int, float)}
            own |= {name: value for name, value in numbers.items() if name not in cls.model_fields}
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
                        f"{name} changes the gradient, but '{self.optimizer}' needs it unchanged: leave {name} out"
                    )
        self._check_own_numbers()
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

    def _check_own_numbers(self) -> None:
        """Check numbers of users' rules and networks against the ranges that the recipe's rule and network define."""
        from trainwell.optim import RULES, check_number
        from trainwell.training.recipe.networks import NETWORKS

        if not self.model_extra:
            return
        bounds = {**own_numbers(), **RULES[self.optimizer].bounds, **NETWORKS[self.network].bounds}
        for name, value in self.model_extra.items():
            try:
                check_number(name, value, bounds[name])
            except RecipeError as error:
                raise ValueError(error) from None

    def number(self, name: str) -> float | None:
        """The value of a rule's or a network's number; None if it is unset, or the name is another field's."""
        is_field = name in type(self).model_fields and name not in HYPERPARAMETERS
        return None if is_field else getattr(self, name, None)

    @property
    def rule_numbers(self) -> dict[str, float]:
        """The hyperparameters of the update rule, the learning rate first; unset ones have the rule's defaults."""
        from trainwell.optim import RULES

        defaults = RULES[self.optimizer].defaults
        given = {name: self.number(name) for name in defaults}
        return defaults | {name: value for name, value in given.items() if value is not None}

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best observation are restored at the end."""
        return self.patience is not None if self.restore_best is None else self.restore_best


def group_of(field: str) -> str:
    """The heading of a field's group."""
    if field not in Recipe.model_fields:  # a number of a user's network or rule
        from trainwell.training.recipe.networks import NETWORKS

        field = "network" if any(field in spec.defaults for spec in NETWORKS.values()) else "optimizer"
    heading = ""
    for name in Recipe.model_fields:
        heading = GROUPS.get(name, heading)
        if name == field:
            break
    return heading


def recipe_fields() -> dict[str, FieldInfo]:
    """All fields of recipes by name, including numbers of rules and networks that users registered."""
    fields: dict[str, FieldInfo] = {}
    for name, info in Recipe.model_fields.items():
        fields[name] = info
        if name == list(HYPERPARAMETERS)[-1]:
            fields |= {own: _own_field(bound) for own, bound in own_numbers().items()}
    return fields


def parse_field(field: str, text: str) -> Any:
    """Parse a field's value as `core.value_text` writes it; its range is checked by `Recipe`, not here.

    Args:
        field: name of a recipe's field.
        text: a number, a word, or several values joined by `,` or `x` for a list. `none` is the empty list, or unsets
            a field that is unset by default.

    Raises:
        RecipeError: the text, or an item of a list, is empty.

    Example:
        >>> parse_field("hidden", "100x50"), parse_field("l2_penalty", "1e-3"), parse_field("clip_norm", "none")
        ((100, 50), 0.001, None)
    """
    text = text.strip()
    info = recipe_fields()[field]
    kinds = list(kinds_of(info.annotation))
    if not text:
        instead = "none, or some numbers" if tuple in kinds else "one, or leave the field out"
        raise RecipeError(f"{field} has an empty value: write {instead}")
    if text.lower() == "none" and info.default is None:
        return None
    if tuple in kinds:
        try:
            return list_of(text)
        except ValueError:
            raise RecipeError(
                f"{field} has an empty item in '{text}': write numbers joined by commas, or none"
            ) from None
    if bool in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return scalar_of(text)


def _own_field(bound: Bound) -> FieldInfo:
    meaning = f"{bound.meaning}, {bound.range}; its default is {bound.instead}"
    return FieldInfo(annotation=int | None if bound.whole else float | None, default=None, description=meaning)


def _plain(value: Any, bound: Bound) -> Any:
    """A number as Python's `int` or `float`; other values unchanged, to be refused later."""
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < _MOST:
        return value
    return int(number) if bound.whole and number == int(number) else float(number)


def own_numbers() -> dict[str, Bound]:
    """Numbers of users' rules and networks by name; the range is that of the first rule or network that has it."""
    from trainwell.optim import RULES
    from trainwell.training.recipe.networks import NETWORKS

    of_rules = {number for rule in RULES.values() for number in rule.hyperparameters}
    for network in NETWORKS.values():
        if both := sorted(of_rules & network.defaults.keys()):
            raise RecipeError(
                f"the network '{network.name}' and an optimizer both have a number '{both[0]}': rename one"
            )
    own: dict[str, Bound] = {}
    for bounds, names in (
        *((spec.bounds, spec.hyperparameters) for spec in RULES.values()),
        *((spec.bounds, spec.defaults) for spec in NETWORKS.values()),
    ):
        own = {name: bounds[name] for name in names if name not in Recipe.model_fields} | own
    return own


def _names_of(field: str) -> Collection[str]:
    """The registry of a field's values; imported here because `nn` and `optim` load JAX."""
    from trainwell.nn import ACTIVATIONS, INITIALIZERS
    from trainwell.optim import RULES, SCHEDULES
    from trainwell.training.recipe.networks import NETWORKS

    registries: dict[str, Collection[str]] = {
        "network": NETWORKS,
        "activation": ACTIVATIONS,
        "initialization": INITIALIZERS,
        "optimizer": RULES,
        "schedule": SCHEDULES,
    }
    return registries[field]
