"""Fair comparison of ways to train: each is tuned, all share the same seeds, every verdict has a confidence interval.

`fair` has `compare`; `terms` its settings. `tuning` finds the hyperparameters of every contender, `adding_seeds` trains
until every pair is decided, `judging` runs the tests, `result` has the result classes, `words` writes verdicts as
sentences, `shown` draws results in notebooks; `tables` and `paper` write the numbers to files, `progress` has the
progress callbacks.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
