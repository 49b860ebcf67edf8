"""The lecture: its figures, made from real training, and its statements, each as an experiment.

`contents` lists all by ID. `errors` shows the documents' errors beside the right forms. `figures` has one file per
figure and makes them; `book` has the recipes, images and observations of the book's figures on MNIST. `experiment`
defines claims, criteria and findings, `findings` saves findings as JSON, `measuring` has the measurements that
statements share, `untrained` measures activations and gradients before training. `statements` has one file per
statement, and `registry` finds and examines a statement by its ID.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
