"""Update rules (`rules`, `second_order`), learning-rate schedules, gradient clipping, and curvature of a loss."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
