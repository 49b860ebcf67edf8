from .coarse_to_fine.ranges import Extent as Extent, Round as Round
from .coarse_to_fine.sampler import CoarseToFineSampler as CoarseToFineSampler
from .samplers.registry import SAMPLERS as SAMPLERS, check_sampler as check_sampler, make_sampler as make_sampler
from .study.distributions import (
    Numeric as Numeric,
    distributions as distributions,
    from_unit as from_unit,
    to_unit as to_unit,
)
from .study.studies import quiet_optuna as quiet_optuna, without_password as without_password
from .study.trials import Asked as Asked, Curve as Curve, TrialRecord as TrialRecord
from .tuning.plan import (
    MOST as MOST,
    Halving as Halving,
    JudgedBy as JudgedBy,
    Plan as Plan,
    Rounds as Rounds,
    Sampler as Sampler,
    SamplerSeed as SamplerSeed,
)
from .tuning.progress import SearchProgress as SearchProgress, Watcher as Watcher
from .tuning.refit import distinct as distinct, refit as refit
from .tuning.request import (
    AXES as AXES,
    Request as Request,
    check as check,
    default_space as default_space,
    defined_metric as defined_metric,
    metric_of as metric_of,
    undefined_notices as undefined_notices,
)
from .tuning.result import (
    Candidate as Candidate,
    ConsideredModel as ConsideredModel,
    Importance as Importance,
    SearchResult as SearchResult,
    Seconds as Seconds,
    Tuned as Tuned,
)
from .tuning.shown import (
    best_sentence as best_sentence,
    best_table as best_table,
    candidates_table as candidates_table,
    crowds_at_one as crowds_at_one,
    judged_on as judged_on,
    metric_scale as metric_scale,
    metric_title as metric_title,
    networks_text as networks_text,
    scale_of as scale_of,
    scales_of as scales_of,
    trial_networks as trial_networks,
    trials_chart as trials_chart,
    trials_of as trials_of,
    why_chosen as why_chosen,
)
from .tuning.tune import (
    Job as Job,
    train_batch as train_batch,
    tune as tune,
    tune_checked as tune_checked,
)
