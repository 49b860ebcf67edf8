"""Search: spaces to recipes, coarse to fine, from many trials to a trained ensemble.

`tuning` is `tune`; `samplers` are the ways to search, `coarse_to_fine` the one of this package; `study` is what is
kept in Optuna's studies.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
