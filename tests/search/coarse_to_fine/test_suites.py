"""Optuna's own suites for samplers.

`RelativeSamplerTestCase` asks `sample_relative` for every parameter of a given space: it does not apply to samplers
that draw each parameter when it is asked for. `MultiObjectiveSamplerTestCase` does not apply to coarse to fine, which
orders trials by one value and says so (`SingleOnlySamplerTestCase`).
"""

from collections.abc import Callable

import pytest
from optuna.samplers import BaseSampler
from optuna.testing.pytest_samplers import (
    BasicSamplerTestCase,
    MultiObjectiveSamplerTestCase,
    SingleOnlySamplerTestCase,
)

from trainwell.search import CoarseToFineSampler
from trainwell.search.samplers.stateless import QuasiRandomSampler, RandomSampler


class TestGuided(BasicSamplerTestCase, SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: CoarseToFineSampler(seed=0, trials_per_round=5)


class TestUniform(BasicSamplerTestCase, SingleOnlySamplerTestCase):
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: CoarseToFineSampler(trials_per_round=3, draw="uniform")


class TestRandom(BasicSamplerTestCase, MultiObjectiveSamplerTestCase):
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: RandomSampler(seed=0)


class TestQuasiRandom(BasicSamplerTestCase, MultiObjectiveSamplerTestCase):
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: QuasiRandomSampler(["x", "y"], seed=0)
