"""Curvature of any loss function.

`hessian` computes Hessian-vector products and the full matrix, `mean_over` averages a loss over many examples in
chunks. `lanczos` is the basis of `extremes` (the smallest and the largest eigenvalue) and `density` (of all
eigenvalues); `hessian_trace` estimates their sum. `classification` tells minima, maxima and saddles apart; `taylor` has
linear and quadratic approximations.
"""
