"""`trainwell race`: the lecture's numbers, what `descend` gives for the same request, files, resuming, bad input."""

import json

import numpy as np
import polars as pl
import pytest

from reference.results_document import assert_columns_are_documented, assert_results_are_documented
from trainwell.cli.options.race import NAMES
from trainwell.landscape import SURFACES, descend, surface
from trainwell.training import load_recipe

SMALL = ("--precision", "float32", "--out", "run")  # of this process
TWO = ("--vary", "optimizer=sgd,adam", "--set", "learning_rate=0.1")


def updates(rule):
    """30 points of the lecture's descent from (-7, 2) on x²/20 + y², in float64."""
    x, state, points = np.array([-7.0, 2.0]), None, []
    for t in range(30):
        points.append(x)
        x, state = rule(x, x * [0.1, 2.0], state, t + 1)
    return np.array(points)


def sgd(x, g, state, t):
    return x - 0.95 * g, state


def momentum(x, g, v, t):
    v = -0.1 * g if v is None else 0.9 * v - 0.1 * g
    return x + v, v


def adagrad(x, g, h, t):
    h = g * g if h is None else h + g * g
    return x - 1.5 * g / (np.sqrt(h) + 1e-7), h


def adam(x, g, state, t):
    m, v = (0.0, 0.0) if state is None else state
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
    return x - 0.3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7), (m, v)


def test_the_lectures_race_to_twelve_digits(forks, tmp_path):
    """A process of its own: the command computes in float64."""
    done = forks.finished(tmp_path, ["race", "--out", "run"])
    assert (done.code, done.err) == (0, "")
    paths = pl.read_parquet(tmp_path / "run/paths.parquet")
    for label, rule in (("SGD", sgd), ("Momentum", momentum), ("AdaGrad", adagrad), ("Adam", adam)):
        own = paths.filter(pl.col("contender") == label).sort("step")
        by_hand = updates(rule)
        assert own["step"].to_list() == list(range(30))
        assert abs(own.select("x0", "x1").to_numpy() - by_hand).max() <= 1e-12
        assert abs(own["value"].to_numpy() - (by_hand[:, 0] ** 2 / 20 + by_hand[:, 1] ** 2)).max() <= 1e-12
    assert pl.read_csv(tmp_path / "run/paths.csv").equals(paths)
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert [one["label"] for one in results["contenders"]] == ["AdaGrad", "SGD", "Adam", "Momentum"]  # by their height
    assert results["contenders"][1]["descents"][0]["zigzags"] == 28
    for words in (
        "bowl, 29 updates",
        "AdaGrad",
        "36.81",
        "On bowl, from (-7, 2), ",
        "not which optimizer is better",
        "run/",
    ):
        assert words in done.out


def test_numbers_are_those_of_the_descents(cli, tmp_path):
    printed = json.loads(
        cli("race", "himmelblau", *TWO, "--start", "-1,2", "--start", "3,3", "--steps", 40, *SMALL, "--json").out
    )
    assert printed.pop("run") == "run"
    assert printed == json.loads((tmp_path / "run/results.json").read_text())
    how = {name: {"optimizer": name, "learning_rate": 0.1} for name in ("sgd", "adam")}
    found = descend("himmelblau", how, [[-1, 2], [3, 3]], 40)
    rows = pl.read_parquet(tmp_path / "run/descents.parquet")
    for one in printed["contenders"]:
        c = found.labels.index(one["label"])
        assert one["learning_rate"] == 0.1
        assert one["outcomes"] == found.count(one["label"])
        own = rows.filter(pl.col("contender") == one["label"])
        for s, descent in enumerate(one["descents"]):
            assert descent["outcome"] == found.outcomes[c, s] == own["outcome"][s]
            for name, values in (
                ("value", found.values),
                ("gradient_norm", found.gradient_norms),
                ("path_length", found.lengths),
                ("zigzags", found.zigzags),
                ("evaluations", found.evaluations),
            ):
                expected = float(values[c, s])
                known = pytest.approx(expected, rel=1e-4, abs=1e-6) if np.isfinite(expected) else None
                assert descent[name] == known, name
                assert own[name][s] == (known if np.isfinite(expected) else expected)
            settled = found.settled_after[c, s]
            assert descent["settled_after"] == own["settled_after"][s] == (None if settled < 0 else settled)
        assert one["medians"]["path_length"]["median"] == pytest.approx(np.median(found.lengths[c]), rel=1e-4)


