"""Choosing an ensemble: by hand, against a slow plain version, and what must never be chosen."""

from collections import Counter

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, mean_squared_error, r2_score

from trainwell.core import ModelError
from trainwell.models import choose_ensemble, greedy_ensemble

LABELS = np.zeros(4, np.int32)


def of_first(*chances):
    """Probabilities of two classes, of which the first is right in every row."""
    first = np.array(chances)
    return np.stack([first, 1 - first], -1)


def random_case(seed, task, M=7, N=30, C=4):
    rng = np.random.default_rng(seed)
    if task == "regression":
        targets = rng.standard_normal((N, 1))
        return targets + rng.standard_normal((M, N, 1)), targets, rng.random(N)
    targets = rng.integers(0, C, N)
    # Multiples of 1/8: sums are exact, so that ties are ties in both versions, and there are many.
    outputs = rng.multinomial(8, np.ones(C) / C, (M, N)) / 8
    return outputs, targets, rng.integers(0, 4, N).astype(np.float64)


def plain_score(mean, targets, weights, metric):
    """By scikit-learn."""
    if metric == "accuracy":
        return accuracy_score(targets, mean.argmax(1), sample_weight=weights)
    if metric == "r2":
        return r2_score(targets, mean, sample_weight=weights)
    if targets.ndim == 2:
        return mean_squared_error(targets, mean, sample_weight=weights)
    chosen = np.maximum(mean[np.arange(len(mean)), targets], np.finfo(float).tiny)
    return np.average(-np.log(chosen), weights=weights)


def plain_standing(mean, targets, weights, metric):
    merit = plain_score(mean, targets, weights, metric)
    loss = plain_score(mean, targets, weights, "loss")
    return (round(-merit if metric == "loss" else merit, 9), round(-loss, 9))


def plain_greedy(outputs, targets, weights, metric, most, start):
    """Every candidate tried by averaging all outputs anew."""

    def standing(members):
        return plain_standing(outputs[members].mean(0), targets, weights, metric)

    everyone = range(len(outputs))
    members = sorted(everyone, key=lambda m: (*(-x for x in standing([m])), m))[:start]
    while len(members) < most:
        members.append(max(everyone, key=lambda m: (*standing([*members, m]), -m)))
    size = max(range(1, most + 1), key=lambda k: (*standing(members[:k]), -k))
    return members, size


@pytest.mark.parametrize("start", [1, 3])
@pytest.mark.parametrize(
    ("task", "metric"),
    [("classification", "accuracy"), ("classification", "loss"), ("regression", "loss"), ("regression", "r2")],
)
def test_greedy_against_a_slow_plain_version(task, metric, start):
    for seed in range(12):
        outputs, targets, weights = random_case(seed, task)
        found = greedy_ensemble(outputs, targets, weights, task=task, metric=metric, most=8, start=start)
        members, size = plain_greedy(outputs, targets, weights, metric, 8, start)
        assert found.members == tuple(members[:size])
        path = [plain_score(outputs[members[: k + 1]].mean(0), targets, weights, metric) for k in range(8)]
        assert found.path == pytest.approx(path)
        assert found.score == pytest.approx(path[size - 1])


def test_greedy_by_hand():
    # Alone: 2, 2 and 1 of 4 right. The first two tie in accuracy; the first has the smaller loss
    # (−ln .9·.9·.3·.2 = 3.02 against −ln .2·.3·.6·.6 = 3.84). With it the second gets .55, .6, .45, .4: 2 right;
    # the third (.45, .5, .65, .6), where .5 is a tie that goes to the first class: 3 right.
    outputs = np.stack([of_first(0.9, 0.9, 0.3, 0.2), of_first(0.2, 0.3, 0.6, 0.6), of_first(0.0, 0.1, 1.0, 1.0)])
    found = greedy_ensemble(outputs, LABELS, task="classification", metric="accuracy", most=2)
    assert (found.members, found.path) == ((0, 2), (0.5, 0.75))
    assert found.loss == pytest.approx(-np.log([0.45, 0.5, 0.65, 0.6]).mean())


def test_of_equal_classes_the_first_wins_as_in_the_model():
    outputs = np.full((1, 2, 2), 0.5)
    targets = np.array([0, 1])
    assert greedy_ensemble(outputs, targets, task="classification", metric="accuracy", most=3).path == (0.5, 0.5, 0.5)


def average_of_the_first(outputs, *data, **how):
    """The average of the first few networks, in the order given."""
    choice = choose_ensemble(outputs, *data, task="classification", order=range(len(outputs)), **how)
    (average,) = [option.ensemble for option in choice.considered if option.name == "average of the best"]
    return average


def test_ties_go_to_the_lower_index_and_the_smaller_size():
    outputs = np.repeat(of_first(0.8, 0.7, 0.6, 0.9)[None], 3, 0)
    for metric in ("accuracy", "loss"):
        assert greedy_ensemble(outputs, LABELS, task="classification", metric=metric).members == (0,)
        assert average_of_the_first(outputs, LABELS, metric=metric).members == (0,)
    # Averages of one network with itself differ by rounding, which is no reason for a larger ensemble.
    rows = np.random.default_rng(0).dirichlet(np.ones(3), (1, 50))
    assert greedy_ensemble(rows, np.zeros(50, int), task="classification", metric="loss").members == (0,)


