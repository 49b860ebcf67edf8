"""`trainwell compare`: what it writes and says, against SciPy, training by hand, and itself."""

import json
import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from reference.results_document import assert_columns_are_documented, assert_results_are_documented
from trainwell.cli.app import main
from trainwell.cli.compare.asked import coarse_margins, terms_of, too_few_seeds, usual_axes
from trainwell.cli.compare.results import across_line, verdicts
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.contenders import given_contenders
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.comparison import Terms, pairs_asked
from trainwell.core import RecipeError, file_names
from trainwell.data import load_data
from trainwell.optim import RULES, register
from trainwell.statistics import Looks, decide
from trainwell.training import Range, Recipe, contenders_of, load_recipe, train

SMALL = ("--hidden", 4, "--epochs", 3)
TUNED = ("--trials", 4, "--rounds", 2, "--candidates", 2, "--candidate-seeds", 2, "--most-seeds", 12, "--looks", 2)
ASK = ("compare", "iris", "--vary", "optimizer=sgd,adam", *TUNED, *SMALL)
NAMES = ("contenders", "pairs", "runs", "tuning", "ranks", "improvement")
TABLES = [f"{name}.{form}" for name in NAMES for form in ("csv", "parquet")]
FILES = {
    *TABLES,
    "pages",
    "recipes",
    "report.html",
    "results.json",
    "run.json",
    "table.md",
    "table.tex",
    "trace.parquet",
}


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """The folder and the printed numbers of a tuned comparison on two data sets."""
    folder = tmp_path_factory.mktemp("complete") / "run"
    words = ("compare", "iris", "wine", *ASK[2:], "--out", folder, "--json", "--quiet")
    with redirect_stdout(StringIO()) as printed:
        assert main([str(word) for word in words]) == 0
    return folder, json.loads(printed.getvalue())


def test_the_run_directory_holds_all_numbers(complete):
    folder, printed = complete
    assert {path.name for path in folder.iterdir()} == FILES
    assert {path.name for path in (folder / "pages").iterdir()} == {"iris.html", "wine.html"}
    stored = json.loads((folder / "results.json").read_text())
    assert {name: value for name, value in printed.items() if name != "run"} == stored
    assert [one["name"] for one in stored["data"]] == ["iris", "wine"]
    assert stored["terms"]["tune"] == {"learning_rate": "1e-05..10:log"}
    assert set(stored["across"]["mean_ranks"]) == {"sgd", "adam"}
    page = (folder / "report.html").read_text()
    assert all(name in page for name in FILES if name.endswith((".csv", ".md", ".tex")))


def test_names_are_documented(complete):
    folder, printed = complete
    assert_results_are_documented("compare", printed)
    for name in NAMES:
        assert_columns_are_documented("compare", name, pl.read_parquet(folder / f"{name}.parquet").columns)


def test_means_are_those_of_the_runs(complete):
    folder, printed = complete
    runs = pl.read_parquet(folder / "runs.parquet")
    for part in printed["data_sets"]:
        for one in part["contenders"]:
            scores = runs.filter(data=part["data"], contender=one["label"])["score"].to_numpy()
            low, high = stats.t.interval(0.95, len(scores) - 1, scores.mean(), stats.sem(scores))
            assert scores.tolist() == one["values"]
            assert one["mean"]["mean"] == pytest.approx(scores.mean())
            assert (one["mean"]["low"], one["mean"]["high"]) == (
                pytest.approx(max(low, 0)),
                pytest.approx(min(high, 1)),
            )
        (pair,) = part["pairs"]
        values = {one["label"]: one["values"][: pair["n"]] for one in part["contenders"]}
        differences = [a - b for a, b in zip(values[pair["first"]], values[pair["second"]], strict=True)]
        assert pair["difference"] == pytest.approx(stats.tmean(differences))


