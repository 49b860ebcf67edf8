"""The statistics of a comparison's page, with their sources."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainwell.comparison import Comparisons


@dataclass(frozen=True)
class Method:
    """A statistical method: its name, what it does here, and where it comes from."""

    name: str
    text: str
    source: str


def methods(comparisons: Comparisons) -> Sequence[Method]:
    """The statistics of the page, with their sources."""
    found = [*_METHODS]
    if comparisons.across is not None:
        found += _ACROSS
    return found


_METHODS = (
    Method(
        "Difference of a pair",
        "Sign-flip permutation test of the differences with the same seeds, two-sided, all patterns of signs or very "
        "many; its interval holds the differences that the test would not reject, at all looks together.",
        "Fisher (1935), The design of experiments; Jennison and Turnbull (2000), Group sequential methods, chapter 9",
    ),
    Method(
        "Skewed differences",
        "Skewness by D'Agostino's test, one-sided at 5%; where it is found, Hall's transformation of t beside the "
        "sign-flip test: the larger p counts.",
        "D'Agostino (1970), Biometrika 57; Hall (1992), Journal of the Royal Statistical Society B 54",
    ),
    Method(
        "Looks",
        "Levels of a group-sequential plan, whose error rate is used up in proportion to the seeds.",
        "Kim and DeMets (1987), Biometrika 74",
    ),
    Method(
        "Many pairs",
        "Holm's correction over all pairs asked about, decided ones included.",
        "Holm (1979), Scandinavian Journal of Statistics 6; Ye, Li, Liu and Yao (2013), Statistics in Medicine 32",
    ),
    Method(
        "No difference larger than the margin",
        "Two one-sided tests, of the same kind and at the same looks.",
        "Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15",
    ),
    Method(
        "Mean",
        "Student t interval over seeds.",
        "Student (1908), Biometrika 6",
    ),
    Method(
        "Interquartile mean",
        "Mean of the middle half of the runs with a percentile bootstrap interval; with fewer than about ten runs such "
        "an interval is too narrow.",
        "Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice",
    ),
    Method(
        "Better with the same seed, runs that reached the target",
        "Shares of runs, ties half, with Wilson's score interval.",
        "Wilson (1927), Journal of the American Statistical Association 22",
    ),
    Method(
        "Time to the target",
        "Median over all runs, those that never reach it counting as longer than any, with the interval between two of "
        "them that holds whatever the distribution; it takes six runs.",
        "Thompson (1936), Annals of Mathematical Statistics 7",
    ),
)
_ACROSS = (
    Method(
        "Ranks over data sets",
        "Friedman's test of all contenders and Nemenyi's critical difference of mean ranks. Data sets are the sample: "
        "few of them find little.",
        "Demšar (2006), Journal of Machine Learning Research 7",
    ),
    Method(
        "Normalised scores, chance of improvement, profiles",
        "Results from 0 for guessing to 1 for the best contender's mean, each data set with the same weight in the "
        "chance of improvement and in profiles; bootstrap intervals draw seeds within each data set, not data sets.",
        "Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice",
    ),
)
