"""Members that are trained without a recipe: from settings of network and training that know nothing of each other."""

from pathlib import Path

import jax
import numpy as np
import pytest

from trainwell.data import Dataset, load_data
from trainwell.training import Member, NetworkSettings, Recipe, Result, TrainingSettings, train, train_problems
from trainwell.training.supervised import Arrays, NetworkProblem

NETWORK = {"hidden": (4,), "activation": "tanh", "batch_norm": True, "dropout_rate": 0.2, "l2_penalty": 1e-3}
TRAINING = {"optimizer": "momentum", "learning_rate": 0.05, "schedule": "cosine", "batch_size": 16, "steps": 30}


@pytest.fixture(scope="module")
def iris() -> Dataset:
    return load_data("iris")


def trained(dataset: Dataset, network: NetworkSettings, checkpoints: Path | None = None) -> Result:
    training = TrainingSettings(**TRAINING)
    assert not isinstance(training, NetworkSettings)
    problem = NetworkProblem(network, training, Arrays(dataset, training.observe_training, np.dtype(np.float32)))
    (result,) = train_problems([Member(training, 3, problem)], checkpoints=checkpoints)
    return result


def test_the_halves_train_as_the_recipe_of_both(iris: Dataset) -> None:
    result = trained(iris, NetworkSettings(**NETWORK))
    whole = train(iris, Recipe(**NETWORK, **TRAINING), seeds=[3])
    for ours, theirs in ((result.params, whole.params[0]), (result.carry, whole.states[0])):
        assert jax.tree.structure(ours) == jax.tree.structure(theirs)
        for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
            assert np.array_equal(one, other)
    for name, values in whole.trace.values.items():
        assert np.array_equal(result.seen[name], values[0], equal_nan=True)


def test_a_checkpoint_of_another_network_is_not_used(
    iris: Dataset, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    network = NetworkSettings(**NETWORK)
    trained(iris, network, tmp_path)
    trained(iris, network, tmp_path)
    assert not caplog.records
    trained(iris, network.evolve(activation="relu"), tmp_path)
    assert "belongs to another run (activation was tanh then and is relu now)" in caplog.text
