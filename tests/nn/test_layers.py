import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.nn import (
    ACTIVATIONS,
    Network,
    forward,
    initial_params,
    initial_statistics,
    mean_squared_error,
    noise_at,
    noise_seed,
    softmax_cross_entropy,
)

INPUTS = np.random.default_rng(0).normal(size=(9, 6))
LABELS = np.random.default_rng(1).integers(0, 3, 9).astype(np.int32)
NOISE = noise_seed(0)
PLAIN = Network((6, 5, 4, 3), "tanh")
VARIANTS = {
    **{name: Network((6, 5, 4, 3), name) for name in ACTIVATIONS},
    "batch_norm": Network((6, 5, 4, 3), "elu", batch_norm=True),
    "batch_norm_maxout": Network((6, 5, 4, 3), "maxout", batch_norm=True, pieces=3),
    "inverted": Network((6, 5, 4, 3), "tanh", dropout="inverted"),
    "lecture": Network((6, 5, 4, 3), "sigmoid", batch_norm=True, dropout="lecture"),
    "linear": Network((6, 3)),
}


def start(network, dtype=np.float32):
    """Parameters at which no gradient vanishes: biases, scales and shifts moved off their initial values."""
    rng = np.random.default_rng(5)
    params = initial_params(network, 0, "normal", 0.6, dtype=dtype)
    for layer in params:
        for name in layer.keys() - {"weights"}:
            layer[name] = layer[name] + rng.normal(0, 0.3, layer[name].shape).astype(dtype)
    statistics = initial_statistics(network, 1.0, dtype)
    for layer in statistics:
        layer["mean"] = rng.normal(0, 0.5, layer["mean"].shape).astype(dtype)
    return params, statistics


def loss_of(network, statistics, numbers, inputs=INPUTS, *, training=True, dtype=jnp.float32):
    """The cross-entropy of a batch as a function of the parameters."""

    def loss(params):
        output = forward(
            network, params, statistics, jnp.asarray(inputs, dtype), numbers, training=training, noise=NOISE
        )
        return softmax_cross_entropy(output.logits, LABELS, jnp.ones(len(LABELS), dtype), 0.1)

    return loss


def test_two_layers_by_hand():
    """h = relu([[1·1 + 2·(−1) + 0.5], [1·2 + 2·1 − 1]]) = (0, 3); logits = (0·1 + 3·2 + 1,)."""
    params = [
        {"weights": jnp.array([[1.0, -1.0], [2.0, 1.0]]), "biases": jnp.array([0.5, -1.0])},
        {"weights": jnp.array([[1.0, 2.0]]), "biases": jnp.array([1.0])},
    ]
    output = forward(Network((2, 2, 1)), params, [], jnp.array([[1.0, 2.0]]), {}, training=True, record=True)
    assert output.logits.tolist() == [[7.0]]
    assert [x.tolist() for x in output.pre_activations] == [[[-0.5, 3.0]], [[7.0]]]
    assert [x.tolist() for x in output.activations] == [[[0.0, 3.0]], [[7.0]]]


def test_maxout_by_hand():
    """Pieces of the one unit: 1·x and −2·x, so the network computes 3·max(x, −2x)."""
    params = [
        {"weights": jnp.array([[1.0], [-2.0]]), "biases": jnp.zeros(2)},
        {"weights": jnp.array([[3.0]]), "biases": jnp.zeros(1)},
    ]
    network = Network((1, 1, 1), "maxout")
    logits = jax.jit(partial(forward, network, training=True))(params, [], jnp.array([[2.0], [-1.0]]), {}).logits
    assert logits.tolist() == [[6.0], [6.0]]


def test_maxout_units_take_one_row_of_each_piece():
    """Rows 0–1 are the first piece of units 0 and 1, rows 2–3 the second."""
    weights = jnp.array([[1.0], [10.0], [2.0], [-10.0]])
    params = [
        {"weights": weights, "biases": jnp.zeros(4)},
        {"weights": jnp.eye(2), "biases": jnp.zeros(2)},
    ]
    network = Network((1, 2, 2), "maxout")
    logits = jax.jit(partial(forward, network, training=True))(params, [], jnp.ones((1, 1)), {}).logits
    assert logits.tolist() == [[2.0, 10.0]]


