"""Search: spaces to recipes, coarse to fine, from many trials to a trained ensemble."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
