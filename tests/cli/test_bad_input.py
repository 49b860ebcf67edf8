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


GOOD = "x,z,y\n" + ROWS
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


@pytest.mark.parametrize(("write", "words", "names"), CASES.values(), ids=list(CASES))
def test_one_line_code_2_and_nothing_written(cli, tmp_path, tree, write, words, names):
    source = write(tmp_path)
    before = tree()
    words = [word.replace("{}", source) for word in words]
    if words[0] in ("train", "compare") and "--out" not in words and "--resume" not in words:
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