def test_the_recipes_are_those_that_ran(complete):
    folder, printed = complete
    labels = ("sgd", "adam")
    recipes = [load_recipe(folder / "recipes" / "wine" / f"{label}.toml") for label in labels]
    trained = train(load_data("wine"), recipes, seeds=(0, 1)).kept("accuracy/validation").reshape(2, 2)
    for label, recipe, values in zip(labels, recipes, trained.tolist(), strict=True):
        one = next(one for one in printed["data_sets"][1]["contenders"] if one["label"] == label)
        assert recipe.learning_rate == one["tuned"]["learning_rate"]
        assert recipe.optimizer == label
        assert values == one["values"][:2]


def test_the_trace_has_every_observation_of_every_run(complete):
    folder, _ = complete
    trace, runs = pl.read_parquet(folder / "trace.parquet"), pl.read_parquet(folder / "runs.parquet")
    assert trace.columns == ["data", "contender", "seed", "step", "epoch", "name", "value"]
    assert set(trace["epoch"]) == {1.0, 2.0, 3.0}
    last = trace.filter(epoch=3.0, name="loss/validation").rename({"value": "last"})
    both = runs.join(last, on=["data", "contender", "seed"])
    assert len(both) == len(runs)
    assert both["last"].to_list() == both["loss/validation"].to_list()


def test_what_is_printed_is_read_from_the_complete_run(cli, complete, tree):
    folder, printed = complete
    before = tree(folder)
    done = cli("compare", "iris", "wine", *ASK[2:], "--out", folder, "--resume")
    assert (done.code, done.err) == (0, f"note: {folder} is already complete, nothing was trained\n")
    lines = done.out.splitlines()
    assert lines[1] == printed["headline"]
    for part in printed["data_sets"]:
        assert sum(pair["words"] in lines for pair in part["pairs"]) == 1
        compared = sum(len(one["values"]) for one in part["contenders"])
        # 4 trials, and 2 candidates with 2 seeds each, of either contender; beside them what fills gaps
        tunings = [one["tuning"] for one in part["contenders"]]
        assert all(own["trials"]["total"] - own["trials"]["extra"] == 4 for own in tunings)
        assert all(own["num_networks"] - own["trials"]["total"] in (4, 6, 8) for own in tunings)
        tuned = sum(own["num_networks"] for own in tunings)
        title = f"2 contenders on {part['data']}, {compared} networks compared, {tuned} trained in tuning"
        assert any(line.startswith(title) for line in lines)
        target = f"target score of epochs to target: validation accuracy {100 * part['target_score']:.2f}%"
        assert f"{target}, the median of the tuned scores" in lines
        for one in part["contenders"]:
            assert f"{100 * one['mean']['mean']:.2f}%" in done.out
    assert "not a fair comparison" not in done.out
    assert lines[-2] == f"page  {folder / 'report.html'}"
    stated = lines[-1].removeprefix("beside it  ").replace(" (.csv, .parquet)", "").split(", ")
    assert all(any(path.name in (name, f"{name}.csv") for path in folder.iterdir()) for name in stated)
    assert set(NAMES) <= set(stated)
    assert tree(folder) == before


