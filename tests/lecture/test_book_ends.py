"""Where the book's curves end, ours and NumPy's over seeds: batch norm's here, all of them in `make soak`."""

from pathlib import Path

import numpy as np
import pytest

from reference.book_ends import STORED, chances, our_ends
from reference.make_book_ends import ends, read_images
from trainwell.lecture import BookData


def test_stored_ends_repeat(mnist_folder: Path) -> None:
    found = ends("F-6-18", read_images(mnist_folder / "mnist"), 0)
    # An image or two may go either way in other arithmetic.
    assert found == {label: pytest.approx(values[0], abs=0.003) for label, values in STORED["F-6-18"].items()}


def test_batch_norm_ends_where_numpys_does(mnist_folder: Path) -> None:
    found = chances(our_ends("F-6-18", BookData.load("mnist", data_dir=mnist_folder), range(8)), STORED["F-6-18"])
    assert set(found) == set(STORED["F-6-18"])
    assert min(found.values()) > 0.01 / len(found)


def test_chances_are_welchs() -> None:
    # Means 2 and 5, variances 1 and 4 of 3 each: t = −3/√(5/3) = −2.3238, ν = (5/3)²/((1/3)²/2 + (4/3)²/2) = 2.9412.
    ours, theirs = (
        {"a": np.array([1.0, 2, 3]), "b": np.ones(3), "c": np.ones(3)},
        {"a": [3.0, 5, 7], "b": [1.0], "c": [2.0]},
    )
    assert chances(ours, theirs) == pytest.approx({"a": 0.10448, "b": 1, "c": 0}, abs=1e-5)
