"""Networks as pure functions of their parameters.

`network` is the structure, `layers` the forward pass, `observation` what can be seen in it; `activations`,
`initializers`, `batch_norm`, `dropout` and `losses` (with the L2 penalty) are what they are made of.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
