"""Critical points of surfaces.

* `gradient_search`: searches for zeros of the gradient, from many starts at once;
* `search`: `critical_points`, which checks the results, merges duplicates and classifies each point;
* `minima_share`: the share of minima, by theory, and as found on random functions and networks' losses.
"""
