"""C-35 on digits: with a first task that is the second one, with an unrelated one, and with contenders exchanged."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.statements.hyperparameters import transfer as c35

COUNTS = (3, 30)


@pytest.fixture(scope="module")
def seen():
    """What was trained, with what it started from."""
    return []


@pytest.fixture(scope="module")
def tasks():
    """The first task is made the second one: nothing can be more related."""
    made = c35.Tasks.of(BookData.load("digits"))
    return replace(made, source=replace(made.whole, training=made.pool))


@pytest.fixture(scope="module")
def found(tasks, seen):
    with pytest.MonkeyPatch.context() as patch:
        train = Setup.train_whole

        def train_whole(self, asked, initial=None):
            made = train(self, asked, initial)
            seen.append((asked, initial, made))
            return made

        patch.setattr(Setup, "train_whole", train_whole)
        return c35.learned(Setup("small", BookData.load("digits")), tasks, COUNTS, [0.003], 5, 1)


def sure(found):
    """Without doubts: one rate is no grid."""
    return replace(found, doubts=dict.fromkeys(found.doubts, ""))


def test_the_same_task_helps_and_an_unrelated_one_helps_less(found):
    by_all, by_head, _, unrelated = c35.parts_of(sure(found))
    assert by_all.verdict == "holds"
    assert by_head.verdict == "holds"
    assert unrelated.verdict == "holds"
    assert c35.parts_of(found)[0].verdict == "undecided"


def test_with_contenders_exchanged_it_does_not_hold(found):
    names = {"scratch": "all of it", "all of it": "scratch", "head alone": "unrelated", "unrelated": "unrelated"}
    exchanged = {(way, n): found.accuracies[names[way], n] for way, n in found.accuracies}
    by_all, by_head, _, _ = c35.parts_of(replace(sure(found), accuracies=exchanged))
    assert by_all.verdict == "does not hold"
    assert by_head.verdict != "holds"


def test_every_network_starts_from_its_own_first_network(seen, found):
    asked, initial, made = seen[-1]
    heads = [
        (weights, one) for (_, run), weights, one in zip(asked, initial, made, strict=True) if run.label == "head alone"
    ]
    assert len(heads) == 5 * len(COUNTS)
    for (params, _), one in heads:
        for old, new in zip(params, one.params[0], strict=False):
            np.testing.assert_array_equal(new["weights"], old["weights"])
    first = {weights[0][0]["weights"].tobytes() for weights, _ in heads}
    assert len(first) == 5
    scratch = [weights for (_, run), weights in zip(asked, initial, strict=True) if run.label == "scratch"]
    assert scratch == [None] * 10


def test_accuracies_are_those_of_plain_numpy(seen, found, tasks):
    asked, _, made = seen[-1]
    (dataset, run), one = asked[-1], made[-1]
    shift, scale = dataset.scaling(run.recipe.inputs)
    x = (tasks.judging.inputs - shift) * scale
    for layer in one.params[0]:
        x = x @ layer["weights"].T + layer["biases"]
        hidden, x = x, np.maximum(x, 0)
    accuracy = (hidden.argmax(1) == tasks.judging.targets).mean()
    assert found.accuracies["unrelated", 30][-1] == pytest.approx(accuracy, abs=1e-6)


def test_examples_are_few_of_every_class_and_evenly_repeated(tasks, seen, found):
    first = seen[0][2][0]
    start = c35.Start.of_model(c35.Model.of_networks(first.dataset, [c35.network_of(first, 0)], {}))
    drawn = tasks.examples(3, 7, tasks.judging, start, 30)
    rows, counts = np.unique(drawn.training.inputs, axis=0, return_counts=True)
    assert len(rows) == 3 * 5
    assert set(counts.tolist()) == {10}
    assert np.bincount(drawn.training.targets).tolist() == [30] * 5
    both = np.concatenate([tasks.choosing.inputs, tasks.judging.inputs])
    assert not {one.tobytes() for one in rows} & {one.tobytes() for one in both}
