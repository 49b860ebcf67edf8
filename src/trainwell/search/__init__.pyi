from .asking import distributions as distributions
from .coarse_to_fine import CoarseToFineSampler as CoarseToFineSampler
from .errors import SearchError as SearchError
from .extent import Extent as Extent, Round as Round
from .halving import Halving as Halving
from .job import Job as Job, check as check
from .outcomes import train_batch as train_batch
from .plan import MOST as MOST, Plan as Plan
from .refitting import distinct as distinct, refit as refit
from .result import (
    Candidate as Candidate,
    Curve as Curve,
    Importance as Importance,
    Option as Option,
    SearchResult as SearchResult,
    Seconds as Seconds,
    TrialRecord as TrialRecord,
    Tuned as Tuned,
)
from .samplers import SAMPLERS as SAMPLERS, check_sampler as check_sampler, make_sampler as make_sampler
from .scale import Numeric as Numeric, from_unit as from_unit, to_unit as to_unit
from .setting import (
    Metric as Metric,
    defined_metric as defined_metric,
    metric_of as metric_of,
    undefined_notices as undefined_notices,
)
from .storages import without_password as without_password
from .tuning import tune as tune
from .usual_space import AXES as AXES, default_space as default_space
from .watching import Watcher as Watcher
