"""What is asked, checked: a space (or the usual one), a plan and data that fit, and what trials are judged on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import METRICS, METRICS_OF, DataError, MetricName, SearchError, configure_runtime, undefined_r2
from trainwell.data import Dataset, Folds, folds_of
from trainwell.models import Model, TrainedNetwork
from trainwell.search.samplers.registry import check_sampler
from trainwell.search.study.studies import check_existing, existing_storage, quiet_optuna
from trainwell.search.tuning.plan import Plan
from trainwell.training import Axis, Choices, Range, Recipe, Space, members_work

FEW = 200  # validation rows; of fewer a single split says too little
FOLDS = 5
UPDATES_WORTH = 75_000  # examples seen per epoch times epochs, about: small data are passed more often
FEWEST_EPOCHS, MOST_EPOCHS = 20, 100
SMALL = 5000  # training rows below which compiling a third depth would take longer than training it
TINY = 300  # training rows below which a batch of 128 is all or half of them

# What is searched when nothing is said. Few widths, depths and batch sizes: each combination with batch norm or without
# is a program to compile. Dropout is always there, from rates that do nothing on, since its presence would double them.
AXES: dict[str, Axis] = {
    "optimizer": Choices(("nesterov", "adam", "adamw")),
    "learning_rate": Range(1e-4, 0.3, log=True),
    "momentum": Range(0.5, 0.99),
    "schedule": Choices(("constant", "linear", "cosine")),
    "width": Choices((64, 256)),
    "depth": Choices((1, 2, 3)),
    "batch_norm": Choices((False, True), when={"depth": (2, 3)}),
    "initialization": Choices(("he", "glorot", "xavier")),
    "dropout_rate": Range(0.001, 0.5),
    "l2_penalty": Range(1e-7, 1e-2, log=True, when={"optimizer": ("nesterov", "adam")}),
    "weight_decay": Range(1e-4, 1.0, log=True),
    "batch_size": Choices((32, 128)),
}
SHALLOW: dict[str, Axis] = {
    "depth": Choices((1, 2)),
    "batch_norm": Choices((False, True), when={"depth": (2,)}),
}


@dataclass(frozen=True, eq=False)
class Pool:
    """The datasets of a search, and how outputs on their validation parts are put together.

    Attributes:
        dataset: as it was loaded; its test split is not touched.
        folds: None for the single validation split.
        chosen: what is to be said where fewer folds than usual were chosen.
    """

    dataset: Dataset
    folds: Folds | None
    chosen: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataset: Dataset, folds: int | None) -> "Pool":
        """The pool of a dataset.

        Args:
            dataset: with training and validation splits.
            folds: of the cross-validation; 1 for the validation split; None chooses: where the split has fewer than
                200 rows 5, or as many as the smallest class has rows, where that is fewer.

        Raises:
            DataError: there are too few rows for so many folds.
        """
        if folds is not None:
            return cls(dataset, None if folds == 1 else folds_of(dataset, folds))
        if len(dataset.validation) >= FEW:
            return cls(dataset, None)
        if dataset.validates_on_test:
            return cls(dataset, None, (_fewer(dataset, None, "they would train on the test set"),))
        most, why = _most_folds(dataset)
        try:
            found = folds_of(dataset, most) if most > 1 else None
        except DataError as error:  # a fold in which no row has a weight
            found, why = None, str(error)
        return cls(dataset, found, () if most == FOLDS and found else (_fewer(dataset, found, why),))

    def notices(self, metric: MetricName) -> tuple[str, ...]:
        """What a reader must know of how trials are judged by a metric: too few rows, or where R² is undefined.

        Args:
            metric: that was asked for.
        """
        return (*self.chosen, *(undefined_notices(self.datasets) if METRICS[metric].instead else ()))

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What members are trained on."""
        return (self.dataset,) if self.folds is None else self.folds.datasets

    @property
    def targets(self) -> np.ndarray:
        """Of all validation rows."""
        return self.dataset.validation.targets if self.folds is None else self.folds.targets

    @property
    def weights(self) -> np.ndarray:
        """Of all validation rows."""
        return self.dataset.validation.weights if self.folds is None else self.folds.weights

    def outputs(self, networks: Sequence[TrainedNetwork]) -> Float[np.ndarray, "N C"]:
        """Outputs for all validation rows, each by the network that was not trained on it.

        Args:
            networks: one per dataset.
        """
        each = [
            Model.of_networks(data, [network], {}).outputs(data.validation.inputs)
            for data, network in zip(self.datasets, networks, strict=True)
        ]
        return each[0] if self.folds is None else self.folds.together(each)


