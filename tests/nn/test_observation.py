import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.nn import (
    Histograms,
    Network,
    forward,
    initial_params,
    initial_statistics,
    noise_seed,
    observe,
    softmax_cross_entropy,
)

INPUTS = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, 9).astype(np.int32)
NETWORKS = {
    "sigmoid": Network((6, 5, 4, 3), "sigmoid"),
    "maxout": Network((6, 5, 4, 3), "maxout"),
    "batch_norm": Network((6, 5, 4, 3), "elu", batch_norm=True),
    "dropout": Network((6, 5, 4, 3), "tanh", dropout="inverted"),
}


def start(network):
    return initial_params(network, 0, "glorot"), initial_statistics(network)


def test_by_hand():
    """x 2, w 3, b 1, relu, v 5, target 30: z 7, h 7, y 35, loss 25, ∂y 10, ∂h 50, ∂z 50, ∂w 100, ∂v 70."""
    params = [
        {"weights": jnp.array([[3.0]]), "biases": jnp.array([1.0])},
        {"weights": jnp.array([[5.0]]), "biases": jnp.array([0.0])},
    ]
    seen = observe(Network((1, 1, 1)), params, [], jnp.array([[2.0]]), jnp.array([[30.0]]), "squared_error", {})
    assert float(seen.loss) == 25
    assert [float(x[0, 0]) for x in seen.pre_activations] == [7, 35]
    assert [float(x[0, 0]) for x in seen.activations] == [7, 35]
    assert [float(x[0, 0]) for x in seen.pre_activation_grads] == [50, 10]
    assert [float(layer["weights"][0, 0]) for layer in seen.grads] == [100, 70]
    assert [float(layer["biases"][0]) for layer in seen.grads] == [50, 10]


@functools.cache
def observation(name, numbers):
    """One compiled observation per network, shared by the tests that look at it."""
    network = NETWORKS[name]

    def run(params, statistics):
        return observe(network, params, statistics, INPUTS, LABELS, "cross_entropy", dict(numbers), noise=noise_seed(0))

    return jax.jit(run)(*start(network))


@pytest.mark.parametrize("name", NETWORKS)
class TestContract:
    def observe(self, name, numbers):
        return observation(name, tuple(numbers.items()))

    @pytest.mark.slow
    def test_loss_and_parameter_gradients_are_those_of_training(self, name, numbers, assert_close):
        network = NETWORKS[name]
        params, statistics = start(network)

        def loss(params):
            output = forward(network, params, statistics, INPUTS, numbers, training=True, noise=noise_seed(0))
            return softmax_cross_entropy(output.logits, LABELS, jnp.ones(9))

        value, grads = jax.jit(jax.value_and_grad(loss))(params)
        seen = self.observe(name, numbers)
        np.testing.assert_allclose(seen.loss, value, rtol=1e-6)
        assert_close(seen.grads, grads, 1e-5)

    def test_gradient_of_what_enters_a_layer_sums_to_its_bias_gradient(self, name, numbers):
        seen = self.observe(name, numbers)
        for grad, layer in zip(seen.pre_activation_grads, seen.grads, strict=True):
            bias = layer.get("shift", layer["biases"])  # with batch norm, the shift is what is added last
            np.testing.assert_allclose(grad.sum(0), bias, rtol=1e-4, atol=1e-6)

    def test_gradient_at_the_output_is_softmax_minus_one_hot(self, name, numbers):
        seen = self.observe(name, numbers)
        expected = (jax.nn.softmax(seen.activations[-1]) - jax.nn.one_hot(LABELS, 3)) / 9
        np.testing.assert_allclose(seen.pre_activation_grads[-1], expected, rtol=1e-5, atol=1e-7)

    def test_shapes(self, name, numbers):
        network, seen = NETWORKS[name], self.observe(name, numbers)
        affine = [(9, network.affine_outputs(layer)) for layer in range(3)]
        assert [x.shape for x in seen.pre_activations] == affine
        assert [x.shape for x in seen.pre_activation_grads] == affine
        assert [x.shape for x in seen.activations] == [(9, 5), (9, 4), (9, 3)]


