"""Statistics on plain arrays.

`intervals`: confidence intervals of means, medians and shares; `bootstrap`: of other statistics; `aggregates`: one
number for the runs of several tasks; `profiles`: performance profiles; `signflip`, `skewness`: tests of paired
differences; `improvement`: probability of improvement; `rankings`: ranks over data sets; `target`: time to a target.

`decisions`: which contenders differ, tested repeatedly as seeds are added; `sequential`: the plan of these tests
(looks); `boundary`: their significance bounds; `sample_sizes`: their power.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
