"""Data of every source as one Dataset with three splits. Never imports JAX; scikit-learn and polars when needed.

`load` is the door: `sources` give arrays or raw tables, `columns` says what a table's columns are, `target` what is
to be predicted; `assembling` makes a `dataset` of them, by way of `split` and `preparation`. `prediction` takes the
same way for new rows, `folds` makes several datasets of one; `notices` are what is said on the way.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
