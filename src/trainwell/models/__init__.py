"""Models: trained networks with everything that prediction needs.

`model` predicts and scores; `selection` chooses the networks of an ensemble by the scores of `judge`; `test_quality`
scores a model on the test split, once; `storage` saves and loads models; `transfer` starts training from a model.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