@dataclass(frozen=True, eq=False)
class Request:
    """A search that can be.

    Attributes:
        dataset: training and validation splits are used.
        space: what to search; its trials keep the weights that are best by the metric that they are judged by.
        plan: how.
        pool: what trials are judged on.
        metric: by which, on validation: the loss where the metric that was asked for is undefined.
        rules: optimizers that any trial may have; compiled into every program, so that later rounds find them there.
        begun: `time.monotonic()` from which the plan's time counts.
    """

    dataset: Dataset
    space: Space
    plan: Plan
    pool: Pool
    metric: MetricName
    rules: tuple[str, ...]
    begun: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, dataset: Dataset, space: Space | None, plan: Plan, rules: Sequence[str] = ()) -> "Request":
        """Check all that can be known before anything is made.

        Args:
            dataset: see `Request`.
            space: what to search; None for the default one.
            plan: how.
            rules: optimizers to compile into every program beside the space's own, see `train_problems`.

        Raises:
            TrainwellError: the metric is not for the task, there are too few rows for the folds, the sampler is unknown
                or lacks a package, or a recipe of the space does not fit the data.
        """
        begun, asked = time.monotonic(), metric_of(dataset, plan.metric)
        check_sampler(plan.sampler)
        pool = Pool.of(dataset, plan.folds)
        metric = defined_metric(pool.datasets, asked)
        space = default_space(dataset, metric) if space is None else space
        if space.base.metric != metric:
            space = space.evolve(metric=metric)
        members_work(pool.datasets[:1], [space.recipe(values) for values in space.points()], 1)
        axis = space.axes.get("optimizer")
        own = axis.values if isinstance(axis, Choices) else (space.base.optimizer,)
        return cls(dataset, space, plan, pool, metric, tuple(dict.fromkeys([*own, *rules])), begun)

    def until(self, share: float) -> float | None:
        """`time.monotonic()` at which a share of the plan's time is over; None without a limit."""
        return None if self.plan.seconds is None else self.begun + share * self.plan.seconds

    def to_json(self) -> dict[str, Any]:
        """All that a trial's result and place depend on: who asks for something else must not join the study."""
        halving = self.plan.halving
        return {
            "data": self.dataset.fingerprint,
            "space": self.space.to_json(),
            "metric": self.metric,
            "folds": len(self.pool.datasets),
            "seeds": list(self.plan.seeds),
            "halving": None if halving is None else [halving.reduction, halving.rungs],
            "sampler": self.plan.sampler,
            "seed": self.plan.seed,
            "trials per round": self.plan.trials_per_round,
            "precision": configure_runtime().precision,
        }


def check(
    dataset: Dataset, space: Space, plan: Plan, storage: str | Path | None = None, study: str = "trainwell"
) -> Request:
    """Find out whether a search can be, before anything is made.

    Returns:
        What `tune_checked` takes.

    Raises:
        TrainwellError: see `Request.of`; or the storage cannot be used, or holds another request's study.
    """
    request = Request.of(dataset, space, plan)
    if storage is not None:
        with quiet_optuna(), existing_storage(storage) as there:
            if there is not None:
                check_existing(there, study, request.to_json())
    return request


