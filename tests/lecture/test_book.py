"""What the book's figures train, and on which images, as LECTURE.md has them."""

from pathlib import Path

import numpy as np
import pytest

from reference.idx_files import read_idx, training_images
from trainwell.lecture import BOOK, BookData, LectureError

UPDATES = {"F-6-9": 2000, "F-6-15": 2000, "F-6-18": 191, "F-6-19": 191, "F-6-20": 601, "F-6-21": 601, "F-6-23": 901}
POINTS = {"F-6-9": 2000, "F-6-15": 2000, "F-6-18": 20, "F-6-19": 20, "F-6-20": 201, "F-6-21": 201, "F-6-23": 301}


@pytest.fixture(scope="module")
def digits():
    return BookData.load("digits")


@pytest.fixture(scope="module")
def mnist(mnist_folder):
    return BookData.load("mnist", data_dir=mnist_folder)


def test_the_first_images_and_the_test_images_as_published(mnist: BookData, mnist_folder: Path) -> None:
    images, labels = training_images(mnist_folder / "mnist")
    tested = read_idx(mnist_folder / "mnist" / "t10k-images-idx3-ubyte.gz").reshape(10_000, 784)
    for figure, count in {"F-6-9": 60_000, "F-6-18": 1000, "F-6-20": 300}.items():
        part = BOOK[figure].data(mnist, seed=7)
        np.testing.assert_array_equal(part.training.flat, images[:count])
        np.testing.assert_array_equal(part.training.targets, labels[:count])
        assert part.num_test == 0
        assert part is BOOK[figure].data(mnist, seed=8)
    np.testing.assert_array_equal(part.validation.flat, tested)
    assert part.name == "MNIST, first 300 images, evaluated on its test images"
    assert "none are left untouched" in part.notices[-1]
    assert BOOK["F-6-9"].data(mnist).name == "MNIST, all 60,000 training images"
    assert len(BOOK["F-6-9"].data(mnist).validation) == 0


def test_a_fifth_of_the_first_500_is_held_out_by_seed(mnist: BookData, mnist_folder: Path) -> None:
    images, _ = training_images(mnist_folder / "mnist")
    first, second = (BOOK["F-6-24"].data(mnist, seed) for seed in (0, 1))
    assert first.name == "MNIST, first 500 images, shuffled, 100 of them for validation"
    for part in (first, second):
        rows = np.concatenate([part.training.flat, part.validation.flat])
        np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(images[:500], axis=0))
        assert (len(part.training), len(part.validation), part.num_test) == (400, 100, 0)
    assert (first.validation.inputs != second.validation.inputs).any()


@pytest.mark.parametrize("figure", UPDATES)
def test_observations_are_the_books(mnist: BookData, figure: str) -> None:
    from trainwell.training import Points

    data = BOOK[figure].data(mnist)
    for run in BOOK[figure].runs(data, seed=3):
        recipe, per_epoch = run.recipe, len(data.training) // run.recipe.batch_size
        points = Points.of(recipe, per_epoch).steps
        every = 1 if figure in ("F-6-9", "F-6-15") else per_epoch
        np.testing.assert_array_equal(points, 1 + every * np.arange(POINTS[figure]))
        assert points[-1] == UPDATES[figure]
        assert recipe.observe_training == len(data.training) or recipe.observe_batch
        assert (recipe.inputs, recipe.batches, run.seed) == ("none", "replacement", 3)


def test_trials_are_drawn_by_seed_within_the_books_ranges(digits: BookData) -> None:
    setting = BOOK["F-6-24"]
    runs = [run for seed in range(5) for run in setting.runs(setting.data(digits, seed), seed)]
    assert len({run.seed for run in runs}) == len({run.recipe for run in runs}) == 500
    assert runs[0].label == "trial 1"
    for field, low, high in (("l2_penalty", -8, -4), ("learning_rate", -6, -2)):
        exponents = np.log10([getattr(run.recipe, field) for run in runs])
        assert low < exponents.min() < low + 0.1  # missed by all 500 once in 300,000 times
        assert high - 0.1 < exponents.max() < high
        assert abs(exponents.mean() - (low + high) / 2) < 0.25  # 5 standard errors


def test_other_data_bring_their_own_sizes(digits: BookData) -> None:
    names = {figure: setting.data(digits).name for figure, setting in BOOK.items()}
    assert names["F-6-9"] == "digits, all 1,527 training rows"
    assert names["F-6-20"] == "digits, 300 rows, evaluated on its test rows"
    (run,) = BOOK["F-6-20"].runs(BOOK["F-6-20"].data(digits))
    assert (run.recipe.inputs, run.recipe.steps, run.recipe.observe_training) == ("none", 601, 300)
    wine = BookData.load("wine")
    data = BOOK["F-6-20"].data(wine)
    (run,) = BOOK["F-6-20"].runs(data)
    assert data.name == "wine, all 151 training rows, evaluated on its test rows"
    assert (run.recipe.inputs, run.recipe.steps, run.recipe.observe_every) == ("standardize", 201, 1)
    assert set(BOOK["F-6-24"].data(wine).training.targets) == {0, 1, 2}  # the file has them class by class


def test_figures_need_classes() -> None:
    with pytest.raises(LectureError, match="diabetes is for regression"):
        BookData.load("diabetes")
