"""Sequential jitted JAX peers: plain, idiomatic JAX and optax, one network after the other, default settings.

    python benchmarks/peers/jax_sequential.py step --data-dir DATA --loop python
    python benchmarks/peers/jax_sequential.py step --data-dir DATA --loop scan
    python benchmarks/peers/jax_sequential.py search --data-dir DATA --loop scan

The same work as torch_population.py. `--loop python` calls a jitted training step from a Python loop;
`--loop scan` calls a jitted epoch, a `lax.scan` over its steps. The program is compiled once: learning rate
and penalty are arguments. Prints one line of JSON; for `search`, measure the whole process from outside, too
(`seconds` leaves out Python's start and the imports, not compiling).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import workload

Params = list[tuple[jax.Array, jax.Array]]
Rule = Callable[[jax.Array], optax.GradientTransformation]


@partial(jax.jit, static_argnames="sizes")
def network(key: jax.Array, sizes: Sequence[int]) -> Params:
    """He's weights and zero biases."""
    pairs = list(pairwise(sizes))
    keys = jax.random.split(key, len(pairs))
    initializer = jax.nn.initializers.he_normal()
    return [(initializer(k, pair, jnp.float32), jnp.zeros(pair[1])) for k, pair in zip(keys, pairs, strict=True)]


def logits(params: Params, x: jax.Array) -> jax.Array:
    for weights, bias in params[:-1]:
        x = jax.nn.relu(x @ weights + bias)
    weights, bias = params[-1]
    return x @ weights + bias


def loss(params: Params, x: jax.Array, y: jax.Array, l2_penalty: jax.Array | None) -> jax.Array:
    cross_entropy = optax.softmax_cross_entropy_with_integer_labels(logits(params, x), y).mean()
    if l2_penalty is None:
        return cross_entropy
    return cross_entropy + 0.5 * l2_penalty * sum(jnp.sum(weights**2) for weights, _ in params)


def make_step(rule: Rule) -> Callable[..., tuple[Params, Any]]:
    """One update from the rows of a batch; not yet jitted."""

    def step(
        params: Params,
        state: Any,
        rows: jax.Array,
        x: jax.Array,
        y: jax.Array,
        rate: jax.Array,
        l2_penalty: jax.Array | None,
    ) -> tuple[Params, Any]:
        grads = jax.grad(loss)(params, x[rows], y[rows], l2_penalty)
        updates, state = rule(rate).update(grads, state, params)
        return optax.apply_updates(params, updates), state

    return step


def make_epoch(loop: str, rule: Rule) -> Callable[..., tuple[Params, Any]]:
    """Steps over the rows of `batches`, as a Python loop over a jitted step or as one jitted scan."""
    step = make_step(rule)
    if loop == "python":
        jitted = jax.jit(step, donate_argnums=(0, 1))

        def epoch(params: Params, state: Any, batches: Any, *rest: Any) -> tuple[Params, Any]:
            for rows in batches:
                params, state = jitted(params, state, rows, *rest)
            return params, state

        return epoch

    @partial(jax.jit, donate_argnums=(0, 1))
    def scanned(params: Params, state: Any, batches: jax.Array, *rest: Any) -> tuple[Params, Any]:
        return jax.lax.scan(lambda carry, rows: (step(*carry, rows, *rest), None), (params, state), batches)[0]

    return scanned


@jax.jit
def accuracy(params: Params, x: jax.Array, y: jax.Array) -> jax.Array:
    return jnp.mean(jnp.argmax(logits(params, x), axis=1) == y)


def batches_of(count: int, epochs: int, random: np.random.Generator) -> np.ndarray:
    """Shuffled epochs over `count` images: indices [epochs, steps, batch]."""
    per_epoch = count // workload.BATCH_SIZE
    orders = [random.permutation(count)[: per_epoch * workload.BATCH_SIZE] for _ in range(epochs)]
    return np.stack(orders).reshape(epochs, per_epoch, workload.BATCH_SIZE).astype(np.int32)


def step_benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """Microseconds per network and step; compiling and warm-up left out."""
    pixels, labels = workload.mnist_bytes(options.data_dir)
    x, y = jnp.asarray(pixels.astype(np.float32) / np.float32(255)), jnp.asarray(labels.astype(np.int32))
    epoch = make_epoch(options.loop, optax.adam)
    per_epoch = len(x) // workload.BATCH_SIZE
    epochs = -(-options.steps // per_epoch)

    def train(member: int) -> None:
        params = network(jax.random.key(member), workload.STEP_SIZES)
        state = optax.adam(workload.ADAM_LEARNING_RATE).init(params)
        batches = batches_of(len(x), epochs, np.random.default_rng(member))
        left = options.steps
        for order in batches:
            params, state = epoch(params, state, order[:left], x, y, workload.ADAM_LEARNING_RATE, None)
            left -= len(order[:left])
        jax.block_until_ready(params)

    train(options.networks)  # compiles every shape that the measured runs use
    start = time.perf_counter()
    for member in range(options.networks):
        train(member)
    seconds = time.perf_counter() - start
    per_step = 1e6 * seconds / (options.networks * options.steps)
    return {"steps": options.steps, "seconds": seconds, "us_per_network_step": per_step}


def search_benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """F-6-24's trials; training and validation accuracy of each after every epoch."""
    start = time.perf_counter()
    data = workload.search_data(options.data_dir, options.seed)
    x, y = jnp.asarray(data.images), jnp.asarray(data.labels.astype(np.int32))
    validation = jnp.asarray(data.validation_images), jnp.asarray(data.validation_labels.astype(np.int32))
    epoch = make_epoch(options.loop, optax.sgd)
    curves = []
    for member, recipe in enumerate(workload.recipes(options.networks, options.seed)):
        params = network(jax.random.key(member), workload.SEARCH_SIZES)
        state = optax.sgd(recipe.learning_rate).init(params)
        curve = []
        for order in batches_of(len(x), workload.SEARCH_EPOCHS, np.random.default_rng(member)):
            params, state = epoch(params, state, order, x, y, recipe.learning_rate, recipe.l2_penalty)
            curve.append((accuracy(params, x, y), accuracy(params, *validation)))
        curves.append(curve)
    final = sorted((float(curve[-1][1]) for curve in jax.device_get(curves)), reverse=True)
    seconds = time.perf_counter() - start
    best = [round(value, 4) for value in final[:20]]
    return {
        "seconds": seconds,
        "epochs": workload.SEARCH_EPOCHS,
        "seed": options.seed,
        "best_validation_accuracies": best,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=["step", "search"])
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--loop", choices=["python", "scan"], default="scan")
    parser.add_argument("--networks", type=int, default=None, help="by default 4 (step), 100 (search)")
    parser.add_argument("--steps", type=int, default=600, help="steps per network (step)")
    parser.add_argument("--seed", type=int, default=0, help="of the recipes and the split (search)")
    options = parser.parse_args()
    options.networks = options.networks or {"step": 4, "search": 100}[options.benchmark]
    result = {"step": step_benchmark, "search": search_benchmark}[options.benchmark](options)
    line = {"peer": f"jax_{options.loop}", "benchmark": options.benchmark, "networks": options.networks}
    print(json.dumps(line | result))


if __name__ == "__main__":
    main()
