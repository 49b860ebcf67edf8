"""Holm's correction against numbers worked by hand and the procedure as its paper words it."""

import numpy as np
import pytest

from trainwell.statistics import holm


def rejected(p, level):
    """The paper's procedure: from the smallest p on, reject while p ≤ level / tests left, stop at the first failure."""
    found = np.zeros(len(p), bool)
    for left, at in zip(range(len(p), 0, -1), np.argsort(p), strict=True):
        if p[at] > level / left:
            break
        found[at] = True
    return found


def test_by_hand():
    # 5·0.01, 4·0.02, 3·0.03, then 2·0.04 and 1·0.05, which may not be less than what came before
    assert holm([0.01, 0.02, 0.03, 0.04, 0.05]) == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


@pytest.mark.parametrize("level", [0.01, 0.05, 0.2, 0.6])
@pytest.mark.parametrize("seed", range(5))
def test_rejects_what_the_procedure_rejects(level, seed):
    p = np.random.default_rng(seed).uniform(size=12) ** 4
    assert ((holm(p) <= level) == rejected(p, level)).all()
    assert rejected(p, 0.6).any()


def test_order_is_kept():
    p = np.random.default_rng(0).uniform(size=30)
    order = np.random.default_rng(1).permutation(30)
    assert (holm(p)[order] == holm(p[order])).all()


def test_never_weaker_than_bonferroni_and_at_most_one():
    p = np.random.default_rng(2).uniform(size=1225)
    assert (holm(p) <= np.minimum(1, 1225 * p)).all()
    assert (holm(p) >= p).all()
    assert holm(p).max() == 1


def test_ties_share_their_value():
    assert holm([0.02, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])


def test_tests_that_could_not_be_made_do_not_count():
    found = holm([np.nan, 0.01, np.nan, 0.04])
    assert np.isnan(found[[0, 2]]).all()
    assert found[[1, 3]] == pytest.approx([0.02, 0.04])


@pytest.mark.parametrize("p", [[0.3], [0.0], [1.0], []])
def test_a_single_test_stays_as_it_is(p):
    assert holm(p).tolist() == p


@pytest.mark.parametrize("p", [[0.1, 1.2], [-0.1]])
def test_what_is_no_probability(p):
    with pytest.raises(ValueError, match="p-values must be in"):
        holm(p)
