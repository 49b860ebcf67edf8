"""Networks as pure functions of their parameters.

`net` is the interface that every network has; `network` is the fully connected network and `layers` its forward pass;
`own` is a network that a user registers. `observation` records activations and gradients. `activations`,
`initializers`, `batch_norm`, `dropout` and `losses` (with the L2 penalty) are the parts.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
