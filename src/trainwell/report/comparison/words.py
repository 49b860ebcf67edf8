"""The sentences of a comparison's page: how it was done, on what terms, by which statistics."""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, isnan

import numpy as np

from trainwell.comparison import (
    Across,
    Comparison,
    Comparisons,
    Pair,
    Terms,
    extra_trials,
    leaders,
    ranks_can_differ,
    skewness_text,
    tuned_fields,
)
from trainwell.core import METRICS, listed, short_text
from trainwell.display import seconds_text
from trainwell.report.comparison.pairs import leading
from trainwell.report.comparison.tables import spread_of_pairs, target_text
from trainwell.report.frame.page import Facts, sentences
from trainwell.statistics import FEWEST
from trainwell.training import Axis, Range

# Of `benchmarks/calibration.py`; see `benchmarks/RESULTS.md`.
SKEWED_MEASURED = (
    "In simulations of equal means, one of them with a lognormal tail, a difference was still declared in 12% of "
    "comparisons in place of 5%; by sign flips alone in 15%."
)
UNSEEN_MEASURED = (
    "No test can allow for failures that did not occur. In simulations of equal means, where one contender failed in "
    "2, 5, 10 or 20% of its runs and was better in the others, a difference was declared in 79, 59, 34 or 12% of "
    "comparisons, nearly always before any failure: such a verdict says how few failures would cancel it."
)


def terms_facts(comparisons: Comparisons) -> Facts:
    """Facts about all data sets: tuning, seeds, looks, error rate."""
    first, terms = comparisons.parts[0], comparisons.parts[0].terms
    asked = "all pairs" if terms.reference is None else f"all differences from {terms.reference}"
    return [
        ("Tuning", tuning_text(terms)),
        ("Seeds", _seeds_text(first)),
        (
            "Error rate",
            f"{100 * terms.error_rate:.3g}% on each data set: the chance of any false difference among {asked}, all "
            "looks included (Holm's correction), and the same for a false “no difference larger than the margin”",
        ),
        (
            "What the tests assume",
            "that the labels of a pair could be swapped if there is no difference. If the differences are skewed "
            "against the better contender, a test that allows for skewness is made, too, the larger p counts, and the "
            "verdict says so. No test can allow for failures that did not occur in these runs; a verdict says how "
            "frequent they would have to be to cancel it",
        ),
        ("Test split", _test_split(comparisons)),
    ]


def _test_split(comparisons: Comparisons) -> str:
    """Whether the test split was used."""
    judged = "all is judged on the validation split, which tuning used, too"
    if any(part.dataset.validates_on_test for part in comparisons.parts):
        return f"none is left where the test set is the validation split, as asked: {judged}"
    return f"not touched: {judged}"


def tuning_text(terms: Terms) -> str:
    """How contenders' hyperparameters were tuned."""
    if not terms.tune:
        return "none: each contender ran as given"
    fields = " and ".join(f"{name} {axis_text(axis)}" for name, axis in terms.tune.items())
    number = min(terms.rounds, terms.trials)
    rounds = (
        f" in {number} round{'s' if number > 1 else ''}, coarse to fine" if terms.sampler == "coarse_to_fine" else ""
    )
    first, *fresh = terms.tuning_seeds
    again = f"the best {terms.candidates}" if terms.candidates > 1 else "the best"
    with_seeds = f"seeds {fresh[0]} to {fresh[-1]}" if len(fresh) > 1 else f"seed {fresh[0]}"
    return (
        f"{fields}: {terms.trials} trials for each contender{rounds}, with seed {first}, all trained to the end; "
        f"{again} trained again with {with_seeds}, and the best mean was chosen; recipes with a diverged run rank "
        "last. If the chosen value had no tried neighbour within 1/12 of the range on one side, extra trials were "
        f"added there, at most {terms.trials} for each contender; one that was among the best was trained again, too, "
        "and a recipe that it replaced is not shown"
    )


def axis_text(axis: Axis) -> str:
    """The range or choices that a field was tuned over."""
    if isinstance(axis, Range):
        log = " on a logarithmic scale" if axis.log else ""
        return f"from {short_text(axis.low)} to {short_text(axis.high)}{log}"
    return f"among {', '.join(map(short_text, axis.labels))}"


def _seeds_text(part: Comparison) -> str:
    terms = part.terms
    same = "the same for all contenders: same initial weights where the shapes are the same, same order of the data"
    if terms.seeds is not None:
        listed = ", ".join(map(str, terms.seeds[:12])) + (" …" if len(terms.seeds) > 12 else "")
        many = "s" if len(terms.seeds) > 1 else ""
        return f"{len(terms.seeds)} seed{many} ({listed}), all of them used; {same}"
    looks = ", ".join(map(str, part.looks))
    return (
        f"from 0 on, none of them used in tuning; {same}. Differences were to be judged after {looks} seeds; a "
        "contender whose pairs are all decided gets no more"
    )


