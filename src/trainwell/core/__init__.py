"""What every room uses. Imports nothing heavy.

`errors` and `values` (how they are written), `settings` (fields of recipes, plans and terms), `metric` and
`target_spread` (where R² is undefined), `files`, `random` streams, the `runtime`, and users' own `functions`.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
