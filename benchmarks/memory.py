"""Resident memory of a thousand members of the book's network, and of runs of different lengths.

    python benchmarks/memory.py --data-dir DATA --members 1000 --steps 20

Prints one line of JSON: the process's largest resident memory so far, in GiB.
"""

import argparse
import json
import resource
from pathlib import Path

from trainwell import Recipe, load_data, train


def main() -> None:
    """Train the population and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    dataset = load_data("mnist", data_dir=options.data_dir)
    recipe = Recipe(hidden=(100,) * 4, optimizer="adam", batch_size=100, steps=options.steps, restore_best=True)
    recipe = recipe.evolve(observe_every=options.steps)
    trained = train(dataset, recipe, seeds=range(options.members))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"members": len(trained), "steps": options.steps, "peak_gib": round(peak, 3)}))


if __name__ == "__main__":
    main()
