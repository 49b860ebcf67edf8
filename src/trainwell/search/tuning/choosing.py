"""The model: the best network, an average, or a greedy selection of all that were trained, chosen on validation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from trainwell.core import MetricName
from trainwell.models import Model, TrainedNetwork, choose_ensemble
from trainwell.search.tuning.pool import Pool
from trainwell.search.tuning.refitting import Refit
from trainwell.search.tuning.result import Option

WITHIN = 1.0  # standard errors: of averages that validation cannot tell apart, the widest does best on new rows
MOST = 25  # networks in an ensemble, repetitions counted: more hardly help, and every one costs at prediction

Group = tuple[TrainedNetwork, ...]
"""Networks of one recipe and seed, one per dataset."""


def choose(
    pool: Pool, metric: MetricName, refit: Refit | None, searched: Mapping[int, Sequence[Group]]
) -> tuple[tuple[Option, ...], Model | None]:
    """Choose on validation what the model is made of.

    Args:
        pool: what it is judged on.
        metric: by which.
        refit: the best recipes trained again; their networks come first, best recipe first.
        searched: networks of the search's own trials, by trial.

    Returns:
        What was considered, and the model; none if no network came to its end.
    """
    again = [group for groups in refit.networks for group in groups] if refit else []
    groups = [*again, *(group for number in sorted(searched) for group in searched[number])]
    if not groups:
        return (), None
    outputs = np.stack([pool.outputs(group) for group in groups])
    choice = choose_ensemble(
        outputs,
        pool.targets,
        pool.weights,
        task=pool.dataset.task,
        metric=metric,
        order=range(len(again)) if again else None,
        most=MOST,
        standard_errors=WITHIN,
    )
    options = tuple(
        Option(one.name, len(set(one.ensemble.members)) * len(pool.datasets), one.ensemble.score, one.chosen)
        for one in choice.considered
    )
    members = choice.ensemble.members
    metrics = {f"{metric}/validation": choice.ensemble.score, "loss/validation": choice.ensemble.loss}
    model = Model.of_networks(pool.dataset, [network for member in members for network in groups[member]], metrics)
    notes = {"networks_of": "recipe and seed, one per fold" if pool.folds else "recipe and seed"}
    return options, replace(model, notes={**model.notes, **notes})
