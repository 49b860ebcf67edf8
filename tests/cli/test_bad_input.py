"""Bad input: exit code 2, one clear line on stderr, nothing written."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from trainwell.data import IMAGE_SETS

ROWS = "".join(f"{i},{i % 3},{'ab'[i % 2]}\n" for i in range(40))
TRAIN = ("train", "{}", "--target", "y")


def csv(text):
    """A case: a CSV file of this content."""

    def write(folder: Path) -> str:
        (folder / "data.csv").write_text(text)
        return "data.csv"

    return write


def npz_with_nan(folder: Path) -> str:
    X = np.ones((20, 2))
    X[3, 1] = np.nan
    np.savez(folder / "data.npz", X=X, y=np.arange(20) % 2)
    return "data.npz"


def truncated_idx(folder: Path) -> str:
    return _images(folder, struct.pack(">IIII", 2051, 60000, 28, 28) + bytes(100))


def wrong_checksum(folder: Path) -> str:
    return _images(folder, struct.pack(">IIII", 2051, 60000, 28, 28) + bytes(60000 * 784))


def _images(folder: Path, content: bytes) -> str:
    (folder / "mnist").mkdir()
    name = IMAGE_SETS["mnist"].files[0].name
    with gzip.open(folder / "mnist" / f"{name}.gz", "wb", compresslevel=1) as file:
        file.write(content)
    return "mnist"


def existing(folder: Path) -> str:
    (folder / "run").mkdir()
    return "iris"


def recipe(text):
    def write(folder: Path) -> str:
        (folder / "recipe.toml").write_text(text)
        return "iris"

    return write


def space(text):
    """A case: a space file of this content, for iris."""

    def write(folder: Path) -> str:
        (folder / "space.toml").write_text(text)
        return "iris"

    return write


def iris(folder: Path) -> str:
    return "iris"


def study(text):
    """A case: a file that is to be a study's storage."""

    def write(folder: Path) -> str:
        (folder / "study").write_text(text)
        return "iris"

    return write


