"""Files that a search saves besides its study: the trials of the current batch, and networks of the best trials."""

import json
import logging
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainwell.core import (
    ModelError,
    RunError,
    SearchError,
    first_difference,
    parse_json,
    read_checked,
    temporary,
    write_checked,
)
from trainwell.data import Dataset
from trainwell.models import Model, TrainedNetwork, load_model, save_model

REQUEST, BATCHES, NETWORKS = "search.json", "batches", "networks"

LOG = logging.getLogger("trainwell")

Networks = Mapping[int, Sequence[TrainedNetwork]]
"""The networks of each trial, by trial number: for each seed one per fold."""


@dataclass(frozen=True)
class Batches:
    """Files of batches of trials; each batch has a subfolder named by its first trial.

    A batch is one population whose members are compared at rungs, so resuming must train the same trials again. Their
    numbers are therefore saved before training starts. The states of all members are kept until the results of all
    trials are stored in the study, so that a killed process need not train them again.

    Every file has a checksum. A damaged file is ignored with a warning of the logger `trainwell`: its batch is trained
    from the start, a search that had ended continues, or its networks are missing in the ensemble.

    Args:
        folder: folder of the search; None keeps everything in memory.
    """

    folder: Path | None
    _kept: dict[int, Sequence[TrainedNetwork]] = field(default_factory=dict)

    def check(self, request: Mapping[str, Any]) -> None:
        """Check that the folder is new or belongs to this search.

        Raises:
            SearchError: it has files of another search.
            RunError: the file that names its search is damaged.
        """
        path = None if self.folder is None else self.folder / REQUEST
        if path is None or not path.exists():
            return
        try:
            stored = _read(path)
        except (OSError, ValueError) as error:
            raise RunError(f"{path} {_why(error)}: the search of this folder is unknown; start a new run") from None
        if differs := first_difference(json.loads(json.dumps(request)), stored):
            raise SearchError(f"{self.folder} holds files of another search, {differs}: use another folder")

    def claim(self, request: Mapping[str, Any]) -> None:
        """Save the request of this search in a new folder."""
        if self.folder is not None and not (self.folder / REQUEST).exists():
            _write(self.folder / REQUEST, request)

    def freeze(self, numbers: Sequence[int]) -> None:
        """Save the numbers of all trials when the search ends."""
        if self.folder is not None:
            _write(self.folder / "ended.json", list(numbers))

    def ended(self, known: Collection[int]) -> set[int] | None:
        """The trials saved by `freeze`; None if the search has not ended, or if some are missing in `known`."""
        path = None if self.folder is None else self.folder / "ended.json"
        if path is None or not path.exists():
            return None
        numbers = _numbers(path, known, "the search continues")
        return None if numbers is None else set(numbers)

    def begin(self, numbers: Sequence[int]) -> Path | None:
        """Save the numbers of a batch's trials; returns the folder for the states of its members."""
        if self.folder is None:
            return None
        path, members = self._of(BATCHES, numbers) / "trials.json", self._of(BATCHES, numbers) / "members"
        members.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write(path, list(numbers))
        return members

    def under_way(self, known: Collection[int]) -> list[int]:
        """The trials of an interrupted batch, if all are in `known`; empty if there is none."""
        files = [] if self.folder is None else sorted((self.folder / BATCHES).glob("[0-9]*/trials.json"))
        for path in files:
            numbers = _numbers(path, known, "its trials are trained from the start")
            if numbers is not None:
                return numbers
            shutil.rmtree(path.parent)
        return []

    def keep(self, numbers: Sequence[int], networks: Networks, dataset: Dataset) -> None:
        """Save the networks of some trials of a batch, unless they are saved already."""
        if self.folder is None:
            self._kept.update(networks)
        elif networks and not self._of(NETWORKS, numbers).exists():
            together = [network for each in networks.values() for network in each]
            model = Model.of_networks(dataset, together, metrics={})
            facts = {"trials": list(networks), "each": len(next(iter(networks.values())))}
            save_model(replace(model, facts=facts), self._of(NETWORKS, numbers))

    def kept(self) -> dict[int, Sequence[TrainedNetwork]]:
        """All saved networks, by trial."""
        found = dict(self._kept)
        for folder in [] if self.folder is None else sorted((self.folder / NETWORKS).glob("[0-9]*")):
            try:
                model = load_model(folder)
            except ModelError as error:
                LOG.warning("%s: these networks of the search are ignored", error)
                continue
            each = model.facts["each"]
            found |= {t: model.networks[i * each : (i + 1) * each] for i, t in enumerate(model.facts["trials"])}
        return found

    def end(self, numbers: Sequence[int]) -> None:
        """Remove the files of a batch whose results are all stored in the study."""
        if self.folder is not None:
            folder = self._of(BATCHES, numbers)
            shutil.rmtree(folder.rename(temporary(folder)), ignore_errors=True)  # renaming is atomic, removing is not

    def _of(self, kind: str, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / kind / f"{numbers[0]:06d}"


def _write(path: Path, value: Any) -> None:
    write_checked(path, json.dumps(value).encode())


def _read(path: Path) -> Any:
    return parse_json(read_checked(path))


def _numbers(path: Path, known: Collection[int], instead: str) -> list[int] | None:
    """The trial numbers in a file; None, with a warning, if it is damaged or some of them are not in `known`."""
    try:
        numbers = [int(number) for number in _read(path)]
        if not set(numbers).difference(known):
            return numbers
        why = "has trials that the study does not have"
    except (OSError, ValueError) as error:
        why = _why(error)
    LOG.warning("%s %s: the file is ignored, %s", path, why, instead)
    return None


def _why(error: OSError | ValueError) -> str:
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
