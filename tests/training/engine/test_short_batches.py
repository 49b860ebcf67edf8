"""Batch norm where an epoch's last batch is short: what its running statistics come to, and batches of one row."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.data import Dataset, Split, folds_of, load_data
from trainwell.training import Recipe, members_work, problems_of, train

B = 8
# Layers with a rate of 0 stay as they are, so that the statistics of every batch can be computed from its rows alone.
FROZEN = Recipe(hidden=(5,), batch_norm=True, batch_size=B, epochs=3, optimizer="sgd", layer_learning_rates=(0.0, 0.0))


def dataset(rows: int) -> Dataset:
    whole = load_data("diabetes")
    inputs, targets, weights = (getattr(whole.training, name)[:rows] for name in ("inputs", "targets", "weights"))
    return replace(whole, training=Split(inputs, targets, weights))


def running_statistics(data: Dataset, recipe: Recipe, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Plain, in float64: every batch by its rows, missing ones as the running statistics expect them."""
    (problem,) = problems_of([recipe], data, np.float32)
    params, _ = problem.init(seed)
    numbers = problem.numbers(seed)
    x = (data.training.inputs.astype(np.float64) - numbers["input_shift"]) * numbers["input_scale"]
    x = x @ params[0]["weights"].astype(np.float64).T + params[0]["biases"]
    mean, variance = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    size = min(recipe.batch_size, len(x))
    for batch in problem.order(seed, 0, round(recipe.epochs * problem.steps_per_epoch)):
        own = x[batch[batch >= 0]]
        n = len(own)
        filled = own.sum(0) + (size - n) * mean
        squares = ((own - own.mean(0)) ** 2).sum(0)  # n − 1 degrees of freedom of size − 1
        expected = variance * size / (size - 1)  # per degree of freedom, as a full batch's biased variance has it
        filled_squares = squares + (size - n) * expected
        mean, variance = 0.9 * mean + 0.1 * filled / size, 0.9 * variance + 0.1 * filled_squares / size
    return mean, variance


@pytest.mark.parametrize("rows", [3 * B, 3 * B + 1, 3 * B + 2, 4 * B - 1, B - 3])
def test_running_statistics_are_those_of_a_plain_computation(rows: int) -> None:
    data = dataset(rows)
    trained = train(data, FROZEN)
    ((found,),) = trained.states
    mean, variance = running_statistics(data, FROZEN)
    np.testing.assert_allclose(found["mean"], mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["variance"], variance, rtol=1e-4)
    steps = {3 * B: 3, 3 * B + 1: 3, 3 * B + 2: 4, 4 * B - 1: 4, B - 3: 1}[rows]  # per epoch
    assert trained.steps == (3 * steps,)
    assert trained.trace.epochs[0].tolist() == [1.0, 2.0, 3.0]


def test_a_batch_of_one_row_is_left_out_and_that_is_said(caplog: pytest.LogCaptureFixture) -> None:
    data = dataset(2 * B + 1)
    (problem,) = problems_of([FROZEN], data, np.float32)
    rows = problem.order(0, 0, 40)
    assert (rows >= 0).all()
    assert len(np.unique(rows)) == 2 * B + 1  # another one each time
    train(data, FROZEN.evolve(epochs=1))
    assert [record.getMessage() for record in caplog.records] == [
        "batch norm cannot use a batch of one row: of 17 rows in batches of 8, one is left out of every epoch, a "
        "different one each time"
    ]


@pytest.mark.parametrize(
    "recipe",
    [
        FROZEN.evolve(batch_norm=False),  # uses batches of one
        FROZEN.evolve(last_batch="drop"),  # asked for
        FROZEN.evolve(batches="replacement"),
        FROZEN.evolve(batch_size="full"),
        FROZEN.evolve(batch_size=100),
    ],
)
def test_without_need_no_row_is_left_out(recipe: Recipe) -> None:
    (problem,) = problems_of([recipe], dataset(2 * B + 1), np.float32)
    assert problem.dropped_rows_notice is None
    if recipe.last_batch == "keep" and recipe.batches == "shuffle":
        epoch = problem.order(0, 0, problem.steps_per_epoch)
        assert sorted(epoch[epoch >= 0]) == list(range(2 * B + 1))


@pytest.mark.parametrize(
    ("recipe", "rows", "message"),
    [
        (FROZEN.evolve(batch_size=1), 9, "batch_size is 1: use a batch_size of at least 2, or turn it off"),
        (FROZEN.evolve(batch_size=1, batches="replacement"), 9, "batch_size is 1"),
        (FROZEN, 1, "the training split has one row: turn it off"),
    ],
)
def test_batches_of_one_row_are_refused(recipe: Recipe, rows: int, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as error:
        members_work([dataset(rows)], [recipe], 1)
    assert "\n" not in str(error.value)


def test_one_row_without_batch_norm_trains() -> None:
    trained = train(dataset(1), FROZEN.evolve(batch_norm=False, epochs=1))
    assert trained.statuses == ("finished",)


def test_folds_have_no_batch_of_one_row_either() -> None:
    folds = folds_of(dataset(20), 5)
    for data in folds.datasets:
        for size in range(2, len(data.training) + 2):
            (problem,) = problems_of([FROZEN.evolve(batch_size=size)], data, np.float32)
            epoch = problem.order(0, 0, problem.steps_per_epoch)
            assert (epoch >= 0).sum(1).min() >= 2
            assert problem.steps_per_epoch == len(epoch)