@pytest.mark.parametrize("name", VARIANTS)
class TestContract:
    def test_gradients_are_numerical(self, name, numbers, numerical_gradient, assert_close):
        params, statistics = start(VARIANTS[name], np.float64)
        loss = loss_of(VARIANTS[name], statistics, numbers, dtype=jnp.float64)
        assert_close(jax.jit(jax.grad(loss))(params), numerical_gradient(loss, params), 1e-6)

    def test_dtype_and_structure_follow_the_parameters(self, name, numbers, x64):
        network = VARIANTS[name]
        for dtype in (np.float32, np.float64):
            params, statistics = start(network, dtype)
            wide = {key: jnp.float64(value) for key, value in numbers.items()}
            for training in (True, False):
                run = partial(forward, network, training=training, noise=NOISE)
                output = jax.eval_shape(run, params, statistics, INPUTS, wide)
                assert {leaf.dtype for leaf in jax.tree.leaves(output)} == {jnp.dtype(dtype)}
                shapes = jax.tree.map(jnp.shape, statistics)
                assert jax.tree.map(lambda leaf: leaf.shape, output.statistics) == shapes
                assert output.pre_activations == output.activations == []

    def test_members_share_a_program_and_keep_their_results(self, name, numbers):
        network = VARIANTS[name]
        traces = []

        def logits(params, numbers, noise):
            traces.append(1)
            _, statistics = start(network)
            inputs = jnp.asarray(INPUTS, jnp.float32)
            return forward(network, params, statistics, inputs, numbers, training=True, noise=noise).logits

        members = [initial_params(network, seed, "he") for seed in range(3)]
        noise = np.stack([noise_seed(seed) for seed in range(3)])
        several = {key: value * jnp.array([1, 0.5, 0.9]) for key, value in numbers.items()}
        alone = jax.jit(logits)
        together = jax.jit(jax.vmap(logits))(jax.tree.map(lambda *leaves: jnp.stack(leaves), *members), several, noise)
        for index, params in enumerate(members):
            own = {key: value[index] for key, value in several.items()}
            np.testing.assert_allclose(alone(params, own, noise[index]), together[index], rtol=1e-4, atol=1e-5)
        assert len(traces) == 2


def torch_network(torch, network, params, statistics, numbers):
    """The same network of PyTorch's own layers, with copies of the parameters."""
    functional = torch.nn.functional
    leaves = [{key: torch.tensor(value, requires_grad=True) for key, value in layer.items()} for layer in params]
    named = {
        "elu": lambda x: functional.elu(x, numbers["elu_alpha"]),
        "leaky_relu": lambda x: functional.leaky_relu(x, numbers["negative_slope"]),
        "identity": lambda x: x,
        "maxout": lambda x: x.reshape(len(x), network.pieces, -1).amax(1),
    }
    activate = named.get(network.activation) or getattr(torch.nn.functional, network.activation)

    def run(x, training):
        for index, layer in enumerate(leaves):
            x = functional.linear(x, layer["weights"], layer["biases"])
            if index == network.num_hidden:
                return x
            if network.batch_norm:
                running = [torch.tensor(statistics[index][key]) for key in ("mean", "variance")]
                eps = numbers["batch_norm_eps"]
                x = functional.batch_norm(x, *running, layer["scale"], layer["shift"], training, 0.1, eps)
            x = activate(x)
        raise AssertionError

    return leaves, run


@pytest.mark.parametrize("name", [name for name, network in VARIANTS.items() if network.dropout == "none"])
@pytest.mark.parametrize("training", [True, False])
def test_loss_and_gradients_are_pytorchs(name, training, numbers, assert_close):
    torch = require("torch")
    network = VARIANTS[name]
    params, statistics = start(network)
    leaves, run = torch_network(torch, network, params, statistics, numbers)
    logits = run(torch.tensor(INPUTS, dtype=torch.float32), training)
    theirs = torch.nn.functional.cross_entropy(logits, torch.tensor(LABELS, dtype=torch.long), label_smoothing=0.1)
    theirs.backward()
    loss, grads = jax.jit(jax.value_and_grad(loss_of(network, statistics, numbers, training=training)))(params)
    np.testing.assert_allclose(loss, theirs.item(), rtol=1e-5)
    assert_close(grads, [{key: leaf.grad.numpy() for key, leaf in layer.items()} for layer in leaves], 1e-5)


