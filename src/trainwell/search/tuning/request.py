"""A validated search: its space (or the default one), plan, data, and validation folds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import METRICS, METRICS_OF, DataError, MetricName, SearchError, configure_runtime, undefined_r2
from trainwell.data import Dataset, Folds, folds_of
from trainwell.models import Model, TrainedNetwork
from trainwell.search.samplers.registry import check_sampler
from trainwell.search.study.studies import check_existing, existing_storage, quiet_optuna
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.plan import Plan
from trainwell.training import NETWORKS, Axis, Choices, Range, Recipe, Space, fingerprints, members_work, problems_of

FAR_APART = 10  # ratio of two bounds from which a range is searched on a log scale
FEW = 200  # with fewer validation rows a single split is too noisy, so cross-validation is used
FOLDS = 5
EXAMPLES = 75_000  # default length of training, in examples: epochs × training rows
FEWEST_EPOCHS, MOST_EPOCHS = 20, 100
SMALL = 5000  # below this number of training rows compiling a third depth takes longer than training it
TINY = 300  # below this number of training rows a batch of 128 is half of them or all

# The default search space. Width, depth, batch size and batch norm have few choices: each combination is a program to
# compile. Dropout would double their number if it could be absent: instead its range starts at a negligible rate.
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
    """The dataset of a search and its cross-validation folds.

    Attributes:
        dataset: the dataset; its test split is not used.
        folds: the folds; None for the single validation split.
        chosen: a notice if fewer folds than the default were possible.
    """

    dataset: Dataset
    folds: Folds | None
    chosen: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataset: Dataset, folds: int | None) -> "Pool":
        """Make the folds of a dataset.

        Args:
            dataset: its training and validation splits are used.
            folds: number of folds; 1 for the single validation split. None chooses: 1 if the validation split has 200
                rows or more, else 5, or the number of rows of the smallest class if that is less.

        Raises:
            DataError: there are too few rows for this number of folds.
        """
        if folds is not None:
            return cls(dataset, None if folds == 1 else folds_of(dataset, folds))
        if len(dataset.validation) >= FEW:
            return cls(dataset, None)
        if dataset.validates_on_test:
            return cls(dataset, None, (_fewer(dataset, None, "folds would train on the test set"),))
        most, why = _most_folds(dataset)
        try:
            found = folds_of(dataset, most) if most > 1 else None
        except DataError as error:  # in a fold all rows have weight 0
            found, why = None, str(error)
        return cls(dataset, found, () if most == FOLDS and found else (_fewer(dataset, found, why),))

    def notices(self, metric: MetricName) -> tuple[str, ...]:
        """Notices on the validation of trials: too few rows for all folds, or folds on which R² is undefined.

        Args:
            metric: the requested metric.
        """
        return (*self.chosen, *(undefined_notices(self.datasets) if METRICS[metric].fallback else ()))

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The datasets to train on: one per fold."""
        return (self.dataset,) if self.folds is None else self.folds.datasets

    @property
    def targets(self) -> np.ndarray:
        """Targets of all validation rows."""
        return self.dataset.validation.targets if self.folds is None else self.folds.targets

    @property
    def weights(self) -> np.ndarray:
        """Weights of all validation rows."""
        return self.dataset.validation.weights if self.folds is None else self.folds.weights

    def outputs(self, networks: Sequence[TrainedNetwork]) -> Float[np.ndarray, "N C"]:
        """Outputs for all validation rows, each computed by the network that was not trained on this row.

        Args:
            networks: one per dataset in `datasets`.
        """
        each = [
            Model.of_networks(data, [network], {}).outputs(data.validation.inputs)
            for data, network in zip(self.datasets, networks, strict=True)
        ]
        return each[0] if self.folds is None else self.folds.together(each)


@dataclass(frozen=True, eq=False)
class Request:
    """A validated search.

    Attributes:
        dataset: its training and validation splits are used.
        space: the search space; its recipes keep the weights that are best by `metric`.
        plan: settings of the search.
        pool: the validation folds.
        metric: the validation metric to optimize; the loss if the requested metric is undefined.
        rules: all update rules that a trial can have; every program contains all of them, so that later rounds need not
            compile again.
        begun: value of `time.monotonic()` at which the plan's time limit starts.
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
        """Validate a search before anything is trained or written.

        Args:
            dataset: see `Request`.
            space: the search space; None for the default one.
            plan: settings of the search.
            rules: further update rules to compile into every program, see `train_problems`.

        Raises:
            TrainwellError: the metric does not fit the task, there are too few rows for the folds, the sampler is
                unknown or needs a missing package, or a recipe of the space does not fit the data.
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

    def share_trained(self, trial: TrialRecord) -> float:
        """The share of its full training that a trial had, at most 1."""
        done, epochs = trial.curve.epochs, float(trial.recipe.epochs)
        if trial.recipe.steps is not None:
            (problem,) = problems_of([trial.recipe], self.pool.datasets[0], configure_runtime().precision)
            epochs = trial.recipe.steps / problem.steps_per_epoch
        return min(float(done[-1]) / epochs, 1.0) if len(done) else 0.0

    def until(self, share: float) -> float | None:
        """Value of `time.monotonic()` after this share of the time limit; None without a limit."""
        return None if self.plan.seconds is None else self.begun + share * self.plan.seconds

    def to_json(self) -> dict[str, Any]:
        """Everything that trials and their results depend on; processes that share a study must agree in all of it."""
        halving = self.plan.halving
        return {
            "data": self.dataset.fingerprint,
            "space": self.space.to_json(),
            "metric": self.metric,
            "folds": len(self.pool.datasets),
            "seeds": list(self.plan.seeds),
            "halving": None if halving is None else [halving.reduction, halving.rungs],
            "sampler": self.plan.sampler,
            "seed": self.plan.sampler_seed,
            "trials per round": self.plan.trials_per_round,
            "precision": configure_runtime().precision,
            "functions": fingerprints(self.space.recipe(values) for values in self.space.points()),
        }


