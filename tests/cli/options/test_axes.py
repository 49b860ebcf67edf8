"""Axes written on the command line."""

import pytest

from trainwell.cli.options.fields import parse_axes
from trainwell.core import SpaceError
from trainwell.training import Choices, Range

TEXTS = [
    ("learning_rate=1e-6..1e-2:log", Range(1e-6, 1e-2, log=True)),
    ("l2-penalty=1e-8..1e-4:log", Range(1e-8, 1e-4, log=True)),
    ("dropout_rate=0..0.5", Range(0.0, 0.5)),
    ("dropout_rate=.1...5", Range(0.1, 0.5)),
    ("schedule_factor=0.1..0.9:step=0.2", Range(0.1, 0.9, step=0.2)),
    ("epochs=1..9:integer", Range(1, 9, integer=True)),
    ("depth=1..3", Range(1, 3, integer=True)),
    ("batch_size=16 .. 256 : log", Range(16, 256, log=True, integer=True)),
    ("patience=1..9:step=2", Range(1, 9, step=2, integer=True)),
    ("width=64,128,256", Choices([64, 128, 256])),
    ("optimizer=sgd,adam", Choices(["sgd", "adam"])),
    ("batch_norm=true,false", Choices([True, False])),
    ("batch_size=64,full", Choices([64, "full"])),
    ("hidden=100x50,none", Choices([(100, 50), ()])),
    ("clip_norm=none,1", Choices([None, 1.0])),
]


@pytest.mark.parametrize(("text", "axis"), TEXTS)
def test_text_becomes_an_axis(text, axis):
    (parsed,) = parse_axes([text]).values()
    assert parsed == axis
    assert type(getattr(parsed, "low", 0)) is type(getattr(axis, "low", 0))


@pytest.mark.parametrize(("text", "axis"), TEXTS)
def test_an_axis_is_shown_as_it_is_written(text, axis):
    field = text.partition("=")[0].replace("-", "_")
    whole = ":integer" if field == "epochs" else ""
    assert parse_axes([f"{field}={axis}{whole}"]) == {field: axis}


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (["learning_rate"], "--search learning_rate has no '=': write learning_rate=a..b or learning_rate=a,b,c"),
        (["learning_rat=1..2"], "--search learning_rat=1..2: there is no field 'learning_rat' to search: did you mean"),
        (["depth=1..2", "depth=3..4"], "--search names depth twice: give all its values at once"),
        (["learning_rate=2..1"], "--search learning_rate=2..1: the low end 2 of a range is above its high end 1"),
        (["learning_rate=0..1:log"], "--search learning_rate=0..1:log: a log range must begin above 0"),
        (["learning_rate=1..2:lug"], "--search learning_rate=1..2:lug: a range takes :log, :integer or :step=s, not"),
        (["learning_rate=1..b"], "--search learning_rate=1..b: 'b' is no number: a range is two numbers joined by"),
        (["learning_rate=1.."], "--search learning_rate=1..: '' is no number"),
        (["learning_rate=0..nan"], "--search learning_rate=0..nan: high of a range must be a finite number, got nan"),
        (["depth=0.5..2"], "--search depth=0.5..2: depth is a whole number, its range is 0.5..2"),
        (["optimizer=sgd..adam"], "--search optimizer=sgd..adam: 'sgd' is no number"),
        (["optimizer=1..2"], "--search optimizer=1..2: optimizer cannot be a range, its values are words"),
        (["optimizer=adam"], "--search optimizer=adam: one value is no search: write optimizer=a..b or"),
        (["optimizer="], "--search optimizer=: there is an empty value"),
        (["optimizer=sgd,,adam"], "--search optimizer=sgd,,adam: there is an empty value"),
        (["optimizer=sgd,sgd"], "--search optimizer=sgd,sgd: a list of choices has sgd twice"),
        (["width=8,9.5"], "--search width=8,9.5: width must be a whole number from 1, got 9.5"),
        (["metric=loss,accuracy"], "--search metric=loss,accuracy: metric defines how trials are judged"),
    ],
)
def test_a_mistake_is_one_line(texts, line):
    with pytest.raises(SpaceError) as error:
        parse_axes(texts)
    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
