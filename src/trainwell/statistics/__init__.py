"""Statistics on plain arrays: intervals that say how sure a mean or a share is."""

from trainwell.statistics.aggregates import interquartile_mean, optimality_gap, pooled_mean, standard_deviation
from trainwell.statistics.along import Intervals, mean_intervals
from trainwell.statistics.bootstrap import bootstrap_interval
from trainwell.statistics.decisions import PairDecision, decide, needs
from trainwell.statistics.holm import holm
from trainwell.statistics.improvement import (
    improvement_interval,
    paired_improvement,
    paired_improvement_interval,
    probability_of_improvement,
)
from trainwell.statistics.interval import Interval, mean_interval
from trainwell.statistics.median import median_interval
from trainwell.statistics.nemenyi import cliques, critical_difference
from trainwell.statistics.power import detectable, expected_seeds, power
from trainwell.statistics.profiles import performance_profile, score_profile
from trainwell.statistics.proportion import proportion_interval
from trainwell.statistics.ranks import RankTest, average_ranks, rank_test
from trainwell.statistics.sequential import Looks, default_looks
from trainwell.statistics.signflip import sign_flip_interval, sign_flip_p
from trainwell.statistics.target import TimeToTarget, first_reached, time_to_target

__all__ = [
    "Interval",
    "Intervals",
    "Looks",
    "PairDecision",
    "RankTest",
    "TimeToTarget",
    "average_ranks",
    "bootstrap_interval",
    "cliques",
    "critical_difference",
    "decide",
    "default_looks",
    "detectable",
    "expected_seeds",
    "first_reached",
    "holm",
    "improvement_interval",
    "interquartile_mean",
    "mean_interval",
    "mean_intervals",
    "median_interval",
    "needs",
    "optimality_gap",
    "paired_improvement",
    "paired_improvement_interval",
    "performance_profile",
    "pooled_mean",
    "power",
    "probability_of_improvement",
    "proportion_interval",
    "rank_test",
    "score_profile",
    "sign_flip_interval",
    "sign_flip_p",
    "standard_deviation",
    "time_to_target",
]
