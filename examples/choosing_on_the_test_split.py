"""What happens when hyperparameters are chosen on the test split, and when they are not.

    python examples/choosing_on_the_test_split.py

Random recipes are trained on few of the digits. Two people then pick the best one and report its accuracy on the same
100 test images: the first picks it on these very images, the second on 100 validation images. Both claims are compared
with the truth, the accuracy on all the images that neither looked at. The first claims too much, and more so the more
recipes there were to choose from; the second is right on average.

Each repetition has networks of its own (another seed) and deals the images out to the splits many times; the intervals
are over repetitions. Training images and recipes stay the same.

Source: T-HP-1, C-33.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from trainwell import Recipe, Trained, load_data, train
from trainwell.data import Split
from trainwell.models import network_of
from trainwell.statistics import Interval, mean_interval

UNSEEN_ROWS = 1700  # of the 1797 digits: what the networks are not trained on
ROWS = 100  # rows in each of the validation and test splits
DEALS = 50  # random re-splits of the rows not trained on, per repetition
POOLS = (1, 10, 50, 200)  # how many recipes there are to choose from
BASE = Recipe(hidden=(16,), batch_size=32, steps=60, observe_every=60, observe_training=1)


@dataclass(frozen=True)
class Claim:
    """By how much accuracy is overstated: means over repetitions with 95% intervals.

    Attributes:
        pool: number of recipes chosen from.
        chosen_on_test: accuracy claimed for the recipe best on the test images, minus its true accuracy.
        chosen_on_validation: the same for the recipe best on the validation images.
        difference: the first minus the second, paired by repetition.
    """

    pool: int
    chosen_on_test: Interval
    chosen_on_validation: Interval
    difference: Interval


def random_recipes(count: int, seed: int = 0) -> list[Recipe]:
    """Learning rate and penalty log-uniform around good values, so that many recipes are nearly as good as the best."""
    random = np.random.default_rng(seed)
    rates, penalties = 10 ** random.uniform(-2.5, -1, count), 10 ** random.uniform(-5, -1.5, count)
    return [
        BASE.evolve(learning_rate=float(rate), l2_penalty=float(penalty))
        for rate, penalty in zip(rates, penalties, strict=True)
    ]


def right_answers(trained: Trained, split: Split) -> Bool[np.ndarray, "K R N"]:
    """Which of the N rows each network classifies right; K recipes, R seeds. A diverged network is never right."""
    right = np.zeros((len(trained), len(split)), bool)
    for member, status in enumerate(trained.statuses):
        if status != "diverged":
            right[member] = network_of(trained, member).logits(split.inputs).argmax(1) == split.targets
    return right.reshape(-1, trained.sizes[0], len(split))


def overstated(
    right: Bool[np.ndarray, "K N"], pools: Sequence[int], rows: int, random: np.random.Generator
) -> Float[np.ndarray, "P 2"]:
    """Deal the rows out once, choose in both ways, and compare what is reported with the truth.

    Args:
        right: which rows each of the K candidates classifies right.
        pools: P sizes of pools to choose from; a pool of size p is the first p candidates.
        rows: size of the validation split and of the test split; the accuracy on all other rows counts as the true one.
        random: deals the rows out.

    Returns:
        Reported minus true accuracy, chosen on the test split and chosen on the validation split.
    """
    order = random.permutation(right.shape[1])
    validation, test, truth = (right[:, part].mean(1) for part in np.split(order, (rows, 2 * rows)))
    gaps = test - truth
    return np.array([[gaps[looked_at[:pool].argmax()] for looked_at in (test, validation)] for pool in pools])


def claims(right: Bool[np.ndarray, "K R N"], pools: Sequence[int], rows: int = ROWS, deals: int = DEALS) -> list[Claim]:
    """Both ways for every pool, averaged over `deals` in each of the R repetitions."""
    gaps = np.empty((right.shape[1], len(pools), 2))
    for r in range(right.shape[1]):
        random = np.random.default_rng(r)
        gaps[r] = np.mean([overstated(right[:, r], pools, rows, random) for _ in range(deals)], axis=0)
    differences = gaps[..., 0] - gaps[..., 1]
    return [
        Claim(pool, mean_interval(gaps[:, p, 0]), mean_interval(gaps[:, p, 1]), mean_interval(differences[:, p]))
        for p, pool in enumerate(pools)
    ]


def experiment(recipes: int, repetitions: int, pools: Sequence[int] = POOLS) -> list[Claim]:
    """Train every recipe once per repetition, as one population, then choose and compare."""
    dataset = load_data("digits", validation=20, test=UNSEEN_ROWS)
    trained = train(dataset, random_recipes(recipes), seeds=range(repetitions))
    # Opened here to be dealt out anew in every repetition: it is the pool of all rows not trained on.
    right = right_answers(trained, dataset.open_test_split())
    return claims(right, [pool for pool in pools if pool < recipes] + [recipes])


def table(found: Sequence[Claim]) -> str:
    """Claimed minus true accuracy as text, in percentage points."""
    lines = [
        "Claimed minus true accuracy, percentage points: mean (95% interval)",
        f"{'recipes':>8}  {'chosen on the test split':>26}  {'chosen on a validation split':>28}",
    ]
    for claim in found:
        cells = [
            f"{100 * gap.mean:+.1f} ({100 * gap.low:+.1f} to {100 * gap.high:+.1f})"
            for gap in (claim.chosen_on_test, claim.chosen_on_validation)
        ]
        lines.append(f"{claim.pool:>8}  {cells[0]:>26}  {cells[1]:>28}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the experiment and print its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", type=int, default=max(POOLS))
    parser.add_argument("--repetitions", type=int, default=20)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    found = experiment(options.recipes, options.repetitions)
    print(table(found))
    networks = options.recipes * options.repetitions
    print(f"{networks} networks, {options.repetitions} repetitions, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
