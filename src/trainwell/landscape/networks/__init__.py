"""Losses of trained networks.

* `loss`: a network's loss as a function of its parameters, or of coordinates in a slice;
* `eigenvalues`: what is known of its Hessian's eigenvalues, and their density;
* `curvature`: `network_curvature`: gradient, eigenvalues, trace, stable learning rates, the loss along two directions;
* `shown`: these as a sentence, a table and a chart.
"""
