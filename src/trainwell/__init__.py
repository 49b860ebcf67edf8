"""trainwell: trains whole populations of networks to find out how a network wants to be trained.

Importing it loads nothing heavy: each name below loads what it needs when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainwell.version import __version__

if TYPE_CHECKING:
    from trainwell.core.errors import DataError, Interrupted, ModelError, RecipeError, RunError, TrainwellError
    from trainwell.core.runtime import configure_runtime
    from trainwell.data import Dataset, from_arrays
    from trainwell.data import load as load_data
    from trainwell.models import Model, load_model, save_model
    from trainwell.optim import (
        SGD,
        AdaGrad,
        Adam,
        AdamFolded,
        AdamUncorrected,
        AdamW,
        Momentum,
        MomentumStep,
        Nesterov,
        NesterovLookahead,
        RMSProp,
        register,
    )
    from trainwell.training import Recipe, Trace, Trained, load_recipe, save_recipe, train

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamFolded",
    "AdamUncorrected",
    "AdamW",
    "DataError",
    "Dataset",
    "Interrupted",
    "Model",
    "ModelError",
    "Momentum",
    "MomentumStep",
    "Nesterov",
    "NesterovLookahead",
    "RMSProp",
    "Recipe",
    "RecipeError",
    "RunError",
    "Trace",
    "Trained",
    "TrainwellError",
    "__version__",
    "configure_runtime",
    "from_arrays",
    "load_data",
    "load_model",
    "load_recipe",
    "register",
    "save_model",
    "save_recipe",
    "train",
]

_ROOMS = {
    "core.errors": ("DataError", "Interrupted", "ModelError", "RecipeError", "RunError", "TrainwellError"),
    "core.runtime": ("configure_runtime",),
    "data": ("Dataset", "from_arrays", "load_data"),
    "models": ("Model", "load_model", "save_model"),
    "optim": (
        "SGD",
        "AdaGrad",
        "Adam",
        "AdamFolded",
        "AdamUncorrected",
        "AdamW",
        "Momentum",
        "MomentumStep",
        "Nesterov",
        "NesterovLookahead",
        "RMSProp",
        "register",
    ),
    "training": ("Recipe", "Trace", "Trained", "load_recipe", "save_recipe", "train"),
}
_RENAMED = {"load_data": "load"}  # public name -> name in its room


def __getattr__(name: str) -> Any:
    """Load a public name from its room when it is first used (PEP 562)."""
    for room, names in _ROOMS.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{room}"), _RENAMED.get(name, name))
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
