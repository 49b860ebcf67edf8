"""What a search keeps beside its study: who is in a batch under way, and the networks of its best trials."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from trainwell.core.errors import RunError
from trainwell.core.files import write_json
from trainwell.data import Dataset
from trainwell.models import Model, TrainedNetwork, load_model, save_model

BATCHES, NETWORKS = "batches", "networks"

Networks = Mapping[int, Sequence[TrainedNetwork]]
"""By trial: its networks, seed by seed, in that fold by fold."""


@dataclass(frozen=True)
class Batches:
    """Files of batches of trials, named by the batch's first trial.

    A batch is trained as one population whose members meet at rungs, so whoever resumes it must train the same
    trials: their numbers are written down before the first update. The states of all members stay until every trial
    is told, so that a process killed in between finds them trained.

    Args:
        folder: None keeps everything in memory.
    """

    folder: Path | None
    _kept: dict[int, Sequence[TrainedNetwork]] = field(default_factory=dict)

    def begin(self, numbers: Sequence[int]) -> Path | None:
        """Write down who is in a batch; returns the folder for its members' states."""
        if self.folder is None:
            return None
        path = self._batch(numbers)
        (path / "members").mkdir(parents=True, exist_ok=True)
        if not (path / "trials.json").exists():
            write_json(path / "trials.json", list(numbers))
        return path / "members"

    def under_way(self) -> list[int]:
        """The trials of the batch that was begun and not ended; empty if there is none."""
        files = [] if self.folder is None else sorted((self.folder / BATCHES).glob("[0-9]*/trials.json"))
        try:
            return [int(number) for number in json.loads(files[0].read_text())] if files else []
        except (OSError, ValueError, TypeError) as error:
            raise RunError(f"{files[0]} is damaged ({error}): start a new run") from None

    def keep(self, numbers: Sequence[int], networks: Networks, dataset: Dataset) -> None:
        """Keep the networks of some of a batch's trials, unless that is done."""
        if self.folder is None:
            self._kept.update(networks)
        elif networks and not self._networks(numbers).exists():
            together = [network for each in networks.values() for network in each]
            model = Model.of_networks(dataset, together, metrics={})
            notes = {"trials": list(networks), "each": len(next(iter(networks.values())))}
            save_model(replace(model, notes=notes), self._networks(numbers))

    def kept(self) -> dict[int, Sequence[TrainedNetwork]]:
        """All networks that were kept."""
        found = dict(self._kept)
        for folder in [] if self.folder is None else sorted((self.folder / NETWORKS).glob("[0-9]*")):
            model = load_model(folder)
            each = model.notes["each"]
            found |= {t: model.networks[i * each : (i + 1) * each] for i, t in enumerate(model.notes["trials"])}
        return found

    def end(self, numbers: Sequence[int]) -> None:
        """Forget a batch of which everything was told."""
        if self.folder is not None:
            ended = self._batch(numbers).with_name(f".{numbers[0]:06d}")  # in one step, as removing is not
            self._batch(numbers).rename(ended)
            shutil.rmtree(ended, ignore_errors=True)

    def _batch(self, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / BATCHES / f"{numbers[0]:06d}"

    def _networks(self, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / NETWORKS / f"{numbers[0]:06d}"
