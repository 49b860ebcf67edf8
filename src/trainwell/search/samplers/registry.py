"""The ways to search, by name."""

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
    """What a sampler is made for."""

    seed: int | None
    distributions: Mapping[str, Known]
    num_trials: int
    trials_per_round: int
    active: Active = dict


@dataclass(frozen=True)
class SamplerKind:
    """A way to search.

    Attributes:
        make: builds it.
        resumable: its draws follow from the seed, the trial's number and completed rounds, so that a resumed study
            tries the same; else they also depend on what was drawn in this process before.
        packages: what must be installed beside trainwell, as pip names it.
    """

    make: Callable[[Request], BaseSampler]
    resumable: bool
    packages: tuple[str, ...] = ()


def _tpe(request: Request) -> BaseSampler:
    # Joint, and trials under way count as bad, as Optuna advises for batches; both are defaults of some versions only.
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
        seed: at least 0; a fresh one by default.
        distributions: what will be searched, by parameter; grid and quasi-random search need it.
        num_trials: how many there will be; decides how fine the grid is.
        trials_per_round: of coarse to fine.
        active: what of a point of a grid has an effect, see `grid_of`.

    Returns:
        A sampler for any Optuna study with one objective.

    Raises:
        SearchError: if there is no such sampler, it needs a package that is not installed, or a setting does not fit.

    Example:
        >>> make_sampler("random", seed=0)
        RandomSampler(seed=0)
        >>> make_sampler("randm")
        Traceback (most recent call last):
        trainwell.core.errors.SearchError: there is no sampler 'randm': did you mean 'random'?
    """
    return check_sampler(name).make(Request(seed, distributions or {}, num_trials, trials_per_round, active))


def check_sampler(name: str) -> SamplerKind:
    """The kind of sampler of this name.

    Raises:
        SearchError: there is none, or it needs a package that is not installed.
    """
    if name not in SAMPLERS:
        raise SearchError(f"there is no sampler {name!r}: {nearest(name, SAMPLERS)}")
    kind = SAMPLERS[name]
    missing = [package for package in kind.packages if find_spec(package) is None]
    if missing:
        raise SearchError(f"the sampler {name} needs {' and '.join(missing)}: pip install {' '.join(missing)}")
    return kind
