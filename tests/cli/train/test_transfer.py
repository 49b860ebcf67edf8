"""`trainwell train --start-from`: transfer learning on the command line."""

import json
import shutil

import numpy as np
import pytest

from reference.results_document import assert_results_are_documented
from trainwell.statistics import mean_interval

TRAIN = ("train", "iris", "--hidden", "8", "--batch-norm", "--epochs", "2", "--seeds", "2", "--out", "old", "-q")
AGAIN = ("train", "iris", "--limit", "100", "--epochs", "2", "--seeds", "1", "--start-from", "old")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Where the first test that needs it has its network trained."""
    return tmp_path_factory.mktemp("trained") / "old"


@pytest.fixture
def old(cli, tmp_path, trained):
    if not trained.exists():
        assert cli(*TRAIN).code == 0
        shutil.copytree(tmp_path / "old", trained)
    return shutil.copytree(trained, tmp_path / "old", dirs_exist_ok=True)


def test_what_is_copied_new_and_frozen_is_said_everywhere(cli, tmp_path, old):
    done = cli(*AGAIN, "--start-network", "2", "--freeze", "body", "--out", "new")
    assert done.code == 0
    says = [
        "started from network 2 of 2 (seed 1) of a model trained on iris",
        "copied: layer 1 (4→8); new random weights: layer 2, the head; frozen: layer 1",
        "inputs are prepared and scaled as for that network, not by statistics of these data",
        "batch norm's running mean and variance are updated in frozen layers, too",
    ]
    page, results = ((tmp_path / "new" / name).read_text() for name in ("report.html", "results.json"))
    assert_results_are_documented("train", json.loads(results))
    start = json.loads(results)["start"]
    assert start["words"] == says
    assert {name: start[name] for name in ("network", "num_networks", "seed", "copied", "new", "frozen")} == {
        "network": 2,
        "num_networks": 2,
        "seed": 1,
        "copied": [1],
        "new": [2],
        "frozen": [1],
    }
    for line in says:
        assert line in " ".join(done.out.split())
        assert line.replace("'", "&#39;") in page
    assert "--start-from old --start-network 2 --freeze body" in page
    assert "only the first 100 of" in done.err
    assert "layer_learning_rates = [0.0, 1.0]" in (tmp_path / "new/recipe.toml").read_text()


def test_it_resumes_from_the_same_network_only(cli, old, tree):
    cli(*AGAIN, "--out", "new")
    before = tree()
    assert cli(*AGAIN, "--out", "new", "--resume").code == 0
    other = cli(*AGAIN, "--start-network", "2", "--out", "new", "--resume")
    assert (other.code, other.out) == (2, "")
    assert "start" in other.err
    assert tree() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("wine", "--start-from", "old"), "13 columns of numbers, but the network to start from needs 4 of numbers"),
        (("iris", "--start-from", "old", "--activation", "tanh"), "activation is tanh, but the network to start from"),
        (("iris", "--start-from", "old", "--no-batch-norm"), "batch_norm is false, but the network to start from"),
        (("iris", "--start-from", "old", "--inputs", "center"), "inputs is center, but the network to start from"),
        (("iris", "--start-from", "old", "--hidden", "9"), "hidden is 9, but the network to start from has 8"),
        (("iris", "--start-from", "old", "--start-network", "3"), "the model has 2 networks, there is no number 3"),
        (("iris", "--start-from", "old", "--freeze", "all"), "--freeze must be body or a number of layers, got 'all'"),
        (("iris", "--start-from", "nothing"), "there is no model at nothing"),
        (("iris", "--freeze", "1"), "--freeze keeps layers of a trained network: name it by --start-from"),
    ],
)
def test_a_model_that_does_not_fit_is_one_line(cli, tmp_path, old, words, says):
    done = cli("train", *words, "--epochs", "1", "--out", "new")
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_from_digits_0_to_4_to_5_to_9_it_beats_training_from_scratch(cli, tmp_path, mnist_folder):
    """With 10 images per class, on the same seeds: the paired difference's 95% interval is above 0."""
    low_and_few_images(mnist_folder, tmp_path)
    base = ("--batch-norm", "--epochs", "4", "--observe-every", "2000", "--seeds", "1")
    assert cli("train", "low.npz", *base, "--out", "low", "-q").code == 0
    few = ("train", "few.npz", "--batch-norm", "--batch-size", "10", "--epochs", "60", "--observe-every", "300")
    accuracy = {}
    for name, start in {"scratch": (), "start": ("--start-from", "low", "--freeze", "1")}.items():
        found = json.loads(cli(*few, "--seeds", "8", *start, "--out", name, "--json", "-q").out)
        assert [member["seed"] for member in found["members"]] == list(range(8))
        accuracy[name] = np.array([member["values"]["accuracy/validation"] for member in found["members"]])
    gain = mean_interval(accuracy["start"] - accuracy["scratch"])
    assert gain.low > 0
    assert 0.5 < accuracy["scratch"].mean() < accuracy["start"].mean() < 0.9


def low_and_few_images(folder, to):
    """MNIST's training images of 0 to 4 in `low.npz`; of 5 to 9 the first 10 each to train on in `few.npz`."""
    from trainwell.data.sources.builtin import load_builtin

    mnist = load_builtin("mnist", folder)
    (images, digits), (test, answers) = (mnist.inputs, mnist.targets.astype(str)), mnist.test
    answers, few = answers.astype(str), [np.flatnonzero(digits == digit) for digit in "56789"]
    parts = {
        "low": (np.flatnonzero(digits < "5"), np.flatnonzero(answers < "5")),
        "few": (np.concatenate([rows[:10] for rows in few]), np.flatnonzero(answers >= "5")),
    }
    held_out = np.concatenate([rows[1000:1400] for rows in few])
    for name, (rows, tested) in parts.items():
        own = {} if name == "low" else {"x_val": images[held_out], "y_val": digits[held_out]}
        trained_on = {"x_train": images[rows], "y_train": digits[rows]}
        np.savez(to / f"{name}.npz", **trained_on, **own, x_test=test[tested], y_test=answers[tested])