def metric_of(dataset: Dataset, wanted: str | None) -> MetricName:
    """The metric to judge by: as asked, else accuracy for classification and R² for regression.

    Raises:
        SearchError: it is unknown, or not for this task.
    """
    usable = METRICS_OF[dataset.task]
    for metric in usable:
        if wanted in (None, metric):
            return metric
    raise SearchError(f"metric '{wanted}' is not for {dataset.task}: use {' or '.join(usable)}")


def defined_metric(datasets: Sequence[Dataset], metric: MetricName) -> MetricName:
    """What can be judged by: the loss in place of R² where that is undefined on every validation split.

    Args:
        datasets: one, or the folds of a cross-validation.
        metric: to judge by, see `metric_of`.
    """
    instead = METRICS[metric].instead
    return instead if instead and all(_whys(datasets)) else metric


def undefined_notices(datasets: Sequence[Dataset]) -> list[str]:
    """What a reader must know where R² is undefined on some or all validation splits; empty for classification."""
    whys = _whys(datasets)
    missing = [why for why in whys if why]
    if not missing:
        return []
    if len(missing) == len(whys):
        where = "on the validation split" if len(whys) == 1 else f"in all {len(whys)} folds"
        return [f"R² is undefined {where} ({missing[0]}): the loss is judged by"]
    return [
        f"R² is undefined in {len(missing)} of {len(whys)} folds ({missing[0]}): "
        f"a trial's R² is the mean over the other {len(whys) - len(missing)}, and where it is undefined the loss says "
        "which weights are best"
    ]


def _whys(datasets: Sequence[Dataset]) -> list[str | None]:
    """Per dataset, why R² is undefined on its validation split."""
    if datasets[0].task == "classification":
        return [None]
    return [undefined_r2(data.validation.targets, data.validation.weights) for data in datasets]


def _most_folds(dataset: Dataset) -> tuple[int, str]:
    """As many folds as there are rows for, at most 5, and why not more."""
    if dataset.task == "regression":
        count = len(dataset.training) + len(dataset.validation)
        return min(FOLDS, count // 2), f"there are only {count} training and validation rows"
    targets = np.concatenate([dataset.training.targets, dataset.validation.targets])
    sizes = np.bincount(targets, minlength=dataset.num_outputs)
    sizes[sizes == 0] = len(targets)  # a class of which only the test split has rows
    fewest = int(sizes.min())
    name = dataset.class_names[int(sizes.argmin())]
    rows = "one training or validation row" if fewest == 1 else f"{fewest} training and validation rows"
    return min(FOLDS, fewest), f"class '{name}' has only {rows}"


def _fewer(dataset: Dataset, folds: Folds | None, why: str) -> str:
    """What a reader must know where there are fewer folds than usual."""
    instead = f"on {len(folds)} folds" if folds else f"on one split of {len(dataset.validation)} rows"
    return f"trials are judged {instead}, not on {FOLDS} folds: {why}"


def default_space(dataset: Dataset, metric: MetricName, **fields: Any) -> Space:
    """Wide ranges of what matters most in training, for networks that a laptop trains in seconds.

    Optimizer with its learning rate and momentum, schedule, width, depth, batch norm, dropout, L2 penalty or decoupled
    decay, initialization, batch size. Trials keep the weights of their best observation.

    Args:
        dataset: smaller ones are passed over more often: 75,000 examples by the number of training rows, at least 20
            and at most 100 times; below 5,000 rows there are at most two hidden layers,
            below 300 smaller batches.
        metric: which observation is the best.
        **fields: of the recipe, fixed in place of searched or of these defaults.

    Returns:
        The space.

    Source: T-HP-4, T-REG-3.
    """
    epochs = min(max(round(UPDATES_WORTH / len(dataset.training)), FEWEST_EPOCHS), MOST_EPOCHS)
    axes = AXES if len(dataset.training) >= SMALL else {**AXES, **SHALLOW}
    if len(dataset.training) < TINY:
        axes = {**axes, "batch_size": Choices((16, 64))}
    space = Space(Recipe(epochs=epochs, restore_best=True, metric=metric), axes)
    return space.evolve(**fields) if fields else space
