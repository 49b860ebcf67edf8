"""A small search that several tests run, and what came of searches, to be compared bit for bit."""

from typing import Any

import numpy as np

from trainwell.models import TrainedNetwork
from trainwell.search import TrialRecord, Tuned
from trainwell.training import Choices, Range, Space

# One structure, so that one program is compiled for all tests that search it.
SPACE = Space.of(
    hidden=(6,),
    epochs=9,
    batch_size=30,
    optimizer=Choices(("momentum", "adam")),
    learning_rate=Range(1e-4, 1, log=True),
)


def diverging(low: float) -> Space:
    """Learning rates up to far too large ones."""
    return Space.of(hidden=(6,), epochs=9, batch_size=30, optimizer="sgd", learning_rate=Range(low, 1e30, log=True))


def bits(network: TrainedNetwork) -> list[bytes]:
    """Every weight of a network."""
    layers = [*network.params, *network.state]
    return [np.ascontiguousarray(array).tobytes() for layer in layers for _, array in sorted(layer.items())]


def facts(trial: TrialRecord) -> Any:
    """All that is known of a trial, comparable with ==, NaN included."""
    curve = [line.tobytes() for line in (trial.curve.epochs, trial.curve.training, trial.curve.validation)]
    numbers = np.array([trial.value, *trial.scores.values(), *trial.rungs, *trial.rungs.values()]).tobytes()
    return trial.number, dict(trial.values), trial.recipe, trial.state, list(trial.scores), numbers, curve


def outcome(tuned: Tuned) -> Any:
    """All that a search comes to, but for times."""
    networks = tuned.model.networks if tuned.model else ()
    return (
        [facts(trial) for trial in tuned.search.trials],
        [(one.trial.number, one.trial.recipe, one.seeds, one.score.mean, one.diverged) for one in tuned.candidates],
        list(tuned.considered),
        tuned.recipe,
        [(network.seed, network.weight, bits(network)) for network in networks],
    )
