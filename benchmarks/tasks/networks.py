"""The tuning tasks with real data."""

from typing import Any

from tasks.network_task import NetworkTask
from tasks.task import Params, choice, integer, linear, log

BOOK = {"hidden": (100,) * 6, "batch_size": 100, "inputs": "none", "optimizer": "sgd", "epochs": 50}
BOOK_SPLITS = {"limit": 500, "validation": 100, "split": "shuffled"}  # the test split is MNIST's 10,000 test images


def _f_6_24(name: str, most: float) -> NetworkTask:
    """F-6-24: the first 500 images of MNIST, shuffled, 100 of them for validation."""
    space = (log("learning_rate", 1e-6, most), log("l2_penalty", 1e-8, 1e-4))
    return NetworkTask(name, "mnist", BOOK_SPLITS, BOOK | {"batches": "replacement"}, space, "accuracy")


def _betas(params: Params) -> dict[str, Any]:
    """β searched by its distance from 1, on a log scale."""
    fields = {key: value for key, value in params.items() if not key.startswith("forget")}
    return fields | {f"beta{i}": 1 - params[f"forget{i}"] for i in (1, 2) if f"forget{i}" in params}


def _widths(params: Params) -> dict[str, Any]:
    fields = dict(params)
    if "width" in fields:
        fields["hidden"] = (fields.pop("width"),)
    return fields


RULES = ("sgd", "momentum", "rmsprop", "adam")
OPTIMIZER = "optimizer"

DIGITS_MOMENTUM = NetworkTask(
    "digits_momentum",
    "digits",
    {"validation": 300, "test": 897},
    {"hidden": (32,), "batch_size": 50, "epochs": 8, "optimizer": "momentum"},
    (log("learning_rate", 1e-4, 10), linear("momentum", 0, 0.999)),
    "loss",
)
WINE_ADAM = NetworkTask(
    "wine_adam",
    "wine",
    {"validation": 45, "test": 45},
    {"hidden": (16,), "batch_size": 22, "epochs": 10, "optimizer": "adam"},
    (log("learning_rate", 1e-5, 1), log("forget1", 1e-3, 1), log("forget2", 1e-5, 1), log("eps", 1e-10, 1)),
    "loss",
    _betas,
)
CANCER_REGULARIZATION = NetworkTask(
    "cancer_regularization",
    "breast_cancer",
    {"validation": 120, "test": 199},
    {"hidden": (32,), "batch_size": 50, "epochs": 10, "optimizer": "adam", "initialization": "normal"},
    (
        log("learning_rate", 1e-5, 1),
        log("l2_penalty", 1e-6, 1),
        linear("dropout_rate", 0.01, 0.9),
        linear("label_smoothing", 0, 0.5),
        log("weight_std", 1e-4, 10),
    ),
    "loss",
)
DIABETES_RULES = NetworkTask(
    "diabetes_rules",
    "diabetes",
    {"validation": 100, "test": 142},
    {"hidden": (32,), "batch_size": 50, "epochs": 15},
    (
        choice(OPTIMIZER, *RULES),
        log("learning_rate", 1e-5, 1),
        linear("momentum", 0, 0.99, (OPTIMIZER, ("momentum",))),
        linear("rho", 0.5, 0.999, (OPTIMIZER, ("rmsprop",))),
        log("forget1", 1e-3, 1, (OPTIMIZER, ("adam",))),
        choice("schedule", "constant", "cosine", "exponential"),
        log("schedule_decay_rate", 1e-2, 1, ("schedule", ("exponential",))),
        log("l2_penalty", 1e-6, 10),
    ),
    "r2",
    _betas,
    RULES,
)
DIGITS_MIXED = NetworkTask(
    "digits_mixed",
    "digits",
    {"validation": 300, "test": 897},
    {"batch_size": 50, "epochs": 8},
    (
        choice(OPTIMIZER, "sgd", "momentum", "adagrad", "adam"),
        log("learning_rate", 1e-5, 1),
        linear("momentum", 0, 0.99, (OPTIMIZER, ("momentum",))),
        choice("schedule", "constant", "cosine", "linear"),
        linear("warmup_epochs", 0, 4),
        choice("initialization", "he", "xavier", "normal"),
        log("weight_std", 1e-3, 1, ("initialization", ("normal",))),
        log("l2_penalty", 1e-6, 1),
        linear("dropout_rate", 0.01, 0.8),
        choice("width", 16, 32, 64),
    ),
    "loss",
    _widths,
    ("sgd", "momentum", "adagrad", "adam"),
)
DIABETES_EPOCHS = NetworkTask(
    "diabetes_epochs",
    "diabetes",
    {"validation": 100, "test": 142},
    {"hidden": (64,), "batch_size": 50, "optimizer": "momentum"},
    (
        integer("epochs", 1, 100, log=True),
        log("learning_rate", 1e-5, 1),
        linear("momentum", 0, 0.99),
        log("l2_penalty", 1e-6, 10),
        integer("schedule_every", 1, 20),
        linear("schedule_factor", 0.1, 1),
    ),
    "r2",
    lambda params: params | {"schedule": "step_every"},
)
MNIST_ADAM = NetworkTask(
    "mnist_adam",
    "mnist",
    {"limit": 1500, "validation": 500, "split": "shuffled"},
    {"hidden": (64,), "batch_size": 50, "epochs": 5, "optimizer": "adam"},
    (
        log("learning_rate", 1e-6, 1),
        log("forget1", 1e-3, 1),
        choice("inputs", "none", "center", "standardize"),
        choice("schedule", "constant", "cosine", "linear"),
        log("l2_penalty", 1e-6, 1),
        choice("activation", "relu", "tanh"),
    ),
    "accuracy",
    _betas,
)

NETWORKS = (
    _f_6_24("f_6_24", 1e-2),
    _f_6_24("f_6_24_to_1", 1.0),
    DIGITS_MOMENTUM,
    WINE_ADAM,
    CANCER_REGULARIZATION,
    DIABETES_RULES,
    DIABETES_EPOCHS,
    DIGITS_MIXED,
    MNIST_ADAM,
)
