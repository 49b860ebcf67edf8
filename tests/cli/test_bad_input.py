"""Bad input: exit code 2, one clear line on stderr, nothing written."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from trainwell.data.images import IMAGE_SETS

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
    "NaN in the target": (csv("x,z,y\n1,1,NaN\n" + ROWS), TRAIN, "'y'"),
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
    "misspelled --vary": (lambda folder: "iris", ("compare", "{}", "--vary", "optimzer=sgd"), "'optimizer'?"),
    "misspelled optimizer": (lambda folder: "iris", ("compare", "{}", "--vary", "optimizer=adm"), "'adam'?"),
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
    "low above high": ("learning_rate = { low = 1, high = 0.1 }", "low end 1 above its high end 0.1"),
    "a log range from 0": ("learning_rate = { low = 0, high = 0.1, log = true }", "must begin above 0"),
    "a range to infinity": ("learning_rate = { low = 0.1, high = inf }", "high of a range must be a finite number"),
    "a range without an end": ("learning_rate = { low = 0.1 }", "this has no high"),
    "a misspelled end": ("learning_rate = { low = 0.1, hihg = 1 }", "did you mean 'high'?"),
    "an empty list": ("optimizer = { choices = [] }", "a list of choices is empty"),
    "a choice twice": ("optimizer = { choices = ['adam', 'adam'] }", "adam twice"),
    "a misspelled choice": ("optimizer = { choices = ['adam', 'adm'] }", "'adam'?"),
    "a range for words": ("activation = { low = 1, high = 2 }", "activation takes no range"),
    "a range for true or false": ("batch_norm = { low = 0, high = 1 }", "batch_norm takes no range"),
    "a range for the metric": ("metric = { choices = ['loss', 'accuracy'] }", "metric"),
    "an unknown field": ("learning_rat = { low = 0.1, high = 1 }", "did you mean 'learning_rate'?"),
    "a range out of bounds": ("dropout_rate = { low = 0, high = 1.5 }", "dropout_rate must be less than 1, got 1.5"),
    "hidden beside width": ("hidden = [8]\nwidth = { choices = [8, 16] }", "hidden stands beside width"),
    "a condition on an unknown field": (
        "momentum = { low = 0.5, high = 0.9, when = { optimzer = ['momentum'] } }",
        "condition on an unknown field 'optimzer'",
    ),
    "a condition that never comes": (
        "optimizer = { choices = ['adam', 'momentum'] }\n"
        "momentum = { low = 0.5, high = 0.9, when = { optimizer = ['nesterov'] } }",
        "never comes",
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
    "no length of time": (iris, ("--time", "5 minutes"), "try 90, 5m or 1h"),
    "another task's metric": (iris, ("--metric", "r2"), "metric 'r2' is not for classification"),
    "an unknown metric": (iris, ("--metric", "auc"), "got 'auc'"),
    "an unknown sampler": (iris, ("--sampler", "tpee"), "there is no sampler 'tpee'"),
    "a negative sampler seed": (iris, ("--sampler-seed", -1), "--sampler-seed"),
    "an empty storage": (iris, ("--storage", ""), "--storage is empty"),
    "an empty study": (iris, ("--study", ""), "--study is empty"),
    "a database that is not there": (iris, ("--storage", "sqlite:///nowhere/study.db"), "cannot be reached"),
    "no such kind of database": (iris, ("--storage", "foo://u:secret@host/name"), "foo://u:***@host/name"),
    "a file that is no database": (study("x" * 2000), ("--storage", "sqlite:///study"), "not a database"),
    "a file that is no journal": (study("x\n"), ("--storage", "study"), "study is no journal of a study"),
    "a storage in no folder": (iris, ("--storage", "nowhere/study"), "nowhere is no folder"),
    "a folder as storage": (existing, ("--storage", "run", "--out", "new"), "storage run is a folder"),
    "output directory exists": (existing, ("--out", "run"), "run exists"),
    "resume without --out": (iris, ("--resume",), "--out"),
    "a class with one example": (csv("x,z,y\n1,1,rare\n" + ROWS), ("--target", "y"), "'rare'"),
}
CASES |= {
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


def test_the_good_versions_of_these_files_train(cli, tmp_path):
    csv(GOOD)(tmp_path)
    words = ("train", "data.csv", "--target", "y", "--epochs", "1", "--seeds", "1")
    assert cli(*words, "--out", "run", "--header", "--class-weights", "balanced", "--test", "5").code == 0


def test_our_own_mistakes_keep_their_traceback(cli, monkeypatch):
    from trainwell.cli.data_options import DataOptions

    def broken(self, **options):
        raise ZeroDivisionError

    monkeypatch.setattr(DataOptions, "load", broken)
    with pytest.raises(ZeroDivisionError):
        cli("train", "iris")


def test_exit_code_2_reaches_the_shell(process):
    done = process("import sys; from trainwell.cli.app import main; sys.exit(main())", "train", "nowhere.csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
