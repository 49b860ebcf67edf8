"""What is shown: palette, tables, small texts and charts on plain arrays, for every room above `core`."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
