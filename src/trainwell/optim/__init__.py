"""Update rules (`rules`, `second_order`), learning-rate `schedules`, gradient `clipping`, and `curvature` of a loss.

`protocol` is what a rule has, `registry` lists all rules, `bounds` the range of each hyperparameter.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
