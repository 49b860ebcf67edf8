"""How much each axis matters for the metric."""

from collections.abc import Sequence

import optuna

from trainwell.search.asking import distributions, labels_of
from trainwell.search.result import TrialRecord
from trainwell.training import Space

FEWEST = 10  # trials; of fewer a quantile says nothing


def importance_of(ranked: Sequence[TrialRecord], space: Space) -> dict[str, float]:
    """Each axis's share of what tells the good trials from all, largest first; they sum to 1.

    Computed on the trials' order, not their values: so poor and pruned trials, which were not trained to the end,
    count by where they stand. Conditional axes are compared among the trials that have them.

    Args:
        ranked: trials, best first.
        space: what was searched.

    Returns:
        By name; empty with fewer than 10 trials.

    Source: Watanabe et al., "PED-ANOVA", IJCAI 2023, in Optuna's implementation.
    """
    if len(ranked) < FEWEST:
        return {}
    if len(space.axes) == 1:
        return dict.fromkeys(space.axes, 1.0)
    from optuna.importance import get_param_importances  # brings scikit-learn's forests in

    study = optuna.create_study(direction="minimize")
    known = distributions(space)
    for place, trial in enumerate(ranked):
        params = labels_of(trial.values, space)
        own = {name: known[name] for name in params}
        study.add_trial(optuna.create_trial(params=params, distributions=own, value=float(place)))
    return dict(get_param_importances(study))
