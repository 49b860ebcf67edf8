"""Update rules (one per file, and as plain objects), learning-rate schedules, gradient clipping, curvature."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
