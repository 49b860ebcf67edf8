"""Who competes: each builds one search of a space, with a seed, a number of trials, and a size of rounds."""

from collections.abc import Callable
from importlib.util import find_spec

import optuna
from tasks import Space

from contenders.contender import Contender
from contenders.grid import Grid
from contenders.optuna_study import OptunaStudy

OURS = "coarse_to_fine"


def ours(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Our sampler as it is by default, asked for whole rounds, which are its own: 10 trials."""
    from trainwell.search import CoarseToFineSampler

    sampler = CoarseToFineSampler(seed)
    return OptunaStudy(space, sampler, sampler.trials_per_round)


def ours_as_in_the_lecture(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Our sampler in the lecture's form, uniform in the narrowed ranges, asked for whole rounds."""
    from trainwell.search import CoarseToFineSampler

    return OptunaStudy(space, CoarseToFineSampler(seed, trials_per_round=batch, draw="uniform"), batch)


def random(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Optuna's random sampler."""
    return OptunaStudy(space, optuna.samplers.RandomSampler(seed=seed), trials)


def grid(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """A full grid, or a random part of one."""
    return Grid(space, seed, trials)


def quasi_random(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Optuna's scrambled Sobol sequence; choices and conditional numbers are drawn at random."""
    sampler = optuna.samplers.QMCSampler(
        scramble=True, seed=seed, warn_asynchronous_seeding=False, warn_independent_sampling=False
    )
    return OptunaStudy(space, sampler, trials)


def tpe(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Optuna's TPE, multivariate as by default, grouped where there are conditions; told after every trial."""
    conditions = any(parameter.when for parameter in space)
    return OptunaStudy(space, optuna.samplers.TPESampler(seed=seed, multivariate=True, group=conditions), 1)


def gp(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Optuna's Gaussian process, told after every trial; one thread."""
    import torch

    torch.set_num_threads(1)
    return OptunaStudy(space, optuna.samplers.GPSampler(seed=seed, warn_independent_sampling=False), 1)


def cma_es(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """Optuna's CMA-ES, told after every trial; choices and conditional numbers are drawn at random."""
    return OptunaStudy(space, optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False), 1)


def mle_hyperopt(space: Space, seed: int, trials: int, batch: int) -> Contender:
    """mle-hyperopt's refinement of ranges after every round."""
    from contenders.mle_refinement import MleRefinement

    return MleRefinement(space, seed, trials, batch)


CONTENDERS: dict[str, Callable[[Space, int, int, int], Contender]] = {
    OURS: ours,
    "coarse_to_fine_lecture": ours_as_in_the_lecture,
    "random": random,
    "grid": grid,
    "quasi_random": quasi_random,
    "tpe": tpe,
    "gp": gp,
    "cma_es": cma_es,
    "mle_hyperopt": mle_hyperopt,
}
"""Name -> a new search."""

PACKAGES = {"gp": "torch", "cma_es": "cmaes", "mle_hyperopt": "mle_hyperopt"}


def missing_package(name: str) -> str | None:
    """The package that a contender needs and that is not installed."""
    package = PACKAGES.get(name)
    return package if package and find_spec(package) is None else None


__all__ = ["CONTENDERS", "OURS", "Contender", "missing_package"]
