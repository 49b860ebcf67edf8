"""From scores to verdicts: summaries of contenders, tests of pairs, ranks over several data sets."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations, permutations

import numpy as np
from jaxtyping import Float

from trainwell.comparison.result import Across, Comparison, Pair, Summary
from trainwell.comparison.tuning import axes_for
from trainwell.comparison.words import verdict
from trainwell.core import METRICS, MetricName, RecipeError, listed, nearest
from trainwell.statistics import (
    Looks,
    PairDecision,
    bootstrap_interval,
    detectable,
    first_reached,
    improvement_interval,
    mean_interval,
    paired_improvement_interval,
    rank_test,
    score_profile,
    standard_deviation,
    time_to_target,
)
from trainwell.training import Axis, Contender, Runs

POWER = 0.8
UNSEEN = 0.05  # a failure rate is ruled out if the chance to see no failure at this rate is below 5%


def pairs_asked(contenders: Sequence[Contender], reference: str | None) -> list[tuple[int, int]]:
    """The pairs to compare, as indices: all pairs, or only those with the reference.

    Raises:
        RecipeError: no contender has the reference's label.
    """
    labels = [contender.label for contender in contenders]
    if reference is None:
        return list(combinations(range(len(labels)), 2))
    if reference not in labels:
        raise RecipeError(f"the reference '{reference}' is not a contender: {nearest(reference, labels)}")
    at = labels.index(reference)
    return [(at, k) for k in range(len(labels)) if k != at]


def summaries(runs: Runs, values: Float[np.ndarray, "K S"], metric: MetricName, target: float) -> tuple[Summary, ...]:
    """Summarise the scores of each contender.

    Args:
        runs: all runs, contender by contender.
        values: score of each contender with each seed; NaN where it was not run.
        metric: the metric that is compared.
        target: time to target is measured up to the first observation at least as good as this score.
    """
    observed = runs.trace[f"{metric}/validation"]
    within, better = METRICS[metric].within, METRICS[metric].larger_is_better
    lost = np.array(runs.statuses) == "diverged"
    observed = np.where(lost[:, None], np.nan, observed)  # a run that diverges later does not count as reaching it
    steps = first_reached(
        observed, np.where(runs.trace.steps >= 0, runs.trace.steps, np.inf), target, larger_is_better=better
    )
    epochs = first_reached(observed, np.nan_to_num(runs.trace.epochs, nan=np.inf), target, larger_is_better=better)
    found = []
    for k, group in enumerate(runs.by_recipe()):
        own = values[k][np.isfinite(values[k])]
        to_target = time_to_target(steps[group])
        found.append(
            Summary(
                own,
                sum(runs.statuses[m] == "diverged" for m in group),
                mean_interval(own, within=within),
                standard_deviation(own),
                bootstrap_interval(own, within=within),
                to_target.share,
                to_target.median,
                time_to_target(epochs[group]).median,
                float(np.median([runs.seconds[m] for m in group])),
            )
        )
    return tuple(found)


def verdicts(part: Comparison, decisions: Sequence[PairDecision], values: Float[np.ndarray, "K S"]) -> tuple[Pair, ...]:
    """Turn test decisions into verdicts with sentences.

    Args:
        part: the comparison, its `pairs` still empty.
        decisions: one per compared pair.
        values: score of each contender with each seed; NaN where it was not run.
    """
    metric, labels, sign = METRICS[part.metric], part.labels, part.sign
    found = []
    for decision in decisions:
        both = (decision.first, decision.second)
        first, second = (values[k, : decision.n] for k in both)
        leads = decision.first if sign * decision.difference > 0 else decision.second
        # Better tuning of the worse contender could undo the verdict; of the better one it would only confirm it.
        doubtful = [k for k in both if k != leads or not decision.differs]
        doubts = tuple(f"{labels[k]}'s {doubt}" for k in doubtful if (own := part.tunings[k]) for doubt in own.doubts)
        rate = cancelling_failure_rate(
            decision, sign * float(np.mean(values[leads, : decision.n])), sign * part.guessing_score
        )
        words = partial(
            verdict,
            decision,
            (labels[decision.first], labels[decision.second]),
            metric,
            part.margin,
            wins=(float(np.mean(sign * (first - second) > 0)), float(np.mean(sign * (second - first) > 0))),
            diverged=(part.summaries[decision.first].diverged, part.summaries[decision.second].diverged),
            detectable=part.detectable_sds * standard_deviation(first - second),
            num_pairs=len(decisions),
            doubts=doubts,
            cancelling_failure_rate=rate,
        )
        improvement = paired_improvement_interval(first, second, larger_is_better=metric.larger_is_better)
        found.append(
            Pair(
                decision,
                improvement,
                leads if decision.differs else None,
                words(how=_how(part, both)),
                words(how=""),
                doubts,
                rate,
            )
        )
    return tuple(found)


def cancelling_failure_rate(decision: PairDecision, ahead: float, guess: float) -> float:
    """The failure rate of the better contender that would make the mean difference 0 but could stay unobserved.

    Args:
        decision: the test.
        ahead: mean score of the better contender; for a loss its negative, so that larger is better.
        guess: score of a failed run (the same sign convention), unless the worst finished run with its seed is worse.

    Returns:
        The rate, see `Pair.cancelling_failure_rate`; NaN if the pair does not differ, if the better contender is no
        better than guessing, or if so many failures would have been seen with this number of seeds.
    """
    lost = ahead - guess
    share = abs(decision.difference) / lost if lost > 0 else float("inf")
    return share if decision.differs and share < 1 and (1 - share) ** decision.n > UNSEEN else float("nan")


def reached_looks(looks: Looks, seeds: int) -> Looks:
    """The looks that took place: a time limit can end a comparison before the last planned one."""
    reached = tuple(n for n in looks.seeds if n <= seeds)
    return Looks(reached, looks.error_rate, looks.spending, looks.most or looks.seeds[-1])


def detectable_effect(looks: Looks, num_pairs: int) -> float:
    """The difference detected with 80% power by the last look, in standard deviations of paired differences."""
    return detectable(looks, POWER, level=looks.error_rate / max(num_pairs, 1))


def _how(part: Comparison, both: tuple[int, int]) -> str:
    """How two contenders were tuned, as the part of their verdict that says so."""
    axes = {part.labels[k]: axes_for(part.contenders[k], part.contenders, part.terms) for k in both}
    return how_tuned(axes, [len(own.trials) if (own := part.tunings[k]) else 0 for k in both])


def how_tuned(axes: Mapping[str, Mapping[str, Axis]], trials: Sequence[int]) -> str:
    """How the contenders were tuned, as part of a sentence.

    Args:
        axes: the tuned fields of each contender, by label.
        trials: number of trials of each contender.

    Example:
        >>> from trainwell.training import Range
        >>> rate = {"learning_rate": Range(1e-4, 1, log=True)}
        >>> how_tuned({"a": rate, "b": rate}, [24, 24]), how_tuned({"a": rate, "b": {}}, [24, 0])
        ('each learning rate tuned over 24 values', "a's learning rate tuned over 24 values, b run as given")
        >>> how_tuned({"a": rate, "b": rate}, [24, 26])
        "a's learning rate tuned over 24 values, b's over 26"
    """
    names = {label: listed([name.replace("_", " ") for name in own]) for label, own in axes.items()}
    if not any(names.values()):
        return "run as given"
    if len({*zip(names.values(), trials, strict=True)}) == 1:
        return f"each {next(iter(names.values()))} tuned over {trials[0]} values"
    if len(set(names.values())) == 1:
        (first, own), *others = names.items()
        rest = (f"{label}'s over {count}" for (label, _), count in zip(others, trials[1:], strict=True))
        return ", ".join([f"{first}'s {own} tuned over {trials[0]} values", *rest])
    return ", ".join(
        f"{label}'s {own} tuned over {count} values" if own else f"{label} run as given"
        for (label, own), count in zip(names.items(), trials, strict=True)
    )


THRESHOLDS = np.linspace(0.0, 1.05, 106)


def across(parts: Sequence[Comparison]) -> Across | None:
    """Ranks, improvements and score profiles over several data sets; None for a single data set.

    Scores are normalised per data set: 0 is guessing, 1 the mean of the best contender. Bootstrap resamples are drawn
    within each data set, so intervals cover other seeds, not other data sets.

    Args:
        parts: comparisons of the same contenders, one per data set.

    Source: Agarwal et al. 2021 (stratified bootstrap, probability of improvement, score profiles).
    """
    if len(parts) < 2:
        return None
    error_rate = parts[0].terms.error_rate
    confidence = 1 - error_rate
    K = len(parts[0].contenders)
    scores = [normalised(part) for part in parts]
    of = [[on[k] for on in scores] for k in range(K)]
    means = np.array([[part.sign * summary.mean.mean for summary in part.summaries] for part in parts])
    improvement, low, high = (np.full((K, K), np.nan) for _ in range(3))
    for i, j in permutations(range(K), 2):
        if i > j:  # P(j better than i) = 1 - P(i better than j), ties counted half
            improvement[i, j], low[i, j], high[i, j] = 1 - improvement[j, i], 1 - high[j, i], 1 - low[j, i]
        else:
            found = improvement_interval(of[i], of[j], confidence=confidence)
            improvement[i, j], low[i, j], high[i, j] = found.mean, found.low, found.high
    profiles = [score_profile(runs, THRESHOLDS, confidence=confidence) for runs in of]
    return Across(
        rank_test(means, error_rate=error_rate),
        improvement,
        low,
        high,
        tuple(tuple(runs) for runs in of),
        tuple(bootstrap_interval(runs, confidence=confidence) for runs in of),
        THRESHOLDS,
        np.array([one.mean for one in profiles]),
        np.array([one.low for one in profiles]),
        np.array([one.high for one in profiles]),
    )


def normalised(part: Comparison) -> list[Float[np.ndarray, " n"]]:
    """The scores of each contender, scaled so that 0 is guessing and 1 is the mean of the best contender.

    All are 0 if no contender is better than guessing.
    """
    best = part.summaries[part.ranking()[0]].mean.mean
    span = part.sign * (best - part.guessing_score)
    if not span > 0:
        return [np.zeros(summary.n) for summary in part.summaries]
    return [part.sign * (summary.values - part.guessing_score) / span for summary in part.summaries]