def test_many_starts_are_counted_and_the_first_are_drawn(cli, tmp_path):
    done = cli("race", "double_valley", "dimension=1", *TWO, "--starts", 30, "--start", "2", "--steps", 300, *SMALL)
    assert done.code == 0
    results = json.loads((tmp_path / "run/results.json").read_text())
    made = surface("double_valley", dimension=1)
    starts = np.concatenate([[[2.0]], made.random_starts(30, 0)])
    assert (results["num_starts"], results["num_paths"]) == (31, 10)
    sgd_of = next(one for one in results["contenders"] if one["label"] == "sgd")
    assert sgd_of["outcomes"] == {"converged": 31}
    rows = pl.read_parquet(tmp_path / "run/descents.parquet").filter(pl.col("contender") == "sgd")
    assert rows["start_x0"].to_numpy() == pytest.approx(starts[:, 0])
    # A small rate ends at 2 from the right of the pass, at −1 from its left.
    assert rows["x0"].to_numpy() == pytest.approx(np.where(starts[:, 0] > 0, 2, -1), abs=1e-2)
    assert rows["critical_point"].to_list() == [0 if start > 0 else 1 for start in starts[:, 0]]
    assert set(pl.read_parquet(tmp_path / "run/paths.parquet")["start"]) == set(range(10))
    assert "medians over 31 starts" in done.out
    assert "31 converged" in done.out


def test_a_path_is_written_until_it_has_left_and_all_diverged_is_exit_code_1(cli, tmp_path):
    done = cli("race", "--contender", "fast: optimizer=sgd learning_rate=2", "--start", "1,1", *SMALL)
    assert done.code == 1
    assert pl.read_csv(tmp_path / "run/paths.csv")["x1"].to_list() == [(-3.0) ** t for t in range(8)]
    row = pl.read_parquet(tmp_path / "run/descents.parquet").row(0, named=True)
    assert (row["outcome"], row["left_after"], row["critical_point"], row["overshoot"]) == ("diverged", 7, None, None)
    assert "diverged" in done.out


def test_tuned_rates_are_said_kept_and_the_same_again(cli, tmp_path):
    done = cli("race", "booth", "--vary", "optimizer=sgd,adagrad", "--tuned", "--steps", 40, *SMALL)
    assert (done.code, done.err) == (0, "")
    assert "the same 65 learning rates from 1e-06 to 100" in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    table = pl.read_parquet(tmp_path / "run/tuning.parquet")
    assert_results_are_documented("race", results)
    for name in ("descents", "paths", "tuning"):
        assert_columns_are_documented("race", name, pl.read_parquet(tmp_path / f"run/{name}.parquet").columns)
    for one in results["contenders"]:
        own = table.filter(pl.col("contender") == one["label"])
        assert len(own) == 65
        best = own.filter(pl.col("chosen"))
        assert best["learning_rate"].to_list() == [one["learning_rate"]]
        assert best["score"][0] <= 1.01 * own["score"].min()
        assert load_recipe(tmp_path / f"run/recipes/{one['label']}.toml").learning_rate == one["learning_rate"]
    files = [word for name in ("sgd", "adagrad") for word in ("--contender", f"run/recipes/{name}.toml")]
    again = cli("race", "booth", *files, "--steps", 40, "--precision", "float32", "--out", "again", "--json")
    assert again.err == "note: steps, observe_every, observe_first have no effect on a surface: use --steps\n"
    ends = {one["label"]: one["descents"] for one in json.loads(again.out)["contenders"]}
    assert ends == {one["label"]: one["descents"] for one in results["contenders"]}


def test_a_complete_race_is_not_run_again_and_another_one_is_refused(cli, tree):
    ask = ("race", *TWO, *SMALL)
    assert cli(*ask).code == 0
    before = tree()
    done = cli(*ask, "--resume")
    assert (done.code, done.err) == (0, "note: run is already complete, nothing was trained\n")
    assert "AdaGrad" not in done.out
    assert "adam" in done.out
    assert tree() == before
    assert "run exists: choose another --out" in cli(*ask).err
    for other in (("--steps", 30), ("--noise", 0.1), ("--start", "1,1"), ("--contender", "optimizer=rmsprop")):
        done = cli(*ask, *other, "--resume")
        assert done.code == 2
        assert "run holds another run" in done.err
    assert tree() == before


def test_notes_on_settings_that_do_nothing_or_are_for_networks(cli):
    done = cli("race", "--vary", "optimizer=sgd,adam", "--set", "momentum=0.9", "--set", "epochs=3", *SMALL)
    assert "momentum has no effect with sgd, adam" in done.err
    assert "epochs has no effect on a surface: use --steps" in done.err
    assert "sgd (0.05), adam (0.001) have their default learning rates, meant for networks: --tuned finds" in done.err


def test_surfaces_are_listed(cli):
    listed = json.loads(cli("race", "--list", "--json").out)["surfaces"]
    assert [one["name"] for one in listed] == list(SURFACES) == NAMES.split(", ")
    assert listed[1]["parameters"] == {"condition": 20.0, "dimension": 2, "rotation": None}
    text = cli("race", "--list").out
    assert all(name in text for name in SURFACES)


WRONG = [
    (("bowel",), "there is no surface 'bowel': did you mean 'bowl'?"),
    (("quadratic", "dimensions=5"), "the surface 'quadratic' has no parameter 'dimensions': did you mean 'dimension'?"),
    (("quadratic", "dimension=0"), "the dimension of 'quadratic' must be a whole number from 1, got 0"),
    (("quadratic", "dimension=x"), "dimension of the surface 'quadratic' must be a number, got 'x'"),
    (("quadratic", "dimension=2", "dimension=3"), "dimension is given twice"),
    (("dimension=5",), "'dimension=5' names no surface"),
    (("bowl", "beale"), "a race is on one surface, and bowl and beale are two: race on one after the other"),
    (("--start", "0,11"), "start (0, 11) is outside the domain of 'bowl', which is from (-10, -10) to (10, 10)"),
    (("--start", "1,2,3"), "--start 1,2,3 has 3 numbers, but 'bowl' has 2 dimensions: give one number per axis"),
    (("--start", "nan,0"), "start (nan, 0) is outside the domain"),
    (("--start", "1;2"), "--start '1;2' must be numbers joined by commas, such as -7,2"),
    (("--start", ""), "must be numbers joined by commas"),
    (("--starts", "0"), "the number of starts must be a whole number from 1, got 0"),
    (("--starts", "100001"), "--starts is at most 100,000, got 100,001"),
    (("--steps", "0"), "steps must be a whole number from 1, got 0"),
    (("--steps", "5000000"), "paths of 4 contenders and 5,000,000 updates in 2 dimensions need too much memory"),
    (("--noise", "-1"), "noise must be a number from 0, got -1.0"),
    (("--tolerance", "nan"), "tolerance must be a number from 0, got nan"),
    (("--vary", "optimizer=sgdd,adam"), "contender 'sgdd': unknown optimizer 'sgdd': did you mean 'sgd'?"),
    (("--contender", "adam"), "'adam' is no FIELD=VALUE, such as optimizer=adam"),
    (("--contender", "none.toml"), "none.toml: cannot read the recipe"),
    (("--set", "learning_rate=1"), "--set is for contenders that are named"),
    (("saddle", "--tuned"), "'saddle' has no minimum, so learning rates cannot be tuned on it"),
    (
        ("--set", "optimizer=sgd", "--vary", "learning_rate=1,2", "--tuned"),
        "differ in nothing but their learning rates",
    ),
    (("--resume",), "--resume needs --out"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[" ".join(words) for words, _ in WRONG])
def test_what_cannot_race_is_refused_in_one_line_before_anything_is_written(cli, tree, words, message):
    done = cli("race", *words, "--precision", "float32")
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.startswith("trainwell: error: ")
    assert done.err.count("\n") == 1
    assert tree() == {}
