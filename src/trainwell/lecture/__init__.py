"""The lecture: its statements, each as an experiment, and what the book's figures train.

`experiment` says what a statement and a finding are, `measuring` what they are measured with; `statements` has them,
and `registry` examines one by its ID. `book` has the constants of the book's figures on MNIST, once: their recipes,
images and observations.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
