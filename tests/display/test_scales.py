"""Where values lie on their own scale, and the round numbers beside them, against numbers worked by hand."""

from math import isnan

import pytest

from trainwell.display import Scale


def test_axes_place_values_on_their_own_scale():
    log = Scale("rate", "log", 1e-4, 1.0)
    assert [log.share(v) for v in (1e-4, 1e-2, 1.0)] == pytest.approx([0, 0.5, 1])
    linear = Scale("momentum", "linear", 0.5, 0.9)
    assert linear.share(0.6) == pytest.approx(0.25)
    words = Scale("optimizer", "choices", 0, 1, ("sgd", "adam"))
    assert [words.share(v) for v in ("sgd", "adam")] == [0.25, 0.75]
    assert all(isnan(axis.share(value)) for axis, value in ((log, None), (log, 0.0), (words, "momentum")))


def test_ticks_by_hand():
    assert Scale("a", "log", 1e-4, 1.0).ticks() == ([-4, -3, -2, -1, 0], ["0.0001", "0.001", "0.01", "0.1", "1"])
    assert Scale("a", "log", 0.02, 0.5).ticks()[1] == ["0.02", "0.05", "0.1", "0.2", "0.5"]
    assert Scale("a", "linear", 0.0, 0.5).ticks() == (
        [0, 0.1, 0.2, 0.3, 0.4, 0.5],
        ["0", "0.1", "0.2", "0.3", "0.4", "0.5"],
    )
    assert Scale("a", "linear", 1, 3, integer=True).ticks()[1] == ["1", "2", "3"]
    assert Scale("a", "linear", 0.3, 0.3).ticks()[1] == ["0.3"]


@pytest.mark.parametrize(("low", "high"), [(1e-8, 1e-4), (0.011, 0.019), (3e-7, 8e4), (1, 2)])
@pytest.mark.parametrize("kind", ["log", "linear"])
def test_ticks_are_few_and_inside(kind, low, high):
    places, texts = Scale("a", kind, low, high).ticks()
    start, end = Scale("a", kind, low, high).ends
    assert 2 <= len(places) <= 7
    assert len(set(texts)) == len(texts)
    assert all(start - 1e-6 * (end - start) <= place <= end + 1e-6 * (end - start) for place in places)
