"""The book's network with all seeds of the reference: `make soak` runs it, `make test` has a few of them."""

from pathlib import Path

import pytest

from training.test_book_network import REFERENCE, compare_with_reference


@pytest.mark.parametrize("part", ["early_losses", "final_losses"])
def test_losses_lie_within_the_references_spread(mnist_folder: Path, part: str) -> None:
    compare_with_reference(mnist_folder, part, range(len(REFERENCE["seeds"])))
