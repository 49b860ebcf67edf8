"""The book's networks with all seeds of the reference: `make soak` runs it, `make test` has a few of them."""

from pathlib import Path

import pytest

from reference.book_ends import STORED, chances, our_ends
from reference.book_network import final_losses
from reference.idx_files import training_images
from training.test_book_network import REFERENCE, compare_with_reference, window_losses
from trainwell.lecture import BookData

SEEDS = range(20)


@pytest.mark.parametrize("part", ["early_losses", "middle_losses", "final_losses"])
def test_losses_lie_within_the_references_spread(mnist_folder: Path, part: str) -> None:
    found = window_losses(mnist_folder, [part], range(len(REFERENCE["seeds"])))
    compare_with_reference(part, found[part])


def test_the_references_final_loss_repeats(mnist_folder: Path) -> None:
    setting = next(setting for setting in REFERENCE["settings"] if setting["name"] == "sgd")
    recipe = (setting["rule"], setting["learning_rate"], setting["scheme"])
    images = training_images(mnist_folder / "mnist")
    assert final_losses(*recipe, *images, seeds=[1])[0] == pytest.approx(setting["final_losses"][1], rel=1e-6)


@pytest.mark.parametrize("figure", STORED)
def test_curves_end_within_the_interval_of_the_difference(mnist_folder: Path, figure: str) -> None:
    """99% for the values of all figures together (Bonferroni)."""
    values = sum(len(curves) for curves in STORED.values())
    found = chances(our_ends(figure, BookData.load("mnist", data_dir=mnist_folder), SEEDS), STORED[figure])
    assert len(found) == len(STORED[figure])
    assert min(len(of_seeds) for of_seeds in STORED[figure].values()) >= 8
    assert {label: chance for label, chance in found.items() if chance < 0.01 / values} == {}