def test_stopped_and_resumed_it_ends_as_if_it_had_not_been(cli, complete, tmp_path, monkeypatch):
    folder, _ = complete
    rename, seen = Path.replace, []

    def replace(self, target):
        seen.append(Path(target).suffix == ".npz" or "again" in str(target))
        if sum(seen) == 3 and seen[-1]:  # the first contender is tuned, and the second under way
            raise KeyboardInterrupt
        return rename(self, target)

    words = ("compare", "iris", "wine", *ASK[2:], "--quiet")
    monkeypatch.setattr(Path, "replace", replace)
    stopped = cli(*words, "--out", "run")
    assert (stopped.code, stopped.out) == (130, "")
    assert not (tmp_path / "run" / "results.json").exists()
    command = shlex.split(stopped.err.split("resume with: ")[1])
    assert command == ["trainwell", *map(str, words), "--out", "run", "--resume"]
    monkeypatch.setattr(Path, "replace", rename)
    assert cli(*command[1:]).code == 0
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
    for name in ("trace.parquet", "pairs.csv", "tuning.csv", "table.md", "recipes/iris/adam.toml"):
        assert (tmp_path / "run" / name).read_bytes() == (folder / name).read_bytes(), name
    for name in ("runs", "contenders"):  # seconds aside
        mine, whole = (
            pl.read_parquet(place / f"{name}.parquet").drop("seconds") for place in (tmp_path / "run", folder)
        )
        assert mine.equals(whole)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("iris", "--vary", "optimizer=sgd,adam", *TUNED, *SMALL), "it is on iris, wine and now iris was asked for"),
        (
            ("iris", "wine", "--vary", "optimizer=sgd,momentum", *TUNED, *SMALL),
            "it compares sgd, adam and now sgd, mom",
        ),
        (("iris", "wine", *ASK[2:], "--error-rate", 0.1), "error_rate was 0.05 then and is 0.1 now: repeat"),
        (
            ("iris", "wine", *ASK[2:-4], "--most-seeds", 14, *SMALL),
            "most_seeds was 12 then and is 14 now (looks were planned with the old number",
        ),
        (("iris", "wine", *ASK[2:], "--batch-size", 64), "batch_size was 16 then and is 64 now"),
        (("iris", "wine", *ASK[2:], "--split-seed", 1), "the data, or how they are split, are not the same"),
    ],
)
def test_another_request_is_refused_and_the_run_untouched(cli, complete, tree, changed, says):
    folder, _ = complete
    before = tree(folder)
    done = cli("compare", *changed, "--out", folder, "--resume")
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert tree(folder) == before


def test_as_given_is_said_and_nothing_is_tuned(cli, tmp_path):
    done = cli("compare", "iris", "--vary", "optimizer=sgd,adam", "--as-given", "--seeds", "2", *SMALL, "--out", "run")
    assert done.code == 0
    assert "not a fair comparison of tuned contenders" in " ".join(done.out.split())
    assert "2 seeds are too few to show a difference" in " ".join(done.out.split())
    results = json.loads((tmp_path / "run/results.json").read_text())
    (part,) = results["data_sets"]
    assert [one["tuning"] for one in part["contenders"]] == [None, None]
    assert [one["recipe"]["learning_rate"] for one in part["contenders"]] == [None, None]
    assert sorted(path.name for path in (tmp_path / "run/recipes").iterdir()) == ["adam.toml", "sgd.toml"]
    assert pl.read_csv(tmp_path / "run/tuning.csv").is_empty()


def test_the_table_says_what_finished_what_is_equal_and_what_diverged_counts_as(cli):
    words = ("--vary", "learning_rate=1e30,0,0.1", "--optimizer", "sgd", "--seeds", "3", "--target-score", 0.5, *SMALL)
    lines = cli("compare", "iris", *words).out.splitlines()
    rows = {label: next(line for line in lines if f"learning_rate={label} " in line) for label in ("1e+30", "0.1")}
    assert re.search(r"all equal .* 0 of 3 ", rows["1e+30"])
    assert "3 of 3" in rows["0.1"]
    assert "all equal" not in rows["0.1"]
    assert "target score of epochs to target: validation accuracy 50.00%, as given" in lines
    assert [line for line in lines if line.startswith("diverged runs count as guessing, or as the worst")]
    assert any(line.startswith("3 contenders on iris, 9 networks compared, ") for line in lines)
    few = ("--vary", "epochs=1,2", "--as-given", "--optimizer", "sgd", "--seeds", 2, "--hidden", 4)
    finished = cli("compare", "iris", *few).out
    assert " of 2 " not in finished
    assert "diverged runs count" not in finished


