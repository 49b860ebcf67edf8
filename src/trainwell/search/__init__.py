"""Search: spaces to recipes, coarse to fine, from many trials to a trained ensemble."""

from trainwell.search.coarse_to_fine import CoarseToFineSampler, Extent, Round
from trainwell.search.default_space import default_space
from trainwell.search.errors import SearchError
from trainwell.search.halving import Halving
from trainwell.search.plan import Plan
from trainwell.search.result import Candidate, Curve, Importance, Option, SearchResult, Seconds, TrialRecord, Tuned
from trainwell.search.samplers import SAMPLERS, make_sampler
from trainwell.search.tune import tune
from trainwell.search.watching import Watcher

__all__ = [
    "SAMPLERS",
    "Candidate",
    "CoarseToFineSampler",
    "Curve",
    "Extent",
    "Halving",
    "Importance",
    "Option",
    "Plan",
    "Round",
    "SearchError",
    "SearchResult",
    "Seconds",
    "TrialRecord",
    "Tuned",
    "Watcher",
    "default_space",
    "make_sampler",
    "tune",
]