def part_facts(part: Comparison) -> Facts:
    """Facts about one data set: margin, diverged runs, power, target, why it ended, where the time went."""
    metric, terms = METRICS[part.metric], part.terms
    given = "" if terms.margin is not None else f", by default {metric.margin_source(is_tuned=any(part.tunings))}"
    further = {label: len(own.extra) for label, own in zip(part.labels, part.tunings, strict=True) if own}
    why = "given" if terms.target_score is not None else "the median of the contenders' tuned scores"
    if terms.target_score is None and not terms.tune:
        why = "the median of the contenders' scores with the seeds of the first look"
    tuning = f"{seconds_text(part.seconds.tuning)} tuning, " if terms.tune else ""
    seeds = f"{seconds_text(part.seconds.seeds)} training {len(part.runs)} networks with the seeds"
    return [
        ("Compared by", f"{metric.validation} of the weights that were kept"),
        ("Margin", f"{metric.margin_text(part.margin)}{given}: differences below it do not matter"),
        ("A diverged run counts as", _lost_text(part)),
        *([("Extra trials in tuning", f"{extra_trials(further)}: see Tuning")] if any(further.values()) else []),
        ("Ended", _ending(part)),
        ("Power", _power(part)),
        ("Target score", f"{metric.validation} of {target_text(part)}: {why}"),
        ("Time", f"{tuning}{seeds}"),
    ]


def _lost_text(part: Comparison) -> str:
    """How diverged runs count."""
    metric = METRICS[part.metric]
    guess = f"{metric.amount(part.guessing_score)}{metric.percent}"
    return f"guessing, {guess}, or as the worst finished run with the same seed where that is worse"


def _ending(part: Comparison) -> str:
    most = max(summary.n for summary in part.summaries)
    left = sum(pair.decision.open for pair in part.pairs)
    seeds = f"{most} seed{'s' if most > 1 else ''}"
    pairs = f"{left} of {len(part.pairs)} pair{'s' if len(part.pairs) > 1 else ''} undecided"
    if not left:
        return f"after {seeds}: every pair was decided"
    given = "all that were given" if part.terms.seeds is not None else "the maximum"
    why = "at the time limit" if part.stopped_by == "time" else given
    return f"after {seeds}, {why}; {pairs}"


def _power(part: Comparison) -> str:
    effect, spread = part.detectable_sds, spread_of_pairs(part)
    if not isfinite(effect):
        return "too few seeds to detect any difference with 80% probability"
    metric, size = METRICS[part.metric], effect * spread
    here = "" if isnan(spread) or spread == 0 else f" (here about {metric.difference(size, size)})"
    return (
        f"with these seeds a true difference of {effect:.2f} standard deviations of the paired differences{here} is "
        "detected with 80% probability"
    )


def ranking_notes(part: Comparison) -> list[str]:
    """Notes on reading the ranking."""
    counts, reference = {summary.n for summary in part.summaries}, part.terms.reference
    named = list(zip(part.labels, part.summaries, part.tunings, strict=True))
    lost = [f"{label} ({one.diverged} of {one.n})" for label, one, _ in named if one.diverged]
    doubts = [f"{label}'s {doubt}" for label, _, own in named if own for doubt in own.doubts]
    why = "no other contender was shown to be better" if reference is None else f"shown to be better than {reference}"
    return sentences(
        (
            max(counts) > 1,
            "Means over seeds with 95% Student t intervals, interquartile means with 95% bootstrap intervals. They are "
            "each contender's own: overlapping ones may still differ significantly, since pairs share their seeds.",
        ),
        (1 in counts, "One seed says nothing about chance: it has no interval, and decides nothing."),
        (
            len(counts) > 1,
            "A contender got no more seeds once its pairs were all decided, so the numbers of seeds differ.",
        ),
        (lost, f"Diverged runs count as {_lost_text(part)}: {', '.join(lost)}."),
        (doubts, f"Tuning may not have found the best: {'; '.join(doubts)}."),
        (leaders(part), f"Highlighted: {why}."),
    )


def brief(part: Comparison) -> Comparison:
    """The comparison with verdicts that leave out how the two were tuned, where that is the same for all contenders."""
    if not _tuned_alike(part):
        return part
    return replace(part, pairs=tuple(replace(pair, words=pair.brief) for pair in part.pairs))


