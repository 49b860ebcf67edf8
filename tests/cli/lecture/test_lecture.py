"""`trainwell lecture`."""

import html
import io
import json
import re
from contextlib import redirect_stdout
from dataclasses import replace

import numpy as np
import pytest

from reference.results_document import assert_results_are_documented
from trainwell.core import Interrupted, cache_folder
from trainwell.lecture import CONTENTS, FIGURES, STATEMENTS, Chart, Curve, Design, Measured, Part, Statement
from trainwell.lecture.experiment import above, below


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """A statement in place of C-19 that takes no time."""
    monkeypatch.setenv("TRAINWELL_CACHE", str(tmp_path / "cache"))
    share, updates = Measured("a share", 0.25, 0.125, 0.5, 16), Measured("updates", np.inf, 3.0, np.inf, 9)
    chart = Chart("x", "y", (Curve("a curve", (1.0,), (2.0,), (np.nan,), (3.0,)),), bound=0.1)
    parts = (
        Part("this is so", (above(share, 0.1, "here"), below(share, 0.1, "there")), (share, updates), chart),
        Part("that is so", (below(updates, 2.0),), chart=chart),
        Part("more", (above(share, 0.3, doubt="it is not sure"),), beyond=True),
    )
    sizes = []

    def run(setup):
        sizes.append(setup.size)
        return parts

    design = Design("a kind", "the rest", "a share", "it is above", "here and there", "16 starts")
    monkeypatch.setitem(STATEMENTS, "C-19", Statement("C-19", design, "Do so.", run))
    return sizes


def test_without_ids_it_lists_all_that_the_lecture_holds_one_line_each(cli):
    listed = json.loads(cli("lecture", "--json").out)
    rows = {one["id"]: one for one in (*listed["figures"], *listed["statements"])}
    assert (len(listed["figures"]), len(listed["statements"])) == (35, 38)
    assert list(rows) == list(CONTENTS)
    assert {name for name, one in rows.items() if one["built"]} == {*FIGURES, *STATEMENTS}
    table = cli("lecture").out
    assert all(one in table for one in CONTENTS)
    assert ("not available yet" in table) == (len(FIGURES) + len(STATEMENTS) < 73)


def test_a_finding_is_told_with_its_numbers(cli, quick):
    done = cli("lecture", "c-19", "--size", "small")
    assert (done.code, quick) == (0, ["small"])
    words = " ".join(done.out.split())
    assert f"C-19: {CONTENTS['C-19']}" in words
    assert "Under conditions it holds that this is so (yes here; no there). It does not hold that that is so." in words
    assert "holds under conditions: this is so" in words
    assert "does not hold: that is so" in words
    assert "undecided (not counted in the verdict): more" in words
    assert "a share 0.25 [0.125, 0.5] 16 met: above 0.1, here" in words
    assert "updates never [3, never] 9" in words
    said = done.err.splitlines()
    assert said[0] == f"measuring C-19, 1 of 1: {CONTENTS['C-19']}"
    assert said[1].startswith("C-19: holds under conditions (")
    assert cli("lecture", "C-19", "--quiet").err == ""
    assert quick == ["small", "full"]


def test_json_has_all_numbers_measured_now_or_before(cli, quick):
    words = ("lecture", "C-19", "C-19", "--json", "--quiet")
    found = json.loads(cli(*words).out)
    assert json.loads(cli(*words).out)["statements"] == found["statements"]
    assert quick == ["full"]  # known
    cli(*words, "--fresh")
    assert quick == ["full", "full"]
    assert_results_are_documented("lecture", found)
    assert (found["size"], found["figures"]) == ("full", [])
    (one,) = found["statements"]
    assert (one["id"], one["text"], one["verdict"]) == ("C-19", CONTENTS["C-19"], "holds under conditions")
    assert (one["effect"], one["low"], one["high"], one["n"]) == (0.25, 0.125, 0.5, 16)
    first, _, third = one["parts"]
    assert [part["verdict"] for part in one["parts"]] == ["holds under conditions", "does not hold", "undecided"]
    assert [first["beyond"], third["beyond"]] == [False, True]
    assert first["conditions"] == [{"where": "here", "holds": True}, {"where": "there", "holds": False}]
    assert first["measured"][0] == {"what": "a share", "estimate": 0.25, "low": 0.125, "high": 0.5, "n": 16}
    assert first["measured"][1]["estimate"] == "inf"
    assert first["chart"]["curves"] == [{"label": "a curve", "x": [1.0], "y": [2.0], "low": [None], "high": [3.0]}]
    assert third["chart"] is None


def test_a_killed_run_goes_on_with_the_statement_it_was_at(cli, quick, tmp_path, monkeypatch):
    begun = []

    def run(setup):
        begun.append("C-20")
        if len(begun) == 1:
            raise Interrupted
        return STATEMENTS["C-19"].run(setup)

    monkeypatch.setitem(STATEMENTS, "C-20", replace(STATEMENTS["C-20"], run=run))
    words = ("lecture", "C-19", "C-20", "--fresh", "--json", "--quiet", "--out", str(tmp_path / "one"))
    assert cli(*words).code == 130
    done = cli(*words, "--resume")
    assert [one["id"] for one in json.loads(done.out)["statements"]] == ["C-19", "C-20"]
    assert begun == ["C-20"] * 2
    assert quick == ["full"] * 2  # C-19 once, and once as C-20


