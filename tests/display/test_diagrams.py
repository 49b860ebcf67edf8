"""Diagrams: where boxes, arrows and units stand, against places worked by hand."""

import numpy as np
import pytest

from trainwell.display import COLORS, Arrow, Box, Flow, Wiring, flow_chart, wiring_chart

ACROSS, DOWN = Flow(500, down=False, step=100, margin=(0.5, 40)), Flow(0, down=True, step=50, margin=(0.5, 30))


@pytest.fixture(scope="module")
def flow():
    """a → b, and a → c by a corner."""
    boxes = [Box("<a>", 0, 0), Box("b", 2, 0, size=(60, 20), round=False), Box("c\nd", 1, 1)]
    return flow_chart(boxes, [Arrow(0, 1, "1\n2", "3", at=0.75), Arrow(0, 2, via=(0, 1))], [DOWN, ACROSS])


def placed(layout, kind, index):
    """Settings of one text or outline in a layout."""
    start = f"{kind}[{index}]."
    return {name.removeprefix(start): value for name, value in layout.items() if name.startswith(start)}


def test_texts_are_in_order_and_no_markup(flow):
    assert [one.text for one in flow.layout.annotations] == ["", "1<br>2", "3", "", "", "&lt;a&gt;", "b", "c<br>d"]
    assert flow.layout.annotations[2].font.color == COLORS[1]


def test_an_arrow_goes_from_outline_to_outline(flow):
    across = dict(flow.layout.meta["layouts"])[500]
    first = placed(across, "annotations", 0)
    assert {name: first[name] for name in ("ax", "ay", "x", "y")} == {"ax": 0, "ay": 0, "x": 2, "y": 0}
    assert (first["startstandoff"], first["standoff"]) == (18 + 3, 30 + 3)
    down = placed(dict(flow.layout.meta["layouts"])[0], "annotations", 0)
    assert {name: down[name] for name in ("ax", "ay", "x", "y")} == {"ax": 0, "ay": 0, "x": 0, "y": -2}
    assert (down["startstandoff"], down["standoff"]) == (18 + 3, 10 + 3)


def test_texts_stand_above_and_below_what_runs_across_and_beside_what_runs_down(flow):
    layouts = dict(flow.layout.meta["layouts"])
    above, below = (placed(layouts[500], "annotations", i) for i in (1, 2))
    assert (above["x"], above["y"], above["yanchor"], below["yanchor"]) == (1.5, 0, "bottom", "top")
    left, right = (placed(layouts[0], "annotations", i) for i in (1, 2))
    assert (left["x"], left["y"], left["xanchor"], right["xanchor"]) == (0, -1.5, "right", "left")
    assert set(above) == set(left)  # nothing of one layout is left in the other


def test_a_corner_parts_an_arrow_and_the_size_follows_from_the_places(flow):
    layouts = dict(flow.layout.meta["layouts"])
    before, after = (placed(layouts[500], "annotations", i) for i in (3, 4))
    assert (before["x"], before["y"], after["ax"], after["ay"]) == (0, -1, 0, -1)
    assert (before["standoff"], after["startstandoff"]) == (0, 0)
    assert [layouts[least]["height"] for least in (0, 500)] == [2 * 50 + 60, 1 * 100 + 80]
    assert layouts[500]["xaxis.range"] == [-0.5, 2.5]


def test_weights_are_coloured_by_sign_wide_by_size_and_end_at_units():
    off = [np.array([False, True]), np.array([False, False])]
    wirings = [
        Wiring("all", [np.array([[1.0, -0.3], [0.0, 0.9]])], ["in", "out"], [["a", "b"], ["<c>", "d"]]),
        Wiring("some", [np.array([[1.0, -0.3], [0.0, 0.9]])], ["in", "out"], [["a", "b"], ["c", "d"]], off),
    ]
    data = wiring_chart(wirings).data
    lines = [(one.xaxis, one.line.color, round(one.line.width, 2), *one.y) for one in data if one.mode == "lines"]
    up, down = 0.125, -0.125
    assert lines == [
        ("x", COLORS[0], 0.32, up, down, None),
        ("x", COLORS[0], 2.88, up, up, None, down, down, None),
        ("x", COLORS[1], 0.96, down, up, None),
        ("x2", COLORS[0], 0.32, up, down, None),
        ("x2", COLORS[0], 2.88, up, up, None),
    ]
    first, second = (one for one in data if one.mode == "markers")
    assert list(first.text) == ["a", "b", "&lt;c&gt;", "d"]
    assert list(second.marker.symbol) == ["circle", "x-thin", "circle", "circle"]
