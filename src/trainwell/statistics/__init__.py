"""Statistics on plain arrays: intervals that say how sure a mean or a share is."""

from trainwell.statistics.along import Intervals, mean_intervals
from trainwell.statistics.interval import Interval, mean_interval
from trainwell.statistics.proportion import proportion_interval

__all__ = ["Interval", "Intervals", "mean_interval", "mean_intervals", "proportion_interval"]
