"""What every room uses: errors, random streams, files, runtime settings. Imports nothing heavy."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
