from .coarse_to_fine.extent import Extent as Extent, Round as Round
from .coarse_to_fine.sampler import CoarseToFineSampler as CoarseToFineSampler
from .errors import SearchError as SearchError
from .samplers.registry import SAMPLERS as SAMPLERS, check_sampler as check_sampler, make_sampler as make_sampler
from .samplers.scale import Numeric as Numeric, from_unit as from_unit, to_unit as to_unit
from .study.asking import distributions as distributions
from .study.storages import without_password as without_password
from .tuning.halving import Halving as Halving
from .tuning.job import Job as Job, check as check
from .tuning.outcomes import train_batch as train_batch
from .tuning.plan import (
    MOST as MOST,
    JudgedBy as JudgedBy,
    Plan as Plan,
    Rounds as Rounds,
    Sampler as Sampler,
    SamplerSeed as SamplerSeed,
)
from .tuning.refitting import distinct as distinct, refit as refit
from .tuning.result import (
    Candidate as Candidate,
    Curve as Curve,
    Importance as Importance,
    Option as Option,
    SearchResult as SearchResult,
    Seconds as Seconds,
    TrialRecord as TrialRecord,
    Tuned as Tuned,
)
from .tuning.setting import (
    defined_metric as defined_metric,
    metric_of as metric_of,
    undefined_notices as undefined_notices,
)
from .tuning.tune import tune as tune
from .tuning.usual_space import AXES as AXES, default_space as default_space
from .tuning.watching import Watcher as Watcher