def check(
    dataset: Dataset, space: Space, plan: Plan, storage: str | Path | None = None, study: str = "trainwell"
) -> Request:
    """Validate all arguments of a search before anything is trained or written.

    Returns:
        The request that `tune_checked` takes.

    Raises:
        TrainwellError: see `Request.of`; or the storage cannot be used, or its study belongs to another search.
    """
    request = Request.of(dataset, space, plan)
    if storage is not None:
        with quiet_optuna(), existing_storage(storage) as existing:
            if existing is not None:
                check_existing(existing, study, request.to_json())
    return request


def metric_of(dataset: Dataset, wanted: str | None) -> MetricName:
    """The metric to optimize: `wanted`, or by default accuracy for classification and R² for regression.

    Raises:
        SearchError: the metric is unknown or does not fit the task.
    """
    usable = METRICS_OF[dataset.task]
    for metric in usable:
        if wanted in (None, metric):
            return metric
    raise SearchError(f"metric '{wanted}' is not for {dataset.task}: use {' or '.join(usable)}")


def defined_metric(datasets: Sequence[Dataset], metric: MetricName) -> MetricName:
    """The metric itself, or the loss if the metric is R² and undefined on every validation split.

    Args:
        datasets: one dataset, or the folds of a cross-validation.
        metric: the requested metric, see `metric_of`.
    """
    fallback = METRICS[metric].fallback
    return fallback if fallback and all(_whys(datasets)) else metric


def undefined_notices(datasets: Sequence[Dataset]) -> list[str]:
    """A notice if R² is undefined on some or all validation splits; empty for classification."""
    whys = _whys(datasets)
    missing = [why for why in whys if why]
    if not missing:
        return []
    if len(missing) == len(whys):
        where = "on the validation split" if len(whys) == 1 else f"in all {len(whys)} folds"
        return [f"R² is undefined {where} ({missing[0]}): the loss is used instead"]
    return [
        f"R² is undefined in {len(missing)} of {len(whys)} folds ({missing[0]}): "
        f"a trial's R² is the mean over the other {len(whys) - len(missing)}; in folds without R² the weights with the "
        "least loss are kept"
    ]


def _whys(datasets: Sequence[Dataset]) -> list[str | None]:
    """Why R² is undefined on the validation split of each dataset; None where it is defined."""
    if datasets[0].task == "classification":
        return [None]
    return [undefined_r2(data.validation.targets, data.validation.weights) for data in datasets]


def _most_folds(dataset: Dataset) -> tuple[int, str]:
    """The largest possible number of folds, at most 5, and why there cannot be more."""
    if dataset.task == "regression":
        count = len(dataset.training) + len(dataset.validation)
        return min(FOLDS, count // 2), f"there are only {count} training and validation rows"
    targets = np.concatenate([dataset.training.targets, dataset.validation.targets])
    sizes = np.bincount(targets, minlength=dataset.num_outputs)
    sizes[sizes == 0] = len(targets)  # only the test split has rows of this class
    fewest = int(sizes.min())
    name = dataset.class_names[int(sizes.argmin())]
    rows = "one training or validation row" if fewest == 1 else f"{fewest} training and validation rows"
    return min(FOLDS, fewest), f"class '{name}' has only {rows}"


def _fewer(dataset: Dataset, folds: Folds | None, why: str) -> str:
    """The notice that there are fewer folds than the default."""
    instead = f"on {len(folds)} folds" if folds else f"on one split of {len(dataset.validation)} rows"
    return f"trials are validated {instead}, not on {FOLDS} folds: {why}"


def default_space(dataset: Dataset, metric: MetricName, **fields: Any) -> Space:
    """The default search space: wide ranges of all important hyperparameters, for small networks.

    They are: optimizer with its learning rate and momentum, schedule, width, depth, batch norm, dropout, L2 penalty or
    weight decay, initialization, batch size. Each trial keeps the weights of its best observation.

    Args:
        dataset: the number of its training rows decides the number of epochs: 75,000 / rows, at least 20, at most 100.
            Below 5,000 rows there are at most two hidden layers, below 300 rows smaller batches.
        metric: validation metric that decides which observation is best.
        **fields: recipe fields with fixed values; these fields are not searched. With a network of your own, those of
            its numbers that have bounds are searched, too.

    Returns:
        The space.

    Source: T-HP-4, T-REG-3.
    """
    epochs = min(max(round(EXAMPLES / len(dataset.training)), FEWEST_EPOCHS), MOST_EPOCHS)
    axes = AXES if len(dataset.training) >= SMALL else {**AXES, **SHALLOW}
    if len(dataset.training) < TINY:
        axes = {**axes, "batch_size": Choices((16, 64))}
    space = Space(Recipe(epochs=epochs, restore_best=True, metric=metric), axes)
    own = {} if "network" not in fields else _own_axes(fields["network"])
    return space.evolve(**{**own, **fields}) if fields else space


def _own_axes(network: str) -> dict[str, Axis]:
    """Axes of the hyperparameters of a user's network that have two finite bounds; log scale if they are far apart."""
    bounds = NETWORKS[network].bounds if network in NETWORKS else {}  # the recipe reports unknown names
    return {
        name: Range(one.low, one.high, log=one.low > 0 and one.high / one.low >= FAR_APART, integer=one.whole)
        for name, one in bounds.items()
        if isfinite(one.low) and isfinite(one.high)
    }