def test_repetition_is_weight():
    # Two thirds of the first and one third of the second meet the targets exactly.
    outputs = np.array([[[1.0], [0.0]], [[-2.0], [3.0]]])
    found = greedy_ensemble(outputs, np.array([[0.0], [1.0]]), task="regression", metric="r2", most=9)
    assert Counter(found.members) == {0: 2, 1: 1}
    assert (found.score, len(found.path)) == (1.0, 9)


def test_prefixes_keep_the_order_given():
    outputs, targets, weights = random_case(0, "classification")
    order = [4, 2, 0, 1]
    found = average_of_the_first(outputs[order], targets, weights, metric="loss", most=3)
    losses = [plain_score(outputs[order[:k]].mean(0), targets, weights, "loss") for k in (1, 2, 3)]
    assert found.path == pytest.approx(losses)
    assert found.members == tuple(range(len(found.members)))
    choice = choose_ensemble(outputs, targets, weights, task="classification", metric="loss", order=order, most=3)
    (average,) = [option.ensemble for option in choice.considered if option.name == "average of the best"]
    assert average.members == tuple(order[: len(found.members)])


def test_of_equal_choices_the_simplest_is_taken():
    perfect = of_first(1.0, 1.0, 1.0, 1.0)
    choice = choose_ensemble(np.stack([perfect, perfect]), LABELS, task="classification", metric="accuracy")
    assert [option.chosen for option in choice.considered] == [True, False, False]
    assert choice.ensemble.members == (0,)


def test_the_best_is_chosen_and_all_are_reported():
    names = set()
    for seed in range(30):
        outputs, targets, _ = random_case(seed, "classification", M=5)
        choice = choose_ensemble(outputs, targets, task="classification", metric="accuracy", most=6)
        standings = [(option.ensemble.score, -option.ensemble.loss) for option in choice.considered]
        best = standings.index(max(standings))
        assert choice.considered[best].chosen
        assert choice.considered[best].ensemble == choice.ensemble
        names.add(choice.considered[best].name)
        singles = [accuracy_score(targets, p.argmax(1)) for p in outputs]
        assert choice.considered[0].ensemble.score == pytest.approx(max(singles))
    assert "greedy selection" in names


def test_the_wide_average_by_hand():
    # Losses of the two: −ln .8 in every row, and −ln of .9, .7, .9, .5. The first is best alone (.2231); the average
    # of both (.85, .75, .85, .65) has a mean of .2609. Differences .2231 − (.1625, .2877, .1625, .4308) have the mean
    # −.0377 and the standard error √(Σ(d − mean)²)/4 = .0553: within one, not within half.
    outputs = np.stack([of_first(0.8, 0.8, 0.8, 0.8), of_first(0.9, 0.7, 0.9, 0.5)])
    sizes = {}
    for errors in (0.0, 0.5, 1.0):
        choice = choose_ensemble(outputs, LABELS, task="classification", metric="loss", standard_errors=errors)
        sizes[errors] = choice.ensemble.members
        assert sum(option.chosen for option in choice.considered) == 1
    assert sizes[0.0] != sizes[1.0] == (0, 1)
    assert sizes[0.5] == (0,)


def test_diverged_networks_are_never_chosen():
    outputs, targets, weights = random_case(1, "regression")
    clean = choose_ensemble(outputs, targets, weights, task="regression", metric="r2")
    lost = outputs[:1] * 0
    lost[0, 3] = np.nan
    infinite = np.full_like(lost, np.inf)
    with_lost = choose_ensemble(
        np.concatenate([lost, outputs, infinite]), targets, weights, task="regression", metric="r2"
    )
    assert with_lost.ensemble.members == tuple(member + 1 for member in clean.ensemble.members)
    with pytest.raises(ModelError, match="none of 1 networks has finite outputs"):
        greedy_ensemble(lost, targets, task="regression", metric="r2")


def test_rows_of_weight_0_do_not_count():
    outputs, targets, _ = random_case(2, "classification")
    weights = np.r_[np.ones(15), np.zeros(15)]
    arguments = {"task": "classification", "metric": "accuracy"}
    found = greedy_ensemble(outputs, targets, weights, **arguments)
    without = greedy_ensemble(outputs[:, :15], targets[:15], **arguments)
    assert (found.members, found.path) == (without.members, pytest.approx(without.path))


def test_equal_targets_have_no_r2_but_an_order():
    outputs = np.array([[[3.0], [3.0]], [[1.1], [1.0]]])
    found = greedy_ensemble(outputs, np.ones((2, 1)), task="regression", metric="r2", most=2)
    assert found.members == (1,)
    assert np.isnan(found.score)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "r2"}, "metric 'r2' is not for classification: use accuracy or loss"),
        ({"most": 0}, "most must be at least 1"),
        ({"start": 0}, "start must be at least 1"),
        ({"weights": np.zeros(4)}, "not all 0"),
        ({"weights": np.ones(3)}, "one per row"),
        ({"targets": LABELS[:3]}, r"must be \[networks, 3 rows, outputs\], got shape \(1, 4, 2\)"),
    ],
)
def test_bad_requests(changes, message):
    request = {"targets": LABELS, "task": "classification", "metric": "accuracy"} | changes
    with pytest.raises(ModelError, match=message):
        greedy_ensemble(of_first(1.0, 1.0, 1.0, 1.0)[None], **request)
