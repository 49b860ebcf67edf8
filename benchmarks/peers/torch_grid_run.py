"""One run of FOB's MNIST grid in eager PyTorch, written to be fast; measured as a whole process by mnist_grid.py.

    python benchmarks/peers/torch_grid_run.py --data-dir DATA --threads 2 [--epochs 30] [--seed 1]

All images lie in memory as floats, batches are gathered by index, AdamW is the fused one. Prints one line of JSON:
the validation accuracy after every epoch.
"""

import argparse
import json
import math
import time
from pathlib import Path

import grid_workload as grid
import numpy as np
import workload


def run(options: argparse.Namespace) -> list[float]:
    """Train one network."""
    import torch
    from torch.nn.functional import cross_entropy

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    pixels, labels = workload.mnist_bytes(options.data_dir)
    x, y = torch.from_numpy(pixels.astype(np.float32) / np.float32(255)), torch.from_numpy(labels)
    cut = len(x) - grid.VALIDATION
    layers = [torch.nn.Linear(784, grid.HIDDEN), torch.nn.Linear(grid.HIDDEN, 10)]
    for layer in layers:
        torch.nn.init.normal_(layer.weight, std=layer.in_features**-0.5)
        torch.nn.init.zeros_(layer.bias)
    network = torch.nn.Sequential(layers[0], torch.nn.Sigmoid(), layers[1])
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay, eps=grid.EPS, fused=True
    )
    total, step = options.epochs * -(-cut // grid.BATCH_SIZE), 0
    accuracies = []
    for _ in range(options.epochs):
        for rows in torch.randperm(cut).split(grid.BATCH_SIZE):
            optimizer.param_groups[0]["lr"] = options.learning_rate * 0.5 * (1 + math.cos(math.pi * step / total))
            optimizer.zero_grad(set_to_none=True)
            cross_entropy(network(x[rows]), y[rows]).backward()
            optimizer.step()
            step += 1
        with torch.inference_mode():
            accuracies.append(float((network(x[cut:]).argmax(1) == y[cut:]).float().mean()))
    return accuracies


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="the folder that holds mnist/")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=grid.EPOCHS)
    parser.add_argument("--learning-rate", type=float, default=grid.DEFAULT_RATE)
    parser.add_argument("--weight-decay", type=float, default=grid.DEFAULT_DECAY)
    parser.add_argument("--seed", type=int, default=grid.SEEDS[0])
    options = parser.parse_args()
    if not (options.data_dir / "mnist").is_dir():
        parser.error(f"--data-dir: there is no folder {options.data_dir / 'mnist'}")
    start = time.perf_counter()
    accuracies = [round(value, 4) for value in run(options)]
    line = {"peer": "torch_eager", "threads": options.threads, "seconds": time.perf_counter() - start}
    print(json.dumps(line | {"accuracies": accuracies}))


if __name__ == "__main__":
    main()
