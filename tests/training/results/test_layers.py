"""Activations and gradients over training: seen at a dozen moments, on the same rows, and nothing else changes."""

import jax
import numpy as np
import pytest
from scipy.special import softmax

from trainwell.data import from_arrays, load_data
from trainwell.training import Progress, Recipe, Trained, train

pytestmark = pytest.mark.slow
RECIPE = Recipe(hidden=(8,), epochs=6, batch_size=16, batch_norm=True, dropout_rate=0.3, patience=50)
IRIS = load_data("iris")


@pytest.fixture(scope="module")
def seen() -> Trained:
    return train(IRIS, RECIPE, (0, 1), observe_layers=True)


def same(a: object, b: object) -> bool:
    leaves = zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    return all(np.array_equal(x, y, equal_nan=True) for x, y in leaves)


def test_no_bit_changes(seen: Trained) -> None:
    plain = train(IRIS, RECIPE, (0, 1))
    assert plain.layers == ()
    assert (plain.statuses, plain.steps, plain.kept_steps) == (seen.statuses, seen.steps, seen.kept_steps)
    assert same((plain.params, plain.states), (seen.params, seen.states))
    assert same(dict(plain.trace.values), dict(seen.trace.values))


def test_the_first_moment_is_before_training_and_activations_are_those_of_the_formula(seen: Trained) -> None:
    layers = seen.layers[1]
    assert layers.steps.tolist() == [0, 7, 14, 21, 28, 35, 42]
    assert layers.epochs.tolist() == list(range(7))
    assert layers.rows == len(IRIS.training) == 106
    start = train(IRIS, RECIPE.evolve(steps=1, layer_learning_rates=(0, 0)), (1,)).params[0][0]
    x = (IRIS.training.inputs - IRIS.training.inputs.mean(0)) / IRIS.training.inputs.std(0)
    z = x @ start["weights"].T.astype(np.float64)
    hidden = np.maximum((z - z.mean(0)) / np.sqrt(z.var(0) + 1e-6), 0)  # no unit is dropped
    assert layers.means["activation"][0] == pytest.approx(hidden.mean(), rel=1e-4)
    assert layers.stds["activation"][0] == pytest.approx(hidden.std(), rel=1e-4)
    assert layers.zeros["activation"][0] == pytest.approx((hidden == 0).mean())
    spaced = np.sort(hidden.ravel())[((np.arange(512) + 0.5) / 512 * hidden.size).astype(int)]
    np.testing.assert_allclose(layers.numbers["activation"][0, 0], spaced, atol=1e-4)


def test_gradients_are_those_of_the_mean_loss_of_rows_that_count() -> None:
    """Of a linear model: softmax minus one-hot, times the inputs."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(40, 3)).astype(np.float32), np.arange(40) % 2
    weights = (np.arange(40) % 4 > 0).astype(np.float32)
    data = from_arrays(inputs, labels, sample_weights=weights, split="shuffled", task="classification")
    recipe = Recipe(hidden=(), steps=3, inputs="none", initialization="zero")
    layers = train(data, recipe, observe_layers=True).layers[0]
    part = data.training
    x, y = part.inputs[part.weights > 0], part.targets[part.weights > 0]
    gradient = (softmax(np.zeros((len(x), 2)), 1) - np.eye(2)[y]).T @ x / len(x)
    assert layers.rows == len(x)
    assert layers.zeros["activation"][0].tolist() == [1.0]
    assert layers.stds["gradient"][0, 0] == pytest.approx(gradient.std(), rel=1e-4)
    np.testing.assert_allclose(np.unique(layers.numbers["gradient"][0, 0]), np.sort(gradient.ravel()), rtol=1e-4)


def test_a_killed_run_resumes_with_all_moments(seen: Trained, tmp_path) -> None:
    chunks = []

    def stop(lanes: object) -> None:
        chunks.append(lanes)
        if len(chunks) == 5:
            raise KeyboardInterrupt

    how = {"checkpoints": tmp_path, "observe_layers": True}
    with pytest.raises(KeyboardInterrupt):
        train(IRIS, RECIPE, (0, 1), progress=Progress(on_chunk=stop), **how)
    again = train(IRIS, RECIPE, (0, 1), **how)
    for a, b in zip(seen.layers, again.layers, strict=True):
        assert same(vars(a), vars(b))
    assert same(seen.params, again.params)


def test_a_checkpoint_without_them_is_not_used(tmp_path, caplog: pytest.LogCaptureFixture) -> None:
    train(IRIS, RECIPE, checkpoints=tmp_path)
    assert len(train(IRIS, RECIPE, checkpoints=tmp_path, observe_layers=True).layers[0].steps) == 7
    assert "belongs to another run" in caplog.text
