"""Comparison: ways to train compared fairly, each tuned, on common seeds, with verdicts that say how sure they are.

`fair` is `compare`; `terms` are what it grants and asks for. `tuning` finds every contender's numbers, `adding_seeds`
trains until pairs are decided, `judging` makes verdicts, `result` holds them, `words` says them, `shown` shows them;
`tables` and `paper` are the numbers as files, `progress` is what a comparison reports while it works.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
