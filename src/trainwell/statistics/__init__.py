"""Statistics on plain arrays.

`intervals` of means and shares, by `bootstrap` for other numbers; `aggregates` over tasks and `profiles`; tests of
paired differences by `signflip`, where they are skewed by `skewness`; `improvement`, `rankings` over data sets, first
times at a `target`. `decisions` says which contenders differ while seeds come in: `sequential` looks, their
`boundary`, and `sample_sizes`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
