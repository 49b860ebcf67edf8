"""Slices of a loss.

* `directions`: directions in the space of parameters (random, between solutions, a path's principal components), and
  the line or plane that they span;
* `slices`: the loss on it; along one direction, beside its Taylor models;
* `path`: the parameters of a network on the way through its training.
"""
