"""trainwell on the workloads of the peers, as a whole process.

    python benchmarks/trainwell_population.py step --data-dir DATA --networks 100 --steps 600
    python benchmarks/trainwell_population.py search --data-dir DATA
    python benchmarks/trainwell_population.py peak

`step`: microseconds per network and step of 784-100×4-10, ReLU, Adam, batch 100, all of MNIST as bytes; compiling
left out. `search`: F-6-24, 100 given recipes, training and validation accuracy of each after every epoch; measure
the whole process from outside, too. `peak`: the machine's fp32 matrix products, all cores. Prints one line of JSON.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import workload  # stands beside the peers, which share it

PEAK_SIZE, PEAK_PRODUCTS, PEAK_ROUNDS = 2048, 8, 3


def step_benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """Compile with one short member, then time the population."""
    from trainwell import Recipe, load_data, train

    dataset = load_data("mnist", data_dir=options.data_dir, validation=100)
    hidden = workload.STEP_SIZES[1:-1]
    recipe = Recipe(hidden=hidden, batch_size=workload.BATCH_SIZE, inputs="none", optimizer="adam", last_batch="drop")
    recipe = recipe.evolve(learning_rate=workload.ADAM_LEARNING_RATE, observe_training=1, steps=options.steps)
    recipe = recipe.evolve(observe_every=options.steps)
    train(dataset, recipe, seeds=[0])
    start = time.perf_counter()
    trained = train(dataset, recipe, seeds=range(options.networks))
    seconds = time.perf_counter() - start
    done = sum(trained.steps)
    return {"seconds": seconds, "us_per_network_step": 1e6 * seconds / done, "steps": options.steps}


def search_benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """Train the 100 given recipes; the validation split is the peers'."""
    from trainwell import Recipe, from_arrays, train

    start = time.perf_counter()
    pixels, labels = workload.mnist_bytes(options.data_dir, workload.SEARCH_IMAGES)
    order = np.random.default_rng(options.seed).permutation(len(pixels))
    pixels, labels = pixels[order], labels[order]
    cut = workload.SEARCH_VALIDATION
    validation = (pixels[:cut], labels[:cut])
    dataset = from_arrays(pixels[cut:], labels[cut:], validation=validation, test=validation, class_names="0123456789")
    base = Recipe(hidden=workload.SEARCH_SIZES[1:-1], batch_size=workload.BATCH_SIZE, inputs="none", optimizer="sgd")
    base = base.evolve(epochs=workload.SEARCH_EPOCHS, batches="replacement")
    given = workload.recipes(options.networks, options.seed)
    recipes = [base.evolve(learning_rate=one.learning_rate, l2_penalty=one.l2_penalty) for one in given]
    trained = train(dataset, recipes, seeds=[0])
    accuracies = np.sort(trained.trace.last("accuracy/validation"))[::-1]
    curves = trained.trace["accuracy/training"]
    assert curves.shape == (options.networks, workload.SEARCH_EPOCHS)  # every epoch of every recipe was observed
    return {"seconds": time.perf_counter() - start, "best_validation_accuracies": accuracies[:20].round(4).tolist()}


def peak_benchmark(options: argparse.Namespace) -> dict[str, Any]:
    """GFLOP/s of large fp32 products on all cores, NumPy's library and XLA's, the better of the two."""
    from trainwell import configure_runtime

    configure_runtime()
    import jax
    import jax.numpy as jnp

    def rate(product: Any) -> float:
        product()
        seconds = []
        for _ in range(PEAK_ROUNDS):
            start = time.perf_counter()
            for _ in range(PEAK_PRODUCTS):
                product()
            seconds.append(time.perf_counter() - start)
        return float(2 * PEAK_SIZE**3 * PEAK_PRODUCTS / min(seconds) / 1e9)

    a = np.random.default_rng(0).standard_normal((PEAK_SIZE, PEAK_SIZE), dtype=np.float32)
    b, multiply = jnp.asarray(a), jax.jit(jnp.matmul)
    rates = {"numpy": rate(lambda: a @ a), "xla": rate(lambda: multiply(b, b).block_until_ready())}
    return {"gflops": max(rates.values()), **{f"gflops_{name}": value for name, value in rates.items()}}


BENCHMARKS = {"step": step_benchmark, "search": search_benchmark, "peak": peak_benchmark}


def main() -> None:
    """Run one benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("benchmark", choices=list(BENCHMARKS))
    parser.add_argument("--data-dir", type=Path, help="the folder that holds mnist/")
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--steps", type=int, default=600, help="steps per network (step)")
    parser.add_argument("--seed", type=int, default=0, help="of the recipes and the split (search)")
    options = parser.parse_args()
    result = BENCHMARKS[options.benchmark](options)
    print(json.dumps({"peer": "trainwell", "benchmark": options.benchmark, "networks": options.networks, **result}))


if __name__ == "__main__":
    main()