def test_padding_and_weights(numbers, assert_close):
    network = NETWORKS["batch_norm"]
    padded = np.concatenate([INPUTS, np.full((3, 6), 9, np.float32)])
    labels = np.append(LABELS, np.zeros(3, np.int32))
    valid = (np.arange(12) < 9).astype(np.float32)
    weights = np.linspace(1, 2, 12, dtype=np.float32)

    @jax.jit
    def run(inputs, labels, weights, valid=None):
        options = {"weights": weights, "valid": valid}
        return observe(network, *start(network), inputs, labels, "cross_entropy", numbers, **options)

    whole = run(padded, labels, weights, valid)
    small = run(INPUTS, LABELS, weights[:9])
    assert_close(whole.grads, small.grads, 1e-5)
    assert_close([x[:9] for x in whole.pre_activation_grads], small.pre_activation_grads, 1e-5)
    assert not any(x[9:].any() for x in whole.pre_activation_grads)


def test_inference_mode_uses_running_statistics(numbers):
    network = NETWORKS["batch_norm"]
    params, statistics = start(network)

    @jax.jit
    def run(params, statistics):
        seen = observe(network, params, statistics, INPUTS, LABELS, "cross_entropy", numbers, training=False)
        return seen, forward(network, params, statistics, INPUTS, numbers, training=False).logits

    seen, logits = run(params, statistics)
    np.testing.assert_allclose(seen.activations[-1], logits, rtol=1e-6)


def test_label_smoothing_is_applied(numbers):
    seen = observation("sigmoid", (*numbers.items(), ("label_smoothing", 0.2)))
    expected = softmax_cross_entropy(seen.activations[-1], LABELS, jnp.ones(9), 0.2)
    np.testing.assert_allclose(seen.loss, expected, rtol=1e-6)


def test_ordinary_training_contains_nothing_of_it(numbers):
    """Without taps and record, the program is the one of a network written down by hand."""
    network = NETWORKS["sigmoid"]
    params, _ = start(network)

    def by_hand(params, inputs):
        first, second, last = params
        hidden = jax.nn.sigmoid(inputs @ first["weights"].T + first["biases"])
        hidden = jax.nn.sigmoid(hidden @ second["weights"].T + second["biases"])
        return hidden @ last["weights"].T + last["biases"]

    def ours(params, inputs, **options):
        return forward(network, params, [], inputs, numbers, training=True, **options).logits

    inputs = jnp.asarray(INPUTS)
    assert str(jax.make_jaxpr(ours)(params, inputs)) == str(jax.make_jaxpr(by_hand)(params, inputs))
    taps = [jnp.zeros((9, width)) for width in network.sizes[1:]]
    tapped = jax.make_jaxpr(lambda *a: ours(*a, taps=taps))(params, inputs)
    assert len(tapped.eqns) == len(jax.make_jaxpr(by_hand)(params, inputs).eqns) + 3


def test_histograms_by_hand():
    layers = [np.array([[0.0, 0.0], [0.4, 1.0]]), np.array([-1.0, 0.5, np.inf, np.nan]), np.full(2, np.nan)]
    seen = Histograms.of(layers, np.array([0.0, 0.5, 1.0]))
    assert seen.counts.tolist() == [[3, 1], [0, 1], [0, 0]]
    np.testing.assert_allclose(seen.means, [0.35, -0.25, np.nan])
    np.testing.assert_allclose(seen.stds, [np.std([0, 0, 0.4, 1]), 0.75, np.nan])
    np.testing.assert_array_equal(seen.zeros, [0.5, 0, np.nan])
    np.testing.assert_array_equal(seen.outside, [0, 0.75, 1])


def test_histograms_of_what_was_observed():
    """Every gradient is counted once: of each row and unit."""
    seen = observation("sigmoid", ())
    counted = Histograms.of(seen.pre_activation_grads, np.linspace(-1, 1, 5))
    assert counted.counts.sum(1).tolist() == [45, 36, 27]
    np.testing.assert_allclose(
        counted.means, [np.mean(grad) for grad in seen.pre_activation_grads], rtol=1e-5, atol=1e-7
    )
