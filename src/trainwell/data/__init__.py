"""Data of every source as a Dataset with three splits. Never imports JAX; scikit-learn and polars only when needed.

`load` is the entry point. `sources` read arrays or raw tables, `columns` finds the type of each column of a table, and
`target` encodes what is predicted. `assembling` makes a `dataset` of these, using `split` and `preparation`.
`prediction` does the same for new rows. `folds` makes the datasets of a cross-validation. `notices` are messages about
what was done to the data.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
