"""Networks as pure functions of their parameters: activations, initializers, layers, losses."""

from trainwell.nn.activations import ACTIVATIONS
from trainwell.nn.dropout import noise_at, noise_seed
from trainwell.nn.initializers import INITIALIZERS, Distribution, initial_params, register_initializer
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
from trainwell.nn.network import ActivationName, DropoutForm, Network, initial_statistics
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
    "register_initializer",
    "softmax_cross_entropy",
    "squared_error_sums",
]
