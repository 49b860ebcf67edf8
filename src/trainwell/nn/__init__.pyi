from .activations import ACTIVATIONS as ACTIVATIONS
from .batch_norm import batch_statistics as batch_statistics, normalize as normalize
from .dropout import (
    kept_mask as kept_mask,
    noise_at as noise_at,
    noise_seed as noise_seed,
    random_bits as random_bits,
)
from .initializers import (
    INITIALIZERS as INITIALIZERS,
    Distribution as Distribution,
    initial_params as initial_params,
    register_initializer as register_initializer,
)
from .layers import Output as Output, forward as forward
from .losses import (
    WEIGHT_DIMENSIONS as WEIGHT_DIMENSIONS,
    Sums as Sums,
    accuracy_sums as accuracy_sums,
    add_l2 as add_l2,
    cross_entropy_sums as cross_entropy_sums,
    l2_penalty as l2_penalty,
    mean_squared_error as mean_squared_error,
    softmax_cross_entropy as softmax_cross_entropy,
    squared_error_sums as squared_error_sums,
)
from .net import (
    APPLY_FORM as APPLY_FORM,
    INIT_FORM as INIT_FORM,
    Net as Net,
    num_parameters as num_parameters,
)
from .network import (
    NETWORK_NUMBERS as NETWORK_NUMBERS,
    ActivationName as ActivationName,
    DropoutForm as DropoutForm,
    Network as Network,
    initial_statistics as initial_statistics,
)
from .observation import Histograms as Histograms, Observation as Observation, observe as observe
from .own import OwnNetwork as OwnNetwork
