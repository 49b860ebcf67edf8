"""What is shown: colours, tables, texts and charts on plain arrays, for every room above `core`.

`canvas` is the empty chart, `panels` many small ones, `palette` colours and buttons, `scales` axes, `table` and
`texts` what pages and charts write. `forms` shows a result in a notebook, its chart as one of the `images` without
scripts. The others draw: `lines` with bands, `contenders` side by side, `curves` of training, `descents` and `paths` on
a `surface`, in `pictures` and in `relief`, `arrows`, `losses` of a network, numbers in its `layers`,
networks and graphs as `diagrams`, `trials` of a search with their `ranges`, `parallel` lines and `sensitivity`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
