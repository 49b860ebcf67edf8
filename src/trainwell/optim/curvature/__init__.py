"""Curvature of any loss.

`hessian` has its products with vectors and the matrix, `mean_over` sums them over many examples; `lanczos` gives
`extremes` and the `density` of its eigenvalues, `hessian_trace` their sum; `classification` says what kind of point
it is; `taylor` are the models that steps come from.
"""
