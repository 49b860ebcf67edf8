import numpy as np
import pytest

import trainwell.nn
from trainwell.core import RecipeError
from trainwell.nn import Network, initial_statistics


def test_shapes_of_a_batch_normalised_network():
    assert Network((4, 3, 2), batch_norm=True).parameter_shapes() == [
        {"weights": (3, 4), "biases": (3,), "scale": (3,), "shift": (3,)},
        {"weights": (2, 3), "biases": (2,)},
    ]


def test_maxout_has_pieces_in_hidden_layers_only():
    shapes = Network((4, 3, 2), activation="maxout", pieces=5, batch_norm=True).parameter_shapes()
    assert shapes[0] == {"weights": (15, 4), "biases": (15,), "scale": (15,), "shift": (15,)}
    assert shapes[1] == {"weights": (2, 3), "biases": (2,)}


def test_a_network_without_hidden_layers_is_a_linear_model():
    network = Network((4, 2), batch_norm=True)
    assert network.parameter_shapes() == [{"weights": (2, 4), "biases": (2,)}]
    assert initial_statistics(network) == []


def test_initial_statistics():
    assert initial_statistics(Network((4, 3, 2))) == []
    (layer,) = initial_statistics(Network((4, 3, 2), batch_norm=True), variance=1.0, dtype=np.float64)
    assert layer["mean"].tolist() == [0, 0, 0]
    assert layer["variance"].tolist() == [1, 1, 1]
    assert layer["mean"].dtype == layer["variance"].dtype == np.float64


def test_equal_networks_are_the_same_static_argument():
    assert Network((4, 3, 2)) == Network((4, 3, 2))
    assert hash(Network((4, 3, 2))) == hash(Network((4, 3, 2)))
    assert Network((4, 3, 2)) != Network((4, 3, 2), dropout="lecture")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": (4,)}, "at least 2 positive numbers, got (4,)"),
        ({"sizes": (4, 0, 2)}, "at least 2 positive numbers, got (4, 0, 2)"),
        ({"activation": "rellu"}, "did you mean 'relu'?"),
        ({"activation": "Sigmoid"}, "did you mean 'sigmoid'?"),
        ({"dropout": "invertd"}, "did you mean 'inverted'?"),
        ({"activation": "maxout", "pieces": 1}, "maxout needs at least 2 pieces, got 1"),
    ],
)
def test_errors_name_the_value_and_the_way_out(arguments, message):
    with pytest.raises(RecipeError) as error:
        Network(**{"sizes": (4, 3, 2)} | arguments)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_every_public_name_exists_and_no_other():
    for name in trainwell.nn.__all__:
        assert getattr(trainwell.nn, name) is not None
    with pytest.raises(AttributeError, match=r"No trainwell\.nn attribute foward"):
        trainwell.nn.foward  # noqa: B018  # the access is the test
