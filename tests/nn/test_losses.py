import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.nn import (
    accuracy_sums,
    cross_entropy_sums,
    mean_squared_error,
    softmax_cross_entropy,
    squared_error_sums,
)

rng = np.random.default_rng(2)
LOGITS = rng.normal(0, 3, (12, 5))
LABELS = rng.integers(0, 5, 12)
WEIGHTS = rng.random(12) * (np.arange(12) < 10)  # the last two rows are padding
OUTPUTS, TARGETS = rng.normal(size=(2, 12, 3))


def test_cross_entropy_by_hand():
    """Logits (ln 3, 0): p = (¾, ¼); the label 1 costs ln 4, the label 0 ln 4/3; weights 1 and 3."""
    logits = jnp.array([[math.log(3), 0.0]] * 2)
    loss = softmax_cross_entropy(logits, jnp.array([1, 0]), jnp.array([1.0, 3.0]))
    assert float(loss) == pytest.approx((math.log(4) + 3 * math.log(4 / 3)) / 4, rel=1e-6)


def test_label_smoothing_by_hand():
    """q = (0.95, 0.05) for s = 0.1 and two classes."""
    loss = softmax_cross_entropy(jnp.array([[math.log(3), 0.0]]), jnp.array([0]), jnp.ones(1), 0.1)
    assert float(loss) == pytest.approx(0.95 * math.log(4 / 3) + 0.05 * math.log(4), rel=1e-6)


def test_squared_error_by_hand():
    """Rows cost (1+9)/2 = 5 and 0, weights 1 and 3."""
    outputs, targets = jnp.array([[1.0, 3.0], [2.0, 2.0]]), jnp.array([[0.0, 0.0], [2.0, 2.0]])
    assert float(mean_squared_error(outputs, targets, jnp.array([1.0, 3.0]))) == 1.25


LOSSES = {
    "cross_entropy": (softmax_cross_entropy, LOGITS, LABELS),
    "smoothed": (partial(softmax_cross_entropy, label_smoothing=0.2), LOGITS, LABELS),
    "squared_error": (mean_squared_error, OUTPUTS, TARGETS),
}


@pytest.mark.parametrize("name", LOSSES)
class TestContract:
    def test_gradient_is_the_numerical_one(self, name, numerical_gradient, assert_close):
        loss, outputs, targets = LOSSES[name]
        function = partial(loss, **{"labels" if targets.ndim == 1 else "targets": targets, "weights": WEIGHTS})
        assert_close(jax.jit(jax.grad(function))(outputs), numerical_gradient(function, outputs), 1e-8)

    def test_padding_counts_for_nothing(self, name, x64):
        loss, outputs, targets = LOSSES[name]
        padded = outputs.copy()
        padded[10:] = 1e30
        assert float(loss(padded, targets, WEIGHTS)) == pytest.approx(
            float(loss(outputs[:10], targets[:10], WEIGHTS[:10])), rel=1e-13
        )

    def test_without_weight_the_loss_and_its_gradient_are_zero(self, name):
        loss, outputs, targets = LOSSES[name]
        value, grad = jax.jit(jax.value_and_grad(loss))(jnp.asarray(outputs), targets, jnp.zeros(12))
        assert value == 0
        assert not grad.any()

    def test_dtype_is_kept(self, name, x64):
        loss, outputs, targets = LOSSES[name]
        targets = targets if targets.ndim == 1 else targets.astype(np.float32)
        value = loss(jnp.asarray(outputs, jnp.float32), targets, jnp.asarray(WEIGHTS, jnp.float32))
        assert value.dtype == jnp.float32

    def test_mapped_members_have_the_loss_they_have_alone(self, name):
        loss, outputs, targets = LOSSES[name]
        members = jnp.stack([outputs, 2 * outputs])
        together = jax.jit(jax.vmap(loss, (0, None, None)))(members, targets, WEIGHTS)
        np.testing.assert_allclose(together, [jax.jit(loss)(one, targets, WEIGHTS) for one in members], rtol=1e-6)


def test_huge_logits_are_stable():
    logits = jnp.array([[1e38, -1e38], [1e30, 1e30], [-1e4, 1e4]])
    loss, grad = jax.value_and_grad(softmax_cross_entropy)(logits, jnp.array([0, 1, 1]), jnp.ones(3), 0.0)
    assert float(loss) == pytest.approx(math.log(2) / 3, rel=1e-6)
    assert jnp.isfinite(grad).all()
    worst = softmax_cross_entropy(jnp.array([[0.0, 1e4]]), jnp.array([0]), jnp.ones(1))
    assert float(worst) == 1e4


def test_nan_is_not_hidden():
    assert jnp.isnan(softmax_cross_entropy(jnp.array([[jnp.nan, 0.0]]), jnp.array([1]), jnp.ones(1)))
    assert jnp.isnan(mean_squared_error(jnp.array([[jnp.nan]]), jnp.zeros((1, 1)), jnp.ones(1)))


def test_sums_add_up_over_batches():
    for sums, outputs, targets in (
        (cross_entropy_sums, LOGITS, LABELS),
        (squared_error_sums, OUTPUTS, TARGETS),
        (accuracy_sums, LOGITS, LABELS),
    ):
        whole = sums(outputs, targets, WEIGHTS)
        parts = [sums(outputs[rows], targets[rows], WEIGHTS[rows]) for rows in (slice(0, 5), slice(5, 12))]
        added = jax.tree.map(lambda *terms: sum(terms), *parts)
        np.testing.assert_allclose(added.mean(), whole.mean(), rtol=1e-6)
        np.testing.assert_allclose(added.weight, WEIGHTS.sum(), rtol=1e-6)


def test_accuracy_by_hand():
    logits = jnp.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [1.0, 1.0, 0.0], [jnp.nan, 0.0, 0.0]])
    sums = accuracy_sums(logits, jnp.array([0, 1, 0, 0]), jnp.array([1.0, 2.0, 4.0, 8.0]))
    assert (float(sums.total), float(sums.weight)) == (5.0, 15.0)  # equals: the first; NaN: wrong


@pytest.mark.parametrize("smoothing", [0.0, 0.15])
def test_cross_entropy_is_pytorchs(smoothing):
    torch = require("torch")
    tensor = torch.tensor(LOGITS, dtype=torch.float32, requires_grad=True)
    theirs = torch.nn.functional.cross_entropy(tensor, torch.tensor(LABELS), label_smoothing=smoothing)
    theirs.backward()
    arguments = (jnp.asarray(LABELS), jnp.ones(12), smoothing)
    loss, grad = jax.jit(jax.value_and_grad(softmax_cross_entropy))(jnp.asarray(LOGITS, jnp.float32), *arguments)
    np.testing.assert_allclose(loss, theirs.item(), rtol=1e-5)
    np.testing.assert_allclose(grad, tensor.grad, rtol=1e-5, atol=1e-7)


def test_class_weights_are_pytorchs():
    torch = require("torch")
    of_class = np.array([1, 2, 0.5, 3, 1], np.float32)
    theirs = torch.nn.functional.cross_entropy(
        torch.tensor(LOGITS, dtype=torch.float32), torch.tensor(LABELS), weight=torch.tensor(of_class)
    )
    ours = softmax_cross_entropy(jnp.asarray(LOGITS, jnp.float32), jnp.asarray(LABELS), of_class[LABELS])
    np.testing.assert_allclose(ours, theirs.item(), rtol=1e-5)