def test_files_beside_built_in_data_take_the_options_for_files(cli, tmp_path):
    rows = "".join(f"{i % 7},{i % 5},{'yes' if i % 7 > 3 else 'no'},{1 + i % 2}\n" for i in range(80))
    (tmp_path / "own.csv").write_text(f"a,b,buy,w\n{rows}")
    words = ("--vary", "optimizer=sgd,adam", "--as-given", "--seeds", 2, *SMALL, "--json", "-q")
    options = ("--target", "buy", "--weights", "w", "--task", "classification", "--class-weights", "yes=2")
    done = cli("compare", "own.csv", "diabetes", *options, *words)
    assert done.code == 0, done.err
    assert [part["metric"] for part in json.loads(done.out)["data_sets"]] == ["accuracy", "r2"]
    alone = cli("compare", "own.csv", *options, *words)
    first, second = (json.loads(one.out)["data_sets"][0]["contenders"] for one in (done, alone))
    assert [one["values"] for one in first] == [one["values"] for one in second]
    rng = np.random.default_rng(0)  # of the size of own.csv, so that one program trains both
    np.savez(tmp_path / "arrays.npz", X=rng.random((80, 3)), y=np.arange(80) % 2)
    assert cli("compare", "own.csv", "arrays.npz", "--target", "buy", "--header", *words).code == 0
    refused = cli("compare", "iris", "wine", "--target", "buy", *words)
    assert (refused.code, "iris takes no target" in refused.err) == (2, True)


def test_without_a_terminal_a_line_per_stage_is_said(cli):
    few = ("--trials", 1, "--candidates", 1, "--candidate-seeds", 1, "--seeds", 2, *SMALL)
    lines = cli("compare", "iris", "--vary", "optimizer=sgd,adam", *few, "--margin", 0.05).err.splitlines()
    assert [line for line in lines if not line.startswith("note: ")] == [
        "tuning sgd (1 of 2)",
        "tuning adam (2 of 2)",
        "seeds 0–1 of 2 contenders",
        "1 of 1 pair undecided",
    ]


def test_notes_before_anything_is_trained(cli):
    few = ("--as-given", "--optimizer", "adam", "--hidden", 4, "--epochs", 1)
    said = cli("compare", "iris", "--vary", "optimizer=sgd,adam,momentum", *few, "--seeds", 5).err.splitlines()
    assert said[: said.index("seeds 0–4 of 3 contenders")] == [
        "note: the option for optimizer has no effect: every contender sets its own",
        "note: iris: the margin is 4.5 points of accuracy, one of only 22 validation rows: --validation makes that "
        "split larger",
        # 3 · 2/2⁶ = 0.094, 3 · 2/2⁷ = 0.047
        "note: 3 pairs cannot differ significantly with 5 seeds: at least 7 are needed",
    ]


@pytest.mark.parametrize(
    ("num", "terms", "says"),
    [
        (2, Terms(seeds=(0,)), None),  # the verdict says so
        (2, Terms(seeds=tuple(range(6))), None),  # 2/2⁶ = 0.031
        (2, Terms(most_seeds=5), "two contenders cannot differ significantly with 5 seeds: at least 6 are needed"),
        (6, Terms(most_seeds=10), None),  # 15 · 2/2¹⁰ = 0.029
        (6, Terms(most_seeds=9), "15 pairs .* 9 seeds: at least 10 are needed, or 8 and fewer pairs by --reference"),
        (6, Terms(most_seeds=7, reference="0"), "5 pairs .* 7 seeds: at least 8 are needed$"),  # 5 · 2/2⁷ = 0.078
        (6, Terms(most_seeds=9, error_rate=0.1), None),  # 15 · 2/2⁹ = 0.059
    ],
)
def test_too_few_seeds_to_decide_are_noted(num, terms, says):
    contenders = contenders_of({str(k): {"learning_rate": 0.1 + k} for k in range(num)})
    found = too_few_seeds(contenders, terms)
    assert len(found) == (says is not None)
    # Runs that differ as clearly as can be differ significantly if and only if there is no note.
    values = 0.5 + 0.1 * np.arange(num)[:, None] + np.zeros((num, terms.most_seeds if terms.seeds is None else 6))
    values += 0.001 * np.random.default_rng(0).random(values.shape)
    if says is not None:
        assert re.search(says, found[0])
    if says is not None or len(terms.seeds or "12") > 1:
        looks = Looks((values.shape[1],), terms.error_rate)
        asked = pairs_asked(contenders, terms.reference)
        assert any(pair.differs for pair in decide(values, looks, margin=0.01, pairs=asked)) == (says is None)


