"""The default recipe fits small data: enough updates, unless the user said how long."""

from math import ceil

import pytest

from trainwell.training import Recipe, fitting


@pytest.mark.parametrize(("rows", "batch", "epochs"), [(106, 16, 86), (399, 32, 47), (1257, 32, 30), (2000, 128, 38)])
def test_batches_and_epochs_by_rows(rows, batch, epochs):
    found = fitting(rows)
    assert (found.batch_size, found.epochs) == (batch, epochs)
    assert ceil(rows / batch) * epochs >= 600
    assert found.restore_best  # so many updates overfit some data


@pytest.mark.parametrize("rows", [2_600, 50_000])
def test_of_large_data_the_default_is_kept(rows):
    assert fitting(rows, optimizer="sgd") == Recipe(optimizer="sgd")


def test_what_is_given_stays():
    assert fitting(106, epochs=5).epochs == 5
    assert fitting(106, steps=7).steps == 7
    assert fitting(106, restore_best=False).restore_best is False
    assert fitting(106, batch_size=128).batch_size == 128
    assert fitting(106, batch_size=128).epochs == 600  # one update each
    assert fitting(106, batch_size="full").epochs == 600


def test_usual_epochs_are_used_where_they_suffice():
    assert fitting(106, usual_epochs=30) == fitting(106)
    assert fitting(1257, usual_epochs=20).epochs == 20
    assert fitting(50_000, usual_epochs=5) == Recipe(epochs=5)
    assert fitting(50_000, usual_epochs=5, epochs=7) == Recipe(epochs=7)
    assert fitting(106, usual_epochs=5, optimizer="newton").epochs == 5


def test_rules_that_take_all_rows_keep_their_updates():
    assert fitting(106, optimizer="lbfgs") == Recipe(optimizer="lbfgs")
