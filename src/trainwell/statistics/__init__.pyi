from .aggregates import interquartile_mean as interquartile_mean, standard_deviation as standard_deviation
from .bootstrap import bootstrap_interval as bootstrap_interval
from .decisions import PairDecision as PairDecision, decide as decide, holm as holm, needs as needs
from .improvement import (
    improvement_interval as improvement_interval,
    paired_improvement_interval as paired_improvement_interval,
)
from .intervals import (
    Interval as Interval,
    Intervals as Intervals,
    mean_interval as mean_interval,
    mean_intervals as mean_intervals,
    median_interval as median_interval,
    proportion_interval as proportion_interval,
    wilson_ends as wilson_ends,
)
from .profiles import score_profile as score_profile
from .rankings import (
    RankTest as RankTest,
    average_ranks as average_ranks,
    cliques as cliques,
    critical_difference as critical_difference,
    rank_test as rank_test,
)
from .sample_sizes import detectable as detectable, power as power
from .sequential import Looks as Looks, default_looks as default_looks
from .signflip import sign_flip_interval as sign_flip_interval, sign_flip_p as sign_flip_p
from .skewness import FEWEST as FEWEST
from .target import TimeToTarget as TimeToTarget, first_reached as first_reached, time_to_target as time_to_target