GOOD = "x,z,y\n" + ROWS
TUNE = ("tune", "{}", "--space", "space.toml")
LR = "learning_rate=0.01..0.1"
CASES = {
    "missing file": (lambda folder: "nowhere.csv", TRAIN, "nowhere.csv"),
    "misspelled name": (lambda folder: "digitz", ("train", "{}"), "did you mean 'digits'?"),
    "empty CSV": (csv(""), TRAIN, "data.csv"),
    "header without rows": (csv("x,z,y\n"), TRAIN, "data.csv"),
    "no such target": (csv(GOOD), ("train", "{}", "--target", "w"), "'w'"),
    "target not given": (csv(GOOD), ("train", "{}"), "target"),
    "constant target": (csv("x,y\n" + "".join(f"{i},a\n" for i in range(20))), TRAIN, "y"),
    "infinite value": (csv("x,z,y\ninf,1,a\n" + ROWS), TRAIN, "'x'"),
    "NaN in most of the target": (csv("x,z,y\n" + ROWS + "1,1,NaN\n" * 50), TRAIN, "'y' is missing in 50 of 90 rows"),
    "NaN in an NPZ": (npz_with_nan, ("train", "{}"), "row 4, column 2"),
    "text in a regression target": (csv(GOOD), (*TRAIN, "--task", "regression"), "'y'"),
    "a class with one example": (csv("x,z,y\n1,1,rare\n" + ROWS), TRAIN, "'rare'"),
    "truncated IDX": (truncated_idx, ("train", "{}", "--data-dir", "."), "bytes"),
    "wrong checksum": (wrong_checksum, ("train", "{}", "--data-dir", "."), "train-images"),
    "misspelled recipe field": (recipe("optimzer = 'sgd'"), ("train", "{}", "--recipe", "recipe.toml"), "'optimizer'?"),
    "no recipe file": (lambda folder: "iris", ("train", "{}", "--recipe", "nowhere.toml"), "nowhere.toml"),
    "learning rate -1 in a file": (
        recipe("learning_rate = -1"),
        ("train", "{}", "--recipe", "recipe.toml"),
        "learning_rate must be at least 0, got -1",
    ),
    "learning rate -1": (lambda folder: "iris", ("train", "{}", "--learning-rate", "-1"), "learning_rate"),
    "misspelled --set": (lambda folder: "iris", ("train", "{}", "--set", "beta3=1"), "did you mean 'beta"),
    "recipe that does not fit": (lambda folder: "iris", ("train", "{}", "--metric", "r2"), "r2"),
    "initialization without its number": (lambda folder: "iris", ("train", "{}", "--initialization", "normal"), "std"),
    "warm-up longer than the run": (
        lambda folder: "iris",
        ("train", "{}", "--epochs", "3", "--warmup-epochs", "4"),
        "warmup_epochs",
    ),
    "output directory exists": (existing, ("train", "{}", "--out", "run"), "run exists"),
    "resume without --out": (lambda folder: "iris", ("train", "{}", "--resume"), "--out"),
    "resume of something else": (recipe(""), ("train", "{}", "--out", ".", "--resume"), "no run directory"),
    "bad seeds": (lambda folder: "iris", ("train", "{}", "--seeds", "none"), "--seeds"),
    "too many seeds": (
        lambda folder: "iris",
        ("train", "{}", "--seeds", "99999999999999999999"),
        "100000 are the most",
    ),
    "a seed too large": (lambda folder: "iris", ("train", "{}", "--seeds", "0,99999999999999999999"), "below 2**63"),
    "empty --hidden": (lambda folder: "iris", ("train", "{}", "--hidden", ""), "hidden has an empty value"),
    "empty --set": (lambda folder: "iris", ("train", "{}", "--set", "hidden="), "hidden has an empty value"),
    "empty name": (lambda folder: "", ("train", "{}"), "the name of the data is empty"),
    "bad split": (lambda folder: "iris", ("train", "{}", "--test", "most"), "--test"),
    "bad class weights": (lambda folder: "iris", ("train", "{}", "--class-weights", "a:1"), "--class-weights"),
    "unknown option": (lambda folder: "iris", ("train", "{}", "--learning_rate", "1"), "--learning"),
    "no data": (lambda folder: "iris", ("train",), "DATA"),
    "unknown command": (lambda folder: "iris", ("trian", "{}"), "train"),
    "out of an unwritable place": (csv(GOOD), (*TRAIN, "--out", "data.csv/run"), "data.csv/run"),
}
SPACES = {
    "low above high": ("learning_rate = { low = 1, high = 0.1 }", "low end 1 of a range is above its high end 0.1"),
    "a log range from 0": ("learning_rate = { low = 0, high = 0.1, log = true }", "must begin above 0"),
    "a range to infinity": ("learning_rate = { low = 0.1, high = inf }", "high of a range must be a finite number"),
    "a range without an end": ("learning_rate = { low = 0.1 }", "high is missing"),
    "a misspelled end": ("learning_rate = { low = 0.1, hihg = 1 }", "did you mean 'high'?"),
    "an empty list": ("optimizer = { choices = [] }", "a list of choices is empty"),
    "a choice twice": ("optimizer = { choices = ['adam', 'adam'] }", "adam twice"),
    "a misspelled choice": ("optimizer = { choices = ['adam', 'adm'] }", "'adam'?"),
    "a range for words": ("activation = { low = 1, high = 2 }", "activation cannot be a range"),
    "a range for true or false": ("batch_norm = { low = 0, high = 1 }", "batch_norm cannot be a range"),
    "a range for the metric": ("metric = { choices = ['loss', 'accuracy'] }", "metric"),
    "an unknown field": ("learning_rat = { low = 0.1, high = 1 }", "did you mean 'learning_rate'?"),
    "a range out of bounds": ("dropout_rate = { low = 0, high = 1.5 }", "dropout_rate must be below 1, got 1.5"),
    "hidden beside width": ("hidden = [8]\nwidth = { choices = [8, 16] }", "hidden is given together with width"),
    "a condition on an unknown field": (
        "momentum = { low = 0.5, high = 0.9, when = { optimzer = ['momentum'] } }",
        "condition on an unknown field 'optimzer'",
    ),
    "a condition that never comes": (
        "optimizer = { choices = ['adam', 'momentum'] }\n"
        "momentum = { low = 0.5, high = 0.9, when = { optimizer = ['nesterov'] } }",
        "which is impossible",
    ),
    "no range": ("learning_rate = 0.1", "nothing to search"),
    "no TOML": ("learning_rate = {", "not valid TOML"),
}
SEARCHES = {
    "no equals sign": ("learning_rate", "has no '='"),
    "no field": ("=1..2", "names no field"),
    "no value": ("learning_rate=", "empty value"),
    "low above high": ("learning_rate=1..0.1", "swap them"),
    "one value": ("optimizer=adam", "one value is no search"),
    "words as a range": ("optimizer=a..b", "'a' is no number"),
    "three dots": ("learning_rate=1e-4...1", "three dots"),
    "a misspelled form": ("learning_rate=1e-4..1:lg", "not ':lg'"),
    "an unknown field": ("learnin_rate=0.1..1", "learning_rate"),
    "without effect": ("momentum=0.5..0.9", "no effect while optimizer is adam"),
}
TUNES = {
    "no space file": (iris, ("--space", "nowhere.toml"), "nowhere.toml"),
    "fixed and searched": (iris, ("--search", LR, "--learning-rate", 1), "--learning-rate"),
    "fixed by --set and searched": (iris, ("--search", "beta1=0.5..0.9", "--set", "beta1=0.9"), "--set beta1"),
    "widths fixed and searched": (iris, ("--search", "width=8,16", "--hidden", 8), "--hidden"),
    "everything fixed": (recipe("learning_rate = 0.1"), ("--space", "recipe.toml"), "nothing to search"),
    "no trials": (iris, ("--trials", 0), "--trials"),
    "no rounds": (iris, ("--rounds", 0), "--rounds"),
    "more rounds than trials": (iris, ("--trials", 3, "--rounds", 5), "3 trials cannot make 5 rounds"),
    "no folds": (iris, ("--folds", 0), "--folds"),
    "too many folds": (iris, ("--folds", 60), "at most 42 folds"),
    "no time": (iris, ("--time", "0"), "--time"),
    "no length of time": (iris, ("--time", "5 minutes"), "try 90s, 5m or 1h"),
    "another task's metric": (iris, ("--metric", "r2"), "metric 'r2' is not for classification"),
    "an unknown metric": (iris, ("--metric", "auc"), "got 'auc'"),
    "an unknown sampler": (iris, ("--sampler", "tpee"), "there is no sampler 'tpee'"),
    "a negative sampler seed": (iris, ("--sampler-seed", -1), "--sampler-seed"),
    "an empty storage": (iris, ("--storage", ""), "--storage is empty"),
    "an empty study": (iris, ("--study", ""), "--study is empty"),
    "a database that is not there": (iris, ("--storage", "sqlite:///nowhere/study.db"), "cannot be reached"),
    "no such kind of database": (iris, ("--storage", "foo://u:secret@host/name"), "foo://u:***@host/name"),
    "a file that is no database": (study("x" * 2000), ("--storage", "sqlite:///study"), "not a database"),
    "a file that is no journal": (study("x\n"), ("--storage", "study"), "study is not an Optuna journal"),
    "a storage in no folder": (iris, ("--storage", "nowhere/study"), "nowhere is not a folder"),
    "a folder as storage": (existing, ("--storage", "run", "--out", "new"), "storage run is a folder"),
    "output directory exists": (existing, ("--out", "run"), "run exists"),
    "resume without --out": (iris, ("--resume",), "--out"),
    "a class with one example": (csv("x,z,y\n1,1,rare\n" + ROWS), ("--target", "y"), "'rare'"),
}
TWO = ("--vary", "optimizer=sgd,adam")
COMPARES = {
    "nothing": (iris, (), "give --vary FIELD=a,b,c, or --contender"),
    "one contender": (iris, ("--vary", "optimizer=sgd"), "at least two contenders"),
    "misspelled --vary": (iris, ("--vary", "optimzer=sgd"), "'optimizer'?"),
    "misspelled optimizer": (iris, ("--vary", "optimizer=sgd,adm"), "'adam'?"),
    "a contender twice": (iris, ("--contender", "beta1=0.5", "--contender", "beta1=0.5"), "are called 'beta1=0.5'"),
    "a contender of the grid again": (iris, (*TWO, "--contender", "optimizer=sgd"), "are called 'sgd'"),
    "a label twice": (iris, ("--contender", "A: beta1=0.5", "--contender", "A: beta1=0.6"), "are called 'A'"),
    "a contender by its name alone": (iris, (*TWO, "--contender", "momentum"), "optimizer=momentum"),
    "an empty contender": (iris, (*TWO, "--contender", " : "), "says nothing"),
    "a contender with an unknown field": (iris, (*TWO, "--contender", "A: beta3=1"), "did you mean 'beta"),
    "a contender out of range": (iris, (*TWO, "--contender", "A: learning_rate=-1"), "'A': learning_rate must be"),
    "a contender without a file": (iris, (*TWO, "--contender", "nowhere.toml"), "nowhere.toml"),
    "a contender in a bad file": (recipe("optimzer = 'sgd'"), (*TWO, "--contender", "recipe.toml"), "'optimizer'?"),
    "a label that is too long": (iris, (*TWO, "--contender", f"{'A' * 61}: beta1=0.5"), "1 to 60"),
    "an unknown reference": (iris, (*TWO, "--reference", "adm"), "did you mean 'adam'?"),
    "tuning what nobody has": (iris, (*TWO, "--tune", "momentum"), "momentum cannot be tuned"),
    "tuning an unknown field": (iris, (*TWO, "--tune", "momentun"), "did you mean 'momentum'?"),
    "tuning without a usual range": (iris, (*TWO, "--tune", "beta1"), "write beta1=a..b"),
    "tuning over no range": (iris, (*TWO, "--tune", "beta1=0.9"), "--tune beta1=0.9: one value is no search"),
    "tuning a field twice": (iris, (*TWO, "--tune", "batch_size", "--tune", "batch-size=8,16"), "batch_size twice"),
    "fixed and tuned": (iris, (*TWO, "--tune", "batch_size", "--batch-size", 8), "leave one of them out"),
    "a learning rate for all": (iris, (*TWO, "--learning-rate", 0.1), "leave --learning-rate out"),
    "as given and tuned": (iris, (*TWO, "--as-given", "--tune", "batch_size"), "leave --tune out"),
    "as given with trials": (iris, (*TWO, "--as-given", "--trials", 9), "leave --trials out"),
    "seeds and most seeds": (iris, (*TWO, "--seeds", 3, "--most-seeds", 9), "leave --most-seeds out"),
    "no trials": (iris, (*TWO, "--trials", 0), "--trials"),
    "no seeds": (iris, (*TWO, "--seeds", 0), "--seeds"),
    "no looks": (iris, (*TWO, "--looks", 0), "--looks"),
    "a margin in points": (iris, (*TWO, "--margin", 0.2), "means 20 points of accuracy: for 0.2 points write 0.002"),
    "a target in percent": (iris, (*TWO, "--target-score", 95), "0.95 means 95%"),
    "more than a perfect fit": (iris, (*TWO, "diabetes", "--target-score", 1.5), "--target-score 1.5"),
    "more candidates than trials": (iris, (*TWO, "--candidates", 25), "--candidates 25 is more than the 24 trials"),
    "more rounds than trials": (iris, (*TWO, "--trials", 4, "--rounds", 5), "--rounds 5 is more than the 4 trials"),
    "a scheme without its spread": (
        iris,
        ("--vary", "initialization=normal,he"),
        '--contender "gauss: initialization=normal weight_std=0.01"',
    ),
    "a spread for all schemes": (
        iris,
        ("--vary", "initialization=normal,he", "--set", "weight_std=0.01"),
        "'he' sets its own weight_std: give that to the contender which needs it",
    ),
    "semicolons between fields": (iris, (*TWO, "--contender", "optimizer=sgd; momentum=0.9"), "by spaces"),
    "commas between fields": (iris, (*TWO, "--contender", "optimizer=sgd,momentum=0.9"), "by spaces"),
    "commas and spaces between fields": (iris, (*TWO, "--contender", "optimizer=sgd, momentum=0.9"), "by spaces"),
    "semicolons between values": (iris, ("--vary", "optimizer=sgd;adam"), "by commas"),
    "a target column of built-in data": (iris, ("wine", *TWO, "--target", "y"), "iris takes no target"),
    "no margin": (iris, (*TWO, "--margin", 0), "margin must be a number above 0"),
    "an error rate in percent": (iris, (*TWO, "--error-rate", 5), "0.05 means 5%"),
    "no time": (iris, (*TWO, "--time", "0"), "--time"),
    "an unknown sampler": (iris, (*TWO, "--sampler", "tpee"), "there is no sampler 'tpee'"),
    "another task's metric": (iris, (*TWO, "--metric", "r2"), "metric 'r2' is not for classification"),
    "a data set twice": (iris, ("iris", *TWO), "iris is given twice"),
    "a data set that is not there": (iris, ("nowhere.csv", *TWO), "nowhere.csv"),
    "a metric for one of two tasks": (iris, ("diabetes", *TWO, "--metric", "accuracy"), "not for regression"),
    "output directory exists": (existing, (*TWO, "--out", "run"), "run exists"),
    "resume without --out": (iris, (*TWO, "--resume"), "--out"),
    "resume of something else": (recipe(""), (*TWO, "--out", ".", "--resume"), "no run directory"),
}
CASES |= {
    **{f"compare: {name}": (write, ("compare", "{}", *words), says) for name, (write, words, says) in COMPARES.items()},
    **{f"space: {name}": (space(text), TUNE, says) for name, (text, says) in SPACES.items()},
    **{f"search: {name}": (iris, ("tune", "{}", "--search", text), says) for name, (text, says) in SEARCHES.items()},
    **{f"tune: {name}": (write, ("tune", "{}", *words), says) for name, (write, words, says) in TUNES.items()},
}