def test_fields_that_can_be_tuned_are_named_once_each(cli):
    named = cli("compare", "iris", "--vary", "optimizer=sgd,adam", "--tune", "foo").err.split("choose from ")[1]
    few, _, more = named.strip().partition(" and ")
    assert len(set(few.split(", "))) == 8
    assert int(more.removesuffix(" more")) >= 32


@pytest.mark.parametrize(("limit", "rows"), [(60, 9), (None, 22)])
def test_a_margin_made_coarse_by_few_validation_rows_is_noted(limit, rows):
    (note,) = coarse_margins(
        [load_data("iris", limit=limit, split="shuffled"), load_data("digits"), load_data("diabetes")], Terms()
    )
    assert f"{100 / rows:.2g} points of accuracy, one of only {rows} validation rows" in note
    assert coarse_margins([load_data("iris")], Terms(margin=0.01)) == []
    assert coarse_margins([load_data("iris")], Terms(metric="loss")) == []


def test_learning_rates_that_are_compared_are_not_tuned_and_the_best_comes_first(cli):
    words = ("--vary", "learning_rate=0,0.5", "--optimizer", "sgd", "--seeds", "2", "--hidden", 4, "--epochs", 8)
    done = cli("compare", "iris", *words)
    assert done.out.index("learning_rate=0.5") < done.out.index("learning_rate=0 ")
    assert "not a fair comparison of tuned contenders" in " ".join(done.out.split())


def test_a_diverged_contender_counts_as_guessing_and_comes_last(cli):
    words = ("--vary", "learning_rate=1e30,0.1", "--optimizer", "sgd", "--seeds", "2", *SMALL)
    done = cli("compare", "iris", *words, "--json")
    (part,) = json.loads(done.out)["data_sets"]
    assert done.code == 0
    assert part["ranking"] == ["learning_rate=0.1", "learning_rate=1e+30"]
    assert (part["contenders"][0]["diverged"], part["contenders"][0]["values"]) == (2, [part["guessing_score"]] * 2)


def test_all_diverged_is_exit_code_1(cli, tmp_path):
    words = ("--vary", "learning_rate=1e30,1e31", "--optimizer", "sgd", "--seeds", "1", *SMALL)
    done = cli("compare", "diabetes", *words, "--out", "run")
    assert done.code == 1
    assert "diverged" in done.out
    assert (tmp_path / "run/results.json").exists()


def test_common_random_numbers_across_contenders(cli):
    """Contenders that differ in nothing that matters give the same numbers for the same seed."""
    words = ("--vary", "beta1=0.9,0.5", "--optimizer", "sgd", "--as-given", "--most-seeds", "12", *SMALL)
    (part,) = json.loads(cli("compare", "iris", *words, "--json", "-q").out)["data_sets"]
    first, second = (one["values"] for one in part["contenders"])
    assert first == second
    assert len(set(first)) > 1
    assert (part["pairs"][0]["outcome"], part["unbeaten"], part["stopped_by"]) == (
        "equivalent",
        part["ranking"],
        "decided",
    )


