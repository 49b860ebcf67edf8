"""Networks as pure functions of their parameters: activations, initializers, layers, losses.

`Network`, the initializers and the statistics need NumPy alone; the other names load JAX when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainwell.nn.initializers import INITIALIZERS, Distribution, initial_params
from trainwell.nn.network import ActivationName, DropoutForm, Network, initial_statistics

if TYPE_CHECKING:
    from trainwell.nn.activations import ACTIVATIONS
    from trainwell.nn.dropout import noise_at, noise_seed
    from trainwell.nn.l2 import add_l2, l2_penalty
    from trainwell.nn.layers import Output, forward
    from trainwell.nn.losses import (
        Sums,
        accuracy_sums,
        cross_entropy_sums,
        mean_squared_error,
        softmax_cross_entropy,
        squared_error_sums,
    )
    from trainwell.nn.observation import Observation, observe

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "ActivationName",
    "Distribution",
    "DropoutForm",
    "Network",
    "Observation",
    "Output",
    "Sums",
    "accuracy_sums",
    "add_l2",
    "cross_entropy_sums",
    "forward",
    "initial_params",
    "initial_statistics",
    "l2_penalty",
    "mean_squared_error",
    "noise_at",
    "noise_seed",
    "observe",
    "softmax_cross_entropy",
    "squared_error_sums",
]

_MODULES = {
    "activations": ("ACTIVATIONS",),
    "dropout": ("noise_at", "noise_seed"),
    "l2": ("add_l2", "l2_penalty"),
    "layers": ("Output", "forward"),
    "losses": (
        "Sums",
        "accuracy_sums",
        "cross_entropy_sums",
        "mean_squared_error",
        "softmax_cross_entropy",
        "squared_error_sums",
    ),
    "observation": ("Observation", "observe"),
}


def __getattr__(name: str) -> Any:
    """Load the module of a name that needs JAX (PEP 562)."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
