"""Charts as images without scripts: where things lie, against pixels worked by hand."""

import re
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest

from trainwell.display import drawing, frame
from trainwell.display.images import svg

LEFT, RIGHT, BOTTOM, TOP = 26 + 6.6 * 6, 720 - 18, 320 - 44, 14


def image(figure):
    text = drawing(figure, "words")
    content = b64decode(re.search(r"base64,([^\"]+)", text)[1]).decode()
    return content, ElementTree.fromstring(content)  # noqa: S314  # it is our own


def test_a_line_goes_from_corner_to_corner():
    figure = frame("x", "y").update_xaxes(range=[0, 1]).update_yaxes(range=[0, 10])
    figure.add_scatter(x=[0, 0.5, np.nan, 1], y=[0, 5, 7, 10], mode="lines", line={"color": "#123456", "dash": "dash"})
    _text, root = image(figure)
    (line,) = [one for one in root.iter() if one.get("stroke") == "#123456"]
    assert line.get("d") == f"M{LEFT:.1f} {BOTTOM}L{(LEFT + RIGHT) / 2:.1f} {(BOTTOM + TOP) / 2:.0f}M{RIGHT} {TOP}"
    assert line.get("stroke-dasharray") == "7 4"
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"x", "y", "0", "10"} <= set(texts)


def test_logarithmic_axes_have_powers_of_ten():
    figure = frame("x", "y").update_xaxes(type="log", range=[-2, 0]).update_yaxes(type="log", range=[0, 2])
    figure.add_scatter(x=[0.01, 0.1, 0], y=[1, 10, 10], mode="markers", marker={"color": "red", "size": 8})
    text, root = image(figure)
    places = [one.get("transform").split(" scale")[0] for one in root.iter() if one.get("r")]
    middle = f"{(LEFT + RIGHT) / 2:.1f} {(BOTTOM + TOP) / 2:.0f}"
    assert places == [f"translate({LEFT:.1f} {BOTTOM})", f"translate({middle})"]  # 0 has no place
    assert ">0.01<" in text
    assert ">100<" in text


def test_steps_areas_shapes_and_words():
    figure = frame("x").update_xaxes(range=[0, 1]).update_yaxes(range=[1, 0])  # the first row on top
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"shape": "hv", "color": "blue"})
    figure.add_scatter(x=[0, 1, 1], y=[0, 0, 1], mode="none", fill="toself", fillcolor="rgba(1,2,3,0.5)")
    figure.add_vline(x=0.5, line={"color": "green"})
    figure.add_annotation(text="round <b>1</b> &lt;x&gt;", x=0, y=1, yref="paper", xanchor="left", showarrow=False)
    text, root = image(figure)
    paths = {one.get("stroke") or one.get("fill"): one.get("d") for one in root.iter() if one.get("d")}
    top = 24  # there is room for words
    assert paths["blue"] == f"M{LEFT:.1f} {top}H{RIGHT}V{BOTTOM}"
    assert paths["rgba(1,2,3,0.5)"] == f"M{LEFT:.1f} {top}L{RIGHT} {top}L{RIGHT} {BOTTOM}"
    assert paths["green"] == f"M{(LEFT + RIGHT) / 2:.1f} {BOTTOM}L{(LEFT + RIGHT) / 2:.1f} {top}"
    assert "round  1  &lt;x&gt;" in text


def test_names_are_no_markup():
    figure = frame("<script>alert(1)</script>", "a\x00b")
    figure.add_scatter(x=[0, 1], y=[0, 1])
    text, _ = image(figure)
    assert "<script" not in text
    assert ">ab<" in text


def test_contours_are_where_a_surface_has_their_height():
    figure = frame("x", "y").update_xaxes(range=[0, 1]).update_yaxes(range=[0, 10])
    levels = {"start": 1, "end": 3, "size": 1}
    slope = 4 * np.linspace(0, 1, 5) * np.ones((3, 1))  # of x alone
    figure.add_contour(x=np.linspace(0, 1, 5), y=[0, 5, 10], z=slope, contours=levels, line={"color": "teal"})
    _, root = image(figure)
    lines = [one.get("d") for one in root.iter() if one.get("stroke") == "teal"]
    numbers = [np.array(re.findall(r"[\d.]+", line), float).reshape(-1, 2) for line in lines]
    for level, points in enumerate(numbers, 1):
        assert points[:, 0] == pytest.approx(LEFT + level / 4 * (RIGHT - LEFT), abs=0.06)
        assert (points[:, 1].min(), points[:, 1].max()) == (TOP, BOTTOM)
    assert len(numbers) == 3


def test_an_empty_chart_and_one_that_is_no_lines():
    assert "<svg" in svg(frame("x", "y"))
    assert drawing(frame("x").add_heatmap(z=[[1, 2], [3, 4]]), "words") == ""


@pytest.mark.parametrize(
    ("symbol", "element"),
    [
        ("circle-open", "circle"),
        ("x-thin", "path"),
        ("star", "polygon"),
        ("line-ns-open", "path"),
        ("triangle-up", "polygon"),
        ("hexagon", "circle"),  # those without a form of their own
    ],
)
def test_every_marker_is_drawn(symbol, element):
    figure = frame("x").add_scatter(x=[0, 1], y=[0, 1], mode="markers", marker={"symbol": symbol})
    _, root = image(figure)
    drawn = [one.tag.split("}")[-1] for one in root.iter() if "scale" in (one.get("transform") or "")]
    assert drawn == [element] * 2
