"""Loss and curvature of trained networks.

* `loss`: a network's loss as a function of its parameters, or of coordinates in a slice;
* `eigenvalues`: eigenvalues of its Hessian, and their density;
* `curvature`: gradient, eigenvalues, trace, stable learning rates, and the loss along two directions;
* `shown`: the curvature as a sentence, a table and a chart.
"""