@pytest.mark.parametrize("name", ["relu", "maxout", "batch_norm", "batch_norm_maxout"])
def test_padded_batch_gives_the_gradients_of_the_batch(name, numbers, assert_close):
    network = VARIANTS[name]
    params, statistics = start(network)
    padded = np.concatenate([INPUTS, np.full((4, 6), 7.0)]).astype(np.float32)
    valid = (np.arange(13) < 9).astype(np.float32)

    def loss(params, inputs, labels, weights, valid):
        output = forward(network, params, statistics, inputs, numbers, training=True, valid=valid)
        return softmax_cross_entropy(output.logits, labels, weights), output.statistics

    differentiate = jax.jit(jax.value_and_grad(loss, has_aux=True))
    whole = differentiate(params, padded, np.append(LABELS, np.zeros(4, np.int32)), valid, valid)
    (value, after), grads = differentiate(params, INPUTS.astype(np.float32), LABELS, np.ones(9, np.float32), None)
    # 9 rows of 13 move the running statistics by their share: where the four others are taken as they stood.
    stays = {"mean": 4 / 13, "variance": 4 / 12}
    counted = [
        {key: (9 * new[key] + 4 * 0.9 * old[key]) / 13 + 0.1 * stays[key] * old[key] for key in new}
        for new, old in zip(after, statistics, strict=True)
    ]
    assert_close(whole, ((value, counted), grads), 1e-5)


def test_inference_after_training_on_stationary_input_is_the_training_output(numbers):
    network = VARIANTS["batch_norm"]
    params, statistics = start(network)
    inputs = jnp.asarray(INPUTS, jnp.float32)
    step = jax.jit(lambda statistics: forward(network, params, statistics, inputs, numbers, training=True))
    for _ in range(200):
        output = step(statistics)
        statistics = output.statistics
    inference = jax.jit(partial(forward, network, training=False))(params, statistics, inputs, numbers)
    np.testing.assert_allclose(inference.logits, output.logits, rtol=1e-4, atol=1e-5)
    assert not np.allclose(start(network)[1][0]["mean"], statistics[0]["mean"], atol=0.1)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_zero_weights_give_the_bias_and_stay_identical(activation, numbers):
    """C-02: with zeros the output is the bias alone; after training all units of a layer are still the same."""
    network = Network((6, 5, 4, 3), activation)
    params = initial_params(network, 0, "zero")
    params[-1]["biases"] = np.array([1, -2, 3], np.float32)
    inputs = jnp.asarray(INPUTS, jnp.float32)

    def loss(params):
        logits = forward(network, params, [], inputs, numbers, training=True).logits
        return softmax_cross_entropy(logits, LABELS, jnp.ones(len(LABELS)), 0.1), logits

    gradient = jax.jit(jax.grad(loss, has_aux=True))
    assert (gradient(params)[1] == params[-1]["biases"]).all()
    for _ in range(20):
        params = jax.tree.map(lambda p, g: p - np.float32(0.5) * np.asarray(g), params, gradient(params)[0])
    for layer in params[:-1]:
        assert (layer["weights"] == layer["weights"][0]).all()
        assert (layer["biases"] == layer["biases"][0]).all()


def test_constant_weights_keep_units_identical_while_they_learn(numbers):
    network = Network((6, 5, 3), "tanh")
    params = initial_params(network, 0, "constant", 0.3)
    before = params[0]["weights"]
    gradient = jax.jit(jax.grad(loss_of(network, [], numbers)))
    for _ in range(20):
        params = jax.tree.map(lambda p, g: p - np.float32(0.5) * np.asarray(g), params, gradient(params))
    assert np.ptp(params[0]["weights"], axis=0).max() < 1e-6
    assert np.abs(params[0]["weights"] - before).max() > 1e-2


