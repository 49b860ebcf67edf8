"""Networks as pure functions of their parameters.

`net` says what the rest of the program knows of a network. `network` is the fully connected one's structure, `own` a
user's; `layers` the forward pass, `observation` what can be seen in it; `activations`,
`initializers`, `batch_norm`, `dropout` and `losses` (with the L2 penalty) are what they are made of.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
