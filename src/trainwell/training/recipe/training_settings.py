"""`TrainingSettings`: the half of a recipe that says how the network is trained."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from annotated_types import Ge, Le
from pydantic import Field, ValidationInfo, field_validator, model_validator

from trainwell.core import FIRST, MetricName, RecipeError
from trainwell.optim import HYPERPARAMETERS
from trainwell.training.recipe.part import Count, NonNegative, Positive, RecipePart

if TYPE_CHECKING:  # it loads NumPy, and help reads this file
    from trainwell.optim import Schedule


def _of_rule(name: str) -> Any:
    """The field of a hyperparameter of update rules; if it is unset, the rule's default applies."""
    bound = HYPERPARAMETERS[name]
    extra = FIRST if name == "learning_rate" else {"shown": bound.instead}
    return Field(None, description=bound.meaning, json_schema_extra=extra)


class OptimizerSettings(RecipePart):
    """How each update is made: the update rule, its numbers, and the learning rate over time."""

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
        description="multipliers of the learning rate, one per layer, first layer first (0 freezes a layer)",
        examples=["0x1x1"],
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
        None,
        description="epochs at which the rate drops (step); default: at 30, 60 and 90% of the run",
        examples=["30x60"],
    )
    schedule_every: Positive | None = Field(
        None, description="epochs between two drops (step_every); default: 30% of the run"
    )
    schedule_factor: Positive | None = Field(
        None, description="what the rate is multiplied by at each drop (step, step_every); default: 0.1"
    )
    schedule_decay_rate: NonNegative | None = Field(
        None,
        description="how fast the rate falls per epoch (exponential, inverse_time); default: 0.05 (exponential) or 0.1",
    )
    schedule_stepwise: bool = Field(False, description="change the rate at whole epochs only, not at every update")
    warmup_epochs: NonNegative = Field(
        0.0, description="epochs at the beginning in which the rate rises linearly, from 1% of it"
    )

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

    @model_validator(mode="after")
    def _gradient_stays_unchanged(self) -> Self:
        from trainwell.optim import RULES

        if RULES[self.optimizer].second_order:
            for name in ("clip_norm", "layer_learning_rates"):
                if getattr(self, name) is not None:
                    raise ValueError(
                        f"{name} changes the gradient, but '{self.optimizer}' needs it unchanged: leave {name} out"
                    )
        return self

    @property
    def rule_numbers(self) -> dict[str, float]:
        """The hyperparameters of the update rule, the learning rate first; unset ones have the rule's defaults."""
        from trainwell.optim import RULES

        defaults = RULES[self.optimizer].defaults
        given = {name: self.number(name) for name in defaults}
        return defaults | {name: value for name, value in given.items() if value is not None}

    def schedule_over(self, epochs: float) -> "Schedule":
        """The schedule for a run of this length: a function from times in epochs to factors of the learning rate.

        Raises:
            RecipeError: a number of the schedule is out of range, or the warm-up is as long as the run.
        """
        from trainwell.optim import make_schedule, schedule

        given = {name: getattr(self, f"schedule_{name}") for name in schedule(self.schedule).parameters}
        return make_schedule(
            self.schedule,
            epochs,
            self.warmup_epochs,
            self.schedule_stepwise,
            **{name: value for name, value in given.items() if value is not None},
        )


class TrainingSettings(OptimizerSettings):
    """How a member is trained: all that the engine reads, whatever the problem is. A `Recipe` is one.

    Example:
        >>> TrainingSettings(optimizer="momentum", steps=100).rule_numbers
        {'learning_rate': 0.02, 'momentum': 0.9}
    """

    # Batches
    batch_size: Count | Literal["full"] = Field(
        128,
        description="rows per update, or full for the whole training split",
        json_schema_extra={**FIRST, "shown": "128; fewer on small data"},
    )
    batches: Literal["shuffle", "replacement"] = Field(
        "shuffle", description="rows of a batch: shuffled at each epoch, or drawn with replacement"
    )
    last_batch: Literal["keep", "drop"] = Field("keep", description="keep or drop an epoch's last, shorter batch")
    # Budget and stopping
    epochs: Positive = Field(
        30.0,
        description="passes over the training split",
        json_schema_extra={**FIRST, "shown": "30; adapted to the size of the data"},
    )
    steps: Count | None = Field(None, description="number of updates, in place of epochs")
    patience: Count | None = Field(
        None, description="early stopping after this many observations without improvement; default: never"
    )
    gradient_tolerance: Positive | None = Field(
        None,
        description="training stops when the norm of the gradient is at most this; for full batches, as the gradient "
        "of a mini-batch can be small by chance; default: never",
    )
    metric: MetricName = Field(
        "loss",
        description="metric on the validation split that early stopping (patience) and restore_best go by",
    )
    restore_best: bool | None = Field(
        None,
        description="keep the weights of the best observation; default: if patience is set",
        json_schema_extra={"shown": "if patience is set; in train also on small data"},
    )
    # Observation
    observe_every: Count | None = Field(None, description="updates between two observations; default: one epoch")
    observe_first: Annotated[int, Ge(0), Le(2**31 - 1)] | None = Field(
        None, description="first update that is observed; default: the last one of the first interval"
    )
    observe_training: Count = Field(2000, description="training rows that training metrics are computed on, at most")
    observe_batch: bool = Field(False, description="also observe the loss of the last batch after its update")

    def __init__(self, **fields: Any) -> None:  # without it, type checkers ask for every field
        super().__init__(**fields)

    @property
    def keeps_best(self) -> bool:
        """Whether the weights of the best observation are restored at the end."""
        return self.patience is not None if self.restore_best is None else self.restore_best

    @property
    def watches_metric(self) -> bool:
        """Whether the metric on the validation split decides when training stops or which weights are kept."""
        return self.keeps_best or self.patience is not None
