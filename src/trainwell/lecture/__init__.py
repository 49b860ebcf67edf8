"""The lecture: its figures, made from real training, and its statements, each as an experiment.

`contents` lists all by ID; `errors` has what the documents get wrong, computed beside what is right. `figures` has a
file per figure and makes them; `book` has the constants of the book's figures on MNIST, once: their recipes, images and
observations. `experiment` says what a claim, its criteria and a finding are, `findings` keeps them as JSON;
`measuring` has what they are measured with, `untrained` what initial weights make of activations and gradients;
`statements` has them, and `registry` examines one by its ID.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)
