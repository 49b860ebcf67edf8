"""Recipe: everything that decides how a network is trained, as one frozen, validated, serialisable value."""

from collections.abc import Collection, Iterable
from typing import Annotated, Any, Literal, Self, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from trainwell.core import MetricName, RecipeError, nearest, shortened

Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]
Count = Annotated[int, Ge(1), Le(2**31 - 1)]  # counters of updates have 32 bits
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
    hidden: tuple[Count, ...] = Field((100, 100), max_length=1000, description="widths of the hidden layers")
    activation: str = Field("relu", description="activation of the hidden layers (T-ACT-1..6)")
    maxout_pieces: Annotated[int, Ge(2), Le(2**31 - 1)] = Field(2, description="linear pieces per maxout unit")
    negative_slope: NonNegative = Field(0.01, description="leaky ReLU's slope below 0")
    elu_alpha: Positive = Field(1.0, description="ELU's limit below 0")
    batch_norm: bool = Field(False, description="batch normalization before each activation (T-BN-1..3)")
    batch_norm_eps: Positive = Field(1e-6, description="added to the variance; 1e-6 is the book's")
    batch_norm_momentum: Fraction = Field(0.9, description="share of the running statistics that is kept")
    batch_norm_initial_variance: NonNegative = Field(
        0.0, description="running variance before training; 0 is the book's"
    )
    # Initial weights
    initialization: str = Field("he", description="scheme of the initial weights (T-INIT-0..3, or a registered one)")
    weight_std: NonNegative | None = Field(None, description="standard deviation (`normal`) or value (`constant`)")
    weight_distribution: Literal["normal", "uniform"] = Field("normal", description="shape of the distribution")
    # Inputs
    inputs: Literal["standardize", "center", "none"] = Field(
        "standardize", description="preprocessing (T-PRE-1, T-PRE-2)"
    )
    # Optimizer
    optimizer: str = Field("adam", description="update rule (T-OPT-0..7b, adamw, or a registered one)")
    learning_rate: float | None = Field(None, description="step size")
    momentum: float | None = Field(None, description="share of the velocity that is kept")
    rho: float | None = Field(None, description="RMSProp's share of the old average that is kept")
    beta1: float | None = Field(None, description="Adam's share of the old first moment that is kept")
    beta2: float | None = Field(None, description="Adam's share of the old second moment that is kept")
    eps: float | None = Field(None, description="added to the root in the denominator")
    weight_decay: float | None = Field(None, description="decoupled decay (adamw)")
    damping: float | None = Field(None, description="Newton: curvature that directions have at least")
    memory: int | None = Field(None, description="L-BFGS: steps that are remembered")
    clip_norm: Positive | None = Field(None, description="largest norm of the whole gradient")
    layer_learning_rates: tuple[NonNegative, ...] | None = Field(
        None, description="multiplier of the learning rate per layer, input side first; 0 freezes"
    )
    # Learning rate over time
    schedule: str = Field("constant", description="learning rate over time (T-LR-1..6, or a registered one)")
    schedule_milestones: tuple[Positive, ...] | None = Field(
        None, description="`step`: epochs at which the rate drops; None: at 30, 60 and 90% of the run"
    )
    schedule_every: Positive | None = Field(
        None, description="`step_every`: epochs between two drops; None: 30% of the run"
    )
    schedule_factor: Positive | None = Field(None, description="what the rate is multiplied by at each drop")
    schedule_decay_rate: NonNegative | None = Field(None, description="`exponential`, `inverse_time`: k, per epoch")
    schedule_stepwise: bool = Field(False, description="read the schedule at whole epochs only")
    warmup_epochs: NonNegative = Field(0.0, description="linear warm-up in front of the schedule")
    # Regularization
    l2_penalty: NonNegative = Field(0.0, description="λ of ½λ‖W‖², weights only (T-REG-1)")
    dropout_rate: Fraction = Field(0.0, description="probability of a hidden unit being zeroed")
    dropout: Literal["inverted", "lecture"] = Field("inverted", description="form of dropout (T-REG-2b, T-REG-2a)")
    label_smoothing: Fraction = Field(0.0, description="share of the target spread over all classes")
    # Batches
    batch_size: Count | Literal["full"] = Field(128, description="examples per update, or `full`")
    batches: Literal["shuffle", "replacement"] = Field(
        "shuffle", description="by epoch, or drawn with replacement (the book)"
    )
    last_batch: Literal["keep", "drop"] = Field("keep", description="an epoch's last, shorter batch")
    # Budget and stopping
    epochs: Positive = Field(30.0, description="passes over the training split")
    steps: Count | None = Field(None, description="number of updates, in place of epochs")
    patience: Count | None = Field(None, description="observations without improvement before stopping (T-REG-3)")
    gradient_tolerance: Positive | None = Field(
        None, description="norm of an update's gradient at which to stop (for full batches)"
    )
    metric: MetricName = Field("loss", description="validation metric that early stopping watches")
    restore_best: bool | None = Field(
        None, description="keep the weights of the best observation; None: if patience is set"
    )
    # Observation
    observe_every: Count | None = Field(None, description="updates between observations; None is one epoch")
    observe_first: Annotated[int, Ge(0), Le(2**31 - 1)] | None = Field(
        None, description="update of the first observation; the book's is 1"
    )
    observe_training: Count = Field(
        2000, description="training examples that training metrics are computed on, at most"
    )
    observe_batch: bool = Field(False, description="observe the loss on the last batch after its update, too (F-6-9)")

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