def test_dropout_of_layers_and_steps_differs_and_rate_0_is_no_dropout(numbers):
    network = dataclasses.replace(PLAIN, dropout="inverted")
    params, _ = start(network)
    run = jax.jit(partial(forward, network, params, [], jnp.asarray(INPUTS, jnp.float32), training=True))
    one, same, other = (run(numbers, noise=noise_at(NOISE, step)).logits for step in (0, 0, 1))
    assert (one == same).all()
    assert (one != other).any()
    plain = jax.jit(partial(forward, PLAIN, params, [], jnp.asarray(INPUTS, jnp.float32), training=True))
    undropped = run(numbers | {"dropout_rate": 0.0}, noise=NOISE).logits
    np.testing.assert_allclose(undropped, plain(numbers).logits, rtol=1e-6)  # two programs: rounding may differ


@pytest.mark.parametrize("form", ["inverted", "lecture"])
def test_mean_of_dropout_in_a_linear_network_is_inference(form, numbers):
    """Without a nonlinearity the expectation of the training output is the inference output."""
    network = Network((6, 50, 3), "identity", dropout=form)
    params, _ = start(network)
    run = partial(forward, network, params, [], jnp.asarray(INPUTS, jnp.float32), numbers)
    noise = jax.vmap(partial(noise_at, NOISE))(jnp.arange(4000))
    logits = jax.jit(jax.vmap(lambda words: run(training=True, noise=words).logits))(noise)
    error = logits.std(0) / np.sqrt(4000)
    assert (np.abs(logits.mean(0) - run(training=False).logits) < 4.5 * error).all()


def test_dropout_comes_after_the_recorded_activation(numbers):
    network = Network((6, 5, 3), "sigmoid", dropout="lecture")
    params, _ = start(network)
    inputs = jnp.asarray(INPUTS, jnp.float32)
    run = jax.jit(partial(forward, network, training=True, noise=NOISE, record=True))
    output = run(params, [], inputs, numbers)
    assert (output.activations[0] > 0).all()
    rebuilt = output.activations[0] @ params[1]["weights"].T + params[1]["biases"]
    assert not np.allclose(rebuilt, output.logits)


def test_forward_over_reverse_gives_hessian_vector_products(numbers, x64):
    """Second-order methods differentiate the gradient forwards; a custom backward pass would forbid it."""
    network = VARIANTS["batch_norm"]
    params, statistics = start(network, np.float64)
    gradient = jax.jit(jax.grad(loss_of(network, statistics, numbers, dtype=jnp.float64)))
    direction = jax.tree.map(lambda leaf: jnp.asarray(np.random.default_rng(0).normal(size=leaf.shape)), params)
    _, product = jax.jit(lambda p, d: jax.jvp(gradient, (p,), (d,)))(params, direction)
    h = 1e-6
    ahead, behind = (
        gradient(jax.tree.map(lambda p, d, sign=sign: p + sign * h * d, params, direction)) for sign in (1, -1)
    )
    for exact, one, other in zip(*map(jax.tree.leaves, (product, ahead, behind)), strict=True):
        np.testing.assert_allclose(exact, (one - other) / (2 * h), rtol=1e-5, atol=1e-8)


def test_squared_error_of_a_regression_network(numbers, numerical_gradient, assert_close):
    network = Network((6, 4, 2), "tanh")
    params, _ = start(network, np.float64)
    targets = INPUTS[:, :2]

    def loss(params):
        outputs = forward(network, params, [], INPUTS, numbers, training=True).logits
        return mean_squared_error(outputs, targets, jnp.ones(9))

    assert_close(jax.jit(jax.grad(loss))(params), numerical_gradient(loss, params), 1e-7)


def test_without_scale_and_shift_batch_norm_only_normalizes(numbers):
    """No gradient reaches them, the loss is that of ones and zeros, and other gradients are the same."""
    learned = Network((4, 3, 2), batch_norm=True)
    plain = dataclasses.replace(learned, batch_norm_affine=False)
    params = initial_params(learned, seed=0, scheme="he")
    inputs = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)

    def gradients(network):
        def loss(params):
            out = forward(network, params, initial_statistics(network), inputs, numbers, training=True)
            return (out.logits[:, 0] ** 2).sum()

        return jax.jit(jax.value_and_grad(loss))(params)

    (value, ours), (other, theirs) = gradients(plain), gradients(learned)
    assert value == other
    assert all(not np.any(ours[0][name]) and np.any(theirs[0][name]) for name in ("scale", "shift"))
    np.testing.assert_array_equal(ours[0]["weights"], theirs[0]["weights"])
