"""What a study is of, as JSON values: who asks for something else must not join it."""

from typing import Any

from trainwell.search.tuning.halving import Halving
from trainwell.search.tuning.setting import Setting
from trainwell.training import Space


def request_of(
    setting: Setting, space: Space, sampler: str, seed: int, trials_per_round: int, fingerprint: str, precision: str
) -> dict[str, Any]:
    """All that a trial's result and place depend on."""
    halving: Halving | None = setting.halving
    return {
        "data": fingerprint,
        "space": space.to_json(),
        "metric": setting.metric,
        "folds": len(setting.datasets),
        "seeds": list(setting.seeds),
        "halving": None if halving is None else [halving.reduction, halving.rungs],
        "sampler": sampler,
        "seed": seed,
        "trials per round": trials_per_round,
        "precision": precision,
    }
