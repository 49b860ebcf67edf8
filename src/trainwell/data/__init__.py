"""Data of every source as one Dataset with three splits. Never imports JAX; scikit-learn and polars when needed."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
