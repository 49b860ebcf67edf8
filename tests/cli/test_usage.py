"""Words on the command line that mean nothing: no command at all, numbers beyond all measure, two surfaces."""

import pytest

NUMBERS = {"20 digits": "9" * 20, "400 digits": "9" * 400, "5000 digits": "9" * 5000}
COUNTS = {
    "train iris": ("--steps", "--patience", "--seeds", "--batch-size", "--hidden", "--jobs", "--test"),
    "tune iris": ("--trials", "--rounds", "--folds", "--seeds"),
    "compare iris --vary optimizer=sgd,adam": ("--trials", "--rounds", "--most-seeds", "--looks", "--candidates"),
    "race bowl --precision float32": ("--steps", "--starts", "--start-seed", "--seed"),
    "curvature nowhere iris": ("--probes", "--steps", "--seed"),
}
REALS = {
    "train iris": ("--epochs", "--learning-rate", "--dropout-rate", "--set=momentum"),
    "tune iris": ("--time",),
    "compare iris --vary optimizer=sgd,adam": ("--time", "--margin", "--target-score"),
    "race bowl --precision float32": ("--noise", "--tolerance", "--start"),
}


@pytest.mark.parametrize("digits", NUMBERS)
@pytest.mark.parametrize(
    ("command", "option"), [(command, name) for command, names in COUNTS.items() for name in names]
)
def test_counts_beyond_all_measure_are_refused(cli, tree, command, option, digits):
    refused(cli(*command.split(), f"{option}={NUMBERS[digits]}"))
    assert tree() == {}


@pytest.mark.parametrize("digits", ["400 digits", "5000 digits"])
@pytest.mark.parametrize(("command", "option"), [(command, name) for command, names in REALS.items() for name in names])
def test_numbers_that_are_not_finite_are_refused(cli, tree, command, option, digits):
    refused(cli(*command.split(), f"{option}={NUMBERS[digits]}"))
    assert tree() == {}


def refused(done, *words):
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith("trainwell: error: ")
    assert len(done.err) < 2_100
    assert all(word in done.err for word in words), done.err


@pytest.mark.parametrize("words", [(), ("recipe",)])
def test_a_command_that_does_nothing_alone_shows_its_help_and_no_error(cli, words):
    """Code 2, as of click: a script whose command came out empty did not do what it was for."""
    done = cli(*words)
    assert (done.code, done.err) == (2, "")
    assert done.out.rstrip() == cli(*words, "--help").out.rstrip() != ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--rounds 0", "--rounds must be at least 1 (see trainwell tune --help)"),
        ("--rounds 1.5", "--rounds must be a whole number (see"),
        ("--split-seed -1", "--split-seed must be at least 0 (see"),
        ("--split sideways", "Invalid value for '--split': 'sideways' is not one of"),
        ("--epochs 0", "--epochs: epochs must be above 0, got 0"),
    ],
)
def test_numbers_out_of_range_are_refused_in_words_of_this_program(cli, words, message):
    refused(cli("tune", "iris", *words.split()), message)


def test_two_surfaces_are_not_one(cli):
    refused(cli("race", "rosenbrock", "himmelblau", "--precision", "float32"), "rosenbrock and himmelblau are two")
    refused(cli("race", "rosenbrock", "fast", "--precision", "float32"), "'fast' says nothing about rosenbrock")


@pytest.mark.parametrize("command", ["predict", "curvature"])
def test_models_of_tune_are_not_forgotten(cli, command):
    assert "`tune` or `train`" in " ".join(cli(command, "--help").out.replace("│", " ").split())
    refused(cli(command, "nowhere", "iris"), "of `trainwell tune` or `trainwell train`")
