"""Slices of a loss.

* `directions`: directions in parameter space (random, between solutions, a path's principal components), and the line
  or plane that they span;
* `slices`: the loss on a line or plane; along one direction also its Taylor expansions;
* `path`: a network's parameters during training.
"""
