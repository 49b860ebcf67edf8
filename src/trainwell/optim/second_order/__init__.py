"""Second-order methods; their updates need the loss function as the argument `value_fn`.

`newton` has three variants of Newton's method, `bfgs` BFGS and L-BFGS, `line_search` their line search.
"""
