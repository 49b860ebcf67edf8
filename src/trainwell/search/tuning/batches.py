"""What a search keeps beside its study: who is in a batch under way, and the networks of its best trials."""

import json
import logging
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainwell.core import ModelError, RunError, first_difference, parse_json, read_checked, temporary, write_checked
from trainwell.data import Dataset
from trainwell.models import Model, TrainedNetwork, load_model, save_model
from trainwell.search.errors import SearchError

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
        try:
            ended = set(_read(path))
            lost = ended.difference(known)
            if not lost:
                return ended
            why = f"names {len(lost)} trials that the study has lost"
        except (OSError, ValueError) as error:
            why = _why(error)
        LOG.warning("%s %s: it is not used, the search goes on with what is left to do", path, why)
        return None

    def begin(self, numbers: Sequence[int]) -> Path | None:
        """Write down who is in a batch; returns the folder for its members' states."""
        if self.folder is None:
            return None
        path = self._batch(numbers)
        (path / "members").mkdir(parents=True, exist_ok=True)
        if not (path / "trials.json").exists():
            _write(path / "trials.json", list(numbers))
        return path / "members"

    def under_way(self, known: Collection[int]) -> list[int]:
        """The trials of the batch that was begun and not ended, if the study knows them; empty if there is none."""
        files = [] if self.folder is None else sorted((self.folder / BATCHES).glob("[0-9]*/trials.json"))
        for path in files:
            try:
                numbers = [int(number) for number in _read(path)]
                if not set(numbers).difference(known):
                    return numbers
                why = "names trials that the study has lost"
            except (OSError, ValueError) as error:
                why = _why(error)
            LOG.warning("%s %s: it is not used, its trials are trained from the start", path, why)
            shutil.rmtree(path.parent)
        return []

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
            ended = temporary(self._batch(numbers))  # in one step, as removing is not
            self._batch(numbers).rename(ended)
            shutil.rmtree(ended, ignore_errors=True)

    def _batch(self, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / BATCHES / f"{numbers[0]:06d}"

    def _networks(self, numbers: Sequence[int]) -> Path:
        assert self.folder is not None
        return self.folder / NETWORKS / f"{numbers[0]:06d}"


def _write(path: Path, value: Any) -> None:
    write_checked(path, json.dumps(value).encode())


def _read(path: Path) -> Any:
    return parse_json(read_checked(path))


def _why(error: OSError | ValueError) -> str:
    return f"cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
