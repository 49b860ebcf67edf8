"""Small charts in one figure: where they lie."""

import pytest

from trainwell.display import Panels, axis_names


@pytest.mark.parametrize("columns", [1, 2, 3, 5])
def test_panels_fill_the_figure_without_touching(columns):
    panels = Panels([str(i) for i in range(7)], 100, 30, ((0, columns),), shared=True)
    layout = panels.layout(columns, 900)
    rows = -(-7 // columns)
    assert layout["height"] == rows * 100 + (rows - 1) * 30 + 46 + 40
    boxes = [(*layout[f"{x}.domain"], *layout[f"{y}.domain"]) for x, y in map(axis_names, range(7))]
    for i, (left, right, low, high) in enumerate(boxes):
        assert 0 <= left < right <= 1
        assert 0 <= low < high <= 1
        for other in boxes[:i]:
            assert right <= other[0] or left >= other[1] or high <= other[2] or low >= other[3]
    assert max(box[1] for box in boxes) == pytest.approx(1)
    assert [layout[f"{axis_names(i)[1]}.showticklabels"] for i in range(7)] == [i % columns == 0 for i in range(7)]


@pytest.mark.parametrize(
    ("title", "width", "columns"),
    [
        ("1: 0.58 ± 0.87, 50% zero", 0, 1),
        ("1: ± 1.5e-04", 0, 2),
        ("1: 0.58 ± 0.87, 50% zero", 560, 3),
        ("x" * 99, 560, 1),
    ],
)
def test_titles_do_not_run_into_each_other(title, width, columns):
    panels = Panels([title] * 4, 100, 30, ((0, 2), (560, 3)), shared=True)
    layout = panels.layout(3 if width else 2, width)
    starts = {layout[f"{axis_names(i)[0]}.domain"][0] for i in range(4)}
    assert len(starts) == columns
