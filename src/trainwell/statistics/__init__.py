"""Statistics on plain arrays: intervals that say how sure a mean or a share is."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
