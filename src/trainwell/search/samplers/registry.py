"""All samplers by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, TPESampler

from trainwell.core import SearchError, nearest
from trainwell.search.coarse_to_fine.sampler import CoarseToFineSampler
from trainwell.search.samplers.stateless import Active, GridSampler, QuasiRandomSampler, RandomSampler, grid_of
from trainwell.search.study.distributions import Known


@dataclass(frozen=True)
class Request:
    """Arguments for building a sampler, see `make_sampler`."""

    seed: int | None
    distributions: Mapping[str, Known]
    num_trials: int
    trials_per_round: int
    active: Active = dict


@dataclass(frozen=True)
class SamplerKind:
    """How to build one kind of sampler.

    Attributes:
        make: builds the sampler.
        resumable: whether its draws depend only on the seed, the trial's number and completed rounds, so that a resumed
            study has the same trials; else they also depend on earlier draws in the same process.
        packages: further packages that it needs, by their pip names.
    """

    make: Callable[[Request], BaseSampler]
    resumable: bool
    packages: tuple[str, ...] = ()


def _tpe(request: Request) -> BaseSampler:
    # Optuna recommends both settings for batches (`constant_liar` counts running trials as bad); defaults vary.
    return TPESampler(seed=request.seed, multivariate=True, constant_liar=True)


SAMPLERS: Mapping[str, SamplerKind] = {
    "coarse_to_fine": SamplerKind(
        lambda request: CoarseToFineSampler(request.seed, trials_per_round=request.trials_per_round),
        resumable=True,
    ),
    "coarse_to_fine_uniform": SamplerKind(
        lambda request: CoarseToFineSampler(request.seed, trials_per_round=request.trials_per_round, draw="uniform"),
        resumable=True,
    ),
    "random": SamplerKind(lambda request: RandomSampler(request.seed), resumable=True),
    "grid": SamplerKind(
        lambda request: GridSampler(
            grid_of(request.distributions, request.num_trials, request.active), request.seed, request.active
        ),
        resumable=True,
    ),
    "quasi_random": SamplerKind(
        lambda request: QuasiRandomSampler(list(request.distributions), request.seed),
        resumable=True,
    ),
    "tpe": SamplerKind(_tpe, resumable=False),
    "gp": SamplerKind(
        lambda request: GPSampler(seed=request.seed, warn_independent_sampling=False),
        resumable=False,
        packages=("torch",),
    ),
    "cma_es": SamplerKind(
        lambda request: CmaEsSampler(seed=request.seed, warn_independent_sampling=False),
        resumable=False,
        packages=("cmaes",),
    ),
}


def make_sampler(
    name: str,
    seed: int | None = None,
    *,
    distributions: Mapping[str, Known] | None = None,
    num_trials: int = 100,
    trials_per_round: int = 10,
    active: Active = dict,
) -> BaseSampler:
    """Build a sampler by name.

    Args:
        name: one of `SAMPLERS`.
        seed: at least 0; a random one by default.
        distributions: distributions by parameter name; needed by grid and quasi-random search.
        num_trials: expected number of trials; decides how fine a grid is.
        trials_per_round: number of trials per round of coarse to fine.
        active: returns the active parameters of a grid point, see `grid_of`.

    Returns:
        A sampler for any Optuna study with one objective.

    Raises:
        SearchError: the name is unknown, a needed package is not installed, or an argument is not valid.

    Example:
        >>> make_sampler("random", seed=0)
        RandomSampler(seed=0)
        >>> make_sampler("randm")
        Traceback (most recent call last):
        trainwell.core.errors.SearchError: there is no sampler 'randm': did you mean 'random'?
    """
    return check_sampler(name).make(Request(seed, distributions or {}, num_trials, trials_per_round, active))


def check_sampler(name: str) -> SamplerKind:
    """The kind of sampler with this name.

    Raises:
        SearchError: the name is unknown, or a needed package is not installed.
    """
    if name not in SAMPLERS:
        raise SearchError(f"there is no sampler {name!r}: {nearest(name, SAMPLERS)}")
    kind = SAMPLERS[name]
    missing = [package for package in kind.packages if find_spec(package) is None]
    if missing:
        raise SearchError(f"the sampler {name} needs {' and '.join(missing)}: pip install {' '.join(missing)}")
    return kind
