"""What a search keeps beside its study: who is in a batch under way, and the networks of its best trials."""

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
"""By trial: its networks, seed by seed, in that fold by fold."""


@dataclass(frozen=True)
class Batches:
    """Files of batches of trials, named by the batch's first trial.

    A batch is trained as one population whose members meet at rungs, so whoever resumes it must train the same
    trials: their numbers are written down before the first update. The states of all members stay until every trial
    is told, so that a process killed in between finds them trained.

    Every file has a checksum. What is damaged is not used, which the logger `trainwell` says: a batch is trained from
    the start, a search that had ended looks again what is left to do, networks are left out of the model.

    Args:
        folder: None keeps everything in memory.
    """

    folder: Path | None
    _kept: dict[int, Sequence[TrainedNetwork]] = field(default_factory=dict)

    def check(self, request: Mapping[str, Any]) -> None:
        """Refuse a folder that holds another search's files.

        Raises:
            SearchError: it does.
            RunError: what it is for was changed since.
        """
        path = None if self.folder is None else self.folder / REQUEST
        if path is None or not path.exists():
            return
        try:
            stored = _read(path)
        except (OSError, ValueError) as error:
            raise RunError(f"{path} {_why(error)}: whose the files beside it are is unknown; start a new run") from None
        if differs := first_difference(json.loads(json.dumps(request)), stored):
            raise SearchError(f"{self.folder} holds files of another search, {differs}: use another folder")

    def claim(self, request: Mapping[str, Any]) -> None:
        """Write down what the folder is for."""
        if self.folder is not None and not (self.folder / REQUEST).exists():
            _write(self.folder / REQUEST, request)

    def freeze(self, numbers: Sequence[int]) -> None:
        """Write down the trials that the search ended with."""
        if self.folder is not None:
            _write(self.folder / "ended.json", list(numbers))

    def ended(self, known: Collection[int]) -> set[int] | None:
        """The trials that the search ended with; None while it has not, or the study does not know them all."""
        path = None if self.folder is None else self.folder / "ended.json"
        if path is None or not path.exists():
            return None
        numbers = _numbers(path, known, "the search goes on with what is left to do")
        return None if numbers is None else set(numbers)

    def begin(self, numbers: Sequence[int]) -> Path | None:
        """Write down who is in a batch; returns the folder for its members' states."""
        if self.folder is None:
            return None
        path, members = self._of(BATCHES, numbers) / "trials.json", self._of(BATCHES, numbers) / "members"
        members.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write(path, list(numbers))
        return members

    def under_way(self, known: Collection[int]) -> list[int]:
        """The trials of the batch that was begun and not ended, if the study knows them; empty if there is none."""
        files = [] if self.folder is None else sorted((self.folder / BATCHES).glob("[0-9]*/trials.json"))
        for path in files:
            numbers = _numbers(path, known, "its trials are trained from the start")
            if numbers is not None:
                return numbers
            shutil.rmtree(path.parent)
        return []

    def keep(self, numbers: Sequence[int], networks: Networks, dataset: Dataset) -> None:
        """Keep the networks of some of a batch's trials, unless that is done."""
        if self.folder is None:
            self._kept.update(networks)
        elif networks and not self._of(NETWORKS, numbers).exists():
            together = [network for each in networks.values() for network in each]
            model = Model.of_networks(dataset, together, metrics={})
            notes = {"trials": list(networks), "each": len(next(iter(networks.values())))}
            save_model(replace(model, notes=notes), self._of(NETWORKS, numbers))

    def kept(self) -> dict[int, Sequence[TrainedNetwork]]:
        """All networks that were kept."""
        found = dict(self._kept)
        for folder in [] if self.folder is None else sorted((self.folder / NETWORKS).glob("[0-9]*")):
            try:
                model = load_model(folder)
            except ModelError as error:
                LOG.warning("%s: these networks of the search are not used", error)
                continue
            each = model.notes["each"]
            found |= {t: model.networks[i * each : (i + 1) * each] for i, t in enumerate(model.notes["trials"])}
        return found

    def end(self, numbers: Sequence[int]) -> None:
        """Forget a batch of which everything was told."""
        if self.folder is not None:
            folder = self._of(BATCHES, numbers)
            shutil.rmtree(folder.rename(temporary(folder)), ignore_errors=True)  # in one step, as removing is not

    def _of(self, kind: str, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / kind / f"{numbers[0]:06d}"


def _write(path: Path, value: Any) -> None:
    write_checked(path, json.dumps(value).encode())


def _read(path: Path) -> Any:
    return parse_json(read_checked(path))


def _numbers(path: Path, known: Collection[int], instead: str) -> list[int] | None:
    """The trials that a file names; None, which is said, if it is damaged or the study does not know them all."""
    try:
        numbers = [int(number) for number in _read(path)]
        if not set(numbers).difference(known):
            return numbers
        why = "names trials that the study has lost"
    except (OSError, ValueError) as error:
        why = _why(error)
    LOG.warning("%s %s: it is not used, %s", path, why, instead)
    return None


def _why(error: OSError | ValueError) -> str:
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
