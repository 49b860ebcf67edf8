"""C-34 on patterns and gains that are made up, and on small networks."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.statements.regularization import stalled_validation
from trainwell.lecture.statements.regularization.stalled_validation import (
    DROPOUT,
    GIVEN,
    L2,
    PLAIN,
    TUNED,
    Choice,
    Learned,
    best,
    chosen_in_two_rounds,
    datasets,
    last,
    learned,
    mislabeled,
    parts,
    rise,
)

NOISY, RIGHT = 0.4, 0.0


def at(share, training, validation, gap, gain, given_gain=None, doubts=("", "")):
    """Contenders with a share of wrong labels.

    Both accuracies rise by `training` and `validation`, and are `gap` apart without regularization; either regularizer
    gains `gain`, or `given_gain` at the book's rate. `doubts` are those on regularizers' choices, and on that of none.
    """
    rng, found = np.random.default_rng(0), {}
    noise = rng.normal(0, 0.001, 20)
    for way in (TUNED, GIVEN):
        gained = gain if way == TUNED or given_gain is None else given_gain
        for name in (PLAIN, L2, DROPOUT):
            means = [[training, validation], [0.95, 0.95 - gap + gained * (name != PLAIN)]]
            rises, ends = np.array(means)[..., None] + noise + rng.normal(0, 0.001, (2, 2, 20))
            found[share, way, name] = Learned(Choice(0.1, 0.01, doubts[name == PLAIN]), rises, ends, noise)
    return found


def verdicts(found):
    return tuple(part.verdict for part in parts(found))


def test_where_validation_stalls_and_regularization_helps_the_statement_holds():
    helps, overfits, contrast = parts(at(NOISY, 0.1, 0.0, 0.3, 0.02) | at(RIGHT, 0.1, 0.08, 0.2, 0.0))
    assert (helps.verdict, overfits.verdict, contrast.verdict) == ("holds",) * 3
    assert list(overfits.conditions) == ["40% of labels wrong"]
    assert len(helps.conditions) == len(contrast.conditions) == 4
    assert all("0% of labels wrong" in where and "40%" not in where for where in contrast.conditions)


@pytest.mark.parametrize(
    ("gap", "gain", "expected"),
    [
        (0.3, 0.02, ("holds", "holds")),
        (0.3, -0.02, ("does not hold", "holds")),
        (0.3, 0.002, ("does not hold", "holds")),
        (0.02, 0.02, ("holds", "does not hold")),
        (0.02, -0.02, ("does not hold", "does not hold")),
    ],
)
def test_that_regularization_helps_and_that_the_network_overfits_fail_each_by_itself(gap, gain, expected):
    assert verdicts(at(NOISY, 0.1, 0.0, gap, gain)) == expected


def test_a_gain_that_a_better_learning_rate_brings_as_well_is_not_due_to_regularization():
    helps = parts(at(NOISY, 0.1, 0.0, 0.3, -0.02, given_gain=0.02))[0]
    assert helps.verdict == "holds under conditions"
    assert {(GIVEN in where, held) for where, held in helps.conditions.items()} == {(True, True), (False, False)}


@pytest.mark.parametrize(
    ("gain", "doubts", "verdict"),
    [
        (0.02, ("at an end", ""), "holds"),
        (0.02, ("", "at an end"), "undecided"),
        (-0.02, ("at an end", ""), "undecided"),
        (-0.02, ("", "at an end"), "does not hold"),
    ],
)
def test_a_choice_at_the_end_of_its_grid_leaves_open_what_a_better_one_could_turn(gain, doubts, verdict):
    """A better setting of the regularized network can only add to its gain, and one without can only take from it."""
    assert parts(at(NOISY, 0.1, 0.0, 0.3, gain, doubts=doubts))[0].verdict == verdict
    opposite = {"holds": "does not hold", "does not hold": "holds"}.get(verdict, verdict)
    assert parts(at(RIGHT, 0.1, 0.08, 0.3, gain, doubts=doubts))[-1].verdict == opposite


def test_where_training_accuracy_does_not_rise_either_there_is_no_pattern():
    assert verdicts(at(NOISY, 0.0, 0.0, 0.3, 0.02)) == ("undecided", "does not hold")


def test_where_it_is_not_clear_whether_it_stalls_all_is_left_open():
    assert verdicts(at(NOISY, 0.1, 0.01, 0.2, 0.02)) == ("undecided",) * 3


@pytest.mark.parametrize(
    ("highest", "doubted"),
    [((1, 0.03), ""), ((2, 0.03), ""), ((3, 0.03), "strength"), ((2, 0.01), "rate"), ((2, 0.1), "rate")],
)
def test_the_highest_score_is_chosen_and_doubted_at_an_end(highest, doubted):
    scores = {(strength, rate): 0.5 for strength in (1, 2, 3) for rate in (0.01, 0.03, 0.1)} | {highest: 0.6}
    choice = best(scores)
    assert (choice.strength, choice.rate) == highest
    assert choice.doubt.startswith(f"the best {doubted} is at the end" if doubted else "")
    assert bool(choice.doubt) == bool(doubted)


def test_a_setting_that_fails_with_seeds_of_the_second_round_is_not_chosen():
    """The best of the first round loses in the second; one that was not among the best three is not tried again."""
    key, grid = (0.2, TUNED, L2), [(0.2, L2, 1.0, rate) for rate in (0.01, 0.03, 0.1, 0.3, 1.0)]
    first = dict(zip(grid, (0.5, 0.6, 0.7, 0.8, 0.1), strict=True))
    asked = []

    def scores(settings, seeds):
        asked.append((list(settings), list(seeds)))
        return first if len(seeds) == 2 else {one: {0.3: 0.4, 0.1: 0.65, 0.03: 0.7}[one[3]] for one in settings}

    found = chosen_in_two_rounds({key: grid}, scores, range(8))
    assert asked == [(grid, [0, 1]), ([grid[3], grid[2], grid[1]], list(range(8)))]
    assert (found[key].strength, found[key].rate) == (1.0, 0.03)


def test_a_rate_that_is_given_and_no_regularization_are_no_ends():
    assert best({(1, 0.01): 0.5, (2, 0.01): 0.4}) == Choice(1, 0.01)
    assert best({(0, 0.01): 0.4, (0, 0.03): 0.5, (0, 0.1): 0.4}) == Choice(0, 0.03)


def test_rises_and_ends_are_of_the_means_of_quarters():
    observed = np.array([[[0.1, 0.2, 0.3, 0.5, 0.7]], [[0.2, 0.2, 0.2, np.nan, np.nan]]])
    assert rise(observed[0]) == pytest.approx([0.3])
    assert rise(observed)[0] == pytest.approx([0.3])
    assert last(observed) == pytest.approx(np.array([[0.5], [0.0]]))


def test_wrong_labels_are_as_many_as_asked_and_remain_wrong_with_more():
    labels = np.arange(50) % 10
    few, many = (mislabeled(labels, share, 10) != labels for share in (0.2, 0.4))
    assert (few.sum(), many.sum()) == (10, 20)
    assert many[few].all()


def test_images_that_judge_are_trained_on_and_chosen_by_by_nobody_and_keep_their_labels():
    data = BookData.load("digits")
    whole = data.everything.training
    choosing, judging = datasets(data, 0.5)
    held = len(judging.validation)
    assert np.array_equal(judging.validation.inputs, whole.inputs[-held:])
    assert np.array_equal(judging.validation.targets, whole.targets[-held:])
    assert np.array_equal(choosing.validation.inputs, whole.inputs[-2 * held : -held])
    assert np.array_equal(judging.training.inputs, whole.inputs[:300])
    assert np.array_equal(judging.training.targets, choosing.training.targets)
    assert (judging.training.targets != whole.targets[:300]).sum() == 150


@pytest.fixture
def trained(monkeypatch):
    """Trains one layer of 100 units on 100 rows, 40% of their labels wrong."""
    monkeypatch.setattr(stalled_validation, "IMAGES", 100)
    monkeypatch.setattr(stalled_validation, "SETTING", replace(stalled_validation.SETTING, hidden=1))
    setup = Setup("small", BookData.load("digits"))

    def found(penalties, dropout, rates):
        strengths = {PLAIN: (0.0,), L2: penalties, DROPOUT: dropout}
        return learned(setup, [NOISY], strengths, rates, range(5), range(10, 11), 240)

    return found


def test_a_penalty_and_dropout_that_fit_help_and_those_that_are_too_strong_do_not(trained):
    """The networks without regularization are the same: these overfit and show the pattern in both cases."""
    fit = trained((0.02, 3.0), (0.4, 0.97), (0.2, 0.02, 5.0))
    assert [fit[NOISY, TUNED, name].choice for name in (PLAIN, L2, DROPOUT)] == [
        Choice(0.0, 0.2),
        Choice(0.02, 0.2),
        Choice(0.4, 0.2),
    ]
    assert verdicts(fit) == ("holds", "holds")
    assert verdicts(trained((0.1, 3.0), (0.85, 0.97), (0.2,))) == ("does not hold", "holds")
