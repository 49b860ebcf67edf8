"""A new optimizer's table for the paper: tuned as fairly as what it is compared with, on two data sets.

    python examples/a_new_optimizer.py

The optimizer here is signum, steps of one size in the direction of the momentum's signs (Bernstein et al., 2018,
"signSGD"). Any optax transformation that is made from a learning rate can stand in its place. With the default
`Terms()`, 24 learning rates and up to 30 seeds are tried; without `base` the networks are larger and train for longer.
"""

import optax

from trainwell import Terms, compare_on, load_data
from trainwell.comparison import paper_table


def signum(learning_rate):
    """Steps of constant size in the direction of the momentum's signs."""
    return optax.chain(optax.trace(0.9), optax.scale_by_sign(), optax.scale_by_learning_rate(learning_rate))


contenders = {"signum (ours)": signum, **{name: {"optimizer": name} for name in ("sgd", "momentum", "adam")}}
terms = Terms(trials=12, most_seeds=20)
found = compare_on([load_data("digits"), load_data("wine")], contenders, terms, base={"hidden": (30,), "epochs": 10})
print(paper_table(found))
print(*(pair.words for part in found.parts for pair in part.pairs if pair.first == 0), sep="\n")
