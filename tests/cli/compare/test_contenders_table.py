"""A comparison's table on terminals of any width: no number is cut."""

import pytest
from rich.console import Console

from trainwell.cli.compare.results import contenders_table


def contender(label, mean):
    return {
        "label": label,
        "n": 6,
        "diverged": 0,
        "values": [mean, mean + 0.01],
        "mean": {"mean": mean, "low": mean - 0.031, "high": mean + 0.031},
        "epochs_to_target": {"mean": 12.5},
        "seconds_per_network": 0.0153,
        "tuned": {"learning_rate": 0.0123},
    }


@pytest.mark.parametrize(
    ("width", "gone"),
    [(80, ("12.5", "0.015", "●")), (90, ("0.015", "●")), (120, ())],
)
def test_a_narrow_terminal_goes_without_columns_and_cuts_none(width, gone):
    part = {
        "contenders": [contender("sgd", 0.7576), contender("adam", 0.8182)],
        "ranking": ["adam", "sgd"],
        "metric": "accuracy",
    }
    console = Console(width=width)
    with console.capture() as shown:
        console.print(contenders_table(part, "2 contenders", width))
    text = shown.get()
    numbers = ("81.82%", "[78.72, 84.92]", "75.76%", "[72.66, 78.86]", "0.0123", "12.5", "0.015", "●", "learning")
    assert {number: number in text for number in numbers} == {number: number not in gone for number in numbers}
    assert "…" not in text
    assert text.index("adam") < text.index("sgd")
