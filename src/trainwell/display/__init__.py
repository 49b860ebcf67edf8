"""Charts, tables and texts of pages. They take plain arrays, so every package above `core` can use them.

Basics: `canvas` (an empty chart), `panels` (small multiples), `palette` (colours and buttons), `scales` (axes), `table`
(HTML tables), `texts` (numbers and labels), `forms` (results in notebooks), `images` (SVG), `bars` (progress).

Charts: `lines` (with bands), `contenders` (compared results), `curves` (training), `descents` and `paths` (optimizers
on a `surface`; `pictures` and `relief` draw it), `arrows`, `losses` (slices of a network's loss), `layers` (histograms
per layer), `diagrams` (networks and graphs); for searches `trials`, `ranges`, `parallel` (coordinates), `sensitivity`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
