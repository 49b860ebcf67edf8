"""What every other package uses. Importing it loads nothing heavy.

`errors` (the exceptions), `values` (settings as text), `settings` (fields and their descriptions), `metric`,
`target_spread` (where R² is undefined), `files`, `random` streams, the `runtime` (JAX), users' own `functions`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
