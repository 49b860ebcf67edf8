"""The book's networks update by update: the package's losses, and NumPy's for the same weights, batches and masks."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from reference.book_figures import FIGURES, Contender, Network
from reference.book_network import RULES, Numbers
from trainwell.core import configure_runtime
from trainwell.data import Dataset
from trainwell.lecture import BOOK, BookData, Run
from trainwell.nn import noise_at, noise_seed, random_bits
from trainwell.training import problems_of, train

UPDATES, SEED, WIDTH = 50, 3, 100


def losses_of_both(
    labels: Mapping[str, Sequence[str]], folder: object
) -> dict[str, dict[str, tuple[Numbers, Numbers]]]:
    """By figure and label: our losses and NumPy's of each batch after its update, in inference mode.

    Args:
        labels: of each figure. They all train on MNIST's first 1000 images here, so that they share compiled programs.
        folder: that holds `mnist/`.
    """
    dataset = BookData.load("mnist", data_dir=folder).part(1000, "none")
    runs = [
        (figure, replace(run, seed=SEED))
        for figure, some in labels.items()
        for run in BOOK[figure].runs(dataset, SEED)
        if run.label in some
    ]
    seen = {"observe_first": 1, "observe_every": 1, "observe_batch": True, "observe_training": 1, "steps": UPDATES}
    trained = train(dataset, [run.recipe.evolve(**seen) for _, run in runs], (SEED,))
    found: dict[str, dict[str, tuple[Numbers, Numbers]]] = {figure: {} for figure in labels}
    for (figure, run), ours in zip(runs, trained.trace["loss/last_batch"], strict=True):
        found[figure][run.label] = ours, np.array(list(numpy_losses(figure, run, dataset)))
    return found


def numpy_losses(figure: str, run: Run, dataset: Dataset) -> Iterator[float]:
    """From our initial weights, which are [out, in] here, with our batches."""
    (problem,) = problems_of([run.recipe], dataset, configure_runtime().precision)
    drawn = Contender(learning_rate=run.recipe.learning_rate, penalty=run.recipe.l2_penalty)  # F-6-24's
    contender = FIGURES[figure].contenders.get(run.label, drawn)
    layers, _ = problem.init(run.seed)
    params = [np.array(part, float) for layer in layers for part in (layer["weights"].T, layer["biases"])]
    network = Network(params, contender.batch_norm, contender.penalty, contender.dropout_rate)
    update = RULES[contender.rule](contender.learning_rate, network.params)
    for step, rows in enumerate(problem.order(run.seed, 0, UPDATES)):
        x, labels = dataset.training.flat[rows] / 255.0, dataset.training.targets[rows].astype(np.uint8)
        update(network.params, network.gradients(x, labels, our_masks(network, run.seed, step, len(rows))))
        yield network.loss(x, labels)


def our_masks(network: Network, seed: int, step: int, rows: int) -> list[Numbers]:
    """The units that the package keeps at an update."""
    if network.dropout_rate == 0:
        return []
    words, dropped = noise_at(noise_seed(seed), step), int(network.dropout_rate * 2**24)
    bits = [random_bits(noise_at(words, layer), (rows, WIDTH)) for layer in range(network.hidden)]
    return [(np.asarray(one) >> 8 >= dropped).astype(float) for one in bits]


def print_losses(labels: Mapping[str, Sequence[str]], folder: object) -> None:
    """The same in float64, as JSON: for a process of its own, since the precision is the whole process's."""
    configure_runtime(precision="float64")
    found = losses_of_both(labels, folder)
    as_lists = {f: {k: [v.tolist() for v in pair] for k, pair in of.items()} for f, of in found.items()}
    sys.stdout.write(json.dumps(as_lists))
