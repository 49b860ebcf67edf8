"""trainwell: trains whole populations of networks to find out how a network wants to be trained.

Importing it loads nothing heavy: each name below loads what it needs when it is first used.

[docs/glossary.md](glossary.html) explains its words, [docs/results.md](results.html) the names in results, and
[docs/lecture.md](lecture.html) the IDs that `Source:` lines cite.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
