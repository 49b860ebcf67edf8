"""Paths where they can be seen."""

import numpy as np
import pytest

from trainwell.display import clipped


def test_a_path_that_passes_through_the_window_is_drawn_where_it_does():
    window = np.array([[-1.0, 1.0], [-1.0, 1.0]])
    path = np.array([[-3.0, 0.0], [3.0, 0.0], [3.0, 2.0], [-5.0, 2.0], [0.0, 0.5], [np.nan, 0.0], [0.0, 0.0]])
    found = clipped(path, window)
    assert found[:3] == [(-1, 0, 1), (1, 0, 1), None]
    assert found[3] == pytest.approx((-1.0, 0.8, 4))
    assert found[4:] == [(0.0, 0.5, 4)]
