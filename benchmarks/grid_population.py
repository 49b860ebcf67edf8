"""FOB's 36 runs on MNIST as one population; measured as a whole process by mnist_grid.py.

    python benchmarks/grid_population.py --data-dir DATA [--epochs 30]

Prints one line of JSON: the validation accuracy of every run after every epoch.
"""

import argparse
import json
import sys
import time
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "peers"))
import grid_workload as grid  # stands beside the peer, which shares it

from trainwell import Recipe, load_data, train
from trainwell.core import TrainwellError


def main() -> None:
    """Train the grid with all seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--epochs", type=int, default=grid.EPOCHS)
    options = parser.parse_args()
    start = time.perf_counter()
    try:
        dataset = load_data("mnist", data_dir=options.data_dir, validation=grid.VALIDATION, split="file-order")
        base = Recipe(hidden=(grid.HIDDEN,), activation="sigmoid", initialization="xavier", inputs="none")
        base = base.evolve(optimizer="adamw", eps=grid.EPS, schedule="cosine", batch_size=grid.BATCH_SIZE)
        base = base.evolve(epochs=options.epochs, observe_training=1)
        settings = list(product(grid.RATES, grid.DECAYS))
        recipes = [base.evolve(learning_rate=rate, weight_decay=decay) for rate, decay in settings]
        trained = train(dataset, recipes, seeds=grid.SEEDS)
    except TrainwellError as error:
        parser.error(str(error))
    curves = trained.trace["accuracy/validation"]
    runs = [
        {"learning_rate": rate, "weight_decay": decay, "seed": seed, "accuracies": curve.round(4).tolist()}
        for ((rate, decay), seed), curve in zip(product(settings, grid.SEEDS), curves, strict=True)
    ]
    print(json.dumps({"peer": "trainwell", "seconds": time.perf_counter() - start, "runs": runs}))


if __name__ == "__main__":
    main()
