"""Landscapes: functions of few parameters, and the losses of networks.

`surfaces` to descend on; `descents` of many optimizers from many starts, and `races` between them; `critical` points;
`slices` of a loss along lines and in planes; `networks`: loss and curvature of trained ones. `settings` of races and of
measuring curvature, `errors` of all of them.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
