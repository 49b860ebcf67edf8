"""Training: recipes, problems, populations, and the engine that trains them.

`run` is `train`. A `recipe` says how, a `space` which recipes there are; `supervised` is the problem of a network on
a dataset; the `engine` trains groups of members; `results` are what comes of it; `progress` shows it as a bar.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