def test_contenders_of_all_kinds_and_only_pairs_with_the_reference(cli, tmp_path):
    (tmp_path / "mine.toml").write_text('optimizer = "momentum"\nlearning_rate = 0.05\n')
    contenders = ("--contender", "mine.toml", "--contender", "slow one: optimizer=sgd learning_rate=1e-4")
    words = ("--vary", "batch_size=16,32", *contenders, "--reference", "mine", "--as-given", "--seeds", "2", *SMALL)
    (part,) = json.loads(cli("compare", "iris", *words, "--json").out)["data_sets"]
    labels = [one["label"] for one in part["contenders"]]
    assert labels == ["batch_size=16", "batch_size=32", "mine", "slow one"]
    recipes = [Recipe(**one["recipe"]) for one in part["contenders"]]
    assert [recipe.optimizer for recipe in recipes] == ["adam", "adam", "momentum", "sgd"]
    assert {(recipe.hidden, recipe.epochs) for recipe in recipes} == {((4,), 3.0)}  # what the file leaves out
    assert [{pair["first"], pair["second"]} for pair in part["pairs"]] == [
        {"mine", other} for other in labels if other != "mine"
    ]


def test_notes_on_values_that_are_tuned_all_the_same(cli):
    contenders = ("--contender", "A: optimizer=sgd learning_rate=0.1", "--contender", "B: optimizer=adam beta1=0.5")
    few = ("--trials", 1, "--candidate-seeds", 1, "--seeds", 1)
    done = cli("compare", "iris", *contenders, *few, *SMALL)
    assert done.code == 0
    assert "note: learning rate of A is tuned, whatever was given: --as-given keeps it\n" in done.err
    assert cli("compare", "iris", *contenders, *few, *SMALL, "-q").err == ""


def test_regression_and_further_tuned_fields(cli):
    words = ("--vary", "optimizer=sgd,momentum", "--tune", "momentum=0.5..0.9", "--metric", "loss", "--seeds", "3")
    few = ("--trials", 3, "--candidates", 1, "--candidate-seeds", 2)
    done = cli("compare", "diabetes", *words, *few, *SMALL, "--json", "-q")
    (part,) = json.loads(done.out)["data_sets"]
    sgd, momentum = (one["tuned"] for one in part["contenders"])
    assert part["metric"] == "loss"
    assert sgd["momentum"] is None
    assert 0.5 <= momentum["momentum"] <= 0.9
    assert min(sgd["learning_rate"], momentum["learning_rate"]) >= 1e-5


@pytest.mark.parametrize(
    ("varied", "contenders", "expected"),
    [
        (["optimizer=sgd,adam"], [], {"sgd": {"optimizer": "sgd"}, "adam": {"optimizer": "adam"}}),
        (
            ["optimizer=sgd", "hidden=4,8x8"],
            [],
            {
                "optimizer=sgd hidden=4": {"optimizer": "sgd", "hidden": (4,)},
                "optimizer=sgd hidden=8x8": {"optimizer": "sgd", "hidden": (8, 8)},
            },
        ),
        ([], ["base:", "x:epochs=2"], {"base": {}, "x": {"epochs": 2}}),
        ([], ["l2-penalty=1e-3 dropout_rate=0.1"], {"l2_penalty=0.001 dropout_rate=0.1": ...}),
        (["epochs=1,2"], ["Mine, β₁ = low: beta1=0.5"], {"epochs=1": ..., "epochs=2": ..., "Mine, β₁ = low": ...}),
    ],
)
def test_contenders_are_read(varied, contenders, expected):
    found = given_contenders(varied, contenders)
    assert list(found) == list(expected)
    assert all(found[label] == changes for label, changes in expected.items() if changes is not ...)


def test_labels_of_a_large_grid_are_short_enough():
    fields = ["optimizer=nesterov_lookahead,adam_uncorrected", "initialization=glorot,xavier", "schedule=exponential"]
    labels = list(given_contenders([*fields, "activation=leaky_relu"], []))
    assert labels[0] == "nesterov_lookahead glorot exponential leaky_relu"
    longer = list(given_contenders([*fields, "activation=leaky_relu", "hidden=100x100x100x100"], []))
    assert longer == [f"combination {place}" for place in range(1, 5)]


