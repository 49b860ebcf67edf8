"""C-10, with inputs that are shifted and with inputs that are not."""

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture.book import BookData
from trainwell.lecture.statements.preprocessing import scaled_inputs as statement
from trainwell.lecture.statements.statement import Setup
from trainwell.training import Recipe

PLANTED = [({"mean 10": (10.0, 1.0)}, "holds"), ({"as before": (0.0, 1.0)}, "does not hold")]


@pytest.fixture(scope="module")
def wine():
    x, y, _ = statement.table_of("wine")
    return x, y


@pytest.mark.parametrize(("units", "verdict"), PLANTED)
def test_the_loss_is_more_sensitive_unless_nothing_was_changed(wine, units, verdict):
    D = wine[0].shape[1]
    own = {label: statement.Units(np.full(D, factor), np.full(D, by)) for label, (by, factor) in units.items()}
    found = statement.rises(*wine, own, halves=6)
    assert statement.swept_units(found, found)[0].verdict == verdict
    if "as before" in units:
        assert found["as before"] == pytest.approx(1.0)


def test_the_rise_is_that_of_the_curvature(wine):
    """Over all directions, ½ ε² ‖W‖² tr(H)/P, with tr(H) the mean of ‖x‖² Σ p (1 − p)."""
    x, y = wine
    weights = stream(0, "weights").standard_normal((3, x.shape[1])) / 3
    draws = stream(0, "directions").standard_normal((2_000, *weights.shape))
    p = np.exp(x @ weights.T)
    p /= p.sum(1, keepdims=True)
    trace = np.mean((x**2).sum(1) * (p * (1 - p)).sum(1))
    expected = statement.CHANGE**2 / 2 * (weights**2).sum() * trace / weights.size
    assert statement.rise(x, y, weights, np.zeros(3), draws) == pytest.approx(expected, rel=0.05)


def test_training_takes_longer_unless_the_inputs_are_exchanged():
    setup = Setup("small", BookData.load("iris"))
    data = statement.variants_of(setup.data.part(None, "none"), ((10.0,), ()))
    assert data["mean 10 std from 0"].training.inputs.mean() == pytest.approx(10, abs=0.1)
    recipe = Recipe(
        hidden=(8,), optimizer="sgd", inputs="none", batch_size=20, batches="replacement", learning_rate=0.1,
        steps=120, observe_first=5, observe_every=5,
    )  # fmt: skip
    rates = {statement.STANDARD: 0.3, "mean 10 std from 0": 0.003}
    found = {
        label: statement.updates_to_the_level(
            setup.train_each(data[label], {label: recipe.evolve(learning_rate=rate)}, range(6))[label]
        )
        for label, rate in rates.items()
    }
    exchanged = dict(zip(found, reversed(found.values()), strict=True))
    for own, verdict in ((found, "holds"), (exchanged, "does not hold")):
        assert statement.harder(own, rates, dict.fromkeys(rates, True)).verdict == verdict