def _tuned_alike(part: Comparison) -> bool:
    """Whether the same fields of all contenders were tuned over as many values, or all ran as given."""
    return len({own and (tuple(own.search.space.axes), len(own.trials)) for own in part.tunings}) == 1


def tuned_words(part: Comparison) -> str:
    """How all contenders were tuned, in a sentence; empty where verdicts say it, or all ran as given (said on top)."""
    first = part.tunings[0]
    if first is None or not _tuned_alike(part):
        return ""
    names = [name.replace("_", " ") for name in tuned_fields(part)]
    were = f"{listed(names)} {'was' if len(names) == 1 else 'were'} tuned"
    return f"Each contender's {were} over {len(first.trials)} values."


def verdict_notes(part: Comparison) -> list[str]:
    """Notes on verdicts: what they are about, and how far their error rate holds for these differences."""
    skewed = [pair for pair in part.pairs if pair.decision.method == "skewed"]
    return sentences(
        (
            any(part.tunings),
            f"{tuned_words(part)} A verdict is about the recipes that tuning ended with: the luck of the tuning is not "
            "in its interval. Other trials might have ended with other recipes.".strip(),
        ),
        (
            skewed,
            f"Skewed against the better contender: {_named(part, skewed, skewness=True)}. There p is the larger one "
            f"of the sign-flip test and of Hall's t test, and the interval is Hall's. {SKEWED_MEASURED}",
        ),
        (not skewed, _symmetric(part)),
        (any(isfinite(pair.cancelling_failure_rate) for pair in part.pairs), UNSEEN_MEASURED),
    )


def _symmetric(part: Comparison) -> str:
    """The skewness where no differences are clearly skewed against the better contender; empty with too few seeds."""
    known = [p.decision.skewness for p in part.pairs if isfinite(p.decision.skewness) and p.decision.n >= FEWEST]
    if not known:
        return ""
    ends = " to ".join(dict.fromkeys(map(skewness_text, (min(known), max(known)))))
    return (
        "No pair's differences have a significantly longer tail against the better contender (skewness "
        f"{ends}), so skewness does not raise the error rate above {100 * part.terms.error_rate:.3g}%."
    )


def matrix_head(part: Comparison) -> str:
    """Heading of the square of pairs: what its numbers mean."""
    metric = METRICS[part.metric]
    what = (
        f"points of {metric.validation}" if metric.is_share else f"how much {metric.better} its {metric.validation} is"
    )
    return f"The row's advantage over the column with the same seeds: {what}, positive where the row is better"


def pair_notes(part: Comparison) -> list[str]:
    """Notes on reading differences."""
    sure = f"{100 * (1 - part.terms.error_rate):.3g}%"
    early = [pair for pair in part.pairs if pair.decision.differs and pair.decision.n < part.looks[-1]]
    return sentences(
        (
            True,
            f"Intervals of differences are {sure} for their own pair, at all looks together. A difference counts where "
            "its p over all looks and pairs is at most the error rate and its interval leaves out 0; with many pairs, "
            "an interval without 0 alone does not decide. Two contenders are within the margin where the p of "
            "equivalence is at most the error rate and the whole interval lies within the margin.",
        ),
        (
            True,
            "The result of a decided pair stays as it was at that look (column Seeds), although its contenders may "
            "have been trained with more seeds for other pairs.",
        ),
        (
            early,
            f"Declared at an early look: {_named(part, early)}. Such differences are too large on average (in "
            "simulations a true one of 0.4 standard deviations was estimated as 0.64), but the interval contained the "
            "true value in 98% of cases.",
        ),
        (
            any(pair.decision.method == "t" and pair.decision.n > 1 for pair in part.pairs),
            "With so few seeds an interval is Student's, which assumes normal differences, and is not used for a "
            "verdict.",
        ),
    )


def _named(part: Comparison, pairs: Sequence[Pair], *, skewness: bool = False) -> str:
    """Pairs, the one with the better mean first; with the skewness of the differences where that is asked for."""
    found = []
    for pair in pairs:
        one = leading(part, pair)
        more = f" (skewness {skewness_text(-abs(pair.decision.skewness))}, {pair.decision.n} seeds)" if skewness else ""
        found.append(f"{part.labels[one.ahead]} over {part.labels[one.behind]}{more}")
    return ", ".join(found)


def time_notes(part: Comparison) -> list[str]:
    """Notes on reading times."""
    return [
        f"The target score is a {METRICS[part.metric].validation} of {target_text(part)}. "
        "A run that never reaches it counts as longer than any.",
        "Time per network is the training time of one network without compiling; where several share a core or "
        "accelerator, the time is divided among them. It depends on what else the machine does.",
    ]