def test_terms_are_the_default_ones_unless_the_options_say():
    assert terms_of(ComparisonOptions(), RecipeOptions()) == Terms()
    tuned = ["momentum", "learning-rate=0.1..1"]
    given = ComparisonOptions(given={"tune": tuned, "trials": 5, "seconds": "2m", "target_score": 0.9, "margin": 0.01})
    terms = terms_of(given, RecipeOptions(given={"metric": "loss"}))
    tune = {"momentum": usual_axes()["momentum"], "learning_rate": Range(0.1, 1.0)}
    assert terms == Terms(tune=tune, trials=5, seconds=120.0, target_score=0.9, margin=0.01, metric="loss")
    alone = terms_of(
        ComparisonOptions(given={"tune": ["momentum"], "seeds": "0,7"}), RecipeOptions(given={"learning_rate": "0.1"})
    )
    assert (list(alone.tune), alone.seeds) == (["momentum"], (0, 7))
    assert terms_of(ComparisonOptions(as_given=True, given={"seeds": "3"}), RecipeOptions()) == Terms(
        tune={}, seeds=(0, 1, 2)
    )


def test_a_number_of_a_users_rule_is_tuned_within_its_bounds():
    def mine(learning_rate, my_beta=0.9, my_window=3, my_other=1.0):
        return RULES["sgd"].build(learning_rate)

    register("mine", mine, 0.05, bounds={"my_beta": (0, 0.99), "my_window": (1, 5)})
    try:
        terms = terms_of(ComparisonOptions(given={"tune": ["my-beta", "my_window"]}), RecipeOptions())
        assert terms.tune["my_beta"] == Range(0, 0.99)
        assert terms.tune["my_window"] == Range(1, 5, integer=True)
        with pytest.raises(RecipeError) as error:
            terms_of(ComparisonOptions(given={"tune": ["my_other"]}), RecipeOptions())
    finally:
        del RULES["mine"]
    assert str(error.value) == (
        "--tune my_other has no usual range, since its optimizer was registered without bounds for it: write "
        "my_other=a..b or my_other=a,b,c"
    )


def test_help_states_the_defaults(cli, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    page = cli("compare", "--help-all").out
    terms = Terms()
    for name in ("trials", "rounds", "candidates", "candidate_seeds", "most_seeds", "looks", "error_rate"):
        (stated,) = re.findall(rf"--{name.replace('_', '-')} .*?\[default:\s+([\d.]*\d)\]", page, re.DOTALL)[:1]
        assert float(stated) == getattr(terms, name), name
    assert f"learning_rate={terms.tune['learning_rate']}]" in page


def test_at_most_fifteen_verdicts_decided_ones_first():
    outcomes = ["undecided", "equivalent", "differs"] * 6
    pairs = [{"words": f"{o} {i}", "outcome": o, "difference": i / 100} for i, o in enumerate(outcomes)]
    lines = verdicts({"pairs": pairs})
    assert lines[0] == "differs 17"  # the largest difference
    assert [line.split()[0] for line in lines[:15]] == ["differs"] * 6 + ["equivalent"] * 6 + ["undecided"] * 3
    assert lines[15:] == ["… and 3 more on the page"]
    assert verdicts({"pairs": pairs[:15]})[-1].startswith("undecided")


@pytest.mark.parametrize(("p", "end"), [(0.0312, " (Friedman's p 0.031)"), (None, "")])
def test_ranks_are_listed_best_first_with_friedmans_p_if_there_is_one(p, end):
    assert across_line({"mean_ranks": {"a": 2.5, "b": 1.5}, "friedman_p": p}) == f"mean ranks: b 1.50, a 2.50{end}"


def test_files_of_labels_differ_on_any_system():
    assert file_names(["a b", "A_b", "../../x", "…", "?"]) == ["a_b", "A_b-2", "x", "unnamed", "unnamed-2"]
