"""`trainwell curvature`: a trained network's Hessian and slices of its loss."""
