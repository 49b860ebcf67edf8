"""Rows of the batches: every example once an epoch, whatever piece of the order is asked for."""

import numpy as np
import pytest

from trainwell.training.engine.order import Order


@pytest.mark.parametrize(("rows", "batch"), [(10, 5), (10, 3), (7, 7), (70_000, 1000), (65_000, 999)])
def test_an_epoch_has_every_row_once(rows: int, batch: int) -> None:
    order = Order(rows, batch)
    for epoch in (0, 1, 9):
        drawn = order.rows(3, epoch * order.steps_per_epoch, order.steps_per_epoch)
        assert sorted(drawn[drawn >= 0]) == list(range(rows))
        assert (drawn[:-1] >= 0).all()  # only the last batch is short


def test_dropping_the_last_batch_leaves_the_remainder_out() -> None:
    order = Order(10, 3, last_batch="drop")
    drawn = order.rows(0, 0, 3)
    assert order.steps_per_epoch == 3
    assert not order.ragged
    assert len(set(drawn.ravel())) == 9


def test_epochs_and_seeds_differ() -> None:
    order = Order(100, 10)
    first, second = order.rows(0, 0, 10), order.rows(0, 10, 10)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, order.rows(1, 0, 10))


@pytest.mark.parametrize("batches", ["shuffle", "replacement"])
def test_a_piece_is_a_piece_of_the_whole(batches: str) -> None:
    order = Order(1000, 64, batches)  # type: ignore[arg-type]  # parametrised
    whole = order.rows(5, 0, 3000)
    assert np.array_equal(order.rows(5, 1234, 777), whole[1234 : 1234 + 777])


def test_draws_with_replacement_are_uniform_and_repeat() -> None:
    order = Order(50, 20, "replacement")
    assert order.steps_per_epoch == 2  # N // B, as in the book
    drawn = order.rows(0, 0, 5000)
    counts = np.bincount(drawn.ravel(), minlength=50)
    expected = drawn.size / 50
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 94.6  # 0.9999 quantile at 49 degrees of freedom
    assert any(len(set(batch)) < 20 for batch in drawn[:50])


def test_the_first_row_of_a_shuffle_is_uniform() -> None:
    order = Order(20, 5)
    firsts = np.concatenate([order.rows(seed, 0, 4000)[::4, 0] for seed in range(3)])
    counts = np.bincount(firsts, minlength=20)
    expected = len(firsts) / 20
    assert ((counts - expected) ** 2 / expected).sum() < 52.4  # 0.9999 quantile at 19 degrees of freedom
