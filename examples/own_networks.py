"""Networks of your own beside the fully connected one: trained, tuned and compared in the same way.

    python examples/own_networks.py

A network is two functions: `init` makes the parameters, `apply` is the forward pass of a batch. Their further
arguments are passed by name; declare only those you use (`valid` is 1 for real rows of a batch, 0 for those that only
fill up a short one). A parameter whose default is a number can be searched. The first network here has a skip
connection; the second keeps a running mean as its state, and drops units at random.
"""

import jax
import jax.numpy as jnp

from trainwell import Plan, Recipe, load_data, register_network, train, tune
from trainwell.search import default_space


def scaled(key, fan_in, fan_out):
    """He's initial weights."""
    return jax.random.normal(key, (fan_in, fan_out)) * (2 / fan_in) ** 0.5


def skip_init(key, *, input_shape, num_outputs, units=32):
    """Weights of two hidden layers, with a skip connection around the second."""
    first, second, third = jax.random.split(key, 3)
    D = input_shape[0]
    return {"1": scaled(first, D, units), "2": scaled(second, units, units), "3": scaled(third, units, num_outputs)}


def skip_apply(params, inputs):
    """h₁ = relu(x W₁), h₂ = h₁ + relu(h₁ W₂), outputs h₂ W₃."""
    hidden = jax.nn.relu(inputs @ params["1"])
    return (hidden + jax.nn.relu(hidden @ params["2"])) @ params["3"]


def normed_init(key, *, input_shape, num_outputs):
    """Parameters, and a running mean as state."""
    first, second = jax.random.split(key)
    params = {"in": scaled(first, input_shape[0], 32), "out": scaled(second, 32, num_outputs)}
    return params, jnp.zeros(32)


def normed_apply(params, inputs, *, state, key, training, valid, drop=0.1):
    """Hidden units are centred, and some of them dropped in training."""
    hidden = inputs @ params["in"]
    if training:
        mean = (valid @ hidden) / valid.sum()
        kept = jax.random.bernoulli(key, 1 - drop, hidden.shape)
        hidden, state = (
            jnp.where(kept, (hidden - mean) / (1 - drop), 0),
            0.9 * state + 0.1 * jax.lax.stop_gradient(mean),
        )
    else:
        hidden = hidden - state
    return jax.nn.relu(hidden) @ params["out"], state


register_network("skip", skip_init, skip_apply, bounds={"units": (8, 64)})
register_network("normed", normed_init, normed_apply, bounds={"drop": (0.0, 0.5)})

data = load_data("digits")
recipes = [
    Recipe(network=name, hidden=(32, 32), epochs=10, learning_rate=0.005)
    for name in ("fully_connected", "skip", "normed")
]
trained = train(data, recipes, seeds=range(3))
scores = trained.kept("accuracy/validation").reshape(len(recipes), 3)
for recipe, own in zip(recipes, scores, strict=True):
    print(f"{recipe.network:16} validation accuracy of three seeds: {own.round(3).tolist()}")

tuned = tune(data, default_space(data, "accuracy", network="skip"), Plan(trials=6, rounds=2, refit_recipes=1))
print(
    f"best found: {tuned.recipe.units} units, {tuned.recipe.optimizer}, learning rate {tuned.recipe.learning_rate:.2g}"
)
