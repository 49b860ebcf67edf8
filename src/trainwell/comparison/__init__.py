"""Comparison: ways to train compared fairly, each tuned, on common seeds, with verdicts that say how sure they are."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
