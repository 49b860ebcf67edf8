"""Pages: what was trained, each page one self-contained file, and the gallery of `trainwell lecture`, several files.

`frame` is what all pages share, `library` the plotly.js that they carry; `training`, `tuning`, `comparison`, `race`,
`curvature` and `gallery` are the kinds of pages, each with its template.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