def test_of_many_statements_the_verdicts_are_printed(cli, quick, monkeypatch):
    for name in ("C-14", "C-15", "C-16"):
        monkeypatch.setitem(STATEMENTS, name, replace(STATEMENTS["C-19"], id=name))
    out = " ".join(cli("lecture", "C-14", "C-15", "C-16", "C-19", "--quiet").out.split())
    assert "this is so" not in out
    assert out.count("holds under conditions") == 4
    assert "a share: 0.25 [0.125, 0.5] (n 16)" in out


def test_a_damaged_finding_is_measured_again(cli, quick):
    words = ("lecture", "C-19", "--json", "--quiet")
    first = json.loads(cli(*words).out)["statements"]
    (kept,) = (cache_folder() / "lecture").glob("C-19-*.json")
    kept.write_text(kept.read_text().replace("0.125", "0.126"))
    assert [one["verdict"] for one in json.loads(cli(*words).out)["statements"]] == [one["verdict"] for one in first]
    assert quick == ["full", "full"]


def test_a_card_shows_what_decided_and_what_other_bounds_would(cli, quick, tmp_path):
    assert cli("lecture", "C-19", "F-C-3", "--out", str(tmp_path / "one"), "--seeds", "1").code == 0
    card = " ".join((tmp_path / "one" / "statements" / "C-19.html").read_text().split())
    assert "Do so." in card
    assert "here and there" in card
    assert "With a bound below 0.125 the criterion would be met, with one above 0.5 not" in card
    assert "left open, since it is not sure" in card
    assert "The dotted line is the criterion" in card
    assert card.count('data-figure="figure-claim-') == 1  # the second part has the same chart
    assert "first look" not in card
    assert cli("lecture", "C-19", "--size", "small", "--out", str(tmp_path / "two")).code == 0
    small = (tmp_path / "two" / "statements" / "C-19.html").read_text()
    assert "A first look (size small)" in small
    assert "trainwell lecture C-19 --size small" in small
    assert "size=&#39;small&#39;" in small
    assert 'href="statements/C-19.html"' in (tmp_path / "one" / "index.html").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("C-191",), "did you mean 'C-19'?"),
        (("C-19", "f-6-99"), "did you mean 'F-6-9'?"),
        (("C-19", "nonsense"), "'nonsense': choose from all, C-01, C-02, C-03"),
        (("t-opt-4",), "techniques (T-…) are in the code, docs/lecture.md says where"),
        (("F-6-9", "--data", "diabetes"), "the figures need classes"),
        (("F-6-9", "--data", "nothing.csv"), "nothing.csv"),
        (("C-19", "--size", "tiny"), "tiny"),
    ],
)
def test_what_cannot_be_examined_is_refused(cli, quick, words, message):
    done = cli("lecture", *words)
    assert (done.code, done.err.count("\n"), quick) == (2, 1, [])
    assert message in done.err


def test_figures_become_a_gallery_whose_numbers_are_printed(cli, quick, tmp_path):
    words = (
        "lecture",
        "F-6-20",
        "F-C-10",
        "C-19",
        "--data",
        "digits",
        "--data-dir",
        "own",
        "--size",
        "small",
        "--seeds",
        "2",
    )
    found = json.loads(cli(*words, "--json", "--quiet", "--out", str(tmp_path / "one")).out)
    assert [one["id"] for one in found["figures"]] == ["F-6-20", "F-C-10"]
    curves = found["figures"][0]["curves"]
    assert [one["label"] for one in curves] == ["training accuracy", "test accuracy"]
    assert all(len(row) == len(one["x"]) == 20 for one in curves for row in one["seeds"])
    assert [len(one["seeds"]) for one in curves] == [2, 2]
    assert found["statements"][0]["verdict"] == "holds under conditions"
    index = (tmp_path / "one" / "index.html").read_text()
    assert "figures/F-6-20.html" in index
    assert "holds under conditions" in index
    page = (tmp_path / "one" / "figures" / "F-6-20.html").read_text()
    assert 'src="../plotly.js"' in page
    assert "Seed 0" in page
    assert "2 seeds" in page
    assert "Trained on digits, 300 rows, evaluated on its test rows." in page
    assert "trainwell lecture F-6-20 --seeds 2 --data digits --data-dir own --size small" in page

    code = re.search(r'aria-label="the Python code"><code>(.*?)</code>', page, re.S)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(html.unescape(code[1]))  # noqa: S102  # what the page tells to run
    for line, one in zip(printed.getvalue().splitlines(), curves, strict=True):
        label, _, numbers = line.partition(" [")
        assert label == one["label"]
        assert [*map(float, numbers.rstrip("]").split())] == pytest.approx([row[-1] for row in one["seeds"]], rel=1e-5)

    again = cli(*words, "--out", str(tmp_path / "two"))  # drawn from what is known
    assert again.code == 0
    assert "training" not in again.err
    second = json.loads((tmp_path / "two" / "results.json").read_text())
    assert second["figures"] == found["figures"]
    assert cli(*words, "--out", str(tmp_path / "one")).code == 2
    assert "already complete" in cli(*words, "--out", str(tmp_path / "one"), "--resume").err
