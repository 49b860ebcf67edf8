"""The best recipes trained again with fresh seeds: what they are worth without the luck of the search's seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainwell.core import METRICS
from trainwell.models import TrainedNetwork, network_of
from trainwell.search.tuning.result import Candidate, TrialRecord
from trainwell.search.tuning.setting import Setting
from trainwell.statistics import mean_interval
from trainwell.training import Progress, Trained, train_on


@dataclass(frozen=True, eq=False)
class Refit:
    """Candidates and their networks.

    Attributes:
        candidates: best first.
        networks: of each candidate: per seed that did not diverge, one network per dataset.
        populations: one per dataset.
    """

    candidates: tuple[Candidate, ...]
    networks: tuple[tuple[tuple[TrainedNetwork, ...], ...], ...]
    populations: tuple[Trained, ...]


def distinct(ranked: Sequence[TrialRecord], most: int) -> list[TrialRecord]:
    """The best trials of different recipes, of those that came to their end."""
    chosen: list[TrialRecord] = []
    for trial in (trial for trial in ranked if trial.state == "complete"):
        if len(chosen) < most and trial.recipe not in [one.recipe for one in chosen]:
            chosen.append(trial)
    return chosen


def refit(
    setting: Setting,
    trials: Sequence[TrialRecord],
    seeds: Sequence[int],
    *,
    checkpoints: Path | None = None,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> Refit:
    """Train trials' recipes again, to the end.

    Args:
        setting: of the search.
        trials: of different recipes.
        seeds: fresh ones.
        checkpoints: see `train`.
        progress: see `train`.
        deadline: see `train_problems`.

    Returns:
        The candidates, ordered by their mean score over the fresh seeds.
    """
    populations = train_on(
        setting.datasets,
        [trial.recipe for trial in trials],
        seeds,
        checkpoints=checkpoints,
        progress=progress,
        rules=setting.rules,
        deadline=deadline,
    )
    found = [_candidate(setting, populations, seeds, i, trial) for i, trial in enumerate(trials)]
    order = sorted(range(len(found)), key=lambda i: METRICS[setting.metric].order(found[i][0].score.mean))
    return Refit(tuple(found[i][0] for i in order), tuple(found[i][1] for i in order), tuple(populations))


def _candidate(
    setting: Setting, populations: Sequence[Trained], seeds: Sequence[int], place: int, trial: TrialRecord
) -> tuple[Candidate, tuple[tuple[TrainedNetwork, ...], ...]]:
    members = [place * len(seeds) + seed for seed in range(len(seeds))]
    ends = {"finished", "stopped"}
    whole = [m for m in members if all(trained.statuses[m] in ends for trained in populations)]
    name = f"{setting.metric}/validation"
    scores = [_mean_defined([trained.kept(name)[m] for trained in populations]) for m in whole]
    diverged = sum(any(trained.statuses[m] == "diverged" for trained in populations) for m in members)
    candidate = Candidate(
        trial.number,
        trial.recipe,
        tuple(seeds),
        mean_interval(scores, within=METRICS[setting.metric].within),
        trial.value,
        diverged,
    )
    return candidate, tuple(tuple(network_of(trained, m) for trained in populations) for m in whole)


def _mean_defined(values: Sequence[float]) -> float:
    """The mean over the folds on which the metric is defined; these are the same for all recipes and seeds."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan
