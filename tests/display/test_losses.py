"""What the charts of slices draw, against the slices they were given."""

import numpy as np
import pytest

from trainwell.landscape import Slice

AXIS = np.array([-1.0, 0, 1, 2])


def plane(losses, **changes):
    given = {
        "axes": (AXIS, AXIS[:3]),
        "losses": np.array(losses, np.float32),
        "centre_loss": 0.5,
        "lengths": np.array([2.0, 1.0]),
        "path": np.array([[2.0, 1.0], [1.0, -1.0], [0.0, 0.0]]),
        "path_losses": np.array([9.0, 3.0, 0.5]),
        "outside": 0.25,
        "marks": {"<other>": np.array([1.0, 1.0])},
        "mark_losses": {"<other>": 0.75},
        "labels": ("first & best", "second"),
    }
    return Slice(**{**given, **changes})


def line(losses, **changes):
    given = {
        "axes": (AXIS,),
        "lengths": np.array([2.0]),
        "path": np.array([[2.0], [0.0]]),
        "path_losses": np.array([9.0, 0.5]),
        "marks": {"<other>": np.array([1.0])},
        "labels": ("first & best",),
    }
    return plane(losses, **{**given, **changes})


def trace(figure, kind):
    (found,) = [one for one in figure.data if one.meta[1] == kind]
    return found


def test_a_plane_has_the_first_direction_across_and_the_second_upwards():
    losses = [[1, 2, 3], [4, 5, 6], [7, 8, 8.5], [9, 9, 9]]
    figure = plane(losses).chart()
    contours = trace(figure, "slice")
    assert np.array_equal(contours.z, np.transpose(losses))
    assert (contours.colorbar.ticktext[0], contours.colorbar.ticktext[-1]) == ("1.00", "9.00")
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("first &amp; best", "second")
    assert (tuple(figure.layout.xaxis.range), tuple(figure.layout.yaxis.range)) == ((-1, 2), (-1, 1))


def test_levels_are_logarithmic_where_the_highest_loss_is_many_times_the_lowest():
    losses = np.geomspace(0.02, 200, 12).reshape(4, 3)
    contours = trace(plane(losses).chart(), "slice")
    assert np.asarray(contours.z) == pytest.approx(np.log10(losses).T, abs=1e-6)
    assert contours.colorbar.ticktext[0] == "0.0200"
    assert np.asarray(contours.customdata) == pytest.approx(losses.T, rel=1e-6)
    negative = trace(plane(losses - 1).chart(), "slice")
    assert np.asarray(negative.z) == pytest.approx(losses.T - 1, rel=1e-5)
    with_zero = np.where(losses < 0.03, 0, losses)
    lowest = np.min(trace(plane(with_zero).chart(), "slice").z)
    assert lowest == pytest.approx(np.log10(1e-4 * np.median(with_zero)), rel=1e-5)


def test_it_is_blank_where_the_loss_is_not_finite():
    losses = [[1, 2, np.nan], [4, np.inf, 6], [-np.inf, 8, 8.5], [9, 9, 9]]
    contours = trace(plane(losses).chart(), "slice")
    assert np.array_equal(np.isnan(contours.z), ~np.isfinite(losses).T)
    assert (contours.zmin, contours.zmax) == (1, 9)
    assert np.isnan(trace(plane(np.full((4, 3), np.nan)).chart(), "slice").z).all()


def test_path_and_marks_lie_where_they_were_projected():
    figure = plane(np.ones((4, 3))).chart()
    path, marks = trace(figure, "path"), trace(figure, "marks")
    assert list(zip(path.x, path.y, strict=True)) == [(2, 1), (1, -1), (0, 0)]
    assert path.customdata[0] == "point 1 of 3 on the path: loss 9.00"
    assert list(zip(marks.x, marks.y, strict=True)) == [(0, 0), (1, 1)]
    assert list(marks.customdata) == ["centre: loss 0.500", "&lt;other&gt;: loss 0.750"]
    without = plane(np.ones((4, 3)), path=np.zeros((0, 2)), path_losses=np.zeros(0), marks={}, mark_losses={})
    assert [one.meta[1] for one in without.chart().data] == ["slice", "marks"]


def test_on_a_line_points_have_their_own_losses_for_height():
    figure = line([3, 0.5, 2, np.inf]).chart()
    curve, path, marks = (trace(figure, kind) for kind in ("slice", "path", "marks"))
    assert np.array_equal(curve.y, [3, 0.5, 2, np.nan], equal_nan=True)
    assert list(zip(path.x, path.y, strict=True)) == [(2, 9), (0, 0.5)]
    assert list(zip(marks.x, marks.y, strict=True)) == [(0, 0.5), (1, 0.75)]
    assert figure.layout.yaxis.type == "log"
    assert line([3, 0.5, 2, 1], path=np.zeros((0, 1)), path_losses=np.zeros(0)).chart().layout.yaxis.type is None