@pytest.mark.parametrize(("write", "words", "names"), CASES.values(), ids=list(CASES))
def test_one_line_code_2_and_nothing_written(cli, tmp_path, tree, write, words, names):
    source = write(tmp_path)
    before = tree()
    words = [str(word).replace("{}", source) for word in words]
    if words[0] in ("train", "compare", "tune") and "--out" not in words and "--resume" not in words:
        words += ["--out", "run"]
    done = cli(*words)
    assert (done.code, done.out) == (2, ""), done.err
    assert done.err.startswith("trainwell: error: ")
    assert done.err.count("\n") == 1, done.err
    assert names in done.err
    assert tree() == before


@pytest.mark.slow
def test_the_good_versions_of_these_files_train(cli, tmp_path):
    csv(GOOD)(tmp_path)
    words = ("train", "data.csv", "--target", "y", "--epochs", "1", "--seeds", "1")
    assert cli(*words, "--out", "run", "--header", "--class-weights", "balanced", "--test", "5").code == 0


def test_our_own_mistakes_keep_their_traceback(cli, monkeypatch):
    from trainwell.cli.options.data import DataOptions

    def broken(self, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(DataOptions, "load", broken)
    with pytest.raises(ZeroDivisionError):
        cli("train", "iris")


def test_exit_code_2_reaches_the_shell(process):
    done = process("import sys; from trainwell.cli.app import main; sys.exit(main())", "train", "nowhere.csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
