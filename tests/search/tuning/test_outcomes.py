"""Successive halving: who goes on, worked out by hand."""

import numpy as np
import pytest

from trainwell.core import SearchError
from trainwell.search import Halving
from trainwell.search.tuning.outcomes import cost_of, mean_cost, rungs_for
from trainwell.training import Recipe


def seen(*values, losses=None, metric="accuracy"):
    losses = [1.0] * len(values) if losses is None else losses
    return {f"{metric}/validation": np.array(values), "loss/validation": np.array(losses)}


def test_shares_of_the_budget():
    assert Halving(3, 2).shares == (1 / 9, 1 / 3)
    assert Halving(2, 3).shares == (1 / 8, 1 / 4, 1 / 2)
    assert Halving(4, 1).shares == (1 / 4,)


@pytest.mark.parametrize("wrong", [(1, 2), (3, 0)])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SearchError, match="a reduction of at least 2 and at least one rung") as error:
        Halving(*wrong)
    assert "\n" not in str(error.value)


def test_a_member_stands_where_its_weights_were_taken():
    one = seen(0.5, 0.9, 0.7, losses=[3.0, 2.0, 1.0])
    assert cost_of(one, "accuracy", best=True) == (-0.9, 2.0)
    assert cost_of(one, "accuracy", best=False) == (-0.7, 1.0)
    assert cost_of({"loss/validation": np.array([3.0, 1.0, 2.0])}, "loss", best=True) == (1.0, 1.0)
    assert cost_of(seen(0.9, 0.9, losses=[1.0, np.inf]), "accuracy", best=True) == (np.inf, np.inf)
    assert cost_of({}, "accuracy", best=True) == (np.inf, np.inf)
    assert mean_cost([(-0.5, 1.0), (-0.7, 3.0)]) == pytest.approx((-0.6, 2.0))
    assert mean_cost([(-0.5, 1.0), (np.inf, np.inf)]) == (np.inf, np.inf)


def test_trials_go_on_by_their_mean_and_equals_by_loss_then_number():
    # Seven trials of two seeds: members 2t and 2t + 1. Of 7, ceil(7/3) = 3 go on, then ceil(7/9) = 1.
    scores = [(0.5, 0.5), (0.9, 0.3), (0.7, 0.7), (0.6, 0.6), (0.8, np.nan), (0.6, 0.6), (0.6, 0.6)]
    losses = [(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (2.0, 2.0), (1.0, np.nan), (1.0, 1.0), (1.0, 1.0)]
    rungs = rungs_for(Halving(3, 2), [Recipe()] * 7, [m // 2 for m in range(14)], "accuracy")
    both = {m: seen(scores[m // 2][m % 2], losses=[losses[m // 2][m % 2]]) for m in range(14)}
    # Means: 0.5, 0.6, 0.7, 0.6 (loss 2), diverged, 0.6, 0.6: best is 2, then 1 and 5 of the equals, by number.
    assert rungs.shares == (1 / 9, 1 / 3)
    assert sorted(rungs.survivors(0, both)) == [2, 3, 4, 5, 10, 11]
    left = {m: both[m] for m in (2, 3, 4, 5, 10, 11)}
    assert sorted(rungs.survivors(1, left)) == [4, 5]


def test_a_population_of_one_goes_on():
    rungs = rungs_for(Halving(3, 2), [Recipe()], [0], "loss")
    assert list(rungs.survivors(0, {0: seen(0.1, metric="x")})) == [0]
    assert list(rungs.survivors(1, {0: seen(0.1, metric="x")})) == [0]
