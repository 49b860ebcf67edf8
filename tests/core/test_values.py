"""Values of settings as text."""

import pytest

from trainwell.core import first_difference, list_of, scalar_of, short_text, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ((100, 50), "100x50"),
        ([0.1, 1.0], "0.1x1"),
        ((), "none"),
        (None, "none"),
        (True, "true"),
        (False, "false"),
        (0.001, "0.001"),
        (1 / 3, "0.333333"),
        (128, "128"),
        ("full", "full"),
    ],
)
def test_a_value_is_written_one_way(value, text):
    assert value_text(value) == text


@pytest.mark.parametrize("value", [(100, 50), (7,), (), (0.1, 1), (3, 1e-05)])
def test_a_list_is_read_as_it_is_written(value):
    assert list_of(value_text(value)) == value


@pytest.mark.parametrize("value", [1, -2, 0.25, 1e-05, "adam"])
def test_a_scalar_is_read_as_it_is_written(value):
    found = scalar_of(value_text(value))
    assert (found, type(found)) == (value, type(value))


def test_every_digit_is_kept_on_request():
    assert value_text((1 / 3, 0.1 + 0.2), str) == "0.3333333333333333x0.30000000000000004"


@pytest.mark.parametrize("text", ["100x50", "100,50", "[100, 50]", "(100, 50)", " 100 x 50 ", "100,50,"])
def test_lists_may_be_written_with_commas_and_brackets(text):
    assert list_of(text) == (100, 50)


@pytest.mark.parametrize("text", [",", "9,,9", "9xx9", ""])
def test_an_empty_item_is_refused(text):
    with pytest.raises(ValueError, match="empty"):
        list_of(text)


def test_charts_show_four_digits_and_no_long_exponents():
    values = [1e-6, 0.25, 128, True, None, (100, 50), "adam", 12345.6, 1.23456e7, 0.0123456]
    texts = ["1e-6", "0.25", "128", "true", "none", "100x50", "adam", "12346", "1.235e7", "0.01235"]
    assert list(map(short_text, values)) == texts


def test_values_in_words():
    assert [short_text(v) for v in (0.1 + 0.2, 12345, 1e7, (), [3, 4], False)] == [
        "0.3",
        "12345",
        "1e7",
        "none",
        "3x4",
        "false",
    ]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (["-7,2"], ["-7,2", "5,5"], "start was '-7,2' then and is '-7,2', '5,5' now"),
        ([], ["-7,2"], "start was none then and is '-7,2' now"),
        ({"choices": [[100, 50], [9]]}, 9, "start was choices 100x50, 9 then and is 9 now"),
        ([0], [0, 1], "start was 0 then and is 0, 1 now"),
    ],
)
def test_what_differs_between_requests_can_be_told_apart(before, now, words):
    assert first_difference({"start": now}, {"start": before}) == words
