"""Second-order methods, which want the loss as a function, `value_fn`.

`newton` has Newton's method in three forms, `bfgs` BFGS and L-BFGS, `line_search` how far they go along a direction.
"""
