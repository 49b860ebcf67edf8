"""trainwell: trains whole populations of networks to find out how a network wants to be trained.

Importing it loads nothing heavy: each name below loads what it needs when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainwell.version import __version__

if TYPE_CHECKING:
    from trainwell.comparison import Comparison, Comparisons, Terms, compare, compare_on
    from trainwell.core.errors import DataError, Interrupted, ModelError, RecipeError, RunError, TrainwellError
    from trainwell.core.runtime import configure_runtime
    from trainwell.data import Dataset, from_arrays
    from trainwell.data import load as load_data
    from trainwell.landscape import (
        Descents,
        LandscapeError,
        Race,
        Surface,
        critical_points,
        descend,
        own_surface,
        race,
        surface,
    )
    from trainwell.models import Model, judge_on_test_split, load_model, save_model
    from trainwell.nn import register_initializer
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
        register_schedule,
    )
    from trainwell.search import CoarseToFineSampler, Halving, Plan, SearchError, Tuned, tune
    from trainwell.training import (
        Choices,
        Range,
        Recipe,
        Space,
        Trace,
        Trained,
        load_recipe,
        load_space,
        save_recipe,
        save_space,
        train,
    )

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamFolded",
    "AdamUncorrected",
    "AdamW",
    "Choices",
    "CoarseToFineSampler",
    "Comparison",
    "Comparisons",
    "DataError",
    "Dataset",
    "Descents",
    "Halving",
    "Interrupted",
    "LandscapeError",
    "Model",
    "ModelError",
    "Momentum",
    "MomentumStep",
    "Nesterov",
    "NesterovLookahead",
    "Plan",
    "RMSProp",
    "Race",
    "Range",
    "Recipe",
    "RecipeError",
    "RunError",
    "SearchError",
    "Space",
    "Surface",
    "Terms",
    "Trace",
    "Trained",
    "TrainwellError",
    "Tuned",
    "__version__",
    "compare",
    "compare_on",
    "configure_runtime",
    "critical_points",
    "descend",
    "from_arrays",
    "judge_on_test_split",
    "load_data",
    "load_model",
    "load_recipe",
    "load_space",
    "own_surface",
    "race",
    "register",
    "register_initializer",
    "register_schedule",
    "save_model",
    "save_recipe",
    "save_space",
    "surface",
    "train",
    "tune",
]

_ROOMS = {
    "comparison": ("Comparison", "Comparisons", "Terms", "compare", "compare_on"),
    "core.errors": ("DataError", "Interrupted", "ModelError", "RecipeError", "RunError", "TrainwellError"),
    "core.runtime": ("configure_runtime",),
    "data": ("Dataset", "from_arrays", "load_data"),
    "landscape": (
        "Descents",
        "LandscapeError",
        "Race",
        "Surface",
        "critical_points",
        "descend",
        "own_surface",
        "race",
        "surface",
    ),
    "models": ("Model", "judge_on_test_split", "load_model", "save_model"),
    "nn": ("register_initializer",),
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
        "register_schedule",
    ),
    "search": ("CoarseToFineSampler", "Halving", "Plan", "SearchError", "Tuned", "tune"),
    "training": (
        "Choices",
        "Range",
        "Recipe",
        "Space",
        "Trace",
        "Trained",
        "load_recipe",
        "load_space",
        "save_recipe",
        "save_space",
        "train",
    ),
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
