"""C-38: gradients by the chain rule in plain NumPy, what one layer can cut out, and planted cases."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture import Setup
from trainwell.lecture.book import normal
from trainwell.lecture.statements.batch_norm.gradients_and_expressiveness import (
    BAND,
    Outcome,
    expressiveness,
    gradient_parts,
    line_tasks,
    sizes,
    train_both,
)
from trainwell.nn import Network, initial_params


@pytest.fixture(scope="module")
def shallow():
    return sizes("relu", normal(0.01), [3], range(6))


def test_gradients_with_batch_norm_are_those_of_the_chain_rule(shallow):
    """Three layers of 100 ReLU units: x → batch norm → ReLU, and back."""
    params = initial_params(Network((100,) * 4 + (10,)), 0, "normal", 0.01)
    h = stream(0, "standard normal inputs").standard_normal((500, 100), np.float32).astype(np.float64)
    classes = stream(0, "classes").integers(0, 10, 500)
    kept = []
    for layer in params[:3]:
        z = h @ layer["weights"].T
        std = np.sqrt(z.var(0) + 1e-6)
        y = (z - z.mean(0)) / std
        kept.append((layer["weights"], h, y, std))
        h = np.maximum(y, 0)
    logits = h @ params[3]["weights"].T
    p = np.exp(logits - logits.max(1, keepdims=True))
    back = (p / p.sum(1, keepdims=True) - np.eye(10)[classes]) / 500 @ params[3]["weights"]
    signals, by_weights = [], []
    for weights, entered, y, std in reversed(kept):
        dy = back * (y > 0)
        signals.append(np.sqrt(np.mean(dy**2)))
        dz = (dy - dy.mean(0) - y * (dy * y).mean(0)) / std
        by_weights.append(np.sqrt(np.mean((dz.T @ entered) ** 2)))
        back = dz @ weights
    assert shallow[3][0].arriving[0] == pytest.approx(signals[-1] / signals[0], rel=1e-3)
    assert shallow[3][0].arriving_at_weights[0] == pytest.approx(by_weights[-1] / by_weights[0], rel=1e-3)


def verdicts(**found):
    """Of the claims, what they are about -> whether they hold, beyond the statement or not."""
    return {part.claim.split(",")[0]: part.verdict for part in gradient_parts(found)}


VANISHES = "where the gradient vanishes with batch norm or without (less than a tenth of it arrives at the first layer)"


def test_where_it_vanishes_without_the_claim_holds_and_if_it_vanishes_with_it_too_it_is_refuted(shallow):
    assert verdicts(start=shallow)[VANISHES] == "holds"
    assert verdicts(start={depth: (theirs, theirs) for depth, (_, theirs) in shallow.items()})[VANISHES] == (
        "does not hold"
    )


def test_depths_at_which_it_vanishes_neither_way_do_not_count_and_are_reported(shallow):
    (ours, theirs) = shallow[3]
    kept, *_ = gradient_parts({"start": {3: (ours, theirs), 2: (ours, ours)}})
    assert (kept.conditions, kept.beyond) == ({"start at 3 layers": True}, False)
    assert [one.estimate for one in kept.measured] == [
        np.median(one.arriving) for pair in ((ours, theirs), (ours, ours)) for one in pair
    ]


def test_batch_norm_that_makes_it_vanish_refutes_the_claim(shallow):
    """Both exchanged: it vanishes with batch norm alone."""
    exchanged = {depth: (theirs, ours) for depth, (ours, theirs) in shallow.items()}
    assert verdicts(start=exchanged)[VANISHES] == "does not hold"
    assert verdicts(start={**exchanged, 2: shallow[3]})[VANISHES] == "holds under conditions"


def test_where_it_vanishes_neither_way_under_any_condition_the_claim_is_left_open(shallow):
    assert verdicts(start={depth: (ours, ours) for depth, (ours, _) in shallow.items()})[VANISHES] == "undecided"


def test_one_layer_without_shift_cuts_out_no_band():
    """All its units bend at the mean, so that it can at best begin the band, and takes all beyond it for the band."""
    tasks = line_tasks((1,))
    found = train_both(Setup("small"), tasks, {"line": [0.05, 0.2]}, range(3), 1)
    (outcome,) = found.values()
    x = tasks["a band on a line by 1 hidden layer"].data.training.inputs[:, 0]
    best = 1 - np.mean(x >= BAND[1])
    assert outcome.fixed.max() <= best + 0.01
    assert outcome.learned.min() > best + 0.05
    assert expressiveness({"": replace(outcome, doubt="")}).verdict == "holds"
    exchanged = Outcome(outcome.task, outcome.fixed, outcome.learned)
    assert expressiveness({"": exchanged}).verdict == "does not hold"