def sensitivity_caption(part: Comparison) -> str:
    """Caption of the chart of tuned numbers."""
    names = " and ".join(part.terms.tune) if len(part.terms.tune) < 3 else "each tuned number"
    return f"{METRICS[part.metric].head} against {names}"


def across_notes(comparisons: Comparisons) -> list[str]:
    """Notes on reading the section about all data sets."""
    across, labels = comparisons.across, comparisons.parts[0].labels
    assert across is not None  # there is such a section for several data sets only
    p, difference = across.ranks.friedman_p, across.ranks.critical_difference
    few = "With so few data sets no difference between mean ranks can be significant."
    enough = f"Mean ranks that differ by at least {difference:.2f} differ significantly (Nemenyi test)."
    return sentences(
        (
            not isnan(p),
            f"Friedman's test of {len(labels)} contenders on {len(comparisons.parts)} data sets: p = {p:.3g}.",
        ),
        (True, enough if ranks_can_differ(across) else few),
        (
            True,
            "Normalised scores run from 0 (guessing) to 1 (the mean of the best contender on that data set). Their "
            "intervals say how much other seeds would matter, not other data sets.",
        ),
    )


def improvement_notes(across: Across) -> list[str]:
    """Explains a chance of improvement of exactly 0 or 100%."""
    sure = (across.improvement_low == across.improvement_high) & np.isin(across.improvement, (0.0, 1.0))
    return sentences(
        (
            sure.any(),
            "A chance of 100% [100%, 100%], or of 0%, says that all runs of one were better than all of the other: "
            "drawing the same runs again cannot show more, and more seeds might.",
        )
    )


def methods(comparisons: Comparisons) -> tuple[tuple[str, str, str], ...]:
    """The statistics of the page: a name, what it does here, and where it comes from."""
    return _METHODS if comparisons.across is None else (*_METHODS, *_ACROSS)


_METHODS = (
    (
        "Difference of a pair",
        "Sign-flip permutation test of the differences with the same seeds, two-sided, all patterns of signs or very "
        "many; its interval holds the differences that the test would not reject, at all looks together.",
        "Fisher (1935), The design of experiments; Jennison and Turnbull (2000), Group sequential methods, chapter 9",
    ),
    (
        "Skewed differences",
        "Skewness by D'Agostino's test, one-sided at 5%; where it is found, Hall's transformation of t beside the "
        "sign-flip test: the larger p counts.",
        "D'Agostino (1970), Biometrika 57; Hall (1992), Journal of the Royal Statistical Society B 54",
    ),
    (
        "Looks",
        "Significance levels of a group-sequential test; the share of the error rate that is spent at a look is the "
        "share of seeds by then.",
        "Kim and DeMets (1987), Biometrika 74",
    ),
    (
        "Many pairs",
        "Holm's correction over all pairs asked about, decided ones included.",
        "Holm (1979), Scandinavian Journal of Statistics 6; Ye, Li, Liu and Yao (2013), Statistics in Medicine 32",
    ),
    (
        "No difference larger than the margin",
        "Two one-sided tests, of the same kind and at the same looks.",
        "Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15",
    ),
    (
        "Mean",
        "Student t interval over seeds.",
        "Student (1908), Biometrika 6",
    ),
    (
        "Interquartile mean",
        "Mean of the middle half of the runs with a percentile bootstrap interval; with fewer than about ten runs such "
        "an interval is too narrow.",
        "Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice",
    ),
    (
        "Better with the same seed, runs that reached the target",
        "Shares of runs, ties half, with Wilson's score interval.",
        "Wilson (1927), Journal of the American Statistical Association 22",
    ),
    (
        "Time to the target",
        "Median over all runs, those that never reach it counting as longer than any, with a distribution-free "
        "interval whose ends are two of the times; it needs at least six runs.",
        "Thompson (1936), Annals of Mathematical Statistics 7",
    ),
)
_ACROSS = (
    (
        "Ranks over data sets",
        "Friedman's test of all contenders and Nemenyi's critical difference of mean ranks. Data sets are the sample: "
        "few of them find little.",
        "Demšar (2006), Journal of Machine Learning Research 7",
    ),
    (
        "Normalised scores, chance of improvement, profiles",
        "Results from 0 for guessing to 1 for the best contender's mean, each data set with the same weight in the "
        "chance of improvement and in profiles; bootstrap intervals draw seeds within each data set, not data sets.",
        "Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice",
    ),
)
