"""Critical points of surfaces.

* `gradient_search`: searches for roots of the gradient, from many starts at once;
* `search`: `critical_points`, which refuses what is no root, merges copies, and says what kind each point is;
* `minima_share`: how rare minima are, by theory, and as found on random functions and on networks' losses.
"""
