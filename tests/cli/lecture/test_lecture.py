"""`trainwell lecture`."""

import json

import pytest

from trainwell.lecture import STATEMENTS, Chart, Curve, Measured, Part, Statement


@pytest.fixture
def quick(monkeypatch):
    """A statement in place of C-19 that takes no time."""
    numbers = (Measured("a share", 0.25, 0.125, 0.5, 16), Measured("updates", float("inf"), 3.0, float("inf"), 9))
    chart = Chart("x", "y", (Curve("a curve", (1.0,), (2.0,), (float("nan"),), (3.0,)),))
    parts = (
        Part("this is so", True, numbers, chart),
        Part("that is so", False, ()),
        Part("more", None, (), beyond=True),
    )
    sizes = []

    def run(size):
        sizes.append(size)
        return parts

    monkeypatch.setitem(STATEMENTS, "C-19", Statement("C-19", "what is said", run))
    return sizes


def test_without_ids_it_lists_what_can_be_examined(cli):
    assert all(one in cli("lecture").out for one in STATEMENTS)
    listed = json.loads(cli("lecture", "--json").out)["statements"]
    assert [one["id"] for one in listed] == list(STATEMENTS)
    assert listed[0]["text"] == STATEMENTS["C-14"].text


def test_a_finding_is_told_with_its_numbers(cli, quick):
    done = cli("lecture", "c-19", "--size", "small")
    assert (done.code, quick) == (0, ["small"])
    words = " ".join(done.out.split())
    assert "C-19: what is said" in words
    assert "holds in part. It holds that this is so. It does not hold that that is so." in words
    assert "holds: this is so" in words
    assert "does not hold: that is so" in words
    assert "open, beyond the statement: more" in words
    assert "a share 0.25 0.125 – 0.5 16" in words
    assert "updates never 3 – never 9" in words
    assert done.err == "measuring C-19\n"
    assert cli("lecture", "C-19", "--quiet").err == ""
    assert quick == ["small", "full"]


def test_json_has_all_numbers(cli, quick):
    found = json.loads(cli("lecture", "C-19", "C-19", "--json", "--quiet").out)
    assert found["size"] == "full"
    (one,) = found["findings"]
    assert (one["id"], one["verdict"], len(quick)) == ("C-19", "holds in part", 1)
    first = one["parts"][0]
    assert (first["holds"], first["beyond"], one["parts"][2]["beyond"]) == (True, False, True)
    assert first["measured"][0] == {"what": "a share", "estimate": 0.25, "low": 0.125, "high": 0.5, "n": 16}
    assert first["measured"][1]["estimate"] == "inf"
    assert first["chart"]["curves"] == [{"label": "a curve", "x": [1.0], "y": [2.0], "low": [None], "high": [3.0]}]
    assert one["parts"][1]["chart"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("C-191",), "did you mean 'C-19'?"),
        (("C-19", "nonsense"), "there is no statement 'nonsense'"),
        (("C-19", "--size", "tiny"), "tiny"),
    ],
)
def test_what_cannot_be_examined_is_refused(cli, quick, words, message):
    done = cli("lecture", *words)
    assert (done.code, done.err.count("\n"), quick) == (2, 1, [])
    assert message in done.err
