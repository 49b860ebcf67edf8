"""The chart with which all charts start."""

import pytest

from trainwell.display import frame


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Loss", "Loss"),
        ("", ""),
        (
            "until the gradient is a thousandth of the flat slope",
            "until the gradient is a<br>thousandth of the flat slope",
        ),
    ],
)
def test_a_vertical_title_that_is_longer_than_the_chart_is_high_has_lines(title, lines):
    assert frame("Updates", title).layout.yaxis.title.text == lines
