"""Hyperparameter search: trials from a search space, then an ensemble of networks trained with the best recipes.

`tuning` has `tune`; `samplers` all samplers, `coarse_to_fine` this package's own one; `study` stores trials in Optuna
studies.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
