import math

import numpy as np
import pytest
from scipy import stats

from trainwell.core import RecipeError
from trainwell.nn import INITIALIZERS, Network, initial_params

NETWORK = Network((400, 100, 10))
STDS = {  # of the first layer: fan_in 400, fan_out 100
    "normal": 0.7,
    "xavier": 1 / 20,
    "glorot": math.sqrt(2 / 500),
    "he": math.sqrt(2 / 400),
}


def first_weights(scheme, distribution="normal", seed=3):
    std = 0.7 if INITIALIZERS[scheme].needs_std else None
    return initial_params(NETWORK, seed, scheme, std, distribution)[0]["weights"]


@pytest.mark.parametrize("scheme", sorted(INITIALIZERS))
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
class TestContract:
    def draw(self, scheme, distribution, seed=0, network=NETWORK, dtype=np.float32):
        std = 0.7 if INITIALIZERS[scheme].needs_std else None
        return initial_params(network, seed, scheme, std, distribution, dtype)

    def test_structure_and_dtype(self, scheme, distribution):
        for dtype in (np.float32, np.float64):
            network = Network((6, 5, 4, 3), batch_norm=True)
            params = self.draw(scheme, distribution, network=network, dtype=dtype)
            shapes = [{name: array.shape for name, array in layer.items()} for layer in params]
            assert shapes == network.parameter_shapes()
            assert {array.dtype for layer in params for array in layer.values()} == {np.dtype(dtype)}
            for layer in params[:2]:
                assert (layer["scale"] == 1).all()
            assert not any(layer[name].any() for layer in params for name in layer.keys() & {"biases", "shift"})

    def test_the_seed_decides(self, scheme, distribution):
        one, same, other = (self.draw(scheme, distribution, seed)[0]["weights"] for seed in (5, 5, 6))
        assert (one == same).all()
        assert (one == other).any() == (not INITIALIZERS[scheme].random)

    def test_schemes_differ_by_a_factor_only(self, scheme, distribution):
        if not INITIALIZERS[scheme].random:
            return
        for own, he in zip(self.draw(scheme, distribution), self.draw("he", distribution), strict=True):
            ratio = own["weights"] / he["weights"]
            np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-6)

    def test_another_width_later_leaves_the_first_layer(self, scheme, distribution):
        wide = self.draw(scheme, distribution, network=Network((400, 100, 33, 10)))
        if scheme != "glorot":
            assert (wide[0]["weights"] == self.draw(scheme, distribution)[0]["weights"]).all()


@pytest.mark.parametrize("scheme", STDS)
@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_moments_and_distribution(scheme, distribution):
    draws = first_weights(scheme, distribution).ravel() / STDS[scheme]
    n = draws.size
    excess = {"normal": 0.0, "uniform": -1.2}[distribution]  # of the kurtosis: decides the error of the std
    assert abs(draws.mean()) < 4 / math.sqrt(n)
    assert abs(draws.std() - 1) < 4 * math.sqrt((excess + 2) / (4 * n))
    law = stats.norm() if distribution == "normal" else stats.uniform(-math.sqrt(3), 2 * math.sqrt(3))
    assert stats.kstest(draws, law.cdf).pvalue > 1e-3


def test_a_different_std_would_be_noticed():
    draws = first_weights("he").ravel() / STDS["he"]
    assert stats.kstest(1.05 * draws, "norm").pvalue < 1e-3


def test_layers_are_independent():
    params = initial_params(Network((50, 50, 50)), 0)
    correlation = np.corrcoef(params[0]["weights"].ravel(), params[1]["weights"].ravel())[0, 1]
    assert abs(correlation) < 4 / 50


def test_zero_and_constant():
    assert not any(layer["weights"].any() for layer in initial_params(NETWORK, 0, "zero"))
    assert all((layer["weights"] == np.float32(0.3)).all() for layer in initial_params(NETWORK, 0, "constant", 0.3))


def test_maxout_counts_the_width_of_its_input():
    network = Network((400, 100, 10), activation="maxout", pieces=3)
    he, glorot = (initial_params(network, 0, scheme) for scheme in ("he", "glorot"))
    assert he[0]["weights"].shape == (300, 400)
    assert he[0]["weights"].std() == pytest.approx(math.sqrt(2 / 400), rel=0.01)
    assert he[1]["weights"].shape == (10, 100)
    assert glorot[0]["weights"].std() == pytest.approx(math.sqrt(2 / 500), rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("xavir",), "did you mean 'xavier'?"),
        (("normal",), "initialization 'normal' needs std"),
        (("constant",), "initialization 'constant' needs std"),
        (("he", 0.1), "initialization 'he' sets its own std, got std=0.1"),
        (("normal", -0.1), "must be finite and at least 0, got -0.1"),
        (("normal", math.nan), "must be finite and at least 0, got nan"),
        (("he", None, "unifrom"), "did you mean 'uniform'?"),
    ],
)
def test_errors_name_the_value_and_the_way_out(arguments, message):
    with pytest.raises(RecipeError) as error:
        initial_params(NETWORK, 0, *arguments)
    assert message in str(error.value)
