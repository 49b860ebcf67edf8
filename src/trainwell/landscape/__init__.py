"""Landscapes: test functions of few parameters, and the losses of networks.

`surfaces` has test functions, `descents` the paths of optimizers on them, `races` comparisons of these, `critical`
critical points, `slices` a loss along lines and in planes, `networks` loss and curvature of trained networks,
`settings` the settings of races and curvature, `errors` the exception.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
