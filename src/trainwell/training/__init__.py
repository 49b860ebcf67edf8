"""Training: recipes, problems, populations, and the engine that trains them.

`run` has `train`; `recipe` how a network is trained; `space` which recipes a search may try; `supervised` the loss and
metrics of a network on a dataset; `engine` the training loop; `results` what training returns; `progress` its bar.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
