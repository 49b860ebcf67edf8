"""Models: trained networks with all they need to be used, chosen, judged, saved and loaded.

`model` predicts; `selection` chooses the networks of an ensemble by what `judge` measures; `test_quality` opens the
test split once; `storage` keeps models in folders; `transfer` is a network as the start of others.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
